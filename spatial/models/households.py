"""Households (户): who lives together in a room."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Placed, Sourced, identity, one_of, place_check, source_key


class Household(Placed, Sourced, Base):
    """One household of a room. ``kind``: family (家庭户) or collective (集体户)."""

    __tablename__ = "household"

    id: Mapped[int] = identity()
    room_id: Mapped[int] = mapped_column(BigInteger)
    building_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(Text, server_default="1")
    kind: Mapped[str] = mapped_column(Text, server_default="family")

    __table_args__ = (
        ForeignKeyConstraint(
            ["room_id", "building_id", "area_code", "grid_code"],
            ["room.id", "room.building_id", "room.area_code", "room.grid_code"],
            name="household_room_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        UniqueConstraint("room_id", "number"),
        UniqueConstraint("id", "building_id", "area_code", "grid_code", name="household_place_key"),
        source_key(),
        place_check(),
        one_of("kind", "family", "collective"),
        Index("household_building_id_idx", "building_id"),
    )
