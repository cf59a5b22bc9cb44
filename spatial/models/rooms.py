"""Rooms (户室): the dwellings and other premises of a unit."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Placed, Sourced, identity, one_of, place_check, source_key
from spatial.rules.rooms import TENURES, USES


class Room(Placed, Sourced, Base):
    """One room of a unit. ``floor``: storey, negative below ground. ``area_m2``: floor area.

    ``version`` grows with each change of what people may fill in, whoever makes it: a trigger keeps it.
    """

    __tablename__ = "room"

    id: Mapped[int] = identity()
    unit_id: Mapped[int] = mapped_column(BigInteger)
    building_id: Mapped[int] = mapped_column(BigInteger)
    floor: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[str] = mapped_column(Text)
    use: Mapped[str] = mapped_column(Text, server_default="residential")
    tenure: Mapped[str] = mapped_column(Text, server_default="unknown")
    area_m2: Mapped[float | None] = mapped_column(Double)
    surveyed_at: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (
        ForeignKeyConstraint(
            ["unit_id", "building_id", "area_code", "grid_code"],
            ["unit.id", "unit.building_id", "unit.area_code", "unit.grid_code"],
            name="room_unit_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        UniqueConstraint("unit_id", "number"),
        UniqueConstraint("id", "building_id", "area_code", "grid_code", name="room_place_key"),
        source_key(),
        place_check(),
        one_of("use", *USES),
        one_of("tenure", *TENURES),
        CheckConstraint("floor BETWEEN -20 AND 200", name="floor"),
        CheckConstraint("area_m2 > 0 AND area_m2 <= 100000", name="area_m2"),
        Index("room_building_id_idx", "building_id"),
    )
