"""Where the names of a table's columns stand: below titles and remarks, or nowhere."""

import re
import statistics
from collections import Counter
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
SPACES = " \t\r\n\u00a0\u3000\ufeff"
"""Characters of which a cell that says nothing may be made."""

Row = Sequence[str | None]


@dataclass(frozen=True)
class Head:
    """The names of a table's columns.

    Attributes:
        names: one for each column.
        above: rows above the line of names.
        missing: there is no such line: the first row looks like data, and the columns are named by their position.
        lines: how many lines hold the names, where there is one.
        repeated: names that stand over several columns, which are numbered.
    """

    names: list[str]
    above: int
    missing: bool
    lines: int = 1
    repeated: tuple[str, ...] = ()

    @property
    def skipped(self) -> int:
        """Rows before the first row of data."""
        return self.above + (0 if self.missing else self.lines)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, one sentence each."""
        if self.missing:
            return ("The first line looks like data and not like the names of columns, so that the columns are named "
                    "by their position and no value is shown; write a line of names above it.",)
        lines = "a line of titles or remarks is" if self.above == 1 else f"{self.above} lines of titles or remarks are"
        above = (f"Above the names of the columns {lines} left out.",) if self.above else ()
        two = ("The names of the columns stand in two lines; the lower one counts.",) if self.lines == 2 else ()
        same = (f"Several columns are called {name}: they are {name} (1), {name} (2) and so on here, and none of them "
                "is taken by its name." for name in self.repeated)
        return (*above, *two, *same)


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
    cells = [(cell or "").strip(SPACES) for cell in rows[start]]
    if any(re.search(PERSONAL, cell) or _PLACE.match(cell) for cell in cells):
        width = max(len(row) for row in rows[start:])
        return Head([f"column {number}" for number in range(1, width + 1)], start, True)
    return Head(unique_names(cells), start, False, repeated=repeated(cells))


def line(rows: Sequence[Row]) -> int | None:
    """Return the position of the line of names, or of the first data where there is none; None without a row.

    Titles have one cell or a few, remarks a word and a colon. The names stand in the first row that is at least
    half as full as the rows below it.
    """
    filled = [sum(1 for cell in row if cell and cell.strip(SPACES)) for row in rows[:LOOKED_AT]]
    for at, count in enumerate(filled):
        below = [other for other in filled[at + 1:] if other]
        typical = statistics.median(below) if below else count
        labels = sum(1 for cell in rows[at] if cell and _REMARK.match(cell))
        remark = labels and (count < typical or 2 * labels >= count)
        if count and 2 * count > typical and not remark:
            return at
    return next((at for at, count in enumerate(filled) if count), None)


def unique_names(header: Row) -> list[str]:
    """Return names for columns: empty ones and repeated ones are numbered, so that none stands for another.

    Args:
        header: cells of the line of names.
    """
    several = set(repeated(header))
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = _name(cell) or f"column {number}"
        again = 1
        unique = f"{name} (1)" if name in several else name
        while unique in names or unique in (FAULT, GEOMETRY):
            unique, again = f"{name} ({again + 1})", again + 1
        names.append(unique)
    return names


def repeated(header: Row) -> tuple[str, ...]:
    """Return the names that stand over several columns, in order.

    Args:
        header: cells of the line of names.
    """
    return tuple(name for name, count in Counter(map(_name, header)).items() if name and count > 1)


def _name(cell: str | None) -> str:
    return re.sub(r"\s+", " ", (cell or "").strip(SPACES))


__all__ = ["LOOKED_AT", "PERSONAL", "SPACES", "Head", "find", "line", "repeated", "unique_names"]
