"""Organisations (组织/法人)."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
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


class Organisation(Placed, Sourced, Base):
    """A legal entity. ``code``: unified social credit code (统一社会信用代码), 18 characters."""

    __tablename__ = "organisation"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    industry: Mapped[str | None] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")

    __table_args__ = (
        UniqueConstraint("code"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="organisation_building_fkey", onupdate="CASCADE", ondelete="SET NULL (building_id)",
        ),
        source_key(), place_check(), sound("geom"), web_index("organisation"),
        Index("organisation_building_id_idx", "building_id"),
        CheckConstraint("code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="code"),
    )
