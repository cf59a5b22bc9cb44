"""The tasks of an event are found by it, those that are over as well.

Revision ID: 0029
Revises: 0028
"""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Index tasks by their event."""
    op.execute("CREATE INDEX task_event_id_idx ON task (event_id) WHERE event_id IS NOT NULL")
