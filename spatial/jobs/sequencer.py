"""The sequencer (定序器): gives committed changes their numbers and announces them.

A change is announced within ``PAUSE_S`` of its commit. Polling keeps writers free: a NOTIFY in
every transaction would serialise all commits.
"""

import threading

import psycopg

from spatial import outbox

PAUSE_S = 0.1
BATCH = 1000

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Number changes until told to stop, or until the connection breaks.

    Waits for the sequencer's lock first; it goes with the connection, so another process
    takes over when this one dies.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        pause_s: seconds between two looks at an empty feed.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (outbox.SEQUENCER_LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    while not stop.is_set():
        with connection.transaction():
            stamped = outbox.stamp(connection, BATCH)
        if stamped is None:
            stop.wait(pause_s)
