"""Sums of events by day (事件日汇总): a million events are too many to be counted while somebody waits.

They are kept by day of the command centre's zone, class and state, for each grid and for every community, street and
county above it, so that a jurisdiction reads the sums of its widest places (``event_distribution.py``).
"""

from datetime import date

import psycopg

LEVELS = (15, 12, 9, 6)
"""Digits of a grid's, a community's, a street's and a county's code."""

CELLS = 2000
"""Days of grids that are summed anew by one statement."""

MANY = 10_000
"""Days of grids from which all of the days are summed anew, which reads each event once and in its order."""

# Parameters: level, columns of equal length: codes filled up with zeros, days.
_CLEAR = """
DELETE FROM event_day USING unnest(%(codes)s::text[], %(days)s::date[]) AS touched (code, day)
WHERE event_day.level = %(level)s AND event_day.day = touched.day AND event_day.grid_code = touched.code
"""

# OFFSET 0 keeps the planner to one look into the index for each cell. Parameters: zone, and as above.
_FROM_EVENTS = """
INSERT INTO event_day (level, area_code, grid_code, day, class_code, state, events)
SELECT 15, left(touched.code, 12), touched.code, touched.day, coalesce(found.class_code, ''),
       coalesce(found.state, ''), count(*)
FROM unnest(%(codes)s::text[], %(days)s::date[]) AS touched (code, day), LATERAL (
    SELECT class_code, state FROM event
    WHERE event.grid_code = touched.code AND occurred_at >= touched.day::timestamp AT TIME ZONE %(zone)s
      AND occurred_at < (touched.day + 1)::timestamp AT TIME ZONE %(zone)s
    OFFSET 0) AS found
GROUP BY GROUPING SETS ((touched.code, touched.day, found.class_code, found.state), (touched.code, touched.day))
"""

# Parameters: level, the finer one, digits of codes of this level, codes filled up with zeros, days.
_FROM_FINER = """
INSERT INTO event_day (level, area_code, grid_code, day, class_code, state, events)
SELECT %(level)s, left(touched.code, 12), touched.code, touched.day, class_code, state, sum(events)
FROM unnest(%(codes)s::text[], %(days)s::date[]) AS touched (code, day), LATERAL (
    SELECT class_code, state, events FROM event_day AS finer
    WHERE finer.level = %(finer)s AND finer.day = touched.day AND finer.grid_code >= left(touched.code, %(level)s)
      AND finer.grid_code < left(touched.code, %(level)s) || ':'
    OFFSET 0) AS found
GROUP BY touched.code, touched.day, class_code, state
"""


def renew(connection: psycopg.Connection, zone: str, cells: set[tuple[str, date]]) -> None:
    """Sum the events of some grids on some days anew, and what is above them.

    Args:
        connection: the worker's, inside a transaction, jurisdiction everything.
        zone: the centre's time zone.
        cells: grid code and day of that zone.
    """
    for finer, level in zip((None, *LEVELS), LEVELS, strict=False):
        cells = {(code[:level].ljust(15, "0"), day) for code, day in cells}
        ordered = sorted(cells)
        for first in range(0, len(ordered), CELLS):
            codes, days = map(list, zip(*ordered[first:first + CELLS], strict=True))
            values = {"codes": codes, "days": days, "zone": zone, "level": level, "finer": finer}
            connection.execute(_CLEAR, values)
            connection.execute(_FROM_EVENTS if finer is None else _FROM_FINER, values)


# Parameters: first and last day.
_CLEAR_DAYS = "DELETE FROM event_day WHERE day BETWEEN %(first)s AND %(last)s"

_ALL_FROM_EVENTS = """
INSERT INTO event_day (level, area_code, grid_code, day, class_code, state, events)
SELECT 15, left(grid_code, 12), grid_code, day, coalesce(class_code, ''), coalesce(state, ''), count(*)
FROM (SELECT grid_code, (occurred_at AT TIME ZONE %(zone)s)::date AS day, class_code, state FROM event
      WHERE occurred_at >= %(first)s::date::timestamp AT TIME ZONE %(zone)s
        AND occurred_at < (%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s) AS e
GROUP BY GROUPING SETS ((grid_code, day, class_code, state), (grid_code, day))
"""
_ALL_FROM_FINER = """
INSERT INTO event_day (level, area_code, grid_code, day, class_code, state, events)
SELECT %(level)s, left(code, 12), code, day, class_code, state, sum(events)
FROM (SELECT rpad(left(grid_code, %(level)s), 15, '0') AS code, day, class_code, state, events FROM event_day
      WHERE level = %(finer)s AND day BETWEEN %(first)s AND %(last)s) AS finer
GROUP BY code, day, class_code, state
"""


def renew_days(connection: psycopg.Connection, zone: str, first: date, last: date) -> None:
    """Sum all events of some days anew, as :func:`renew` does for some grids.

    Args:
        first, last: days of the zone, both of them included.
    """
    connection.execute(_CLEAR_DAYS, {"first": first, "last": last})
    for finer, level in zip((None, *LEVELS), LEVELS, strict=False):
        connection.execute(_ALL_FROM_EVENTS if finer is None else _ALL_FROM_FINER,
                           {"zone": zone, "first": first, "last": last, "level": level, "finer": finer})


# Rows: grid and day of the zone of what was touched, which is forgotten. A day of UTC is a part of two of them.
# Parameters: limit, zone.
_TAKE = """
WITH taken AS (
    DELETE FROM event_day_touched WHERE id IN (SELECT id FROM event_day_touched ORDER BY id LIMIT %(most)s)
    RETURNING grid_code, day
)
SELECT DISTINCT grid_code, ((day + hour)::timestamp AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
FROM taken, (VALUES (interval '0'), (interval '23:59:59.999999')) AS ends (hour)
"""

_ZONE = "SELECT zone FROM event_day_zone"
_SET_ZONE = "INSERT INTO event_day_zone (zone) VALUES (%s) ON CONFLICT (singleton) DO UPDATE SET zone = excluded.zone"
_FORGET = ("DELETE FROM event_day_touched", "DELETE FROM event_day")
_SPAN = """
SELECT min(occurred_at AT TIME ZONE %(zone)s)::date, max(occurred_at AT TIME ZONE %(zone)s)::date FROM event
"""


def follow(connection: psycopg.Connection, zone: str, most: int = 50_000) -> bool:
    """Bring the sums up to date: what was touched, or everything where they were never made or of another zone.

    Args:
        connection: the worker's, jurisdiction everything, in autocommit or inside a transaction.
        zone: the centre's time zone. most: touched days of grids at once.

    Returns:
        Whether there was anything to do.
    """
    with connection.transaction():
        if not made_in(connection, zone):
            # What is touched after this is read stays on the list.
            for statement in _FORGET:
                connection.execute(statement)
            first, last = connection.execute(_SPAN, {"zone": zone}).fetchone()
            if first is not None:
                renew_days(connection, zone, first, last)
            connection.execute(_SET_ZONE, (zone,))
            return True
        cells = set(connection.execute(_TAKE, {"most": most, "zone": zone}).fetchall())
        if len(cells) >= MANY:
            days = [day for _, day in cells]
            renew_days(connection, zone, min(days), max(days))
        else:
            renew(connection, zone, cells)
        return bool(cells)


def made_in(connection: psycopg.Connection, zone: str) -> bool:
    """Tell whether there are sums of a zone's days."""
    return connection.execute(_ZONE).fetchone() == (zone,)
