"""Rooms around one room: of its riser, of its storey; and the devices there."""

from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from spatial.rules.risers import Neighbours, Place, column, neighbours, position, storey

SAME_COLUMN_M = 5.0
"""Within so many metres on the plan two devices are taken to be on one riser, where no room numbers tell."""

DEVICES_MOST = 50

Json = dict[str, Any]


@dataclass(frozen=True)
class Unit:
    """A unit (单元). ``floors``: how many storeys."""

    id: int
    number: str
    floors: int | None


@dataclass(frozen=True)
class Room:
    """A room. ``floor``: storey, negative below ground; ``area_m2``: square metres."""

    id: int
    number: str
    floor: int
    use: str
    tenure: str
    area_m2: float | None


# One row. Parameters: building id, number of the unit.
UNIT = "SELECT id, number, floors FROM unit WHERE building_id = %s AND number = %s"

# One row. Parameters: unit id, number of the room.
ROOM = "SELECT id, number, floor, use, tenure, area_m2 FROM room WHERE unit_id = %s AND number = %s"


def find(connection: psycopg.Connection, building_id: int | None, unit: str | None, room: str | None,
         ) -> tuple[Unit | None, Room | None]:
    """Return the unit and the room of some numbers in a building; None for what is not known or not on record."""
    if building_id is None or unit is None:
        return None, None
    with connection.cursor(row_factory=class_row(Unit)) as cursor:
        found = cursor.execute(UNIT, (building_id, unit)).fetchone()
    if found is None or room is None:
        return found, None
    with connection.cursor(row_factory=class_row(Room)) as cursor:
        return found, cursor.execute(ROOM, (found.id, room)).fetchone()


@dataclass(frozen=True)
class Around:
    """Rooms around one. ``rule``: ``riser`` by numbers, ``plan`` by the places of devices, None where neither tells."""

    rule: str | None = None
    rooms: Neighbours = field(default_factory=Neighbours)


OF_UNIT = "SELECT id, unit_id, floor, number FROM room WHERE unit_id = %s"

HERE = "ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4490)::geography"

# Rows: rooms with a device above or below a place on the plan. Parameters: building, unit or null, lon, lat, metres.
OF_COLUMN = f"""
SELECT DISTINCT room.id, room.unit_id, room.floor, room.number
FROM device JOIN room ON room.id = device.room_id
WHERE device.building_id = %(building)s AND (%(unit)s::int8 IS NULL OR room.unit_id = %(unit)s)
  AND ST_Distance(device.geom::geography, {HERE}) <= %(metres)s
"""


def around(connection: psycopg.Connection, building_id: int | None, unit: Unit | None, room: Room | None,
           floor: int | None, lon: float, lat: float) -> Around:
    """Return the rooms around a room, by ``spatial/rules/risers.py``.

    Where its number tells no riser, or it is not known, as of a lift: rooms with a device above and below a place in
    the building, and in its unit where that is known; beside it all rooms of its storey in the unit.

    Args:
        building_id, unit, room: None where not known.
        floor: storey of the place. lon, lat: the place, degrees, EPSG:4490.
    """
    beside: tuple[Place, ...] = ()
    known = [Place(*row) for row in connection.execute(OF_UNIT, (unit.id,))] if unit else []
    if unit is not None and room is not None:
        found = neighbours(Place(room.id, unit.id, room.floor, room.number), known)
        if found.riser:
            return Around("riser", found)
        beside = found.beside
    elif floor is not None:
        beside = storey(floor, known)
    floor = room.floor if room else floor
    if building_id is not None and floor is not None:
        values = {"building": building_id, "unit": unit and unit.id, "lon": lon, "lat": lat, "metres": SAME_COLUMN_M}
        found = column(floor, (Place(*row) for row in connection.execute(OF_COLUMN, values)))
        if found.riser:
            return Around("plan", replace(found, beside=beside))
    told = room is not None and position(room.number, room.floor) is not None
    return Around("riser" if told else None, Neighbours(beside=beside))


# Rows: devices of the rooms of a riser, and those without a room (elevators) above and below a place, each with its
# open alarms as JSON; those with alarms first, then those of near storeys.
# Parameters: building, rooms, plan, lon, lat, metres, floor, code of the device left out, limit.
DEVICES = f"""
SELECT device.code, device.kind, device.name, device.floor, room.number AS room, alarms
FROM device
LEFT JOIN room ON room.id = device.room_id
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('id', id, 'type', type, 'severity', severity, 'active', active)
                             ORDER BY id), '[]') AS alarms
    FROM alarm WHERE alarm.device_id = device.id AND closed_at IS NULL
) AS standing
WHERE device.building_id = %(building)s AND device.code <> %(code)s
  AND (device.room_id = ANY(%(rooms)s) OR (device.room_id IS NULL OR %(plan)s)
       AND ST_Distance(device.geom::geography, {HERE}) <= %(metres)s)
ORDER BY json_array_length(alarms) = 0, abs(device.floor - %(floor)s::int), device.code
LIMIT %(limit)s
"""


def devices(connection: psycopg.Connection, building_id: int | None, room: Room | None, found: Around,
            code: str | None, floor: int | None, lon: float, lat: float) -> list[Json]:
    """Return the devices of a room and its riser, with their open alarms; without the one of a code."""
    if building_id is None:
        return []
    ids = [one.id for one in found.rooms.riser] + ([room.id] if room else [])
    values = {"building": building_id, "rooms": ids, "plan": found.rule != "riser", "lon": lon, "lat": lat,
              "metres": SAME_COLUMN_M, "floor": floor, "code": code or "", "limit": DEVICES_MOST}
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(DEVICES, values).fetchall()
