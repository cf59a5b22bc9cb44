"""Where the names of a table's columns stand: below titles and remarks, or nowhere."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from importers.formats.base import FAULT, GEOMETRY

LOOKED_AT = 60
"""Rows by which the line of names is found."""

# Mainland mobile numbers, fixed lines with their area code, identity numbers of 18 digits, and of the 15 that were
# given until 1999: with a year from 20, because a grid's code has as many digits and a street's 00 there. Digits behind
# a decimal point are none of these.
PERSONAL = (r"(^|[^0-9.])(1[3-9][0-9]{9}|0[0-9]{2,3}[- ]?[0-9]{7,8}|[0-9]{17}[0-9Xx]"
            r"|[1-9][0-9]{5}[2-9][0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3})([^0-9]|$)")
"""Regular expression of a telephone or identity number inside a text."""

# 单位：米, 填报日期: 2026-05-01. Names of columns may have a colon too (addr:street), but not behind Chinese words.
_REMARK = re.compile(r"^\s*[\u4e00-\u9fff]{2,10}\s*[:：]")
_PLACE = re.compile(r"^\s*([0-9]{1,3}\.[0-9]{4,}|(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)\s*Z?M?\s*\(.*)\s*$",
                    re.IGNORECASE | re.DOTALL)
_SPACES = " \t\r\n\u00a0\u3000\ufeff"

Row = Sequence[str | None]


@dataclass(frozen=True)
class Head:
    """The names of a table's columns.

    Attributes:
        names: one for each column.
        above: rows above the line of names.
        missing: there is no such line: the first row looks like data, and the columns are named by their position.
    """

    names: list[str]
    above: int
    missing: bool

    @property
    def skipped(self) -> int:
        """Rows before the first row of data."""
        return self.above + (not self.missing)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, one sentence each."""
        if self.missing:
            return ("The first line looks like data and not like the names of columns, so that the columns are named "
                    "by their position and no value is shown; write a line of names above it.",)
        lines = "a line of titles or remarks is" if self.above == 1 else f"{self.above} lines of titles or remarks are"
        return (f"Above the names of the columns {lines} left out.",) if self.above else ()


def find(rows: Sequence[Row]) -> Head | None:
    """Find the names of the columns.

    Args:
        rows: the first rows of a table; None or "" in a cell that is empty.

    Returns:
        The head; None where every row is empty. Rows that are empty are counted among those above.
    """
    start = line(rows)
    if start is None:
        return None
    cells = [(cell or "").strip(_SPACES) for cell in rows[start]]
    if any(re.search(PERSONAL, cell) or _PLACE.match(cell) for cell in cells):
        width = max(len(row) for row in rows[start:])
        return Head([f"column {number}" for number in range(1, width + 1)], start, True)
    return Head(unique_names(cells), start, False)


def line(rows: Sequence[Row]) -> int | None:
    """Return the position of the line of names, or of the first data where there is none; None without a row.

    Titles have one cell or a few, remarks a word and a colon. The names stand in the first row that is at least
    half as full as the rows below it.
    """
    filled = [sum(1 for cell in row if cell and cell.strip(_SPACES)) for row in rows[:LOOKED_AT]]
    for at, count in enumerate(filled):
        below = [other for other in filled[at + 1:] if other]
        typical = statistics.median(below) if below else count
        labels = sum(1 for cell in rows[at] if cell and _REMARK.match(cell))
        remark = labels and (count < typical or 2 * labels >= count)
        if count and 2 * count > typical and not remark:
            return at
    return next((at for at, count in enumerate(filled) if count), None)


def unique_names(header: Row) -> list[str]:
    """Return names for columns: empty ones are numbered, repeated ones too.

    Args:
        header: cells of the line of names.
    """
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = re.sub(r"\s+", " ", (cell or "").strip(_SPACES)) or f"column {number}"
        again = 2
        unique = name
        while unique in names or unique in (FAULT, GEOMETRY):
            unique, again = f"{name} ({again})", again + 1
        names.append(unique)
    return names


__all__ = ["LOOKED_AT", "PERSONAL", "Head", "find", "line", "unique_names"]
