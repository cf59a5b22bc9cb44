"""Alarms: taking messages in, listing what is open, acknowledging, clearing, closing."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial import outbox
from spatial.errors import NotFound
from spatial.rules import alarms as rules


@dataclass(frozen=True)
class Alarm:
    """One alarm with its place, as pages show it. Holds no personal data.

    ``lon``, ``lat``: degrees, EPSG:4490. ``z_m``: metres above the building's base.
    """

    id: int
    source: str
    event_id: str
    severity: str
    type: str
    note: str | None
    active: bool
    lon: float
    lat: float
    z_m: float
    floor: int | None
    unit: str | None
    room: str | None
    building_id: int | None
    building_code: str | None
    building_name: str | None
    address: str | None
    device_code: str | None
    device_kind: str | None
    device_name: str | None
    area_code: str
    grid_code: str
    occurred_at: datetime
    received_at: datetime
    acknowledged_at: datetime | None
    cleared_at: datetime | None
    closed_at: datetime | None
    repeats: int

    @property
    def state(self) -> str:
        """The word of ``spatial.rules.alarms.state``."""
        return rules.state(self.active, self.acknowledged_at, self.closed_at)


@dataclass(frozen=True)
class Message:
    """What a gateway says about one device: something is wrong, or is over.

    Attributes:
        source, event_id: who says it, and the message's own id there.
        device: code of a device on record.
        severity, type: see ``spatial.models.alarms``.
        occurred_at: the device's time.
        cleared: True when the trouble is over.
        note: free text of the gateway; shown as text only.
    """

    source: str
    event_id: str
    device: str
    severity: str
    type: str
    occurred_at: datetime
    cleared: bool = False
    note: str | None = None


COLUMNS = """
SELECT alarm.id, alarm.source, alarm.event_id, alarm.severity, alarm.type, alarm.note, alarm.active,
       ST_X(alarm.geom) AS lon, ST_Y(alarm.geom) AS lat, alarm.z_m,
       alarm.floor, alarm.unit, alarm.room,
       alarm.building_id, building.code AS building_code, building.name AS building_name, building.address,
       device.code AS device_code, device.kind AS device_kind, device.name AS device_name,
       alarm.area_code, alarm.grid_code, alarm.occurred_at, alarm.received_at,
       alarm.acknowledged_at, alarm.cleared_at, alarm.closed_at, alarm.repeats
FROM alarm
LEFT JOIN building ON building.id = alarm.building_id
LEFT JOIN device ON device.id = alarm.device_id
"""

# Rows: alarms not closed, unacknowledged first, then the newest first. Parameters: limit.
OPEN = COLUMNS + """
WHERE alarm.closed_at IS NULL
ORDER BY alarm.acknowledged_at IS NOT NULL, alarm.received_at DESC, alarm.id DESC
LIMIT %s
"""


def open_alarms(connection: psycopg.Connection, limit: int = 1000) -> list[Alarm]:
    """List alarms that are not closed: unacknowledged first, then the newest first."""
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(OPEN, (limit,)).fetchall()


COUNT_OPEN = "SELECT count(*) FROM alarm WHERE closed_at IS NULL"


def count_open(connection: psycopg.Connection) -> int:
    """Count the alarms that are not closed."""
    return connection.execute(COUNT_OPEN).fetchone()[0]


ONE = COLUMNS + "WHERE alarm.id = %s"


def get(connection: psycopg.Connection, alarm_id: int) -> Alarm:
    """Return one alarm.

    Raises:
        NotFound: no such alarm, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        alarm = cursor.execute(ONE, (alarm_id,)).fetchone()
    if alarm is None:
        raise NotFound(f"There is no alarm {alarm_id}.", "It may have been deleted, or lie outside your area.")
    return alarm


OF_BUILDING = COLUMNS + """
WHERE alarm.building_id = %s AND alarm.closed_at IS NULL
ORDER BY alarm.received_at DESC, alarm.id DESC
"""


def of_building(connection: psycopg.Connection, building_id: int) -> list[Alarm]:
    """List a building's alarms that are not closed, the newest first."""
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(OF_BUILDING, (building_id,)).fetchall()


OF_DEVICE = COLUMNS + """
WHERE alarm.device_id = %s AND alarm.closed_at IS NULL
ORDER BY alarm.received_at DESC, alarm.id DESC
"""


def of_device(connection: psycopg.Connection, device_id: int) -> list[Alarm]:
    """List a device's alarms that are not closed, the newest first."""
    with connection.cursor(row_factory=class_row(Alarm)) as cursor:
        return cursor.execute(OF_DEVICE, (device_id,)).fetchall()


# A repeated delivery finds its key taken and returns no row.
ACCEPT = """
INSERT INTO alarm_message (source, event_id) VALUES (%s, %s)
ON CONFLICT DO NOTHING RETURNING true
"""

# One row: the alarm of a message about a device. Place and position are the device's. While
# an alarm of the same device and type is active, the message raises its count.
# Parameters: source, event_id, severity, type, note, occurred_at, device code.
RAISE = """
INSERT INTO alarm (source, event_id, severity, type, note, device_id, building_id, unit, room, floor,
                   z_m, geom, occurred_at, area_code, grid_code)
SELECT %s, %s, %s, %s, %s, device.id, device.building_id, unit.number, room.number, device.floor,
       device.z_m, device.geom, %s, device.area_code, device.grid_code
FROM device
LEFT JOIN unit ON unit.id = device.unit_id
LEFT JOIN room ON room.id = device.room_id
WHERE device.code = %s
ON CONFLICT (device_id, type) WHERE active AND device_id IS NOT NULL
DO UPDATE SET repeats = alarm.repeats + 1
RETURNING id, repeats
"""

# No row when no such alarm is active. Parameters: device code, type.
CLEAR = """
UPDATE alarm SET active = false, cleared_at = now()
FROM device
WHERE device.code = %s AND alarm.device_id = device.id AND alarm.type = %s AND alarm.active
RETURNING alarm.id
"""

REMEMBER = "UPDATE alarm_message SET alarm_id = %s WHERE source = %s AND event_id = %s"

KNOWN_DEVICES = "SELECT code FROM device WHERE code = ANY(%s)"


def known_devices(connection: psycopg.Connection, codes: list[str]) -> set[str]:
    """Return those of some device codes that are on record within the jurisdiction."""
    return {row[0] for row in connection.execute(KNOWN_DEVICES, (codes,))}


def take(connection: psycopg.Connection, message: Message, account: str) -> Alarm | None:
    """Take in one message: raise, repeat or clear an alarm, and tell the change feed.

    A message that was taken before changes nothing.

    Args:
        connection: inside the caller's transaction.
        message: its device must be on record (:func:`known_devices`).
        account: who delivers it, for the alarm's steps.

    Returns:
        The alarm after it; None for a repeated delivery, or a clearing of nothing.
    """
    if connection.execute(ACCEPT, (message.source, message.event_id)).fetchone() is None:
        return None
    if message.cleared:
        row = connection.execute(CLEAR, (message.device, message.type)).fetchone()
        name = "cleared"
    else:
        row = connection.execute(
            RAISE,
            (message.source, message.event_id, message.severity, message.type, message.note,
             message.occurred_at, message.device),
        ).fetchone()
        name = "repeated" if row and row[1] else "raised"
    if row is None:
        return None
    connection.execute(REMEMBER, (row[0], message.source, message.event_id))
    return _record(connection, row[0], name, account)


LOCK = "SELECT FROM alarm WHERE id = %s FOR UPDATE"

STEPS = {
    "acknowledge": ("acknowledged", "UPDATE alarm SET acknowledged_at = now() WHERE id = %s"),
    "clear": ("cleared", "UPDATE alarm SET active = false, cleared_at = now() WHERE id = %s"),
    "close": ("closed", "UPDATE alarm SET closed_at = now() WHERE id = %s"),
}


def take_step(connection: psycopg.Connection, alarm_id: int, step: str, account: str) -> Alarm:
    """Acknowledge, clear or close an alarm, and tell the change feed.

    Args:
        connection: inside the caller's transaction.
        alarm_id: the alarm.
        step: ``acknowledge``, ``clear`` or ``close``.
        account: who does it.

    Returns:
        The alarm after the step.

    Raises:
        NotFound: no such alarm within the jurisdiction.
        StepRefused: its state does not allow the step.
    """
    connection.execute(LOCK, (alarm_id,))
    rules.step(get(connection, alarm_id).state, step)
    name, statement = STEPS[step]
    connection.execute(statement, (alarm_id,))
    return _record(connection, alarm_id, name, account)


STEP_ROW = """
INSERT INTO alarm_step (alarm_id, step, account, area_code, grid_code) VALUES (%s, %s, %s, %s, %s)
"""


def _record(connection: psycopg.Connection, alarm_id: int, name: str, account: str) -> Alarm:
    alarm = get(connection, alarm_id)
    connection.execute(STEP_ROW, (alarm_id, name, account, alarm.area_code, alarm.grid_code))
    outbox.append(
        connection, "alarm", str(alarm_id), alarm.area_code, alarm.grid_code, as_json(alarm)
    )
    return alarm


def as_json(alarm: Alarm) -> dict[str, object]:
    """Return an alarm as the interface and the stream send it: times in ISO 8601, UTC."""
    fields = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(alarm).items()
    }
    return {**fields, "z": alarm.z_m, "state": alarm.state}
