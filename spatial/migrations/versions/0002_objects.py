"""Objects: area, grid, keeper, building, unit, room, household, resident.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

from spatial.protection import protect

revision = "0002"
down_revision = "0001"

AREA = """
CREATE TABLE area (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    code_scheme text DEFAULT 'stat-12' NOT NULL,
    level text NOT NULL,
    name text NOT NULL,
    name_en text,
    parent_code text COLLATE "C",
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT area_pkey PRIMARY KEY (id),
    CONSTRAINT area_code_key UNIQUE (code),
    CONSTRAINT area_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT area_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT area_own_place_check CHECK (area_code = code),
    CONSTRAINT area_level_check CHECK (level IN ('county', 'street', 'community')),
    CONSTRAINT area_geom_sound_check CHECK (shapan_sound(geom))
);
CREATE INDEX area_geom_web_idx ON area USING gist (geom_web)
"""

GRID = """
CREATE TABLE grid (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    kind text DEFAULT 'basic' NOT NULL,
    name text NOT NULL,
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326),
        3857)) STORED NOT NULL,
    valid_from timestamptz DEFAULT now() NOT NULL,
    valid_to timestamptz,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT grid_pkey PRIMARY KEY (id),
    CONSTRAINT grid_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT grid_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT grid_own_place_check CHECK (grid_code = code),
    CONSTRAINT grid_validity_check CHECK (valid_to > valid_from),
    CONSTRAINT grid_kind_check CHECK (kind IN ('basic', 'special')),
    CONSTRAINT grid_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT grid_code_validity_excl EXCLUDE USING gist (code WITH =, tstzrange(valid_from, valid_to)
        WITH &&)
);
CREATE INDEX grid_geom_web_idx ON grid USING gist (geom_web)
"""

KEEPER = """
CREATE TABLE keeper (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    phone text,
    position geometry(Point,4490),
    position_at timestamptz,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT keeper_pkey PRIMARY KEY (id),
    CONSTRAINT keeper_code_key UNIQUE (code),
    CONSTRAINT keeper_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT keeper_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT keeper_position_sound_check CHECK (shapan_sound(position))
);
CREATE INDEX keeper_grid_code_idx ON keeper (grid_code)
"""

BUILDING = """
CREATE TABLE building (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    name text,
    address text,
    use text DEFAULT 'other' NOT NULL,
    footprint geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(footprint, 4326),
        3857)) STORED NOT NULL,
    height_m double precision,
    base_m double precision DEFAULT '0' NOT NULL,
    floors_above smallint,
    floors_below smallint,
    built_year smallint,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT building_pkey PRIMARY KEY (id),
    CONSTRAINT building_code_key UNIQUE (code),
    CONSTRAINT building_place_key UNIQUE (id, area_code, grid_code),
    CONSTRAINT building_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT building_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT building_use_check CHECK (use IN ('residential', 'commercial', 'office', 'school',
        'hospital', 'market', 'industrial', 'public', 'other')),
    CONSTRAINT building_height_m_check CHECK (height_m > 0 AND height_m <= 1000),
    CONSTRAINT building_base_m_check CHECK (base_m BETWEEN -500 AND 9000),
    CONSTRAINT building_floors_above_check CHECK (floors_above BETWEEN 0 AND 200),
    CONSTRAINT building_floors_below_check CHECK (floors_below BETWEEN 0 AND 20),
    CONSTRAINT building_built_year_check CHECK (built_year BETWEEN 1000 AND 2200),
    CONSTRAINT building_footprint_sound_check CHECK (shapan_sound(footprint))
);
CREATE INDEX building_geom_web_idx ON building USING gist (geom_web);
CREATE INDEX building_grid_code_idx ON building (grid_code)
"""

BUILDING_TALLY = """
CREATE TABLE building_tally (
    building_id bigint NOT NULL,
    rooms integer DEFAULT '0' NOT NULL,
    households integer DEFAULT '0' NOT NULL,
    residents integer DEFAULT '0' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT building_tally_pkey PRIMARY KEY (building_id),
    CONSTRAINT building_tally_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES
        building (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT building_tally_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT building_tally_counts_check CHECK (rooms >= 0 AND households >= 0 AND residents >= 0)
)
"""

UNIT = """
CREATE TABLE unit (
    id bigint GENERATED ALWAYS AS IDENTITY,
    building_id bigint NOT NULL,
    number text NOT NULL,
    entrance geometry(Point,4490),
    floors smallint,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT unit_pkey PRIMARY KEY (id),
    CONSTRAINT unit_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT unit_building_id_number_key UNIQUE (building_id, number),
    CONSTRAINT unit_place_key UNIQUE (id, building_id, area_code, grid_code),
    CONSTRAINT unit_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT unit_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT unit_entrance_sound_check CHECK (shapan_sound(entrance)),
    CONSTRAINT unit_floors_check CHECK (floors BETWEEN 0 AND 200)
)
"""

ROOM = """
CREATE TABLE room (
    id bigint GENERATED ALWAYS AS IDENTITY,
    unit_id bigint NOT NULL,
    building_id bigint NOT NULL,
    floor smallint NOT NULL,
    number text NOT NULL,
    use text DEFAULT 'residential' NOT NULL,
    tenure text DEFAULT 'unknown' NOT NULL,
    area_m2 double precision,
    surveyed_at DATE,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT room_pkey PRIMARY KEY (id),
    CONSTRAINT room_unit_fkey FOREIGN KEY(unit_id, building_id, area_code, grid_code) REFERENCES unit
        (id, building_id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT room_unit_id_number_key UNIQUE (unit_id, number),
    CONSTRAINT room_place_key UNIQUE (id, building_id, area_code, grid_code),
    CONSTRAINT room_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT room_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT room_use_check CHECK (use IN ('residential', 'commercial', 'office', 'school', 'hospital', 'market',
        'industrial', 'public', 'storage', 'other')),
    CONSTRAINT room_tenure_check CHECK (tenure IN ('owner', 'rented', 'vacant', 'unknown')),
    CONSTRAINT room_floor_check CHECK (floor BETWEEN -20 AND 200),
    CONSTRAINT room_area_m2_check CHECK (area_m2 > 0 AND area_m2 <= 100000)
);
CREATE INDEX room_building_id_idx ON room (building_id)
"""

HOUSEHOLD = """
CREATE TABLE household (
    id bigint GENERATED ALWAYS AS IDENTITY,
    room_id bigint NOT NULL,
    building_id bigint NOT NULL,
    number text DEFAULT '1' NOT NULL,
    kind text DEFAULT 'family' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT household_pkey PRIMARY KEY (id),
    CONSTRAINT household_room_fkey FOREIGN KEY(room_id, building_id, area_code, grid_code) REFERENCES
        room (id, building_id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT household_room_id_number_key UNIQUE (room_id, number),
    CONSTRAINT household_place_key UNIQUE (id, building_id, area_code, grid_code),
    CONSTRAINT household_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT household_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT household_kind_check CHECK (kind IN ('family', 'collective'))
);
CREATE INDEX household_building_id_idx ON household (building_id)
"""

RESIDENT = """
CREATE TABLE resident (
    id bigint GENERATED ALWAYS AS IDENTITY,
    household_id bigint NOT NULL,
    building_id bigint NOT NULL,
    name_sealed bytea NOT NULL,
    id_number_sealed bytea,
    phone_sealed bytea,
    id_number_index bytea,
    sex text,
    birth_year smallint,
    registration text DEFAULT 'registered' NOT NULL,
    care text[] DEFAULT '{}' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT resident_pkey PRIMARY KEY (id),
    CONSTRAINT resident_household_fkey FOREIGN KEY(household_id, building_id, area_code, grid_code)
        REFERENCES household (id, building_id, area_code, grid_code) ON DELETE CASCADE ON UPDATE
        CASCADE,
    CONSTRAINT resident_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT resident_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT resident_sex_check CHECK (sex IN ('M', 'F')),
    CONSTRAINT resident_registration_check CHECK (registration IN ('registered', 'floating', 'overseas')),
    CONSTRAINT resident_birth_year_check CHECK (birth_year BETWEEN 1880 AND 2200),
    CONSTRAINT resident_care_check CHECK (care <@ ARRAY['elderly_alone', 'disabled', 'low_income',
        'chronic', 'minor_unattended', 'pregnant']::text[])
);
CREATE INDEX resident_building_id_idx ON resident (building_id);
CREATE INDEX resident_household_id_idx ON resident (household_id);
CREATE INDEX resident_id_number_index_idx ON resident (id_number_index)
"""

# Adds the change of one statement to the tally of each building concerned. One function
# serves three tables: TG_ARGV[0] is the counter. It runs as the owner, because whoever adds
# a room need not be allowed to write counts.
TALLY = """
CREATE FUNCTION shapan_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    added text := CASE TG_OP WHEN 'DELETE' THEN '' ELSE
        'SELECT building_id, 1 AS n FROM new_rows' END;
    removed text := CASE TG_OP WHEN 'INSERT' THEN '' ELSE
        'SELECT building_id, -1 AS n FROM old_rows' END;
BEGIN
    -- A building that goes takes its tally along, so its rows find nothing to update here.
    EXECUTE format(
        'INSERT INTO building_tally AS tally (building_id, area_code, grid_code, %1$I) '
        'SELECT building.id, building.area_code, building.grid_code, change.n '
        'FROM (SELECT building_id, sum(n) AS n FROM (%2$s) AS row_change '
        '      GROUP BY building_id HAVING sum(n) > 0) AS change '
        'JOIN building ON building.id = change.building_id '
        'ON CONFLICT (building_id) DO UPDATE SET %1$I = tally.%1$I + excluded.%1$I',
        TG_ARGV[0], concat_ws(' UNION ALL ', nullif(added, ''), nullif(removed, '')));
    EXECUTE format(
        'UPDATE building_tally AS tally SET %1$I = tally.%1$I + change.n '
        'FROM (SELECT building_id, sum(n) AS n FROM (%2$s) AS row_change '
        '      GROUP BY building_id HAVING sum(n) < 0) AS change '
        'WHERE tally.building_id = change.building_id',
        TG_ARGV[0], concat_ws(' UNION ALL ', nullif(added, ''), nullif(removed, '')));
    RETURN NULL;
END
$$
"""

# PostgreSQL allows transition tables on one event for each trigger only.
TALLY_TRIGGERS = """
CREATE TRIGGER {table}_tally_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tally('{counter}');
CREATE TRIGGER {table}_tally_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tally('{counter}');
CREATE TRIGGER {table}_tally_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tally('{counter}')
"""


def upgrade() -> None:
    """Create the tables, then their row security and the running tally."""
    for statement in (AREA, GRID, KEEPER, BUILDING, BUILDING_TALLY, UNIT, ROOM, HOUSEHOLD, RESIDENT):
        op.execute(statement)
    protect(
        "area", "grid", "keeper", "building", "building_tally", "unit", "room", "household", "resident"
    )
    op.execute(TALLY)
    for table, counter in (("room", "rooms"), ("household", "households"), ("resident", "residents")):
        op.execute(TALLY_TRIGGERS.format(table=table, counter=counter))
