"""Where a disaster warning (灾害预警) applies: outlines of codes, places it touches, people and shelters there."""

from dataclasses import dataclass
from typing import Any

import psycopg
import shapely
from psycopg.rows import class_row, dict_row

from spatial.errors import InvalidInput
from spatial.queries import cells
from spatial.rules import danger_areas

# Rows: code and outline (WKB, EPSG:4490) of areas and of grids in force. Parameters: codes, twice.
OUTLINES = """
SELECT code, ST_AsBinary(geom) FROM area WHERE code = ANY(%s)
UNION ALL SELECT code, ST_AsBinary(geom) FROM grid WHERE code = ANY(%s) AND valid_to IS NULL
"""


def area(
    connection: psycopg.Connection, shapes: list[shapely.Polygon], codes: dict[str, str],
) -> shapely.MultiPolygon:
    """Return the whole area of a warning: its own shapes and the outlines of its codes.

    Args:
        shapes: EPSG:4490.
        codes: of areas (6 to 12 digits) or grids (15), by their place in the message.

    Raises:
        InvalidInput: names each code that is not on record within the jurisdiction.
    """
    wanted = {place: code if len(code) == 15 else code.ljust(12, "0") for place, code in codes.items()}
    found = dict(connection.execute(OUTLINES, (list(wanted.values()), list(wanted.values()))).fetchall())
    faults = [(place, f"no area or grid {codes[place]} is on record in your area")
              for place, code in wanted.items() if code not in found]
    if faults:
        raise InvalidInput(f"{len(faults)} codes of the warning's area are unknown; nothing was done.", faults,
                           "Send the polygon instead, or import the areas with: shapan import areas FILE")
    return danger_areas.together([*shapes, *(shapely.from_wkb(bytes(outline)) for outline in found.values())])


# Rows: places on record that an area shares more than an edge with: a community of which every grid is touched, of any
# other its touched grids and the part without a grid. What lies in it as a whole, which is quickly known, is not asked
# for its edges: with 2,000 corners that takes a millisecond for each. Parameters: WKB, EPSG:4490.
TOUCHED = """
WITH danger AS MATERIALIZED (
    SELECT geom, ST_Transform(ST_SetSRID(geom, 4326), 3857) AS geom_web
    FROM (SELECT ST_GeomFromWKB(%s, 4490) AS geom) AS given
), touched_grid AS MATERIALIZED (
    SELECT grid.code, grid.area_code FROM grid, danger
    WHERE grid.geom_web && danger.geom_web AND grid.valid_to IS NULL
      AND ST_Intersects(danger.geom, grid.geom)
      AND CASE WHEN ST_Covers(danger.geom, grid.geom) THEN true ELSE NOT ST_Touches(danger.geom, grid.geom) END
), touched_area AS MATERIALIZED (
    SELECT area.code,
           code_range(area.code, area.code || ':') <@ (SELECT shapan_scope())
           AND NOT EXISTS (SELECT FROM grid WHERE grid.area_code = area.code AND grid.valid_to IS NULL
                           AND grid.code NOT IN (SELECT code FROM touched_grid)) AS entire
    FROM area, danger
    WHERE area.geom_web && danger.geom_web AND area.level = 'community'
      AND ST_Intersects(danger.geom, area.geom)
      AND CASE WHEN ST_Covers(danger.geom, area.geom) THEN true ELSE NOT ST_Touches(danger.geom, area.geom) END
)
SELECT CASE WHEN entire THEN code ELSE code || '000' END AS place FROM touched_area
UNION
SELECT code FROM touched_grid WHERE area_code NOT IN (SELECT code FROM touched_area WHERE entire)
ORDER BY place
"""


def touched(connection: psycopg.Connection, danger: shapely.MultiPolygon) -> list[str]:
    """Return the places on record, within the jurisdiction, that an area (EPSG:4490) lies in, as prefixes of codes."""
    return [row[0] for row in connection.execute(TOUCHED, (shapely.to_wkb(danger),))]


SUMS_ZOOM = cells.LEVELS[2]
"""Level of the sums by cell that whole grids are counted by: one row or two for each grid."""

# Rows: buildings and residents inside a warning's area by grid: those whose point lies in it. A grid that lies in it as
# a whole is counted by the sums of cells, if these were ever made, which are half a second old at most; the part of a
# community without a grid is a place like a grid. Their sums are read in one go: behind IS TRUE the whole grids are a
# hash to look into, and without it a join that reads all sums for each of them. Parameters: warning, zoom.
CONCERNED = """
WITH danger AS MATERIALIZED (
    SELECT geom, geom_web FROM warning WHERE id = %(id)s
), summed AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM cell_sum WHERE layer = 'buildings') AS known
), place AS MATERIALIZED (
    SELECT grid.code, grid.geom_web, summed.known AND ST_Covers(danger.geom, grid.geom) AS entire
    FROM grid, danger, summed
    WHERE grid.geom_web && danger.geom_web AND grid.valid_to IS NULL AND ST_Intersects(danger.geom, grid.geom)
    UNION ALL
    SELECT area.code || '000', area.geom_web, summed.known AND ST_Covers(danger.geom, area.geom)
    FROM area, danger, summed
    WHERE area.geom_web && danger.geom_web AND area.level = 'community' AND ST_Intersects(danger.geom, area.geom)
), counted AS MATERIALIZED (
    SELECT grid_code, sum(buildings)::int AS buildings, sum(residents)::int AS residents
    FROM building_cell WHERE z = %(zoom)s AND (grid_code IN (SELECT code FROM place WHERE entire)) IS TRUE
    GROUP BY grid_code
    UNION ALL
    SELECT building.grid_code, count(*)::int, coalesce(sum(tally.residents), 0)::int
    FROM danger, place
    JOIN building ON building.geom_web && place.geom_web AND building.grid_code = place.code
    LEFT JOIN building_tally AS tally ON tally.building_id = building.id
    WHERE NOT place.entire AND building.geom_web && danger.geom_web
      AND ST_Intersects(danger.geom_web, ST_PointOnSurface(building.geom_web))
    GROUP BY building.grid_code
)
SELECT grid_code, left(grid_code, 12) AS area_code,
       (SELECT name FROM grid WHERE code = counted.grid_code AND valid_to IS NULL) AS name, buildings, residents
FROM counted ORDER BY grid_code
"""


@dataclass(frozen=True)
class Concerned:
    """Who lives inside a warning's area in one grid: counts of what is on record."""

    grid_code: str
    area_code: str
    name: str | None
    buildings: int
    residents: int


def concerned(connection: psycopg.Connection, warning_id: int) -> list[Concerned]:
    """Count buildings and residents inside a warning's area by grid, within the jurisdiction."""
    with connection.cursor(row_factory=class_row(Concerned)) as cursor:
        return cursor.execute(CONCERNED, {"id": warning_id, "zoom": SUMS_ZOOM}).fetchall()


# Rows: residents inside a warning's area by category of care. Parameters: warning.
CARE = """
WITH part AS MATERIALIZED (
    SELECT (ST_Dump(geom_web)).geom AS geom_web FROM warning WHERE id = %s
), inside AS MATERIALIZED (
    SELECT building.id FROM part JOIN building ON building.geom_web && part.geom_web
         AND ST_Intersects(part.geom_web, ST_PointOnSurface(building.geom_web))
)
SELECT category, count(*)
FROM inside JOIN resident ON resident.building_id = inside.id, unnest(resident.care) AS category
GROUP BY category ORDER BY count(*) DESC, category
"""


def care(connection: psycopg.Connection, warning_id: int) -> dict[str, int]:
    """Count the residents inside a warning's area who need care, by category; only for whoever may see it."""
    return dict(connection.execute(CARE, (warning_id,)).fetchall())


REACH_M = 20_000
"""Shelters further away than this, in metres of the map, are not looked at."""

# Rows: shelters around a warning's area: those outside of it first, the nearest to its middle first.
# Distances in metres along the ground. Parameters: reach, limit, warning.
SHELTERS = """
WITH danger AS MATERIALIZED (
    SELECT geom_web, ST_Transform(ST_PointOnSurface(geom_web), 4326)::geography AS middle FROM warning WHERE id = %(id)s
)
SELECT facility.id, facility.code, facility.name, facility.state, facility.grid_code,
       ST_Intersects(danger.geom_web, facility.geom_web) AS in_danger,
       round(ST_Distance(ST_SetSRID(facility.geom, 4326)::geography, danger.middle)) AS distance_m,
       ST_AsGeoJSON(ST_PointOnSurface(facility.geom), 6, 0)::json AS geometry
FROM facility, danger
WHERE facility.geom_web && ST_Expand(danger.geom_web, %(reach)s)
  AND facility.class_code IN (SELECT code FROM facility_class WHERE role = 'shelter')
  AND facility.state <> 'missing'
ORDER BY in_danger, distance_m, facility.id LIMIT %(limit)s
"""


def shelters(connection: psycopg.Connection, warning_id: int, limit: int = 10) -> list[dict[str, Any]]:
    """Return the nearest shelters to the middle of a warning's area, safe ones first, within the jurisdiction.

    ``in_danger``: the shelter lies in the area itself, or reaches into it. ``distance_m``: metres. ``geometry``: a
    point on it, GeoJSON, EPSG:4490.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(SHELTERS, {"id": warning_id, "reach": REACH_M, "limit": limit}).fetchall()


# Rows: for some grids the nearest shelter outside of a warning's area; none for a grid without one in reach.
# Parameters: as above, and array of grid codes.
NEAREST_SAFE = """
WITH danger AS MATERIALIZED (
    SELECT geom_web FROM warning WHERE id = %(id)s
), safe AS MATERIALIZED (
    SELECT facility.id, facility.name, facility.geom, facility.geom_web FROM facility, danger
    WHERE facility.geom_web && ST_Expand(danger.geom_web, %(reach)s)
      AND facility.class_code IN (SELECT code FROM facility_class WHERE role = 'shelter')
      AND facility.state <> 'missing' AND NOT ST_Intersects(danger.geom_web, facility.geom_web)
), middle AS MATERIALIZED (
    SELECT code, ST_PointOnSurface(geom) AS geom, ST_PointOnSurface(geom_web) AS geom_web FROM grid
    WHERE code = ANY(%(grids)s) AND valid_to IS NULL
)
SELECT middle.code, nearest.id, nearest.name,
       round(ST_Distance(ST_SetSRID(nearest.geom, 4326)::geography, ST_SetSRID(middle.geom, 4326)::geography))
FROM middle, LATERAL (
    SELECT id, name, geom FROM safe ORDER BY ST_Distance(safe.geom_web, middle.geom_web), id LIMIT 1
) AS nearest
"""


def nearest_safe(connection: psycopg.Connection, warning_id: int, grids: list[str]) -> dict[str, dict[str, Any]]:
    """Return for each of some grids the nearest shelter that is not in danger: id, name, metres from its middle."""
    rows = connection.execute(NEAREST_SAFE, {"id": warning_id, "reach": REACH_M, "grids": grids})
    return {code: {"id": number, "name": name, "distance_m": metres} for code, number, name, metres in rows}
