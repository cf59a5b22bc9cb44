"""Events and tasks that wait for a keeper are found by grid; finished events by how long they were open.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"

# Who waits is found grid by grid, however many wait in a grid that has no keeper yet.
WAITING = """
CREATE INDEX event_waiting_idx ON event (grid_code, id)
    WHERE state = 'open' AND held IN ('no_grid', 'no_keeper', 'keeper_gone');
DROP INDEX task_lost_idx;
CREATE INDEX task_targetless_idx ON task (id) WHERE state = 'due' AND target_id IS NULL;
CREATE INDEX task_keeperless_idx ON task (grid_code, id) WHERE state = 'due' AND keeper_id IS NULL
"""

# As of alarms (migration 0021). One that came in finished was never open, and has no class.
LIFE = """
ALTER TABLE event ADD COLUMN life_class smallint GENERATED ALWAYS AS (
    width_bucket(extract(epoch from
        CASE WHEN state IN ('done', 'closed') THEN coalesce(done_at, closed_at) END - received_at)::double precision,
        ARRAY[
        4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]::double precision[])
    ) STORED;
CREATE INDEX event_life_class_received_at_idx ON event (life_class, received_at) WHERE life_class IS NOT NULL
"""

QUIET = ("title", "place", "received_at", "keeper_id", "accept_by", "dispatched_at", "accepted_at", "done_at",
         "closed_at", "held", "told", "told_due", "version", "due_at", "life_class")
"""Columns of events that no tile shows."""

# As in migration 0017, but surveys are marked that are marked already as well: the job that looks at one leaves those
# alone that somebody is just marking. It would else look before the change is there, and take the mark away.
LOOK = """
CREATE OR REPLACE FUNCTION shapan_room_surveyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.task SET looked_at = false
    WHERE state = 'due' AND kind = 'survey'
      AND building_id IN (SELECT building_id FROM new_rows)
      AND (room_id IS NULL OR room_id IN (SELECT id FROM new_rows));
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION shapan_survey_asks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.task SET looked_at = false WHERE state = 'due' AND kind = 'survey';
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Create the indexes and the column, replace the functions; triggers keep calling them by their names."""
    for statement in (WAITING, LIFE, LOOK):
        op.execute(statement)
    op.execute(f"SELECT shapan_tells_tiles('event', 'events', 14, '{{{','.join(QUIET)}}}')")
