"""Devices on record."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class Device:
    """One device with its place. ``lon``, ``lat``: degrees, EPSG:4490; ``z_m``: metres."""

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


# Rows: devices by code, after a code. Parameters: kind, kind, after, limit.
LIST = """
SELECT device.code, device.kind, device.name, ST_X(device.geom) AS lon, ST_Y(device.geom) AS lat,
       device.z_m, building.code AS building_code, device.floor, device.area_code, device.grid_code
FROM device LEFT JOIN building ON building.id = device.building_id
WHERE (%s::text IS NULL OR device.kind = %s) AND device.code > %s
ORDER BY device.code LIMIT %s
"""


def page(
    connection: psycopg.Connection, kind: str | None = None, after: str = "", limit: int = 1000
) -> list[Device]:
    """List devices by code: those of one kind or all, beginning after a code."""
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(LIST, (kind, kind, after, limit)).fetchall()
