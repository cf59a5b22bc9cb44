"""Grids of a plan that came as a file (规划网格), until a planner makes a draft of them."""

from sqlalchemy import Text
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


class PlannedGrid(Placed, Sourced, Base):
    """One grid of an imported plan. Nothing but a draft is ever made of it; gaps and overlaps are welcome.

    ``code`` and ``name`` are those of the file, whatever they are: a draft says what is wrong with them. Its place is
    that of the point on its surface.
    """

    __tablename__ = "planned_grid"

    id: Mapped[int] = identity()
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="basic")
    geom: Mapped[str] = stored("MULTIPOLYGON")
    geom_web: Mapped[str] = drawn("geom", "MULTIPOLYGON")

    __table_args__ = (source_key(), place_check(), sound("geom"), web_index("planned_grid"))
