"""What changed since the last shift (交接班): figures of a stretch of time, and what is still open at its end."""

from collections import Counter
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.queries import alarms, device_states, warnings
from spatial.queries.alarms import Alarm
from spatial.queries.event_life import IMPORTER
from spatial.rules.alarms import SEVERITIES
from spatial.rules.events import UNFINISHED
from spatial.rules.freshness import FRESHNESS

LISTED = 20
"""Of what is still open, so many are named."""

STEPS = ("acknowledged", "cleared", "closed", "shelved", "commented")
"""Steps of alarms that are counted."""

Json = dict[str, Any]

# Rows: severity, alarms that came in, of them still open, median seconds until somebody had acknowledged them.
# Parameters: since, until.
_RAISED = """
SELECT severity, count(*), count(*) FILTER (WHERE closed_at IS NULL),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - received_at))
FROM alarm WHERE received_at >= %(since)s AND received_at < %(until)s GROUP BY severity
"""

# Rows: step of alarms, how often. Parameters: since, until.
_STEPS = "SELECT step, count(*) FROM alarm_step WHERE at >= %(since)s AND at < %(until)s GROUP BY step"

# Rows: severity, open alarms, of them unacknowledged.
_OPEN = """
SELECT severity, count(*), count(*) FILTER (WHERE acknowledged_at IS NULL) FROM alarm WHERE closed_at IS NULL
GROUP BY severity
"""

# One row: events that came in; that were done; not finished at all; overdue. An import brings events of months: for
# those that came by one it counts when they occurred. Parameters: since, until, importer.
_EVENTS = f"""
SELECT (SELECT count(*) FROM event_step
        WHERE step = 'taken' AND account <> %(importer)s AND at >= %(since)s AND at < %(until)s)
       + (SELECT count(*) FROM event WHERE occurred_at >= %(since)s AND occurred_at < %(until)s AND NOT EXISTS (
            SELECT FROM event_step AS step
            WHERE step.event_id = event.id AND step.step = 'taken' AND step.account <> %(importer)s)) AS received,
       (SELECT count(DISTINCT event_id) FROM event_step
        WHERE step = 'done' AND at >= %(since)s AND at < %(until)s) AS done,
       (SELECT count(*) FROM event WHERE {UNFINISHED}) AS open,
       (SELECT count(*) FROM event WHERE due_at <= now()) AS overdue
"""

# Rows: events that are overdue, those for the longest time first. Parameters: most.
_OVERDUE = """
SELECT event.id, event.code, event.class_code, class.name AS class_name, class.name_en AS class_name_en, event.state,
       event.due_at, event.grid_code, grid.name AS grid_name
FROM event
LEFT JOIN event_class AS class ON class.code = event.class_code
LEFT JOIN grid ON grid.code = event.grid_code AND grid.valid_to IS NULL
WHERE event.due_at <= now()
ORDER BY event.due_at, event.id LIMIT %(most)s
"""

# One row: tasks that were done, and those that are overdue. Parameters: since, until.
_TASKS = """
SELECT (SELECT count(*) FROM task WHERE done_at >= %(since)s AND done_at < %(until)s AND state = 'done') AS done,
       (SELECT count(*) FROM task WHERE state = 'due' AND due_at <= now()) AS overdue
"""

# One row: grids that were drawn anew or given up; one that came on record is no change of it. Parameters: since, until.
_GRIDS = """
SELECT count(DISTINCT code) AS redrawn FROM grid
WHERE valid_to >= %(since)s AND valid_to < %(until)s
"""


def changes(connection: psycopg.Connection, since: datetime, until: datetime) -> Json:
    """Return what changed between two instants of the server's time within the jurisdiction.

    Args:
        connection: inside a transaction.
        since, until: half-open; what is open or overdue is counted as it is now.

    Returns:
        ``alarms``: raised by severity, steps, median seconds to acknowledgement, what is open, the most urgent of them;
        ``events``, ``tasks``, ``devices`` (by freshness, now), ``warnings`` (in force now, those of the time),
        ``grids``.
    """
    time = {"since": since, "until": until}
    return {
        "alarms": _alarms(connection, time),
        "events": _events(connection, time),
        "tasks": _row(connection, _TASKS, time),
        "devices": _devices(connection),
        "warnings": _warnings(connection, since, until),
        "grids": _row(connection, _GRIDS, time),
    }


def _row(connection: psycopg.Connection, statement: str, values: Json) -> Json:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchone()


def _alarms(connection: psycopg.Connection, time: Json) -> Json:
    raised = {severity: row for severity, *row in connection.execute(_RAISED, time)}
    raised = {severity: raised[severity] for severity in SEVERITIES if severity in raised}
    steps = dict(connection.execute(_STEPS, time).fetchall())
    held = {severity: row for severity, *row in connection.execute(_OPEN)}
    return {
        "raised": {severity: count for severity, (count, _, _) in raised.items()},
        "raised_still_open": sum(still for _, still, _ in raised.values()),
        "acknowledged_after_s": {severity: round(median) for severity, (_, _, median) in raised.items()
                                 if median is not None},
        "steps": {word: steps.get(word, 0) for word in STEPS},
        "open": {severity: {"open": held[severity][0], "unacknowledged": held[severity][1]}
                 for severity in SEVERITIES if severity in held},
        "urgent": [_urgent(one) for one in alarms.worst_open(connection, LISTED)],
    }


def _urgent(alarm: Alarm) -> Json:
    told = alarms.as_json(alarm)
    return {name: told.get(name) for name in (
        "id", "severity", "type", "state", "building_name", "building_code", "address", "unit", "room", "floor",
        "device_name", "grid_code", "occurred_at", "assignee")}


def _events(connection: psycopg.Connection, time: Json) -> Json:
    with connection.cursor(row_factory=dict_row) as cursor:
        late = cursor.execute(_OVERDUE, {"most": LISTED}).fetchall()
    return _row(connection, _EVENTS, time | {"importer": IMPORTER}) | {
        "longest_overdue": [{**one, "due_at": one["due_at"].isoformat()} for one in late]}


def _devices(connection: psycopg.Connection) -> Json:
    """Return how many devices there are by freshness, as it is now."""
    found: Counter[str] = Counter()
    for kind in device_states.counts(connection):
        found.update({name: kind[name] for name in FRESHNESS})
    return dict(found)


def _warnings(connection: psycopg.Connection, since: datetime, until: datetime) -> Json:
    in_force = warnings.in_state(connection, "in_force", ["Actual"], 0, LISTED)
    of_time = warnings.in_window(connection, since, until, ["Actual"], 0, LISTED)
    return {"in_force": [_warned(one) for one in in_force], "of_the_time": [_warned(one) for one in of_time]}


def _warned(warning: warnings.Warning_) -> Json:
    told = warnings.as_json(warning, texts=False)
    return {name: told.get(name) for name in (
        "id", "event", "severity", "colour", "area_desc", "begins_at", "ends_at", "state")}
