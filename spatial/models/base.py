"""What every table has in common: naming, keys, place and provenance."""

from datetime import datetime

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


class Base(DeclarativeBase):
    """Declarative base of every table."""

    metadata = metadata


Code = Text(collation="C")
"""A business code: compared byte by byte, so that a jurisdiction is a range of codes."""

Instant = DateTime(timezone=True)
"""A point in time, stored in UTC."""


def identity() -> Mapped[int]:
    """Return the internal identity key of a table."""
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


class Placed:
    """A row that belongs to a place, and is seen only within a jurisdiction.

    ``area_code``: 12 digits of its community. ``grid_code``: 15 digits of its grid;
    the community's code and ``000`` where no grid covers it. Unplaced (未落位): all zeros.
    """

    area_code: Mapped[str] = mapped_column(Code, nullable=False)
    grid_code: Mapped[str] = mapped_column(Code, nullable=False)


class PlacedWidely(Placed):
    """A row that belongs to several places at once, such as a warning of a whole street.

    ``places``: prefixes of grid codes, 6 digits a county … 15 digits one grid. Whoever is responsible for a part of
    them sees the row; whoever is responsible for all of them may write it. Its own codes are those of what is unplaced.
    """

    places: Mapped[list[str]] = mapped_column(ARRAY(Code), nullable=False)


class Sourced:
    """A row that came from a source, and is found again by its key there.

    ``content_hash``: 16 bytes over all imported values, so that an unchanged row is known
    without comparing columns.
    """

    source: Mapped[str] = mapped_column(Text, nullable=False)
    source_key: Mapped[str] = mapped_column(Code, nullable=False)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)


def place_check() -> CheckConstraint:
    """Return the rule that a grid code begins with its area code and both are whole."""
    return CheckConstraint(
        "length(area_code) = 12 AND length(grid_code) = 15 AND left(grid_code, 12) = area_code",
        name="place",
    )


def source_key() -> UniqueConstraint:
    """Return the rule that a source's key stands once."""
    return UniqueConstraint("source", "source_key")


def stored(kind: str, *, nullable: bool = False) -> Mapped[str]:
    """Return a geometry column as stored: CGCS2000 (EPSG:4490), lon/lat degrees."""
    return mapped_column(Geometry(kind, srid=4490, spatial_index=False), nullable=nullable)


def drawn(column: str, kind: str, *, nullable: bool = False) -> Mapped[str]:
    """Return ``geom_web``, the drawn form of a geometry column: EPSG:3857, generated.

    CGCS2000 and WGS 84 are taken as one datum (they agree within a metre), because PROJ
    has no other transformation between them than the null one.
    """
    return mapped_column(
        Geometry(kind, srid=3857, spatial_index=False),
        Computed(f"ST_Transform(ST_SetSRID({column}, 4326), 3857)", persisted=True),
        nullable=nullable,
    )


def web_index(table: str) -> Index:
    """Return the table's one spatial index, on ``geom_web``."""
    return Index(f"{table}_geom_web_idx", "geom_web", postgresql_using="gist")


def sound(column: str) -> CheckConstraint:
    """Return the rule that a geometry is valid, not empty, finite and within Web Mercator."""
    return CheckConstraint(f"shapan_sound({column})", name=f"{column}_sound")


def life_class(ended: str) -> str:
    """Return the SQL of the class of what is over by how long it was open; null while it is open.

    Lets what was open at an instant of the past be found in a plain index, which row security leaves in use: see
    ``spatial/queries/past.py``.

    Args:
        ended: SQL of the instant at which it was over.
    """
    return f"""width_bucket(extract(epoch from {ended} - received_at)::double precision, ARRAY[
    4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]::double precision[])"""


def one_of(column: str, *values: str) -> CheckConstraint:
    """Return the rule that a text column holds one of a fixed set of words."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


__all__ = [
    "Base", "Code", "Instant", "Placed", "PlacedWidely", "Sourced", "datetime", "drawn", "identity",
    "life_class", "metadata", "one_of", "place_check", "sound", "source_key", "stored", "web_index",
]
