"""Disaster warnings, rows of several places, how far the feed was forgotten, webhooks.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

from spatial.protection import protect

revision = "0016"
down_revision = "0015"

# Whether one of some places (prefixes of grid codes) lies in a jurisdiction or holds a part of it.
CONCERNS = """
CREATE FUNCTION shapan_concerns(places text[], scope code_multirange) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT FROM unnest(places) AS place WHERE code_range(place, place || ':') && scope)
$$
"""

# Whether all of some places lie in a jurisdiction.
WITHIN = """
CREATE FUNCTION shapan_within(places text[], scope code_multirange) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NOT EXISTS (SELECT FROM unnest(places) AS place WHERE NOT code_range(place, place || ':') <@ scope)
$$
"""

# As in migration 0001; and a row with several places is seen by whoever is responsible for a part of them, and written
# by whoever is responsible for all of them (decision 18).
PROTECT = """
CREATE OR REPLACE FUNCTION shapan_protect(target regclass) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    seen text := 'grid_code <@ (SELECT shapan_scope())';
    written text := seen;
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attname = 'places' AND NOT attisdropped) THEN
        seen := format('CASE WHEN places IS NULL THEN %s ELSE shapan_concerns(places, (SELECT shapan_scope())) END',
                       seen);
        written := format('CASE WHEN places IS NULL THEN %s ELSE shapan_within(places, (SELECT shapan_scope())) END',
                          written);
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY jurisdiction ON %s USING (%s) WITH CHECK (%s)', target, seen, written);
END
$$
"""

# Partitions have policies of their own, and get the column with their parent.
OUTBOX = """
ALTER TABLE outbox ADD COLUMN places text[] COLLATE "C";
DO $$
DECLARE target regclass;
BEGIN
    FOR target IN SELECT relid FROM pg_partition_tree('outbox') LOOP
        EXECUTE format('DROP POLICY jurisdiction ON %s', target);
        PERFORM shapan_protect(target);
    END LOOP;
END
$$
"""

OUTBOX_FLOOR = """
CREATE TABLE outbox_floor (
    kind text NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT outbox_floor_pkey PRIMARY KEY (kind)
)
"""

WARNING_COLOUR = """
CREATE TABLE warning_colour (
    code text COLLATE "C" NOT NULL,
    severity text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    CONSTRAINT warning_colour_pkey PRIMARY KEY (code),
    CONSTRAINT warning_colour_severity_key UNIQUE (severity),
    CONSTRAINT warning_colour_severity_check CHECK
        (severity IN ('Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'))
);
INSERT INTO warning_colour (code, severity, name, name_en) VALUES
    ('red', 'Extreme', '红色', 'Red'), ('orange', 'Severe', '橙色', 'Orange'),
    ('yellow', 'Moderate', '黄色', 'Yellow'), ('blue', 'Minor', '蓝色', 'Blue')
"""

WARNING_MESSAGE = """
CREATE TABLE warning_message (
    sender text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    sent timestamptz NOT NULL,
    status text NOT NULL,
    msg_type text NOT NULL,
    refers_to text[] COLLATE "C" NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT warning_message_pkey PRIMARY KEY (sender, identifier),
    CONSTRAINT warning_message_status_check CHECK (status IN ('Actual', 'Exercise', 'System', 'Test')),
    CONSTRAINT warning_message_msg_type_check CHECK (msg_type IN ('Alert', 'Update', 'Cancel'))
);
CREATE INDEX warning_message_refers_to_idx ON warning_message USING gin (refers_to)
"""

WARNING = """
CREATE TABLE warning (
    id bigint GENERATED ALWAYS AS IDENTITY,
    sender text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    sent timestamptz NOT NULL,
    status text NOT NULL,
    msg_type text NOT NULL,
    categories text[] NOT NULL,
    event text NOT NULL,
    urgency text NOT NULL,
    severity text NOT NULL,
    certainty text NOT NULL,
    language text NOT NULL,
    headline text,
    description text,
    instruction text,
    texts JSONB NOT NULL,
    area_desc text,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    fate text DEFAULT 'standing' NOT NULL,
    fated_by text,
    fated_at timestamptz,
    due_at timestamptz,
    account text NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    outline JSONB NOT NULL,
    geom geometry(MultiPolygon,4490) NOT NULL,
    geom_web geometry(MultiPolygon,3857) GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(geom, 4326), 3857))
        STORED NOT NULL,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT warning_pkey PRIMARY KEY (id),
    CONSTRAINT warning_sender_identifier_key UNIQUE (sender, identifier),
    CONSTRAINT warning_message_fkey FOREIGN KEY(sender, identifier) REFERENCES warning_message (sender, identifier),
    CONSTRAINT warning_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT warning_places_check CHECK (cardinality(places) > 0),
    CONSTRAINT warning_geom_sound_check CHECK (shapan_sound(geom)),
    CONSTRAINT warning_life_check CHECK (begins_at < ends_at),
    CONSTRAINT warning_fate_check CHECK (fate IN ('standing', 'replaced', 'cancelled', 'void')),
    CONSTRAINT warning_severity_check CHECK (severity IN ('Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'))
);
CREATE INDEX warning_geom_web_idx ON warning USING gist (geom_web);
CREATE INDEX warning_due_at_idx ON warning (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX warning_ends_at_idx ON warning (ends_at)
"""

WARNING_STEP = """
CREATE TABLE warning_step (
    id bigint NOT NULL,
    warning_id bigint NOT NULL,
    step text NOT NULL,
    account text NOT NULL,
    note text,
    at timestamptz DEFAULT now() NOT NULL,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT warning_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT warning_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT warning_step_step_check CHECK (step IN ('taken', 'begun', 'ended', 'replaced', 'cancelled', 'void',
        'standing')),
    CONSTRAINT warning_step_warning_id_fkey FOREIGN KEY(warning_id) REFERENCES warning (id) ON DELETE CASCADE
) PARTITION BY RANGE (at);
CREATE INDEX warning_step_warning_id_idx ON warning_step (warning_id);
CREATE SEQUENCE warning_step_id_seq OWNED BY warning_step.id;
ALTER TABLE warning_step ALTER COLUMN id SET DEFAULT nextval('warning_step_id_seq')
"""

WEBHOOK = """
CREATE TABLE webhook (
    id bigint GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL,
    kinds text[] NOT NULL,
    secret_sealed bytea NOT NULL,
    account text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    state text DEFAULT 'active' NOT NULL,
    cursor bigint NOT NULL,
    pending_upto bigint,
    attempts integer DEFAULT '0' NOT NULL,
    next_at timestamptz DEFAULT now() NOT NULL,
    failing_since timestamptz,
    last_outcome text,
    delivered_at timestamptz,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT webhook_places_check CHECK (cardinality(places) > 0),
    CONSTRAINT webhook_state_check CHECK (state IN ('active', 'disabled'))
)
"""


def upgrade() -> None:
    """Let a row have several places, then create the tables."""
    for statement in (CONCERNS, WITHIN, PROTECT, OUTBOX, OUTBOX_FLOOR, WARNING_COLOUR, WARNING_MESSAGE, WARNING,
                      WARNING_STEP, WEBHOOK):
        op.execute(statement)
    protect("warning", "warning_step", "webhook")
    op.execute("SELECT shapan_month_partitions('warning_step', 2)")
