"""What imagery, terrain and 3D models have in common: a row that stands for files in the data directory."""

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from spatial.models.base import Instant, datetime, drawn, sound, stored, web_index


class Filed:
    """A source whose content lies in a file or folder of the data directory.

    It has no ``area_code`` and no row security: it lies in every community that it covers, and holds no
    object on record. ``path``: from the data directory, where the content lies. ``file_name``,
    ``file_sha256``: of what was imported. ``content_hash``: 16 bytes over that file and the options, so
    that the same import again is known. ``bytes``: size on disk. ``crs``: system of the content.
    ``minzoom``, ``maxzoom``: zooms at which a map shows it, of tiles of 256 pixels.
    """

    name: Mapped[str] = mapped_column(Text)
    attribution: Mapped[str | None] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    path: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)
    crs: Mapped[str] = mapped_column(Text)
    minzoom: Mapped[int] = mapped_column(SmallInteger)
    maxzoom: Mapped[int] = mapped_column(SmallInteger)
    imported_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    @declared_attr
    def footprint(cls) -> Mapped[str]:
        """What it covers, EPSG:4490."""
        return stored("MULTIPOLYGON")

    @declared_attr
    def geom_web(cls) -> Mapped[str]:
        """The footprint in EPSG:3857."""
        return drawn("footprint", "MULTIPOLYGON")


def filed(table: str) -> tuple:
    """Return the rules and the index that every table of files has."""
    return (
        UniqueConstraint("name"), UniqueConstraint("path"), sound("footprint"), web_index(table),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint("0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24", name="zooms"),
    )
