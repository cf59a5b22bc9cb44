"""One alarm with its place, as pages and the change feed show it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import psycopg

from spatial import outbox
from spatial.errors import NotFound
from spatial.rules import alarms as rules


@dataclass(frozen=True)
class Alarm:
    """One alarm with its place. Holds no personal data but what a gateway may have written into ``note``.

    ``lon``, ``lat``: degrees, EPSG:4490; ``building_lon``, ``building_lat``: a point on the building's outline.
    ``z_m``: metres above the building's base. ``group_id``: the first alarm of its group, which may be itself.
    ``type_name``: what the type is called on record, ``grid_name``: the grid of today; None where neither is there.
    """

    id: int
    source: str
    event_id: str
    severity: str
    type: str
    type_name: str | None
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
    building_lon: float | None
    building_lat: float | None
    address: str | None
    device_code: str | None
    device_kind: str | None
    device_name: str | None
    area_code: str
    grid_code: str
    grid_name: str | None
    occurred_at: datetime
    received_at: datetime
    last_occurred_at: datetime
    clock_doubt: bool
    acknowledged_at: datetime | None
    cleared_at: datetime | None
    closed_at: datetime | None
    repeats: int
    assignee: str | None
    shelved_until: datetime | None
    group_id: int

    @property
    def state(self) -> str:
        """The word of ``spatial.rules.alarms.state``."""
        return rules.state(self.active, self.acknowledged_at, self.closed_at)


COLUMNS = """
SELECT alarm.id, alarm.source, alarm.event_id, alarm.severity, alarm.type, alarm_type.name AS type_name, alarm.note,
       alarm.active, ST_X(alarm.geom) AS lon, ST_Y(alarm.geom) AS lat, alarm.z_m,
       alarm.floor, alarm.unit, alarm.room,
       alarm.building_id, building.code AS building_code, building.name AS building_name,
       ST_X(ST_PointOnSurface(building.footprint)) AS building_lon,
       ST_Y(ST_PointOnSurface(building.footprint)) AS building_lat, building.address,
       device.code AS device_code, device.kind AS device_kind, device.name AS device_name,
       alarm.area_code, alarm.grid_code, grid.name AS grid_name, alarm.occurred_at, alarm.received_at,
       alarm.last_occurred_at,
       alarm.clock_doubt, alarm.acknowledged_at, alarm.cleared_at, alarm.closed_at, alarm.repeats,
       alarm.assignee, alarm.shelved_until, coalesce(alarm.group_id, alarm.id) AS group_id
FROM alarm
LEFT JOIN building ON building.id = alarm.building_id
LEFT JOIN device ON device.id = alarm.device_id
LEFT JOIN alarm_type ON alarm_type.type = alarm.type
LEFT JOIN grid ON grid.code = alarm.grid_code AND grid.valid_to IS NULL
"""
"""Fields of :class:`Alarm`, in order."""

SOME = COLUMNS + "WHERE alarm.id = ANY(%b::bigint[]) ORDER BY alarm.id"


def some(connection: psycopg.Connection, ids: Sequence[int]) -> list[Alarm]:
    """Return those of some alarms that there are within the jurisdiction, by id."""
    return [Alarm(*row) for row in rows_of(connection, ids)]


def rows_of(connection: psycopg.Connection, ids: Sequence[int]) -> psycopg.Cursor:
    """Ask for some alarms; the rows of the answer are the fields of :class:`Alarm`."""
    return connection.execute(SOME, (list(ids),), binary=True)


def get(connection: psycopg.Connection, alarm_id: int) -> Alarm:
    """Return one alarm.

    Raises:
        NotFound: no such alarm, or none within the jurisdiction.
    """
    for alarm in some(connection, [alarm_id]):
        return alarm
    raise NotFound(f"There is no alarm {alarm_id}.", "It may have been deleted, or lie outside your area.")


TIMES = tuple(field.name for field in fields(Alarm) if field.name.endswith("_at") or field.name == "shelved_until")


def as_json(alarm: Alarm, *, written: bool = True) -> dict[str, Any]:
    """Return an alarm as the interface sends it: times in ISO 8601, UTC.

    Args:
        alarm: which.
        written: with what a gateway wrote; changes and snapshots, which hold no personal data, are without ``note``.
    """
    said = {**vars(alarm), "z": alarm.z_m, "state": alarm.state}
    if not written:
        del said["note"]
    for name in TIMES:
        if said[name] is not None:
            said[name] = said[name].isoformat()
    return said


def tell(connection: psycopg.Connection, alarms: Sequence[Alarm]) -> None:
    """Tell the change feed how some alarms are now."""
    outbox.append_all(connection, [
        ("alarm", str(alarm.id), alarm.area_code, alarm.grid_code, as_json(alarm, written=False)) for alarm in alarms])


# Parameters, columns of the same length: alarm_id, step, account, note, detail, area_code, grid_code.
WRITE_STEPS = """
INSERT INTO alarm_step (alarm_id, step, account, note, detail, area_code, grid_code)
SELECT alarm_id, step, account, note, detail::jsonb, area_code, grid_code
FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[]) WITH ORDINALITY
     AS said (alarm_id, step, account, note, detail, area_code, grid_code, n)
ORDER BY n
"""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One thing that happened to an alarm, to be written down. ``detail``: a JSON object as text."""

    alarm_id: int
    step: str
    account: str
    note: str | None
    detail: str
    area_code: str
    grid_code: str


def write_steps(connection: psycopg.Connection, rows: Sequence[StepRow]) -> None:
    """Write down what happened to alarms, in order."""
    if rows:
        connection.execute(WRITE_STEPS, tuple(
            [getattr(row, name) for row in rows] for name in StepRow.__slots__))
