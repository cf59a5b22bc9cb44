"""Terrain (地形): elevation models of the ground."""

from sqlalchemy import CheckConstraint, Double, Integer
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, identity
from spatial.models.filed import Filed, filed


class Terrain(Filed, Base):
    """Heights as Cloud Optimized GeoTIFF: one band, metres above the file's own datum.

    ``width``, ``height``: pixels. ``resolution_m``: metres of a pixel on the ground. ``lowest_m``,
    ``highest_m``: of all pixels that have a height.
    """

    __tablename__ = "terrain"

    id: Mapped[int] = identity()
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    resolution_m: Mapped[float] = mapped_column(Double)
    lowest_m: Mapped[float] = mapped_column(Double)
    highest_m: Mapped[float] = mapped_column(Double)

    __table_args__ = (
        *filed("terrain"),
        CheckConstraint("width > 0 AND height > 0 AND resolution_m > 0", name="size"),
        CheckConstraint("lowest_m >= -500 AND lowest_m <= highest_m AND highest_m <= 9000", name="heights"),
    )
