"""Tours of the wall (巡演): where it goes by itself, stop by stop."""

from sqlalchemy import CheckConstraint, Integer, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, PlacedWidely, datetime, identity, place_check


class WallTour(PlacedWidely, Base):
    """A tour. ``places``: the jurisdiction that it was made in; seen and changed only by who holds all of it, as
    handovers are (decision 19).

    ``stops``: as ``spatial.rules.wall_tours.read`` returns them. ``version``: 1, and one more with each change.
    ``account``: who wrote it last.
    """

    __tablename__ = "wall_tour"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(Text)
    stops: Mapped[list] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    account: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        place_check(),
        CheckConstraint("cardinality(places) > 0", name="places"),
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        CheckConstraint("jsonb_typeof(stops) = 'array'", name="stops"),
        CheckConstraint("version > 0", name="version"),
    )
