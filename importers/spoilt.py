"""Cells that a spreadsheet has spoilt: numbers that lost their last digits, and errors of formulas."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import values
from importers.concepts.declare import Concept
from importers.expressions import Expression
from importers.faults import Fault, shown
from importers.source import Batch

LARGEST_EXACT = 1e15
"""A spreadsheet keeps 15 digits of a number: from here on the last ones are nought, whatever was typed."""

LOST = "was stored as a number and has lost its last digits; store the column as text"
"""What is said of such a value."""

# As a spreadsheet shows and exports a number of ten digits or more: 3.40102E+15. Without the plus it is one only
# behind a decimal point, because 1E12 may be a room.
_POWER = r"^[+-]?([0-9]{1,3}(\.[0-9]+)?[eE]\+|[0-9]{1,3}\.[0-9]+[eE])0*(9|[1-9][0-9])$"

ERRORS = ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#BUSY!",
          "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!",
          *(f"Err:{code}" for code in range(501, 541)))
"""What stands in a cell whose formula has no value (ECMA-376 part 1, 18.17.3, later ones of Excel, LibreOffice's)."""

_BEGINNING = rf"^[{values.SPACES}]*(#|Err:)"


def lost_digits(column: pa.Array) -> np.ndarray:
    """Return a mask of the values that were numbers and no longer have all of their digits.

    Args:
        column: of any kind.
    """
    if pa.types.is_floating(column.type):
        return np.asarray(pc.fill_null(pc.greater_equal(pc.abs(column), LARGEST_EXACT), False))
    if values.is_text(column.type):
        return np.asarray(pc.fill_null(pc.match_substring_regex(values.trim(values.as_text(column)), _POWER), False))
    return np.zeros(len(column), bool)


def errors(column: pa.Array) -> np.ndarray:
    """Return a mask of the cells that hold the error of a formula.

    Args:
        column: of any kind.
    """
    if not values.is_text(column.type):
        return np.zeros(len(column), bool)
    # Hardly any column has one: the dear comparison is for those that do.
    if not pc.any(pc.match_substring_regex(column, _BEGINNING)).as_py():
        return np.zeros(len(column), bool)
    return np.asarray(pc.is_in(values.trim(values.as_text(column)), value_set=pa.array(ERRORS)))


def faults(concept: Concept, fields: Mapping[str, Expression], key: Expression | None, batch: Batch) -> list[Fault]:
    """Find the spoilt cells that fields or the key of rows come from.

    Args:
        concept: what is imported.
        fields: field → expression.
        key: expression of the key; None where there is none.
        batch: the rows as read.

    Returns:
        The faults. Of a field that is a column as it stands, ``fields.check`` finds the lost digits itself.
    """
    found: list[Fault] = []
    known: dict[tuple[str, bool], np.ndarray] = {}

    def mask(column: str, code: bool) -> np.ndarray:
        if (column, code) not in known:
            known[column, code] = (lost_digits if code else errors)(batch.columns[column])
        return known[column, code]

    every = [(name, one, concept.find(name).is_code and one.column is None) for name, one in fields.items()]
    if key is not None and all(key is not one for one in fields.values()):
        every.append(("key", key, True))
    for name, one, code in every:
        for column in sorted(one.columns):
            for kind in (False, True) if code else (False,):
                for position in np.flatnonzero(mask(column, kind)):
                    value = shown(batch.columns[column][int(position)].as_py(), concept.personal)
                    found.append(Fault(batch.first + int(position), name, *(
                        ("digits-lost", f"{name}: {value} {LOST}") if kind else
                        ("formula-error", f"{name}: {value} is the error of a formula and no value; mend the formula, "
                         "or type what should stand there"))))
    return found
