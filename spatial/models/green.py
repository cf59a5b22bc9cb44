"""Green (绿地): parks, lawns, woods."""

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


class Green(Placed, Sourced, Base):
    """A park, lawn or wood."""

    __tablename__ = "green"

    id: Mapped[int] = identity()
    green_class: Mapped[str] = mapped_column("class", Text)
    name: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")

    __table_args__ = (source_key(), place_check(), sound("geom"), web_index("green"))
