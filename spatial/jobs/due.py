"""Looks every second for what is due: settles events that imports brought, finds keepers, tells what became overdue,
and has declared totals count from their day on."""

import threading

import psycopg

from spatial.queries import building_metrics, event_keepers, event_life, survey, task_life

LOCK = 0x5348_4150_0017
"""Advisory lock of the one job that looks for what is due."""

PAUSE_S = 1.0
"""Seconds between two looks; each reads partial indexes of what there is to do, or what waits for a keeper by grid."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
NOW = "SELECT now()"


def run(connection: psycopg.Connection, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Do what is due until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        pause_s: seconds between two looks that found nothing.
    """
    while not stop.is_set() and not connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
        stop.wait(1.0)
    while not stop.is_set():
        if not look(connection):
            stop.wait(pause_s)


def look(connection: psycopg.Connection) -> int:
    """Do what there is to do now, each kind in a transaction of its own; return how many things it was."""
    done = 0
    for work in (event_life.settle, event_keepers.redispatch, event_keepers.dispatch, task_life.tidy, survey.finish,
                 building_metrics.take_up_declared):
        with connection.transaction():
            done += len(work(connection))
    for work in (event_life.tell_overdue, task_life.tell_overdue):
        with connection.transaction():
            done += len(work(connection, connection.execute(NOW).fetchone()[0]))
    return done
