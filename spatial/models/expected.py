"""Declared totals (应录总数) and which fields make a row count as entered (录入)."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Placed, Sourced, identity, one_of, place_check, source_key
from spatial.rules.entry_rate import ENTRY_KINDS


class Expected(Placed, Sourced, Base):
    """How many rows of one kind a place should hold, as somebody declared; the latest declaration counts.

    The place is an area (its code and ``000`` in ``grid_code``), a grid, or a building (``building_id``).
    ``basis``: ``total``, or ``rooms_per_floor`` for the housing of a building, whose total is then ``value`` times
    its storeys above ground. ``declared_by``: who or which paper says so. ``as_of``: for which day.
    """

    __tablename__ = "expected"

    id: Mapped[int] = identity()
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, server_default="total")
    value: Mapped[int] = mapped_column(BigInteger)
    declared_by: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)

    __table_args__ = (
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="expected_building_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        source_key(), place_check(),
        one_of("kind", *ENTRY_KINDS),
        one_of("basis", "total", "rooms_per_floor"),
        CheckConstraint("basis = 'total' OR kind = 'housing' AND building_id IS NOT NULL", name="basis_of"),
        CheckConstraint("value >= 0", name="value"),
        Index("expected_building_id_idx", "building_id"),
        Index("expected_grid_code_idx", "grid_code"),
    )


class EntryRequirement(Base):
    """A field that must be filled for a row to count as entered. An administrator may replace them."""

    __tablename__ = "entry_requirement"

    kind: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)

    __table_args__ = (PrimaryKeyConstraint("kind", "field"), one_of("kind", *ENTRY_KINDS))
