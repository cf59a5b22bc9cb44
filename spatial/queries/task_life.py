"""The life of tasks: making them, steps, what becomes overdue, what lost its target or keeper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.errors import InvalidInput, NotFound
from spatial.queries import event_life, task_writes
from spatial.queries.event_intake import Fault
from spatial.queries.kept_grids import KEEPER_OF, ready
from spatial.rules import tasks as rules
from spatial.rules.events import Last, StepRefused, same_version


@dataclass(frozen=True)
class New:
    """A task to be made.

    Attributes:
        kind: one of ``spatial.rules.tasks.KINDS``.
        title: what is to be done, in words.
        target_kind, target_id: one of ``TARGETS`` but ``event``, whose tasks come from accepting it; its id.
        due_at: until when.
        keeper: code; None for the keeper of the target's grid.
        note: more of it.
    """

    kind: str
    title: str
    target_kind: str
    target_id: int
    due_at: datetime
    keeper: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Made:
    """What became of a batch: ids of what is new by position, how many were there already, what was refused."""

    ids: dict[int, int]
    known: int
    faults: list[Fault]


# Rows: position, ids of the target, its place, the keeper. No row where the target is not within the jurisdiction.
# Parameters: columns of equal length.
TARGETS = f"""
SELECT item.n, found.building_id, found.room_id, found.household_id, found.facility_id, found.area_code,
       found.grid_code, CASE WHEN item.keeper IS NULL THEN kept.id ELSE named.id END
FROM unnest(%s::int[], %s::text[], %s::int8[], %s::text[]) AS item (n, kind, target_id, keeper)
CROSS JOIN LATERAL (
    SELECT id AS building_id, NULL::int8 AS room_id, NULL::int8 AS household_id, NULL::int8 AS facility_id, area_code,
           grid_code FROM building WHERE item.kind = 'building' AND id = item.target_id
    UNION ALL
    SELECT building_id, id, NULL, NULL, area_code, grid_code FROM room WHERE item.kind = 'room' AND id = item.target_id
    UNION ALL
    SELECT building_id, NULL, id, NULL, area_code, grid_code FROM household
    WHERE item.kind = 'household' AND id = item.target_id
    UNION ALL
    SELECT NULL, NULL, NULL, id, area_code, grid_code FROM facility
    WHERE item.kind = 'facility' AND id = item.target_id
) AS found
{KEEPER_OF.format(row="found")}LEFT JOIN keeper AS named ON named.code = item.keeper
"""

# Rows: id of each new task with what tells which it is. Parameters: columns of equal length; account.
PUT = """
INSERT INTO task (kind, title, target_kind, building_id, room_id, household_id, facility_id, due_at, keeper_id, note,
                  area_code, grid_code, created_by)
SELECT new.*, %(account)s
FROM unnest(%(kind)s::text[], %(title)s::text[], %(target_kind)s::text[], %(building_id)s::int8[], %(room_id)s::int8[],
            %(household_id)s::int8[], %(facility_id)s::int8[], %(due_at)s::timestamptz[], %(keeper_id)s::int8[],
            %(note)s::text[], %(area_code)s::text[], %(grid_code)s::text[]) AS new
ON CONFLICT DO NOTHING
RETURNING id, kind, target_kind, target_id, due_at, title
"""


def create(connection: psycopg.Connection, new: Sequence[New], account: str) -> Made:
    """Make a batch of tasks.

    The same open task (kind, target, title, due) is not made twice, and of surveys one for a target. A task in a grid
    without a keeper waits for one.

    Args:
        connection: inside the caller's transaction. new: the tasks. account: who makes them.
    """
    asked = [(n, one.target_kind, one.target_id, one.keeper) for n, one in enumerate(new)]
    columns = [list(column) for column in zip(*asked, strict=True)]
    targets = {row[0]: row[1:] for row in connection.execute(TARGETS, columns)} if asked else {}
    faults = []
    for n, one in enumerate(new):
        if n not in targets:
            faults.append(Fault(n, "target_id", str(one.target_id), f"no {one.target_kind} of this id is on record",
                                "It may have been deleted, or lie outside your area."))
        elif one.keeper is not None and targets[n][-1] is None:
            faults.append(Fault(n, "keeper", one.keeper, "no keeper of this code is on record",
                                "Leave it out for the keeper of the target's grid."))
    refused = {fault.index for fault in faults}
    # In one order, so that two batches at once do not wait for each other crosswise.
    order = sorted((n for n in range(len(new)) if n not in refused),
                   key=lambda n: (new[n].kind, new[n].target_kind, new[n].target_id, new[n].due_at, new[n].title, n))
    ids: dict[int, int] = {}
    if order:
        values: dict[str, object] = {name: [getattr(new[n], name) for n in order]
                                     for name in ("kind", "title", "target_kind", "due_at", "note")}
        names = ("building_id", "room_id", "household_id", "facility_id", "area_code", "grid_code", "keeper_id")
        values |= {name: [targets[n][place] for n in order] for place, name in enumerate(names)}
        made = {tuple(row[1:]): row[0] for row in connection.execute(PUT, {**values, "account": account})}
        for n in order:
            key = (new[n].kind, new[n].target_kind, new[n].target_id, new[n].due_at, new[n].title)
            if (task_id := made.pop(key, None)) is not None:
                ids[n] = task_id
        task_writes.record(connection, sorted(ids.values()), "created", account)
    return Made(ids, len(order) - len(ids), faults)


@dataclass(frozen=True)
class Step:
    """A step that somebody wants to take: one of ``spatial.rules.tasks.STEPS``.

    ``keeper``: code of whom it goes to, for ``reassign``. ``result``: what came of it, for ``done``. ``version``: that
    of the task that they saw; None if they do not ask.
    """

    name: str
    account: str
    note: str | None = None
    keeper: str | None = None
    result: str | None = None
    version: int | None = None


LOCK = "SELECT state, version, event_id FROM task WHERE id = %s FOR UPDATE"
EVENT_OF = "SELECT event_id FROM task WHERE id = %s"
LAST = "SELECT step, account, at FROM task_step WHERE task_id = %s AND step <> 'commented' ORDER BY id DESC LIMIT 1"
KEEPER = "SELECT id FROM keeper WHERE code = %s"
TAKE = """
UPDATE task SET state = %(state)s, version = version + 1, done_at = CASE WHEN %(state)s <> 'due' THEN now() END,
    result = coalesce(%(result)s, result), keeper_id = coalesce(%(keeper)s, keeper_id)
WHERE id = %(id)s
"""
COMMENT = "UPDATE task SET version = version + 1 WHERE id = %(id)s"
RESULT = "UPDATE task SET result = %s WHERE id = %s"


def take_step(connection: psycopg.Connection, task_id: int, step: Step) -> None:
    """Take one step in a task's life; record and tell it. Finishing the task of an event finishes the event.

    Args:
        connection: inside the caller's transaction. task_id: the task. step: what is wanted.

    Raises:
        NotFound: no such task within the jurisdiction.
        StepRefused: its state, or its version, does not allow the step; or it is a matter of its event.
        InvalidInput: no such keeper.
    """
    # The event first: whoever handles the event locks it before its task.
    event = connection.execute(EVENT_OF, (task_id,)).fetchone()
    if event is not None and event[0] is not None:
        connection.execute(event_life.LOCK, (event[0],))
    row = connection.execute(LOCK, (task_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no task {task_id}.", "It may have been deleted, or lie outside your area.")
    last = connection.execute(LAST, (task_id,)).fetchone()
    last = Last(*last) if last else None
    same_version(step.version, row[1], last)
    state = rules.step(row[0], step.name, step.note, last)
    if row[2] is not None and step.name in ("cancel", "reassign"):
        raise StepRefused(f"Task {task_id} is that of event {row[2]}.",
                          "Reject or reassign the event; its task goes with it.")
    if row[2] is not None and step.name == "done":
        connection.execute(RESULT, (step.result, task_id))
        event_life.take_step(connection, row[2], event_life.Step("finish", step.account, step.note))
        return
    keeper = None
    if step.name == "reassign":
        keeper = connection.execute(KEEPER, (step.keeper,)).fetchone()
        if keeper is None:
            raise InvalidInput("There is nobody to send it to.",
                               [("keeper", f"no keeper {step.keeper!r} is on record")],
                               "Name a keeper on record by code.")
    values = {"state": state, "result": step.result, "keeper": keeper and keeper[0], "id": task_id}
    connection.execute(COMMENT if step.name == "comment" else TAKE, values)
    task_writes.record(connection, [task_id], rules.RECORDED[step.name], step.account, step.note)


# Rows: ids of tasks that became overdue and of which nobody was told. Parameters: instant, limit.
LATE = """
UPDATE task SET told_due = due_at FROM (
    SELECT id FROM task WHERE state = 'due' AND told_due IS DISTINCT FROM due_at AND due_at < %s
    ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
) AS late WHERE task.id = late.id RETURNING task.id
"""


def tell_overdue(connection: psycopg.Connection, now: datetime, most: int = 1000) -> list[int]:
    """Tell of tasks that became overdue, once each; return their ids. The caller commits."""
    ids = sorted(row[0] for row in connection.execute(LATE, (now, most)))
    if ids:
        connection.execute(task_writes.TELL, (ids,))
    return ids


# Rows: ids of open tasks whose target left the record.
LOST = """
UPDATE task SET state = 'cancelled', done_at = now(), version = version + 1
WHERE id IN (SELECT id FROM task WHERE state = 'due' AND target_id IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""
# Rows: ids of open tasks without a keeper in grids that have one.
KEPT = f"""
{ready("task", rules.KEEPERLESS)}
UPDATE task SET keeper_id = kept.keeper_id, version = version + 1 FROM (
    SELECT task.id, ready.keeper_id FROM ready JOIN task USING (grid_code)
    WHERE state = 'due' AND task.keeper_id IS NULL AND target_id IS NOT NULL ORDER BY task.id LIMIT %s
    FOR UPDATE OF task SKIP LOCKED
) AS kept WHERE task.id = kept.id RETURNING task.id
"""


def tidy(connection: psycopg.Connection, most: int = 1000) -> list[int]:
    """Cancel open tasks whose target left the record, and give those without a keeper the one of their grid."""
    lost = sorted(row[0] for row in connection.execute(LOST, (most,)))
    task_writes.record(connection, lost, "cancelled", event_life.SYSTEM, "its target left the record")
    kept = sorted(row[0] for row in connection.execute(KEPT, (most,)))
    task_writes.record(connection, kept, "reassigned", event_life.SYSTEM)
    return lost + kept
