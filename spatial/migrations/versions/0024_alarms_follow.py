"""Alarms that are active follow their device, and steps and groups their alarm.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"

# Gives active alarms the place that their device has now, and returns those that had another one. Runs as the owner:
# whoever sees the device may not see the alarm, which lies where the device was. A device or a room that was only
# deleted moves nothing. Alarms are locked by id, as everybody does. The grid that an alarm has left is told nothing:
# what is counted by grids is counted anew (spatial.outbox.PLACED).
FOLLOW = """
CREATE FUNCTION shapan_alarms_follow(devices bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    WITH astray AS MATERIALIZED (
        SELECT alarm.id FROM public.alarm JOIN public.device ON device.id = alarm.device_id
        WHERE alarm.active AND (devices IS NULL OR alarm.device_id = ANY(devices)) AND (
            device.grid_code <> alarm.grid_code OR NOT device.geom = alarm.geom
            OR device.building_id <> coalesce(alarm.building_id, -1)
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

# Whoever sees an alarm sees its steps, and the group that it is the first of, whatever moved it.
CARRY = """
CREATE FUNCTION shapan_alarm_carries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.alarm_step SET area_code = NEW.area_code, grid_code = NEW.grid_code WHERE alarm_id = NEW.id;
    UPDATE public.alarm_group SET area_code = NEW.area_code, grid_code = NEW.grid_code WHERE id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER carries AFTER UPDATE OF grid_code ON alarm
    FOR EACH ROW WHEN (OLD.grid_code <> NEW.grid_code) EXECUTE FUNCTION shapan_alarm_carries()
"""


def upgrade() -> None:
    """Create the functions and the trigger."""
    op.execute(FOLLOW)
    op.execute(CARRY)
    op.execute("REVOKE ALL ON FUNCTION shapan_alarms_follow(bigint[]), shapan_alarm_carries() FROM PUBLIC")
