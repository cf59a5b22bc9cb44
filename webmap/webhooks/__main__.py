"""Deliver webhooks until a signal comes or the parent, whose process id is the argument, is gone."""

import sys
import threading

import psycopg
import structlog

from spatial import cipher, db, leash, logs, server
from spatial.errors import DatabaseError
from spatial.settings import load
from spatial.types import Scope
from webmap.webhooks import delivery

log = structlog.get_logger()

AGAIN_AFTER_S = (0.2, 0.5, 1.0, 5.0)


def main() -> None:
    """Deliver on one connection; when the database goes away, begin again."""
    logs.configure()
    stop = threading.Event()
    leash.heed(stop)
    leash.tie(int(sys.argv[1]), stop.set)
    attempt = 0
    while not stop.is_set():
        try:
            settings = load()
            with db.open_connection(server.addresses(settings).worker, Scope.everything(),
                                    autocommit=True) as connection:
                attempt = 0
                delivery.run(connection, stop, settings.home, cipher.from_file(settings.key_file))
        except Exception as error:
            # Whatever it was: other platforms hear of nothing any more.
            lost = isinstance(error, (psycopg.Error, DatabaseError))
            log.warning("webhooks interrupted; trying again", error=type(error).__name__, exc_info=not lost)
            stop.wait(AGAIN_AFTER_S[min(attempt, len(AGAIN_AFTER_S) - 1)])
            attempt += 1


if __name__ == "__main__":
    main()
