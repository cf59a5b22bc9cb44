"""What is on record of imagery, terrain and 3D models alike: rows that stand for files in the data directory."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import LiteralString, TypeVar

import psycopg
from psycopg.rows import class_row

from spatial.errors import ShapanError
from spatial.types import Box

FOLDER = "sources"
"""Folder of the data directory in which all content lies."""


class SourceUnavailable(ShapanError):
    """The content of a source is not there, or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """One source: where its content lies, and what it covers.

    ``path``: of the content, from the data directory; ``bytes``: its size on disk. ``file_name``: of what was
    imported. ``west`` … ``north``: degrees, EPSG:4490. ``minzoom``, ``maxzoom``: zooms at which a map shows it.
    ``crs``: of the content.
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
    imported_at: datetime

    @property
    def box(self) -> Box:
        """What it covers."""
        return Box(self.west, self.south, self.east, self.north)

    def place(self, home: Path) -> Path:
        """Return where the content lies, links followed; it need not be there.

        Args:
            home: the data directory.

        Raises:
            SourceUnavailable: outside the folder of sources, where no import has put it.
        """
        found = (home / self.path).resolve()
        if not found.is_relative_to((home / FOLDER).resolve()):
            raise SourceUnavailable(f"The content of {self.name} does not lie among the sources of the data directory.",
                                    "Import it again.")
        return found


@dataclass(frozen=True, kw_only=True)
class Raster(Filed):
    """A source whose content is a Cloud Optimized GeoTIFF.

    ``width``, ``height``: pixels. ``resolution_m``: metres of a pixel on the ground.
    """

    width: int
    height: int
    resolution_m: float


Kind = TypeVar("Kind", bound=Filed)


def rows(connection: psycopg.Connection, kind: type[Kind], statement: LiteralString, name: str | None) -> list[Kind]:
    """Return sources of one kind in the order of a statement.

    Args:
        connection: within a transaction of the caller.
        kind: what a row becomes; the statement's columns are its fields.
        statement: parameter name: of the one source that is wanted, or null for all.
        name: see there.
    """
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement, {"name": name}).fetchall()


def one(connection: psycopg.Connection, kind: type[Kind], statement: LiteralString, name: str) -> Kind | None:
    """Return the source of a name; None where there is none. Arguments as for ``rows``."""
    return next(iter(rows(connection, kind, statement, name)), None)
