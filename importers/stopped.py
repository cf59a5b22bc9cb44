"""Runs that were stopped before their end, and how somebody takes one up to go on with it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from importers.ledger import Run
from spatial import db
from spatial.errors import MappingError
from spatial.queries.imports import RUN_LOCKS
from spatial.types import Scope

# Rows: runs that can be resumed, the newest first.
_STOPPED = """
SELECT id, concept, file_name, account, started_at, rows_read FROM import_run
WHERE state IN ('running', 'failed') AND request_sealed IS NOT NULL
ORDER BY id DESC
"""

_FIND = "SELECT state, request_sealed, file_sha256, rows_read, upload, file_name FROM import_run WHERE id = %s"
_AGAIN = """
UPDATE import_run SET state = 'running', finished_at = NULL, detail = detail - '{error,cure,stopped}'::text[]
WHERE id = %s
"""
_TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


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
        MappingError: there is no such run, it has ended by itself, it waits in the queue, or it is alive.
    """
    with closing(db.open_connection(address, Scope.everything(), autocommit=True)) as connection:
        if connection.execute(_FIND, (run_id,)).fetchone() is None:
            raise MappingError(f"There is no import run {run_id}.",
                               "`shapan import resume` lists those that can go on.")
        if not connection.execute(_TRY_LOCK, (RUN_LOCKS + run_id,)).fetchone()[0]:
            raise MappingError(f"Import run {run_id} is alive.", "Wait for its end.")
        state, request, _, _, upload, file_name = connection.execute(_FIND, (run_id,)).fetchone()
        if state == "queued":
            raise MappingError(f"Import run {run_id} waits for the import worker, which will go on with it.",
                               "Wait for its end, or cancel it on the page /data first.")
        if request is None:
            ended = "is done" if state == "done" else "was not stopped, or its staged rows have been dropped"
            raise MappingError(f"Import run {run_id} {ended}.",
                               "Import the file again; what is on record stays as it is.")
        yield found(Run(connection, run_id, upload and (upload, PurePath(file_name).stem)))


def found(run: Run) -> TakenUp:
    """Return what is on record of a stopped run whose lock the caller holds."""
    _, request, sha256, reached, _, _ = run.connection.execute(_FIND, (run.id,)).fetchone()
    return TakenUp(run, bytes(request), sha256, reached)


def drop(address: str, run_id: int) -> None:
    """Drop what a stopped run had staged; it can no longer be resumed.

    Raises:
        MappingError: see ``take_up``.
    """
    with take_up(address, run_id) as taken:
        taken.run.forget()


def stopped(address: str) -> list[Stopped]:
    """Return the runs that were stopped and can be resumed, the newest first."""
    with closing(db.open_connection(address, Scope.everything(), autocommit=True)) as connection:
        return [Stopped(*row) for row in connection.execute(_STOPPED)
                if connection.execute("SELECT pg_try_advisory_lock(%s) AND pg_advisory_unlock(%s)",
                                      [RUN_LOCKS + row[0]] * 2).fetchone()[0]]
