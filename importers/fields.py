"""Check the attributes of rows and bring them into the kinds of our fields."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import spoilt, values
from importers.concepts.declare import Concept, Field, Kind
from importers.faults import Fault, shown
from spatial.rules import values as rules
from spatial.rules.values import CONTROL, LONGEST_TEXT

_PATTERN = "say how it is written, as in time(COLUMN, '%d.%m.%Y %H:%M')"

KINDS: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.INSTANT: pa.timestamp("us", "UTC"),
    Kind.DAY: pa.date32(),
    Kind.WORDS: pa.list_(pa.string()),
}
"""What a checked column of each kind is in Arrow."""


def check(concept: Concept, columns: dict[str, pa.Array], first: int, zone: ZoneInfo,
          ) -> tuple[dict[str, pa.Array], list[Fault]]:
    """Check every field of some rows.

    Args:
        concept: whose rows they are.
        columns: field → values as mapped.
        first: number of the first row.
        zone: time zone of instants that name none.

    Returns:
        Field → column of its kind (``KINDS``), null where missing or faulty, and all faults.
    """
    checked: dict[str, pa.Array] = {}
    faults: list[Fault] = []
    for name, column in columns.items():
        one = concept.find(name)
        report = _Report(one, column, first, faults, concept.personal or one.secret)
        result = _CONVERSIONS[one.kind](one, column, report, zone)
        if one.required:
            report.missing(result)
        if one.default is not None:
            default = list(one.default) if one.kind is Kind.WORDS else one.default
            result = values.fill(result, pa.scalar(default, KINDS[one.kind]))
        checked[name] = result
    return checked, faults


class _Report:
    """Collects the faults of one field; looks at single values only where something is wrong.

    Where values are hidden nothing is derived from them either: no suggestion of what was meant.
    """

    def __init__(self, one: Field, column: pa.Array, first: int, faults: list[Fault], hidden: bool) -> None:
        self.one, self.column, self.first, self.faults = one, column, first, faults
        self.hidden = hidden
        self.faulty: set[int] = set()

    def add(self, bad: np.ndarray, reason: str, wrong: str | Callable[[object], str]) -> None:
        for position in np.flatnonzero(bad):
            self.add_one(int(position), reason, wrong)

    def add_one(self, position: int, reason: str, wrong: str | Callable[[object], str]) -> None:
        value = self.column[position].as_py()
        words = wrong if isinstance(wrong, str) else wrong("" if self.hidden else value)
        self.faulty.add(position)
        self.faults.append(Fault(self.first + position, self.one.name, reason,
                                 f"{self.one.name}: {shown(value, self.hidden)} {words}"))

    def missing(self, result: pa.Array) -> None:
        for position in np.flatnonzero(np.asarray(result.is_null())):
            position = int(position)
            if position not in self.faulty:
                self.faults.append(Fault(self.first + position, self.one.name, "missing",
                                         f"{self.one.name} is empty; it is needed"))


def _text(one: Field, column: pa.Array, report: _Report, zone: ZoneInfo) -> pa.Array:
    if one.is_code:
        lost = spoilt.lost_digits(column)
        report.add(lost, "digits-lost", spoilt.LOST)
        column = values.without(column, lost)
    cells = values.trim(values.as_text(column))
    cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    if one.upper:
        cells = pc.utf8_upper(cells)
    bad = np.asarray(pc.fill_null(pc.match_substring_regex(cells, CONTROL), False))
    report.add(bad, "control-character", rules.HOLDS_CONTROL)
    long = np.asarray(pc.fill_null(pc.greater(pc.utf8_length(cells), LONGEST_TEXT), False)) & ~bad
    report.add(long, "too-long", rules.TOO_LONG)
    bad |= long
    if one.translated:
        ours = pa.array(one.translated.values(), pa.string())
        cells = pc.coalesce(ours.take(pc.index_in(cells, value_set=pa.array(one.translated, pa.string()))), cells)
    if one.allowed:
        unknown = np.asarray(pc.and_(pc.is_valid(cells), pc.invert(
            pc.is_in(cells, value_set=pa.array(one.allowed))))) & ~bad
        report.add(unknown, "not-allowed", lambda value: rules.none_of(str(value), one.allowed))
        bad |= unknown
    if one.check is not None:
        verdicts: dict[str, str | None] = {}
        for position, value in enumerate(cells.to_pylist()):
            if value is None or bad[position]:
                continue
            if value not in verdicts:
                verdicts[value] = one.check(value)
            if verdicts[value]:
                bad[position] = True
                report.add_one(position, "not-valid", verdicts[value])
    return values.without(cells, bad)


def _numeric(one: Field, column: pa.Array, report: _Report, zone: ZoneInfo) -> pa.Array:
    whole = one.kind is Kind.WHOLE
    numbers, bad = (values.as_whole if whole else values.as_number)(column)
    report.add(bad, "not-a-number", rules.NOT_WHOLE if whole else rules.NOT_A_NUMBER)
    outside = np.zeros(len(numbers), bool)
    for limit, compare in ((one.low, pc.less), (one.high, pc.greater), (one.above, pc.less_equal)):
        if limit is not None:
            outside |= np.asarray(pc.fill_null(compare(numbers, limit), False))
    report.add(outside, "out-of-range", lambda value: rules.limits(one.low, one.high, one.above))
    return values.without(numbers, outside)


def _instant(one: Field, column: pa.Array, report: _Report, zone: ZoneInfo) -> pa.Array:
    result, bad = values.as_instants(column, zone)
    report.add(bad, "not-a-time", "is not a time such as 2026-05-01T08:30:00+08:00, 2026/5/1 8:30 or "
               f"2026年5月1日 8时30分; {_PATTERN}")
    return pa.array(_in_our_time(result, report), KINDS[Kind.INSTANT])


def _day(one: Field, column: pa.Array, report: _Report, zone: ZoneInfo) -> pa.Array:
    result, bad = values.as_days(column)
    report.add(bad, "not-a-day", f"is not a day such as 2026-05-01, 2026/5/1 or 2026年5月1日; {_PATTERN}")
    return pa.array(_in_our_time(result, report), KINDS[Kind.DAY])


def _in_our_time(found: list, report: _Report) -> list:
    """Return days or times, None in place of those that no person can have meant."""
    for position, one in enumerate(found):
        if one is not None and not values.EARLIEST <= one.year <= values.LATEST:
            report.add_one(position, "out-of-range", f"is not from the years {values.EARLIEST} to {values.LATEST}")
            found[position] = None
    return found


def _words(one: Field, column: pa.Array, report: _Report, zone: ZoneInfo) -> pa.Array:
    result = values.as_words(column)
    for position, words in enumerate(result):
        unknown = [word for word in words or () if word not in one.allowed]
        if unknown:
            report.add_one(position, "not-allowed", rules.none_of("" if report.hidden else unknown[0], one.allowed))
            result[position] = None
    return pa.array(result, KINDS[Kind.WORDS])


_CONVERSIONS = {
    Kind.TEXT: _text,
    Kind.WHOLE: _numeric,
    Kind.NUMBER: _numeric,
    Kind.INSTANT: _instant,
    Kind.DAY: _day,
    Kind.WORDS: _words,
}
