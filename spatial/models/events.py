"""Events (事件): matters to handle, from patrols, the 12345 line, devices and residents."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint, func
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


class Event(Placed, Sourced, Base):
    """A matter to handle. ``place``: the place in words; ``class_code``: major and minor, 2 + 2."""

    __tablename__ = "event"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    origin: Mapped[str] = mapped_column(Text, server_default="patrol")
    state: Mapped[str] = mapped_column(Text, server_default="open")
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    deadline: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("code"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="event_building_fkey", onupdate="CASCADE", ondelete="SET NULL (building_id)",
        ),
        source_key(), place_check(), sound("geom"), web_index("event"),
        one_of("origin", "patrol", "12345", "device", "resident"),
        one_of("state", "open", "dispatched", "done"),
        Index("event_building_id_idx", "building_id"),
        Index("event_occurred_at_idx", "occurred_at"),
    )
