"""3D models on record (三维模型)."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.types import Box


@dataclass(frozen=True)
class Model3d:
    """One tileset: where its folder lies, and what it covers.

    ``path``: of the folder with ``tileset.json``, from the data directory. ``west`` … ``north``: degrees,
    EPSG:4490. ``version``: of 3D Tiles. ``files``: how many it has.
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
    version: str
    files: int
    imported_at: datetime

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.west, self.south, self.east, self.north)


# Rows: tilesets by name; all of them, or those of one name. Parameters: name, name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, version, files, imported_at
FROM model3d WHERE %s::text IS NULL OR name = %s ORDER BY name
"""


def every(connection: psycopg.Connection) -> list[Model3d]:
    """Return all tilesets by name."""
    with connection.cursor(row_factory=class_row(Model3d)) as cursor:
        return cursor.execute(LIST, (None, None)).fetchall()


def find(connection: psycopg.Connection, name: str) -> Model3d | None:
    """Return one tileset by its name; None where there is none."""
    with connection.cursor(row_factory=class_row(Model3d)) as cursor:
        return cursor.execute(LIST, (name, name)).fetchone()
