"""Events counted by hexagons (六边形) where there are more of them than a page should hold.

The hexagons lie on a grid of their own in the plane of EPSG:3857, shrunk so that lengths are true at one latitude; no
camera moves it. ``webmap/frontend/src/events/hexagons.js`` has the same sums, and a test compares both.
"""

import math
from dataclasses import dataclass

import psycopg

from spatial.queries.event_columns import CHOSEN, Chosen


@dataclass(frozen=True)
class Hexagons:
    """Which grid: ``width`` metres from one upright edge to the other, true at ``latitude`` (degrees)."""

    width: float
    latitude: int


# Rows: column and row (axial, corners up; rows grow to the north) of each hexagon that holds an event, and how many.
# The hexagon of a point is found by rounding its three coordinates and mending the one that is rounded most.
# Parameters: as CHOSEN; shrink, width.
_COUNTED = f"""
SELECT CASE WHEN dq > dr AND dq > ds THEN -nr - ns ELSE nq END::int AS q,
       CASE WHEN NOT (dq > dr AND dq > ds) AND dr > ds THEN -nq - ns ELSE nr END::int AS r, count(*)
FROM (SELECT ST_X(geom_web) * %(shrink)s / %(width)s AS x, ST_Y(geom_web) * %(shrink)s / %(width)s AS y
      FROM event WHERE {CHOSEN} OFFSET 0) AS point,
     LATERAL (SELECT x - y / sqrt(3::float8) AS q, y * 2 / sqrt(3::float8) AS r) AS axial,
     LATERAL (SELECT floor(q + 0.5) AS nq, floor(r + 0.5) AS nr, floor(-q - r + 0.5) AS ns) AS near,
     LATERAL (SELECT abs(nq - q) AS dq, abs(nr - r) AS dr, abs(ns + q + r) AS ds) AS off
GROUP BY 1, 2 ORDER BY 1, 2
"""


def hexagons(connection: psycopg.Connection, chosen: Chosen, grid: Hexagons) -> list[tuple[int, int, int]]:
    """Count events by hexagon within the jurisdiction.

    Args:
        connection: inside a transaction. chosen: which events. grid: of which hexagons.

    Returns:
        Column, row, events.
    """
    values = chosen.values() | {"shrink": math.cos(math.radians(grid.latitude)), "width": float(grid.width)}
    return connection.execute(_COUNTED, values).fetchall()
