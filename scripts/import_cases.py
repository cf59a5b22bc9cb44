"""Import every real data set, compare each outcome with what is expected, and write the table: `scripts/import-cases`.

One case is one command line. All run in this process, one after the other, against one private
cluster that is made for them and deleted at the end.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spatial import cli

ROOT = Path(__file__).resolve().parent.parent
CASES = Path(__file__).with_name("import_cases.yaml")
PAGE = ROOT / "docs" / "import-cases.md"
DATA = ROOT.parent / "shared" / "data"
LONGEST = 150
"""Characters of a reason in the table."""

HEAD = """# What became of every real data set

Written by `scripts/import-cases`; the cases and what is expected of each are `scripts/import_cases.yaml`. Files
are those of `../shared/data`, which is not part of the project. Commands stand without the folder and without
`shapan import`. Files of suites that hold the odd and the broken are tried as dry runs into the concept that their
geometry fits, every reject allowed.

| file | command | CRS | read | inserted | rejected | what became of it |
|---|---|---|--:|--:|--:|---|
"""


@dataclass(frozen=True)
class Case:
    """One command, and what must come of it.

    Attributes:
        file: below the folder of data sets.
        command: words after ``shapan import``; ``{file}`` stands for the file.
        unpack: the file is an archive, and the named file inside is imported; None for the file itself.
        expect: ``exit``, ``read``, ``inserted``, ``rejected`` or ``says``, as far as they matter.
    """

    file: str
    command: tuple[str, ...]
    unpack: str | None = None
    expect: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        code: exit code. said: report of the import; empty where it was refused. message: refusal or main reason.
        seconds: how long it took.
    """

    code: int
    said: dict[str, Any]
    message: str
    seconds: float

    def faults(self, expected: dict[str, Any]) -> list[str]:
        """Return how it differs from what is expected."""
        found: dict[str, Any] = {"exit": self.code, **{name: self.said.get(name) for name in ("read", "inserted",
                                                                                               "rejected", "outcome")}}
        wrong = [f"{name} is {found[name]}, expected {value}" for name, value in expected.items()
                 if name != "says" and found[name] != value]
        says = expected.get("says")
        return wrong + ([f"it does not say {says!r}"] if says and says not in self.message else [])


def load(data: Path) -> list[Case]:
    """Read the cases; a pattern of files becomes one case for each file there is.

    Args:
        data: folder of the data sets.
    """
    cases = []
    for one in yaml.safe_load(CASES.read_text(encoding="utf-8")):
        if "each" not in one:
            command = (one["concept"], "{file}", *shlex.split(one.get("options", "")))
            cases.append(Case(one["file"], command, one.get("unpack"), one["expect"]))
            continue
        concepts = {name: concept for concept, names in one.get("concepts", {}).items() for name in names}
        expected, usual = one.get("expect", {}), one.get("usual", {"exit": 0})
        for path in sorted(data.glob(one["each"])):
            concept = concepts.get(path.name, one["concept"])
            more = one.get("more", {}).get(path.name, "")
            options = shlex.split(f"{one.get('options', '')} {more} {one['sets'][concept]}")
            cases.append(Case(str(path.relative_to(data)), (concept, "{file}", *options), None,
                              {**usual, **expected.get(path.name, {})}))
    return cases


def run(case: Case, data: Path, scratch: Path) -> Outcome:
    """Carry out one case.

    Args:
        case: what to do.
        data: folder of the data sets.
        scratch: an empty folder of this case's own, for what is unpacked.
    """
    file = _unpacked(data / case.file, case.unpack, scratch)
    code, printed, message, seconds = shapan("import", *[word.format(file=file) for word in case.command], "--json")
    try:
        said = json.loads(printed)
    except ValueError:
        said = {}
    if said.get("reasons"):
        first = said["rejects"][0]["message"] if said.get("rejects") else ""
        message = ", ".join(f"{reason} {number:,}" for reason, number in said["reasons"].items()) + f"; first: {first}"
    return Outcome(code, said, message.replace(f"{scratch}/", "").replace(f"{data}/", ""), seconds)


def shapan(*words: str) -> tuple[int, str, str, float]:
    """Run one command in this process; return exit code, standard output, standard error, seconds."""
    printed, message, started = io.StringIO(), io.StringIO(), time.monotonic()
    code = 70
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(message), warnings.catch_warnings():
        # GDAL's own remarks, which name folders of this machine.
        warnings.simplefilter("ignore")
        try:
            cli.main(list(words))
        except SystemExit as left:
            code = int(left.code or 0)
        except Exception:  # noqa: BLE001
            # Never acceptable, and shown as what it is.
            message.write(f"TRACEBACK {traceback.format_exc(limit=-1)}")
    said = " ".join(message.getvalue().removeprefix("shapan: ").split())
    return code, printed.getvalue(), said, time.monotonic() - started


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Run a private cluster while the cases are tried."""
    # The account that runs the cluster must reach it, and may not be ours.
    home = Path(tempfile.mkdtemp(prefix="shapan-cases-"))
    home.chmod(0o1777)
    os.environ["SHAPAN_HOME"] = str(home / "home")
    for name in ("SHAPAN_DATABASE_URL", "SHAPAN_ADMIN_DATABASE_URL"):
        os.environ.pop(name, None)
    try:
        for word in ("up", "migrate"):
            code, _, message, _ = shapan("db", word)
            if code:
                raise SystemExit(f"import-cases: {message}")
        yield
    finally:
        shapan("db", "down")
        shutil.rmtree(home, ignore_errors=True)


def line(case: Case, outcome: Outcome, faults: list[str]) -> str:
    """Return one row of the table."""
    said = outcome.said
    crs = said.get("crs") or ""
    crs = crs.get("source", "") if isinstance(crs, dict) else crs
    counts = [f"{said[name]:,}" if isinstance(said.get(name), int) else "" for name in ("read", "inserted", "rejected")]
    name = Path(case.file).name if case.unpack is None else f"{Path(case.file).name}/{case.unpack}"
    command = " ".join(f'"{word}"' if "'" in word else shlex.quote(word) for word in case.command if word != "{file}")
    message = outcome.message if len(outcome.message) <= LONGEST else outcome.message[:LONGEST].rstrip() + " …"
    what = f"refused: {message}" if not said else message or said.get("outcome") or "all of it"
    if faults:
        what += f" **Not as expected: {'; '.join(faults)}.**"
    cells = [f"{Path(case.file).parent}/{name}", f"`{command}`", crs, *counts, what]
    return f"| {' | '.join(cell.replace('|', '∣').replace(chr(10), ' ') for cell in cells)} |"


def _unpacked(path: Path, inside: str | None, scratch: Path) -> Path:
    if inside is None:
        return path
    scratch.mkdir(parents=True)
    if path.suffix == ".gz":
        with gzip.open(path) as packed, (scratch / inside).open("wb") as file:
            shutil.copyfileobj(packed, file)
    else:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(scratch)
    return next(scratch.rglob(inside))


def main() -> int:
    """Try the cases; return 1 if an outcome is not the expected one."""
    parser = argparse.ArgumentParser(prog="scripts/import-cases")
    parser.add_argument("--only", metavar="WORD", default="")
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    if not data.is_dir():
        print(f"import-cases: the real data sets are not at {arguments.data}", file=sys.stderr)
        return 3
    cases = [case for case in load(data) if arguments.only in case.file]
    os.chdir(ROOT)
    rows, wrong = [], 0
    with database(), tempfile.TemporaryDirectory() as scratch:
        for number, case in enumerate(cases, 1):
            outcome = run(case, data, Path(scratch) / str(number))
            faults = outcome.faults(case.expect)
            wrong += bool(faults)
            rows.append(line(case, outcome, faults))
            print(f"{number}/{len(cases)} {case.file}: {outcome.seconds:.1f} s {'; '.join(faults)}", file=sys.stderr)
    if arguments.only:
        print("\n".join(rows))
    else:
        PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(cases)} cases, {wrong} not as expected", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
