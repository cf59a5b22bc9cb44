"""Lists of alarms: those open, one building's, and any by filters and page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from spatial.queries.alarms.record import COLUMNS, Alarm
from spatial.rules.alarms import SEVERITIES

# Rows: of one severity the newest first, by an index of their own from its end. Sorted together with those
# acknowledged, 200,000 open alarms took half a second. Parameters: severity, limit.
UNACKNOWLEDGED = COLUMNS + """
WHERE alarm.closed_at IS NULL AND alarm.acknowledged_at IS NULL AND alarm.severity = %s
ORDER BY alarm.id DESC LIMIT %s
"""

ACKNOWLEDGED = COLUMNS + """
WHERE alarm.closed_at IS NULL AND alarm.acknowledged_at IS NOT NULL ORDER BY alarm.id DESC LIMIT %s
"""


def open_alarms(connection: psycopg.Connection, limit: int = 1000) -> list[Alarm]:
    """List alarms that are not closed: unacknowledged first, the worst of them first; then the newest first."""
    found: list[Alarm] = []
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        for severity in SEVERITIES:
            if len(found) < limit:
                found += cursor.execute(UNACKNOWLEDGED, (severity, limit - len(found))).fetchall()
        if len(found) < limit:
            found += cursor.execute(ACKNOWLEDGED, (limit - len(found),)).fetchall()
    return found


# Parameters: severity, limit.
ACKNOWLEDGED_OF = COLUMNS + """
WHERE alarm.closed_at IS NULL AND alarm.acknowledged_at IS NOT NULL AND alarm.severity = %s
ORDER BY alarm.id DESC LIMIT %s
"""


def worst_open(connection: psycopg.Connection, limit: int) -> list[Alarm]:
    """List alarms that are not closed, the worst first; of one severity the unacknowledged first, then the newest.

    For those who take over: what is being handled goes on, and a minor alarm that nobody has seen is not more urgent.
    """
    found: list[Alarm] = []
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        for severity in SEVERITIES:
            for statement in (UNACKNOWLEDGED, ACKNOWLEDGED_OF):
                if len(found) < limit:
                    found += cursor.execute(statement, (severity, limit - len(found))).fetchall()
    return found


COUNT_OPEN = "SELECT count(*) FROM alarm WHERE closed_at IS NULL"


def count_open(connection: psycopg.Connection) -> int:
    """Count the alarms that are not closed."""
    return connection.execute(COUNT_OPEN).fetchone()[0]


OF_BUILDING = COLUMNS + """
WHERE alarm.building_id = %s AND alarm.closed_at IS NULL
ORDER BY alarm.received_at DESC, alarm.id DESC
"""


def of_building(connection: psycopg.Connection, building_id: int) -> list[Alarm]:
    """List a building's alarms that are not closed, the newest first."""
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(OF_BUILDING, (building_id,)).fetchall()


OF_DEVICE = COLUMNS + """
WHERE alarm.device_id = %s AND alarm.closed_at IS NULL
ORDER BY alarm.received_at DESC, alarm.id DESC
"""


def of_device(connection: psycopg.Connection, device_id: int) -> list[Alarm]:
    """List a device's alarms that are not closed, the newest first."""
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(OF_DEVICE, (device_id,)).fetchall()


@dataclass(frozen=True)
class Filter:
    """Which alarms; what is None or empty filters nothing.

    Attributes:
        state: ``open`` (not closed), ``all``, or one of the other keys of ``IN_STATE``.
        severities, types: words that are wanted.
        code: beginning of a grid code. assignee: an account; empty for alarms that nobody was given.
        group: id of a group. shelved: whether they are put aside now.
        device: code of a device.
        start, end: half-open window of the server's time.
    """

    state: str = "open"
    severities: Sequence[str] = ()
    types: Sequence[str] = ()
    code: str = ""
    assignee: str | None = None
    group: int | None = None
    shelved: bool | None = None
    device: str | None = None
    start: datetime | None = None
    end: datetime | None = None


IN_STATE = {
    "open": "alarm.closed_at IS NULL",
    "all": "true",
    "active_unack": "alarm.closed_at IS NULL AND alarm.active AND alarm.acknowledged_at IS NULL",
    "active_ack": "alarm.closed_at IS NULL AND alarm.active AND alarm.acknowledged_at IS NOT NULL",
    "cleared_unack": "alarm.closed_at IS NULL AND NOT alarm.active AND alarm.acknowledged_at IS NULL",
    "cleared_ack": "alarm.closed_at IS NULL AND NOT alarm.active AND alarm.acknowledged_at IS NOT NULL",
    "closed": "alarm.closed_at IS NOT NULL",
}
"""The condition of each state (``spatial.rules.alarms.state``)."""


def page(connection: psycopg.Connection, wanted: Filter, after: int | None, limit: int) -> list[Alarm]:
    """List alarms, the newest first, page by page.

    Args:
        connection: whose jurisdiction bounds the list.
        wanted: which alarms.
        after: id of the last alarm of the page before; None for the first page.
        limit: alarms at most.
    """
    conditions, values = _conditions(wanted)
    if after is not None:
        conditions.append("alarm.id < %(after)s")
        values["after"] = after
    statement = sql.SQL(COLUMNS + "WHERE {} ORDER BY alarm.id DESC LIMIT %(limit)s").format(
        sql.SQL(" AND ").join(map(sql.SQL, conditions)))
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(statement, values | {"limit": limit}).fetchall()


def count(connection: psycopg.Connection, wanted: Filter) -> int:
    """Count the alarms that a filter lets through."""
    conditions, values = _conditions(wanted)
    statement = sql.SQL("SELECT count(*) FROM alarm LEFT JOIN device ON device.id = alarm.device_id WHERE {}").format(
        sql.SQL(" AND ").join(map(sql.SQL, conditions)))
    return connection.execute(statement, values).fetchone()[0]


def _conditions(wanted: Filter) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions of a filter, texts of this module alone, and the values to bind."""
    given: list[tuple[bool, str, str, Any]] = [
        (bool(wanted.severities), "alarm.severity = ANY(%(severities)s)", "severities", list(wanted.severities)),
        (bool(wanted.types), "alarm.type = ANY(%(types)s)", "types", list(wanted.types)),
        # The character after 9 ends the range of all longer codes (``Scope.literal``).
        (bool(wanted.code), "alarm.grid_code >= %(code)s AND alarm.grid_code < %(code)s || ':'", "code", wanted.code),
        (wanted.assignee is not None, "coalesce(alarm.assignee, '') = %(assignee)s", "assignee", wanted.assignee),
        (wanted.group is not None, "alarm.group_id = %(group)s", "group", wanted.group),
        (wanted.shelved is not None, "(alarm.shelved_until IS NOT NULL) = %(shelved)s", "shelved", wanted.shelved),
        (wanted.device is not None, "device.code = %(device)s", "device", wanted.device),
        (wanted.start is not None, "alarm.received_at >= %(start)s", "start", wanted.start),
        (wanted.end is not None, "alarm.received_at < %(end)s", "end", wanted.end),
    ]
    used = [(text, name, value) for use, text, name, value in given if use]
    return [IN_STATE[wanted.state], *(text for text, _, _ in used)], {name: value for _, name, value in used}


@dataclass(frozen=True)
class Step:
    """One thing that happened to an alarm: who, what, when (server's time), and what the word does not say."""

    step: str
    account: str
    at: datetime
    note: str | None
    detail: dict[str, Any]


# The first time bounds the partitions that are looked at: no step is older than its alarm.
LAST_STEPS = """
SELECT step, account, at, note, detail FROM alarm_step
WHERE alarm_id = %(alarm)s AND at >= (SELECT received_at - interval '1 day' FROM alarm WHERE id = %(alarm)s)
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""


def last_steps(connection: psycopg.Connection, alarm_id: int, limit: int) -> list[Step]:
    """List what happened to an alarm last, the newest first."""
    with connection.cursor(row_factory=class_row(Step)) as cursor:
        return cursor.execute(LAST_STEPS, {"alarm": alarm_id, "limit": limit}).fetchall()


def steps_of(connection: psycopg.Connection, alarm_id: int, limit: int = 1000) -> list[Step]:
    """List what happened to an alarm, in order; of one with very many repeats the newest ones."""
    return last_steps(connection, alarm_id, limit)[::-1]


@dataclass(frozen=True)
class AlarmType:
    """A type of alarm in both languages; seconds as in ``spatial.models.alarms``."""

    type: str
    name: str
    name_en: str
    auto_clear_s: int | None
    response_s: int | None
    advice: str | None
    advice_en: str | None


TYPES = "SELECT type, name, name_en, auto_clear_s, response_s, advice, advice_en FROM alarm_type ORDER BY type"


def types(connection: psycopg.Connection) -> list[AlarmType]:
    """List the types of alarm on record."""
    with connection.cursor(row_factory=class_row(AlarmType)) as cursor:
        return cursor.execute(TYPES).fetchall()


LONGEST = timedelta(days=31)
"""Longest window of the server's time that is asked at once for alarms that are closed."""
