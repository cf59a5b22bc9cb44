"""Base map: road, water, green, place.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

from spatial.protection import protect

revision = "0003"
down_revision = "0002"

ROAD = """
CREATE TABLE road (
    id bigint GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    name text,
    width_m double precision,
    geom geometry(MultiLineString,4490) NOT NULL,
    geom_web geometry(MultiLineString,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT road_pkey PRIMARY KEY (id),
    CONSTRAINT road_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT road_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT road_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT road_width_m_check CHECK (width_m > 0 AND width_m <= 200)
);
CREATE INDEX road_geom_web_idx ON road USING gist (geom_web)
"""

WATER = """
CREATE TABLE water (
    id bigint GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    name text,
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT water_pkey PRIMARY KEY (id),
    CONSTRAINT water_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT water_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT water_geom_sound_check CHECK (shapan_sound(geom))
);
CREATE INDEX water_geom_web_idx ON water USING gist (geom_web)
"""

GREEN = """
CREATE TABLE green (
    id bigint GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    name text,
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT green_pkey PRIMARY KEY (id),
    CONSTRAINT green_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT green_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT green_geom_sound_check CHECK (shapan_sound(geom))
);
CREATE INDEX green_geom_web_idx ON green USING gist (geom_web)
"""

PLACE = """
CREATE TABLE place (
    id bigint GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    name text NOT NULL,
    name_en text,
    rank smallint DEFAULT '9' NOT NULL,
    geom geometry(Point,4490) NOT NULL,
    geom_web geometry(Point,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT place_pkey PRIMARY KEY (id),
    CONSTRAINT place_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT place_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT place_geom_sound_check CHECK (shapan_sound(geom))
);
CREATE INDEX place_geom_web_idx ON place USING gist (geom_web)
"""


def upgrade() -> None:
    """Create the tables, then their row security."""
    for statement in (ROAD, WATER, GREEN, PLACE):
        op.execute(statement)
    protect("road", "water", "green", "place")
