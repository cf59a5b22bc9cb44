"""Imagery on record (影像)."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.types import Box


@dataclass(frozen=True)
class Imagery:
    """One picture: where its file lies, and what it shows.

    ``path``: of the Cloud Optimized GeoTIFF, from the data directory. ``west`` … ``north``: degrees,
    EPSG:4490. ``resolution_m``: metres of a pixel. ``bands``: what each band is. ``crs``: of the file.
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
    bands: list[str]
    imported_at: datetime

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.west, self.south, self.east, self.north)


# Rows: pictures by name; all of them, or those of one name. Parameters: name, name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, width, height, resolution_m,
       bands, imported_at
FROM imagery WHERE %s::text IS NULL OR name = %s ORDER BY name
"""


def every(connection: psycopg.Connection) -> list[Imagery]:
    """Return all pictures by name."""
    with connection.cursor(row_factory=class_row(Imagery)) as cursor:
        return cursor.execute(LIST, (None, None)).fetchall()


def find(connection: psycopg.Connection, name: str) -> Imagery | None:
    """Return one picture by its name; None where there is none."""
    with connection.cursor(row_factory=class_row(Imagery)) as cursor:
        return cursor.execute(LIST, (name, name)).fetchone()
