"""Violations that somebody lets stand (例外), each with a reason."""

from typing import Any

import psycopg

from spatial.errors import NotFound
from spatial.queries.plans import judgement, record
from spatial.queries.plans.record import Plan

NEVER = frozenset({"ring", "overlap", "gap", "outside", "edge", "code-form", "code-repeated"})
"""Rules that have no exceptions: what breaks them could not be published."""

# Rows: what stands. Parameter: plan.
_OF = "SELECT violation, reason, account, at FROM plan_exception WHERE plan_id = %s"
_PUT = """
INSERT INTO plan_exception (plan_id, violation, rule, reason, account, area_code, grid_code)
SELECT id, %(violation)s, %(rule)s, %(reason)s, %(account)s, area_code, grid_code FROM grid_plan WHERE id = %(plan)s
ON CONFLICT (plan_id, violation) DO UPDATE SET reason = EXCLUDED.reason, account = EXCLUDED.account, at = now()
"""
_REMOVE = "DELETE FROM plan_exception WHERE plan_id = %s AND violation = %s"


def of(connection: psycopg.Connection, plan: Plan) -> dict[str, dict[str, Any]]:
    """Return what stands in a plan: violation → reason, by whom, when."""
    return {violation: {"reason": reason, "by": account, "at": at.isoformat()}
            for violation, reason, account, at in connection.execute(_OF, (plan.id,))}


def put(connection: psycopg.Connection, plan: Plan, violation: str, reason: str, account: str) -> None:
    """Let a violation stand.

    Args:
        connection: holds the plan's lock. plan: as on record. violation: its id. reason: why. account: who says so.

    Raises:
        NotFound: the plan has no such violation, or one that can have no exception.
    """
    judged = judgement.judge(plan, plan.faces, plan.coverage, judgement.ground(connection, plan))
    rule = next((one.rule for one in judged.violations if one.id == violation), None)
    if rule is None:
        raise NotFound("The plan has no such violation (any more).", "Load the plan again.")
    if rule in NEVER:
        raise NotFound(f"A violation of the rule {rule} cannot stand: the plan could not be published.", "Mend it.")
    connection.execute(_PUT, {"plan": plan.id, "violation": violation, "rule": rule, "reason": reason,
                              "account": account})
    record.touch(connection, plan, account)


def remove(connection: psycopg.Connection, plan: Plan, violation: str, account: str) -> None:
    """End an exception.

    Raises:
        NotFound: there is none.
    """
    if not connection.execute(_REMOVE, (plan.id, violation)).rowcount:
        raise NotFound("There is no such exception.", "Load the plan again.")
    record.touch(connection, plan, account)
