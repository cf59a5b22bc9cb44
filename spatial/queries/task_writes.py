"""Writing tasks: rows, their steps and what the change feed hears, for those who decide what is written."""

from collections.abc import Sequence

import psycopg

# One change for each task: its whole state without title, note and result, which people write. Parameters: ids.
TELL = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
SELECT 'task', task.id::text, task.area_code, task.grid_code, jsonb_build_object(
    'id', task.id, 'kind', kind, 'state', state, 'keeper', keeper.code, 'target_kind', target_kind,
    'target_id', target_id, 'building_id', building_id, 'event_id', event_id, 'grid_code', task.grid_code,
    'due_at', due_at, 'overdue', state = 'due' AND due_at < now(), 'done_at', done_at, 'created_at', created_at,
    'version', version)
FROM task LEFT JOIN keeper ON keeper.id = task.keeper_id
WHERE task.id = ANY(%s) ORDER BY task.id
"""

# Parameters: step, account, note, ids.
RECORD = """
INSERT INTO task_step (task_id, step, account, keeper_id, note, area_code, grid_code)
SELECT id, %s, %s, keeper_id, %s, area_code, grid_code FROM task WHERE id = ANY(%s) ORDER BY id
"""


def record(connection: psycopg.Connection, ids: Sequence[int], step: str, account: str, note: str | None = None,
           ) -> None:
    """Write one step of some tasks on record, and tell the change feed of them."""
    if ids:
        connection.execute(RECORD, (step, account, note, list(ids)))
        connection.execute(TELL, (list(ids),))


# Without a deadline of its own an event is to be handled within a week. Parameters: account, id of the event.
OF_EVENT = """
INSERT INTO task (kind, title, keeper_id, target_kind, event_id, due_at, created_by, area_code, grid_code)
SELECT 'check', title, keeper_id, 'event', id, coalesce(deadline, now() + interval '7 days'), %s, area_code, grid_code
FROM event WHERE id = %s AND keeper_id IS NOT NULL
ON CONFLICT DO NOTHING RETURNING id
"""


def of_event(connection: psycopg.Connection, event_id: int, account: str) -> None:
    """Make the task of an event that its keeper has accepted."""
    record(connection, [row[0] for row in connection.execute(OF_EVENT, (account, event_id))], "created", account)


# Parameters: state, ids of events.
END = """
UPDATE task SET state = %s, done_at = now(), version = version + 1
WHERE event_id = ANY(%s) AND state = 'due' RETURNING id
"""


def end_of_events(connection: psycopg.Connection, event_ids: Sequence[int], state: str, account: str,
                  note: str | None = None) -> None:
    """End the open tasks of some events along with them: ``done`` or ``cancelled``."""
    if event_ids:
        ids = [row[0] for row in connection.execute(END, (state, list(event_ids)))]
        record(connection, ids, state, account, note)
