"""Grids (网格): the smallest unit of responsibility, versioned in time."""

from sqlalchemy import CheckConstraint, Text, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Instant,
    Placed,
    Sourced,
    datetime,
    drawn,
    identity,
    one_of,
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)


class Grid(Placed, Sourced, Base):
    """One version of one grid, in force from ``valid_from`` until before ``valid_to``.

    ``code``: its community's code and 3 digits; ``grid_code`` equals ``code``. Two versions
    of one code never overlap in time. ``kind``: basic (基础网格) or special (专属网格).
    """

    __tablename__ = "grid"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text, server_default="basic")
    name: Mapped[str] = mapped_column(Text)
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")
    valid_from: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    valid_to: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        source_key(),
        place_check(),
        CheckConstraint("grid_code = code", name="own_place"),
        CheckConstraint("valid_to > valid_from", name="validity"),
        one_of("kind", "basic", "special"),
        sound("geom"),
        ExcludeConstraint(
            ("code", "="),
            (text("tstzrange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="grid_code_validity_excl",
        ),
        web_index("grid"),
    )
