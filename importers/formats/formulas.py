"""Cells of a table in text that a spreadsheet would take for formulas, kept from being ones, and brought back.

A guarded cell begins with an apostrophe, as in the table that the page /data gives. Cells that begin like a guarded
one get another, so that every cell comes back as it was. Only a reject file of ours is guarded: it is known by its
columns, and in any other file an apostrophe is one.
"""

import re
from collections.abc import Collection

REJECT_COLUMNS = ("reject_row", "reject_reason", "reject_message")
"""What a reject file adds to the columns of a file."""

# Beginnings of formulas (OWASP, CSV injection), full-width ones too.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GUARDED = re.compile(r"''*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """Return a cell as a spreadsheet shows it and does not compute it; a plain number stays one."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def plain(cell: str) -> str:
    """Return the cell that was guarded."""
    return cell[1:] if _GUARDED.match(cell) else cell


def is_reject_file(names: Collection[str]) -> bool:
    """Tell by the names of its columns whether a table is a reject file of ours."""
    return set(REJECT_COLUMNS) <= set(names)


__all__ = ["REJECT_COLUMNS", "guarded", "is_reject_file", "plain"]
