"""Who draws (编辑租约): one account at a time changes a plan, for twenty minutes from the last time it said so."""

from datetime import timedelta

import psycopg

from spatial.errors import ShapanError
from spatial.queries.plans import record
from spatial.queries.plans.record import Plan

LASTS = timedelta(minutes=20)

# Row: until when. Parameters: account, seconds, plan.
_TAKE = """
UPDATE grid_plan SET lease_by = %s, lease_until = clock_timestamp() + %s WHERE id = %s RETURNING lease_until
"""
_GIVE_BACK = "UPDATE grid_plan SET lease_by = NULL, lease_until = NULL WHERE id = %s"
# Row: whether somebody else's lease is in force. Parameters: account, plan.
_HELD = "SELECT lease_by <> %s AND lease_until > clock_timestamp() FROM grid_plan WHERE id = %s"
_MINE = "SELECT lease_by = %s AND lease_until > clock_timestamp() FROM grid_plan WHERE id = %s"


class LeaseHeld(ShapanError):
    """Somebody else draws. ``members``: by whom, until when."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{plan.lease_by} draws this plan until {plan.lease_until:%H:%M:%S} (UTC).",
                         "Wait until then, or ask for it to be given back.")
        self.members = {"by": plan.lease_by, "until": plan.lease_until.isoformat()}


class LeaseMissing(ShapanError):
    """The account does not draw, or no longer does. ``members``: who does, until when."""

    def __init__(self, plan: Plan, account: str) -> None:
        ran_out = plan.lease_by == account
        super().__init__(
            "Your turn to draw ran out; nothing was changed." if ran_out else
            "You do not draw this plan; nothing was changed.", "Take over drawing, then do it again.")
        self.members = {"by": None if ran_out else plan.lease_by,
                        "until": plan.lease_until.isoformat() if plan.lease_until and not ran_out else None}


def take(connection: psycopg.Connection, plan: Plan, account: str) -> Plan:
    """Let an account draw, or go on drawing.

    Args:
        connection: holds the plan's lock. plan: as on record. account: who wants to draw.

    Returns:
        The plan with its lease.

    Raises:
        LeaseHeld: somebody else draws.
    """
    if connection.execute(_HELD, (account, plan.id)).fetchone()[0]:
        raise LeaseHeld(plan)
    connection.execute(_TAKE, (account, LASTS, plan.id))
    if plan.lease_by != account:
        record.tell(connection, plan, {"lease": account})
    return record.get(connection, plan.id)


def give_back(connection: psycopg.Connection, plan: Plan, account: str) -> None:
    """End an account's turn; where it has none, nothing happens."""
    if plan.lease_by == account:
        connection.execute(_GIVE_BACK, (plan.id,))
        record.tell(connection, plan, {"lease": None})


def demand(connection: psycopg.Connection, plan: Plan, account: str) -> None:
    """Make sure that an account draws.

    Raises:
        LeaseMissing: it does not.
    """
    if not connection.execute(_MINE, (account, plan.id)).fetchone()[0]:
        raise LeaseMissing(plan, account)
