"""Forgets what surveys leave behind (采集清理): where keepers were, photographs of homes, forms that are over."""

import threading
from datetime import UTC, datetime

import psycopg
import structlog

from spatial.queries import survey_forgetting
from spatial.queries.survey_forgetting import BATCH
from spatial.settings import load

log = structlog.get_logger()

LOCK = 0x5348_4150_0036
"""Advisory lock of the one job that forgets surveys."""

EVERY_S = 6 * 3600.0
REST_S = 0.2
"""Between two batches: keepers send meanwhile."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Forget what is old enough now and every six hours, until told to stop.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    settings = load()
    while not stop.is_set() and not connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
        stop.wait(1.0)
    while not stop.is_set():
        gone = survey_forgetting.forget(connection, settings, datetime.now(UTC))
        if any(vars(gone).values()):
            log.info("surveys forgotten", **vars(gone))
        stop.wait(REST_S if BATCH in (gone.positions, gone.photos, gone.forms) else EVERY_S)
