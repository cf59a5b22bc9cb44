"""What is nearest to a place: cameras, facilities by what they are to rescuers, keepers.

Candidates come from the index in the order of EPSG:3857, which is not quite that on the ground and knows no storeys;
``spatial/rules/nearest.py`` chooses among them by metres on the ground.
"""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.rules import nearest as rules

CAMERAS_LOOKED_AT = 64
"""A tower may hold so many cameras in one column, of which those of another storey are far."""

LOOKED_AT = 16
"""Candidates of another kind: more than the few whose order on the ground may differ."""

HERE = "ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4490)::geography"
HERE_WEB = "ST_Transform(ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326), 3857)"


@dataclass(frozen=True)
class Near:
    """Something near a place.

    Attributes:
        code, name: of it.
        lon, lat: degrees, EPSG:4490; of an area the point of it that is nearest.
        metres: distance on the ground. bearing_deg: clockwise from north; None where it is the very place.
        floor, building_id: where it is inside a building.
    """

    code: str
    name: str | None
    lon: float
    lat: float
    metres: float
    bearing_deg: float | None
    floor: int | None = None
    building_id: int | None = None


# Rows: the nearest cameras by EPSG:3857. Parameters: lon, lat, web_m, limit.
CAMERAS = f"""
SELECT code, name, ST_X(geom) AS lon, ST_Y(geom) AS lat,
       ST_Distance(geom::geography, {HERE}) AS metres,
       degrees(ST_Azimuth({HERE}, geom::geography)) AS bearing_deg, floor, building_id
FROM (
    SELECT code, name, geom, floor, building_id FROM device
    WHERE kind = 'camera' AND geom_web && ST_Expand({HERE_WEB}, %(web_m)s::float8)
    ORDER BY geom_web <-> {HERE_WEB} LIMIT %(limit)s
) AS camera
"""


def cameras(connection: psycopg.Connection, lon: float, lat: float, floor: int | None, count: int) -> list[Near]:
    """Return the cameras nearest to a storey at a place (degrees, EPSG:4490), a storey counting as three metres."""
    found = _found(connection, CAMERAS, lon, lat, limit=CAMERAS_LOOKED_AT)
    return rules.nearest(found, floor, count)


# Rows: the nearest facilities of each class with a role, by EPSG:3857; one that is damaged or missing helps nobody.
# Parameters: role, lon, lat, web_m, limit.
FACILITIES = f"""
SELECT near.code, near.name, ST_X(point) AS lon, ST_Y(point) AS lat,
       ST_Distance(near.geom::geography, {HERE}) AS metres,
       degrees(ST_Azimuth({HERE}, point::geography)) AS bearing_deg
FROM facility_class AS class
CROSS JOIN LATERAL (
    SELECT facility.code, facility.name, geom, geom_web FROM facility
    WHERE facility.class_code = class.code AND geom_web && ST_Expand({HERE_WEB}, %(web_m)s::float8)
      AND state = 'normal'
    ORDER BY geom_web <-> {HERE_WEB} LIMIT %(limit)s
) AS near
CROSS JOIN LATERAL (
    SELECT CASE WHEN GeometryType(near.geom) = 'POINT' THEN near.geom ELSE
        ST_SetSRID(ST_Transform(ST_ClosestPoint(near.geom_web, {HERE_WEB}), 4326), 4490) END AS point
) AS nearest
WHERE class.role = %(role)s
"""


def facilities(connection: psycopg.Connection, role: str, lon: float, lat: float, count: int) -> list[Near]:
    """Return the facilities nearest to a place (degrees, EPSG:4490) whose class has a role: hydrant or shelter."""
    return rules.nearest(_found(connection, FACILITIES, lon, lat, role=role, limit=LOOKED_AT), None, count)


def _found(connection: psycopg.Connection, statement: str, lon: float, lat: float, **values: object) -> list[Near]:
    reach = rules.reach(lat)
    with connection.cursor(row_factory=class_row(Near)) as cursor:
        return cursor.execute(statement, {"lon": lon, "lat": lat, "web_m": reach.web_m, **values}).fetchall()


@dataclass(frozen=True)
class KeeperNear(Near):
    """A keeper near a place, ``at``: when there. ``code`` and ``name`` are the keeper's, ``phone`` that of the duty."""

    phone: str | None = None
    at: datetime | None = None


# Rows: the nearest keepers, those seen since an instant first. There are some thousands of keepers and each moves every
# few seconds: an index of their places would cost more than a look at each. Parameters: lon, lat, west … north, since,
# limit.
KEEPERS = f"""
SELECT code, name, phone, position_at AS at, ST_X(position) AS lon, ST_Y(position) AS lat,
       ST_Distance(position::geography, {HERE}) AS metres,
       degrees(ST_Azimuth({HERE}, position::geography)) AS bearing_deg
FROM keeper
WHERE position && ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4490)
ORDER BY position_at < %(since)s, metres LIMIT %(limit)s
"""


def keepers(connection: psycopg.Connection, lon: float, lat: float, count: int, since: datetime) -> list[KeeperNear]:
    """Return the keepers nearest to a place (degrees, EPSG:4490): first those seen since an instant."""
    reach = rules.reach(lat)
    box = {"west": lon - reach.lon, "east": lon + reach.lon, "south": lat - reach.lat, "north": lat + reach.lat}
    with connection.cursor(row_factory=class_row(KeeperNear)) as cursor:
        found = cursor.execute(KEEPERS, {"lon": lon, "lat": lat, "since": since, "limit": count, **box}).fetchall()
    return [one for one in found if one.metres <= rules.RADIUS_M]
