"""The roll-up by grid, figures of each day, and what finds the state of an instant of the past.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

from spatial.protection import protect

revision = "0021"
down_revision = "0020"

# Written many times a second: room in each page keeps new versions beside the old ones.
ROLLUP = """
CREATE TABLE rollup (
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    alarms_critical integer DEFAULT '0' NOT NULL,
    alarms_major integer DEFAULT '0' NOT NULL,
    alarms_minor integer DEFAULT '0' NOT NULL,
    alarms_warning integer DEFAULT '0' NOT NULL,
    alarms_info integer DEFAULT '0' NOT NULL,
    unacknowledged_critical integer DEFAULT '0' NOT NULL,
    unacknowledged_major integer DEFAULT '0' NOT NULL,
    unacknowledged_minor integer DEFAULT '0' NOT NULL,
    unacknowledged_warning integer DEFAULT '0' NOT NULL,
    unacknowledged_info integer DEFAULT '0' NOT NULL,
    alarms_shelved integer DEFAULT '0' NOT NULL,
    events_open integer DEFAULT '0' NOT NULL,
    events_overdue integer DEFAULT '0' NOT NULL,
    tasks_due integer DEFAULT '0' NOT NULL,
    tasks_overdue integer DEFAULT '0' NOT NULL,
    buildings integer DEFAULT '0' NOT NULL,
    households integer DEFAULT '0' NOT NULL,
    residents integer DEFAULT '0' NOT NULL,
    entered_population integer DEFAULT '0' NOT NULL,
    entered_housing integer DEFAULT '0' NOT NULL,
    entered_legal_entities integer DEFAULT '0' NOT NULL,
    entered_geography integer DEFAULT '0' NOT NULL,
    CONSTRAINT rollup_pkey PRIMARY KEY (grid_code),
    CONSTRAINT rollup_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
) WITH (fillfactor = 50)
"""

ROLLUP_STATE = """
CREATE TABLE rollup_state (
    singleton boolean DEFAULT 'true' NOT NULL,
    seq bigint NOT NULL,
    counted_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT rollup_state_pkey PRIMARY KEY (singleton),
    CONSTRAINT rollup_state_singleton_check CHECK (singleton)
)
"""

# Row security compares the place's own digits, so that a wider place is seen by who holds all of it.
KPI_DAY = """
CREATE TABLE kpi_day (
    grid_code text COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    day date NOT NULL,
    values JSONB NOT NULL,
    hours JSONB NOT NULL,
    CONSTRAINT kpi_day_pkey PRIMARY KEY (grid_code, day),
    CONSTRAINT kpi_day_place_check CHECK (length(grid_code) IN (0, 6, 9, 12, 15) AND area_code = left(grid_code, 12))
)
"""

KPI_TAKEN = """
CREATE TABLE kpi_taken (
    day date NOT NULL,
    hour smallint NOT NULL,
    measures text[] NOT NULL,
    taken_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT kpi_taken_pkey PRIMARY KEY (day, hour),
    CONSTRAINT kpi_taken_hour_check CHECK (hour BETWEEN 0 AND 24)
)
"""

# A range and `@>` would need a GiST index, which row security leaves unused because the operator is not leakproof.
# Classes of four times the length each: whoever was open at an instant began within the length of its class before it,
# so that of all that are looked at a quarter is found.
ALARM = """
ALTER TABLE alarm ADD COLUMN life_class smallint GENERATED ALWAYS AS (
    width_bucket(extract(epoch from closed_at - received_at)::double precision, ARRAY[
        4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]::double precision[])
    ) STORED;
CREATE INDEX alarm_life_class_received_at_idx ON alarm (life_class, received_at) WHERE life_class IS NOT NULL;
CREATE INDEX alarm_open_grid_code_idx ON alarm (grid_code) WHERE closed_at IS NULL
"""

EVENT = """
CREATE INDEX task_due_grid_code_idx ON task (grid_code) WHERE state = 'due';
CREATE INDEX event_received_at_idx ON event (received_at);
CREATE INDEX event_unfinished_grid_code_idx ON event (grid_code) WHERE state NOT IN ('done', 'closed')
"""


def upgrade() -> None:
    """Create the tables and indexes; the jobs fill them."""
    for statement in (ROLLUP, ROLLUP_STATE, KPI_DAY, KPI_TAKEN, ALARM, EVENT):
        op.execute(statement)
    protect("rollup", "kpi_day")
