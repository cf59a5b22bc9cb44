"""The functions of the mapping language, on Arrow columns. Null in, null out."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import values
from importers.faults import Fault, shown

Value = pa.Array | str | int | float

WIDEST = 1000
"""Characters that ``pad`` fills at most: no field takes a longer text."""


LONGEST = 10_000
"""Characters that a text may grow to: no field takes a tenth of it, and a column of such texts still has room."""


@dataclass
class Evaluation:
    """One evaluation of one expression.

    Attributes:
        rows: how many.
        first: number of the first row.
        field: our field, for the faults.
        hidden: faults show no value.
        faults: rows that a function could not handle.
    """

    rows: int
    first: int
    field: str
    hidden: bool
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Function:
    """One function.

    Attributes:
        help: what it does, for the manual.
        least, most: how many arguments; ``most`` None has no limit.
        gives: ``text`` or ``number``; None where it gives what its first argument is.
        compute: does it.
        numbers: its first argument must be a number.
        constants_from: from this argument on they must be constants; None where they need not.
        refuse: looks at those constants; says what is wrong with them, or None.
    """

    help: str
    least: int
    most: int | None
    gives: str | None
    compute: Callable[[list[Value], Evaluation], Value]
    numbers: bool = False
    constants_from: int | None = None
    refuse: Callable[..., str | None] = lambda *constants: None

    def wrong_arguments(self, count: int) -> str | None:
        """Say how many arguments it takes where ``count`` is wrong."""
        if count >= self.least and (self.most is None or count <= self.most):
            return None
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"

    def constants(self, count: int) -> range:
        """Return the positions that must be constants."""
        return range(count if self.constants_from is None else self.constants_from, count)


def as_array(value: Value, rows: int) -> pa.Array:
    """Return a value as a column of so many rows."""
    if isinstance(value, pa.ChunkedArray):
        return value.combine_chunks()
    return value if isinstance(value, pa.Array) else pa.repeat(pa.scalar(value), rows)


def as_text(value: Value, evaluation: Evaluation) -> pa.Array:
    """Return a value as a column of text; whole numbers without a decimal point."""
    return values.as_text(as_array(value, evaluation.rows))


def as_number(value: Value, evaluation: Evaluation) -> pa.Array:
    """Return a value as a column of numbers; text that is none is a fault of its row."""
    column = as_array(value, evaluation.rows)
    numbers, bad = values.as_number(column)
    for position in np.flatnonzero(bad):
        evaluation.faults.append(Fault(
            evaluation.first + int(position), evaluation.field, "not-a-number",
            f"{evaluation.field}: {shown(column[int(position)].as_py(), evaluation.hidden)} is not a number"))
    return numbers


def arithmetic(operator: str, left: Value, right: Value, evaluation: Evaluation) -> Value:
    """Compute ``left operator right``; + joins where either side is text."""
    if operator == "+" and (_is_text(left) or _is_text(right)):
        texts = as_text(left, evaluation), as_text(right, evaluation)
        texts = _bound(texts, pc.add(*map(pc.utf8_length, texts)), evaluation)
        return pc.binary_join_element_wise(*texts, "")
    compute = {"+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide}[operator]
    return compute(as_number(left, evaluation), as_number(right, evaluation))


def _is_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, pa.Array) and values.is_text(value.type))


def _choose(arguments: list[Value], evaluation: Evaluation) -> Value:
    column = as_text(arguments[0], evaluation)
    rest = [str(argument) for argument in arguments[1:]]
    default = rest.pop() if len(rest) % 2 else None
    table = dict(zip(rest[::2], rest[1::2], strict=True))
    return pa.array([None if value is None else table.get(value, default) for value in column.to_pylist()],
                    pa.string())


def _coalesce(arguments: list[Value], evaluation: Evaluation) -> Value:
    columns = [as_array(argument, evaluation.rows) for argument in arguments]
    if any(_is_text(column) for column in columns):
        # An empty text is a missing one.
        columns = [_empty_to_null(values.as_text(column)) for column in columns]
    return pc.coalesce(*columns)


def _empty_to_null(column: pa.Array) -> pa.Array:
    trimmed = values.trim(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _pad(arguments: list[Value], evaluation: Evaluation) -> Value:
    return pc.utf8_lpad(as_text(arguments[0], evaluation), int(arguments[1]), "0")


def _wrong_width(width: object) -> str | None:
    return None if isinstance(width, int) and 1 <= width <= WIDEST else f"the width of pad is from 1 to {WIDEST}"


def _nothing_to_find(found: object, by: object) -> str | None:
    return None if str(found) else "replace needs a text to look for: an empty one is everywhere"


def _replace(arguments: list[Value], evaluation: Evaluation) -> Value:
    text, found, by = as_text(arguments[0], evaluation), str(arguments[1]), str(arguments[2])
    if len(by) > len(found):
        grown = pc.multiply(pc.count_substring(text, found).cast(pa.int64()), len(by) - len(found))
        (text,) = _bound((text,), pc.add(pc.utf8_length(text), grown), evaluation)
    return pc.replace_substring(text, found, by)


def _bound(texts: tuple[pa.Array, ...], lengths: pa.Array, evaluation: Evaluation) -> tuple[pa.Array, ...]:
    """Take out the texts of rows that would grow too long; their rows are faulty."""
    long = np.asarray(pc.fill_null(pc.greater(lengths, LONGEST), False))
    for position in np.flatnonzero(long):
        evaluation.faults.append(Fault(evaluation.first + int(position), evaluation.field, "too-long",
                                       f"{evaluation.field}: grows to more than {LONGEST:,} characters"))
    return tuple(values.without(text, long) for text in texts)


def _wrong_pattern(pattern: object) -> str | None:
    """Say what is wrong with a pattern of ``strptime``, which tells by its own errors only when it reads."""
    try:
        datetime.strptime("", str(pattern))
    except ValueError as error:
        wrong = "bad directive" in str(error) or "stray %" in str(error)
    except (re.error, KeyError, IndexError, RecursionError):
        wrong = True
    else:
        wrong = not pattern
    return "the pattern of time is none that can be read: see the table of functions" if wrong else None


def _time(arguments: list[Value], evaluation: Evaluation) -> Value:
    """Read text as a date and time by a pattern of ``strptime``; return ISO 8601, with an offset if it has one."""
    column = values.trim(as_text(arguments[0], evaluation))
    pattern = str(arguments[1])
    found: dict[str, str | None] = {}
    for text in column.unique().to_pylist():
        if text:
            try:
                found[text] = datetime.strptime(text, pattern).isoformat()
            except ValueError:
                found[text] = None
    for position, text in enumerate(column.to_pylist()):
        if text and found[text] is None:
            evaluation.faults.append(Fault(
                evaluation.first + position, evaluation.field, "not-a-time",
                f"{evaluation.field}: {shown(text, evaluation.hidden)} is not written as {pattern}"))
    return pa.array([found.get(text) if text else None for text in column.to_pylist()], pa.string())


# The text form of PostgreSQL's hstore, in which OpenStreetMap's other tags come: "name:en"=>"Palace","levels"=>"3".
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def _tag(arguments: list[Value], evaluation: Evaluation) -> Value:
    wanted = str(arguments[1])
    result = []
    for text in as_text(arguments[0], evaluation).to_pylist():
        found = next((value for key, value in _TAG.findall(text or "") if key == wanted), None)
        result.append(None if found is None else re.sub(r"\\(.)", r"\1", found))
    return pa.array(result, pa.string())


def _extreme(compute: Callable) -> Callable[[list[Value], Evaluation], Value]:
    return lambda arguments, evaluation: compute(
        *(as_number(argument, evaluation) for argument in arguments), skip_nulls=False)


FUNCTIONS: dict[str, Function] = {
    "text": Function("as text; whole numbers without a decimal point", 1, 1, "text",
                     lambda arguments, evaluation: as_text(arguments[0], evaluation)),
    "number": Function("as a number; a text that is none rejects the row", 1, 1, "number",
                       lambda arguments, evaluation: as_number(arguments[0], evaluation)),
    "round": Function("to the nearest whole number", 1, 1, "number",
                      lambda arguments, evaluation: pc.round(as_number(arguments[0], evaluation),
                                                             round_mode="half_towards_infinity"), numbers=True),
    "min": Function("the smallest of numbers", 1, None, "number", _extreme(pc.min_element_wise), numbers=True),
    "max": Function("the largest of numbers", 1, None, "number", _extreme(pc.max_element_wise), numbers=True),
    "trim": Function("without spaces at both ends", 1, 1, "text",
                     lambda arguments, evaluation: values.trim(as_text(arguments[0], evaluation))),
    "upper": Function("in capitals", 1, 1, "text",
                      lambda arguments, evaluation: pc.utf8_upper(as_text(arguments[0], evaluation))),
    "lower": Function("in small letters", 1, 1, "text",
                      lambda arguments, evaluation: pc.utf8_lower(as_text(arguments[0], evaluation))),
    "pad": Function("zeros in front up to a width: pad(code, 12)", 2, 2, "text", _pad, constants_from=1,
                    refuse=_wrong_width),
    "replace": Function("one text by another inside: replace(x, '幢', '')", 3, 3, "text", _replace,
                        constants_from=1, refuse=_nothing_to_find),
    "time": Function("a date and time written in a pattern: time(x, '%m/%d/%Y %I:%M:%S %p')", 2, 2, "text", _time,
                     constants_from=1, refuse=_wrong_pattern),
    "tag": Function("one tag out of OpenStreetMap's other_tags: tag(other_tags, 'roof:shape')", 2, 2, "text", _tag,
                    constants_from=1),
    "coalesce": Function("the first that is not empty", 1, None, None, _coalesce),
    "choose": Function("other words for words: choose(x, '住宅', 'residential', …, 'other'); the last one "
                       "without a partner stands for all others", 3, None, "text", _choose, constants_from=1),
}
