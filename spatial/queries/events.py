"""Events: their points for the heat map, lists, one of them, its steps."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.errors import NotFound
from spatial.rules.events import UNFINISHED


@dataclass(frozen=True)
class Points:
    """Points of events as columns of equal length: degrees (EPSG:4490), class, epoch seconds."""

    lon: list[float]
    lat: list[float]
    class_code: list[str]
    at: list[int]
    total: int


# Rows: events of a time window within the jurisdiction, thinned by a hash of the id that
# does not depend on the window, so that the same points stay while it moves.
# Parameters: from, to (half-open), class prefix, share of 2^31 kept.
POINTS = """
SELECT round(ST_X(geom)::numeric, 6)::float8, round(ST_Y(geom)::numeric, 6)::float8, class_code,
       extract(epoch FROM occurred_at)::bigint
FROM event
WHERE occurred_at >= %s AND occurred_at < %s AND starts_with(class_code, %s)
  AND (hashint8(id) & 2147483647) < %s
ORDER BY occurred_at, id
"""

COUNT = """
SELECT count(*) FROM event
WHERE occurred_at >= %s AND occurred_at < %s AND starts_with(class_code, %s)
"""


def points(
    connection: psycopg.Connection, start: datetime, end: datetime, class_prefix: str = "",
    most: int = 50_000,
) -> Points:
    """Return the points of the events that occurred in a time window.

    Args:
        start, end: half-open window.
        class_prefix: beginning of the class code; empty for all.
        most: about this many at most; above it each event is kept with the same chance in
            every window. ``total`` tells how many there are.
    """
    total = connection.execute(COUNT, (start, end, class_prefix)).fetchone()[0]
    share = 2**31 if total <= most else int(2**31 * most / total)
    rows = connection.execute(POINTS, (start, end, class_prefix, share)).fetchall()
    lon, lat, class_code, at = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    return Points(lon, lat, class_code, at, total)


@dataclass(frozen=True)
class Event:
    """One event with its class and keeper. ``lon``, ``lat``: degrees, EPSG:4490.

    ``title`` and ``place`` are what people wrote: not for everybody. ``class_known``: its minor class is on record;
    else it is treated as its major class says. ``overdue``: what is due next is late.
    """

    id: int
    source: str
    code: str
    class_code: str
    class_name: str | None
    class_name_en: str | None
    class_known: bool
    origin: str
    state: str
    title: str
    place: str | None
    held: str | None
    building_id: int | None
    lon: float
    lat: float
    area_code: str
    grid_code: str
    keeper: str | None
    keeper_name: str | None
    occurred_at: datetime
    received_at: datetime
    accept_by: datetime | None
    deadline: datetime | None
    due_at: datetime | None
    overdue: bool
    dispatched_at: datetime | None
    accepted_at: datetime | None
    done_at: datetime | None
    closed_at: datetime | None
    version: int


COLUMNS = """
SELECT event.id, event.source, event.code, class_code, coalesce(minor.name, major.name) AS class_name,
       coalesce(minor.name_en, major.name_en) AS class_name_en, minor.code IS NOT NULL AS class_known, origin, state,
       title, place, held, building_id, ST_X(geom) AS lon, ST_Y(geom) AS lat, event.area_code, event.grid_code,
       keeper.code AS keeper, keeper.name AS keeper_name, occurred_at, received_at, accept_by, deadline, due_at,
       coalesce(due_at < now(), false) AS overdue, dispatched_at, accepted_at, done_at, closed_at, version
FROM event
LEFT JOIN event_class AS minor ON minor.code = class_code
LEFT JOIN event_class AS major ON major.code = left(class_code, 2)
LEFT JOIN keeper ON keeper.id = event.keeper_id
"""

ONE = COLUMNS + "WHERE event.id = %s"


def get(connection: psycopg.Connection, event_id: int) -> Event:
    """Return one event.

    Raises:
        NotFound: no such event, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        event = cursor.execute(ONE, (event_id,)).fetchone()
    if event is None:
        raise NotFound(f"There is no event {event_id}.", "It may have been deleted, or lie outside your area.")
    return event


@dataclass(frozen=True)
class Wanted:
    """Which events; None asks for nothing.

    Attributes:
        state: one of the states, or ``unfinished`` for all but done and closed.
        class_prefix, grid_prefix: first digits of codes; empty for all.
        keeper: code of a keeper.
        overdue: True for those of which something is late.
        start, end: half-open window of ``occurred_at``.
        after: the event (``occurred_at``, id) after which the page begins.
    """

    state: str | None = None
    class_prefix: str = ""
    grid_prefix: str = ""
    keeper: str | None = None
    overdue: bool = False
    start: datetime | None = None
    end: datetime | None = None
    after: tuple[datetime, int] | None = None


CONDITIONS = {
    "state": "state = %(state)s",
    "class_prefix": "class_code >= %(class_prefix)s AND class_code < %(class_prefix)s || ':'",
    "grid_prefix": "event.grid_code >= %(grid_prefix)s AND event.grid_code < %(grid_prefix)s || ':'",
    "keeper": "event.keeper_id = (SELECT id FROM keeper WHERE code = %(keeper)s)",
    "overdue": "due_at < now()",
    "start": "occurred_at >= %(start)s",
    "end": "occurred_at < %(end)s",
    "after": "(occurred_at, event.id) < (%(after_at)s, %(after_id)s)",
}


def find(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[Event]:
    """List events within the jurisdiction, the latest first.

    Args:
        wanted: which. most: events at most; the next page begins after the last of them.
    """
    conditions = {name: CONDITIONS[name] for name, value in vars(wanted).items() if value}
    if wanted.state == "unfinished":
        conditions["state"] = UNFINISHED
    after_at, after_id = wanted.after or (None, None)
    where = f"WHERE {' AND '.join(conditions.values())}" if conditions else ""
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(f"{COLUMNS} {where} ORDER BY occurred_at DESC, event.id DESC LIMIT %(most)s",
                              {**vars(wanted), "after_at": after_at, "after_id": after_id, "most": most}).fetchall()


@dataclass(frozen=True)
class Step:
    """One step of an event's life as it is on record. ``keeper``: whom it is with after it."""

    id: int
    step: str
    state: str
    account: str
    keeper: str | None
    note: str | None
    at: datetime


STEPS = """
SELECT event_step.id, step, state, account, keeper.code AS keeper, note, at
FROM event_step LEFT JOIN keeper ON keeper.id = keeper_id
WHERE event_id = %s ORDER BY event_step.id LIMIT 1000
"""


def steps(connection: psycopg.Connection, event_id: int) -> list[Step]:
    """Return the steps of an event's life, in order.

    Raises:
        NotFound: no such event, or none within the jurisdiction.
    """
    get(connection, event_id)
    with connection.cursor(row_factory=class_row(Step)) as cursor:
        return cursor.execute(STEPS, (event_id,)).fetchall()


def as_json(thing: Event | Step, *, written: bool) -> dict[str, object]:
    """Return an event or a step as the interface sends it: times in ISO 8601.

    Args:
        thing: what. written: with what people wrote: title, place and note; else these are null.
    """
    fields = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(thing).items()}
    return fields if written else {name: None if name in WRITTEN else value for name, value in fields.items()}


WRITTEN = ("title", "place", "note")
"""Fields that people wrote: names and telephones may be in them."""
