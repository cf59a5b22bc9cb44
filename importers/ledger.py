"""The record of import runs, kept on a connection of its own.

The run is written down before anything else happens and the outcome in the transaction of the
data itself, so that a run that was killed stands there as running and nothing else. Who holds
the advisory lock of a run is alive; the next run marks the others as failed. What a dead run had
staged stays for ``KEPT_DAYS``, so that it can go on. A run that waited in the queue is on record
already: the worker hands it over.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from importers import staging
from importers.faults import Rejects
from spatial import db
from spatial.errors import DatabaseUnreachable, MappingError, ShapanError
from spatial.types import Scope

RUN_LOCKS = 0x5348_494D_0000_0000
"""Advisory lock of run ``n`` is this and n ("SHIM")."""

RECORDED_FAULTS = 10_000
"""Faults written down with a run; the reject file has them all."""

KEPT_DAYS = 7
"""So long a run that was stopped can be resumed; then the next import drops what it had staged."""

LONGEST_ERROR = 4000
"""Characters of an error that are kept with its run."""

_BEGIN = """
INSERT INTO import_run (concept, file_name, file_sha256, source, mapping, account, state, request_sealed)
VALUES (%(concept)s, %(file_name)s, %(file_sha256)s, %(source)s, %(mapping)s, %(account)s, 'running', %(request)s)
RETURNING id
"""
_LOCK = "SELECT pg_advisory_lock(%s)"
_TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"

# Runs that say that they are running and whose process is gone.
_BURY = """
WITH running AS MATERIALIZED (
    SELECT id FROM import_run WHERE state = 'running' AND id <> %(id)s
), dead AS MATERIALIZED (
    SELECT id FROM running WHERE pg_try_advisory_xact_lock(%(locks)s + id)
)
UPDATE import_run SET state = 'failed', finished_at = now(),
       detail = detail || jsonb_build_object(
           'error', 'It was stopped before the end; nothing was imported.',
           'cure', 'Go on with `shapan import resume ' || import_run.id || '`, or import the file again.')
FROM dead WHERE import_run.id = dead.id
"""

# Rows: runs whose staged rows are older than anybody will wait for.
_STALE = """
SELECT id FROM import_run
WHERE state = 'failed' AND request_sealed IS NOT NULL
  AND coalesce(finished_at, started_at) < now() - make_interval(days => %s) AND pg_try_advisory_xact_lock(%s + id)
"""

# Rows: runs that can be resumed, the newest first.
_STOPPED = """
SELECT id, concept, file_name, account, started_at, rows_read FROM import_run
WHERE state IN ('running', 'failed') AND request_sealed IS NOT NULL
ORDER BY id DESC
"""

_FIND = "SELECT state, request_sealed, file_sha256, rows_read FROM import_run WHERE id = %s"
_AGAIN = "UPDATE import_run SET state = 'running', finished_at = NULL, detail = detail - 'error' WHERE id = %s"
_FORGET = "UPDATE import_run SET request_sealed = NULL WHERE id = %s"

_DESCRIBE = """
UPDATE import_run SET file_sha256 = %(file_sha256)s, source = %(source)s, mapping = %(mapping)s,
       request_sealed = %(request)s
WHERE id = %(id)s
"""

_FINISH = """
UPDATE import_run SET state = %(state)s, finished_at = clock_timestamp(), rows_read = %(rows_read)s,
       inserted = %(inserted)s, updated = %(updated)s, unchanged = %(unchanged)s, rejected = %(rejected)s,
       unplaced = %(unplaced)s, detail = %(detail)s, request_sealed = NULL
WHERE id = %(id)s
"""
_FAIL = """
UPDATE import_run SET state = 'failed', finished_at = clock_timestamp(), detail = detail || %s
WHERE id = %s AND state = 'running'
"""
_COPY_REJECTS = "COPY import_reject (run_id, ordinal, row_number, field, reason_code, message) FROM STDIN"


@dataclass(frozen=True)
class Stopped:
    """A run that was stopped before its end.

    Attributes:
        id: number of the run. concept, file, account: what it imports, from where, for whom.
        started_at: when it began. rows: how many rows it had read.
    """

    id: int
    concept: str
    file: str
    account: str
    started_at: datetime
    rows: int


class Run:
    """One recorded run, held alive by this process.

    Attributes:
        id: number of the run.
    """

    def __init__(self, connection: psycopg.Connection, run_id: int, called: tuple[str, str] | None = None) -> None:
        """Keep the record of a run.

        Args:
            connection: autocommit, holds the advisory lock of the run.
            run_id: number of the run.
            called: name under which an uploaded file lies here, and what its owner calls it.
        """
        self.connection = connection
        self._called = called
        self.id = run_id

    def describe(self, facts: dict[str, object]) -> None:
        """Write down what is known of a queued run now that its file has been opened."""
        self.connection.execute(_DESCRIBE, {**facts, "mapping": Jsonb(facts["mapping"]), "id": self.id})

    def fail(self, error: BaseException) -> None:
        """Write down that the run ended with an error, unless its outcome is on record already."""
        # Messages of other errors may quote values of rows.
        words = {"error": error.what[:LONGEST_ERROR], "cure": error.cure[:LONGEST_ERROR]} if isinstance(
            error, ShapanError) else {
            "error": type(error).__name__}
        self.connection.execute(_FAIL, (Jsonb(self._as_called(words)), self.id))

    def forget(self) -> None:
        """Drop what the run has staged: it cannot go on, only begin again."""
        _forget(self.connection, self.id)

    def _as_called(self, content: dict) -> dict:
        if self._called is None:
            return content
        stored, name = (json.dumps(one)[1:-1] for one in self._called)
        return json.loads(json.dumps(content).replace(stored, name))

    def finish(self, state: str, counts: dict[str, int], detail: dict, rejects: Rejects,
               connection: psycopg.Connection) -> None:
        """Write down the outcome.

        Args:
            state: ``done`` or ``failed``.
            counts: rows_read, inserted, updated, unchanged, rejected, unplaced.
            detail: whatever else the report says; JSON, no personal data.
            rejects: the rejected rows.
            connection: inside the transaction of the data.
        """
        connection.execute(_FINISH, {"id": self.id, "state": state, "detail": Jsonb(self._as_called(detail)), **counts})
        with connection.cursor() as cursor, cursor.copy(_COPY_REJECTS) as copy:
            for ordinal, fault in enumerate(rejects.by_row()[:RECORDED_FAULTS], start=1):
                copy.write_row((self.id, ordinal, fault.row, fault.field, fault.reason, fault.message))

    @contextmanager
    def going(self) -> Iterator[None]:
        """Mark the run as failed where the block ends with an error.

        An error of ours is final: the same file gives it again. A run that was interrupted or lost
        its database keeps what it has staged.
        """
        try:
            yield
        except BaseException as error:
            final = isinstance(error, ShapanError) and not isinstance(error, DatabaseUnreachable)
            with suppress(psycopg.Error):
                self.fail(error)
                if final:
                    self.forget()
            raise


@contextmanager
def record(address: str, facts: dict[str, object], queued: Run | None = None) -> Iterator[Run]:
    """Record one run from its beginning to its end.

    Args:
        address: of the worker's role.
        facts: concept, file_name, file_sha256, source, mapping, account; request, sealed, where the run can go on
            after it was stopped.
        queued: a run that is on record already; it is described and its connection stays open.

    Yields:
        The run. Where the block ends with an error the run is marked as failed.

    Raises:
        DatabaseUnreachable: nothing answers.
    """
    if queued is not None:
        queued.describe(facts)
        with queued.going():
            yield queued
        return
    with closing(db.open_connection(address, Scope.everything(), autocommit=True)) as connection:
        # In one transaction: a run that others see is one whose lock is held.
        with connection.transaction():
            mapping = Jsonb(facts["mapping"])
            run_id = connection.execute(_BEGIN, {"request": None, **facts, "mapping": mapping}).fetchone()[0]
            connection.execute(_LOCK, (RUN_LOCKS + run_id,))
        bury(connection, run_id)
        run = Run(connection, run_id)
        with run.going():
            yield run


def bury(connection: psycopg.Connection, own: int = 0) -> None:
    """Mark every run as failed whose process is gone, and drop what those of long ago had staged.

    Args:
        connection: of the worker's role, autocommit.
        own: a run that is left alone.
    """
    connection.execute(_BURY, {"id": own, "locks": RUN_LOCKS})
    with connection.transaction():
        for (stale,) in connection.execute(_STALE, (KEPT_DAYS, RUN_LOCKS)).fetchall():
            _forget(connection, stale)


@dataclass(frozen=True)
class TakenUp:
    """A stopped run that this process holds now.

    Attributes:
        run: the run. request: sealed. file_sha256: of the file as it was. reached: last row staged.
    """

    run: Run
    request: bytes
    file_sha256: str
    reached: int

    @contextmanager
    def going(self) -> Iterator[None]:
        """Say that the run goes on; see ``Run.going``."""
        self.run.connection.execute(_AGAIN, (self.run.id,))
        with self.run.going():
            yield


@contextmanager
def take_up(address: str, run_id: int) -> Iterator[TakenUp]:
    """Hold a run that was stopped.

    Args:
        address: of the worker's role.
        run_id: number of the run.

    Yields:
        The run; nothing about it is changed until ``going``.

    Raises:
        MappingError: there is no such run, it has ended by itself, or it is alive.
    """
    with closing(db.open_connection(address, Scope.everything(), autocommit=True)) as connection:
        row = connection.execute(_FIND, (run_id,)).fetchone()
        if row is None:
            raise MappingError(f"There is no import run {run_id}.",
                               "`shapan import resume` lists those that can go on.")
        if not connection.execute(_TRY_LOCK, (RUN_LOCKS + run_id,)).fetchone()[0]:
            raise MappingError(f"Import run {run_id} is alive.", "Wait for its end.")
        state, request, sha256, reached = connection.execute(_FIND, (run_id,)).fetchone()
        if request is None:
            ended = "is done" if state == "done" else "was not stopped, or its staged rows have been dropped"
            raise MappingError(f"Import run {run_id} {ended}.",
                               "Import the file again; what is on record stays as it is.")
        yield TakenUp(Run(connection, run_id), bytes(request), sha256, reached)


def drop(address: str, run_id: int) -> None:
    """Drop what a stopped run had staged; it can no longer be resumed.

    Raises:
        MappingError: see ``take_up``.
    """
    with take_up(address, run_id) as taken, taken.run.connection.transaction():
        _forget(taken.run.connection, run_id)


def stopped(address: str) -> list[Stopped]:
    """Return the runs that were stopped and can be resumed, the newest first."""
    with closing(db.open_connection(address, Scope.everything(), autocommit=True)) as connection:
        return [Stopped(*row) for row in connection.execute(_STOPPED)
                if connection.execute("SELECT pg_try_advisory_lock(%s) AND pg_advisory_unlock(%s)",
                                      [RUN_LOCKS + row[0]] * 2).fetchone()[0]]


def _forget(connection: psycopg.Connection, run_id: int) -> None:
    with connection.transaction():
        staging.drop(connection, run_id)
        connection.execute(_FORGET, (run_id,))
