"""Imagery on record (影像)."""

from dataclasses import dataclass

import psycopg

from spatial.queries import filed


@dataclass(frozen=True, kw_only=True)
class Imagery(filed.Raster):
    """One picture from above. ``bands``: what each band is."""

    bands: list[str]


# Rows: pictures by name; all of them, or that of one name. Parameters: name.
LIST = """
SELECT name, attribution, file_name, path, bytes, crs, ST_XMin(footprint) AS west, ST_YMin(footprint) AS south,
       ST_XMax(footprint) AS east, ST_YMax(footprint) AS north, minzoom, maxzoom, imported_at, width, height,
       resolution_m, bands
FROM imagery WHERE %(name)s::text IS NULL OR name = %(name)s ORDER BY name
"""


def every(connection: psycopg.Connection) -> list[Imagery]:
    """Return all pictures by name."""
    return filed.rows(connection, Imagery, LIST, None)


def find(connection: psycopg.Connection, name: str) -> Imagery | None:
    """Return one picture by its name; None where there is none."""
    return filed.one(connection, Imagery, LIST, name)
