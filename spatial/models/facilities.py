"""Facilities (部件/设施): hydrants, lamps, manholes, shelters and the rest."""

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
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
from spatial.rules.nearest import ROLES


class Facility(Placed, Sourced, Base):
    """A facility of any geometry type. ``class_code``: major and minor class, 2 + 2 digits."""

    __tablename__ = "facility"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    name: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="normal")
    department: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[str] = stored("GEOMETRY")
    geom_web: Mapped[str] = drawn("geom", "GEOMETRY")

    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("id", "area_code", "grid_code", name="facility_place_key"),
        source_key(), place_check(), sound("geom"), web_index("facility"),
        one_of("state", "normal", "damaged", "missing"),
        # The nearest of one class: of places alone it would be walked until the third of a rare class is found.
        Index("facility_class_code_geom_web_idx", "class_code", "geom_web", postgresql_using="gist"),
    )



class FacilityClass(Base):
    """A class of facilities, which each city names as it does. ``role``: what it is to rescuers; null for most."""

    __tablename__ = "facility_class"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{4}$'", name="code"),
        one_of("role", *ROLES),
    )
