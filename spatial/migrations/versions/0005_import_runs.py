"""Import runs and their rejects.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"

IMPORT_RUN = """
CREATE TABLE import_run (
    id bigint GENERATED ALWAYS AS IDENTITY,
    concept text NOT NULL,
    file_name text NOT NULL,
    file_sha256 text,
    source text NOT NULL,
    mapping JSONB DEFAULT '{}' NOT NULL,
    account text NOT NULL,
    state text DEFAULT 'running' NOT NULL,
    started_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    rows_read bigint DEFAULT '0' NOT NULL,
    inserted bigint DEFAULT '0' NOT NULL,
    updated bigint DEFAULT '0' NOT NULL,
    unchanged bigint DEFAULT '0' NOT NULL,
    rejected bigint DEFAULT '0' NOT NULL,
    unplaced bigint DEFAULT '0' NOT NULL,
    detail JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT import_run_pkey PRIMARY KEY (id),
    CONSTRAINT import_run_state_check CHECK (state IN ('queued', 'running', 'done', 'failed'))
);
CREATE INDEX import_run_started_at_idx ON import_run (started_at)
"""

IMPORT_REJECT = """
CREATE TABLE import_reject (
    run_id bigint NOT NULL,
    row_number bigint NOT NULL,
    field text DEFAULT '' NOT NULL,
    reason_code text NOT NULL,
    message text NOT NULL,
    ordinal integer NOT NULL,
    CONSTRAINT import_reject_pkey PRIMARY KEY (run_id, ordinal),
    CONSTRAINT import_reject_run_id_fkey FOREIGN KEY(run_id) REFERENCES import_run (id) ON DELETE CASCADE
)
"""


def upgrade() -> None:
    """Create the tables."""
    for statement in (IMPORT_RUN, IMPORT_REJECT):
        op.execute(statement)
