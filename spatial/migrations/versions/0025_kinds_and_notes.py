"""Devices follow the interval of their kind at once, alarms follow their device to another room, of one account only so
many messages wait, and what a gateway wrote stands in no change.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"

# A changed interval of a kind is that of all devices that have none of their own; the kind "other" stands for kinds
# that are not listed. States are locked in the order of their id, as everybody does. The job looks at once at all that
# it may make late, or fresh again.
KINDS = """
CREATE FUNCTION shapan_device_kinds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    WITH other AS MATERIALIZED (
        SELECT s.device_id, coalesce(k.expected_interval_s, rest.expected_interval_s) AS interval_s
        FROM public.device_state AS s JOIN public.device AS d ON d.id = s.device_id
        LEFT JOIN public.device_kind AS k ON k.kind = d.kind
        LEFT JOIN public.device_kind AS rest ON rest.kind = 'other'
        WHERE d.expected_interval_s IS NULL
          AND s.interval_s <> coalesce(k.expected_interval_s, rest.expected_interval_s)
        ORDER BY s.device_id FOR UPDATE OF s
    )
    UPDATE public.device_state AS s
    SET interval_s = other.interval_s, changes_at = CASE WHEN s.last_seen IS NOT NULL THEN now() END
    FROM other WHERE s.device_id = other.device_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER intervals AFTER INSERT OR UPDATE OR DELETE ON device_kind
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_device_kinds()
"""

# Kinds stay as they are while devices are put on record: whoever changes one sees these devices after that.
HOLD_KINDS = """
CREATE FUNCTION shapan_hold_device_kinds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM public.device_kind ORDER BY kind FOR SHARE;
    RETURN NULL;
END
$$;
CREATE TRIGGER hold_kinds BEFORE INSERT OR UPDATE ON device
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_hold_device_kinds()
"""

# As in 0024, and also where only unit, room or height are other ones.
FOLLOW = """
CREATE OR REPLACE FUNCTION shapan_alarms_follow(devices bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH astray AS MATERIALIZED (
        SELECT alarm.id FROM public.alarm JOIN public.device ON device.id = alarm.device_id
        LEFT JOIN public.unit ON unit.id = device.unit_id LEFT JOIN public.room ON room.id = device.room_id
        WHERE alarm.active AND (devices IS NULL OR alarm.device_id = ANY(devices)) AND (
            device.grid_code <> alarm.grid_code OR NOT device.geom = alarm.geom OR device.z_m <> alarm.z_m
            OR device.building_id <> coalesce(alarm.building_id, -1)
            OR unit.number <> coalesce(alarm.unit, '') OR room.number <> coalesce(alarm.room, '')
            OR device.floor <> coalesce(alarm.floor, -32768))
        ORDER BY alarm.id FOR UPDATE OF alarm
    )
    UPDATE public.alarm SET building_id = device.building_id, unit = unit.number, room = room.number,
           floor = device.floor, z_m = device.z_m, geom = device.geom, area_code = device.area_code,
           grid_code = device.grid_code
    FROM public.device
    LEFT JOIN public.unit ON unit.id = device.unit_id LEFT JOIN public.room ON room.id = device.room_id
    WHERE alarm.id IN (SELECT astray.id FROM astray) AND device.id = alarm.device_id
    RETURNING alarm.id;
    IF FOUND THEN
        INSERT INTO public.outbox (kind, object, area_code, grid_code, payload)
        VALUES ('placed', 'alarm', '000000000000', '000000000000000', '{}');
    END IF;
END
$$
"""

# Whether one of some devices has an active alarm of its type, wherever it lies. Runs as the owner: whoever sees the
# device may not see the alarm, and must not take it for over.
ACTIVE = """
CREATE FUNCTION shapan_alarms_active(devices bigint[], types text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM unnest(devices, types) AS pair (device_id, type)
        JOIN public.alarm ON alarm.device_id = pair.device_id AND alarm.type = pair.type AND alarm.active)
$$
"""

# As in 0018, and of one account no more than so many: sources are names that a gateway makes up.
KEEP_STRAYS = """
DROP FUNCTION shapan_keep_strays(text, text, int, jsonb[]);
CREATE FUNCTION shapan_keep_strays(account text, reason text, most int, most_of_account int, messages jsonb[])
RETURNS TABLE (source text, event_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    may_come int := $4 - (SELECT count(*) FROM public.alarm_stray AS s WHERE s.account = $1);
BEGIN
    INSERT INTO public.alarm_stray AS stray
           (source, event_id, device, message, reason, account, scope, area_code, grid_code)
    SELECT given.source, given.event_id, given.device, given.message, $2, $1, public.shapan_scope()::text,
           '000000000000', '000000000000000'
    FROM (
        SELECT m ->> 'source' AS source, m ->> 'event_id' AS event_id, m ->> 'device' AS device, m AS message, n,
               row_number() OVER (PARTITION BY m ->> 'source' ORDER BY n) AS place
        FROM unnest($5) WITH ORDINALITY AS given (m, n)
    ) AS given
    JOIN (
        SELECT named.source, $3 - (SELECT count(*) FROM public.alarm_stray AS s WHERE s.source = named.source) AS free
        FROM (SELECT DISTINCT m ->> 'source' AS source FROM unnest($5) AS m) AS named
    ) AS room ON room.source = given.source AND given.place <= room.free
    WHERE given.n <= may_come
    ORDER BY given.source, given.event_id
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT stray.source, stray.event_id FROM unnest($5) AS m
    JOIN public.alarm_stray AS stray ON stray.source = m ->> 'source' AND stray.event_id = m ->> 'event_id';
END
$$;
CREATE INDEX alarm_stray_account_idx ON alarm_stray (account)
"""

# A gateway's free text may name people. Whoever may read alarms reads it there.
NOTES = """
UPDATE outbox SET payload = payload - 'note' WHERE kind = 'alarm' AND payload ->> 'note' IS NOT NULL
"""


def upgrade() -> None:
    """Create the functions and triggers, and take the notes out of what was told before."""
    for statement in (KINDS, HOLD_KINDS, FOLLOW, ACTIVE, KEEP_STRAYS, NOTES):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION shapan_device_kinds(), shapan_hold_device_kinds(), "
               "shapan_alarms_active(bigint[], text[]), shapan_keep_strays(text, text, int, int, jsonb[]) FROM PUBLIC")
