"""Grids of plans that came as files.

Revision ID: 0040
Revises: 0039
"""

from alembic import op

from spatial.protection import protect

revision = "0040"
down_revision = "0039"

PLANNED_GRID = """
CREATE TABLE planned_grid (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text,
    name text,
    kind text DEFAULT 'basic' NOT NULL,
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT planned_grid_pkey PRIMARY KEY (id),
    CONSTRAINT planned_grid_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT planned_grid_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT planned_grid_geom_sound_check CHECK (shapan_sound(geom))
);
CREATE INDEX planned_grid_geom_web_idx ON planned_grid USING gist (geom_web)
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(PLANNED_GRID)
    protect("planned_grid")
