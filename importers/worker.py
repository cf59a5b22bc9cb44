"""The import worker: carries out the runs that the page ``/data`` queues, one at a time.

``shapan serve`` keeps one beside itself, ``shapan import worker`` is one of its own. Several may run at
once: a run belongs to who has locked its row, and then to who holds its advisory lock, so that no run is
carried out twice. A run whose worker was killed is marked as failed by the next one that looks; one
whose worker was told to stop goes back into the queue.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import NoReturn

import psycopg
import structlog

from importers import catalogue, ledger, pipeline, stopped, uploaded
from spatial import db, leash, logs, migrate, server, uploads
from spatial.errors import DatabaseError, ShapanError
from spatial.queries import imports
from spatial.settings import Settings, load
from spatial.types import Scope

log = structlog.get_logger()

SAFETY_POLL_S = 5.0
AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0)
TELL_EVERY_S = 0.3
"""How often a run says how far it is, and looks whether it is cancelled."""
SCAN_EVERY_S = 3600.0

_LIVE = "SELECT pg_advisory_lock_shared(%s)"
_NEXT = """
SELECT id, concept, file_name, account, upload, request_sealed IS NOT NULL FROM import_run
WHERE state = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_TAKE = "UPDATE import_run SET state = 'running', started_at = clock_timestamp() WHERE id = %s"
_LOCK = "SELECT pg_advisory_lock(%s)"
_UNLOCK = "SELECT pg_advisory_unlock(%s)"

_EXPECT = "UPDATE import_run SET rows_expected = %s WHERE id = %s"
_STEP = "UPDATE import_run SET step = %s WHERE id = %s RETURNING cancelled_by"
_READ = "UPDATE import_run SET rows_read = %s WHERE id = %s RETURNING cancelled_by"
_LOOK = "SELECT cancelled_by FROM import_run WHERE id = %s"

_CANCELLED = "UPDATE import_run SET state = 'cancelled' WHERE id = %s AND state = 'failed'"
# Unless its outcome is on record, which is a state without an error.
_REQUEUE = """
UPDATE import_run SET state = 'queued', rows_read = 0, step = '', finished_at = NULL, detail = '{}'
WHERE id = %s AND (state = 'running' OR state = 'failed' AND detail ? 'error') AND cancelled_by IS NULL
"""


class Cancelled(ShapanError):
    """Somebody cancelled the run while it was carried out."""


class Stopping(BaseException):
    """The process was told to end."""


@dataclass(frozen=True)
class Taken:
    """A run taken from the queue.

    Attributes:
        id: its number. concept: name of the concept. file_name: as its owner calls the file.
        account: who asked. upload: token of the stored files.
        begun: it was stopped, and goes on from its last chunk.
    """

    id: int
    concept: str
    file_name: str
    account: str
    upload: str
    begun: bool


class Teller:
    """Writes the progress of a run where the page reads it, and ends the run when it is cancelled.

    Args:
        connection: of the worker, not of the rows.
        run_id: number of the run.
        counts: it writes down the rows read. Else the stage does, with each chunk: a run that was killed
            goes on from there, so that nobody else may say more.
    """

    def __init__(self, connection: psycopg.Connection, run_id: int, counts: bool) -> None:
        self._connection, self._run, self._counts, self._told = connection, run_id, counts, 0.0

    def begin(self, title: str, total: int | None) -> None:
        """Write down how many rows the file announces."""
        self._connection.execute(_EXPECT, (total, self._run))

    def read(self, rows: int) -> None:
        """Write down how many rows have been read, a few times a second."""
        if time.monotonic() - self._told < TELL_EVERY_S:
            return
        self._told = time.monotonic()
        if self._counts:
            self._ask(_READ, rows, self._run)
        else:
            self._ask(_LOOK, self._run)

    def step(self, name: str) -> None:
        """Write down what comes after reading."""
        self._ask(_STEP, name, self._run)

    def end(self) -> None:
        """Say nothing more: the outcome is on record."""

    def _ask(self, statement: str, *parameters: object) -> None:
        row = self._connection.execute(statement, parameters).fetchone()
        if row is not None and row[0] is not None:
            raise Cancelled(f"Cancelled by {row[0]}.", "Nothing was imported. Send the file again to import it.")


def work(connection: psycopg.Connection, settings: Settings) -> NoReturn:
    """Carry out queued runs for ever.

    Args:
        connection: of the worker's role, autocommit, of its own.
        settings: where the database, the key and the uploads are.

    Raises:
        psycopg.Error: the connection broke.
    """
    connection.execute(_LIVE, (imports.WORKER_LOCK,))
    imports.write_catalogue(connection, catalogue.content())
    connection.execute(f"LISTEN {imports.CHANNEL}")
    scanned_at = -SCAN_EVERY_S
    while True:
        ledger.bury(connection)
        while (taken := take(connection)) is not None:
            carry_out(connection, settings, taken)
        uploaded.tidy(connection, settings)
        if time.monotonic() - scanned_at >= SCAN_EVERY_S:
            scanned_at = time.monotonic()
            uploaded.remove_orphans(connection, settings)
        for _ in connection.notifies(timeout=SAFETY_POLL_S, stop_after=1):
            pass


def take(connection: psycopg.Connection) -> Taken | None:
    """Take the run that has waited longest; None where none waits.

    Its advisory lock is held by the connection before anybody sees it running.
    """
    with connection.transaction():
        row = connection.execute(_NEXT).fetchone()
        if row is None:
            return None
        connection.execute(_LOCK, (imports.RUN_LOCKS + row[0],))
        connection.execute(_TAKE, (row[0],))
    return Taken(*row)


def carry_out(connection: psycopg.Connection, settings: Settings, taken: Taken) -> None:
    """Carry out one run; whatever is wrong with it is on record afterwards.

    Raises:
        psycopg.Error: the worker's own connection broke.
        Stopping: the process was told to end; the run waits again.
    """
    run = ledger.Run(connection, taken.id, (taken.upload, PurePath(taken.file_name).stem))
    try:
        upload = uploads.find(settings, taken.upload)
        upload.forget_rejects()
        request = uploaded.read_request(settings, upload, taken.concept, taken.file_name, taken.account)
        teller = Teller(connection, taken.id, request.dry_run)
        if taken.begun:
            report = pipeline.resume(taken.id, settings, teller, stopped.found(run))
        else:
            report = pipeline.run(request, settings, teller, None if request.dry_run else run)
        if request.dry_run:
            refused = request.allowed.exceeded(len(report.rejects), report.read)
            state = "failed" if refused else "done"
            with connection.transaction():
                run.finish(state, report.recorded(), report.facts(), report.rejects, connection)
        uploaded.keep_rejects(connection, taken.id, settings, upload, request, report)
    except Cancelled as error:
        run.fail(error)
        connection.execute(_CANCELLED, (taken.id,))
    except Stopping:
        with suppress(psycopg.Error), connection.transaction():
            run.forget()
            connection.execute(_REQUEUE, (taken.id,))
        raise
    except Exception as error:
        log.warning("import failed", run=taken.id, concept=taken.concept, error=type(error).__name__,
                    exc_info=None if isinstance(error, ShapanError) else error)
        run.fail(error)
    connection.execute(_UNLOCK, (imports.RUN_LOCKS + taken.id,))


def main(parent: int | None = None) -> None:
    """Work until told to stop; when the database goes away, begin again.

    Args:
        parent: process whose end is this one's as well; None for a worker of its own.

    Raises:
        DatabaseError: the database does not answer at the beginning, or is of another version.
    """
    logs.configure()
    settings = load()
    if parent is not None:
        leash.tie(parent, lambda: os._exit(1))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    attempt = 0
    with suppress(Stopping):
        address = server.addresses(settings).worker
        with db.open_connection(address, Scope.everything()) as connection:
            migrate.require_current(connection)
        while True:
            try:
                with db.open_connection(address, Scope.everything(), autocommit=True) as connection:
                    attempt = 0
                    work(connection, settings)
            except (psycopg.Error, DatabaseError) as error:
                log.warning("the import worker lost the database; trying again", error=type(error).__name__)
                time.sleep(AGAIN_AFTER_S[min(attempt, len(AGAIN_AFTER_S) - 1)])
                attempt += 1


def _stop(*_: object) -> NoReturn:
    raise Stopping


if __name__ == "__main__":
    main(int(sys.argv[1]))
