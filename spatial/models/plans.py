"""Plans of grids (网格规划): drafts of how a community is divided, their log, and what became of them."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spatial.models.base import (
    Base,
    Instant,
    Placed,
    datetime,
    identity,
    one_of,
    place_check,
    stored,
)

OPEN = ("draft", "submitted", "approved", "scheduled")
"""States in which a plan is on its way. A community has at most one such plan."""

ENDED = ("published", "superseded", "withdrawn")
"""States in which nothing of a plan changes any more."""


class GridPlan(Placed, Base):
    """A plan (网格规划方案) of one community, whose code is ``area_code``; ``grid_code`` ends in ``000``.

    ``outline``: what its grids have to fill, the community with the corners that boundaries have put on its edges.
    ``revision``: grows with every change, whatever it is; ``head``: number of the last operation that is in force.
    ``next_face``: number of the next new grid. ``based_on``: the plan from which it was begun. ``lease_by`` may change
    it until ``lease_until``. ``submitted_by`` is null again when it was sent back; ``remark`` says why. ``publish_at``:
    when it shall be published; ``trouble``: why that could not be done. States: draft 草稿, submitted 已提交, approved
    已审批, scheduled 待发布, published 已发布, superseded 已替代, withdrawn 已撤回.
    """

    __tablename__ = "grid_plan"

    id: Mapped[int] = identity()
    title: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="draft")
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    outline: Mapped[str] = stored("MULTIPOLYGON")
    next_face: Mapped[int] = mapped_column(Integer, server_default="1")
    head: Mapped[int] = mapped_column(Integer, server_default="0")
    origin: Mapped[str] = mapped_column(Text)
    based_on: Mapped[int | None] = mapped_column(ForeignKey("grid_plan.id", ondelete="SET NULL"))
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    submitted_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    publish_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    remark: Mapped[str | None] = mapped_column(Text)
    trouble: Mapped[str | None] = mapped_column(Text)
    lease_by: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        place_check(),
        CheckConstraint("right(grid_code, 3) = '000'", name="whole"),
        CheckConstraint("length(title) BETWEEN 1 AND 200", name="title"),
        CheckConstraint("(lease_by IS NULL) = (lease_until IS NULL)", name="lease"),
        CheckConstraint("(state = 'scheduled') = (publish_at IS NOT NULL)", name="scheduled"),
        CheckConstraint("state NOT IN ('published', 'superseded') OR published_at IS NOT NULL", name="published"),
        CheckConstraint("origin IN ('published', 'empty', 'plan', 'file', 'record')", name="origin"),
        one_of("state", *OPEN, *ENDED),
        Index("grid_plan_open_idx", "area_code", unique=True,
              postgresql_where=text("state IN ('draft', 'submitted', 'approved', 'scheduled')")),
        Index("grid_plan_area_code_idx", "area_code", "created_at"),
    )


class PlanFace(Placed, Base):
    """One grid of a plan as it is now, by its number within the plan; its geometry lies on the lattice (decision 28).

    ``code``: 15 digits, null where none is given yet. ``keeper_id``: who shall keep it. ``revision``: that of the plan
    since which it is as it is. ``grid_code`` is its plan's.
    """

    __tablename__ = "plan_face"

    plan_id: Mapped[int] = mapped_column(BigInteger)
    face: Mapped[int] = mapped_column(Integer)
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="basic")
    keeper_id: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)
    geom: Mapped[str] = stored("MULTIPOLYGON")

    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "face"),
        ForeignKeyConstraint(["plan_id"], ["grid_plan.id"], name="plan_face_plan_id_fkey", ondelete="CASCADE"),
        ForeignKeyConstraint(["keeper_id"], ["keeper.id"], name="plan_face_keeper_id_fkey", ondelete="SET NULL"),
        place_check(),
        one_of("kind", "basic", "special"),
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
        Index("plan_face_keeper_id_idx", "keeper_id"),
    )


class PlanOperation(Placed, Base):
    """One operation (操作) on a plan: what was asked for, and the grids it changed as they were before and after.

    ``before`` and ``after``: number of the grid → its code, name, kind, keeper and geometry (WKB, hexadecimal), null
    where there is none; ``outline`` beside them where it changed. Those numbered above the plan's ``head`` are undone,
    and forgotten by the next operation.
    """

    __tablename__ = "plan_operation"

    plan_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "seq"),
        ForeignKeyConstraint(["plan_id"], ["grid_plan.id"], name="plan_operation_plan_id_fkey", ondelete="CASCADE"),
        place_check(),
    )


class PlanException(Placed, Base):
    """A violation that somebody lets stand (例外), with the reason; ``violation`` is its stable id."""

    __tablename__ = "plan_exception"

    plan_id: Mapped[int] = mapped_column(BigInteger)
    violation: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())

    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "violation"),
        ForeignKeyConstraint(["plan_id"], ["grid_plan.id"], name="plan_exception_plan_id_fkey", ondelete="CASCADE"),
        place_check(),
        CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
    )


class PlanStep(Placed, Base):
    """What became of a plan (流转): it was created, submitted, sent back, approved, published …, by whom and when."""

    __tablename__ = "plan_step"

    id: Mapped[int] = identity()
    plan_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    account: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    remark: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["plan_id"], ["grid_plan.id"], name="plan_step_plan_id_fkey", ondelete="CASCADE"),
        place_check(),
        Index("plan_step_plan_id_idx", "plan_id", "id"),
    )
