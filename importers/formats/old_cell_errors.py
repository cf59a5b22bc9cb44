"""Cells of an old workbook (.xls) that hold the error of a formula; see ``cell_errors``.

Records of BIFF ([MS-XLS] 2.4.24 BoolErr, 2.4.127 Formula) in the stream ``Workbook`` of a compound file ([MS-CFB]).
"""

import struct
from collections.abc import Iterator
from pathlib import Path

_NAMES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
"""Codes of errors ([MS-XLS] 2.5.10)."""

_FORMULA, _END, _SHEET, _BOOL_OR_ERROR, _BEGIN = 0x0006, 0x000A, 0x0085, 0x0205, 0x0809
_STREAMS = ("Workbook", "Book")
_LAST_SECTOR = 0xFFFFFFFA


def find(path: Path, sheet: int) -> dict[tuple[int, int], str]:
    """Return the errors of one sheet.

    Args:
        path: the old workbook.
        sheet: its number in the order of the workbook, counted from 0.

    Returns:
        Row and column, counted from 0 → the error, such as ``#REF!``.

    Raises:
        ValueError: it is damaged.
    """
    try:
        stream = _stream(path.read_bytes())
        starts = [struct.unpack_from("<I", body)[0] for kind, body in _records(stream, 0) if kind == _SHEET]
        return dict(_errors(stream, starts[sheet]))
    except (struct.error, IndexError) as error:
        raise ValueError("the records of the workbook are damaged") from error


def _errors(stream: bytes, start: int) -> Iterator[tuple[tuple[int, int], str]]:
    for kind, body in _records(stream, start):
        if kind == _BOOL_OR_ERROR:
            row, column, _, code, is_error = struct.unpack_from("<HHHBB", body)
        elif kind == _FORMULA:
            row, column, _, what, code, mark = struct.unpack_from("<HHHBxBxxxH", body)
            is_error = mark == 0xFFFF and what == 2
        else:
            continue
        if is_error:
            yield (row, column), _NAMES.get(code, "#UNKNOWN!")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from one beginning to its end; charts inside a sheet begin and end within it."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4:at + 4 + length]
        at += 4 + length
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 0:
            return


def _stream(content: bytes) -> bytes:
    """Return the stream of records of a compound file."""
    size, small = (1 << power for power in struct.unpack_from("<HH", content, 30))
    folder, least, first_small, _, more, _ = struct.unpack_from("<I4xIIIII", content, 48)

    def sector(number: int) -> bytes:
        return content[(number + 1) * size:(number + 2) * size]

    parts = list(struct.unpack_from("<109I", content, 76))
    while more < _LAST_SECTOR and len(parts) * size < len(content) + 110 * size:
        *numbers, more = struct.unpack(f"<{size // 4}I", sector(more))
        parts += numbers
    table = b"".join(sector(number) for number in parts if number < _LAST_SECTOR)
    chain = struct.unpack(f"<{len(table) // 4}I", table)

    def joined(number: int) -> bytes:
        return b"".join(sector(one) for one in _followed(chain, number))

    entries = joined(folder)
    root = None
    for at in range(0, len(entries) - 127, 128):
        length, = struct.unpack_from("<H", entries, at + 64)
        name = entries[at:at + max(0, length - 2)].decode("utf-16-le", "replace")
        start, bytes_ = struct.unpack_from("<II", entries, at + 116)
        root = start if root is None else root
        if name in _STREAMS and bytes_ >= least:
            return joined(start)[:bytes_]
        if name in _STREAMS:
            # Short streams stand inside that of the root, in small sectors with a chain of their own.
            tiny, numbers = joined(root), joined(first_small)
            small_chain = struct.unpack(f"<{len(numbers) // 4}I", numbers)
            return b"".join(tiny[one * small:(one + 1) * small] for one in _followed(small_chain, start))[:bytes_]
    raise ValueError("there is no stream of a workbook")


def _followed(chain: tuple[int, ...], number: int) -> Iterator[int]:
    for _ in chain:
        if number >= _LAST_SECTOR:
            return
        yield number
        number = chain[number]


__all__ = ["find"]
