"""Keeps the sums of events by day as the events are (事件日汇总), within half a second of each commit."""

import threading
import time

import psycopg

from spatial.queries import event_days
from spatial.settings import load

LOCK = 0x5348_4150_0018
"""Advisory lock of the one job that sums."""

PAUSE_S = 0.3
"""Seconds between two rounds at least; as long as the last round took at most, so that half a core is left."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Sum what changed until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    zone = load().time_zone
    while not stop.is_set() and not connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
        stop.wait(1.0)
    while not stop.is_set():
        started = time.monotonic()
        event_days.follow(connection, zone)
        stop.wait(max(PAUSE_S, time.monotonic() - started))
