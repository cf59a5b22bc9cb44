"""Devices follow the interval of their kind at once, alarms follow their device to another room, and what a gateway
wrote stands in no change.

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

# A gateway's free text may name people. Whoever may read alarms reads it there.
NOTES = """
UPDATE outbox SET payload = payload - 'note' WHERE kind = 'alarm' AND payload ->> 'note' IS NOT NULL
"""


def upgrade() -> None:
    """Create the functions and triggers, and take the notes out of what was told before."""
    for statement in (KINDS, HOLD_KINDS, FOLLOW, ACTIVE, NOTES):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION shapan_device_kinds(), shapan_hold_device_kinds(), "
               "shapan_alarms_active(bigint[], text[]) FROM PUBLIC")
