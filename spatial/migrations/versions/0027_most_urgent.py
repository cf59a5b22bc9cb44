"""The most urgent open alarms are found without reading those that are less so.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"

URGENT = """
DROP INDEX alarm_unacknowledged_idx;
CREATE INDEX alarm_unacknowledged_idx ON alarm (severity, id) WHERE closed_at IS NULL AND acknowledged_at IS NULL
"""


def upgrade() -> None:
    """Put the severity first in the index of unacknowledged alarms."""
    op.execute(URGENT)
