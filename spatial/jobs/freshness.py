"""Watches the freshness of devices (设备新鲜度), and raises alarms whose duration has run out.

Only what is due is looked at. When the watch itself was away, it says so, and no device is blamed for that time.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg

from spatial.queries import alarm_rules, device_states, rule_states
from spatial.rules import freshness
from spatial.rules.freshness import Outage

LOCK = 0x5348_4150_0116
"""Advisory lock of the one watch."""

EVERY_S = 1.0
"""Seconds between two rounds."""

ROUNDS_MISSED = 2
BATCH = 500
ADD_UP_EVERY_S = 60.0

EXCUSED = timedelta(days=40)
"""Outages are remembered so long: three intervals of a device that speaks every ten days, and one more."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event, every_s: float = EVERY_S) -> None:
    """Watch until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        every_s: seconds between two rounds.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(every_s)
    added_up = 0.0
    while not stop.is_set():
        watch(connection, every_s=every_s)
        if time.monotonic() - added_up >= ADD_UP_EVERY_S:
            device_states.add_up(connection)
            added_up = time.monotonic()
        stop.wait(every_s)


def watch(connection: psycopg.Connection, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
          every_s: float = EVERY_S) -> int:
    """Look once at everything that is due.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        clock: the server's time.
        every_s: seconds between two rounds: who was not alive for two of them was away.

    Returns:
        How many devices have another freshness.
    """
    changed = 0
    while True:
        now = clock()
        with connection.transaction():
            before = device_states.beat(connection, now)
            if before is not None and now - before > timedelta(seconds=ROUNDS_MISSED * every_s):
                device_states.record_outage(connection, Outage(before, now))
        looked, changes = _judge(connection, now)
        changed += changes
        if looked < BATCH:
            break
    while True:
        with connection.transaction():
            if rule_states.fire_due(connection, clock(), BATCH) < BATCH:
                return changed


def _judge(connection: psycopg.Connection, now: datetime) -> tuple[int, int]:
    """Judge one batch of devices that are due; return how many, and how many changed."""
    with connection.transaction():
        alarm_rules.hold(connection)
        due = device_states.lock_due(connection, now, BATCH)
        if not due:
            return 0, 0
        outages = device_states.outages(connection, now - EXCUSED)
        judged = []
        for state in due:
            verdict = freshness.silent(state.freshness, state.last_seen, state.interval_s, now, outages)
            judged.append(replace(state, freshness=verdict.freshness, changes_at=verdict.changes_at))
        device_states.write_judged(connection, judged)
        changed = [(after, before.freshness) for before, after in zip(due, judged, strict=True)
                   if after.freshness != before.freshness]
        device_states.tell(connection, [(state.device_id, was) for state, was in changed])
        rule_states.follow(connection, rule_states.lost(changed, now), {}, now)
        return len(due), len(changed)
