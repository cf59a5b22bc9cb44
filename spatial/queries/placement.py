"""Which community and grid a point belongs to (落位)."""

from typing import NamedTuple

import psycopg

from spatial.types import UNPLACED_AREA, UNPLACED_GRID


class Placement(NamedTuple):
    """The codes of a place: ``area_code`` 12 digits, ``grid_code`` 15 digits."""

    area_code: str
    grid_code: str


UNPLACED = Placement(UNPLACED_AREA, UNPLACED_GRID)

# One row: the grid in force that covers the point, the lowest code where several share it as
# an edge; else the community's code and 000. No row outside every known area.
# Parameters: lon, lat (EPSG:4490).
AT_POINT = """
WITH point AS (
    SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4490) AS geom
), web AS (
    SELECT geom, ST_Transform(ST_SetSRID(geom, 4326), 3857) AS geom_web FROM point
)
(SELECT grid.area_code, grid.code, 1 AS rank
 FROM grid, web
 WHERE grid.geom_web && web.geom_web AND grid.valid_to IS NULL AND ST_Covers(grid.geom, web.geom)
 ORDER BY grid.code LIMIT 1)
UNION ALL
(SELECT area.code, area.code || '000', 2
 FROM area, web
 WHERE area.geom_web && web.geom_web AND area.level = 'community' AND ST_Covers(area.geom, web.geom)
 ORDER BY area.code LIMIT 1)
ORDER BY rank LIMIT 1
"""


def at_point(connection: psycopg.Connection, lon: float, lat: float) -> Placement:
    """Find the community and grid of a point.

    Args:
        connection: its jurisdiction must hold the grids looked at.
        lon, lat: degrees, EPSG:4490.

    Returns:
        The codes; ``UNPLACED`` outside every known area.
    """
    row = connection.execute(AT_POINT, (lon, lat)).fetchone()
    return Placement(row[0], row[1]) if row else UNPLACED
