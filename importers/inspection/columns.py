"""What the columns of a file hold, without ever showing a value of a person."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import values
from importers.faults import shown
from importers.formats.heads import PERSONAL
from importers.inspection.words import Words

SHOWN_VALUES = 3
"""Different values of a column that are shown."""

MOST_STOREYS = 120
"""No column of storeys goes higher."""

LOW_HOUSE_M = 2.0
"""No house is lower; a column of whole numbers that often says less counts storeys."""

METRES_OF_A_STOREY = 3.0

_SUFFIX = re.compile(r"^[+-]?[0-9.]+\s*(层|楼|米|m|㎡|平方米|年)$")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: as the file has it.
        kind: ``text``, ``whole numbers``, ``numbers``, ``numbers as text``, ``yes or no``, ``empty`` or ``other``.
        empty: share of the rows without a value.
        different: how many different values there are.
        unique: every row has a value and no two the same.
        personal: no value may be shown.
        samples: some values; empty where personal.
        low, high: least and greatest number; None where there is none, or personal.
        suffix: word behind every number, such as ``层``; None without.
    """

    name: str
    kind: str
    empty: float
    different: int
    unique: bool
    personal: bool
    samples: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    suffix: str | None = None

    @property
    def numeric(self) -> bool:
        """True where every value is a number, or one with a word behind it."""
        return self.kind in ("whole numbers", "numbers", "numbers as text") or self.suffix is not None

    def hidden(self) -> "Column":
        """Return the column as one of which no value may be shown."""
        return replace(self, personal=True, samples=(), low=None, high=None)

    def facts(self) -> dict[str, object]:
        """Return the column for a program."""
        return {"name": self.name, "kind": self.kind, "empty": round(self.empty, 4), "different": self.different,
                "personal": self.personal, "samples": list(self.samples), "low": self.low, "high": self.high}


def describe(name: str, column: pa.ChunkedArray, words: Words) -> Column:
    """Describe one column.

    Args:
        name: its name.
        column: its values.
        words: tell which names are personal.
    """
    merged = together(column)
    text = values.trim(values.as_text(merged))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    filled = pc.drop_null(text)
    numbers, bad = values.as_number(merged)
    kind = _kind(merged, numbers, bad, len(filled))
    personal = words.is_personal(name) or bool(pc.any(pc.match_substring_regex(filled, PERSONAL)).as_py())
    different = pc.unique(filled)
    suffix = _suffix(different) if kind == "text" and not personal else None
    spoken = pa.array(numbers_of(column)) if suffix else numbers if "numbers" in kind and not personal else None
    span = pc.min_max(spoken) if spoken is not None else None
    return Column(
        name, kind, 1 - len(filled) / len(text) if len(text) else 1.0, len(different),
        len(filled) == len(text) == len(different) > 0, personal,
        () if personal else tuple(shown(value.as_py())[1:-1] for value in different[:SHOWN_VALUES]),
        span["min"].as_py() if span else None, span["max"].as_py() if span else None, suffix)


def numbers_of(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as float array, NaN where there is no number; a word behind a number is left out."""
    text = pc.replace_substring_regex(values.as_text(together(column)), r"\s*(层|楼|米|m|㎡|平方米|年)\s*$", "")
    return values.as_number(text)[0].to_numpy(zero_copy_only=False)


def together(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, pa.string())


def counts_storeys(numbers: np.ndarray) -> bool:
    """Tell whether a column that is called a height looks like storeys.

    Whole numbers, none beyond any tower's storeys, and as low as no house: a one-storey house is 3 m high.

    Args:
        numbers: the column's values, NaN where missing.
    """
    found = numbers[np.isfinite(numbers) & (numbers != 0)]
    if not len(found) or (found != np.round(found)).any() or found.max() > MOST_STOREYS or found.min() < 0:
        return False
    return bool((found <= LOW_HOUSE_M).mean() >= 0.01 or np.median(found) <= 2 * METRES_OF_A_STOREY)


def is_computed(heights: np.ndarray, storeys: np.ndarray) -> float | None:
    """Return how many metres of height each storey has been given, where all rows have the same; else None.

    Args:
        heights, storeys: two columns, NaN where missing.
    """
    both = np.isfinite(heights) & np.isfinite(storeys) & (storeys > 0)
    if both.sum() < 2 or np.unique(storeys[both]).size < 2:
        return None
    ratio = heights[both] / storeys[both]
    return float(np.median(ratio)) if np.ptp(ratio) < 0.01 and ratio[0] > 1 else None


def _kind(column: pa.Array, numbers: pa.Array, bad: np.ndarray, filled: int) -> str:
    if not filled:
        return "empty"
    if pa.types.is_boolean(column.type):
        return "yes or no"
    if values.is_text(column.type):
        return "text" if bad.any() else "numbers as text"
    if bad.all():
        return "other"
    whole = pc.all(pc.equal(numbers, pc.floor(numbers))).as_py()
    return "whole numbers" if whole else "numbers"


def _suffix(different: pa.Array) -> str | None:
    found = {match[1] if (match := _SUFFIX.match(value)) else None for value in different.to_pylist()[:1000]}
    return found.pop() if len(found) == 1 else None


__all__ = ["Column", "counts_storeys", "describe", "is_computed", "numbers_of", "together"]
