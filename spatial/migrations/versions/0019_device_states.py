"""Living devices: their state apart from what is drawn, readings over time, freshness, rules that raise alarms.

Revision ID: 0019
Revises: 0018
"""

import json

from alembic import op

from spatial.protection import protect

revision = "0019"
down_revision = "0018"

DEVICE_KIND = """
CREATE TABLE device_kind (
    kind text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    expected_interval_s integer NOT NULL,
    quantities JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT device_kind_pkey PRIMARY KEY (kind),
    CONSTRAINT device_kind_expected_interval_s_check CHECK (expected_interval_s > 0)
)
"""

# Free space in each page lets a sign of life write its new row version beside the old one, without touching an index.
DEVICE_STATE = """
CREATE TABLE device_state (
    device_id bigint NOT NULL,
    kind text NOT NULL,
    interval_s integer NOT NULL,
    freshness text DEFAULT 'unknown' NOT NULL,
    last_seen timestamptz,
    received_at timestamptz,
    clock_wrong boolean DEFAULT 'false' NOT NULL,
    changes_at timestamptz,
    values JSONB DEFAULT '{}' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT device_state_pkey PRIMARY KEY (device_id),
    CONSTRAINT device_state_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE,
    CONSTRAINT device_state_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT device_state_freshness_check CHECK (freshness IN ('fresh', 'late', 'lost', 'unknown'))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX device_state_changes_at_idx ON device_state (changes_at) WHERE changes_at IS NOT NULL;
CREATE INDEX device_state_silent_idx ON device_state (freshness, device_id) WHERE freshness <> 'fresh'
"""

DEVICE_TALLY = """
CREATE TABLE device_tally (
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    freshness text NOT NULL,
    devices integer NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT device_tally_pkey PRIMARY KEY (id),
    CONSTRAINT device_tally_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
)
"""

DEVICE_READING = """
CREATE TABLE device_reading (
    device_id bigint NOT NULL,
    quantity text NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    said_at timestamptz,
    value double precision,
    text text,
    unit text,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT device_reading_pkey PRIMARY KEY (device_id, quantity, at, received_at),
    CONSTRAINT device_reading_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE,
    CONSTRAINT device_reading_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT device_reading_value_check CHECK ((value IS NULL) <> (text IS NULL))
) PARTITION BY RANGE (received_at);
CREATE INDEX device_reading_said_at_idx ON device_reading (device_id, quantity, said_at) WHERE said_at IS NOT NULL
"""

DEVICE_STEP = """
CREATE TABLE device_step (
    id bigint NOT NULL,
    device_id bigint NOT NULL,
    was text NOT NULL,
    freshness text NOT NULL,
    last_seen timestamptz,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT device_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT device_step_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE,
    CONSTRAINT device_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT device_step_freshness_check CHECK (freshness IN ('fresh', 'late', 'lost', 'unknown'))
) PARTITION BY RANGE (at);
CREATE INDEX device_step_device_id_idx ON device_step (device_id, at)
"""

DEVICE_WATCH = """
CREATE TABLE device_watch (
    singleton boolean DEFAULT 'true' NOT NULL,
    beat timestamptz,
    CONSTRAINT device_watch_pkey PRIMARY KEY (singleton),
    CONSTRAINT device_watch_singleton_check CHECK (singleton)
)
"""

DEVICE_OUTAGE = """
CREATE TABLE device_outage (
    down_at timestamptz NOT NULL,
    up_at timestamptz NOT NULL,
    CONSTRAINT device_outage_pkey PRIMARY KEY (down_at),
    CONSTRAINT device_outage_order_check CHECK (down_at <= up_at)
);
CREATE INDEX device_outage_up_at_idx ON device_outage (up_at)
"""

ALARM_RULE = """
CREATE TABLE alarm_rule (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    enabled boolean DEFAULT 'true' NOT NULL,
    device_kind text,
    device_code text COLLATE "C",
    within text COLLATE "C" DEFAULT '' NOT NULL,
    quantity text,
    comparison text NOT NULL,
    threshold double precision,
    word text,
    clear_threshold double precision,
    for_s integer DEFAULT '0' NOT NULL,
    severity text NOT NULL,
    type text NOT NULL,
    note text,
    basis text,
    version integer DEFAULT '1' NOT NULL,
    CONSTRAINT alarm_rule_pkey PRIMARY KEY (id),
    CONSTRAINT alarm_rule_code_key UNIQUE (code),
    CONSTRAINT alarm_rule_comparison_check CHECK (comparison IN ('above', 'below', 'equals', 'lost')),
    CONSTRAINT alarm_rule_severity_check CHECK (severity IN ('critical', 'major', 'minor', 'warning', 'info')),
    CONSTRAINT alarm_rule_for_s_check CHECK (for_s BETWEEN 0 AND 604800),
    CONSTRAINT alarm_rule_device_check CHECK (num_nonnulls(device_kind, device_code) = 1),
    CONSTRAINT alarm_rule_quantity_check CHECK ((quantity IS NULL) = (comparison = 'lost')),
    CONSTRAINT alarm_rule_threshold_check CHECK (CASE comparison
        WHEN 'lost' THEN num_nonnulls(threshold, word, clear_threshold) = 0
        WHEN 'equals' THEN num_nonnulls(threshold, word) = 1 AND clear_threshold IS NULL
        WHEN 'above' THEN threshold IS NOT NULL AND word IS NULL AND coalesce(clear_threshold <= threshold, true)
        ELSE threshold IS NOT NULL AND word IS NULL AND coalesce(clear_threshold >= threshold, true) END)
)
"""

RULE_STATE = """
CREATE TABLE rule_state (
    rule_id bigint NOT NULL,
    device_id bigint NOT NULL,
    since timestamptz,
    active boolean DEFAULT 'false' NOT NULL,
    due_at timestamptz,
    told_at timestamptz,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT rule_state_pkey PRIMARY KEY (rule_id, device_id),
    CONSTRAINT rule_state_rule_id_fkey FOREIGN KEY(rule_id) REFERENCES alarm_rule (id) ON DELETE CASCADE,
    CONSTRAINT rule_state_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE,
    CONSTRAINT rule_state_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT rule_state_since_check CHECK (NOT active OR (since IS NOT NULL AND due_at IS NULL))
);
CREATE INDEX rule_state_device_id_idx ON rule_state (device_id);
CREATE INDEX rule_state_due_at_idx ON rule_state (due_at) WHERE due_at IS NOT NULL
"""

RULE_STEP = """
CREATE TABLE rule_step (
    id bigint NOT NULL,
    rule_id bigint NOT NULL,
    step text NOT NULL,
    account text NOT NULL,
    before JSONB,
    after JSONB,
    at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT rule_step_pkey PRIMARY KEY (id, at),
    CONSTRAINT rule_step_step_check CHECK (step IN ('created', 'changed', 'deleted'))
) PARTITION BY RANGE (at);
CREATE INDEX rule_step_rule_id_idx ON rule_step (rule_id)
"""

# Identity columns of partitioned tables must be plain sequences before PostgreSQL 17.
SEQUENCES = """
CREATE SEQUENCE device_step_id_seq OWNED BY device_step.id;
ALTER TABLE device_step ALTER COLUMN id SET DEFAULT nextval('device_step_id_seq');
CREATE SEQUENCE rule_step_id_seq OWNED BY rule_step.id;
ALTER TABLE rule_step ALTER COLUMN id SET DEFAULT nextval('rule_step_id_seq')
"""

# Seconds between two signs of life: the device's own word, else its kind's, else that of other kinds.
INTERVAL = """
CREATE FUNCTION shapan_device_interval(own int, its_kind text) RETURNS int
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(own, (SELECT expected_interval_s FROM public.device_kind WHERE kind = its_kind),
                    (SELECT expected_interval_s FROM public.device_kind WHERE kind = 'other'))
$$
"""

# A device on record has a state, with its place, kind and interval. Rows are locked in the order of their id, as those
# who take readings in do. What was late by the old interval is looked at by the job at once.
STATES = """
CREATE FUNCTION shapan_device_states() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.device_state (device_id, kind, interval_s, area_code, grid_code)
        SELECT id, kind, public.shapan_device_interval(expected_interval_s, kind), area_code, grid_code FROM new_rows;
        RETURN NULL;
    END IF;
    PERFORM FROM public.device_state AS s WHERE s.device_id IN (
        SELECT id FROM (SELECT id, kind, expected_interval_s, grid_code FROM new_rows
                        EXCEPT SELECT id, kind, expected_interval_s, grid_code FROM old_rows) AS moved)
    ORDER BY s.device_id FOR UPDATE;
    UPDATE public.device_state AS s SET kind = n.kind, area_code = n.area_code, grid_code = n.grid_code,
        interval_s = public.shapan_device_interval(n.expected_interval_s, n.kind),
        changes_at = CASE WHEN s.last_seen IS NOT NULL THEN now() END
    FROM (SELECT id, kind, expected_interval_s, area_code, grid_code FROM new_rows
          EXCEPT SELECT id, kind, expected_interval_s, area_code, grid_code FROM old_rows) AS n
    WHERE s.device_id = n.id;
    UPDATE public.rule_state AS s SET area_code = n.area_code, grid_code = n.grid_code
    FROM (SELECT id, area_code, grid_code FROM new_rows EXCEPT SELECT id, area_code, grid_code FROM old_rows) AS n
    WHERE s.device_id = n.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER states_insert AFTER INSERT ON device REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_states();
CREATE TRIGGER states_update AFTER UPDATE ON device REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_states()
"""

# Counts by grid, kind and freshness as changes that are only added, so that nobody waits for anybody: an import that
# writes for a minute would keep all readings of its grids waiting. The job adds them up.
TALLY = """
CREATE FUNCTION shapan_device_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            INSERT INTO public.device_tally (kind, freshness, devices, area_code, grid_code)
            SELECT kind, freshness, count(*), area_code, grid_code FROM new_rows GROUP BY 1, 2, 4, 5;
        WHEN 'DELETE' THEN
            INSERT INTO public.device_tally (kind, freshness, devices, area_code, grid_code)
            SELECT kind, freshness, -count(*), area_code, grid_code FROM old_rows GROUP BY 1, 2, 4, 5;
        ELSE
            INSERT INTO public.device_tally (kind, freshness, devices, area_code, grid_code)
            SELECT kind, freshness, sum(n), area_code, grid_code
            FROM (SELECT kind, freshness, 1 AS n, area_code, grid_code FROM new_rows
                  UNION ALL SELECT kind, freshness, -1, area_code, grid_code FROM old_rows) AS change
            GROUP BY 1, 2, 4, 5 HAVING sum(n) <> 0;
    END CASE;
    RETURN NULL;
END
$$;
CREATE TRIGGER tally_insert AFTER INSERT ON device_state REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_tally();
CREATE TRIGGER tally_update AFTER UPDATE ON device_state REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_tally();
CREATE TRIGGER tally_delete AFTER DELETE ON device_state REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_tally()
"""

# Drops months of readings that ended before the month that lies so many months back. Runs as the owner, for the jobs;
# for readings alone, because what it drops is gone.
FORGET = """
CREATE FUNCTION shapan_forget_readings(kept_months int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    child text;
    dropped int := 0;
    oldest text := 'device_reading' || to_char(
        date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => kept_months), '"_y"YYYY"m"MM');
BEGIN
    IF kept_months < 1 THEN
        RAISE EXCEPTION 'at least one month of readings is kept';
    END IF;
    FOR child IN SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                 WHERE inhparent = 'public.device_reading'::regclass
                   AND relname ~ '^device_reading_y[0-9]{4}m[0-9]{2}$' AND relname < oldest ORDER BY 1
    LOOP
        EXECUTE format('DROP TABLE public.%I', child);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$
"""

# kind, names, seconds between two signs of life, quantities with unit and names. The intervals are those that gateways
# of such devices commonly use; a device's own interval wins.
KINDS = (
    ("camera", "摄像机", "Camera", 60, {"online": ["", "在线", "Online"]}),
    ("elevator", "电梯物联终端", "Lift", 300,
     {"trapped": ["", "困人", "People trapped"], "fault": ["", "故障", "Fault"], "floor": ["", "楼层", "Floor"],
      "speed": ["m/s", "速度", "Speed"], "door": ["", "门状态", "Door"]}),
    ("smoke", "烟感", "Smoke detector", 86_400,
     {"smoke": ["", "烟雾", "Smoke"], "obscuration": ["%/m", "减光率", "Obscuration"],
      "temperature": ["°C", "温度", "Temperature"], "battery": ["%", "电量", "Battery"]}),
    ("gas", "燃气报警器", "Gas detector", 86_400,
     {"gas": ["%LEL", "可燃气体浓度", "Combustible gas"], "battery": ["%", "电量", "Battery"]}),
    ("water_meter", "智能水表", "Water meter", 86_400,
     {"pressure": ["MPa", "压力", "Pressure"], "flow": ["m³/h", "流量", "Flow"], "total": ["m³", "累计用水量", "Total"],
      "battery": ["%", "电量", "Battery"]}),
    ("power_meter", "智能电表", "Power meter", 3_600,
     {"power": ["kW", "功率", "Power"], "energy": ["kWh", "电量", "Energy"],
      "temperature": ["°C", "温度", "Temperature"]}),
    ("heat_meter", "热量表", "Heat meter", 86_400,
     {"temperature": ["°C", "供水温度", "Supply temperature"], "energy": ["kWh", "热量", "Heat"]}),
    ("temperature", "温度传感器", "Temperature sensor", 900, {"temperature": ["°C", "温度", "Temperature"]}),
    ("access_control", "门禁", "Access control", 600, {"door": ["", "门状态", "Door"]}),
    ("manhole", "井盖传感器", "Manhole sensor", 43_200,
     {"tilt": ["°", "倾角", "Tilt"], "open": ["", "打开", "Open"], "water_level": ["m", "水位", "Water level"],
      "battery": ["%", "电量", "Battery"]}),
    ("other", "其他设备", "Other device", 86_400, {}),
)

KIND_ROW = "INSERT INTO device_kind (kind, name, name_en, expected_interval_s, quantities) VALUES (%s, %s, %s, %s, %s)"

COMMON = "常用值，非标准规定 (practice, no standard)"

# code, names, kind, quantity, comparison, threshold, where it is over, seconds, severity, type, note, where the number
# comes from. Types are those of which pages know the words.
RULES = (
    ("gas_high", "燃气浓度高", "Gas concentration high", "gas", "gas", "above", 5, 3, 0, "critical", "gas",
     "可燃气体浓度 {value} {unit}，超过 {threshold} {unit}",
     "practice; GB 15322.2-2019 is said to ask for 5 to 25 %LEL, its text was not seen"),
    ("smoke_detected", "烟感报警", "Smoke detected", "smoke", "smoke", "equals", 1, None, 0, "major", "smoke",
     "烟感探测器报警", "the detector's own decision"),
    ("elevator_trapped", "电梯困人", "People trapped in lift", "elevator", "trapped", "equals", 1, None, 0, "critical",
     "elevator_trapped", "电梯困人信号", "the terminal's own signal"),
    ("elevator_fault", "电梯故障", "Lift fault", "elevator", "fault", "equals", 1, None, 30, "major", "elevator_fault",
     "电梯故障信号持续 30 秒", COMMON),
    ("water_pressure_low", "水压过低", "Water pressure low", "water_meter", "pressure", "below", 0.14, 0.16, 300,
     "minor", "water_pressure", "水压 {value} {unit}，低于 {threshold} {unit} 已 5 分钟",
     COMMON),
    ("manhole_tilted", "井盖倾斜", "Manhole tilted", "manhole", "tilt", "above", 30, 15, 0, "major", "manhole_moved",
     "井盖倾角 {value}°", COMMON),
    ("manhole_opened", "井盖打开", "Manhole open", "manhole", "open", "equals", 1, None, 0, "major", "manhole_open",
     "井盖打开信号", "the sensor's own signal"),
    ("temperature_high", "温度过高", "Temperature high", "temperature", "temperature", "above", 60, 50, 60, "major",
     "temperature", "温度 {value} {unit}，超过 {threshold} {unit} 已 1 分钟",
     "practice; class A1 of GB 4716-2005 is said to respond from 54 °C, its text was not seen"),
    ("smoke_battery_low", "烟感电量低", "Smoke detector battery low", "smoke", "battery", "below", 10, 20, 0, "warning",
     "battery_low", "电量 {value} %", COMMON),
    ("camera_lost", "摄像机失联", "Camera lost", "camera", None, "lost", None, None, 0, "minor", "camera_offline",
     "超过预期间隔三倍没有消息", COMMON),
    ("elevator_lost", "电梯终端失联", "Lift terminal lost", "elevator", None, "lost", None, None, 0, "minor",
     "device_offline", "超过预期间隔三倍没有消息", COMMON),
    ("gas_lost", "燃气报警器失联", "Gas detector lost", "gas", None, "lost", None, None, 0, "minor", "device_offline",
     "超过预期间隔三倍没有消息", COMMON),
    ("smoke_lost", "烟感失联", "Smoke detector lost", "smoke", None, "lost", None, None, 0, "minor", "device_offline",
     "超过预期间隔三倍没有消息", COMMON),
)

RULE_ROW = """
INSERT INTO alarm_rule (code, name, name_en, device_kind, quantity, comparison, threshold, clear_threshold, for_s,
                        severity, type, note, basis)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

# What a rule raises and no device said before.
TYPE = "INSERT INTO alarm_type (type, name, name_en, response_s) VALUES (%s, %s, %s, %s)"
TEMPERATURE = ("temperature", "温度过高", "Temperature too high", 300)

# Devices on record begin as they were known.
FILL = """
INSERT INTO device_state (device_id, kind, interval_s, freshness, last_seen, received_at, changes_at, area_code,
                          grid_code)
SELECT id, kind, shapan_device_interval(expected_interval_s, kind),
       CASE WHEN last_seen IS NULL THEN 'unknown' ELSE 'fresh' END, last_seen, last_seen,
       CASE WHEN last_seen IS NOT NULL THEN now() END, area_code, grid_code
FROM device
"""

PARTITIONED = ("device_reading", "device_step", "rule_step")


def upgrade() -> None:
    """Create the tables, move what is known of devices' signs of life there, and fill kinds and rules."""
    for statement in (DEVICE_KIND, DEVICE_STATE, DEVICE_TALLY, DEVICE_READING, DEVICE_STEP, DEVICE_WATCH, DEVICE_OUTAGE,
                      ALARM_RULE, RULE_STATE, RULE_STEP, SEQUENCES, INTERVAL, STATES, TALLY, FORGET):
        op.execute(statement)
    protect("device_state", "device_tally", "device_reading", "device_step", "rule_state")
    for table in PARTITIONED:
        op.execute(f"SELECT shapan_month_partitions('{table}', 2)")
    op.execute("REVOKE ALL ON FUNCTION shapan_device_states(), shapan_device_tally(), shapan_forget_readings(int) "
               "FROM PUBLIC")
    op.execute("INSERT INTO device_watch DEFAULT VALUES")
    bind = op.get_bind()
    for *words, quantities in KINDS:
        bind.exec_driver_sql(KIND_ROW, (*words, json.dumps(quantities, ensure_ascii=False)))
    for rule in RULES:
        bind.exec_driver_sql(RULE_ROW, rule)
    bind.exec_driver_sql(TYPE, TEMPERATURE)
    op.execute(FILL)
    # Its tiles never showed it. The triggers of the table are told anew which columns it has.
    op.execute("ALTER TABLE device DROP COLUMN last_seen")
    op.execute("SELECT shapan_tells_tiles('device', 'devices', 15, "
               "'{expected_interval_s,stream_url,unit_id,room_id}')")

