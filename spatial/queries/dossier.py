"""The dossier of an alarm (警情档案): everything that whoever handles it needs, in one call.

Each part is one statement. A part that is not there is null, and ``reasons`` says why: an alarm may have only a point,
its building may have been deleted since, and an account may not see everything.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.cipher import Cipher
from spatial.errors import NotFound
from spatial.queries import alarms, buildings, nearest, people, rooms
from spatial.queries.alarms import Alarm, listing
from spatial.queries.nearest import Near
from spatial.rules import keepers as keeper_rules
from spatial.rules.alarms import response_due
from spatial.rules.nearest import RADIUS_M, ROLES, metres_3d, storeys_apart
from spatial.types import UNPLACED_AREA, UNPLACED_GRID

NEAREST = 3
"""Things of each kind that are told."""

STEPS = 5
"""Last steps of the alarm that are told; all of them are asked for apart."""

HISTORY = 20
HISTORY_DAYS = 30

Json = dict[str, Any]


@dataclass(frozen=True)
class Sees:
    """What an account may see in a dossier.

    Attributes:
        residents: names and telephones, masked, and who needs help.
        exact: counts of residents as they are, not their class.
        keepers: where keepers are.
        cipher: opens names; None where the key is not here.
    """

    residents: bool
    exact: bool
    keepers: bool
    cipher: Cipher | None = None


def get(connection: psycopg.Connection, alarm_id: int, sees: Sees, now: datetime, fresh_s: float) -> Json:
    """Return the dossier of an alarm.

    Args:
        connection: within the account's jurisdiction: what lies outside is not told, however near.
        alarm_id: the alarm.
        sees: what the account may see.
        now: the server's time.
        fresh_s: seconds for which a keeper's position is fresh.

    Raises:
        NotFound: no such alarm, or none within the jurisdiction.
    """
    alarm = alarms.get(connection, alarm_id)
    answer: Json = {"alarm": alarms.as_json(alarm), "reasons": {}}
    device = _device(connection, alarm)
    building = _building(connection, alarm)
    unit, room = rooms.find(connection, alarm.building_id, *_numbers(alarm, device))
    place = alarm.floor, alarm.lon, alarm.lat
    around = rooms.around(connection, alarm.building_id, unit, room, *place)
    parts: Json = {
        "type": _type(connection, alarm, now), "steps": _steps(connection, alarm),
        "device": device, "building": building, "unit": unit and asdict(unit), "room": room and asdict(room),
        "floor": room.floor if room and alarm.floor is None else alarm.floor,
        **people.of_rooms(connection, room, around, sees.residents, sees.exact, sees.cipher),
        "riser_devices": rooms.devices(
            connection, alarm.building_id, room, around, alarm.device_code, *place),
        "nearest": _nearest(connection, alarm, sees, now, fresh_s),
        "history": _history(connection, alarm), "grid": _grid(connection, alarm), "areas": _areas(connection, alarm),
    }
    return answer | parts | {"reasons": dict(_reasons(alarm, parts, sees))}


# One row. Parameters: code.
DEVICE = """
SELECT device.id, device.code, device.kind, device.name, device.floor, device.z_m, device.building_id, device.room_id,
       device.expected_interval_s, ST_X(device.geom) AS lon, ST_Y(device.geom) AS lat,
       unit.number AS unit, room.number AS room,
       state.interval_s, state.freshness, state.last_seen, state.received_at, state.clock_wrong, state.values,
       device_kind.name AS kind_name, device_kind.name_en AS kind_name_en, device_kind.quantities
FROM device
LEFT JOIN device_kind ON device_kind.kind = device.kind
LEFT JOIN device_state AS state ON state.device_id = device.id
LEFT JOIN unit ON unit.id = device.unit_id
LEFT JOIN room ON room.id = device.room_id
WHERE device.code = %s
"""


def _device(connection: psycopg.Connection, alarm: Alarm) -> Json | None:
    if alarm.device_code is None:
        return None
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(DEVICE, (alarm.device_code,)).fetchone()
    for name in ("last_seen", "received_at"):
        if found and found[name]:
            found[name] = found[name].isoformat()
    return found


def _numbers(alarm: Alarm, device: Json | None) -> tuple[str | None, str | None]:
    """Return the numbers of unit and room: those of the alarm, or those that its device has got since."""
    if alarm.unit is None and device is not None and device["building_id"] == alarm.building_id:
        return device["unit"], device["room"]
    return alarm.unit, alarm.room


# Parameters: type.
TYPE = """
SELECT type, name, name_en, response_s, auto_clear_s, advice, advice_en FROM alarm_type WHERE type = %s
"""


def _type(connection: psycopg.Connection, alarm: Alarm, now: datetime) -> Json | None:
    """Return what the alarm's type says, and until when somebody should have acknowledged the alarm."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(TYPE, (alarm.type,)).fetchone()
    if found is None:
        return None
    due_at = response_due(alarm.received_at, found["response_s"])
    return {**found, "response_due_at": due_at and due_at.isoformat(),
            "response_overdue": due_at is not None and due_at < (alarm.acknowledged_at or now)}


def _steps(connection: psycopg.Connection, alarm: Alarm) -> list[Json]:
    return [{**asdict(step), "at": step.at.isoformat()}
            for step in listing.last_steps(connection, alarm.id, STEPS)]


def _building(connection: psycopg.Connection, alarm: Alarm) -> Json | None:
    if alarm.building_id is None:
        return None
    try:
        card = buildings.get(connection, alarm.building_id)
    except NotFound:
        return None
    names = ("id", "code", "name", "address", "use", "height_m", "base_m", "floors_above", "floors_below", "built_year",
             "units", "rooms", "lon", "lat")
    return {name: getattr(card, name) for name in names}


def _nearest(connection: psycopg.Connection, alarm: Alarm, sees: Sees, now: datetime, fresh_s: float) -> Json:
    place = alarm.lon, alarm.lat
    found: Json = {"radius_m": RADIUS_M}
    found["cameras"] = [
        {**_near(one), "metres_3d": round(metres_3d(one, alarm.floor), 1),
         "same_building": one.building_id is not None and one.building_id == alarm.building_id,
         "same_floor": one.building_id is not None and one.building_id == alarm.building_id
         and storeys_apart(one.floor, alarm.floor) == 0}
        for one in nearest.cameras(connection, *place, alarm.floor, NEAREST)]
    for role in ROLES:
        found[f"{role}s"] = [_near(one) for one in nearest.facilities(connection, role, *place, NEAREST)]
    if not sees.keepers:
        return found | {"keepers": None}
    since = now - timedelta(seconds=fresh_s)
    return found | {"keepers": [
        # An imported keeper may stand somewhere without a time.
        {**_near(one), "phone": one.phone, "at": one.at and one.at.isoformat(),
         "age_s": one.at and round((now - one.at).total_seconds()),
         "freshness": keeper_rules.freshness(one.at, now, fresh_s)}
        for one in nearest.keepers(connection, *place, NEAREST, since)]}


def _near(one: Near) -> Json:
    told = {name: value for name, value in asdict(one).items() if name not in ("at", "phone", "building_id")}
    return told | {"lon": round(one.lon, 8), "lat": round(one.lat, 8), "metres": round(one.metres, 1),
                   "bearing_deg": one.bearing_deg and round(one.bearing_deg, 1)}


# One row: the newest alarms of a device as JSON, and how many there were since an instant. Parameters: code, since.
HISTORY_OF = """
SELECT (SELECT coalesce(json_agg(newest ORDER BY received_at DESC, id DESC), '[]') FROM (
            SELECT id, type, severity, active, occurred_at, received_at, cleared_at, closed_at, repeats
            FROM alarm WHERE alarm.device_id = device.id
            ORDER BY received_at DESC, id DESC LIMIT %(most)s) AS newest),
       (SELECT count(*) FROM alarm WHERE alarm.device_id = device.id
            AND received_at >= now() - make_interval(days => %(days)s))
FROM device WHERE code = %(code)s
"""


def _history(connection: psycopg.Connection, alarm: Alarm) -> Json | None:
    if alarm.device_code is None:
        return None
    values = {"code": alarm.device_code, "most": HISTORY, "days": HISTORY_DAYS}
    newest, count = connection.execute(HISTORY_OF, values).fetchone()
    return {"alarms": newest, "days": HISTORY_DAYS, "count": count}


# Rows: name of the grid in force, and each of its keepers; one row without a keeper where there is none.
# Parameters: code.
GRID = """
SELECT grid.name, grid.kind, keeper.code, keeper.name, keeper.phone
FROM (SELECT %(code)s AS code) AS asked
LEFT JOIN grid ON grid.code = asked.code AND grid.valid_to IS NULL
LEFT JOIN keeper ON keeper.grid_code = asked.code
ORDER BY keeper.code LIMIT 10
"""


def _grid(connection: psycopg.Connection, alarm: Alarm) -> Json | None:
    if alarm.grid_code == UNPLACED_GRID:
        return None
    rows = connection.execute(GRID, {"code": alarm.grid_code}).fetchall()
    return {"code": alarm.grid_code, "name": rows[0][0], "kind": rows[0][1],
            "keepers": [{"code": code, "name": name, "phone": phone} for *_, code, name, phone in rows if code]}


# Rows: areas from the widest. Parameters: array of codes.
AREAS = "SELECT code, level, name, name_en FROM area WHERE code = ANY(%s) ORDER BY code"


def _areas(connection: psycopg.Connection, alarm: Alarm) -> list[Json]:
    if alarm.area_code == UNPLACED_AREA:
        return []
    codes = [alarm.area_code[:digits].ljust(12, "0") for digits in (6, 9, 12)]
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(AREAS, (codes,)).fetchall()


def _reasons(alarm: Alarm, parts: Json, sees: Sees) -> Iterator[tuple[str, str]]:
    """Yield the name of each part that is not there, and why."""
    if parts["type"] is None:
        yield "type", "not_on_record"
    if parts["device"] is None:
        yield "device", "not_on_record"
        yield "history", "no_device"
    if parts["building"] is None:
        yield "building", "not_on_record" if alarm.unit or alarm.room or alarm.building_id else "not_in_a_building"
    if parts["unit"] is None:
        yield "unit", "not_on_record" if alarm.unit else "not_known"
    if parts["room"] is None:
        yield "room", "not_on_record" if alarm.room else "not_known"
        yield "households", "no_room"
    elif not sees.residents:
        yield "households", "not_permitted"
    elif sees.cipher is None and parts["people"]["residents"]:
        yield "names", "no_key"
    if parts["neighbours"]["rule"] is None:
        yield "neighbours", "not_known"
    if parts["nearest"]["keepers"] is None:
        yield "keepers", "not_permitted"
    for kind, found in parts["nearest"].items():
        if found == []:
            yield kind, "none_within_radius"
    if parts["grid"] is None:
        yield "grid", "unplaced"
