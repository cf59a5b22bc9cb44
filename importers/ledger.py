"""The record of import runs, kept on a connection of its own.

The run is written down before anything else happens and the outcome in the transaction of the
data itself, so that a run that was killed stands there as running and nothing else. Who holds
the advisory lock of a run is alive; the next run marks the others as failed. A run that waited
in the queue is on record already: the worker hands it over.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg.types.json import Jsonb

from importers.faults import Rejects
from spatial import db
from spatial.errors import ShapanError
from spatial.types import Scope

RUN_LOCKS = 0x5348_494D_0000_0000
"""Advisory lock of run ``n`` is this and n ("SHIM")."""

RECORDED_FAULTS = 10_000
"""Faults written down with a run; the reject file has them all."""

_BEGIN = """
INSERT INTO import_run (concept, file_name, file_sha256, source, mapping, account, state)
VALUES (%(concept)s, %(file_name)s, %(file_sha256)s, %(source)s, %(mapping)s, %(account)s, 'running')
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
       detail = detail || '{"error": "stopped before the end; nothing was imported"}'
FROM dead WHERE import_run.id = dead.id
"""

_DESCRIBE = """
UPDATE import_run SET file_sha256 = %(file_sha256)s, source = %(source)s, mapping = %(mapping)s WHERE id = %(id)s
"""
_FINISH = """
UPDATE import_run SET state = %(state)s, finished_at = clock_timestamp(), rows_read = %(rows_read)s,
       inserted = %(inserted)s, updated = %(updated)s, unchanged = %(unchanged)s, rejected = %(rejected)s,
       unplaced = %(unplaced)s, detail = %(detail)s
WHERE id = %(id)s
"""
_PROGRESS = "UPDATE import_run SET rows_read = %s WHERE id = %s"
_FAIL = """
UPDATE import_run SET state = 'failed', finished_at = clock_timestamp(), detail = detail || %s
WHERE id = %s AND state = 'running'
"""
_COPY_REJECTS = "COPY import_reject (run_id, ordinal, row_number, field, reason_code, message) FROM STDIN"


class Run:
    """One recorded run.

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
        self._connection = connection
        self._called = called
        self.id = run_id

    def describe(self, facts: dict[str, object]) -> None:
        """Write down what is known of a queued run now that its file has been opened."""
        self._connection.execute(_DESCRIBE, {**facts, "mapping": Jsonb(facts["mapping"]), "id": self.id})

    def fail(self, error: BaseException) -> None:
        """Write down that the run ended with an error, unless its outcome is on record already."""
        # Messages of other errors may quote values of rows.
        words = {"error": error.what, "cure": error.cure} if isinstance(error, ShapanError) else {
            "error": type(error).__name__}
        self._connection.execute(_FAIL, (Jsonb(self._as_called(words)), self.id))

    def _as_called(self, content: dict) -> dict:
        if self._called is None:
            return content
        stored, name = (json.dumps(one)[1:-1] for one in self._called)
        return json.loads(json.dumps(content).replace(stored, name))

    def progress(self, rows_read: int) -> None:
        """Write down how far the run is."""
        self._connection.execute(_PROGRESS, (rows_read, self.id))

    def finish(self, state: str, counts: dict[str, int], detail: dict, rejects: Rejects,
               connection: psycopg.Connection | None = None) -> None:
        """Write down the outcome.

        Args:
            state: ``done`` or ``failed``.
            counts: rows_read, inserted, updated, unchanged, rejected, unplaced.
            detail: whatever else the report says; JSON, no personal data.
            rejects: the rejected rows.
            connection: the transaction of the data; the record's own connection when None.
        """
        where = connection or self._connection
        where.execute(_FINISH, {"id": self.id, "state": state, "detail": Jsonb(self._as_called(detail)), **counts})
        with where.cursor() as cursor, cursor.copy(_COPY_REJECTS) as copy:
            for ordinal, fault in enumerate(rejects.by_row()[:RECORDED_FAULTS], start=1):
                copy.write_row((self.id, ordinal, fault.row, fault.field, fault.reason, fault.message))


@contextmanager
def record(address: str, facts: dict[str, object], queued: Run | None = None) -> Iterator[Run]:
    """Record one run from its beginning to its end.

    Args:
        address: of the worker's role.
        facts: concept, file_name, file_sha256, source, mapping, account.
        queued: a run that is on record already; it is described and its connection stays open.

    Yields:
        The run. Where the block ends with an error the run is marked as failed.

    Raises:
        DatabaseUnreachable: nothing answers.
    """
    if queued is not None:
        queued.describe(facts)
        with _marked(queued):
            yield queued
        return
    connection = db.open_connection(address, Scope.everything(), autocommit=True)
    try:
        # In one transaction: a run that others see is one whose lock is held.
        with connection.transaction():
            mapping = Jsonb(facts["mapping"])
            run_id = connection.execute(_BEGIN, {**facts, "mapping": mapping}).fetchone()[0]
            connection.execute(_LOCK, (RUN_LOCKS + run_id,))
        bury(connection, run_id)
        with _marked(run := Run(connection, run_id)):
            yield run
    finally:
        connection.close()


def bury(connection: psycopg.Connection, own: int = 0) -> None:
    """Mark every run as failed that says that it is running and whose process is gone.

    Args:
        connection: of the worker's role.
        own: a run that is left alone.
    """
    connection.execute(_BURY, {"id": own, "locks": RUN_LOCKS})


@contextmanager
def _marked(run: Run) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        with suppress(psycopg.Error):
            run.fail(error)
        raise
