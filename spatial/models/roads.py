"""Roads (道路) by their centre lines."""

from sqlalchemy import CheckConstraint, Double, Text
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Placed,
    Sourced,
    drawn,
    identity,
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)


class Road(Placed, Sourced, Base):
    """A stretch of road by its centre line; ``width_m`` from kerb to kerb."""

    __tablename__ = "road"

    id: Mapped[int] = identity()
    road_class: Mapped[str] = mapped_column("class", Text)
    name: Mapped[str | None] = mapped_column(Text)
    width_m: Mapped[float | None] = mapped_column(Double)
    geom: Mapped[str] = stored("MULTILINESTRING")
    geom_web: Mapped[str] = drawn("geom", "MULTILINESTRING")

    __table_args__ = (
        source_key(), place_check(), sound("geom"), web_index("road"),
        CheckConstraint("width_m > 0 AND width_m <= 200", name="width_m"),
    )
