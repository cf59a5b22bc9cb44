"""The state of devices: locked, written and told in batches; counted, and found when their freshness is due."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial import outbox
from spatial.rules.freshness import FRESHNESS, Outage


@dataclass(frozen=True)
class State:
    """One device as its row says: see ``spatial.models.device_states.DeviceState``."""

    device_id: int
    code: str
    kind: str
    interval_s: int
    freshness: str
    last_seen: datetime | None
    clock_wrong: bool
    changes_at: datetime | None
    area_code: str
    grid_code: str
    values: dict[str, list] = field(default_factory=dict)


COLUMNS = """
SELECT s.device_id, device.code, s.kind, s.interval_s, s.freshness, s.last_seen, s.clock_wrong, s.changes_at,
       s.area_code, s.grid_code, s.values
FROM device JOIN device_state AS s ON s.device_id = device.id
"""

# Rows are locked in the order of their id, so that two batches never wait for each other.
LOCK_CODES = COLUMNS + "WHERE device.code = ANY(%s) ORDER BY s.device_id FOR UPDATE OF s"
LOCK_IDS = COLUMNS + "WHERE s.device_id = ANY(%s) ORDER BY s.device_id FOR UPDATE OF s"

# Rows: devices whose freshness may change now, the longest due first; those that somebody holds are left for the next
# round. Parameters: now, limit.
LOCK_DUE = COLUMNS + "WHERE s.changes_at <= %s ORDER BY s.changes_at LIMIT %s FOR UPDATE OF s SKIP LOCKED"


def lock(connection: psycopg.Connection, codes: Sequence[str]) -> list[State]:
    """Lock the states of those of some devices that are on record within the jurisdiction, by their ids."""
    return _states(connection, LOCK_CODES, (list(codes),))


def lock_ids(connection: psycopg.Connection, device_ids: Sequence[int]) -> list[State]:
    """Lock the states of some devices by their ids."""
    return _states(connection, LOCK_IDS, (list(device_ids),))


def lock_due(connection: psycopg.Connection, now: datetime, limit: int) -> list[State]:
    """Lock the states of devices whose freshness may change now; not those that somebody else holds."""
    return _states(connection, LOCK_DUE, (now, limit))


def _states(connection: psycopg.Connection, statement: str, parameters: tuple) -> list[State]:
    with connection.cursor(row_factory=class_row(State)) as cursor:
        return cursor.execute(statement, parameters).fetchall()


# Parameters: device ids, freshness, last seen, clock wrong, changes at, values; arrays of one length.
HEARD = """
UPDATE device_state AS s
SET freshness = g.freshness, last_seen = g.last_seen, received_at = now(), clock_wrong = g.clock_wrong,
    changes_at = g.changes_at, values = g.values::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[], %s::timestamptz[], %s::text[])
    AS g(device_id, freshness, last_seen, clock_wrong, changes_at, values)
WHERE s.device_id = g.device_id
"""


def write_heard(connection: psycopg.Connection, states: Sequence[State]) -> None:
    """Write states of locked devices that were heard of."""
    connection.execute(HEARD, (
        [state.device_id for state in states], [state.freshness for state in states],
        [state.last_seen for state in states], [state.clock_wrong for state in states],
        [state.changes_at for state in states],
        [json.dumps(state.values, ensure_ascii=False, separators=(",", ":")) for state in states]))


# Parameters: device ids, freshness, changes at; arrays of one length.
JUDGED = """
UPDATE device_state AS s SET freshness = g.freshness, changes_at = g.changes_at
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS g(device_id, freshness, changes_at)
WHERE s.device_id = g.device_id
"""


def write_judged(connection: psycopg.Connection, states: Sequence[State]) -> None:
    """Write freshness, and when it may change, of locked devices that were not heard of."""
    connection.execute(JUDGED, (
        [state.device_id for state in states], [state.freshness for state in states],
        [state.changes_at for state in states]))


# Parameters: device ids and what their freshness was; arrays of one length.
STEPS = """
INSERT INTO device_step (device_id, was, freshness, last_seen, area_code, grid_code)
SELECT s.device_id, g.was, s.freshness, s.last_seen, s.area_code, s.grid_code
FROM unnest(%s::bigint[], %s::text[]) AS g(device_id, was) JOIN device_state AS s ON s.device_id = g.device_id
"""

# Rows: what pages show of a device, its place and values included. Parameters: device ids.
SHOWN = """
SELECT s.device_id, device.code, s.area_code, s.grid_code, s.kind, device.name, s.freshness, s.last_seen,
       device.building_id, device.floor, unit.number AS unit, ST_X(device.geom) AS lon, ST_Y(device.geom) AS lat,
       device.z_m AS z, s.values
FROM device_state AS s JOIN device ON device.id = s.device_id LEFT JOIN unit ON unit.id = device.unit_id
WHERE s.device_id = ANY(%s)
ORDER BY s.device_id
"""
SHOWN_FIELDS = ("kind", "name", "freshness", "last_seen", "building_id", "floor", "unit", "lon", "lat", "z", "values")


def tell(connection: psycopg.Connection, changed: Sequence[tuple[int, str]]) -> None:
    """Write down and tell the change feed that devices have another freshness than they had.

    Args:
        connection: inside the transaction of the change, which is written.
        changed: device ids and what their freshness was.
    """
    if not changed:
        return
    connection.execute(STEPS, ([device_id for device_id, _ in changed], [was for _, was in changed]))
    was = dict(changed)
    rows = connection.execute(SHOWN, (list(was),)).fetchall()
    outbox.append_all(connection, [
        ("device", code, area_code, grid_code, {"code": code, **_payload(shown), "was": was[device_id]})
        for device_id, code, area_code, grid_code, *shown in rows])


def _payload(shown: list) -> dict[str, Any]:
    payload = dict(zip(SHOWN_FIELDS, shown, strict=True))
    return {**payload, "last_seen": payload["last_seen"] and payload["last_seen"].isoformat()}


# Rows: kind with its names and interval, freshness, devices; kinds without devices are left out. Kinds that nobody has
# listed have no names. The character after 9 ends the range of all longer codes. Parameters: first digits, twice.
COUNTS = """
SELECT tally.kind, coalesce(k.name, tally.kind), coalesce(k.name_en, tally.kind), k.expected_interval_s,
       tally.freshness, tally.devices
FROM (SELECT kind, freshness, sum(devices)::int AS devices FROM device_tally
      WHERE grid_code >= %s AND grid_code < %s || ':' GROUP BY kind, freshness) AS tally
LEFT JOIN device_kind AS k ON k.kind = tally.kind
WHERE tally.devices <> 0
ORDER BY tally.kind
"""


def counts(connection: psycopg.Connection, within: str = "") -> list[dict[str, Any]]:
    """Count the devices within the jurisdiction by kind and freshness, from the running tally.

    Args:
        connection: inside the caller's transaction.
        within: first digits of the grids that count.

    Returns:
        For each kind, by its code: ``kind``, ``name``, ``name_en``, ``expected_interval_s`` (None for kinds that are
        not listed), a count for each freshness, and ``total``.
    """
    kinds: dict[str, dict[str, Any]] = {}
    for kind, name, name_en, interval_s, freshness, devices in connection.execute(COUNTS, (within, within)):
        entry = kinds.setdefault(kind, {"kind": kind, "name": name, "name_en": name_en,
                                        "expected_interval_s": interval_s, **dict.fromkeys(FRESHNESS, 0), "total": 0})
        entry[freshness] += devices
        entry["total"] += devices
    return list(kinds.values())


# Rows: freshness, codes of the devices in a tile that have it; fresh ones are left out. A metre beyond its edges,
# because tiles draw places rounded. Parameters: z, x, y.
SILENT = """
SELECT s.freshness, array_agg(device.code ORDER BY device.code)
FROM device JOIN device_state AS s ON s.device_id = device.id
WHERE device.geom_web && ST_Expand(ST_TileEnvelope(%s, %s, %s), 1) AND s.freshness <> 'fresh'
GROUP BY s.freshness
"""


def silent(connection: psycopg.Connection, z: int, x: int, y: int) -> dict[str, list[str]]:
    """Return who is not fresh in a tile: freshness → codes. All others there are fresh.

    Args:
        connection: inside the caller's transaction.
        z, x, y: tile of WebMercatorQuad; rows count from the north.
    """
    found = dict(connection.execute(SILENT, (z, x, y)).fetchall())
    return {freshness: found.get(freshness, []) for freshness in FRESHNESS if freshness != "fresh"}


# Adds up what was counted one by one. Rows that are written meanwhile stay for the next time.
ADD_UP = """
WITH gone AS (
    DELETE FROM device_tally WHERE (grid_code, kind, freshness) IN (
        SELECT grid_code, kind, freshness FROM device_tally GROUP BY 1, 2, 3 HAVING count(*) > 1)
    RETURNING kind, freshness, devices, area_code, grid_code
)
INSERT INTO device_tally (kind, freshness, devices, area_code, grid_code)
SELECT kind, freshness, sum(devices), area_code, grid_code FROM gone GROUP BY 1, 2, 4, 5 HAVING sum(devices) <> 0
"""


def add_up(connection: psycopg.Connection) -> None:
    """Add up the running tally, so that counting reads one row for each grid, kind and freshness."""
    connection.execute(ADD_UP)


# One row: when the watch was last alive, null before the first time; then it is alive now. Parameters: now, now.
BEAT = """
UPDATE device_watch SET beat = greatest(%s, device_watch.beat) FROM (SELECT beat FROM device_watch FOR UPDATE) AS before
RETURNING before.beat
"""
OUTAGE = """
INSERT INTO device_outage (down_at, up_at) VALUES (%s, %s) ON CONFLICT (down_at) DO UPDATE SET up_at = excluded.up_at
"""
OUTAGES = "SELECT down_at, up_at FROM device_outage WHERE up_at > %s ORDER BY down_at DESC LIMIT %s"


def beat(connection: psycopg.Connection, now: datetime) -> datetime | None:
    """Say that the watch is alive, and return when it was so before; None for never."""
    return connection.execute(BEAT, (now,)).fetchone()[0]


def record_outage(connection: psycopg.Connection, outage: Outage) -> None:
    """Put on record that we were away."""
    connection.execute(OUTAGE, (outage.down_at, outage.up_at))


def outages(connection: psycopg.Connection, after: datetime, limit: int = 200) -> list[Outage]:
    """Return when we were away and back after an instant, the newest first."""
    return [Outage(*row) for row in connection.execute(OUTAGES, (after, limit))]
