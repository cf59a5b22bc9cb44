"""Which tiles are asked for: many different ones, all with something in them, in an order without meaning."""

import random

import psycopg

from benchmarks.tile_servers.city import CELL_SIDE, SOUTH, STREET_SIDE, WEST
from benchmarks.tile_servers.peers import Tile

MOST = 2000
"""Tiles of one zoom at most."""

# Rows: columns and rows at a zoom in which buildings of one source lie. Parameters: zoom, source, limit.
OF_SOURCE = """
SELECT DISTINCT floor((ST_X(at) + 20037508.342789244) / width)::int, floor((20037508.342789244 - ST_Y(at)) / width)::int
FROM (SELECT ST_PointOnSurface(geom_web) AS at, 40075016.685578488 / 2 ^ %s AS width
      FROM building WHERE source = %s ORDER BY content_hash LIMIT %s) AS point
"""


def in_city(side: int, z: int, most: int = MOST) -> list[Tile]:
    """Return tiles of a generated city: at zoom 14 and deeper those that are full, from afar all that it touches.

    Args:
        side: buildings along the city's side.
        z: zoom.
        most: tiles at most, drawn by chance.
    """
    # A city smaller than a cell has one tile that is not full.
    cells = max(1, side // CELL_SIDE) if side >= CELL_SIDE else 1
    columns, rows = _span(WEST, cells, z), _span(SOUTH - cells + 1, cells, z)
    found = [(z, x, y) for x in columns for y in rows]
    return random.Random(z).sample(found, min(most, len(found)))


def in_street(side: int, z: int, most: int) -> list[Tile]:
    """Return tiles that lie wholly in the city's first street."""
    return in_city(min(side, STREET_SIDE // CELL_SIDE * CELL_SIDE), z, most)


def of_source(connection: psycopg.Connection, source: str, z: int, most: int = MOST) -> list[Tile]:
    """Return tiles in which buildings of one source lie."""
    rows = connection.execute(OF_SOURCE, (z, source, 5 * most)).fetchall()
    return [(z, x, y) for x, y in random.Random(z).sample(sorted(rows), min(most, len(rows)))]


def _span(first: int, cells: int, z: int) -> range:
    """Return the columns (or rows) at a zoom that hold some cells of zoom 14."""
    if z >= 14:
        return range(first << (z - 14), (first + cells) << (z - 14))
    return range(first >> (14 - z), (first + cells - 1 >> (14 - z)) + 1)
