"""Run all jobs until a signal comes or the parent, whose process id is the argument, is gone."""

import sys
import threading
from collections.abc import Callable

import psycopg
import structlog

from spatial import db, leash, logs, server
from spatial.errors import DatabaseError
from spatial.jobs import (
    alarms,
    cell_sums,
    due,
    event_days,
    forgetting,
    freshness,
    kpi_days,
    partitions,
    plans,
    rollup,
    sequencer,
    surveys,
    tracks,
    warnings,
)
from spatial.settings import load
from spatial.types import Scope

log = structlog.get_logger()

JOBS: tuple[tuple[str, Callable[[psycopg.Connection, threading.Event], None]], ...] = (
    ("sequencer", sequencer.run),
    ("cell sums", cell_sums.run),
    ("roll-up", rollup.run),
    ("figures of days", kpi_days.run),
    ("forgetting", forgetting.run),
    ("due", due.run),
    ("event days", event_days.run),
    ("partitions", partitions.run),
    ("plans", plans.run),
    ("tracks", tracks.run),
    ("surveys", surveys.run),
    ("warnings", warnings.run),
    ("alarms", alarms.run),
    ("freshness", freshness.run),
)
AGAIN_AFTER_S = (0.2, 0.5, 1.0)


def keep(name: str, job: Callable[[psycopg.Connection, threading.Event], None], stop: threading.Event) -> None:
    """Run one job on a connection of its own; when the database goes away, begin again."""
    attempt = 0
    while not stop.is_set():
        try:
            conninfo = server.addresses(load()).worker
            with db.open_connection(conninfo, Scope.everything(), autocommit=True) as connection:
                attempt = 0
                job(connection, stop)
        except Exception as error:
            # Whatever it was: without the sequencer nobody hears of an alarm any more.
            lost = isinstance(error, (psycopg.Error, DatabaseError))
            log.warning("job failed; trying again", job=name, error=type(error).__name__, exc_info=not lost)
            stop.wait(AGAIN_AFTER_S[min(attempt, len(AGAIN_AFTER_S) - 1)])
            attempt += 1


def main() -> None:
    """Run every job in a thread of its own."""
    logs.configure()
    stop = threading.Event()
    leash.heed(stop)
    threads = [
        threading.Thread(target=keep, args=(name, job, stop), name=name, daemon=True) for name, job in JOBS
    ]
    for thread in threads:
        thread.start()
    leash.tie(int(sys.argv[1]), stop.set)
    stop.wait()
    for thread in threads:
        thread.join(2.0)


if __name__ == "__main__":
    main()
