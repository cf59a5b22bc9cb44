"""What a device measured over time: all of it where that is little, else thinned to buckets of equal length."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from spatial.rules.readings import Condition, State, Transition, Value, replay


@dataclass(frozen=True)
class Series:
    """Readings of one quantity of a device in a half-open window, in the order of the device's time.

    Attributes:
        bucket_s: length of a bucket in seconds; None where each point is one reading.
        points: readings as ``at, value, unit``, or buckets as ``at, count, min, mean, max``. A reading whose value is a
            text has it as its value.
        cut: texts beyond the limit, the oldest, are left out: there is no mean of them.
    """

    bucket_s: int | None
    points: list[dict[str, Any]]
    cut: bool


# Rows: readings, the newest first. Parameters: device, quantity, from, to, limit.
NEWEST = """
SELECT at, value, text, unit FROM device_reading
WHERE device_id = %s AND quantity = %s AND at >= %s AND at < %s
ORDER BY at DESC LIMIT %s
"""

# Rows: buckets in order, those without a number left out. Parameters: seconds, from, device, quantity, from, to.
THINNED = """
SELECT date_bin(%s * interval '1 second', at, %s) AS bucket, count(*), min(value), avg(value), max(value)
FROM device_reading
WHERE device_id = %s AND quantity = %s AND at >= %s AND at < %s AND value IS NOT NULL
GROUP BY bucket ORDER BY bucket
"""


def series(connection: psycopg.Connection, device_id: int, quantity: str, start: datetime, end: datetime,
           limit: int) -> Series:
    """Return what a device measured from an instant up to another one, in at most so many points."""
    window = device_id, quantity, start, end
    rows = connection.execute(NEWEST, (*window, limit + 1)).fetchall()
    if len(rows) <= limit or rows[0][1] is None:
        points = [{"at": at.astimezone(UTC).isoformat(), "value": text if value is None else value, "unit": unit}
                  for at, value, text, unit in reversed(rows[:limit])]
        return Series(None, points, len(rows) > limit)
    bucket_s = -(-(end - start) // timedelta(seconds=limit))
    buckets = connection.execute(THINNED, (bucket_s, start, *window)).fetchall()
    return Series(bucket_s, [
        {"at": at.astimezone(UTC).isoformat(), "count": count, "min": least, "mean": mean, "max": most}
        for at, count, least, mean, most in buckets], False)


REPLAYED = 200
"""Newest readings of a device and quantity that rules look at again when a late one comes."""

# Rows: the newest readings of some devices and quantities. Parameters: device ids, quantities, limit.
HISTORY = """
SELECT g.device_id, g.quantity, r.at, r.value, r.text
FROM unnest(%s::bigint[], %s::text[]) AS g(device_id, quantity)
CROSS JOIN LATERAL (
    SELECT at, value, text FROM device_reading
    WHERE device_id = g.device_id AND quantity = g.quantity ORDER BY at DESC LIMIT %s) AS r
"""


def newest_values(connection: psycopg.Connection, wanted: Iterable[tuple[int, str | None]],
            ) -> dict[tuple[int, str | None], list[tuple[datetime, Value]]]:
    """Return the newest readings of some devices and quantities: (device id, quantity) → (time, value)."""
    pairs = sorted((device_id, quantity) for device_id, quantity in wanted if quantity is not None)
    found: dict[tuple[int, str | None], list] = defaultdict(list)
    if pairs:
        ids, quantities = map(list, zip(*pairs, strict=True))
        for device_id, quantity, at, value, text in connection.execute(HISTORY, (ids, quantities, REPLAYED)):
            found[device_id, quantity].append((at, text if value is None else value))
    return found


@dataclass(frozen=True)
class Tried:
    """What a rule would have done in a window.

    Attributes:
        looked: readings looked at. cut: there were more, the newest of which were not looked at.
        fired: each alarm: since when the value was wrong, when it was raised, when cleared (None: not in the window).
    """

    looked: int
    cut: bool
    fired: list[dict[str, datetime | None]]


TRIED_MOST = 100_000
"""Readings that a trial looks at."""

# Rows: readings in order. Parameters: device, quantity, from, to, limit.
VALUES = """
SELECT at, value, text FROM device_reading
WHERE device_id = %s AND quantity = %s AND at >= %s AND at < %s ORDER BY at LIMIT %s
"""

# Rows: from when on it was lost, 1, or not, 0. Parameters: device, from, to, limit.
LOST = """
SELECT at, (freshness = 'lost')::int::float8, NULL FROM device_step
WHERE device_id = %s AND at >= %s AND at < %s ORDER BY at LIMIT %s
"""


def try_rule(connection: psycopg.Connection, condition: Condition, device_id: int, quantity: str | None,
             start: datetime, end: datetime) -> Tried:
    """Let a rule look at what a device said in the past. Nothing is raised.

    Args:
        connection: inside the caller's transaction.
        condition: of the rule.
        device_id: of the device.
        quantity: that the rule looks at; None for whether the device was lost.
        start, end: half-open window of the device's time.
    """
    if quantity is None:
        rows = connection.execute(LOST, (device_id, start, end, TRIED_MOST + 1)).fetchall()
    else:
        rows = connection.execute(VALUES, (device_id, quantity, start, end, TRIED_MOST + 1)).fetchall()
    values: list[tuple[datetime, Value]] = [(at, text if value is None else value)
                                            for at, value, text in rows[:TRIED_MOST]]
    _, transitions = replay(condition, values, State())
    return Tried(len(values), len(rows) > TRIED_MOST, list(_fired(transitions)))


def _fired(transitions: list[Transition]) -> Iterator[dict[str, datetime | None]]:
    """Yield each raised alarm with its end."""
    for n, one in enumerate(transitions[::2]):
        over = transitions[2 * n + 1].at if 2 * n + 1 < len(transitions) else None
        yield {"since": one.since, "raised_at": one.at, "cleared_at": over}
