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

from importers import catalogue, concepts, ledger, mapping, pipeline
from importers.report import Allowance
from importers.request import Request
from spatial import db, leash, logs, migrate, server, uploads
from spatial.errors import DatabaseError, ShapanError, SourceError
from spatial.queries import imports
from spatial.settings import Settings, load
from spatial.types import Scope

log = structlog.get_logger()

SAFETY_POLL_S = 5.0
AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0)
TELL_EVERY_S = 0.3
"""How often a run says how far it is, and looks whether it is cancelled."""
SCAN_EVERY_S = 3600.0
ORPHAN_AFTER_S = 24 * 3600.0
"""Age of a folder of uploads that no run names; a slow upload is younger."""

_LIVE = "SELECT pg_advisory_lock_shared(%s)"
_NEXT = """
SELECT id, concept, file_name, account, upload FROM import_run
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
_REQUEUE = """
UPDATE import_run SET state = 'queued', rows_read = 0, step = '', finished_at = NULL, detail = '{}'
WHERE id = %s AND state IN ('running', 'failed') AND cancelled_by IS NULL
"""

# Rows: uploads that nobody needs any longer, forgotten here and deleted by the caller.
_FORGET = """
WITH old AS (
    SELECT id, upload FROM import_run
    WHERE upload IS NOT NULL AND (state IN ('done', 'cancelled')
          OR state = 'failed' AND finished_at < now() - make_interval(days => %s))
    FOR UPDATE SKIP LOCKED
)
UPDATE import_run SET upload = NULL FROM old WHERE import_run.id = old.id RETURNING old.upload
"""
_KNOWN = "SELECT EXISTS (SELECT FROM import_run WHERE upload = %s)"


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
    """

    id: int
    concept: str
    file_name: str
    account: str
    upload: str


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
        forget(connection, settings)
        if time.monotonic() - scanned_at >= SCAN_EVERY_S:
            scanned_at = time.monotonic()
            remove_orphans(connection, settings)
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
        connection.execute(_LOCK, (ledger.RUN_LOCKS + row[0],))
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
        request = _request(settings, taken)
        teller = Teller(connection, taken.id, request.dry_run)
        report = pipeline.run(request, settings, teller, None if request.dry_run else run)
        if request.dry_run:
            refused = request.allowed.exceeded(len(report.rejects), report.read)
            state = "failed" if refused else "done"
            with connection.transaction():
                run.finish(state, report.recorded(), report.facts(), report.rejects, connection)
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
    connection.execute(_UNLOCK, (ledger.RUN_LOCKS + taken.id,))


def forget(connection: psycopg.Connection, settings: Settings) -> None:
    """Delete the files of runs that succeeded or were cancelled, and of those that failed days ago."""
    for (token,) in connection.execute(_FORGET, (settings.upload_days,)).fetchall():
        uploads.find(settings, token).remove()


def remove_orphans(connection: psycopg.Connection, settings: Settings) -> None:
    """Delete folders of uploads that no run names: the service ended while they were sent."""
    for upload in uploads.older_than(settings, ORPHAN_AFTER_S):
        if not connection.execute(_KNOWN, (upload.token,)).fetchone()[0]:
            upload.remove()


def _request(settings: Settings, taken: Taken) -> Request:
    """Return what a person asked for on the page.

    Raises:
        SourceError: the file is gone.
        MappingError: the mapping is none.
    """
    upload = uploads.find(settings, taken.upload)
    asked = upload.request()
    if asked is None:
        raise SourceError(f"The uploaded file {taken.file_name} is no longer there.",
                          "Nothing was imported. Send it again.")
    mapped = mapping.read(upload.mapping) if upload.mapping else mapping.MappingFile()
    named = asked.get("source") or mapped.source or pipeline.default_source(PurePath(taken.file_name))
    return Request(
        concepts.find(taken.concept), upload.path(asked["ending"]), taken.account, layer=asked.get("layer"),
        crs=asked.get("crs"), override_crs=bool(asked.get("override_crs")), source=named, key=asked.get("key"),
        mapping=mapped, allowed=Allowance.parse(asked.get("max_rejects") or "0"),
        on_conflict=asked.get("on_conflict") or "update", dry_run=bool(asked.get("dry_run")),
        repair=float(asked["repair"].removesuffix("%")) / 100 if asked.get("repair") else None)


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
