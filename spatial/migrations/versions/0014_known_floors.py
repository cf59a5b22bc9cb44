"""Sums by cell count the buildings whose storeys are on record: the mean was of all, the others with none.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; the job sums all buildings anew and tells the tiles."""
    op.execute("TRUNCATE building_cell")
    op.execute("ALTER TABLE building_cell ADD COLUMN floors_known integer NOT NULL")
    op.execute("DELETE FROM cell_sum WHERE layer = 'buildings'")
