"""Writes what a batch of messages changed: one statement for each table; and recalls what earlier ones did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.queries.alarms.grouping import Spot
from spatial.rules.alarm_fold import Key, Trouble
from spatial.rules.alarm_messages import Message, believed, overdue

Pair = tuple[int, str]
"""Device id and type of alarm."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device on record, with its place: see ``grouping.Spot``."""

    id: int
    spot: Spot
    area_code: str
    grid_code: str


# Place and position are the device's. Parameters, columns of the same length: id, source, event_id, severity, type,
# note, active, device_id, occurred_at, last_occurred_at, clock_doubt, repeats, group_id.
RAISE = """
INSERT INTO alarm (id, source, event_id, severity, type, note, active, cleared_at, device_id, building_id, unit, room,
                   floor, z_m, geom, occurred_at, last_occurred_at, clock_doubt, repeats, clears_at, group_id,
                   area_code, grid_code)
OVERRIDING SYSTEM VALUE
SELECT new.id, new.source, new.event_id, new.severity, new.type, new.note, new.active,
       CASE WHEN NOT new.active THEN now() END, device.id, device.building_id, unit.number, room.number,
       device.floor, device.z_m, device.geom, new.occurred_at, new.last_occurred_at, new.clock_doubt, new.repeats,
       CASE WHEN new.active THEN now() + alarm_type.auto_clear_s * interval '1 s' END, new.group_id,
       device.area_code, device.grid_code
FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::boolean[], %b::bigint[],
            %b::timestamptz[], %b::timestamptz[], %b::boolean[], %b::integer[], %b::bigint[])
     AS new (id, source, event_id, severity, type, note, active, device_id, occurred_at, last_occurred_at,
             clock_doubt, repeats, group_id)
JOIN device ON device.id = new.device_id
LEFT JOIN unit ON unit.id = device.unit_id
LEFT JOIN room ON room.id = device.room_id
LEFT JOIN alarm_type ON alarm_type.type = new.type
"""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is taken in, with its device and the time that counts for it: see ``spatial.rules.alarm_fold``."""

    message: Message
    device: Device
    at: datetime
    doubt: bool
    waited: datetime | None

    @classmethod
    def of(cls, message: Message, device: Device, received_at: datetime) -> "Accepted":
        """Return a message with the time that counts for one which came at an instant of the server's time."""
        at, doubt = believed(message.occurred_at, received_at)
        waited = message.occurred_at if overdue(message.occurred_at, received_at) else None
        return cls(message, device, at, doubt, waited)

    @property
    def pair(self) -> Pair:
        """What it is about."""
        return self.device.id, self.message.type


def raise_alarms(
    connection: psycopg.Connection, new: Sequence[tuple[int, int, Accepted, Trouble, str | None]],
) -> None:
    """Write new alarms: id, group, the message that made each, how it is now, and its note."""
    if new:
        rows = [(id_, entry.message.source, entry.message.event_id, alarm.severity, entry.message.type, note,
                 alarm.active, entry.device.id, entry.at, alarm.newest, alarm.doubt, alarm.repeats, group_id)
                for id_, group_id, entry, alarm, note in new]
        connection.execute(RAISE, [list(column) for column in zip(*rows, strict=True)])


# When it clears by itself is not moved by each repeat, which would write all indexes: the job looks at the time of the
# last one.
# Parameters, columns: id, severity, repeats, last_occurred_at, active, acknowledged, shelved, clock_doubt, note (null:
# as it was).
CHANGE = """
UPDATE alarm SET severity = new.severity, repeats = new.repeats, last_occurred_at = new.last_occurred_at,
       last_received_at = CASE WHEN new.repeats > alarm.repeats THEN now() ELSE alarm.last_received_at END,
       active = new.active, cleared_at = CASE WHEN NOT new.active THEN coalesce(alarm.cleared_at, now()) END,
       acknowledged_at = CASE WHEN new.acknowledged THEN alarm.acknowledged_at END,
       shelved_until = CASE WHEN new.shelved THEN alarm.shelved_until END,
       clears_at = CASE WHEN new.active THEN alarm.clears_at END, clock_doubt = new.clock_doubt,
       note = coalesce(new.note, alarm.note)
FROM unnest(%b::bigint[], %b::text[], %b::integer[], %b::timestamptz[], %b::boolean[], %b::boolean[], %b::boolean[],
            %b::boolean[], %b::text[])
     AS new (id, severity, repeats, last_occurred_at, active, acknowledged, shelved, clock_doubt, note)
WHERE alarm.id = new.id
"""


def change_alarms(connection: psycopg.Connection, changed: Sequence[tuple[Trouble, str | None]]) -> None:
    """Write how alarms are now, and the note of a message that made one worse."""
    if changed:
        rows = [(alarm.id, alarm.severity, alarm.repeats, alarm.newest, alarm.active, alarm.acknowledged, alarm.shelved,
                 alarm.doubt, note) for alarm, note in changed]
        connection.execute(CHANGE, [list(column) for column in zip(*rows, strict=True)])


# Parameters, columns: device_id, type, cleared_to, ended_alarm_id, ended_to.
MARK = """
UPDATE alarm_mark SET cleared_to = new.cleared_to, ended_alarm_id = new.ended_alarm_id, ended_to = new.ended_to
FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[], %b::bigint[], %b::timestamptz[])
     AS new (device_id, type, cleared_to, ended_alarm_id, ended_to)
WHERE alarm_mark.device_id = new.device_id AND alarm_mark.type = new.type
"""


def mark(connection: psycopg.Connection, marks: Sequence[tuple[int, str, Key, int | None]]) -> None:
    """Write what is known of device and type: device id, type, the key, and the id of the alarm that it ended."""
    if marks:
        rows = [(device_id, type_, key.cleared_to, ended, key.ended_to) for device_id, type_, key, ended in marks]
        connection.execute(MARK, [list(column) for column in zip(*rows, strict=True)])


# Parameters, columns: source, event_id, alarm_id.
REMEMBER = """
UPDATE alarm_message SET alarm_id = done.alarm_id
FROM unnest(%b::text[], %b::text[], %b::bigint[]) AS done (source, event_id, alarm_id)
WHERE alarm_message.source = done.source AND alarm_message.event_id = done.event_id
"""


def remember(connection: psycopg.Connection, done: Sequence[tuple[str, str, int]]) -> None:
    """Write which alarm each message changed: source, event id, alarm id."""
    if done:
        connection.execute(REMEMBER, [list(column) for column in zip(*done, strict=True)])


# Parameters, columns: source, event_id.
RECALL = """
SELECT source, event_id, alarm_id FROM alarm_message
WHERE (source, event_id) IN (SELECT * FROM unnest(%b::text[], %b::text[]))
"""


def recall(connection: psycopg.Connection, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int | None]:
    """Return which alarm each of some messages changed that were taken before, by source and event id."""
    if not names:
        return {}
    rows = connection.execute(RECALL, [list(column) for column in zip(*names, strict=True)])
    return {(source, event_id): alarm_id for source, event_id, alarm_id in rows}
