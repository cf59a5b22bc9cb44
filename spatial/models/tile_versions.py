"""Versions of tiles (瓦片版本): the number of the last change in each cell of a layer."""

from sqlalchemy import BigInteger, CheckConstraint, Integer, PrimaryKeyConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Code


class TileVersion(Base):
    """The last change of one tile of a layer, by its number in the change feed.

    ``z``, ``x``, ``y``: cell of WebMercatorQuad, zoom 14 at most. ``whole``: all tiles below the cell changed
    with it; else the tile of this very address alone. Kept by the sequencer, nobody else.
    """

    __tablename__ = "tile_version"

    layer: Mapped[str] = mapped_column(Code)
    z: Mapped[int] = mapped_column(SmallInteger)
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    whole: Mapped[bool]
    seq: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        PrimaryKeyConstraint("layer", "z", "x", "y", "whole"),
        CheckConstraint("z BETWEEN 0 AND 14 AND x >= 0 AND x < 1 << z AND y >= 0 AND y < 1 << z", name="cell"),
    )
