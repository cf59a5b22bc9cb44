"""Forgets the change feed (变更流清理): changes of tiles, keepers' places and counts of grids after
an hour, others after some days; and what bridges could not take, after its days.

Each write of a drawn row and each step of a keeper makes one of the former, and the next says all.
"""

import threading
import time
from collections import deque

import psycopg

from spatial import outbox
from spatial.queries import bridge_rejects
from spatial.settings import load

KEPT_S = 3600.0
"""How long after its number a passing change is kept; who was away for longer is told to begin anew."""
EVERY_S = 600.0
BATCH = 2000
REST_S = 0.2
"""Between two batches of old changes: the sequencer waits for each."""


def run(
    connection: psycopg.Connection, stop: threading.Event, kept_s: float = KEPT_S, every_s: float = EVERY_S,
) -> None:
    """Delete old changes and rejects until told to stop.

    What counts for passing ones is when a change got its number, and not the time of its transaction, which may have
    been long.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        kept_s: seconds that a passing change is kept after its number was seen.
        every_s: seconds between two rounds.
    """
    days = load().feed_days
    done = 0
    seen: deque[tuple[float, int]] = deque()
    while not stop.is_set():
        now = time.monotonic()
        seen.append((now, outbox.head(connection)))
        while seen[0][0] <= now - kept_s:
            done = outbox.forget_passing(connection, done, seen.popleft()[1])
        while outbox.forget_old(connection, days, BATCH) == BATCH and not stop.wait(REST_S):
            pass
        # A bridge forgets as well when it keeps many; nothing else looks after one that is quiet, or gone.
        bridge_rejects.forget(connection)
        stop.wait(every_s)
