"""`docs/conformance.md` says what the marks of the tests say, and nothing else."""

import runpy
from pathlib import Path

import pytest
import yaml

from tests.fixtures.homes import REPOSITORY
from webmap.ogc.documents import CONFORMANCE

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "conformance.py"))


def test_the_page_is_the_one_that_the_marks_make() -> None:
    assert SCRIPT["PAGE"].read_text(encoding="utf-8") == SCRIPT["text"](), "run scripts/conformance"


def test_an_abstract_test_without_a_test_of_ours_is_listed_as_not_shown(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text(
        "import pytest\n@pytest.mark.conformance('s/core/one')\ndef test_one(): ...\n"
        "@pytest.mark.conformance('s/core/one')\ndef helper(): ...\n", encoding="utf-8")
    shown = SCRIPT["marks"](tests)
    assert shown == {"s/core/one": ["tests/test_a.py::test_one"]}
    page = SCRIPT["page"]({"s": {"title": "S", "tests": {"core": ["one", "two"]}}}, shown)
    assert "1 of 2 abstract tests" in page
    assert "| `/conf/core/one` | `test_a.py::test_one` |" in page
    assert "| `/conf/core/two` | not shown |" in page


def test_a_mark_of_an_unknown_abstract_test_is_refused() -> None:
    with pytest.raises(SystemExit, match="s/core/none"):
        SCRIPT["page"]({"s": {"title": "S", "tests": {"core": ["one"]}}}, {"s/core/none": ["x"]})


def test_every_class_that_is_claimed_is_listed_and_every_listed_one_is_claimed() -> None:
    standards = yaml.safe_load(SCRIPT["LIST"].read_text(encoding="utf-8"))
    listed = [f"{standard['classes']}/{group}" for standard in standards.values() for group in standard["tests"]]
    assert sorted(listed) == sorted(CONFORMANCE["conformsTo"])
