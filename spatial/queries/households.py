"""The rooms of a building with their states (户室状态), and everything on record about one room."""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from spatial.cipher import Cipher
from spatial.errors import NotFound
from spatial.queries import entry_rate, people
from spatial.rules import masks
from spatial.rules.occupancy import state
from spatial.types import UNPLACED_AREA

Json = dict[str, Any]

ROOMS_MOST = 2000
"""Rooms of one building that are listed; the highest on record have some 1,500."""

ORGANISATIONS_MOST = 20
DEVICES_MOST = 50
PHOTOS_MOST = 24

# Rows: the rooms of a building, by unit, storey from above, number. {complete}: all that a survey asks for is there.
# {where}: which. Open alarms are those of the rooms by their numbers, as alarms name them.
_ROOMS = """
WITH alarmed AS MATERIALIZED (
    SELECT unit, room, count(*)::int AS alarms FROM alarm
    WHERE building_id = %(building)s AND closed_at IS NULL AND room IS NOT NULL GROUP BY 1, 2
)
SELECT one.id, unit.id AS unit_id, unit.number AS unit, one.floor, one.number, one.use, one.tenure, one.area_m2,
       one.surveyed_at, ({complete}) AS surveyed, coalesce(lives.residents, 0) AS residents,
       coalesce(lives.households, 0) AS households, coalesce(lives.care, 0) AS care, coalesce(alarms, 0) AS alarms
FROM room AS one
JOIN unit ON unit.id = one.unit_id
LEFT JOIN LATERAL (
    SELECT count(DISTINCT household.id)::int AS households, count(resident.id)::int AS residents,
           count(resident.id) FILTER (WHERE resident.care <> '{{}}')::int AS care
    FROM household LEFT JOIN resident ON resident.household_id = household.id WHERE household.room_id = one.id
) AS lives ON true
LEFT JOIN alarmed ON alarmed.unit = unit.number AND alarmed.room = one.number
WHERE {where}
ORDER BY length(unit.number), unit.number, one.floor DESC, length(one.number), one.number LIMIT %(most)s
"""

BUILDING = """
SELECT building.id, building.code, building.name, building.address, building.use, building.area_code,
       building.grid_code, grid.name AS grid, area.name AS area, area.name_en AS area_en
FROM building
LEFT JOIN grid ON grid.code = building.grid_code AND grid.valid_to IS NULL
LEFT JOIN area ON area.code = building.area_code
WHERE building.id = %s
"""


def of_building(connection: psycopg.Connection, building_id: int, residents: bool, exact: bool, alarms: bool) -> Json:
    """List the rooms of a building, by unit, storey from above and number.

    Args:
        connection: inside a transaction, within the account's jurisdiction.
        building_id: the building.
        residents: whether it may be seen who needs help.
        exact: whether counts may be seen, and not only their class.
        alarms: whether open alarms may be seen.

    Raises:
        NotFound: no such building, or none within the jurisdiction.
    """
    if connection.execute("SELECT FROM building WHERE id = %s", (building_id,)).fetchone() is None:
        raise NotFound(f"There is no building {building_id}.", "It may have been deleted, or lie outside your area.")
    found = _rooms(connection, "one.building_id = %(building)s", {"building": building_id})
    return {"building_id": building_id, "rooms": [_shown(one, residents, exact, alarms) for one in found],
            "exact": exact, "total": _total(connection, building_id)}


def _total(connection: psycopg.Connection, building_id: int) -> int:
    return connection.execute("SELECT count(*) FROM room WHERE building_id = %s", (building_id,)).fetchone()[0]


def _rooms(connection: psycopg.Connection, where: str, values: Json) -> list[Json]:
    complete = entry_rate.complete(entry_rate.required(connection, "housing"))
    statement = sql.SQL(_ROOMS).format(complete=complete, where=sql.SQL(where))
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, {"most": ROOMS_MOST, **values}).fetchall()


def _shown(room: Json, residents: bool, exact: bool, alarms: bool) -> Json:
    """Return a room as an account may see it: what it may not see is null, and no part of the state."""
    care = room["care"] if residents else None
    alarmed = room["alarms"] if alarms else None
    count = room["residents"]
    names = ("id", "unit_id", "unit", "floor", "number", "use", "tenure", "area_m2")
    return {**{name: room[name] for name in names},
            "state": "alarm" if alarmed else state(room["use"], room["tenure"], room["surveyed"], count, bool(care)),
            "surveyed": room["surveyed"], "surveyed_at": room["surveyed_at"] and room["surveyed_at"].isoformat(),
            "residents": count if exact else masks.at_least(count), "care": care, "alarms": alarmed}


# Rows: legal entities of a building; the record does not tell in which of its rooms. Parameters: building, limit.
ORGANISATIONS = "SELECT code, name, industry FROM organisation WHERE building_id = %s ORDER BY name, code LIMIT %s"

# Rows: devices of a room, and how many alarms of each are open. Parameters: room, limit.
DEVICES = """
SELECT device.id, device.code, device.kind, device.name, device_kind.name AS kind_name,
       device_kind.name_en AS kind_name_en, state.freshness, state.last_seen,
       (SELECT count(*)::int FROM alarm WHERE alarm.device_id = device.id AND closed_at IS NULL) AS alarms
FROM device
LEFT JOIN device_kind ON device_kind.kind = device.kind
LEFT JOIN device_state AS state ON state.device_id = device.id
WHERE device.room_id = %s ORDER BY alarms DESC, device.kind, device.code LIMIT %s
"""

# Rows: photographs that came with surveys of a room, the newest first. Parameters: room, limit.
PHOTOS = """
SELECT photo.id::text, shapan_day(photo.received_at)::text AS day
FROM survey_edit AS edit JOIN survey_photo AS photo ON photo.edit_id = edit.id
WHERE edit.room_id = %s ORDER BY photo.received_at DESC, photo.id LIMIT %s
"""

ROOM_BUILDING = "SELECT building_id FROM room WHERE id = %s"


def of_room(connection: psycopg.Connection, room_id: int, residents: bool, exact: bool, alarms: bool, devices: bool,
            photos: bool, cipher: Cipher | None) -> Json:
    """Return a room with its building, who lives in it (masked), devices, and the organisations of its building.

    Args:
        connection: inside a transaction, within the account's jurisdiction.
        room_id: the room.
        residents, exact, alarms, devices, photos: what may be seen; see :func:`of_building`.
        cipher: opens names; None leaves them out.

    Raises:
        NotFound: no such room, or none within the jurisdiction.
    """
    found = connection.execute(ROOM_BUILDING, (room_id,)).fetchone()
    rooms = _rooms(connection, "one.id = %(room)s", {"building": found[0], "room": room_id}) if found else []
    if not rooms:
        raise NotFound(f"There is no room {room_id}.", "It may have been deleted, or lie outside your area.")
    with connection.cursor(row_factory=dict_row) as cursor:
        building = cursor.execute(BUILDING, found).fetchone()
        organisations = cursor.execute(ORGANISATIONS, (*found, ORGANISATIONS_MOST)).fetchall()
        there = cursor.execute(DEVICES, (room_id, DEVICES_MOST)).fetchall() if devices else None
        pictures = cursor.execute(PHOTOS, (room_id, PHOTOS_MOST)).fetchall() if photos else None
    for one in there or []:
        one["last_seen"] = one["last_seen"] and one["last_seen"].isoformat()
        one["alarms"] = one["alarms"] if alarms else None
    unplaced = building.pop("area_code") == UNPLACED_AREA
    grid = {"code": building.pop("grid_code"), "name": building.pop("grid")}
    area = {"name": building.pop("area"), "name_en": building.pop("area_en")}
    return {
        "room": _shown(rooms[0], residents, exact, alarms), "building": building,
        "grid": None if unplaced else grid, "area": None if unplaced else area,
        "people": people.of_room(connection, room_id, residents, exact),
        "households": people.households(connection, room_id, cipher) if residents else None,
        "hidden": "not_permitted" if not residents else "no_key" if cipher is None else None,
        "organisations": organisations, "devices": there, "photos": pictures,
    }
