"""The picture of an instant of the past (历史时刻): what the screen showed then, by the server's time."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.queries.alarms import Alarm, record
from spatial.queries.measures import FAMILIES
from spatial.rules import alarm_past
from spatial.rules.alarm_past import LIFE_CLASSES, Life, Step

MEASURES = tuple(one.name for family in FAMILIES if family.kinds == ("alarm",) for one in family.measures)
"""Measures that the steps of alarms give for any instant of the past."""

KEEPER_HOURS = 12
"""Hours after which a keeper's last position no longer says where the keeper is."""

# Rows: alarms that were on record and not closed at an instant: those still open, and of the closed ones those of each
# class of life that began within the length of the class. {columns}, {more}: what is wanted of them.
# Parameters: at, classes, first digits.
_HELD = """
SELECT {columns} FROM alarm
WHERE closed_at IS NULL AND received_at <= %(at)s AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
UNION ALL
SELECT closed.* FROM generate_series(0, %(classes)s - 1) AS class, LATERAL (
    SELECT {columns} FROM alarm
    WHERE life_class = class AND received_at <= %(at)s AND closed_at > %(at)s
      AND received_at > CASE WHEN class < %(classes)s - 1 THEN %(at)s - power(4, class + 1) * interval '1 second'
                             ELSE '-infinity'::timestamptz END
      AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
    OFFSET 0
) AS closed
"""

# Rows: the newest of them, and how many there are. Parameters: most.
_NEWEST = "SELECT id, count(*) OVER () FROM (" + _HELD.format(columns="id, received_at") + """) AS held
ORDER BY received_at DESC, id DESC LIMIT %(most)s
"""

_THESE = record.COLUMNS + "WHERE alarm.id = ANY(%s) ORDER BY alarm.id DESC"

# Rows: the steps of some alarms, of each in order, until it was closed. Looked up alarm by alarm: most lived in one
# month.
_STEPS = """
SELECT alarm.id, taken.step, taken.at, taken.detail
FROM (SELECT id, received_at, closed_at FROM alarm WHERE id = ANY(%s) OFFSET 0) AS alarm, LATERAL (
    SELECT step, at, detail FROM alarm_step
    WHERE alarm_id = alarm.id AND at >= alarm.received_at AND at <= coalesce(alarm.closed_at, 'infinity')
    ORDER BY at, id
) AS taken
"""


def open_alarms(connection: psycopg.Connection, at: datetime, within: str = "", most: int = 5000,
                ) -> tuple[list[Alarm], int]:
    """Return the alarms that were open at an instant, as they were then, the newest first.

    Args:
        connection: inside a transaction.
        at: server time. A step counts from the beginning of its transaction on.
        within: first digits of a grid code; the place is that of today.
        most: the newest so many at most.

    Returns:
        The alarms, with the names of today for buildings and devices; and how many there were.
    """
    rows = connection.execute(
        _NEWEST, {"at": at, "classes": LIFE_CLASSES, "within": within, "most": most}).fetchall()
    if not rows:
        return [], 0
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_THESE, ([id for id, _ in rows],)).fetchall()
    lives = _lives(connection, {alarm["id"]: alarm["severity"] for alarm in found}, at)
    return [_then(alarm, lives[alarm["id"]]) for alarm in found], rows[0][1]


def _lives(connection: psycopg.Connection, severities: dict[int, str], at: datetime) -> dict[int, Life]:
    steps: dict[int, list[Step]] = defaultdict(list)
    for alarm_id, *words in connection.execute(_STEPS, (list(severities),)):
        steps[alarm_id].append(Step(*words))
    return {alarm_id: alarm_past.life(severity, steps[alarm_id], at) for alarm_id, severity in severities.items()}


def _then(alarm: dict[str, Any], was: Life) -> Alarm:
    return Alarm(**alarm | {
        "severity": was.severity, "active": was.active, "acknowledged_at": was.acknowledged_at,
        "cleared_at": was.cleared_at, "closed_at": was.closed_at, "repeats": was.repeats, "assignee": was.assignee,
        "shelved_until": was.shelved_until})


_COUNTED = _HELD.format(columns="id, grid_code, severity")


def alarm_counts(connection: psycopg.Connection, at: datetime, within: str = "") -> dict[str, dict[str, int]]:
    """Count the alarms that were open at an instant, by grid and measure, as the roll-up counts those of now.

    Args:
        connection: inside a transaction; within its jurisdiction.
        at: server time.
        within: first digits of a grid code.
    """
    rows = connection.execute(_COUNTED, {"at": at, "classes": LIFE_CLASSES, "within": within}).fetchall()
    if not rows:
        return {}
    lives = _lives(connection, {row[0]: row[2] for row in rows}, at)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for alarm_id, grid, _ in rows:
        found[grid].update(measures_of(lives[alarm_id]))
    return {grid: dict(counts) for grid, counts in found.items()}


def measures_of(was: Alarm | Life) -> list[str]:
    """Return the measures that count an alarm that was open."""
    if was.shelved_until is not None:
        return ["alarms_shelved"]
    unseen = [f"unacknowledged_{was.severity}"] if was.acknowledged_at is None else []
    return [f"alarms_{was.severity}", *unseen]


# Rows: where each keeper was. The latest by the device's time of what had come in, as the live position is; a
# device's time runs ahead five minutes at most. Parameters: at, hours, within.
_KEEPERS = """
SELECT keeper.id, keeper.code, keeper.name, ST_X(spot.position) AS lon, ST_Y(spot.position) AS lat, spot.at,
       keeper.grid_code
FROM keeper, LATERAL (
    SELECT position, at FROM keeper_track AS track
    WHERE track.keeper_id = keeper.id AND track.received_at <= %(at)s
      AND track.received_at > %(at)s - make_interval(hours => %(hours)s, mins => 5)
      AND track.at > %(at)s - make_interval(hours => %(hours)s) AND track.at <= %(at)s + interval '5 minutes'
    ORDER BY track.at DESC LIMIT 1
) AS spot
WHERE keeper.grid_code >= %(within)s AND keeper.grid_code < %(within)s || ':'
ORDER BY keeper.code
"""


def keepers(connection: psycopg.Connection, at: datetime, within: str = "") -> list[dict[str, Any]]:
    """Return where each keeper was at an instant: degrees, EPSG:4490, and the device's time of the position."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_KEEPERS, {"at": at, "hours": KEEPER_HOURS, "within": within}).fetchall()


# Rows: grids in force at an instant; the outline of those that are so no more. Parameters: at, within, most.
_GRIDS = """
SELECT code, name, kind, valid_from, valid_to,
       CASE WHEN valid_to IS NOT NULL THEN ST_AsGeoJSON(geom, 7, 0)::json END AS geometry, count(*) OVER () AS total
FROM grid
WHERE valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) AND starts_with(code, %(within)s)
ORDER BY code LIMIT %(most)s
"""


def grids(connection: psycopg.Connection, at: datetime, within: str = "", most: int = 20_000,
          ) -> tuple[list[dict[str, Any]], int]:
    """Return the grids that were in force at an instant, and how many.

    Returns:
        ``geometry``: GeoJSON, EPSG:4490, of a grid that is not in force any more; the others are in the tiles.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_GRIDS, {"at": at, "within": within, "most": most}).fetchall()
    total = rows[0]["total"] if rows else 0
    for row in rows:
        del row["total"]
    return rows, total


# Rows: the latest instants at which grids began or ended. Parameters: most.
_BOUNDARIES = """
SELECT at FROM (
    SELECT valid_from AS at FROM grid UNION SELECT valid_to FROM grid WHERE valid_to IS NOT NULL
    ORDER BY at DESC LIMIT %s
) AS changed ORDER BY at
"""


def boundaries(connection: psycopg.Connection, most: int = 1000) -> list[datetime]:
    """Return when boundaries of grids changed, in order: between two of these instants all stand as they are."""
    return [at for at, in connection.execute(_BOUNDARIES, (most,))]


_FIRST_GRID = "SELECT min(valid_from) FROM grid"


def first_grid(connection: psycopg.Connection) -> datetime | None:
    """Return since when there are grids within the jurisdiction."""
    return connection.execute(_FIRST_GRID).fetchone()[0]
