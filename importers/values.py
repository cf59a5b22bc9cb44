"""Columns of a file turned into the kinds of our fields, whole columns at a time.

Arrow keeps text, whole numbers and real numbers apart and knows nulls, so that an identity
number never passes through a floating-point number. What cannot be turned is marked, never
guessed.
"""

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SPACES = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"
"""Characters that stand at the ends of cells and mean nothing; U+3000 is the Chinese space."""

EARLIEST, LATEST = 1900, 2200
"""Years between which things of a city happen. A spreadsheet shows 0 as a day of 1899 or 1900, and 9999 means never."""

EXACT_FLOAT = 2.0**53
"""From here on a floating-point number no longer holds every whole number."""

_WHOLE = r"^[+-]?[0-9]{1,18}$"
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"

_NO_DIVIDER = re.compile(r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}:")

# The year first, so that no day passes for a month: 2026/1/5, 2026.11.1, 2026年11月1日 8时30分, 2026-1-5 8:00:00.
_CHINESE = re.compile(
    r"(?P<y>[0-9]{4})(?:(?P<mark>[-/.])(?P<m1>[0-9]{1,2})(?P=mark)(?P<d1>[0-9]{1,2})"
    r"| ?年 ?(?P<m2>[0-9]{1,2}) ?月 ?(?P<d2>[0-9]{1,2}) ?[日号])"
    r"(?:(?:T| +|(?<=[日号]))(?P<H>[0-9]{1,2})(?::(?P<M1>[0-9]{2})(?::(?P<S1>[0-9]{2})(?:\.(?P<f>[0-9]{1,9}))?)?"
    r"| ?[时点] ?(?:(?P<M2>[0-9]{1,2}) ?分? ?(?:(?P<S2>[0-9]{1,2}) ?秒)?)?)(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?")


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def trim(column: pa.Array) -> pa.Array:
    """Return a column of text without spaces at both ends of each value."""
    return pc.utf8_trim(column, characters=SPACES)


def without(column: pa.Array, bad: np.ndarray) -> pa.Array:
    """Return a column with null in place of the marked values."""
    return pc.if_else(pa.array(bad), pa.scalar(None, column.type), column) if bad.any() else column


def fill(column: pa.Array, default: pa.Scalar) -> pa.Array:
    """Return a column with a value in place of every null."""
    if column.null_count == 0:
        return column
    if pa.types.is_list(column.type):  # Arrow fills no lists
        return pa.array([default.as_py() if value is None else value for value in column.to_pylist()], column.type)
    return pc.fill_null(column, default)


def as_text(column: pa.Array) -> pa.Array:
    """Return any column as text.

    Args:
        column: text, numbers, dates, truth values or lists of text.

    Returns:
        Column of text: whole numbers without a decimal point, lists joined by ``;``.
    """
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    if pa.types.is_floating(kind):
        numbers = column.cast(pa.float64())
        whole = pc.and_(pc.equal(numbers, pc.floor(numbers)), pc.less(pc.abs(numbers), EXACT_FLOAT))
        # The cast may only see numbers that are whole; the others take the second branch.
        safe = pc.if_else(whole, numbers, 0.0).cast(pa.int64()).cast(pa.string())
        return pc.if_else(whole, safe, numbers.cast(pa.string()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def as_number(column: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Return a column as real numbers.

    Args:
        column: numbers or text.

    Returns:
        Column of float64 with null where there is none, and a mask of the values that are no
        finite number. An empty text and NaN count as missing.
    """
    if is_text(column.type):
        cells = pc.utf8_normalize(trim(as_text(column)), form="NFKC")
        good = pc.match_substring_regex(cells, _NUMBER)
        bad = np.asarray(pc.fill_null(pc.and_(pc.invert(good), pc.not_equal(cells, "")), False))
        numbers = pc.if_else(good, cells, pa.scalar(None, pa.string())).cast(pa.float64())
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        numbers, bad = column.cast(pa.float64(), safe=False), np.zeros(len(column), bool)
    elif pa.types.is_null(column.type):
        return column.cast(pa.float64()), np.zeros(len(column), bool)
    else:
        return pa.nulls(len(column), pa.float64()), np.asarray(pc.is_valid(column))
    numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    infinite = np.asarray(pc.fill_null(pc.is_inf(numbers), False))
    if infinite.any():
        numbers = pc.if_else(pa.array(infinite), pa.scalar(None, pa.float64()), numbers)
    return numbers, bad | infinite


def as_whole(column: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Return a column as whole numbers.

    Args:
        column: numbers or text.

    Returns:
        Column of int64 with null where there is none, and a mask of the values that are no
        whole number. ``6.0`` is one, ``6.5`` is not.
    """
    if pa.types.is_integer(column.type) and not pa.types.is_uint64(column.type):
        return column.cast(pa.int64()), np.zeros(len(column), bool)
    if is_text(column.type):
        cells = pc.utf8_normalize(trim(as_text(column)), form="NFKC")
        plain = pc.match_substring_regex(cells, _WHOLE)
        if pc.all(pc.or_kleene(plain, pc.equal(cells, ""))).as_py() is not False:
            numbers = pc.if_else(plain, pc.utf8_ltrim(cells, characters="+"), pa.scalar(None, pa.string()))
            return numbers.cast(pa.int64()), np.zeros(len(column), bool)
    numbers, bad = as_number(column)
    whole = pc.and_(pc.equal(numbers, pc.floor(numbers)), pc.less(pc.abs(numbers), EXACT_FLOAT))
    bad = bad | np.asarray(pc.fill_null(pc.invert(whole), False))
    return pc.if_else(whole, numbers, pa.scalar(None, pa.float64())).cast(pa.int64()), bad


def as_instants(column: pa.Array, zone: ZoneInfo) -> tuple[list[datetime | None], np.ndarray]:
    """Return a column as points in time.

    Args:
        column: ISO 8601 text, or the year first as Chinese programs write it: 2026/11/1 8:00, 2026.11.1,
            2026年11月1日 8时30分; a space for T and an offset of two digits pass.
        zone: taken where a value names none.

    Returns:
        Aware datetimes, None where there is none, and a mask of the values that are no time.
    """
    result: list[datetime | None] = []
    bad = np.zeros(len(column), bool)
    for position, text in enumerate(trim(as_text(column)).to_pylist()):
        instant = None
        if text:
            try:
                instant = _moment(text)
                instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
                instant.timestamp()
            except (ValueError, OverflowError):
                instant, bad[position] = None, True
        result.append(instant)
    return result, bad


def as_days(column: pa.Array) -> tuple[list[date | None], np.ndarray]:
    """Return a column as days; a time of day behind it is left out.

    Args:
        column: as for ``as_instants``.

    Returns:
        Dates, None where there is none, and a mask of the values that are no day.
    """
    result: list[date | None] = []
    bad = np.zeros(len(column), bool)
    for position, text in enumerate(trim(as_text(column)).to_pylist()):
        day = None
        if text:
            try:
                day = _moment(text).date()
            except ValueError:
                bad[position] = True
        result.append(day)
    return result, bad


def _moment(text: str) -> datetime:
    """Return what a text says, without a time zone where it names none; raises ValueError where it is none."""
    if _NO_DIVIDER.match(text):
        # Python takes any mark before the time of day: 2026/11/18:00 would be a midnight.
        raise ValueError(text)
    try:
        return datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        found = _CHINESE.fullmatch(unicodedata.normalize("NFKC", text))
        if found is None:
            raise
    year, month, day = found["y"], found["m1"] or found["m2"], found["d1"] or found["d2"]
    hour, minute, second = found["H"], found["M1"] or found["M2"], found["S1"] or found["S2"]
    micro = (found["f"] or "").ljust(6, "0")[:6]
    moment = datetime(*(int(part or 0) for part in (year, month, day, hour, minute, second, micro)))
    return datetime.fromisoformat(moment.isoformat() + found["zone"]) if found["zone"] else moment


def as_words(column: pa.Array) -> list[tuple[str, ...] | None]:
    """Return a column as tuples of words, divided by ``;`` or ``；``, each once, sorted."""
    result: list[tuple[str, ...] | None] = []
    for text in as_text(column).to_pylist():
        if text is None:
            result.append(None)
            continue
        words = {word.strip(SPACES) for word in text.replace("；", ";").split(";")}
        result.append(tuple(sorted(words - {""})))
    return result
