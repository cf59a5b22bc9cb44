"""Links that open a wall display or a keeper's page.

Revision ID: 0033
Revises: 0032
"""

from alembic import op

from spatial.protection import protect

revision = "0033"
down_revision = "0032"

ACCESS_LINK = """
CREATE TABLE access_link (
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    name text NOT NULL,
    keeper_id bigint,
    display jsonb DEFAULT '{}' NOT NULL,
    account text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    link_hash bytea NOT NULL,
    link_expires_at timestamptz NOT NULL,
    opened_at timestamptz,
    session_hash bytea,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT access_link_pkey PRIMARY KEY (id),
    CONSTRAINT access_link_keeper_id_fkey FOREIGN KEY(keeper_id) REFERENCES keeper (id) ON DELETE CASCADE,
    CONSTRAINT access_link_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT access_link_places_check CHECK (cardinality(places) > 0),
    CONSTRAINT access_link_kind_check CHECK (kind IN ('kiosk', 'keeper')),
    CONSTRAINT access_link_keeper_check CHECK ((kind = 'keeper') = (keeper_id IS NOT NULL)),
    CONSTRAINT access_link_name_check CHECK (length(name) BETWEEN 1 AND 200)
);
CREATE UNIQUE INDEX access_link_link_hash_idx ON access_link (link_hash);
CREATE UNIQUE INDEX access_link_session_hash_idx ON access_link (session_hash);
CREATE INDEX access_link_keeper_id_idx ON access_link (keeper_id)
"""

# A link gives away all of its places: who holds only a part of them neither sees nor ends it.
ALL_OF_IT = """
ALTER POLICY jurisdiction ON access_link USING (shapan_within(places, (SELECT shapan_scope())))
"""


def upgrade() -> None:
    """Create the table, seen by who holds all places of a link."""
    op.execute(ACCESS_LINK)
    protect("access_link")
    op.execute(ALL_OF_IT)
