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

import psycopg
from psycopg.types.json import Jsonb

from importers import staging
from importers.faults import Rejects
from spatial import db
from spatial.errors import DatabaseUnreachable, ShapanError
from spatial.queries.imports import RUN_LOCKS
from spatial.types import Scope

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

# Runs that say that they are running and whose process is gone.
_BURY = """
WITH running AS MATERIALIZED (
    SELECT id FROM import_run WHERE state = 'running' AND id <> %(id)s
), dead AS MATERIALIZED (
    SELECT id FROM running WHERE pg_try_advisory_xact_lock(%(locks)s + id)
)
UPDATE import_run SET state = 'failed', finished_at = now(),
       detail = detail || jsonb_build_object(
           'error', 'It was stopped before the end; nothing was imported.', 'stopped', true,
           'cure', CASE WHEN request_sealed IS NULL THEN 'Import the file again.'
                   ELSE 'Go on with `shapan import resume ' || import_run.id || '`, or import the file again.' END)
FROM dead WHERE import_run.id = dead.id
"""

# Rows: runs whose staged rows are older than anybody will wait for.
_STALE = """
SELECT id FROM import_run
WHERE state = 'failed' AND request_sealed IS NOT NULL
  AND coalesce(finished_at, started_at) < now() - make_interval(days => %s) AND pg_try_advisory_xact_lock(%s + id)
"""

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


def _forget(connection: psycopg.Connection, run_id: int) -> None:
    with connection.transaction():
        staging.drop(connection, run_id)
        connection.execute(_FORGET, (run_id,))
