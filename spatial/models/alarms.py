"""Alarms (告警), each step of their life, and the proof that each message counts once."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Instant,
    Placed,
    datetime,
    drawn,
    identity,
    one_of,
    place_check,
    sound,
    stored,
    web_index,
)

SEVERITIES = ("critical", "major", "minor", "warning", "info")
"""Severities from the worst to the mildest."""

LIFE_CLASSES = 14
"""How many classes of life there are: under 4 s, under 16 s, … under 4^13 s (two years), and above."""

LIFE_CLASS = """width_bucket(extract(epoch from closed_at - received_at)::double precision, ARRAY[
    4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]::double precision[])"""
"""Class of a closed alarm by how long it was open; null while it is open. Lets those that were open at an instant of
the past be found in a plain index, which row security leaves in use: see ``spatial/queries/past.py``."""


class Alarm(Placed, Base):
    """Something is wrong now. ``active`` until cleared; unacknowledged until somebody saw it.

    ``event_id`` is that of the message that raised it. While it is active, a further message
    of the same device and type raises ``repeats`` instead of a row. ``occurred_at`` is the
    device's time, ``received_at`` the server's.
    """

    __tablename__ = "alarm"

    id: Mapped[int] = identity()
    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Code)
    severity: Mapped[str] = mapped_column(Text)
    alarm_type: Mapped[str] = mapped_column("type", Text)
    note: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default="true")
    device_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("device.id", ondelete="SET NULL"))
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str | None] = mapped_column(Text)
    room: Mapped[str | None] = mapped_column(Text)
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    z_m: Mapped[float] = mapped_column(Double, server_default="0")
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    repeats: Mapped[int] = mapped_column(Integer, server_default="0")
    life_class: Mapped[int | None] = mapped_column(SmallInteger, Computed(LIFE_CLASS, persisted=True))

    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="alarm_building_fkey", onupdate="CASCADE", ondelete="SET NULL (building_id)",
        ),
        place_check(), sound("geom"), web_index("alarm"),
        one_of("severity", *SEVERITIES),
        CheckConstraint("active = (cleared_at IS NULL)", name="cleared"),
        CheckConstraint(
            "closed_at IS NULL OR (cleared_at IS NOT NULL AND acknowledged_at IS NOT NULL)", name="closed"
        ),
        Index("alarm_open_idx", "received_at", postgresql_where=text("closed_at IS NULL")),
        Index("alarm_open_grid_code_idx", "grid_code", postgresql_where=text("closed_at IS NULL")),
        Index("alarm_life_class_received_at_idx", "life_class", "received_at",
              postgresql_where=text("life_class IS NOT NULL")),
        Index("alarm_received_at_idx", "received_at"),
        Index("alarm_building_id_idx", "building_id"),
        Index(
            "alarm_active_device_type_idx", "device_id", "type", unique=True,
            postgresql_where=text("active AND device_id IS NOT NULL"),
        ),
        Index("alarm_device_id_received_at_idx", "device_id", "received_at"),
    )


class AlarmStep(Placed, Base):
    """One transition of an alarm: raised, repeated, acknowledged, cleared or closed.

    Partitioned by month of the server's time ``at``.
    """

    __tablename__ = "alarm_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    alarm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alarm.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        place_check(),
        one_of("step", "raised", "repeated", "acknowledged", "cleared", "closed"),
        Index("alarm_step_alarm_id_idx", "alarm_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class AlarmMessage(Base):
    """Every accepted message stands once: the proof that a repeated delivery changes nothing.

    A table of its own because a table partitioned by time cannot hold this key. ``alarm_id``
    is null for the clearing of an alarm that was not active.
    """

    __tablename__ = "alarm_message"

    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Code)
    alarm_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("source", "event_id"),
        {"postgresql_partition_by": "HASH (source, event_id)"},
    )
