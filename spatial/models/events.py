"""Events (事件): matters to handle, from patrols, the 12345 line, devices and residents; classes, steps, sums."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
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
    Sourced,
    datetime,
    drawn,
    identity,
    life_class,
    one_of,
    place_check,
    sound,
    source_key,
    stored,
    web_index,
)
from spatial.rules.events import (
    CLASS_KINDS,
    DUE_AT,
    FINISHED_AT,
    ORIGINS,
    STATES,
    UNFINISHED,
    UNSETTLED,
    WAITING,
)

HELD = ("no_grid", "no_keeper", "unknown_class", "by_hand", "keeper_gone")
"""Why an open event was not dispatched by itself: no grid holds its place; the grid has no keeper; its class is
unknown; its class is dispatched by hand; its keeper left the record."""


class EventClass(Base):
    """A class of events: two digits the major one (大类), four the minor one (小类). An administrator may replace them.

    ``respond_s``, ``resolve_s``: seconds within which an event is to be accepted and finished, and ``dispatch``:
    whether it is dispatched by itself when it comes in; where a minor class says nothing its major class does.
    """

    __tablename__ = "event_class"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    respond_s: Mapped[int | None] = mapped_column(Integer)
    resolve_s: Mapped[int | None] = mapped_column(Integer)
    dispatch: Mapped[bool | None] = mapped_column(Boolean)

    __table_args__ = (
        CheckConstraint("code ~ '^([0-9]{2}|[0-9]{4})$'", name="code"),
        one_of("kind", *CLASS_KINDS),
        CheckConstraint("respond_s BETWEEN 1 AND 31536000", name="respond_s"),
        CheckConstraint("resolve_s BETWEEN 1 AND 31536000", name="resolve_s"),
    )


class Event(Placed, Sourced, Base):
    """A matter to handle. ``place``: the place in words; ``class_code``: major and minor, 2 + 2.

    ``code``: its number at its source. ``accept_by``, ``deadline``: until when it is to be accepted and finished;
    ``due_at``: what of the two comes next, null when it is done. ``held``: one of :data:`HELD`. ``told``, ``told_due``:
    the state, and the ``due_at`` that has passed, of which steps and change feed know. ``version``: grows with each
    step. ``life_class``: by how long it was open, once it is finished.
    """

    __tablename__ = "event"

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    origin: Mapped[str] = mapped_column(Text, server_default="patrol")
    state: Mapped[str] = mapped_column(Text, server_default="open")
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    keeper_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("keeper.id", ondelete="SET NULL"))
    geom: Mapped[str] = stored("POINT")
    geom_web: Mapped[str] = drawn("geom", "POINT")
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    accept_by: Mapped[datetime | None] = mapped_column(Instant)
    deadline: Mapped[datetime | None] = mapped_column(Instant)
    dispatched_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    held: Mapped[str | None] = mapped_column(Text)
    told: Mapped[str | None] = mapped_column(Text)
    told_due: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    due_at: Mapped[datetime | None] = mapped_column(Instant, Computed(DUE_AT, persisted=True))
    life_class: Mapped[int | None] = mapped_column(SmallInteger, Computed(life_class(FINISHED_AT), persisted=True))

    __table_args__ = (
        UniqueConstraint("id", "area_code", "grid_code", name="event_place_key"),
        ForeignKeyConstraint(
            ["building_id", "area_code", "grid_code"],
            ["building.id", "building.area_code", "building.grid_code"],
            name="event_building_fkey", onupdate="CASCADE", ondelete="SET NULL (building_id)",
        ),
        source_key(), place_check(), sound("geom"), web_index("event"),
        one_of("origin", *ORIGINS),
        one_of("state", *STATES),
        one_of("held", *HELD),
        Index("event_code_idx", "code"),
        Index("event_building_id_idx", "building_id"),
        Index("event_occurred_at_idx", "occurred_at",
              postgresql_include=["class_code", "state", "grid_code", "keeper_id"]),
        Index("event_grid_code_idx", "grid_code", "occurred_at"),
        Index("event_keeper_id_idx", "keeper_id", postgresql_where=text("keeper_id IS NOT NULL")),
        Index("event_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("event_untold_idx", "due_at",
              postgresql_where=text("due_at IS NOT NULL AND told_due IS DISTINCT FROM due_at")),
        Index("event_unfinished_idx", "occurred_at", "id", postgresql_where=text(UNFINISHED),
              postgresql_include=["due_at", "grid_code", "keeper_id"]),
        Index("event_done_at_idx", "done_at", postgresql_where=text("done_at IS NOT NULL"),
              postgresql_include=["deadline", "dispatched_at", "accepted_at", "received_at", "grid_code",
                                  "keeper_id"]),
        Index("event_unsettled_idx", "id", postgresql_where=text(UNSETTLED)),
        Index("event_orphan_idx", "id",
              postgresql_where=text("keeper_id IS NULL AND state IN ('dispatched', 'accepted')")),
        Index("event_received_at_idx", "received_at"),
        Index("event_unfinished_grid_code_idx", "grid_code", postgresql_where=text(UNFINISHED)),
        Index("event_waiting_idx", "grid_code", "id", postgresql_where=text(WAITING)),
        Index("event_life_class_received_at_idx", "life_class", "received_at",
              postgresql_where=text("life_class IS NOT NULL")),
    )


class EventStep(Placed, Base):
    """One step in an event's life, never changed: what, by whom, when (the server's time), to which state.

    ``keeper_id``: whom it is with after the step. Partitioned by month of ``at``.
    """

    __tablename__ = "event_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    keeper_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        ForeignKeyConstraint(
            ["event_id", "area_code", "grid_code"], ["event.id", "event.area_code", "event.grid_code"],
            name="event_step_event_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        one_of("step", "taken", "imported", "dispatched", "accepted", "rejected", "reassigned", "done", "returned",
               "closed", "commented", "orphaned"),
        Index("event_step_event_id_idx", "event_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class EventDay(Placed, Base):
    """How many events of a class and state occurred in a place on a day of the centre's time zone.

    ``level``: digits of the place's code, 6, 9, 12 or 15; ``grid_code`` is that code with zeros behind. Rows with empty
    class and state hold all of them together.
    """

    __tablename__ = "event_day"

    level: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[date] = mapped_column(Date)
    class_code: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Code)
    events: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        PrimaryKeyConstraint("level", "day", "grid_code", "class_code", "state"),
        Index("event_day_class_idx", "level", "class_code", "day",
              postgresql_include=["grid_code", "area_code", "state", "events"]),
    )


class EventDayTouched(Placed, Base):
    """A grid and a day (of UTC) whose events are others now: a trigger writes it, the job sums anew and deletes it."""

    __tablename__ = "event_day_touched"

    id: Mapped[int] = identity()
    day: Mapped[date] = mapped_column(Date)


class EventDayZone(Base):
    """The time zone of the days in :class:`EventDay`: one row; none before the sums were made at all."""

    __tablename__ = "event_day_zone"

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    zone: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
