"""Forgets changes that everybody has heard of and the next says anew: tiles, keepers' places, counts of grids."""

import threading
import time
from collections import deque

import psycopg

from spatial import outbox

KEPT_S = 3600.0
"""How long after its number such a change is kept; who was away for longer is told to begin anew."""
EVERY_S = 600.0


def run(
    connection: psycopg.Connection, stop: threading.Event, kept_s: float = KEPT_S, every_s: float = EVERY_S,
) -> None:
    """Delete old changes of the passing kinds until told to stop.

    What counts is when a change got its number, and not the time of its transaction, which may have been long.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        kept_s: seconds that a change is kept after its number was seen.
        every_s: seconds between two rounds.
    """
    done = 0
    seen: deque[tuple[float, int]] = deque()
    while not stop.is_set():
        now = time.monotonic()
        seen.append((now, outbox.head(connection)))
        while seen[0][0] <= now - kept_s:
            done = outbox.forget_passing(connection, done, seen.popleft()[1])
        stop.wait(every_s)
