"""How events are distributed (分布) over classes, states, places and time, with a second window to compare with.

Whole days come from sums (``event_days.py``); days that a window holds in part, and hours, are counted from an index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from spatial.queries import event_days
from spatial.rules.events import STATES
from spatial.types import EVERYWHERE, Scope

BY = ("class", "state", "grid", "community", "hour", "day", "week")
"""What events may be counted by."""

# By what: the key of a sum, the key of an event. Parameters: zone; first hour.
_KEYS = {
    "class": ("class_code", "class_code"),
    "state": ("state", "state"),
    "grid": ("grid_code", "grid_code"),
    "community": ("area_code", "left(grid_code, 12)"),
    "day": ("day::text", "(occurred_at AT TIME ZONE %(zone)s)::date::text"),
    "week": ("date_trunc('week', day)::date::text",
             "date_trunc('week', occurred_at AT TIME ZONE %(zone)s)::date::text"),
    "hour": (None, "floor(extract(epoch FROM occurred_at - %(first)s) / 3600)::int::text"),
}

# Rows: key and number of the events of some whole days, from sums. Parameters: first day and the day after the last;
# range of classes; level where everything is counted, else columns of equal length of levels and ranges of codes, which
# are looked up day by day: OFFSET 0 keeps the planner to it.
_SUMS_OF_ALL = """
SELECT {key} AS key, sum(events) AS events FROM event_day
WHERE level = %(level)s AND day >= %(day_from)s AND day < %(day_to)s AND {classes}
GROUP BY 1
"""
_SUMS = """
SELECT {key} AS key, sum(events) AS events
FROM unnest(%(levels)s::smallint[], %(lows)s::text[], %(highs)s::text[]) AS part (level, low, high),
     generate_series(0, %(day_to)s - %(day_from)s - 1) AS n, LATERAL (
    SELECT event_day.* FROM event_day
    WHERE event_day.level = part.level AND day = %(day_from)s + n AND grid_code >= part.low AND grid_code < part.high
      AND {classes} OFFSET 0) AS found
GROUP BY 1
"""

# Rows: as above, of the events of a window. Parameters: window; range of classes and of grids.
_COUNTED = """
SELECT {key} AS key, count(*) AS events FROM event
WHERE occurred_at >= %({start})s AND occurred_at < %({end})s AND class_code >= %(class_low)s
  AND class_code < %(class_high)s AND grid_code >= %(grid_low)s AND grid_code < %(grid_high)s
GROUP BY 1
"""


LAST = chr(0x10FFFF)
"""Behind every text, in collation C: files bring classes that are no digits."""


@dataclass(frozen=True)
class Window:
    """A half-open window of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Bucket:
    """How many events have one key in common.

    ``key``: code of a class, a grid or a community; a state; the first instant of an hour, or the first day of a day
    or week, ISO 8601. ``compared``: how many in the second window; None where none was asked for.
    """

    key: str
    name: str | None
    name_en: str | None
    events: int
    compared: int | None


def distribution(connection: psycopg.Connection, scope: Scope, zone: str, by: str, window: Window,
                 compared: Window | None = None, class_prefix: str = "", grid_prefix: str = "") -> list[Bucket]:
    """Count the events that occurred in a window, and in a second one beside it.

    Args:
        connection: inside a transaction of that scope.
        scope: jurisdiction. zone: the centre's time zone, in which days begin; weeks begin on Monday.
        by: one of :data:`BY`.
        window: which events. compared: the second window; its hours, days or weeks are set against those of the
            first in their order.
        class_prefix, grid_prefix: first digits of codes; empty for all.

    Returns:
        A bucket for each class, state, place or piece of time, in the order of keys, also where there is nothing.
    """
    counted = _count(connection, scope, zone, by, window, class_prefix, grid_prefix)
    second = None if compared is None else _count(connection, scope, zone, by, compared, class_prefix, grid_prefix)
    if by in ("hour", "day", "week"):
        keys, others = _times(by, window, zone), _times(by, compared, zone) if compared else []
        # Hours are numbered from the first one; every other piece of time is called by its first day.
        theirs = [second.get(str(n) if by == "hour" else key, 0) for n, key in enumerate(others)] if compared else []
        return [Bucket(key, None, None, counted.get(str(n) if by == "hour" else key, 0),
                       None if second is None else theirs[n] if n < len(theirs) else 0)
                for n, key in enumerate(keys)]
    names = _names(connection, by, class_prefix, grid_prefix)
    keys = sorted(names.keys() | counted.keys() | (second or {}).keys(), key=_order(by))
    return [Bucket(key, *names.get(key, (None, None)), counted.get(key, 0),
                   None if second is None else second.get(key, 0)) for key in keys]


def _order(by: str) -> Callable[[str], object]:
    return STATES.index if by == "state" else str


def _count(connection: psycopg.Connection, scope: Scope, zone: str, by: str, window: Window, class_prefix: str,
           grid_prefix: str) -> dict[str, int]:
    summed, counted = _KEYS[by]
    values = {"zone": zone, "class_low": class_prefix, "class_high": class_prefix + ":" if class_prefix else LAST,
              "grid_low": grid_prefix,
              "grid_high": grid_prefix + ":", "start": window.start, "end": window.end,
              "first": _hour(window.start, zone)}
    whole = _whole_days(window, zone)
    if summed is None or whole is None or not event_days.made_in(connection, zone):
        statement = _COUNTED.format(key=counted, start="start", end="end")
    else:
        totals = not class_prefix and by in ("grid", "community", "day", "week")
        classes = "class_code = ''" if totals else \
            "class_code >= %(class_low)s AND class_code < %(class_high)s AND class_code <> ''"
        values |= whole | _parts(scope, {"grid": 15, "community": 12}.get(by, 6), grid_prefix)
        sums = _SUMS_OF_ALL if values["lows"] == [""] else _SUMS
        statement = " UNION ALL ".join((
            f"({sums.format(key=summed, classes=classes)})",
            f"({_COUNTED.format(key=counted, start='start', end='start_of_days')})",
            f"({_COUNTED.format(key=counted, start='end_of_days', end='end')})"))
    found: dict[str, int] = {}
    for key, events in connection.execute(statement, values):
        found[key] = found.get(key, 0) + int(events)
    return found


def _hour(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)


def _whole_days(window: Window, zone: str) -> dict[str, object] | None:
    """Return the days that a window holds whole, as dates and as instants; None where there is none."""
    tz = ZoneInfo(zone)
    first = window.start.astimezone(tz)
    day_from = first.date() if first == _midnight(first.date(), tz) else first.date() + timedelta(1)
    day_to = window.end.astimezone(tz).date()
    if day_from >= day_to:
        return None
    return {"day_from": day_from, "day_to": day_to, "start_of_days": _midnight(day_from, tz),
            "end_of_days": _midnight(day_to, tz)}


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=tz)


def _parts(scope: Scope, least: int, grid_prefix: str) -> dict[str, object]:
    """Return levels and ranges of codes of the widest places whose sums make up a jurisdiction, none of them twice."""
    held = {""} if EVERYWHERE in scope.prefixes else set(scope.prefixes)
    held = {max(one, grid_prefix, key=len) for one in held
            if one.startswith(grid_prefix) or grid_prefix.startswith(one)}
    held = {one for one in held if not any(one != other and one.startswith(other) for other in held)}
    levels = [min(level for level in event_days.LEVELS if level >= max(len(one), least)) for one in sorted(held)]
    return {"level": least, "levels": levels, "lows": sorted(held), "highs": [one + ":" for one in sorted(held)]}


def _times(by: str, window: Window, zone: str) -> list[str]:
    """Return the keys of all hours, days or weeks that a window touches, in order."""
    tz = ZoneInfo(zone)
    if by == "hour":
        first, keys = _hour(window.start, zone).timestamp(), []
        while first < window.end.timestamp():
            keys.append(datetime.fromtimestamp(first, tz).isoformat())
            first += 3600
        return keys
    day = window.start.astimezone(tz).date()
    step = timedelta(1)
    if by == "week":
        day, step = day - timedelta(day.weekday()), timedelta(7)
    keys = []
    while _midnight(day, tz) < window.end:
        keys.append(day.isoformat())
        day += step
    return keys


# Rows: key, name, name in English, of all that may be counted. Parameters: first digits of codes.
_NAMES = {
    "class": "SELECT code, name, name_en FROM event_class WHERE length(code) = 4 AND starts_with(code, %(classes)s)",
    "grid": "SELECT code, name, NULL FROM grid WHERE valid_to IS NULL AND starts_with(code, %(grids)s)",
    "community": "SELECT code, name, name_en FROM area WHERE level = 'community' AND starts_with(code, %(areas)s)",
}


def _names(connection: psycopg.Connection, by: str, class_prefix: str, grid_prefix: str,
           ) -> dict[str, tuple[str | None, str | None]]:
    if by == "state":
        return dict.fromkeys(STATES, (None, None))
    rows = connection.execute(_NAMES[by], {"classes": class_prefix, "grids": grid_prefix, "areas": grid_prefix[:12]})
    return {code: (name, name_en) for code, name, name_en in rows}
