"""Alarms (告警), each step of their life, their types, and the proof that each message counts once."""

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
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Code,
    Instant,
    Placed,
    datetime,
    drawn,
    identity,
    life_class,
    one_of,
    place_check,
    sound,
    stored,
    web_index,
)
from spatial.rules.alarms import SEVERITIES, STEPS


class Alarm(Placed, Base):
    """Something is wrong now. ``active`` until cleared; unacknowledged until somebody saw it.

    ``event_id`` is that of the message that raised it. While it is active, a further message
    of the same device and type raises ``repeats`` instead of a row. ``occurred_at`` is the
    device's time of the first raise, ``received_at`` the server's; ``last_…`` are those of the newest one.
    ``clock_doubt``: no raise came from a clock that is believed; the server's time stands instead.
    ``shelved_until``: put aside (搁置) until then. ``clears_at``: when the job looks whether it has cleared
    by itself. ``group_id``: the first alarm of its group (首出告警), which may be itself;
    null is the same as itself.
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
    last_occurred_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    clock_doubt: Mapped[bool] = mapped_column(Boolean, server_default=false())
    assignee: Mapped[str | None] = mapped_column(Text)
    shelved_until: Mapped[datetime | None] = mapped_column(Instant)
    clears_at: Mapped[datetime | None] = mapped_column(Instant)
    group_id: Mapped[int | None] = mapped_column(BigInteger)
    life_class: Mapped[int | None] = mapped_column(SmallInteger, Computed(life_class("closed_at"), persisted=True))

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
        CheckConstraint("closed_at IS NULL OR shelved_until IS NULL", name="shelved"),
        Index("alarm_open_idx", "id", postgresql_where=text("closed_at IS NULL")),
        Index(
            "alarm_unacknowledged_idx", "severity", "id",
            postgresql_where=text("closed_at IS NULL AND acknowledged_at IS NULL"),
        ),
        Index("alarm_received_at_idx", "received_at"),
        Index("alarm_shelved_until_idx", "shelved_until", postgresql_where=text("shelved_until IS NOT NULL")),
        Index("alarm_clears_at_idx", "clears_at", postgresql_where=text("clears_at IS NOT NULL")),
        Index("alarm_group_id_idx", "group_id", postgresql_where=text("closed_at IS NULL")),
        Index("alarm_open_grid_code_idx", "grid_code", postgresql_where=text("closed_at IS NULL")),
        Index("alarm_life_class_received_at_idx", "life_class", "received_at",
              postgresql_where=text("life_class IS NOT NULL")),
        Index("alarm_building_id_idx", "building_id"),
        Index(
            "alarm_active_device_type_idx", "device_id", "type", unique=True,
            postgresql_where=text("active AND device_id IS NOT NULL"),
        ),
        Index("alarm_device_id_received_at_idx", "device_id", "received_at"),
    )


class AlarmStep(Placed, Base):
    """One thing that happened to an alarm. ``account``: whose message, who did it, or ``system`` for a job.

    ``detail``: what the word does not say, such as until when it is shelved. Partitioned by month of the
    server's time ``at``.
    """

    __tablename__ = "alarm_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    alarm_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("alarm.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    note: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        place_check(),
        one_of("step", "raised", "repeated", "escalated", *STEPS.values()),
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


class AlarmMark(Base):
    """What messages said so far about one device and type; intake locks its rows in order.

    ``told_at``: server's time of the newest message. The others are the device's: ``cleared_to`` of the newest
    clear, ``ended_to`` of the one that ended ``ended_alarm_id``.
    """

    __tablename__ = "alarm_mark"

    device_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("device.id", ondelete="CASCADE"))
    alarm_type: Mapped[str] = mapped_column("type", Text)
    told_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    cleared_to: Mapped[datetime | None] = mapped_column(Instant)
    ended_alarm_id: Mapped[int | None] = mapped_column(BigInteger)
    ended_to: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (PrimaryKeyConstraint("device_id", "type"),)


class AlarmGroup(Placed, Base):
    """Alarms that belong together, while others may still join them. ``id`` and place are those of the first one.

    ``lon``, ``lat``: degrees, EPSG:4490. ``cell``: a square of the map by which neighbours are found
    (``spatial/queries/alarms/grouping.py``). A job deletes the row when the group can
    grow no more; the alarms keep their ``group_id``.
    """

    __tablename__ = "alarm_group"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str | None] = mapped_column(Text)
    lon: Mapped[float] = mapped_column(Double)
    lat: Mapped[float] = mapped_column(Double)
    cell: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    last_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        place_check(), Index("alarm_group_building_id_idx", "building_id"), Index("alarm_group_cell_idx", "cell"),
    )


class AlarmStray(Placed, Base):
    """A message about a device that is not on record (游离告警), kept until it is; unplaced.

    ``scope``: jurisdiction of ``account``, who sent it; a device elsewhere will not take it. ``tries``: how often a
    job failed to take it in.
    """

    __tablename__ = "alarm_stray"

    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Code)
    device: Mapped[str] = mapped_column(Code)
    message: Mapped[dict] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    tries: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (
        PrimaryKeyConstraint("source", "event_id"),
        place_check(),
        Index("alarm_stray_device_idx", "device"),
        Index("alarm_stray_account_idx", "account"),
    )


class AlarmType(Base):
    """A type of alarm: how people call it, and what is to be done. Data that an administrator may change.

    ``auto_clear_s``: seconds without a repeat after which it has cleared by itself. ``response_s``: seconds within
    which somebody should have acknowledged it.
    """

    __tablename__ = "alarm_type"

    alarm_type: Mapped[str] = mapped_column("type", Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    auto_clear_s: Mapped[int | None] = mapped_column(Integer)
    response_s: Mapped[int | None] = mapped_column(Integer)
    advice: Mapped[str | None] = mapped_column(Text)
    advice_en: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("auto_clear_s > 0", name="auto_clear_s"),
        CheckConstraint("response_s > 0", name="response_s"),
    )
