"""Events live: classes with deadlines, keepers, steps; tasks of keepers; sums of events by day for charts.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

from spatial.protection import protect

revision = "0017"
down_revision = "0016"

EVENT_CLASS = """
CREATE TABLE event_class (
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    kind text NOT NULL,
    respond_s integer,
    resolve_s integer,
    dispatch boolean,
    CONSTRAINT event_class_pkey PRIMARY KEY (code),
    CONSTRAINT event_class_code_check CHECK (code ~ '^([0-9]{2}|[0-9]{4})$'),
    CONSTRAINT event_class_kind_check CHECK (kind IN ('city', 'emergency', 'people')),
    CONSTRAINT event_class_respond_s_check CHECK (respond_s BETWEEN 1 AND 31536000),
    CONSTRAINT event_class_resolve_s_check CHECK (resolve_s BETWEEN 1 AND 31536000)
)
"""

# Groups and codes are those in use among cities (from field practice; the texts of GB/T 30428.2 and CJ/T 214 were not
# at hand); deadlines are ours. Code, name, name in English, kind, hours to accept and to finish; 06 is matters
# between people, which no group of city management holds.
CLASSES = (
    ("01", "市容环境", "Cleanliness", "city", 2, 24),
    ("0101", "私搭乱建", "Unlicensed building", "city", 8, 168),
    ("0102", "暴露垃圾", "Exposed rubbish", "city", 2, 12),
    ("0103", "积存垃圾渣土", "Heaped spoil", "city", 2, 24),
    ("02", "宣传广告", "Advertising", "city", 4, 24),
    ("0201", "非法小广告", "Illegal posters", "city", 4, 24),
    ("03", "施工管理", "Building sites", "city", 2, 12),
    ("0301", "施工扰民", "Noise of a site", "city", 1, 8),
    ("04", "突发事件", "Emergencies", "emergency", 0.25, 6),
    ("0401", "路面塌陷", "Road collapse", "emergency", 0.25, 6),
    ("0402", "自来水管破裂", "Burst water main", "emergency", 0.25, 6),
    ("0406", "道路积水", "Flooded street", "emergency", 0.25, 4),
    ("05", "街面秩序", "Street order", "city", 1, 8),
    ("0501", "无照经营游商", "Unlicensed hawkers", "city", 1, 4),
    ("0504", "店外经营", "Trading outside the shop", "city", 1, 8),
    ("0505", "机动车乱停放", "Illegal parking", "city", 1, 4),
    ("06", "社会事务", "Matters between people", "people", 2, 24),
    ("0601", "邻里纠纷", "Neighbours' quarrel", "people", 4, 48),
    ("0602", "噪声扰民", "Noise", "people", 1, 8),
    ("0603", "独居老人求助", "Call of an old person alone", "people", 0.25, 2),
    ("0604", "高空抛物", "Thing thrown from above", "people", 1, 12),
    ("0605", "电动车违规充电", "E-bike charged indoors", "people", 1, 8),
    ("0606", "消防通道占用", "Fire lane blocked", "people", 0.5, 4),
    ("0607", "欠薪与劳动纠纷", "Unpaid wages", "people", 8, 72),
)

# `code` is a source's own: two sources may count alike. What is due next, and when, is worked out from the state, so
# that it cannot be forgotten; `told` and `told_due` are what the feed has heard. The indexes on times hold what
# events are counted by, so that counting reads no row.
EVENT = """
ALTER TABLE event
    ADD COLUMN keeper_id bigint,
    ADD COLUMN accept_by timestamptz,
    ADD COLUMN dispatched_at timestamptz,
    ADD COLUMN accepted_at timestamptz,
    ADD COLUMN done_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN held text,
    ADD COLUMN told text,
    ADD COLUMN told_due timestamptz,
    ADD COLUMN version integer DEFAULT '0' NOT NULL,
    ADD COLUMN due_at timestamptz GENERATED ALWAYS AS (CASE WHEN state = 'accepted' THEN deadline
        WHEN state NOT IN ('done', 'closed') THEN least(accept_by, deadline) END) STORED,
    DROP CONSTRAINT event_code_key,
    DROP CONSTRAINT event_state_check,
    ADD CONSTRAINT event_state_check CHECK (state IN ('open', 'dispatched', 'accepted', 'rejected', 'done', 'closed')),
    ADD CONSTRAINT event_held_check CHECK (held IN ('no_grid', 'no_keeper', 'unknown_class', 'by_hand', 'keeper_gone')),
    ADD CONSTRAINT event_place_key UNIQUE (id, area_code, grid_code),
    ADD CONSTRAINT event_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES keeper (id) ON DELETE SET NULL;
CREATE INDEX event_code_idx ON event (code);
DROP INDEX event_occurred_at_idx;
CREATE INDEX event_occurred_at_idx ON event (occurred_at) INCLUDE (class_code, state, grid_code, keeper_id);
CREATE INDEX event_grid_code_idx ON event (grid_code, occurred_at);
CREATE INDEX event_keeper_id_idx ON event (keeper_id) WHERE keeper_id IS NOT NULL;
CREATE INDEX event_due_at_idx ON event (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX event_untold_idx ON event (due_at) WHERE due_at IS NOT NULL AND told_due IS DISTINCT FROM due_at;
CREATE INDEX event_unfinished_idx ON event (occurred_at, id) INCLUDE (due_at, grid_code, keeper_id)
    WHERE state NOT IN ('done', 'closed');
CREATE INDEX event_done_at_idx ON event (done_at)
    INCLUDE (deadline, dispatched_at, accepted_at, received_at, grid_code, keeper_id) WHERE done_at IS NOT NULL;
CREATE INDEX event_unsettled_idx ON event (id)
    WHERE told IS NULL AND state NOT IN ('done', 'closed') OR told <> state;
CREATE INDEX event_orphan_idx ON event (id) WHERE keeper_id IS NULL AND state IN ('dispatched', 'accepted')
"""

EVENT_STEP = """
CREATE TABLE event_step (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    step text NOT NULL,
    state text NOT NULL,
    account text NOT NULL,
    keeper_id bigint,
    note text,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT event_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT event_step_event_fkey FOREIGN KEY (event_id, area_code, grid_code)
        REFERENCES event (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT event_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT event_step_step_check CHECK (step IN ('taken', 'imported', 'dispatched', 'accepted', 'rejected',
        'reassigned', 'done', 'returned', 'closed', 'commented', 'orphaned'))
) PARTITION BY RANGE (at);
CREATE INDEX event_step_event_id_idx ON event_step (event_id);
CREATE SEQUENCE event_step_id_seq OWNED BY event_step.id;
ALTER TABLE event_step ALTER COLUMN id SET DEFAULT nextval('event_step_id_seq')
"""

# A task follows its target through the foreign keys, as everything inside a building follows it (decision 1). When a
# building moves, its tasks move before its rooms and households do: their keys are looked at when all of them have.
TASK = """
ALTER TABLE facility ADD CONSTRAINT facility_place_key UNIQUE (id, area_code, grid_code);
CREATE TABLE task (
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    state text DEFAULT 'due' NOT NULL,
    title text NOT NULL,
    keeper_id bigint,
    target_kind text NOT NULL,
    building_id bigint,
    room_id bigint,
    household_id bigint,
    facility_id bigint,
    event_id bigint,
    target_id bigint GENERATED ALWAYS AS (coalesce(event_id, facility_id, household_id, room_id, building_id)) STORED,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    result text,
    note text,
    created_by text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    told_due timestamptz,
    looked_at boolean DEFAULT 'true' NOT NULL,
    version integer DEFAULT '0' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT task_pkey PRIMARY KEY (id),
    CONSTRAINT task_place_key UNIQUE (id, area_code, grid_code),
    CONSTRAINT task_keeper_id_fkey FOREIGN KEY (keeper_id) REFERENCES keeper (id) ON DELETE SET NULL,
    CONSTRAINT task_building_fkey FOREIGN KEY (building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE SET NULL (building_id) ON UPDATE CASCADE,
    CONSTRAINT task_room_fkey FOREIGN KEY (room_id, building_id, area_code, grid_code) REFERENCES room
        (id, building_id, area_code, grid_code) ON DELETE SET NULL (room_id, building_id) ON UPDATE CASCADE
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT task_household_fkey FOREIGN KEY (household_id, building_id, area_code, grid_code) REFERENCES household
        (id, building_id, area_code, grid_code) ON DELETE SET NULL (household_id, building_id)
        ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT task_facility_fkey FOREIGN KEY (facility_id, area_code, grid_code) REFERENCES facility
        (id, area_code, grid_code) ON DELETE SET NULL (facility_id) ON UPDATE CASCADE,
    CONSTRAINT task_event_fkey FOREIGN KEY (event_id, area_code, grid_code) REFERENCES event
        (id, area_code, grid_code) ON DELETE SET NULL (event_id) ON UPDATE CASCADE,
    CONSTRAINT task_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT task_kind_check CHECK (kind IN ('visit', 'survey', 'patrol', 'check')),
    CONSTRAINT task_state_check CHECK (state IN ('due', 'done', 'cancelled')),
    CONSTRAINT task_target_kind_check CHECK (target_kind IN ('building', 'room', 'household', 'facility', 'event')),
    CONSTRAINT task_done_check CHECK ((state = 'due') = (done_at IS NULL))
);
CREATE UNIQUE INDEX task_survey_idx ON task (target_kind, target_id) WHERE kind = 'survey' AND state = 'due';
CREATE UNIQUE INDEX task_event_idx ON task (event_id) WHERE event_id IS NOT NULL AND state = 'due';
CREATE UNIQUE INDEX task_same_idx ON task (kind, target_kind, target_id, due_at, md5(title)) WHERE state = 'due';
CREATE INDEX task_due_idx ON task (due_at, id) WHERE state = 'due';
CREATE INDEX task_untold_idx ON task (due_at) WHERE state = 'due' AND told_due IS DISTINCT FROM due_at;
CREATE INDEX task_keeper_id_idx ON task (keeper_id, due_at);
CREATE INDEX task_grid_code_idx ON task (grid_code, due_at);
CREATE INDEX task_done_at_idx ON task (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX task_building_id_idx ON task (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX task_room_id_idx ON task (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX task_household_id_idx ON task (household_id) WHERE household_id IS NOT NULL;
CREATE INDEX task_facility_id_idx ON task (facility_id) WHERE facility_id IS NOT NULL;
CREATE INDEX task_unlooked_idx ON task (id) WHERE NOT looked_at AND state = 'due';
CREATE INDEX task_lost_idx ON task (id) WHERE state = 'due' AND (target_id IS NULL OR keeper_id IS NULL)
"""

TASK_STEP = """
CREATE TABLE task_step (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    step text NOT NULL,
    account text NOT NULL,
    keeper_id bigint,
    note text,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT task_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT task_step_task_fkey FOREIGN KEY (task_id, area_code, grid_code)
        REFERENCES task (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT task_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT task_step_step_check CHECK (step IN ('created', 'done', 'cancelled', 'reassigned', 'commented'))
) PARTITION BY RANGE (at);
CREATE INDEX task_step_task_id_idx ON task_step (task_id);
CREATE SEQUENCE task_step_id_seq OWNED BY task_step.id;
ALTER TABLE task_step ALTER COLUMN id SET DEFAULT nextval('task_step_id_seq')
"""

# A room that changed may fulfil what its survey asked for; the job looks. Only marked here, because what is required
# is data, and the change itself must not wait for it.
ROOM_LOOK = """
CREATE FUNCTION shapan_room_surveyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.task SET looked_at = false
    WHERE state = 'due' AND kind = 'survey' AND looked_at
      AND building_id IN (SELECT building_id FROM new_rows)
      AND (room_id IS NULL OR room_id IN (SELECT id FROM new_rows));
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_room_surveyed() FROM PUBLIC;
CREATE TRIGGER surveyed_insert AFTER INSERT ON room REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_room_surveyed();
CREATE TRIGGER surveyed_update AFTER UPDATE ON room REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_room_surveyed();
CREATE FUNCTION shapan_survey_asks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.task SET looked_at = false WHERE state = 'due' AND kind = 'survey' AND looked_at;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_survey_asks() FROM PUBLIC;
CREATE TRIGGER survey_asks AFTER INSERT OR UPDATE OR DELETE ON entry_requirement
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_survey_asks()
"""

# Sums by local day, class and state, of each grid and of each place above it (`level`: digits of its code). Rows with
# an empty class and state are the totals of all classes. What is to be summed anew is appended by the writer: one row
# of sums that all writers of a day would have to wait for would serialise them.
EVENT_DAY = """
CREATE TABLE event_day (
    level smallint NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    day date NOT NULL,
    class_code text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    events integer NOT NULL,
    CONSTRAINT event_day_pkey PRIMARY KEY (level, day, grid_code, class_code, state)
);
CREATE INDEX event_day_class_idx ON event_day (level, class_code, day) INCLUDE (grid_code, area_code, state, events);
CREATE TABLE event_day_touched (
    id bigint GENERATED ALWAYS AS IDENTITY,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    day date NOT NULL,
    CONSTRAINT event_day_touched_pkey PRIMARY KEY (id)
);
CREATE TABLE event_day_zone (
    singleton boolean DEFAULT 'true' NOT NULL,
    zone text NOT NULL,
    CONSTRAINT event_day_zone_pkey PRIMARY KEY (singleton),
    CONSTRAINT event_day_zone_singleton_check CHECK (singleton)
)
"""

# `day` of what is touched is that of UTC: the writer does not know the centre's zone.
EVENT_DAY_TOUCH = """
CREATE FUNCTION shapan_event_days() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            INSERT INTO event_day_touched (area_code, grid_code, day)
            SELECT DISTINCT area_code, grid_code, (occurred_at AT TIME ZONE 'UTC')::date FROM new_rows;
        WHEN 'DELETE' THEN
            INSERT INTO event_day_touched (area_code, grid_code, day)
            SELECT DISTINCT area_code, grid_code, (occurred_at AT TIME ZONE 'UTC')::date FROM old_rows;
        WHEN 'TRUNCATE' THEN
            DELETE FROM event_day_zone;
        ELSE
            INSERT INTO event_day_touched (area_code, grid_code, day)
            SELECT DISTINCT area_code, grid_code, (occurred_at AT TIME ZONE 'UTC')::date FROM (
                (SELECT id, area_code, grid_code, occurred_at, class_code, state FROM new_rows
                 EXCEPT SELECT id, area_code, grid_code, occurred_at, class_code, state FROM old_rows)
                UNION ALL
                (SELECT id, area_code, grid_code, occurred_at, class_code, state FROM old_rows
                 EXCEPT SELECT id, area_code, grid_code, occurred_at, class_code, state FROM new_rows)) AS changed;
    END CASE;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_event_days() FROM PUBLIC;
CREATE TRIGGER days_insert AFTER INSERT ON event REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_event_days();
CREATE TRIGGER days_update AFTER UPDATE ON event REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_event_days();
CREATE TRIGGER days_delete AFTER DELETE ON event REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_event_days();
CREATE TRIGGER days_truncate AFTER TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_event_days()
"""

QUIET = ("title", "place", "received_at", "keeper_id", "accept_by", "dispatched_at", "accepted_at", "done_at",
         "closed_at", "held", "told", "told_due", "version", "due_at")
"""Columns of events that no tile shows."""


def upgrade() -> None:
    """Add what a life needs, fill the classes, and have tiles hear of no column that they do not show."""
    for statement in (EVENT_CLASS, EVENT, EVENT_STEP, TASK, TASK_STEP, ROOM_LOOK, EVENT_DAY, EVENT_DAY_TOUCH):
        op.execute(statement)
    for code, name, name_en, kind, respond_h, resolve_h in CLASSES:
        name_en = name_en.replace("'", "''")
        op.execute(f"INSERT INTO event_class VALUES ('{code}', '{name}', '{name_en}', '{kind}', "
                   f"{int(respond_h * 3600)}, {int(resolve_h * 3600)})")
    protect("event_step", "task", "task_step", "event_day", "event_day_touched")
    for table in ("event_step", "task_step"):
        op.execute(f"SELECT shapan_month_partitions('{table}', 2)")
    op.execute(f"SELECT shapan_tells_tiles('event', 'events', 14, '{{{','.join(QUIET)}}}')")
