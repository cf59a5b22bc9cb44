"""Tasks (工作清单): what a keeper is to visit, survey, patrol or check, and what became of it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import Base, Instant, Placed, datetime, identity, one_of, place_check
from spatial.rules.tasks import KEEPERLESS, KINDS, STATES

TARGETS = ("building", "room", "household", "facility", "event")


def _target(kind: str, *columns: str, deferred: bool = False) -> ForeignKeyConstraint:
    later = {"deferrable": True, "initially": "DEFERRED"} if deferred else {}
    return ForeignKeyConstraint(
        [*columns, "area_code", "grid_code"],
        [f"{kind}.id", *(f"{kind}.{column}" for column in columns[1:]), f"{kind}.area_code", f"{kind}.grid_code"],
        name=f"task_{kind}_fkey", onupdate="CASCADE", ondelete=f"SET NULL ({', '.join(columns)})", **later,
    )


class Task(Placed, Base):
    """One thing to do for a keeper. Its place is that of its target, and goes with it.

    ``target_kind`` says which of the ids counts; ``building_id`` is set for rooms and households as well. ``done_at``:
    when it was done or cancelled. ``told_due``: the ``due_at`` that has passed of which the change feed knows.
    ``looked_at``: false while the room of a survey has changed and nobody looked whether it is complete. ``version``
    grows with each step.
    """

    __tablename__ = "task"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="due")
    title: Mapped[str] = mapped_column(Text)
    keeper_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("keeper.id", ondelete="SET NULL"))
    target_kind: Mapped[str] = mapped_column(Text)
    building_id: Mapped[int | None] = mapped_column(BigInteger)
    room_id: Mapped[int | None] = mapped_column(BigInteger)
    household_id: Mapped[int | None] = mapped_column(BigInteger)
    facility_id: Mapped[int | None] = mapped_column(BigInteger)
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    target_id: Mapped[int | None] = mapped_column(
        BigInteger, Computed("coalesce(event_id, facility_id, household_id, room_id, building_id)", persisted=True))
    due_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    result: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    told_due: Mapped[datetime | None] = mapped_column(Instant)
    looked_at: Mapped[bool] = mapped_column(Boolean, server_default="true")
    version: Mapped[int] = mapped_column(Integer, server_default="0")

    __table_args__ = (
        UniqueConstraint("id", "area_code", "grid_code", name="task_place_key"),
        _target("building", "building_id"),
        _target("room", "room_id", "building_id", deferred=True),
        _target("household", "household_id", "building_id", deferred=True),
        _target("facility", "facility_id"),
        _target("event", "event_id"),
        place_check(),
        one_of("kind", *KINDS),
        one_of("state", *STATES),
        one_of("target_kind", *TARGETS),
        CheckConstraint("(state = 'due') = (done_at IS NULL)", name="done"),
        Index("task_survey_idx", "target_kind", "target_id", unique=True,
              postgresql_where=text("kind = 'survey' AND state = 'due'")),
        Index("task_event_id_idx", "event_id", postgresql_where=text("event_id IS NOT NULL")),
        Index("task_event_idx", "event_id", unique=True,
              postgresql_where=text("event_id IS NOT NULL AND state = 'due'")),
        Index("task_same_idx", "kind", "target_kind", "target_id", "due_at", text("md5(title)"), unique=True,
              postgresql_where=text("state = 'due'")),
        Index("task_due_grid_code_idx", "grid_code", postgresql_where=text("state = 'due'")),
        Index("task_due_idx", "due_at", "id", postgresql_where=text("state = 'due'")),
        Index("task_untold_idx", "due_at",
              postgresql_where=text("state = 'due' AND told_due IS DISTINCT FROM due_at")),
        Index("task_keeper_id_idx", "keeper_id", "due_at"),
        Index("task_grid_code_idx", "grid_code", "due_at"),
        Index("task_done_at_idx", "done_at", postgresql_where=text("done_at IS NOT NULL")),
        *(Index(f"task_{column}_idx", column, postgresql_where=text(f"{column} IS NOT NULL"))
          for column in ("building_id", "room_id", "household_id", "facility_id")),
        Index("task_unlooked_idx", "id", postgresql_where=text("NOT looked_at AND state = 'due'")),
        Index("task_targetless_idx", "id", postgresql_where=text("state = 'due' AND target_id IS NULL")),
        Index("task_keeperless_idx", "grid_code", "id", postgresql_where=text(KEEPERLESS)),
    )


class TaskStep(Placed, Base):
    """One step in a task's life, never changed: what, by whom, when (the server's time).

    ``keeper_id``: whom it is with after the step. Partitioned by month of ``at``.
    """

    __tablename__ = "task_step"

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    task_id: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    keeper_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("id", "at"),
        ForeignKeyConstraint(
            ["task_id", "area_code", "grid_code"], ["task.id", "task.area_code", "task.grid_code"],
            name="task_step_task_fkey", onupdate="CASCADE", ondelete="CASCADE",
        ),
        place_check(),
        one_of("step", "created", "done", "cancelled", "reassigned", "commented"),
        Index("task_step_task_id_idx", "task_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
