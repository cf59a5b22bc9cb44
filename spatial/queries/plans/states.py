"""The way of a plan (流转): draft, submitted, approved, scheduled, published; four eyes see it before it counts."""

from datetime import datetime
from typing import Any

import psycopg

from spatial.errors import ShapanError
from spatial.queries.plans import exceptions, judgement, record
from spatial.queries.plans.record import Plan
from spatial.queries.plans.working import Stale
from spatial.rules.grid_rules import ERROR

# Parameters: plan, kind, account, remark.
_STEP = """
INSERT INTO plan_step (plan_id, kind, revision, account, remark, area_code, grid_code)
SELECT id, %(kind)s, revision, %(account)s, %(remark)s, area_code, grid_code FROM grid_plan WHERE id = %(plan)s
"""
# Rows: what became of a plan, in order. Parameter: its id.
_STEPS = "SELECT kind, revision, account, at, remark FROM plan_step WHERE plan_id = %s ORDER BY id"

_SUBMIT = """
UPDATE grid_plan SET state = 'submitted', submitted_by = %(account)s, submitted_at = clock_timestamp(), remark = NULL,
    lease_by = NULL, lease_until = NULL WHERE id = %(plan)s
"""
_WITHDRAW = """
UPDATE grid_plan SET state = 'draft', submitted_by = NULL, submitted_at = NULL, approved_by = NULL, approved_at = NULL,
    publish_at = NULL, trouble = NULL WHERE id = %(plan)s
"""
_DISCARD = """
UPDATE grid_plan SET state = 'withdrawn', lease_by = NULL, lease_until = NULL WHERE id = %(plan)s
"""
_APPROVE = """
UPDATE grid_plan SET state = 'approved', approved_by = %(account)s, approved_at = clock_timestamp() WHERE id = %(plan)s
"""
_REJECT = """
UPDATE grid_plan SET state = 'draft', submitted_by = NULL, submitted_at = NULL, remark = %(remark)s WHERE id = %(plan)s
"""

WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "submit": (("draft",), _SUBMIT),
    "withdraw": (("submitted", "approved"), _WITHDRAW),
    "discard": (("draft",), _DISCARD),
    "approve": (("submitted",), _APPROVE),
    "reject": (("submitted", "approved"), _REJECT),
}
"""Steps: from which states each leads on, and the statement that does it."""

# Row: who drew in a plan. Parameter: its id.
_DREW = "SELECT array_agg(DISTINCT account) FROM plan_operation WHERE plan_id = %s"


class WrongState(ShapanError):
    """The step does not lead on from the state of the plan. ``members``: the state."""

    def __init__(self, plan: Plan, step: str) -> None:
        super().__init__(f"The plan is {plan.state}; the step {step} does not lead on from there. Nothing was changed.",
                         "Load the plan again.")
        self.members = {"state": plan.state}


class ErrorsLeft(ShapanError):
    """The plan has errors, so that it cannot be submitted. ``members``: how many of each rule."""

    def __init__(self, rules: dict[str, int]) -> None:
        told = ", ".join(f"{rule} {count}" for rule, count in rules.items())
        super().__init__(f"The plan has {sum(rules.values())} errors ({told}); it was not submitted.",
                         "Mend them, or let them stand with a reason.")
        self.members = {"errors": rules}


class SameEyes(ShapanError):
    """Whoever drew or submitted a plan does not approve it."""

    def __init__(self, account: str) -> None:
        super().__init__(f"{account} drew or submitted this plan and cannot approve it as well.",
                         "Somebody else has to look at it.")


def step(connection: psycopg.Connection, plan_id: int, kind: str, *, account: str, seen: int,
         remark: str | None = None) -> Plan:
    """Lead a plan one step on.

    Args:
        connection: inside a transaction.
        plan_id: the plan. kind: of ``WAYS``. account: whose step it is. seen: the revision that the account saw.
        remark: the reason, where a plan is sent back.

    Returns:
        The plan as it is now.

    Raises:
        NotFound, Stale, WrongState; ErrorsLeft for ``submit``; SameEyes for ``approve``.
    """
    plan = record.get(connection, plan_id, lock=True)
    states, statement = WAYS[kind]
    if plan.revision != seen:
        raise Stale(plan, seen)
    if plan.state not in states:
        raise WrongState(plan, kind)
    if kind == "submit":
        _no_errors(connection, plan)
    if kind == "approve" and account in _authors(connection, plan):
        raise SameEyes(account)
    connection.execute(statement, {"plan": plan.id, "account": account, "remark": remark})
    write_step(connection, plan, kind, account, remark)
    return record.get(connection, plan_id)


def write_step(connection: psycopg.Connection, plan: Plan, kind: str, account: str, remark: str | None = None) -> None:
    """Write down what became of a plan and tell everybody; the state on record is told."""
    state = record.state(connection, plan.id)
    record.touch(connection, plan, account, state=state)
    connection.execute(_STEP, {"plan": plan.id, "kind": kind, "account": account, "remark": remark})


def steps(connection: psycopg.Connection, plan: Plan) -> list[dict[str, Any]]:
    """Return what became of a plan, in order."""
    return [{"kind": kind, "revision": revision, "by": account, "at": _instant(at), "remark": remark}
            for kind, revision, account, at, remark in connection.execute(_STEPS, (plan.id,))]


def may_approve(connection: psycopg.Connection, plan: Plan, account: str) -> bool:
    """Tell whether an account neither drew nor submitted a plan."""
    return account not in _authors(connection, plan)


def _authors(connection: psycopg.Connection, plan: Plan) -> set[str]:
    drew = connection.execute(_DREW, (plan.id,)).fetchone()[0] or []
    return {plan.created_by, plan.submitted_by or plan.created_by, *drew}


def _no_errors(connection: psycopg.Connection, plan: Plan) -> None:
    around = judgement.ground(connection, plan)
    judged = judgement.judge(plan, plan.faces, plan.coverage, around)
    stand = exceptions.of(connection, plan)
    rules: dict[str, int] = {}
    for one in judged.violations:
        if one.severity == ERROR and one.id not in stand:
            rules[one.rule] = rules.get(one.rule, 0) + 1
    if rules or not plan.faces:
        raise ErrorsLeft(rules or {"gap": 1})


def _instant(at: datetime) -> str:
    return at.isoformat()
