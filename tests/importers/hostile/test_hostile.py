"""Every hostile or broken file ends within its limits in a named error or in rejects, and asks nobody."""

import re
import socket
import time
from pathlib import Path

import pytest

from importers import clean, concepts
from importers.source import Source, open_source
from spatial import crs
from spatial.errors import MappingError, SourceError
from tests.importers.hostile import damaged, disguised, packed, sheets, table, tabular  # noqa: F401 - fill the table
from tests.importers.hostile.table import CASES

LONGEST = 30
"""Seconds that any of them may take on a busy machine; most take 30 ms."""


@pytest.fixture(scope="module")
def trap():
    """Return a server that nobody may ask; whoever connects stands in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def contents(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def read(source: Source) -> tuple[int, list[str]]:
    """Return how many rows a source has, and why some of them are rejected, as buildings in EPSG:4490."""
    rows, reasons = 0, []
    reference = crs.reference("EPSG:4490")
    for batch in source.batches():
        rows += batch.rows
        told = {fault.row: fault.reason for fault in batch.faults}
        if batch.wkb is not None:
            _, found, _ = clean.check(concepts.find("buildings"), batch.wkb, batch.first, reference)
            told = {fault.row: fault.reason for fault in found} | told
        reasons += told.values()
    return rows, sorted(reasons)


def outcome(path: Path) -> tuple[int, list[str], SourceError | MappingError | None]:
    """Read a file; return what ``read`` returns, and the error that ended it."""
    try:
        return *read(open_source(path, wanted="buildings")), None
    except (SourceError, MappingError) as error:
        return 0, [], error


@pytest.mark.parametrize("name", CASES)
def test_it_ends_in_a_named_error_or_in_rejects(name, tmp_path, trap):
    case = CASES[name]
    path = case.build(tmp_path, f"http://127.0.0.1:{trap.getsockname()[1]}")
    before, started = contents(tmp_path), time.monotonic()
    rows, reasons, error = outcome(path)
    if error is None:
        assert case.refused in (None, ""), f"was to be refused, and has {rows} rows"
        if case.refused is None:
            assert (tuple(reasons), case.rows in (None, rows)) == (case.rejected, True), rows
    else:
        assert case.refused is not None, f"was to be read: {error}"
        assert re.search(case.refused, str(error)), str(error)
        assert error.what
        assert error.cure
        # Nobody is told where on the machine it was looked at.
        assert "shapan-read-" not in str(error)
    assert time.monotonic() - started < LONGEST
    assert contents(tmp_path) == before, "a file was changed"
    with pytest.raises(BlockingIOError):
        trap.accept()


def test_there_are_more_than_sixty_of_them():
    assert len(CASES) > 60
