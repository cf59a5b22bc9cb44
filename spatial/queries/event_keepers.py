"""Events and the keepers of their grids: of whom a keeper leaves, and who gets one, the job takes care.

An event waits for a keeper while nobody keeps its grid, or no grid holds its place; both may come after it.
"""

import psycopg

from spatial.queries import event_life, task_writes
from spatial.queries.kept_grids import KEEPER_OF, ready
from spatial.rules.events import UNSETTLED, WAITING

# Rows: ids of events whose keeper left the record. They go to the next keeper of the grid, or are open again.
# Parameters: limit.
ORPHANS = f"""
WITH lost AS MATERIALIZED (
    SELECT e.id, kept.id AS keeper_id FROM (
        SELECT id, grid_code FROM event WHERE keeper_id IS NULL AND state IN ('dispatched', 'accepted')
        AND NOT ({UNSETTLED}) ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS e {KEEPER_OF.format(row="e")}
)
UPDATE event SET keeper_id = lost.keeper_id, version = version + 1, accepted_at = NULL,
    state = CASE WHEN lost.keeper_id IS NULL THEN 'open' ELSE 'dispatched' END,
    told = CASE WHEN lost.keeper_id IS NULL THEN 'open' ELSE 'dispatched' END,
    held = CASE WHEN lost.keeper_id IS NULL THEN 'keeper_gone' END,
    dispatched_at = CASE WHEN lost.keeper_id IS NOT NULL THEN now() END
FROM lost WHERE event.id = lost.id RETURNING event.id
"""


def redispatch(connection: psycopg.Connection, most: int = 1000) -> list[int]:
    """Send events whose keeper left the record to another keeper of the grid, or leave them open; return their ids."""
    ids = sorted(row[0] for row in connection.execute(ORPHANS, {"most": most}))
    if ids:
        connection.execute(event_life.RECORD, ("orphaned", event_life.SYSTEM, None, ids))
        task_writes.end_of_events(connection, ids, "cancelled", event_life.SYSTEM)
        event_life.tell(connection, ids)
    return ids


# Rows: id of each event that waited for a keeper whom its grid has now, and its state after it: dispatched, or open
# still where its class is not dispatched by itself. One whose keeper had left was dispatched before, and is again.
# Parameters: limit.
KEPT = f"""
{ready("event", WAITING)}, judged AS MATERIALIZED (
    SELECT e.id, e.keeper_id, CASE WHEN e.held <> 'keeper_gone' THEN {event_life.HELD_BY_CLASS} END AS held
    FROM (SELECT event.id, class_code, held, ready.keeper_id FROM ready JOIN event USING (grid_code)
          WHERE {WAITING} ORDER BY event.id LIMIT %(most)s FOR UPDATE OF event SKIP LOCKED) AS e
    {event_life.CLASS_OF}
)
UPDATE event SET held = judged.held, version = version + 1,
    state = CASE WHEN judged.held IS NULL THEN 'dispatched' ELSE 'open' END,
    told = CASE WHEN judged.held IS NULL THEN 'dispatched' ELSE 'open' END,
    keeper_id = CASE WHEN judged.held IS NULL THEN judged.keeper_id END,
    dispatched_at = CASE WHEN judged.held IS NULL THEN now() END
FROM judged WHERE event.id = judged.id RETURNING event.id, event.state
"""


def dispatch(connection: psycopg.Connection, most: int = 1000) -> list[int]:
    """Send events that waited for a keeper to the one whom their grid has now; return their ids. The caller commits."""
    rows = sorted(connection.execute(KEPT, {"most": most}).fetchall())
    if sent := [event_id for event_id, state in rows if state == "dispatched"]:
        connection.execute(event_life.RECORD, ("dispatched", event_life.SYSTEM, None, sent))
    ids = [event_id for event_id, _ in rows]
    event_life.tell(connection, ids)
    return ids
