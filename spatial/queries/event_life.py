"""The life of events: settling what came in, steps, what becomes overdue.

Whoever changes events calls :func:`tell` in the same transaction; its payload is the whole state and holds neither the
title nor the place in words: people write names and telephones into both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.errors import InvalidInput, NotFound
from spatial.queries import task_writes
from spatial.queries.kept_grids import KEEPER_OF
from spatial.rules import events as rules
from spatial.rules.events import UNSETTLED

SYSTEM = "shapan"
"""The account of what happens by itself."""

# One change for each event. Parameters: ids.
TELL = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
SELECT 'event', event.id::text, event.area_code, event.grid_code, jsonb_build_object(
    'id', event.id, 'code', event.code, 'class_code', class_code, 'origin', origin, 'state', state,
    'lon', ST_X(geom), 'lat', ST_Y(geom), 'building_id', building_id, 'grid_code', event.grid_code,
    'keeper', keeper.code, 'held', held, 'occurred_at', occurred_at, 'received_at', received_at,
    'accept_by', accept_by, 'deadline', deadline, 'due_at', due_at, 'overdue', coalesce(due_at < now(), false),
    'dispatched_at', dispatched_at, 'accepted_at', accepted_at, 'done_at', done_at, 'closed_at', closed_at,
    'version', version)
FROM event LEFT JOIN keeper ON keeper.id = event.keeper_id
WHERE event.id = ANY(%s) ORDER BY event.id
"""


def tell(connection: psycopg.Connection, ids: Sequence[int]) -> None:
    """Append the state of some events to the change feed."""
    if ids:
        connection.execute(TELL, (list(ids),))


# An event's class, minor and major. Rows: one for each event `e` above it.
CLASS_OF = """
LEFT JOIN event_class AS minor ON minor.code = e.class_code
LEFT JOIN event_class AS major ON major.code = left(e.class_code, 2)
"""

# Why its class keeps an event from being dispatched by itself; null where it does not.
HELD_BY_CLASS = """CASE WHEN minor.code IS NULL AND major.code IS NULL THEN 'unknown_class'
                     WHEN NOT coalesce(minor.dispatch, major.dispatch, true) THEN 'by_hand' END"""

# Gives events that came in, or that an import put into another state, their deadlines and their keeper, and writes
# what happened on record. Deadlines count from when an event was received; those that it brought along stay. Rows: ids.
# Parameters: ids or null for any, account, remark for each id or null, limit.
SETTLE = f"""
WITH fresh AS MATERIALIZED (
    SELECT id, area_code, grid_code, class_code, state, told, keeper_id, received_at, done_at FROM event
    WHERE ({UNSETTLED}) AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT e.id, e.state AS was, e.told AS before, coalesce(e.keeper_id, kept.id) AS keeper_id,
           coalesce(minor.respond_s, major.respond_s) AS respond_s,
           coalesce(minor.resolve_s, major.resolve_s) AS resolve_s,
           CASE WHEN e.state NOT IN ('open', 'dispatched', 'accepted') THEN NULL
                WHEN right(e.grid_code, 3) = '000' AND e.keeper_id IS NULL THEN 'no_grid'
                WHEN coalesce(e.keeper_id, kept.id) IS NULL THEN 'no_keeper'
                WHEN e.state = 'open' THEN {HELD_BY_CLASS}
           END AS held
    FROM fresh AS e
    {CLASS_OF}
    {KEEPER_OF.format(row="e")}
), settled AS (
    UPDATE event SET
        state = new.state, told = new.state, held = judged.held,
        keeper_id = CASE WHEN new.state IN ('open', 'rejected') THEN NULL
                         WHEN new.state IN ('dispatched', 'accepted') THEN judged.keeper_id ELSE event.keeper_id END,
        accept_by = coalesce(accept_by, received_at + make_interval(secs => respond_s)),
        deadline = coalesce(deadline, received_at + make_interval(secs => resolve_s)),
        dispatched_at = CASE WHEN new.state = 'dispatched' THEN coalesce(dispatched_at, now()) ELSE dispatched_at END,
        accepted_at = CASE WHEN new.state NOT IN ('open', 'dispatched', 'rejected') THEN accepted_at END,
        done_at = CASE WHEN new.state IN ('done', 'closed') THEN coalesce(done_at, now()) END,
        closed_at = CASE WHEN new.state = 'closed' THEN coalesce(closed_at, now()) END,
        version = version + 1
    FROM judged, LATERAL (
        SELECT CASE WHEN judged.held IS NOT NULL THEN 'open' WHEN judged.was = 'open' THEN 'dispatched'
                    ELSE judged.was END AS state) AS new
    WHERE event.id = judged.id
    RETURNING event.id, event.area_code, event.grid_code, event.state, event.keeper_id, judged.was, judged.before
), recorded AS (
    INSERT INTO event_step (event_id, step, state, account, keeper_id, note, area_code, grid_code)
    SELECT settled.id, one.step, one.state, %(account)s, one.keeper_id, one.note, area_code, grid_code
    FROM settled
    LEFT JOIN unnest(%(ids)s::bigint[], %(notes)s::text[]) AS remark (id, note) ON remark.id = settled.id
    CROSS JOIN LATERAL (VALUES
        (1, CASE WHEN before IS NULL THEN 'taken' ELSE 'imported' END, was, NULL::bigint, remark.note),
        (2, CASE WHEN state = 'dispatched' AND was = 'open' THEN 'dispatched' END, state, settled.keeper_id, NULL)
    ) AS one (n, step, state, keeper_id, note)
    WHERE one.step IS NOT NULL ORDER BY settled.id, one.n
)
SELECT id, state FROM settled ORDER BY id
"""


IMPORTER = "import"
"""The account of steps that an import takes."""


def settle(connection: psycopg.Connection, account: str = IMPORTER, notes: dict[int, str | None] | None = None,
           most: int = 1000) -> list[int]:
    """Give events that came in their deadlines and keepers, record and tell it.

    Args:
        connection: inside the caller's transaction.
        account: who brought them.
        notes: ids that count, with a remark for their first step; any within the jurisdiction when None.
        most: events at most.

    Returns:
        Ids of those that were settled; none when there is nothing to do.
    """
    parameters = {"ids": None if notes is None else list(notes), "account": account, "most": most,
                  "notes": None if notes is None else list(notes.values())}
    rows = connection.execute(SETTLE, parameters).fetchall()
    ids = [row[0] for row in rows]
    task_writes.end_of_events(connection, [row[0] for row in rows if row[1] in rules.FINAL], "done", account)
    task_writes.end_of_events(connection, [row[0] for row in rows if row[1] in ("open", "rejected", "dispatched")],
                              "cancelled", account)
    tell(connection, ids)
    return ids


@dataclass(frozen=True)
class Step:
    """A step that somebody wants to take.

    Attributes:
        name: one of ``spatial.rules.events.STEPS``.
        account: who takes it.
        note: reason or remark.
        keeper: code of the keeper, for ``dispatch`` and ``reassign``; None for the grid's.
        version: the version of the event that they saw; None if they do not ask.
    """

    name: str
    account: str
    note: str | None = None
    keeper: str | None = None
    version: int | None = None


LOCK = "SELECT state, version FROM event WHERE id = %s FOR UPDATE"

LAST = """
SELECT step, account, at FROM event_step WHERE event_id = %s AND step <> 'commented' ORDER BY id DESC LIMIT 1
"""

KEEPER = "SELECT id FROM keeper WHERE code = %s"
GRIDS_KEEPER = f"SELECT kept.id FROM event AS e {KEEPER_OF.format(row='e')} WHERE e.id = %s"

# What each step sets besides the state. A rejected event is with nobody.
SETS = {
    "dispatch": "keeper_id = %(keeper)s, dispatched_at = now(), accepted_at = NULL, held = NULL",
    "reassign": "keeper_id = %(keeper)s, dispatched_at = now(), accepted_at = NULL",
    "accept": "accepted_at = now()",
    "reject": "keeper_id = NULL, accepted_at = NULL",
    "finish": "done_at = now()",
    "return": "done_at = NULL, accepted_at = NULL",
    "close": "closed_at = now(), held = NULL",
    "comment": "held = held",
}
TAKE = "UPDATE event SET state = %(state)s, told = %(state)s, version = version + 1, {sets} WHERE id = %(id)s"

RECORD = """
INSERT INTO event_step (event_id, step, state, account, keeper_id, note, area_code, grid_code)
SELECT id, %s, state, %s, keeper_id, %s, area_code, grid_code FROM event WHERE id = ANY(%s)
"""


def take_step(connection: psycopg.Connection, event_id: int, step: Step) -> None:
    """Take one step in an event's life; record and tell it. Its task is made, finished or cancelled along with it.

    Args:
        connection: inside the caller's transaction. Of two who act at once one waits, then sees what the other did.
        event_id: the event. step: what is wanted.

    Raises:
        NotFound: no such event within the jurisdiction.
        StepRefused: its state, or its version, does not allow the step; says who did what and when.
        InvalidInput: no such keeper, or the grid has none.
    """
    row = connection.execute(LOCK, (event_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no event {event_id}.", "It may have been deleted, or lie outside your area.")
    last = connection.execute(LAST, (event_id,)).fetchone()
    last = rules.Last(*last) if last else None
    rules.same_version(step.version, row[1], last)
    state = rules.step(row[0], step.name, step.note, last)
    keeper = _keeper(connection, event_id, step.keeper) if step.name in ("dispatch", "reassign") else None
    connection.execute(TAKE.format(sets=SETS[step.name]), {"state": state, "keeper": keeper, "id": event_id})
    connection.execute(RECORD, (rules.RECORDED[step.name], step.account, step.note, [event_id]))
    if step.name == "accept":
        task_writes.of_event(connection, event_id, step.account)
    elif step.name == "finish":
        task_writes.end_of_events(connection, [event_id], "done", step.account, step.note)
    elif step.name in ("reject", "reassign", "close"):
        task_writes.end_of_events(connection, [event_id], "cancelled", step.account, step.note)
    tell(connection, [event_id])


def _keeper(connection: psycopg.Connection, event_id: int, code: str | None) -> int:
    found = connection.execute(*((KEEPER, (code,)) if code else (GRIDS_KEEPER, (event_id,)))).fetchone()
    if found is None or found[0] is None:
        what = f"no keeper {code!r} is on record" if code else "the grid has no keeper, or no grid holds the place"
        raise InvalidInput("There is nobody to send it to.", [("keeper", what)], "Name a keeper on record by code.")
    return found[0]


# Rows: ids of events that became overdue and of which nobody was told. Parameters: instant, limit.
OVERDUE = """
UPDATE event SET told_due = due_at FROM (
    SELECT id FROM event WHERE due_at IS NOT NULL AND told_due IS DISTINCT FROM due_at AND due_at < %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) AS late WHERE event.id = late.id RETURNING event.id
"""


def tell_overdue(connection: psycopg.Connection, now: datetime, most: int = 1000) -> list[int]:
    """Tell of events that became overdue, once for each instant at which something was due; return their ids.

    Args:
        connection: inside the caller's transaction.
        now: the instant. most: events at most.
    """
    ids = sorted(row[0] for row in connection.execute(OVERDUE, (now, most)))
    tell(connection, ids)
    return ids
