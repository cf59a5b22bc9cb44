"""Water (水系): rivers, lakes, ponds."""

from sqlalchemy import Text
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


class Water(Placed, Sourced, Base):
    """A body of water."""

    __tablename__ = "water"

    id: Mapped[int] = identity()
    water_class: Mapped[str] = mapped_column("class", Text)
    name: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")

    __table_args__ = (source_key(), place_check(), sound("geom"), web_index("water"))
