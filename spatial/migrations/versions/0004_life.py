"""Life: organisations, facilities, devices, tracks, alarms, events, the change feed.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from spatial.protection import protect

revision = "0004"
down_revision = "0003"

ORGANISATION = """
CREATE TABLE organisation (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    industry text,
    building_id bigint,
    geom geometry(Point,4490) NOT NULL,
    geom_web geometry(Point,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT organisation_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_code_key UNIQUE (code),
    CONSTRAINT organisation_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES
        building (id, area_code, grid_code) ON DELETE SET NULL (building_id) ON UPDATE CASCADE,
    CONSTRAINT organisation_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT organisation_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT organisation_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT organisation_code_check CHECK (code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$')
);
CREATE INDEX organisation_geom_web_idx ON organisation USING gist (geom_web)
"""

FACILITY = """
CREATE TABLE facility (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    class_code text COLLATE "C" NOT NULL,
    name text,
    state text DEFAULT 'normal' NOT NULL,
    department text,
    geom geometry(Geometry,4490) NOT NULL,
    geom_web geometry(Geometry,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT facility_pkey PRIMARY KEY (id),
    CONSTRAINT facility_code_key UNIQUE (code),
    CONSTRAINT facility_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT facility_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT facility_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT facility_state_check CHECK (state IN ('normal', 'damaged', 'missing'))
);
CREATE INDEX facility_geom_web_idx ON facility USING gist (geom_web)
"""

DEVICE = """
CREATE TABLE device (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    name text,
    building_id bigint,
    unit_id bigint,
    room_id bigint,
    floor smallint,
    z_m double precision DEFAULT '0' NOT NULL,
    expected_interval_s integer,
    last_seen timestamptz,
    stream_url text,
    geom geometry(Point,4490) NOT NULL,
    geom_web geometry(Point,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT device_pkey PRIMARY KEY (id),
    CONSTRAINT device_code_key UNIQUE (code),
    CONSTRAINT device_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE SET NULL (building_id) ON UPDATE CASCADE,
    CONSTRAINT device_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT device_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT device_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT device_floor_check CHECK (floor BETWEEN -20 AND 200),
    CONSTRAINT device_expected_interval_s_check CHECK (expected_interval_s > 0),
    CONSTRAINT device_unit_id_fkey FOREIGN KEY(unit_id) REFERENCES unit (id) ON DELETE SET NULL,
    CONSTRAINT device_room_id_fkey FOREIGN KEY(room_id) REFERENCES room (id) ON DELETE SET NULL
);
CREATE INDEX device_building_id_idx ON device (building_id);
CREATE INDEX device_geom_web_idx ON device USING gist (geom_web)
"""

KEEPER_TRACK = """
CREATE TABLE keeper_track (
    keeper_id bigint NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    position geometry(Point,4490) NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT keeper_track_pkey PRIMARY KEY (keeper_id, at, received_at),
    CONSTRAINT keeper_track_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT keeper_track_position_sound_check CHECK (shapan_sound(position)),
    CONSTRAINT keeper_track_keeper_id_fkey FOREIGN KEY(keeper_id) REFERENCES keeper (id) ON DELETE CASCADE
) PARTITION BY RANGE (received_at)
"""

ALARM = """
CREATE TABLE alarm (
    id bigint GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    severity text NOT NULL,
    type text NOT NULL,
    note text,
    active boolean DEFAULT 'true' NOT NULL,
    device_id bigint,
    building_id bigint,
    unit text,
    room text,
    floor smallint,
    z_m double precision DEFAULT '0' NOT NULL,
    geom geometry(Point,4490) NOT NULL,
    geom_web geometry(Point,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    acknowledged_at timestamptz,
    cleared_at timestamptz,
    closed_at timestamptz,
    repeats integer DEFAULT '0' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT alarm_pkey PRIMARY KEY (id),
    CONSTRAINT alarm_source_event_id_key UNIQUE (source, event_id),
    CONSTRAINT alarm_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE SET NULL (building_id) ON UPDATE CASCADE,
    CONSTRAINT alarm_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT alarm_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT alarm_severity_check CHECK (severity IN ('critical', 'major', 'minor', 'warning', 'info')),
    CONSTRAINT alarm_cleared_check CHECK (active = (cleared_at IS NULL)),
    CONSTRAINT alarm_closed_check CHECK (closed_at IS NULL OR (cleared_at IS NOT NULL AND
        acknowledged_at IS NOT NULL)),
    CONSTRAINT alarm_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX alarm_active_device_type_idx ON alarm (device_id, type) WHERE active AND device_id
    IS NOT NULL;
CREATE INDEX alarm_building_id_idx ON alarm (building_id);
CREATE INDEX alarm_device_id_idx ON alarm (device_id);
CREATE INDEX alarm_geom_web_idx ON alarm USING gist (geom_web);
CREATE INDEX alarm_open_idx ON alarm (received_at) WHERE closed_at IS NULL
"""

ALARM_STEP = """
CREATE TABLE alarm_step (
    id bigint NOT NULL,
    alarm_id bigint NOT NULL,
    step text NOT NULL,
    account text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT alarm_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT alarm_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT alarm_step_step_check CHECK (step IN ('raised', 'repeated', 'acknowledged', 'cleared',
        'closed')),
    CONSTRAINT alarm_step_alarm_id_fkey FOREIGN KEY(alarm_id) REFERENCES alarm (id) ON DELETE CASCADE
) PARTITION BY RANGE (at);
CREATE INDEX alarm_step_alarm_id_idx ON alarm_step (alarm_id)
"""

ALARM_MESSAGE = """
CREATE TABLE alarm_message (
    source text NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    alarm_id bigint,
    received_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT alarm_message_pkey PRIMARY KEY (source, event_id)
) PARTITION BY HASH (source, event_id)
"""

EVENT = """
CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    class_code text COLLATE "C" NOT NULL,
    origin text DEFAULT 'patrol' NOT NULL,
    state text DEFAULT 'open' NOT NULL,
    title text NOT NULL,
    place text,
    building_id bigint,
    geom geometry(Point,4490) NOT NULL,
    geom_web geometry(Point,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    deadline timestamptz,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (id),
    CONSTRAINT event_code_key UNIQUE (code),
    CONSTRAINT event_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE SET NULL (building_id) ON UPDATE CASCADE,
    CONSTRAINT event_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT event_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT event_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT event_origin_check CHECK (origin IN ('patrol', '12345', 'device', 'resident')),
    CONSTRAINT event_state_check CHECK (state IN ('open', 'dispatched', 'done'))
);
CREATE INDEX event_geom_web_idx ON event USING gist (geom_web);
CREATE INDEX event_occurred_at_idx ON event (occurred_at)
"""

OUTBOX = """
CREATE TABLE outbox (
    id bigint NOT NULL,
    seq bigint,
    kind text NOT NULL,
    object text NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    payload JSONB NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT outbox_pkey PRIMARY KEY (id, at),
    CONSTRAINT outbox_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15)
) PARTITION BY RANGE (at);
CREATE INDEX outbox_seq_idx ON outbox (seq);
CREATE INDEX outbox_unstamped_idx ON outbox (id) WHERE seq IS NULL
"""

OUTBOX_HEAD = """
CREATE TABLE outbox_head (
    singleton boolean DEFAULT 'true' NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT outbox_head_pkey PRIMARY KEY (singleton),
    CONSTRAINT outbox_head_singleton_check CHECK (singleton)
)
"""

# Identity columns of partitioned tables must be plain sequences before PostgreSQL 17.
SEQUENCES = """
CREATE SEQUENCE alarm_step_id_seq OWNED BY alarm_step.id;
ALTER TABLE alarm_step ALTER COLUMN id SET DEFAULT nextval('alarm_step_id_seq');
CREATE SEQUENCE outbox_id_seq OWNED BY outbox.id;
ALTER TABLE outbox ALTER COLUMN id SET DEFAULT nextval('outbox_id_seq')
"""

ALARM_MESSAGE_PARTITIONS = 8


def upgrade() -> None:
    """Create the tables, then their row security, partitions and the first number of the feed."""
    for statement in (
        ORGANISATION, FACILITY, DEVICE, KEEPER_TRACK, ALARM, ALARM_STEP, ALARM_MESSAGE, EVENT,
        OUTBOX, OUTBOX_HEAD,
    ):
        op.execute(statement)
    op.execute(SEQUENCES)
    protect("organisation", "facility", "device", "keeper_track", "alarm", "alarm_step", "event", "outbox")
    for remainder in range(ALARM_MESSAGE_PARTITIONS):
        op.execute(
            f"CREATE TABLE alarm_message_p{remainder} PARTITION OF alarm_message "
            f"FOR VALUES WITH (MODULUS {ALARM_MESSAGE_PARTITIONS}, REMAINDER {remainder})"
        )
    for table in ("keeper_track", "alarm_step", "outbox"):
        op.execute(f"SELECT shapan_month_partitions('{table}', 2)")
    op.execute("INSERT INTO outbox_head (seq) VALUES (0)")
