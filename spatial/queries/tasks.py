"""Tasks (工作清单): the worklists of keepers, one task, its steps."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.errors import NotFound


@dataclass(frozen=True)
class Task:
    """One task with its keeper and place. ``title``, ``note`` and ``result`` are what people wrote.

    ``lon``, ``lat``: a point on its target, degrees, EPSG:4490; None where the target has left the record.
    """

    id: int
    kind: str
    state: str
    title: str
    keeper: str | None
    keeper_name: str | None
    target_kind: str
    target_id: int | None
    building_id: int | None
    building_code: str | None
    building_name: str | None
    unit: str | None
    floor: int | None
    room: str | None
    lon: float | None
    lat: float | None
    area_code: str
    grid_code: str
    due_at: datetime
    overdue: bool
    done_at: datetime | None
    result: str | None
    note: str | None
    created_by: str
    created_at: datetime
    version: int


COLUMNS = """
SELECT task.id, task.kind, task.state, task.title, keeper.code AS keeper, keeper.name AS keeper_name, target_kind,
       target_id, building.id AS building_id, building.code AS building_code,
       coalesce(building.name, building.address) AS building_name, unit.number AS unit, room.floor,
       room.number AS room, ST_X(spot.point) AS lon, ST_Y(spot.point) AS lat, task.area_code, task.grid_code,
       task.due_at, task.state = 'due' AND task.due_at < now() AS overdue, task.done_at, result, task.note,
       created_by, created_at, task.version
FROM task
LEFT JOIN keeper ON keeper.id = task.keeper_id
LEFT JOIN building ON building.id = task.building_id
LEFT JOIN household ON household.id = task.household_id
LEFT JOIN room ON room.id = coalesce(task.room_id, household.room_id)
LEFT JOIN unit ON unit.id = room.unit_id
LEFT JOIN event ON event.id = task.event_id
LEFT JOIN facility ON facility.id = task.facility_id
CROSS JOIN LATERAL (
    SELECT coalesce(event.geom, ST_PointOnSurface(facility.geom), ST_PointOnSurface(building.footprint)) AS point
) AS spot
"""

ONE = COLUMNS + "WHERE task.id = %s"


def get(connection: psycopg.Connection, task_id: int) -> Task:
    """Return one task.

    Raises:
        NotFound: no such task, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Task)) as cursor:
        task = cursor.execute(ONE, (task_id,)).fetchone()
    if task is None:
        raise NotFound(f"There is no task {task_id}.", "It may have been deleted, or lie outside your area.")
    return task


@dataclass(frozen=True)
class Wanted:
    """Which tasks; None asks for nothing.

    Attributes:
        keeper: code. state: one of the states, or ``overdue``. kind: one of the kinds.
        grid_prefix: first digits of a grid code.
        due_before: due before this instant.
        event: id of the event that made it.
        after: the task (``due_at``, id) after which the page begins.
    """

    keeper: str | None = None
    state: str | None = None
    kind: str | None = None
    grid_prefix: str = ""
    due_before: datetime | None = None
    event: int | None = None
    after: tuple[datetime, int] | None = None


CONDITIONS = {
    "keeper": "task.keeper_id = (SELECT id FROM keeper WHERE code = %(keeper)s)",
    "state": "task.state = %(state)s",
    "kind": "task.kind = %(kind)s",
    "grid_prefix": "task.grid_code >= %(grid_prefix)s AND task.grid_code < %(grid_prefix)s || ':'",
    "due_before": "task.due_at < %(due_before)s",
    "event": "task.event_id = %(event)s",
    "after": "(task.due_at, task.id) > (%(after_at)s, %(after_id)s)",
}
OVERDUE = "task.state = 'due' AND task.due_at < now()"


def find(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[Task]:
    """List tasks within the jurisdiction, what is due first before the rest; at most so many."""
    conditions = {name: CONDITIONS[name] for name, value in vars(wanted).items() if value}
    if wanted.state == "overdue":
        conditions["state"] = OVERDUE
    after_at, after_id = wanted.after or (None, None)
    where = f"WHERE {' AND '.join(conditions.values())}" if conditions else ""
    with connection.cursor(row_factory=class_row(Task)) as cursor:
        return cursor.execute(f"{COLUMNS} {where} ORDER BY task.due_at, task.id LIMIT %(most)s",
                              {**vars(wanted), "after_at": after_at, "after_id": after_id, "most": most}).fetchall()


@dataclass(frozen=True)
class Recorded:
    """One step of a task's life as it is on record. ``keeper``: whom it is with after it."""

    id: int
    step: str
    account: str
    keeper: str | None
    note: str | None
    at: datetime


STEPS = """
SELECT task_step.id, step, account, keeper.code AS keeper, note, at
FROM task_step LEFT JOIN keeper ON keeper.id = keeper_id
WHERE task_id = %s ORDER BY task_step.id LIMIT 1000
"""


def steps(connection: psycopg.Connection, task_id: int) -> list[Recorded]:
    """Return the steps of a task's life, in order.

    Raises:
        NotFound: no such task, or none within the jurisdiction.
    """
    get(connection, task_id)
    with connection.cursor(row_factory=class_row(Recorded)) as cursor:
        return cursor.execute(STEPS, (task_id,)).fetchall()


WRITTEN = ("title", "note", "result")
"""Fields that people wrote: names and telephones may be in them."""


def as_json(thing: Task | Recorded, *, written: bool) -> dict[str, object]:
    """Return a task or a step as the interface sends it; without what people wrote where ``written`` is False."""
    fields = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(thing).items()}
    return fields if written else {name: None if name in WRITTEN else value for name, value in fields.items()}
