"""The table of a shapefile (.dbf) as programs leave it: rows deleted and not packed, texts cut at their width."""

import struct
from pathlib import Path

import pytest

from importers.source import open_source
from tests.importers.files import square, write

NAMES = ["望江苑一号楼", "学校", "市场"]


def shapefile(folder: Path, names: list[str] = NAMES, encoding: str = "UTF-8") -> Path:
    return write(folder / "a.shp", {"name": names}, [square(117 + n, 31) for n in range(len(names))],
                 encoding=encoding, crs="EPSG:4326")


def put(path: Path, row: int, at: int, text: bytes) -> None:
    """Put bytes into a row of the table; at 0 stands the mark of deletion, at 1 the first field."""
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    _, header, width = struct.unpack_from("<IHH", content, 4)
    start = header + row * width + at
    content[start:start + len(text)] = text
    table.write_bytes(content)


def read(path: Path) -> tuple[list[str], list[str]]:
    batches = list(open_source(path).batches())
    return ([name for one in batches for name in one.columns["name"].to_pylist()],
            [f"{fault.row} {fault.reason}" for one in batches for fault in one.faults])


@pytest.mark.parametrize("rows", [(0,), (1,), (2,), (0, 2), (0, 1, 2)])
def test_deleted_rows_are_left_out_and_counted(tmp_path, rows):
    path = shapefile(tmp_path)
    assert read(path) == (NAMES, [])
    for row in rows:
        put(path, row, 0, b"*")
    source = open_source(path)
    assert read(path) == ([name for row, name in enumerate(NAMES) if row not in rows], [])
    assert source.layer.features == 3 - len(rows)
    count = "One row is" if len(rows) == 1 else f"{len(rows)} rows are"
    assert source.notes[0].startswith(f"{count} marked as deleted")


@pytest.mark.parametrize(("encoding", "left"), [("UTF-8", 26), ("GBK", 40)])
def test_a_text_cut_inside_a_character_loses_the_piece_of_it_and_nothing_else(tmp_path, encoding, left):
    path = shapefile(tmp_path, [*NAMES, "y" * 80], encoding)
    cut = ("a" * (encoding == "GBK") + "望江苑街道办" * 10).encode(encoding)[:80]
    put(path, 0, 1, cut)
    names, faults = read(path)
    assert names[0] == cut.decode(encoding, "ignore")
    assert len(names[0]) == left
    assert (names[1:], faults) == ([*NAMES[1:], "y" * 80], [])


def test_bytes_that_are_no_text_reject_their_row_and_not_the_file(tmp_path):
    path = shapefile(tmp_path)
    put(path, 1, 1, "学".encode() + b"\xff")
    names, faults = read(path)
    assert names[::2] == NAMES[::2]
    assert names[1].startswith("学\ufffd")
    assert faults == ["2 wrong-bytes"]
