"""Elevation models on record (地形)."""

from dataclasses import dataclass

import psycopg

from spatial.queries import filed


@dataclass(frozen=True, kw_only=True)
class Terrain(filed.Raster):
    """One elevation model. ``lowest_m``, ``highest_m``: metres above the file's own datum."""

    lowest_m: float
    highest_m: float


# Rows: elevation models, the finest first, the latest first among equals; all of them, or that of one name.
# Parameters: name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, imported_at, width, height,
       resolution_m, lowest_m, highest_m
FROM terrain WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY resolution_m, imported_at DESC, id DESC
"""


def every(connection: psycopg.Connection) -> list[Terrain]:
    """Return all elevation models in the order in which they are asked for heights: the finest first."""
    return filed.rows(connection, Terrain, LIST, None)


def find(connection: psycopg.Connection, name: str) -> Terrain | None:
    """Return one elevation model by its name; None where there is none."""
    return filed.one(connection, Terrain, LIST, name)
