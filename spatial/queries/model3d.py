"""3D models on record (三维模型)."""

from dataclasses import dataclass

import psycopg

from spatial.queries import filed


@dataclass(frozen=True, kw_only=True)
class Model3d(filed.Filed):
    """One tileset; its ``path`` is that of the folder. ``version``: of 3D Tiles. ``files``: how many it has."""

    version: str
    files: int


# Rows: tilesets by name; all of them, or that of one name. Parameters: name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, imported_at, version, files
FROM model3d WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name
"""


def every(connection: psycopg.Connection) -> list[Model3d]:
    """Return all tilesets by name."""
    return filed.rows(connection, Model3d, LIST, None)


def find(connection: psycopg.Connection, name: str) -> Model3d | None:
    """Return one tileset by its name; None where there is none."""
    return filed.one(connection, Model3d, LIST, name)
