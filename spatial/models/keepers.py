"""Grid keepers (网格员) and where they have been."""

from sqlalchemy import BigInteger, ForeignKey, Index, PrimaryKeyConstraint, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Instant,
    Placed,
    Sourced,
    datetime,
    identity,
    place_check,
    sound,
    source_key,
    stored,
)


class Keeper(Placed, Sourced, Base):
    """A grid keeper; ``area_code`` and ``grid_code`` are those of the grid kept.

    ``position``: last place that is believed (``spatial/rules/tracks.py``), with the device's time ``position_at``.
    ``duty_since``: since when positions come without a long gap.
    """

    __tablename__ = "keeper"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    position: Mapped[str | None] = stored("POINT", nullable=True)
    position_at: Mapped[datetime | None] = mapped_column(Instant)
    duty_since: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("code"),
        source_key(),
        place_check(),
        sound("position"),
        Index("keeper_grid_code_idx", "grid_code"),
    )


class KeeperTrack(Placed, Base):
    """One position of a keeper. ``at``: the device's time; ``received_at``: the server's.

    ``reported_at``: what the device said where its clock was ahead of ours and was not believed; else null.
    Partitioned by month of ``received_at``.
    """

    __tablename__ = "keeper_track"

    keeper_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("keeper.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    reported_at: Mapped[datetime | None] = mapped_column(Instant)
    position: Mapped[str] = stored("POINT")

    __table_args__ = (
        PrimaryKeyConstraint("keeper_id", "at", "received_at"),
        place_check(),
        sound("position"),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )
