"""Elevation models on record (地形)."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.types import Box


@dataclass(frozen=True)
class Terrain:
    """One elevation model: where its file lies, and what it covers.

    ``path``: of the Cloud Optimized GeoTIFF, from the data directory. ``west`` … ``north``: degrees,
    EPSG:4490. ``resolution_m``: metres of a pixel. ``lowest_m``, ``highest_m``: metres above the
    file's own datum. ``crs``: of the file.
    """

    name: str
    attribution: str | None
    file_name: str
    path: str
    bytes: int
    crs: str
    west: float
    south: float
    east: float
    north: float
    minzoom: int
    maxzoom: int
    width: int
    height: int
    resolution_m: float
    lowest_m: float
    highest_m: float
    imported_at: datetime

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.west, self.south, self.east, self.north)


# Rows: elevation models, the finest first, the latest first among equals; all of them, or that of one name.
# Parameters: name, name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, width, height, resolution_m,
       lowest_m, highest_m, imported_at
FROM terrain WHERE %s::text IS NULL OR name = %s ORDER BY resolution_m, imported_at DESC, id DESC
"""


def every(connection: psycopg.Connection) -> list[Terrain]:
    """Return all elevation models in the order in which they are asked for heights: the finest first."""
    with connection.cursor(row_factory=class_row(Terrain)) as cursor:
        return cursor.execute(LIST, (None, None)).fetchall()


def find(connection: psycopg.Connection, name: str) -> Terrain | None:
    """Return one elevation model by its name; None where there is none."""
    with connection.cursor(row_factory=class_row(Terrain)) as cursor:
        return cursor.execute(LIST, (name, name)).fetchone()
