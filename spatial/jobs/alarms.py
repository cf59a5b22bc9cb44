"""What happens to alarms by itself: they come back from the shelf, clear when nothing repeats them, and messages that
waited for their device are taken in.
"""

import threading
import time

import psycopg
import structlog

from spatial.queries.alarms import follow, grouping, steps, strays, take_all

log = structlog.get_logger()

LOCK = 0x5348_4150_0015
"""Advisory lock of the one job that looks after alarms."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"

PAUSE_S = 0.5
"""Longest wait between two looks at what is due; less when something is due earlier."""

STRAYS_S = 2.0
TIDY_S = 60.0
BATCH = 500


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Look after alarms until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    strays_at = tidied_at = 0.0
    while not stop.is_set():
        due(connection)
        if time.monotonic() - strays_at >= STRAYS_S:
            while take_in_strays(connection) == BATCH and not stop.is_set():
                pass
            strays_at = time.monotonic()
        if time.monotonic() - tidied_at >= TIDY_S:
            tidy(connection)
            tidied_at = time.monotonic()
        soon = steps.next_due(connection)
        stop.wait(PAUSE_S if soon is None else min(PAUSE_S, max(0.01, soon)))


def due(connection: psycopg.Connection) -> None:
    """Bring back what is due from the shelf, and clear what clears by itself."""
    for task in (steps.return_shelved, steps.clear_quiet):
        while True:
            with connection.transaction():
                done = task(connection, BATCH)
            if done < BATCH:
                break


def take_in_strays(connection: psycopg.Connection) -> int:
    """Take in messages whose device has appeared on record.

    A batch that cannot be taken in is counted as tried; its messages are tried one by one then, and given up after
    ``strays.TRIES_MOST`` times.

    Returns:
        How many were looked at; ``BATCH`` when there may be more.
    """
    with connection.transaction():
        found = strays.due(connection, BATCH)
        if not found:
            return 0
        one_by_one = found[0].tries > 0
        if one_by_one:
            del found[1:]
        messages = [entry.message for entry in found]
        try:
            with connection.transaction():
                outcomes = take_all(connection, messages, found[0].account)
                strays.forget(connection, [message for message, outcome in zip(messages, outcomes, strict=True)
                                           if outcome.taken != "refused"])
        except psycopg.OperationalError:
            raise
        except Exception as error:
            # Whatever it was: one bad message must not keep the others waiting.
            log.warning("messages that waited for their device cannot be taken in", count=len(messages),
                        error=type(error).__name__, exc_info=error)
            strays.tried(connection, messages)
            return 0
        log.info("messages that waited for their device were taken in", count=len(messages))
    return BATCH if one_by_one else len(found)


def tidy(connection: psycopg.Connection) -> None:
    """Delete messages that have waited for too long, and groups that can grow no more; bring alarms to their devices.

    An alarm that was raised while its device was being moved lies where the device was.
    """
    with connection.transaction():
        follow(connection)
        expired = strays.expire(connection)
        grouping.forget(connection)
    if expired:
        log.warning("messages about devices that never appeared were deleted", count=expired)
