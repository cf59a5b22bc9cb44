"""How far the change feed has been forgotten: who knows less has missed changes that cannot be told any more.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the number up to which changes of every kind may be gone."""
    op.execute("ALTER TABLE outbox_head ADD COLUMN forgotten bigint DEFAULT 0 NOT NULL")
