"""Alarms: messages by the batch in any order, unknown devices, the whole life, types as data, groups.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy
from alembic import op

from spatial.protection import protect

revision = "0018"
down_revision = "0017"

# Alarms are updated with every repeat and every step: room for the new version on the same page spares all indexes
# (heap-only tuples). A message is updated once, with the alarm that it made.
ALARM = """
ALTER TABLE alarm
    ADD COLUMN last_occurred_at timestamptz DEFAULT now() NOT NULL,
    ADD COLUMN last_received_at timestamptz DEFAULT now() NOT NULL,
    ADD COLUMN clock_doubt boolean DEFAULT false NOT NULL,
    ADD COLUMN assignee text,
    ADD COLUMN shelved_until timestamptz,
    ADD COLUMN clears_at timestamptz,
    ADD COLUMN group_id bigint,
    ADD CONSTRAINT alarm_shelved_check CHECK (closed_at IS NULL OR shelved_until IS NULL);
UPDATE alarm SET last_occurred_at = occurred_at, last_received_at = received_at, group_id = id;
ALTER TABLE alarm SET (fillfactor = 80);
DROP INDEX alarm_open_idx;
CREATE INDEX alarm_open_idx ON alarm (id) WHERE closed_at IS NULL;
CREATE INDEX alarm_unacknowledged_idx ON alarm (id) WHERE closed_at IS NULL AND acknowledged_at IS NULL;
CREATE INDEX alarm_received_at_idx ON alarm (received_at);
CREATE INDEX alarm_shelved_until_idx ON alarm (shelved_until) WHERE shelved_until IS NOT NULL;
CREATE INDEX alarm_clears_at_idx ON alarm (clears_at) WHERE clears_at IS NOT NULL;
CREATE INDEX alarm_group_id_idx ON alarm (group_id) WHERE closed_at IS NULL
"""

ALARM_STEP = """
ALTER TABLE alarm_step
    ADD COLUMN note text,
    ADD COLUMN detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    DROP CONSTRAINT alarm_step_step_check,
    ADD CONSTRAINT alarm_step_step_check CHECK (step IN ('raised', 'repeated', 'escalated', 'acknowledged', 'assigned',
        'commented', 'shelved', 'unshelved', 'cleared', 'closed'))
"""

ALARM_MARK = """
CREATE TABLE alarm_mark (
    device_id bigint NOT NULL,
    type text NOT NULL,
    told_at timestamptz DEFAULT now() NOT NULL,
    cleared_to timestamptz,
    ended_alarm_id bigint,
    ended_to timestamptz,
    CONSTRAINT alarm_mark_pkey PRIMARY KEY (device_id, type),
    CONSTRAINT alarm_mark_device_id_fkey FOREIGN KEY(device_id) REFERENCES device (id) ON DELETE CASCADE
) WITH (fillfactor = 60)
"""

ALARM_GROUP = """
CREATE TABLE alarm_group (
    id bigint NOT NULL,
    building_id bigint,
    unit text,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    cell bigint NOT NULL,
    first_at timestamptz DEFAULT now() NOT NULL,
    last_at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT alarm_group_pkey PRIMARY KEY (id),
    CONSTRAINT alarm_group_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
) WITH (fillfactor = 60);
CREATE INDEX alarm_group_building_id_idx ON alarm_group (building_id);
CREATE INDEX alarm_group_cell_idx ON alarm_group (cell)
"""

ALARM_STRAY = """
CREATE TABLE alarm_stray (
    source text NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    device text COLLATE "C" NOT NULL,
    message jsonb NOT NULL,
    reason text NOT NULL,
    account text NOT NULL,
    scope text NOT NULL,
    received_at timestamptz DEFAULT now() NOT NULL,
    tries integer DEFAULT '0' NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT alarm_stray_pkey PRIMARY KEY (source, event_id),
    CONSTRAINT alarm_stray_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
);
CREATE INDEX alarm_stray_device_idx ON alarm_stray (device)
"""

# Keeps messages of one account about unknown devices, so many of each source at most, and returns those that are kept
# now. Runs as the owner: the rows belong to no jurisdiction. The sender's own jurisdiction goes with them.
KEEP_STRAYS = """
CREATE FUNCTION shapan_keep_strays(account text, reason text, most int, messages jsonb[])
RETURNS TABLE (source text, event_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.alarm_stray AS stray
           (source, event_id, device, message, reason, account, scope, area_code, grid_code)
    SELECT given.source, given.event_id, given.device, given.message, $2, $1, public.shapan_scope()::text,
           '000000000000', '000000000000000'
    FROM (
        SELECT m ->> 'source' AS source, m ->> 'event_id' AS event_id, m ->> 'device' AS device, m AS message,
               row_number() OVER (PARTITION BY m ->> 'source' ORDER BY n) AS place
        FROM unnest($4) WITH ORDINALITY AS given (m, n)
    ) AS given
    JOIN (
        SELECT named.source, $3 - (SELECT count(*) FROM public.alarm_stray AS s WHERE s.source = named.source) AS free
        FROM (SELECT DISTINCT m ->> 'source' AS source FROM unnest($4) AS m) AS named
    ) AS room ON room.source = given.source AND given.place <= room.free
    ORDER BY given.source, given.event_id
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT stray.source, stray.event_id FROM unnest($4) AS m
    JOIN public.alarm_stray AS stray ON stray.source = m ->> 'source' AND stray.event_id = m ->> 'event_id';
END
$$
"""

ALARM_TYPE = """
CREATE TABLE alarm_type (
    type text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    auto_clear_s integer,
    response_s integer,
    advice text,
    advice_en text,
    CONSTRAINT alarm_type_pkey PRIMARY KEY (type),
    CONSTRAINT alarm_type_auto_clear_s_check CHECK (auto_clear_s > 0),
    CONSTRAINT alarm_type_response_s_check CHECK (response_s > 0)
)
"""

# Seconds to acknowledge are practice, to be replaced by the centre's own rules. Only what is a moment and has no end
# of its own clears by itself; what may still be dangerous never does.
TYPES = (
    ("elevator_trapped", "电梯困人", "People trapped in lift", None, 60,
     "用对讲安抚被困人员，通知维保单位和消防，不要强行扒门。",
     "Talk to those inside, call the maintenance firm and the fire brigade; do not force the doors."),
    ("elevator_fault", "电梯故障", "Lift fault", None, 300,
     "确认轿厢内无人，挂停用牌，通知维保单位。",
     "Make sure that the car is empty, close the lift, call the maintenance firm."),
    ("smoke", "烟感报警", "Smoke detected", None, 60,
     "用最近的摄像机核实，通知网格员到场，确认火情立即拨打 119。",
     "Look through the nearest camera, send the keeper; call the fire brigade when it burns."),
    ("gas", "燃气泄漏", "Gas leak", None, 60,
     "通知住户关阀、开窗、撤离，不要开关电器，联系燃气公司抢修。",
     "Have residents close the valve, open windows and leave, touch no switch; call the gas company."),
    ("fire_door", "消防门异常", "Fire door fault", None, 1800,
     "通知物业恢复常闭状态，检查通道是否堵塞。", "Have it closed again, and the passage looked at."),
    ("door_forced", "门禁强行开启", "Door forced open", 1800, 300,
     "调取门口录像，通知网格员核实。", "Look at the door's camera, send the keeper."),
    ("camera_offline", "摄像机离线", "Camera offline", None, 1800,
     "检查供电和网络，通知运维单位。", "Check power and network, call maintenance."),
    ("manhole_open", "井盖开启", "Manhole open", None, 300,
     "立即派人围挡警示，联系权属单位复位。", "Have it fenced off at once, call its owner."),
    ("manhole_moved", "井盖移位", "Manhole moved", None, 900,
     "派网格员核实，必要时围挡。", "Send the keeper, fence it off if need be."),
    ("water_leak", "漏水", "Water leak", None, 600,
     "关闭上级阀门，通知物业和楼下住户。", "Close the valve above, tell the property management and those below."),
    ("water_pressure", "水压异常", "Water pressure abnormal", None, 1800,
     "核对泵房状态，通知供水单位。", "Check the pump house, call the waterworks."),
    ("device_offline", "设备离线", "Device offline", None, 1800,
     "检查供电和网络，通知运维单位。", "Check power and network, call maintenance."),
    ("battery_low", "电量不足", "Battery low", None, 86400,
     "列入更换计划。", "Put it on the list for a new battery."),
)


def upgrade() -> None:
    """Create and widen the tables, then fill the types."""
    for statement in (ALARM, ALARM_STEP, ALARM_MARK, ALARM_GROUP, ALARM_STRAY, KEEP_STRAYS, ALARM_TYPE):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION shapan_keep_strays(text, text, int, jsonb[]) FROM PUBLIC")
    op.bulk_insert(
        sqlalchemy.table("alarm_type", *(sqlalchemy.column(name) for name in (
            "type", "name", "name_en", "auto_clear_s", "response_s", "advice", "advice_en"))),
        [dict(zip(("type", "name", "name_en", "auto_clear_s", "response_s", "advice", "advice_en"), row, strict=True))
         for row in TYPES])
    for remainder in range(8):
        op.execute(f"ALTER TABLE alarm_message_p{remainder} SET (fillfactor = 50)")
    protect("alarm_group", "alarm_stray")
