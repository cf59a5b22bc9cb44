"""Events as of an instant of the past (历史时刻): which were there, in which state, and how many were open.

As of alarms (``past.py``), which were open is found without reading all history: see ``docs/rollup.md``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.rules.alarm_past import LIFE_CLASSES
from spatial.rules.events import DUE_AT, FINISHED_AT, UNFINISHED

MEASURES = ("events_open", "events_overdue")
"""Measures that the steps of events give for any instant of the past."""

# Rows: the state of an event of a row `event` above it by the last step up to an instant. Before its first step it is
# what that step found. Parameters: at.
_STATE = """
SELECT coalesce(
    (SELECT step.state FROM event_step AS step
     WHERE step.event_id = event.id AND step.at >= event.received_at AND step.at <= %(at)s
     ORDER BY step.at DESC, step.id DESC LIMIT 1),
    (SELECT step.state FROM event_step AS step WHERE step.event_id = event.id AND step.step = 'taken' LIMIT 1),
    event.state) AS state
"""

# Rows: {columns} of events that were on record and not finished at an instant, found as alarms are in past.py. One
# that was finished, returned and finished again is looked at for all of that time: its steps say whether it was open.
# Parameters: at, classes, first digits.
_UNFINISHED = f"""
SELECT {{columns}} FROM (
    SELECT * FROM event
    WHERE {UNFINISHED} AND received_at <= %(at)s AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
    UNION ALL
    SELECT finished.* FROM generate_series(0, %(classes)s - 1) AS class, LATERAL (
        SELECT * FROM event
        WHERE life_class = class AND received_at <= %(at)s AND {FINISHED_AT} > %(at)s
          AND received_at > CASE WHEN class < %(classes)s - 1 THEN %(at)s - power(4, class + 1) * interval '1 second'
                                 ELSE '-infinity'::timestamptz END
          AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
        OFFSET 0
    ) AS finished
) AS event, LATERAL ({_STATE}) AS taken
WHERE taken.{UNFINISHED}
"""

_COUNTED = f"""
SELECT grid_code, count(*), count(*) FILTER (WHERE {DUE_AT} <= %(at)s)
FROM ({_UNFINISHED.format(columns="event.grid_code, taken.state, accept_by, deadline")}) AS held GROUP BY grid_code
"""


def counts(connection: psycopg.Connection, at: datetime, within: str = "") -> dict[str, dict[str, int]]:
    """Count the events that were not finished at an instant, and those overdue, by grid and measure.

    When something was due is what their deadlines of now say.
    """
    rows = connection.execute(_COUNTED, {"at": at, "classes": LIFE_CLASSES, "within": within})
    return {grid: dict(zip(MEASURES, numbers, strict=True)) for grid, *numbers in rows}


_SHOWN = """event.id, event.class_code, taken.state, ST_X(event.geom) AS lon, ST_Y(event.geom) AS lat,
       event.occurred_at, event.received_at, event.grid_code"""

# Rows: events that came in within a stretch of time, the newest first, and how many. Parameters: start, at, within,
# most.
_OF_DAY = f"""
SELECT {_SHOWN}, total FROM (
    SELECT *, count(*) OVER () AS total FROM event
    WHERE received_at >= %(start)s AND received_at <= %(at)s
      AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
    ORDER BY received_at DESC, id DESC LIMIT %(most)s
) AS event, LATERAL ({_STATE}) AS taken
ORDER BY event.received_at DESC, event.id DESC
"""

# Rows: as above, of those that had come in before and were not finished; of all that were not finished, how many there
# were and how many overdue. One row without an event where there is none. Parameters: as above, classes.
_OF_BEFORE = f"""
WITH held AS MATERIALIZED ({_UNFINISHED.format(columns=f"{_SHOWN}, accept_by, deadline")}),
older AS (SELECT * FROM held WHERE received_at < %(start)s ORDER BY received_at DESC, id DESC LIMIT %(most)s)
SELECT older.id, older.class_code, older.state, older.lon, older.lat, older.occurred_at, older.received_at,
       older.grid_code, sums.*
FROM (SELECT count(*) AS events_open, count(*) FILTER (WHERE {DUE_AT} <= %(at)s) AS events_overdue,
             count(*) FILTER (WHERE received_at < %(start)s) AS total FROM held) AS sums
LEFT JOIN older ON true
ORDER BY older.received_at DESC, older.id DESC
"""


@dataclass(frozen=True)
class Shown:
    """The events of an instant: the newest of them in the state of then, how many there were, and what they count."""

    events: list[dict[str, Any]]
    total: int
    counts: dict[str, int]


def events(connection: psycopg.Connection, start: datetime, at: datetime, within: str = "", most: int = 5000) -> Shown:
    """Return the events of an instant: those that had come in since the beginning of the day, and older open ones.

    One whose steps nobody wrote down has its state of now; where it lies is where it lies today.

    Args:
        connection: inside a transaction.
        start: beginning of the day. at: server time.
        within: first digits of a grid code.
        most: the newest so many at most.
    """
    values = {"start": start, "at": at, "within": within, "most": most, "classes": LIFE_CLASSES}
    with connection.cursor(row_factory=dict_row) as cursor:
        of_day = cursor.execute(_OF_DAY, values).fetchall()
        older = cursor.execute(_OF_BEFORE, values).fetchall()
    total = (of_day[0]["total"] if of_day else 0) + older[0]["total"]
    found = [{name: value for name, value in row.items() if name not in ("total", *MEASURES)}
             for row in (*of_day, *older) if row["id"] is not None]
    return Shown(found[:most], total, {name: older[0][name] for name in MEASURES})
