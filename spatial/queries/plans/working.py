"""Work on a draft (编辑): one change at a time, on the revision that its author saw, by the account that draws."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from spatial.coverage import Refused, apply
from spatial.coverage.model import Edit
from spatial.errors import ShapanError
from spatial.geometry import Area
from spatial.queries.plans import asked, desk, history, judgement, lease, operations, record
from spatial.queries.plans.desk import Change
from spatial.queries.plans.judgement import Judged
from spatial.queries.plans.record import Face, Plan


class NotADraft(ShapanError):
    """The plan is on its way or over: nothing of it can be drawn."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"The plan is {plan.state}, not a draft; nothing was changed.",
                         "Withdraw it to draw on, or begin another plan.")
        self.members = {"state": plan.state}


class Stale(ShapanError):
    """The plan is another one than its author saw. ``plan``: as it is now; ``seen``: the revision that was seen."""

    def __init__(self, plan: Plan, seen: int) -> None:
        super().__init__(f"The plan was changed by {plan.changed_by}: it is at revision {plan.revision}, not {seen}. "
                         "Nothing was changed.", "Load what is new, then do it again.")
        self.plan, self.seen = plan, seen


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    Attributes:
        plan: as it is now, or would be.
        seq: number of the operation; None in a preview. kind: of it. notes: what a planner should hear.
        changed: faces that are other ones. removed: those that are gone. outline: None where it stays.
        judged: numbers and violations.
    """

    plan: Plan
    seq: int | None
    kind: str
    notes: Mapping[str, Any]
    changed: Mapping[int, Face]
    removed: list[int]
    outline: Area | None
    judged: Judged


def checked(connection: psycopg.Connection, plan_id: int, account: str, seen: int) -> Plan:
    """Return a plan that an account may change now, locked.

    Args:
        connection: inside a transaction. plan_id: the plan. account: who wants to change it.
        seen: the revision that the account saw.

    Raises:
        NotFound, NotADraft, Stale, LeaseMissing.
    """
    plan = record.get(connection, plan_id, lock=True)
    if plan.state != "draft":
        raise NotADraft(plan)
    if plan.revision != seen:
        raise Stale(plan, seen)
    lease.demand(connection, plan, account)
    return plan


def perform(connection: psycopg.Connection, plan_id: int, kind: str, given: Mapping[str, Any], *, account: str,
            seen: int, preview: bool = False) -> Outcome:
    """Carry out one operation, or say what it would do.

    Args:
        connection: inside a transaction.
        plan_id: the plan. kind: of the operation. given: its arguments as they were sent.
        account: whose it is. seen: the revision that the account saw.
        preview: nothing is written; no lease is needed.

    Raises:
        Refused: it cannot be done as it was asked for.
        InvalidInput: its arguments have faults. NotFound, NotADraft, Stale, LeaseMissing: see ``checked``.
    """
    args = asked.read(kind, given)
    if preview:
        plan = record.get(connection, plan_id)
        if plan.revision != seen:
            raise Stale(plan, seen)
    else:
        plan = checked(connection, plan_id, account, seen)
    around = judgement.ground(connection, plan)
    change = operations.OPERATIONS[kind](desk.desk(connection, plan, around), **args)
    if not preview:
        seq = history.add(connection, plan, kind, given, change.faces, change.outline, change.notes, account,
                          change.next_face)
        record.write(connection, plan, change.faces, change.outline, account)
    return _outcome(plan, change, kind, None if preview else seq, around)


def undo(connection: psycopg.Connection, plan_id: int, *, account: str, seen: int) -> Outcome:
    """Take the last operation back; see ``perform``.

    Raises:
        NothingToUndo: there is none.
    """
    plan = checked(connection, plan_id, account, seen)
    return _stepped(connection, plan, history.undo(connection, plan), account, -1)


def redo(connection: psycopg.Connection, plan_id: int, *, account: str, seen: int) -> Outcome:
    """Do the operation again that was undone last; see ``undo``."""
    plan = checked(connection, plan_id, account, seen)
    return _stepped(connection, plan, history.redo(connection, plan), account, +1)


def _stepped(connection: psycopg.Connection, plan: Plan, step: tuple[int, str, dict[int, Face | None], Area | None],
             account: str, by: int) -> Outcome:
    seq, kind, faces, outline = step
    record.write(connection, plan, faces, outline, account)
    around = judgement.ground(connection, plan)
    outcome = _outcome(plan, Change(faces, outline, {}, plan.next_face), kind, seq, around)
    return replace(outcome, plan=replace(outcome.plan, head=plan.head + by))


def _outcome(plan: Plan, change: Change, kind: str, seq: int | None, around: judgement.Ground) -> Outcome:
    edit = Edit({number: None if face is None else face.geometry for number, face in change.faces.items()},
                change.outline)
    coverage = apply(plan.coverage, edit)
    kept = {**plan.faces, **change.faces}
    faces = {number: kept[number] for number in coverage.faces}
    judged = judgement.judge(plan, faces, coverage, around)
    written = seq is not None
    now = replace(plan, faces=faces, outline=coverage.outline, next_face=change.next_face,
                  revision=plan.revision + written, head=plan.head + written)
    return Outcome(now, seq, kind, change.notes,
                   {number: face for number, face in change.faces.items() if face is not None},
                   [number for number, face in change.faces.items() if face is None], change.outline, judged)


__all__ = ["NotADraft", "Outcome", "Refused", "Stale", "checked", "perform", "redo", "undo"]
