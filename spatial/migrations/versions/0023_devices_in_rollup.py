"""Devices by freshness in the roll-up, and the index by which a grid's devices are counted.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"

ROLLUP = """
ALTER TABLE rollup
    ADD COLUMN devices_late integer DEFAULT '0' NOT NULL,
    ADD COLUMN devices_lost integer DEFAULT '0' NOT NULL,
    ADD COLUMN devices_unknown integer DEFAULT '0' NOT NULL,
    ADD COLUMN devices integer DEFAULT '0' NOT NULL
"""

INDEX = "CREATE INDEX device_tally_grid_code_idx ON device_tally (grid_code)"


def upgrade() -> None:
    """Add the columns, which the next count fills, and the index."""
    op.execute(ROLLUP)
    op.execute(INDEX)
