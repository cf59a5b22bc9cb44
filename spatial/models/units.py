"""Units (单元): the entrances of a building."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, SmallInteger, Text, UniqueConstraint
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


class Unit(Placed, Sourced, Base):
    """One unit of a building, with the point of its entrance where known.

    Its place is its building's: the foreign key carries both codes, so that moving the
    building moves everything inside it, and nobody can attach a row to a building outside
    their jurisdiction.
    """

    __tablename__ = "unit"

    id: Mapped[int] = identity()
    building_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(Text)
    entrance: Mapped[str | None] = stored("POINT", nullable=True)
    geom_web: Mapped[str | None] = drawn("entrance", "POINT", nullable=True)
    floors: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="unit_building_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        UniqueConstraint("building_id", "number"),
        UniqueConstraint("id", "building_id", "area_code", "grid_code", name="unit_place_key"),
        source_key(),
        place_check(),
        sound("entrance"),
        web_index("unit"),
        CheckConstraint("floors BETWEEN 0 AND 200", name="floors"),
    )
