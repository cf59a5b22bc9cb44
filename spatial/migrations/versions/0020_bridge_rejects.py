"""What came over a bridge and could not be taken.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

from spatial.protection import protect

revision = "0020"
down_revision = "0019"

REJECT = """
CREATE TABLE bridge_reject (
    id bigint GENERATED ALWAYS AS IDENTITY,
    bridge text NOT NULL,
    topic text NOT NULL,
    item integer NOT NULL,
    payload bytea NOT NULL,
    bytes bigint NOT NULL,
    reason text NOT NULL,
    fingerprint bytea NOT NULL,
    times integer DEFAULT '1' NOT NULL,
    first_at timestamptz DEFAULT now() NOT NULL,
    last_at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT bridge_reject_pkey PRIMARY KEY (id),
    CONSTRAINT bridge_reject_fingerprint_key UNIQUE (fingerprint),
    CONSTRAINT bridge_reject_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT bridge_reject_payload_check CHECK (octet_length(payload) <= 4096),
    CONSTRAINT bridge_reject_times_check CHECK (times > 0)
);
CREATE INDEX bridge_reject_last_at_idx ON bridge_reject (last_at)
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(REJECT)
    protect("bridge_reject")
