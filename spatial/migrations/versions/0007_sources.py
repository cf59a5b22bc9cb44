"""Rasters and 3D Tiles: imagery, terrain, model3d; the ground under buildings.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"

# None of the three has a place's code and so none has row security: a picture of a city lies in every
# community at once, and it holds no object on record (docs/decisions/0007).
IMAGERY = """
CREATE TABLE imagery (
    id bigint GENERATED ALWAYS AS IDENTITY,
    width integer NOT NULL,
    height integer NOT NULL,
    resolution_m double precision NOT NULL,
    bands text[] NOT NULL,
    name text NOT NULL,
    attribution text,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    content_hash bytea NOT NULL,
    path text NOT NULL,
    bytes bigint NOT NULL,
    crs text NOT NULL,
    footprint geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(footprint, 4326),
        3857)) STORED NOT NULL,
    minzoom smallint NOT NULL,
    maxzoom smallint NOT NULL,
    imported_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT imagery_pkey PRIMARY KEY (id),
    CONSTRAINT imagery_name_key UNIQUE (name),
    CONSTRAINT imagery_path_key UNIQUE (path),
    CONSTRAINT imagery_name_check CHECK (length(name) BETWEEN 1 AND 80),
    CONSTRAINT imagery_zooms_check CHECK (0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24),
    CONSTRAINT imagery_footprint_sound_check CHECK (shapan_sound(footprint)),
    CONSTRAINT imagery_size_check CHECK (width > 0 AND height > 0 AND resolution_m > 0)
);
CREATE INDEX imagery_geom_web_idx ON imagery USING gist (geom_web)
"""

TERRAIN = """
CREATE TABLE terrain (
    id bigint GENERATED ALWAYS AS IDENTITY,
    width integer NOT NULL,
    height integer NOT NULL,
    resolution_m double precision NOT NULL,
    lowest_m double precision NOT NULL,
    highest_m double precision NOT NULL,
    name text NOT NULL,
    attribution text,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    content_hash bytea NOT NULL,
    path text NOT NULL,
    bytes bigint NOT NULL,
    crs text NOT NULL,
    footprint geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(footprint, 4326),
        3857)) STORED NOT NULL,
    minzoom smallint NOT NULL,
    maxzoom smallint NOT NULL,
    imported_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT terrain_pkey PRIMARY KEY (id),
    CONSTRAINT terrain_name_key UNIQUE (name),
    CONSTRAINT terrain_path_key UNIQUE (path),
    CONSTRAINT terrain_name_check CHECK (length(name) BETWEEN 1 AND 80),
    CONSTRAINT terrain_zooms_check CHECK (0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24),
    CONSTRAINT terrain_footprint_sound_check CHECK (shapan_sound(footprint)),
    CONSTRAINT terrain_size_check CHECK (width > 0 AND height > 0 AND resolution_m > 0),
    CONSTRAINT terrain_heights_check CHECK (lowest_m >= -500 AND lowest_m <= highest_m AND highest_m <= 9000)
);
CREATE INDEX terrain_geom_web_idx ON terrain USING gist (geom_web)
"""

MODEL3D = """
CREATE TABLE model3d (
    id bigint GENERATED ALWAYS AS IDENTITY,
    version text NOT NULL,
    files integer NOT NULL,
    name text NOT NULL,
    attribution text,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    content_hash bytea NOT NULL,
    path text NOT NULL,
    bytes bigint NOT NULL,
    crs text NOT NULL,
    footprint geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(footprint, 4326),
        3857)) STORED NOT NULL,
    minzoom smallint NOT NULL,
    maxzoom smallint NOT NULL,
    imported_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT model3d_pkey PRIMARY KEY (id),
    CONSTRAINT model3d_name_key UNIQUE (name),
    CONSTRAINT model3d_path_key UNIQUE (path),
    CONSTRAINT model3d_name_check CHECK (length(name) BETWEEN 1 AND 80),
    CONSTRAINT model3d_zooms_check CHECK (0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24),
    CONSTRAINT model3d_footprint_sound_check CHECK (shapan_sound(footprint)),
    CONSTRAINT model3d_files_check CHECK (files > 0)
);
CREATE INDEX model3d_geom_web_idx ON model3d USING gist (geom_web)
"""

# What a file says about a building's base and what an elevation model says are kept apart, so that a
# terrain that comes, changes or goes never touches a surveyed height. Until now a zero meant "not known".
BUILDING = """
ALTER TABLE building RENAME COLUMN base_m TO base_given_m;
ALTER TABLE building RENAME CONSTRAINT building_base_m_check TO building_base_given_m_check;
ALTER TABLE building ALTER COLUMN base_given_m DROP NOT NULL, ALTER COLUMN base_given_m DROP DEFAULT;
UPDATE building SET base_given_m = NULL WHERE base_given_m = 0;
ALTER TABLE building ADD COLUMN ground_m double precision,
    ADD CONSTRAINT building_ground_m_check CHECK (ground_m BETWEEN -500 AND 9000);
ALTER TABLE building ADD COLUMN base_m double precision NOT NULL
    GENERATED ALWAYS AS (coalesce(base_given_m, ground_m, 0::double precision)) STORED
"""

# A building that moves stands on other ground.
FORGET_GROUND = """
CREATE FUNCTION shapan_forget_ground() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.ground_m := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER building_forget_ground BEFORE UPDATE OF footprint ON building
    FOR EACH ROW WHEN (OLD.footprint IS DISTINCT FROM NEW.footprint)
    EXECUTE FUNCTION shapan_forget_ground()
"""


def upgrade() -> None:
    """Create the tables, then split the base of a building."""
    for statement in (IMAGERY, TERRAIN, MODEL3D, BUILDING, FORGET_GROUND):
        op.execute(statement)
