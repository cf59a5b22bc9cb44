"""Publishes plans of grids when their time has come."""

import threading

import psycopg
import structlog

from spatial.errors import ShapanError
from spatial.queries.plans import publication

log = structlog.get_logger()

LOCK = 0x5348_4150_0123
"""Advisory lock of the one job that publishes."""

PAUSE_S = 0.5

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Publish what is due until told to stop, or until the connection breaks.

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


def look(connection: psycopg.Connection) -> bool:
    """Publish the plan that is due first, or say on it why it cannot be; tell whether there was one."""
    plan_id = publication.due(connection)
    if plan_id is None:
        return False
    try:
        with connection.transaction():
            done = publication.publish(connection, plan_id)
        log.info("plan published", plan=plan_id, begun=done.begun, ended=done.ended, moved=sum(done.moved.values()))
    except ShapanError as error:
        with connection.transaction():
            publication.fail(connection, plan_id, error)
    except psycopg.errors.IntegrityError as error:
        log.error("plan not published", plan=plan_id, error=type(error).__name__)
        with connection.transaction():
            publication.fail(connection, plan_id, publication.NotPublishable(
                f"The database refused the plan ({type(error).__name__}); it was not published.",
                "Ask an administrator: the log tells more."))
    return True
