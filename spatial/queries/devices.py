"""Devices on record, with how they are."""

from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from spatial.errors import NotFound


@dataclass(frozen=True)
class Device:
    """One device with its place and its state.

    ``lon``, ``lat``: degrees, EPSG:4490; ``z_m``: metres. ``distance_m``: metres from the point that was asked for,
    None where none was. ``expected_interval_s``: seconds between two signs of life; ``expected_interval_of`` says
    whose they are: the ``device``'s own, or those of its ``kind``.
    """

    code: str
    kind: str
    name: str | None
    lon: float
    lat: float
    z_m: float
    building_code: str | None
    floor: int | None
    area_code: str
    grid_code: str
    freshness: str
    last_seen: datetime | None
    expected_interval_s: int
    expected_interval_of: str
    distance_m: float | None = None


@dataclass(frozen=True)
class Wanted:
    """Which devices: those for which all that is given holds.

    Attributes:
        kind: kind. state: freshness. building: code of the building that they are in.
    """

    kind: str | None = None
    state: str | None = None
    building: str | None = None


# Of kinds that are not listed the kind "other" says it.
INTERVAL = """state.interval_s AS expected_interval_s,
       CASE WHEN device.expected_interval_s IS NULL THEN 'kind' ELSE 'device' END AS expected_interval_of"""

COLUMNS = f"""
SELECT device.code, device.kind, device.name, ST_X(device.geom) AS lon, ST_Y(device.geom) AS lat,
       device.z_m, building.code AS building_code, device.floor, device.area_code, device.grid_code,
       state.freshness, state.last_seen, {INTERVAL}
"""
SOURCES = """
FROM device JOIN device_state AS state ON state.device_id = device.id
LEFT JOIN building ON building.id = device.building_id
WHERE (%(kind)s::text IS NULL OR device.kind = %(kind)s)
  AND (%(state)s::text IS NULL OR state.freshness = %(state)s)
  AND (%(building)s::text IS NULL OR device.building_id = (SELECT id FROM building WHERE code = %(building)s))
"""

# Rows: devices by code, after a code.
LIST = COLUMNS + SOURCES + "AND device.code > %(after)s ORDER BY device.code LIMIT %(limit)s"

# Rows: devices within some metres of a point, the nearest first. The box in EPSG:3857 is that of the distance, which
# Web Mercator stretches by 1/cos(latitude); half a percent more, because the earth is no sphere.
NEAR = """
WITH spot AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom,
           ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), 3857) AS geom_web
)
SELECT * FROM (
""" + COLUMNS + """
       , ST_Distance(ST_SetSRID(device.geom, 4326)::geography,
                     ST_SetSRID((SELECT geom FROM spot), 4326)::geography) AS distance_m
""" + SOURCES + """
  AND device.geom_web && ST_Expand((SELECT geom_web FROM spot), %(reach)s)
) AS found
WHERE distance_m <= %(within_m)s ORDER BY distance_m, code LIMIT %(limit)s
"""


def page(connection: psycopg.Connection, wanted: Wanted = Wanted(), after: str = "", limit: int = 1000,
         ) -> list[Device]:
    """List devices by code, beginning after a code."""
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(LIST, {**vars(wanted), "after": after, "limit": limit}).fetchall()


def near(connection: psycopg.Connection, lon: float, lat: float, within_m: float, wanted: Wanted = Wanted(),
         limit: int = 1000) -> list[Device]:
    """List devices around a point (degrees, EPSG:4490), at most so many metres away, the nearest first."""
    values = {**vars(wanted), "lon": lon, "lat": lat, "within_m": within_m, "limit": limit,
              "reach": 1.005 * within_m / cos(radians(lat))}
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(NEAR, values).fetchall()


# One row: a device with its place down to the room, its state, and what its kind measures.
CARD = f"""
SELECT device.id AS device_id, device.code, device.kind, kind.name AS kind_name, kind.name_en AS kind_name_en,
       device.name, ST_X(device.geom) AS lon, ST_Y(device.geom) AS lat, device.z_m AS z, device.floor,
       device.building_id, building.code AS building_code, building.name AS building_name, building.address,
       unit.number AS unit, room.number AS room, device.area_code, device.grid_code,
       device.stream_url IS NOT NULL AS has_stream,
       state.freshness, state.last_seen, state.received_at, state.clock_wrong, state.values, {INTERVAL},
       coalesce(kind.quantities, '{{}}') AS quantities
FROM device JOIN device_state AS state ON state.device_id = device.id
LEFT JOIN device_kind AS kind ON kind.kind = device.kind
LEFT JOIN building ON building.id = device.building_id
LEFT JOIN unit ON unit.id = device.unit_id
LEFT JOIN room ON room.id = device.room_id
WHERE device.code = %s
"""

# Rows: the newest changes of freshness. Parameters: device id, limit.
STEPS = """
SELECT was, freshness, last_seen, at FROM device_step WHERE device_id = %s ORDER BY at DESC, id DESC LIMIT %s
"""
STEPS_MOST = 20


def card(connection: psycopg.Connection, code: str) -> dict[str, Any]:
    """Return what is known of one device: place, state, last values with their units and names, last transitions.

    Args:
        connection: inside the caller's transaction.
        code: code of the device.

    Returns:
        Fields of :data:`CARD`; ``values`` as a list of ``quantity, name, name_en, value, unit, at, words``, the
        last: value as text → [word, English word], empty for measures; ``transitions``, the newest first. Times are
        datetimes or, in values, ISO 8601.

    Raises:
        NotFound: no such device within the jurisdiction.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(CARD, (code,)).fetchone()
        if found is None:
            raise _unknown(code)
        steps = cursor.execute(STEPS, (found["device_id"], STEPS_MOST)).fetchall()
    known = found.pop("quantities")
    found["values"] = [_value(quantity, *said, known.get(quantity)) for quantity, said in sorted(
        found["values"].items())]
    return {**found, "transitions": steps}


def _value(quantity: str, value: float | str, unit: str | None, at: str, known: list[Any] | None) -> dict[str, Any]:
    usual, name, name_en, *words = known or (None, quantity, quantity)
    return {"quantity": quantity, "name": name, "name_en": name_en, "value": value, "unit": unit or usual or None,
            "at": at, "words": words[0] if words else {}}


STREAM = "SELECT stream_url FROM device WHERE code = %s"


def stream_url(connection: psycopg.Connection, code: str) -> str | None:
    """Return the address of a camera's stream as it stands on record; None where there is none.

    Raises:
        NotFound: no such device within the jurisdiction.
    """
    row = connection.execute(STREAM, (code,)).fetchone()
    if row is None:
        raise _unknown(code)
    return row[0]


STREAMS = "SELECT code, stream_url FROM device WHERE stream_url IS NOT NULL ORDER BY code"


def stream_urls(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Return code and address of all streams on record, for those who look after the machine."""
    return connection.execute(STREAMS).fetchall()


ID = "SELECT id FROM device WHERE code = %s"


def identify(connection: psycopg.Connection, code: str) -> int:
    """Return the internal id of a device.

    Raises:
        NotFound: no such device within the jurisdiction.
    """
    row = connection.execute(ID, (code,)).fetchone()
    if row is None:
        raise _unknown(code)
    return row[0]


def _unknown(code: str) -> NotFound:
    return NotFound(f"There is no device {code!r}.", "It may lie outside your area; GET /api/devices lists them.")
