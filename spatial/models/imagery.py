"""Imagery (影像): pictures from above."""

from sqlalchemy import ARRAY, CheckConstraint, Double, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, identity
from spatial.models.filed import Filed, filed


class Imagery(Filed, Base):
    """A picture as Cloud Optimized GeoTIFF: red, green, blue of 8 bits, with a mask where it has holes.

    ``width``, ``height``: pixels. ``resolution_m``: metres of a pixel on the ground. ``bands``: what each
    band is: red, green, blue, and mask where there is one.
    """

    __tablename__ = "imagery"

    id: Mapped[int] = identity()
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    resolution_m: Mapped[float] = mapped_column(Double)
    bands: Mapped[list[str]] = mapped_column(ARRAY(Text))

    __table_args__ = (
        *filed("imagery"),
        CheckConstraint("width > 0 AND height > 0 AND resolution_m > 0", name="size"),
    )
