"""Instants and intervals of RFC 3339, as the parameter ``datetime`` and filters write them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from psycopg import sql

from spatial.queries.features import Condition, Source
from webmap.ogc.faults import BadRequest

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)

CURE = "Write RFC 3339: 2026-11-01T08:00:00+08:00, a day as 2026-11-01, an interval as FROM/TO with .. for an open end."


def span(text: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant of a text: of a day its last microsecond, of an instant itself.

    Args:
        text: ``2026-11-01T08:00:00Z`` or ``2026-11-01``.
        zone: the command centre's, in which days begin and end.

    Raises:
        BadRequest: not RFC 3339, or no such day or time.
    """
    try:
        if _DATE.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=zone)
            # Where clocks go back at midnight, the day ends with the second of two.
            last = (day + timedelta(days=1, microseconds=-1)).replace(fold=1)
            return day.astimezone(UTC), last.astimezone(UTC)
        if _INSTANT.fullmatch(text):
            found = datetime.fromisoformat(text.upper()).astimezone(UTC)
            return found, found
    except (ValueError, OverflowError):
        pass
    raise BadRequest("A time cannot be read.", CURE)


def interval(text: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """Read an instant, a day or an interval.

    Args:
        text: ``2026-11-01T08:00:00Z``, ``2026-11-01`` or two of them with ``/`` between, of which one
            may be ``..`` or empty.
        zone: the command centre's, in which days begin and end.

    Returns:
        First and last instant, both inside; None for an open end.

    Raises:
        BadRequest: none of these, or the end lies before the beginning.
    """
    if "/" not in text:
        return span(text, zone)
    ends = text.split("/")
    if len(ends) != 2 or all(end in ("", "..") for end in ends):
        raise BadRequest("The interval has not two ends of which one at least is a time.", CURE)
    first = None if ends[0] in ("", "..") else span(ends[0], zone)[0]
    last = None if ends[1] in ("", "..") else span(ends[1], zone)[1]
    if first is not None and last is not None and last < first:
        raise BadRequest("The interval ends before it begins.", CURE)
    return first, last


def within(source: Source, times: tuple[str, ...], ends: tuple[datetime | None, datetime | None]) -> list[Condition]:
    """Return the conditions that a feature's time touches an interval.

    Args:
        source: whose features.
        times: the column of an instant, or those of the beginning (inside) and the end (outside, null
            when open) of a validity; empty for features without time, which always touch.
        ends: first and last instant, both inside; None for an open end.
    """
    if not times:
        return []
    first, last = ends
    conditions = []
    if last is not None:
        conditions.append(_compared(source, times[0], "{} <= {}", last))
    if first is not None:
        ended = "{} >= {}" if len(times) == 1 else "coalesce({} > {}, true)"
        conditions.append(_compared(source, times[-1], ended, first))
    return conditions


def _compared(source: Source, column: str, text: str, value: datetime) -> Condition:
    return Condition(sql.SQL(text).format(sql.Identifier(source.table, column), sql.Placeholder()), (value,))
