"""Facilities: how many there are of each class, and one by its code."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from spatial.errors import NotFound
from spatial.queries.nearest import HERE, HERE_WEB
from spatial.rules import nearest as rules

LOOKED_AT = 8
"""Buildings of which the nearest one on the ground is chosen: the index goes by EPSG:3857."""

# Rows: classes of which something is on record, by code; one that nobody has named goes by its code.
CLASSES = """
SELECT tally.code, coalesce(class.name, tally.code) AS name, coalesce(class.name_en, tally.code) AS name_en, class.role,
       tally.normal, tally.damaged, tally.missing
FROM (SELECT class_code AS code, count(*) FILTER (WHERE state = 'normal') AS normal,
             count(*) FILTER (WHERE state = 'damaged') AS damaged, count(*) FILTER (WHERE state = 'missing') AS missing
      FROM facility GROUP BY class_code) AS tally
LEFT JOIN facility_class AS class ON class.code = tally.code
ORDER BY tally.code
"""


@dataclass(frozen=True)
class ClassCount:
    """A class of facilities, and how many have each state. ``role``: what it is to rescuers; None for most."""

    code: str
    name: str
    name_en: str
    role: str | None
    normal: int
    damaged: int
    missing: int


def classes(connection: psycopg.Connection) -> list[ClassCount]:
    """Count the facilities within the jurisdiction by class and state."""
    with connection.cursor(row_factory=class_row(ClassCount)) as cursor:
        return cursor.execute(CLASSES).fetchall()


# One row: a facility with its class and a point that lies in it.
CARD = """
SELECT facility.code, facility.class_code, class.name AS class_name, class.name_en AS class_name_en, class.role,
       facility.name, facility.state, facility.department, facility.area_code, facility.grid_code,
       ST_X(point) AS lon, ST_Y(point) AS lat
FROM facility CROSS JOIN LATERAL ST_PointOnSurface(facility.geom) AS point
LEFT JOIN facility_class AS class ON class.code = facility.class_code
WHERE facility.code = %s
"""

# One row: the building that is nearest to a point on the ground, none beyond the reach. Parameters: lon, lat, web_m,
# limit, radius_m.
BUILDING = f"""
SELECT * FROM (
    SELECT id, code, name, address, ST_Distance(footprint::geography, {HERE}) AS metres FROM (
        SELECT id, code, name, address, footprint FROM building
        WHERE geom_web && ST_Expand({HERE_WEB}, %(web_m)s::float8)
        ORDER BY geom_web <-> {HERE_WEB} LIMIT %(limit)s
    ) AS near
) AS found WHERE metres <= %(radius_m)s ORDER BY metres, code LIMIT 1
"""


def card(connection: psycopg.Connection, code: str) -> dict[str, Any]:
    """Return one facility with its class and the building that is nearest to it.

    Args:
        connection: inside the caller's transaction.
        code: code of the facility.

    Returns:
        Fields of :data:`CARD` (lon, lat in degrees, EPSG:4490, of a point in it) and ``building``: ``id, code, name,
        address, metres``, None where none is near.

    Raises:
        NotFound: no such facility within the jurisdiction.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(CARD, (code,)).fetchone()
        if found is None:
            raise NotFound(f"There is no facility {code!r}.", "It may lie outside your area, or be off the record.")
        near = cursor.execute(BUILDING, {
            "lon": found["lon"], "lat": found["lat"], "web_m": rules.reach(found["lat"]).web_m, "limit": LOOKED_AT,
            "radius_m": rules.RADIUS_M}).fetchone()
    return {**found, "building": near}
