"""What devices say (设备状态): state now, readings over time, freshness and its history.

Apart from ``device``, which is drawn: a sign of life must not make its tiles old.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, Placed, datetime, identity, one_of, place_check
from spatial.rules.freshness import FRESHNESS


def _device() -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey("device.id", ondelete="CASCADE"))


class DeviceKind(Base):
    """A kind of devices, as data: names, expected interval in seconds, and what it measures.

    ``quantities``: quantity → [unit, name, English name], and of what is no measure a fourth part, 数值含义: value as
    text → [word, English word]. The kind ``other`` stands for kinds that are not listed.
    """

    __tablename__ = "device_kind"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    expected_interval_s: Mapped[int] = mapped_column(Integer)
    quantities: Mapped[dict] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (CheckConstraint("expected_interval_s > 0", name="expected_interval_s"),)


class DeviceState(Placed, Base):
    """One device now; triggers of ``device`` make the row and keep kind, interval and place.

    ``last_seen``: the device's time of its newest sign of life; the server's, with ``clock_wrong``, where its clock was
    ahead. ``received_at``: the server's. ``changes_at``: freshness cannot change before; signs of life do not move it,
    so that they touch no index. ``values``: quantity → [value, unit, device's time].
    """

    __tablename__ = "device_state"

    device_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("device.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    interval_s: Mapped[int] = mapped_column(Integer)
    freshness: Mapped[str] = mapped_column(Text, server_default="unknown")
    last_seen: Mapped[datetime | None] = mapped_column(Instant)
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    clock_wrong: Mapped[bool] = mapped_column(Boolean, server_default="false")
    changes_at: Mapped[datetime | None] = mapped_column(Instant)
    values: Mapped[dict] = mapped_column(JSONB, server_default="{}")

    __table_args__ = (
        place_check(), one_of("freshness", *FRESHNESS),
        Index("device_state_changes_at_idx", "changes_at", postgresql_where=text("changes_at IS NOT NULL")),
        Index("device_state_silent_idx", "freshness", "device_id", postgresql_where=text("freshness <> 'fresh'")),
    )


class DeviceTally(Placed, Base):
    """A change of how many devices of a kind have a freshness in a grid; the sum over all rows is the count now."""

    __tablename__ = "device_tally"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(Text)
    freshness: Mapped[str] = mapped_column(Text)
    devices: Mapped[int] = mapped_column(Integer)

    __table_args__ = (place_check(), Index("device_tally_grid_code_idx", "grid_code"))


class DeviceReading(Placed, Base):
    """One measured value, at the place where the device was then. Partitioned by month of ``received_at``.

    ``at``: the device's time; the server's where the device's was not to be believed, which then stands in
    ``said_at``. Either ``value`` or ``text`` is set; true and false are 1 and 0.
    """

    __tablename__ = "device_reading"

    device_id: Mapped[int] = _device()
    quantity: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    said_at: Mapped[datetime | None] = mapped_column(Instant)
    value: Mapped[float | None] = mapped_column(Double)
    word: Mapped[str | None] = mapped_column("text", Text)
    unit: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        PrimaryKeyConstraint("device_id", "quantity", "at", "received_at"),
        place_check(),
        CheckConstraint("(value IS NULL) <> (text IS NULL)", name="value"),
        Index("device_reading_said_at_idx", "device_id", "quantity", "said_at",
              postgresql_where=text("said_at IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (received_at)"},
    )


class DeviceStep(Placed, Base):
    """A change of a device's freshness, at the server's time. Partitioned by its month."""

    __tablename__ = "device_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    device_id: Mapped[int] = _device()
    was: Mapped[str] = mapped_column(Text)
    freshness: Mapped[str] = mapped_column(Text)
    last_seen: Mapped[datetime | None] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        place_check(), one_of("freshness", *FRESHNESS),
        Index("device_step_device_id_idx", "device_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class DeviceWatch(Base):
    """When the job that watches freshness was last alive: one row."""

    __tablename__ = "device_watch"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    beat: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)


class DeviceOutage(Base):
    """A time in which we ourselves were away: silence in it is nobody's fault."""

    __tablename__ = "device_outage"

    down_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    up_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        CheckConstraint("down_at <= up_at", name="order"), Index("device_outage_up_at_idx", "up_at"))
