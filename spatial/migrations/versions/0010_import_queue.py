"""Runs that wait for the import worker, and what the worker can take.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"

QUEUE = """
ALTER TABLE import_run
    ADD COLUMN upload text,
    ADD COLUMN upload_bytes bigint,
    ADD COLUMN queued_at timestamptz,
    ADD COLUMN rows_expected bigint,
    ADD COLUMN step text DEFAULT '' NOT NULL,
    ADD COLUMN cancelled_by text,
    DROP CONSTRAINT import_run_state_check,
    ADD CONSTRAINT import_run_state_check
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled'))
"""

# The worker looks for what waits; the sweep for what has kept its file.
QUEUED = "CREATE INDEX import_run_queued_idx ON import_run (id) WHERE state = 'queued'"
UPLOADS = "CREATE INDEX import_run_upload_idx ON import_run (upload) WHERE upload IS NOT NULL"

CATALOGUE = """
CREATE TABLE import_catalogue (
    singleton boolean DEFAULT 'true' NOT NULL,
    content JSONB NOT NULL,
    written_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT import_catalogue_pkey PRIMARY KEY (singleton),
    CONSTRAINT import_catalogue_singleton_check CHECK (singleton)
)
"""


def upgrade() -> None:
    """Add the columns, the state ``cancelled`` and the catalogue."""
    for statement in (QUEUE, QUEUED, UPLOADS, CATALOGUE):
        op.execute(statement)
