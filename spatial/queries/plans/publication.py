"""Publishing a plan (发布): its grids come into force, and everything in the community is placed in them.

One transaction of the worker, which holds every place: either all of it is so afterwards or nothing is. A grid that
stays as it is keeps its row; others end now, and the plan's begin now. What lies inside a building follows it by
foreign key (decision 1), alarms follow their devices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import shapely
from psycopg.rows import dict_row

from spatial import outbox
from spatial.coverage import proof
from spatial.errors import ShapanError
from spatial.geometry import to_lattice
from spatial.queries import alarms, placing, search_entries
from spatial.queries.plans import comparison, record, starting, states
from spatial.queries.plans.record import Face, Plan
from spatial.queries.plans.states import WrongState
from spatial.queries.plans.working import Stale

SOURCE = "plan"
"""Source of grids that a plan has published."""

LOCKED = ("grids", "keepers", *(table.concept for table in placing.TABLES if table.concept))
"""Concepts whose imports wait for a publication, in the order of imports."""

_NO_LIMITS = """
SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('lock_timeout', '600s', true)
"""
_SCHEDULE = """
UPDATE grid_plan SET state = 'scheduled', publish_at = %(at)s, published_by = %(account)s, trouble = NULL
WHERE id = %(plan)s
"""
_UNSCHEDULE = """
UPDATE grid_plan SET state = 'approved', publish_at = NULL, published_by = NULL, trouble = %(trouble)s
WHERE id = %(plan)s
"""
# Row: the plan that is due first.
_DUE = """
SELECT id FROM grid_plan WHERE state = 'scheduled' AND publish_at <= clock_timestamp() ORDER BY publish_at, id LIMIT 1
"""
# Grids in force end. Parameters: ids, the instant.
_END = "UPDATE grid SET valid_to = %(at)s WHERE id = ANY(%(ids)s)"
# A grid that began this very instant would have no time of its own.
_DROP_NEW = "DELETE FROM grid WHERE id = ANY(%(ids)s) AND valid_from >= %(at)s"
# Rows: grids in force by code. Parameter: community.
_IN_FORCE = """
SELECT id, code, name, kind, ST_AsBinary(geom) AS wkb, valid_from FROM grid WHERE area_code = %s AND valid_to IS NULL
"""
_BEGIN = """
INSERT INTO grid (code, kind, name, geom, valid_from, area_code, grid_code, source, source_key, content_hash)
VALUES (%(code)s, %(kind)s, %(name)s, ST_Multi(ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4490)), %(at)s, %(community)s,
        %(code)s, %(source)s, %(key)s, '')
"""
# Keepers whom a plan names get their grid; who kept a grid that is gone gets the community. Parameters by name.
_NAMED = """
UPDATE keeper AS k SET area_code = %(community)s, grid_code = f.code
FROM (SELECT keeper_id, min(code) AS code FROM plan_face WHERE plan_id = %(plan)s AND keeper_id IS NOT NULL GROUP BY 1)
    AS f
WHERE k.id = f.keeper_id AND NOT EXISTS (
    SELECT FROM plan_face AS own WHERE own.plan_id = %(plan)s AND own.keeper_id = k.id AND own.code = k.grid_code)
RETURNING k.id
"""
_LEFT = """
UPDATE keeper SET grid_code = area_code || '000' WHERE area_code = %(community)s AND right(grid_code, 3) <> '000'
  AND NOT EXISTS (SELECT FROM grid WHERE code = keeper.grid_code AND valid_to IS NULL)
RETURNING id
"""
_PUBLISHED = """
UPDATE grid_plan SET state = 'published', published_at = %(at)s, published_by = %(account)s, publish_at = NULL,
    trouble = NULL WHERE id = %(plan)s
"""
_SUPERSEDE = """
UPDATE grid_plan SET state = 'superseded' WHERE area_code = %(community)s AND state = 'published' AND id <> %(plan)s
"""
# The transaction's own time: placing looks for the grids that are in force then.
_NOW = "SELECT now()"
# Row: whether a plan of the community was ever published. Parameter: it.
_EVER = "SELECT EXISTS (SELECT FROM grid_plan WHERE area_code = %s AND state IN ('published', 'superseded'))"
_KEEP = """
INSERT INTO grid_plan (title, profile, state, outline, origin, created_by, changed_by, published_by, published_at,
                       next_face, area_code, grid_code)
VALUES (%(title)s, 'standard', 'superseded', ST_Multi(ST_SetSRID(ST_GeomFromWKB(%(outline)s), 4490)), 'record',
        %(account)s, %(account)s, %(account)s, %(at)s, %(next)s, %(community)s, %(community)s || '000') RETURNING id
"""


class NotPublishable(ShapanError):
    """The plan cannot come into force as it is; nothing was changed."""


@dataclass(frozen=True)
class Published:
    """What a publication did.

    Attributes:
        kept, begun, ended: how many grids stayed, came into force, and ended.
        moved: table → rows that got another grid, without what followed them. keepers: who got another grid.
    """

    kept: int
    begun: int
    ended: int
    moved: Mapping[str, int]
    keepers: int


def schedule(connection: psycopg.Connection, plan_id: int, *, at: datetime, account: str, seen: int) -> Plan:
    """Have an approved plan published at an instant, which may be now: the job does it within moments.

    Args:
        connection: inside a transaction. plan_id: the plan. at: when. account: whose step it is.
        seen: the revision that the account saw.

    Raises:
        NotFound, Stale, WrongState.
    """
    plan = _checked(connection, plan_id, seen, "publish", ("approved", "scheduled"))
    connection.execute(_SCHEDULE, {"plan": plan.id, "at": at, "account": account})
    states.write_step(connection, plan, "schedule", account, at.isoformat())
    return record.get(connection, plan_id)


def unschedule(connection: psycopg.Connection, plan_id: int, *, account: str, seen: int) -> Plan:
    """Take the date of a plan back; it stays approved. See ``schedule``."""
    plan = _checked(connection, plan_id, seen, "unschedule", ("scheduled",))
    connection.execute(_UNSCHEDULE, {"plan": plan.id, "trouble": None})
    states.write_step(connection, plan, "unschedule", account)
    return record.get(connection, plan_id)


def due(connection: psycopg.Connection) -> int | None:
    """Return the plan whose time has come; None without one."""
    row = connection.execute(_DUE).fetchone()
    return row[0] if row else None


def fail(connection: psycopg.Connection, plan_id: int, error: ShapanError) -> None:
    """Say on a plan why it could not be published; it is approved again, without a date."""
    plan = record.get(connection, plan_id, lock=True)
    if plan.state == "scheduled":
        connection.execute(_UNSCHEDULE, {"plan": plan.id, "trouble": str(error)})
        states.write_step(connection, plan, "failed", plan.published_by or plan.changed_by, str(error))


def publish(connection: psycopg.Connection, plan_id: int) -> Published:
    """Bring a scheduled plan into force.

    Args:
        connection: the worker's, inside a transaction, jurisdiction everything.
        plan_id: the plan.

    Raises:
        NotPublishable: its grids do not fill the community, or have codes that are none; the community's outline is
            another one by now.
        WrongState: it is not scheduled (any more).
    """
    connection.execute(_NO_LIMITS)
    placing.lock(connection, "areas", shared=True)
    for concept in LOCKED:
        placing.lock(connection, concept)
    plan = record.get(connection, plan_id, lock=True)
    if plan.state != "scheduled":
        raise WrongState(plan, "publish")
    _demand_sound(connection, plan)
    account = plan.published_by or plan.approved_by or plan.changed_by
    at = connection.execute(_NOW).fetchone()[0]
    _keep_what_was(connection, plan, account)
    kept, begun, ended = _version(connection, plan, at)
    names = {"community": plan.community, "plan": plan.id, "at": at, "account": account}
    keepers = len(connection.execute(_NAMED, names).fetchall()) + len(connection.execute(_LEFT, names).fetchall())
    moved = placing.settle(connection, plan.community)
    alarms.follow(connection)
    search_entries.refresh(connection, "grid")
    connection.execute(_PUBLISHED, names)
    connection.execute(_SUPERSEDE, names)
    states.write_step(connection, plan, "published", account)
    told = {"moved": sum(moved.values())}
    outbox.append(connection, outbox.PLACED, "grid", plan.community, plan.community + "000", told)
    return Published(kept, begun, ended, moved, keepers)


def _checked(connection: psycopg.Connection, plan_id: int, seen: int, step: str, allowed: tuple[str, ...]) -> Plan:
    plan = record.get(connection, plan_id, lock=True)
    if plan.revision != seen:
        raise Stale(plan, seen)
    if plan.state not in allowed:
        raise WrongState(plan, step)
    return plan


def _demand_sound(connection: psycopg.Connection, plan: Plan) -> None:
    if faults := proof(plan.coverage):
        raise NotPublishable(f"The plan has {len(faults)} faults of ground; it was not published.",
                             "Withdraw it and mend them.")
    codes = [face.code for face in plan.faces.values()]
    if None in codes or len(set(codes)) < len(codes) or not all(code.startswith(plan.community) for code in codes):
        raise NotPublishable("The plan's grids do not have codes of their own; it was not published.",
                             "Withdraw it and number them.")
    _, ground = starting.outline(connection, plan.community)
    if ground.symmetric_difference(plan.outline).area > ground.length:
        raise NotPublishable("The community has another outline than when the plan was begun; it was not published.",
                             "Begin a new plan from this one.")


def _version(connection: psycopg.Connection, plan: Plan, at: datetime) -> tuple[int, int, int]:
    """End grids that are others now and begin those of the plan; return how many stay, begin and end."""
    with connection.cursor(row_factory=dict_row) as cursor:
        force = {row["code"]: row for row in cursor.execute(_IN_FORCE, (plan.community,)).fetchall()}
    same = {code for face in plan.faces.values() if (code := face.code) in force and comparison.same(
        _face(force[code]), face)}
    ending = [row["id"] for code, row in force.items() if code not in same]
    connection.execute(_DROP_NEW, {"ids": ending, "at": at})
    connection.execute(_END, {"ids": ending, "at": at})
    beginning = [face for face in plan.faces.values() if face.code not in same]
    with connection.cursor() as cursor:
        cursor.executemany(_BEGIN, [_row(plan, face, at) for face in beginning])
    return len(same), len(beginning), len(ending)


def _row(plan: Plan, face: Face, at: datetime) -> dict[str, Any]:
    return {"code": face.code, "kind": face.kind, "name": face.name, "wkb": record.wkb_of(face.geometry), "at": at,
            "community": plan.community, "source": SOURCE, "key": f"{plan.id}:{face.code}"}


def _face(row: Mapping[str, Any]) -> Face:
    return Face(row["code"], row["name"], row["kind"], None, to_lattice(shapely.from_wkb(bytes(row["wkb"]))))


def _keep_what_was(connection: psycopg.Connection, plan: Plan, account: str) -> None:
    """Before the first publication, keep the grids in force as a plan, so that they can be brought back."""
    rows = connection.execute(starting.IN_FORCE, (plan.community,)).fetchall()
    if not rows or connection.execute(_EVER, (plan.community,)).fetchone()[0]:
        return
    faces = starting.faces_of(rows)
    name, ground = starting.outline(connection, plan.community)
    kept = connection.execute(_KEEP, {
        "title": f"{name}原有网格", "outline": record.wkb_of(ground), "account": account, "next": max(faces) + 1,
        "community": plan.community, "at": connection.execute(_NOW).fetchone()[0]}).fetchone()[0]
    record.write(connection, record.get(connection, kept), faces, None, account)
