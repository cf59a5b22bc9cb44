"""Forgets changes of tiles that everybody has heard of: each write of a drawn row makes one."""

import threading

import psycopg

from spatial import outbox

KEPT_S = 3600.0
"""A page that was away for longer than this loads its tiles anew in any case."""
EVERY_S = 600.0


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Delete old changes of tiles now and every ten minutes, until told to stop.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    done = 0
    while not stop.is_set():
        done = outbox.forget_tiles(connection, done, KEPT_S)
        stop.wait(EVERY_S)
