"""Forgets keepers' tracks (轨迹): where staff walked is personal data, and is kept as long as it is needed."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import structlog

from spatial.settings import load

log = structlog.get_logger()

LOCK = 0x5348_4150_0019
"""Advisory lock of the one job that forgets tracks."""

EVERY_S = 6 * 3600.0

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
FORGET = "SELECT shapan_forget_tracks(%s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Drop the months that are over for long enough now and every six hours, until told to stop.

    Args:
        connection: of the worker role, autocommit.
        stop: set by whoever wants it to end.
    """
    kept = timedelta(days=load().track_days)
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    while not stop.is_set():
        forget(connection, datetime.now(UTC) - kept)
        stop.wait(EVERY_S)


def forget(connection: psycopg.Connection, before: datetime) -> int:
    """Drop the months of tracks that ended before an instant; return how many. None is younger than 30 days."""
    months = connection.execute(FORGET, (before,)).fetchone()[0]
    if months:
        log.info("keepers' tracks forgotten", months=months)
    return months
