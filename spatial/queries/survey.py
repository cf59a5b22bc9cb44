"""Rooms still to survey (待采集户室): those without a required field, and those that should be there and are not.

What is required is data (table ``entry_requirement``, kind ``housing``); how many there should be was declared (table
``expected``). A survey of a room is over when its row has every required field, one of a building when no room is
missing: triggers mark the survey when rooms or requirements change, and a job looks (:func:`finish`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from spatial.queries import entry_rate, event_life, task_life, task_writes
from spatial.queries.event_intake import Fault

KIND = "housing"


@dataclass(frozen=True)
class Room:
    """A room on record that lacks required fields. ``task_id``: of its open survey; None where there is none."""

    id: int
    building_id: int
    building_code: str
    building_name: str | None
    unit: str
    floor: int
    number: str
    grid_code: str
    missing: list[str]
    task_id: int | None


@dataclass(frozen=True)
class Gap:
    """A building, or a storey of one, with fewer rooms on record than were declared.

    ``floor``: storey; None where only a total of the building was declared. ``task_id``: of the building's open survey.
    """

    building_id: int
    building_code: str
    building_name: str | None
    grid_code: str
    floor: int | None
    expected: int
    recorded: int
    task_id: int | None


@dataclass(frozen=True)
class Worklist:
    """Rooms and gaps of one page of buildings. ``next``: code of its last building; None on the last page."""

    required: list[str]
    rooms: list[Room]
    gaps: list[Gap]
    next: str | None


# Rows: a page of buildings. Parameters: code of one or null, first digits of a grid code, code after which, limit.
BUILDINGS = """
SELECT id, code FROM building
WHERE (%(building)s::text IS NULL OR code = %(building)s) AND code > %(after)s
  AND grid_code >= %(grid)s AND grid_code < %(grid)s || ':'
ORDER BY code LIMIT %(most)s
"""

# Rows: by building, unit, storey, number. Parameters: ids of buildings.
_ROOMS = """
SELECT one.id, building.id AS building_id, building.code AS building_code,
       coalesce(building.name, building.address) AS building_name, unit.number AS unit, one.floor, one.number,
       one.grid_code, array_remove(ARRAY[{lacks}]::text[], NULL) AS missing, task.id AS task_id
FROM room AS one
JOIN building ON building.id = one.building_id
JOIN unit ON unit.id = one.unit_id
LEFT JOIN task ON task.target_kind = 'room' AND task.target_id = one.id AND task.kind = 'survey' AND task.state = 'due'
WHERE one.building_id = ANY(%s) AND NOT ({complete})
ORDER BY building.code, unit.number, one.floor, one.number
"""

# Rows: storeys, or whole buildings, with fewer rooms than the latest declaration says. Parameters: ids of buildings.
GAPS = """
SELECT building.id AS building_id, building.code AS building_code,
       coalesce(building.name, building.address) AS building_name, building.grid_code, part.floor,
       declared.value::int AS expected, part.recorded, task.id AS task_id
FROM building
JOIN LATERAL (
    SELECT basis, value FROM expected
    WHERE building_id = building.id AND kind = 'housing' AND as_of <= shapan_today()
    ORDER BY as_of DESC, id DESC LIMIT 1
) AS declared ON true
CROSS JOIN LATERAL (
    SELECT storey AS floor,
           (SELECT count(*) FROM room WHERE room.building_id = building.id AND room.floor = storey)::int AS recorded
    FROM generate_series(1, building.floors_above) AS storey WHERE declared.basis = 'rooms_per_floor'
    UNION ALL
    SELECT NULL, (SELECT count(*) FROM room WHERE room.building_id = building.id)::int WHERE declared.basis = 'total'
) AS part
LEFT JOIN task ON task.target_kind = 'building' AND task.target_id = building.id AND task.kind = 'survey'
     AND task.state = 'due'
WHERE building.id = ANY(%s) AND part.recorded < declared.value
ORDER BY building.code, part.floor
"""


def worklist(connection: psycopg.Connection, building: str | None = None, grid_prefix: str = "", after: str = "",
             most: int = 50) -> Worklist:
    """List rooms still to survey, building by building, unit by unit, storey by storey.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        building: code of one building; None for all.
        grid_prefix: first digits of a grid code: 15 of a grid, 12 of a community.
        after: code of the building after which the page begins.
        most: buildings looked at for a page.
    """
    fields = entry_rate.required(connection, KIND)
    values = {"building": building, "grid": grid_prefix, "after": after, "most": most}
    buildings = connection.execute(BUILDINGS, values).fetchall()
    ids = [row[0] for row in buildings]
    with connection.cursor(row_factory=class_row(Room)) as cursor:
        rooms = cursor.execute(_rooms(fields), (ids,)).fetchall()
    with connection.cursor(row_factory=class_row(Gap)) as cursor:
        gaps = cursor.execute(GAPS, (ids,)).fetchall()
    return Worklist(fields, rooms, gaps, buildings[-1][1] if len(buildings) == most else None)


def _rooms(fields: list[str]) -> sql.Composed:
    lacks = [sql.SQL("CASE WHEN NOT ({}) THEN {} END").format(entry_rate.filled(field), sql.Literal(field))
             for field in fields]
    return sql.SQL(_ROOMS).format(lacks=sql.SQL(", ").join(lacks), complete=entry_rate.complete(fields))


# Rows: id of each room, what it is called, whether it has all required fields. Parameters: ids.
_CALLED = """
SELECT one.id, concat_ws(' ', coalesce(building.name, building.address, building.code), unit.number, one.number),
       {complete}
FROM room AS one JOIN building ON building.id = one.building_id JOIN unit ON unit.id = one.unit_id
WHERE one.id = ANY(%s)
"""
BUILDING_CALLED = "SELECT id, coalesce(name, address, code) FROM building WHERE id = ANY(%s)"


def assign(connection: psycopg.Connection, rooms: Sequence[int], buildings: Sequence[int], due_at: datetime,
           account: str, keeper: str | None = None) -> task_life.Made:
    """Make surveys of some rooms and, for rooms that are missing, of some buildings; one open survey for each.

    Args:
        connection: inside the caller's transaction.
        rooms, buildings: ids. due_at: until when. account: who asks.
        keeper: code; None for the keeper of each one's grid.

    Returns:
        What became of rooms, then buildings; positions count through both.
    """
    complete = entry_rate.complete(entry_rate.required(connection, KIND))
    called = {row[0]: row[1:] for row in connection.execute(sql.SQL(_CALLED).format(complete=complete), (list(rooms),))}
    houses = dict(connection.execute(BUILDING_CALLED, (list(buildings),)).fetchall())
    faults = [Fault(n, "rooms", str(one), "has every required field", "Leave it out.")
              for n, one in enumerate(rooms) if called.get(one, (None, False))[1]]
    refused = {fault.index for fault in faults}
    wanted = [*(("room", one, called.get(one, ("",))[0]) for one in rooms),
              *(("building", one, houses.get(one, "")) for one in buildings)]
    kept = [n for n in range(len(wanted)) if n not in refused]
    made = task_life.create(connection, [task_life.New("survey", wanted[n][2], *wanted[n][:2], due_at, keeper)
                                         for n in kept], account)
    faults += [Fault(kept[fault.index], fault.field, fault.value, fault.reason, fault.cure) for fault in made.faults]
    return task_life.Made({kept[n]: task_id for n, task_id in made.ids.items()}, made.known,
                          sorted(faults, key=lambda fault: fault.index))


# Rows: surveys whose rooms or requirements changed since somebody looked. Parameters: limit.
LOOK = """
UPDATE task SET looked_at = true
WHERE id IN (SELECT id FROM task WHERE NOT looked_at AND state = 'due' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, target_kind, target_id
"""

# Rows: ids of rooms that have all required fields. Parameters: ids.
_COMPLETE = "SELECT one.id FROM room AS one WHERE one.id = ANY(%s) AND {complete}"

# Rows: ids of the tasks that were open. Parameters: ids.
FINISH = """
UPDATE task SET state = 'done', done_at = now(), version = version + 1 WHERE id = ANY(%s) AND state = 'due' RETURNING id
"""


def finish(connection: psycopg.Connection, most: int = 1000) -> list[int]:
    """Finish the surveys of what is complete now; return their ids. The caller commits."""
    looked = connection.execute(LOOK, (most,)).fetchall()
    if not looked:
        return []
    complete = entry_rate.complete(entry_rate.required(connection, KIND))
    rooms = [target for _, kind, target in looked if kind == "room"]
    houses = [target for _, kind, target in looked if kind == "building"]
    whole = {("room", row[0])
             for row in connection.execute(sql.SQL(_COMPLETE).format(complete=complete), (rooms,))}
    gaps = {row[0] for row in connection.execute(GAPS, (houses,))}
    whole |= {("building", house) for house in houses if house not in gaps}
    done = [task_id for task_id, kind, target in looked if (kind, target) in whole]
    ids = sorted(row[0] for row in connection.execute(FINISH, (done,)))
    task_writes.record(connection, ids, "done", event_life.SYSTEM, "what it asked for is on record")
    return ids
