"""Old workbooks (.xls), byte by byte: records of BIFF8 ([MS-XLS]) in a compound file ([MS-CFB]).

As much of both as Excel writes for a plain table: shared strings, whole numbers as RK, others as doubles, dates as
numbers whose cell has a date's format.
"""

import datetime
import struct
from pathlib import Path

_GENERAL, _DATE, _DATE_TIME = range(3)
_FORMATS = (0, 14, 22)
"""Formats of numbers of the three kinds of cells: General, m/d/yy, m/d/yy h:mm ([MS-XLS] 2.4.126)."""

_ERRORS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALLEST = 512, 4096


def old_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    """Write an old workbook.

    Args:
        path: where.
        sheets: name → rows of cells. A cell is text, an error, a number, a date, a date and time, None, or a formula
            with an error ``("=", "#REF!")``.
    """
    texts = list(dict.fromkeys(cell for rows in sheets.values() for row in rows for cell in row
                               if isinstance(cell, str)))
    bodies = [_sheet(rows, texts) for rows in sheets.values()]
    start = len(_globals([(name, 0) for name in sheets], texts))
    places = [start + sum(map(len, bodies[:at])) for at in range(len(bodies))]
    content = b"".join([_globals(list(zip(sheets, places, strict=True)), texts), *bodies])
    path.write_bytes(_compound(content))
    return path


def _record(kind: int, form: str = "", *values: object, more: bytes = b"") -> bytes:
    body = struct.pack("<" + form, *values) + more
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, count: str) -> bytes:
    """Return a string: how many units of UTF-16 it has, whether they are written with both bytes, and they."""
    units = text.encode("utf-16-le")
    wide = any(units[1::2])
    return struct.pack(f"<{count}B", len(units) // 2, wide) + (units if wide else units[::2])


def _begin(kind: int) -> bytes:
    return _record(0x0809, "HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6)


def _globals(sheets: list[tuple[str, int]], texts: list[str]) -> bytes:
    return b"".join([
        _begin(0x0005), _record(0x0042, "H", 1200), _record(0x0022, "H", 0),
        *(_record(0x00E0, "HHH14x", 0, form, 1) for form in _FORMATS),
        *(_record(0x0085, "IBB", place, 0, 0, more=_text(name, "B")) for name, place in sheets),
        _record(0x00FC, "II", len(texts), len(texts), more=b"".join(_text(text, "H") for text in texts)),
        _record(0x000A)])


def _sheet(rows: list[list[object]], texts: list[str]) -> bytes:
    width = max(map(len, rows))
    cells = [_cell(at, column, cell, texts) for at, row in enumerate(rows) for column, cell in enumerate(row)
             if cell is not None]
    return b"".join([_begin(0x0010), _record(0x0200, "IIHHH", 0, len(rows), 0, width, 0), *cells, _record(0x000A)])


def _cell(row: int, column: int, cell: object, texts: list[str]) -> bytes:
    match cell:
        case str() if cell.startswith("#"):
            return _record(0x0205, "HHHBB", row, column, _GENERAL, _ERRORS[cell], 1)
        case ("=", error):
            return _record(0x0006, "HHHBxBxxxHHIH", row, column, _GENERAL, 2, _ERRORS[error], 0xFFFF, 0, 0, 0)
        case str():
            return _record(0x00FD, "HHHI", row, column, _GENERAL, texts.index(cell))
        case int() if abs(cell) < 1 << 29:
            return _record(0x027E, "HHHi", row, column, _GENERAL, cell << 2 | 2)
        case int() | float():
            return _record(0x0203, "HHHd", row, column, _GENERAL, cell)
    moment = cell if isinstance(cell, datetime.datetime) else datetime.datetime.combine(cell, datetime.time())
    days = (moment - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
    return _record(0x0203, "HHHd", row, column, _DATE_TIME if moment is cell else _DATE, days)


def _compound(content: bytes) -> bytes:
    """Return a compound file with one stream, called Workbook."""
    # Shorter streams would go among the small ones. What follows the last record is not read.
    content = content.ljust(max(_SMALLEST, -(-len(content) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(content) // _SECTOR
    chain = [_FAT, _END, *range(3, 2 + sectors), _END]
    assert len(chain) <= _SECTOR // 4, "one sector of the table of sectors is written"
    head = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1,
                       0, _SMALLEST, _END, 0, _END, 0)
    table = struct.pack(f"<{_SECTOR // 4}I", *chain, *[_FREE] * (_SECTOR // 4 - len(chain)))
    folder = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(content))
    return b"".join([head, struct.pack("<109I", 0, *[_FREE] * 108), table, folder.ljust(_SECTOR, b"\0"), content])


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII36xIQ", letters, len(letters), kind, 1, _FREE, _FREE, child, start, size)
