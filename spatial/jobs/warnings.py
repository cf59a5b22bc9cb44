"""Begins and ends disaster warnings (灾害预警) at their times, and tells the change feed."""

import threading

import psycopg

from spatial.queries import warnings

LOCK = 0x5348_4150_0022
"""Advisory lock of the one job that watches the clock for warnings."""

PAUSE_S = 0.5
"""Seconds between two looks at the next time at most: a message may bring an earlier one."""
BATCH = 100

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Begin and end warnings until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    while not stop.is_set():
        due_s = warnings.next_due_s(connection)
        if due_s is not None and due_s <= 0:
            with connection.transaction():
                warnings.pass_time(connection, BATCH)
        else:
            stop.wait(PAUSE_S if due_s is None else min(PAUSE_S, due_s))
