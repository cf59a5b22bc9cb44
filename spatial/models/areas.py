"""Areas (区划): county, street, community; the levels above the grid."""

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Placed,
    Sourced,
    drawn,
    identity,
    one_of,
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)


class Area(Placed, Sourced, Base):
    """A county (区县), street (街道) or community (社区).

    ``code``: 12 digits of the statistical scheme, zero padded: county 999001000000, street
    999001001000, community 999001001001. ``area_code`` equals ``code``.
    """

    __tablename__ = "area"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    code_scheme: Mapped[str] = mapped_column(Text, server_default="stat-12")
    level: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    parent_code: Mapped[str | None] = mapped_column(Code)
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")

    __table_args__ = (
        UniqueConstraint("code"),
        source_key(),
        place_check(),
        CheckConstraint("area_code = code", name="own_place"),
        one_of("level", "county", "street", "community"),
        sound("geom"),
        web_index("area"),
    )
