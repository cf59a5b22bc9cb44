"""Places (地名): the names on the map."""

from sqlalchemy import SmallInteger, Text
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


class Place(Placed, Sourced, Base):
    """A name on the map at a point; the smaller its ``rank``, the earlier it is shown."""

    __tablename__ = "place"

    id: Mapped[int] = identity()
    place_class: Mapped[str] = mapped_column("class", Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(SmallInteger, server_default="9")
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")

    __table_args__ = (source_key(), place_check(), sound("geom"), web_index("place"))
