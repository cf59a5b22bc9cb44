"""Write docs/conformance.md from the marks of the tests: `scripts/conformance`.

Each test says with ``@pytest.mark.conformance("features-1/core/root-op")`` which abstract tests of a
standard it shows. The page has a row for each abstract test that there is (``conformance.yaml``), with
the tests of ours that show it; nobody writes it by hand.
"""

import ast
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("conformance.yaml")
TESTS = ROOT / "tests"
PAGE = ROOT / "docs" / "conformance.md"
NOT_SHOWN = "not shown"

HEAD = """# Conformance of `/ogc`

Written by `scripts/conformance` from the marks of the tests; the abstract tests are listed in
`scripts/conformance.yaml`. A row is an abstract test of a standard, with the tests of ours that show it. The OGC's own
executable suite has not been run: its artifacts were not to be had where this was made. What GDAL and QGIS make of it
is shown by `tests/webmap/ogc/test_gdal.py` and `test_qgis.py`.
"""


def marks(folder: Path) -> dict[str, list[str]]:
    """Return which tests show which abstract tests.

    Args:
        folder: of test modules, searched with its subfolders.

    Returns:
        ``path::name`` of tests, relative to the folder's parent, by abstract test.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.conformance":
                    for argument in decorator.args:
                        name = f"{path.relative_to(folder.parent).as_posix()}::{node.name}"
                        found.setdefault(ast.literal_eval(argument), []).append(name)
    return found


def page(standards: dict[str, dict], shown: dict[str, list[str]]) -> str:
    """Return the page.

    Args:
        standards: content of ``conformance.yaml``.
        shown: tests by abstract test, from ``marks``.

    Raises:
        SystemExit: a mark names an abstract test that is not listed.
    """
    known = [f"{key}/{group}/{name}" for key, standard in standards.items()
             for group, names in standard["tests"].items() for name in names]
    if unknown := sorted(set(shown) - set(known)):
        raise SystemExit(f"scripts/conformance: marks of unknown abstract tests: {', '.join(unknown)}")
    parts = [HEAD]
    for key, standard in standards.items():
        rows = [(f"/conf/{group}/{name}", shown.get(f"{key}/{group}/{name}", []))
                for group, names in standard["tests"].items() for name in names]
        count = sum(1 for _, tests in rows if tests)
        parts.append(f"\n## {standard['title']}\n\n{count} of {len(rows)} abstract tests are shown."
                     + (f" Not offered: {standard['absent']}." if "absent" in standard else "")
                     + (f" {standard['note']}." if "note" in standard else "")
                     + "\n\n| abstract test | shown by |\n|---|---|\n"
                     + "".join(f"| `{name}` | {_cell(tests)} |\n" for name, tests in rows))
    return "".join(parts)


def _cell(tests: list[str]) -> str:
    return "<br>".join(f"`{test.rsplit('/', 1)[-1]}`" for test in tests) or NOT_SHOWN


def text() -> str:
    """Return the page as it should be now."""
    return page(yaml.safe_load(LIST.read_text(encoding="utf-8")), marks(TESTS))


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
