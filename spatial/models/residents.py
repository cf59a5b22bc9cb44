"""Residents (人口). Personal values are sealed; see spatial/cipher.py."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Placed, Sourced, identity, one_of, place_check, source_key

CARE_CATEGORIES = (
    "elderly_alone", "disabled", "low_income", "chronic", "minor_unattended", "pregnant",
)
"""Care categories (关爱类别): 独居老人, 残疾人, 低保, 慢性病, 留守儿童, 孕产妇."""


class Resident(Placed, Sourced, Base):
    """One resident. Name, identity number and telephone are AES-256-GCM ciphertext.

    ``id_number_index``: keyed hash of the identity number, for exact look-up only.
    ``registration``: registered (户籍), floating (流动) or overseas (境外).
    """

    __tablename__ = "resident"

    id: Mapped[int] = identity()
    household_id: Mapped[int] = mapped_column(BigInteger)
    building_id: Mapped[int] = mapped_column(BigInteger)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    sex: Mapped[str | None] = mapped_column(Text)
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    registration: Mapped[str] = mapped_column(Text, server_default="registered")
    care: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))

    __table_args__ = (
        ForeignKeyConstraint(
            ["household_id", "building_id", "area_code", "grid_code"],
            ["household.id", "household.building_id", "household.area_code", "household.grid_code"],
            name="resident_household_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        source_key(),
        place_check(),
        one_of("sex", "M", "F"),
        one_of("registration", "registered", "floating", "overseas"),
        CheckConstraint("birth_year BETWEEN 1880 AND 2200", name="birth_year"),
        CheckConstraint(
            "care <@ ARRAY[" + ", ".join(f"'{word}'" for word in CARE_CATEGORIES) + "]::text[]", name="care"
        ),
        Index("resident_household_id_idx", "household_id"),
        Index("resident_building_id_idx", "building_id"),
        Index("resident_id_number_index_idx", "id_number_index"),
    )
