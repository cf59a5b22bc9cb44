"""Import runs (导入记录): what was asked for, what became of it, and the queue of those that wait."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError

CHANNEL = "shapan_import"
"""NOTIFY channel on which a queued run is announced; the payload is its number."""

WORKER_LOCK = 0x5348_4957
"""Advisory lock that a living import worker shares ("SHIW")."""

RUN_LOCKS = 0x5348_494D_0000_0000
"""Advisory lock of run ``n`` is this and n ("SHIM"); whoever carries it out holds it."""

OPEN = ("queued", "running")
"""States in which a run is still to change."""


class NotCancellable(ShapanError):
    """A run that has ended cannot be cancelled."""


class NotResumable(ShapanError):
    """A run was not stopped before its end, or its file is gone."""


@dataclass(frozen=True)
class Run:
    """One import run, without its mapping and faults.

    Attributes:
        id: number. concept: name of the concept. file: the file's name as its owner calls it.
        source: name of the source. account: who asked. state: queued, running, done, failed, cancelled.
        queued_at, started_at, finished_at: instants; None where it has not come to that.
        rows_expected: what the file announces. step: what is done after reading.
        dry_run: rolled back because that was asked for.
        error, cure: why it failed and what to do; None where only rows were rejected.
        cancelling: it runs, and somebody asked it to end.
        resumable: it was stopped, its file is kept here, and the worker can go on with it.
    """

    id: int
    concept: str
    file: str
    source: str
    account: str
    state: str
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    rows_read: int
    rows_expected: int | None
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    unplaced: int
    step: str
    dry_run: bool
    error: str | None
    cure: str | None
    cancelling: bool
    resumable: bool


@dataclass(frozen=True)
class Fault:
    """One recorded fault; ``ordinal`` counts from 1 in the order of the rows."""

    ordinal: int
    row: int
    field: str
    reason: str
    message: str


_COLUMNS = """
id, concept, file_name AS file, source, account, state, queued_at,
CASE WHEN state <> 'queued' THEN started_at END AS started_at, finished_at,
rows_read, rows_expected, inserted, updated, unchanged, rejected, unplaced, step,
coalesce(detail->'dry_run' = 'true', false) AS dry_run, detail->>'error' AS error, detail->>'cure' AS cure,
cancelled_by IS NOT NULL AND state = 'running' AS cancelling,
state = 'failed' AND upload IS NOT NULL AND (request_sealed IS NOT NULL OR detail ? 'stopped') AS resumable
"""

# Rows: runs with a number below one, the newest first.
RECENT = f"SELECT {_COLUMNS} FROM import_run WHERE id < %s ORDER BY id DESC LIMIT %s"

ONE = f"SELECT {_COLUMNS} FROM import_run WHERE id = %s"

# Rows: faults of a run after an ordinal, in the order of the rows.
FAULTS = """
SELECT ordinal, row_number AS row, field, reason_code AS reason, message FROM import_reject
WHERE run_id = %s AND ordinal > %s ORDER BY ordinal LIMIT %s
"""

# One row: mapping, the rest of the report, how many faults are recorded.
DETAIL = """
SELECT mapping, detail, (SELECT count(*) FROM import_reject WHERE run_id = import_run.id)
FROM import_run WHERE id = %s
"""

QUEUE = """
INSERT INTO import_run (concept, file_name, source, account, state, upload, upload_bytes, queued_at)
VALUES (%s, %s, %s, %s, 'queued', %s, %s, now())
RETURNING id
"""
TELL = "SELECT pg_notify(%s, %s)"

# No row when the run is neither queued nor running.
CANCEL = """
UPDATE import_run
SET cancelled_by = %(account)s,
    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
    finished_at = CASE state WHEN 'queued' THEN now() END
WHERE id = %(id)s AND state IN ('queued', 'running') AND (state = 'queued' OR upload IS NOT NULL)
RETURNING state
"""

# No row when the run was not stopped, its file is gone, or somebody is going on with it. One that had not come to
# stage anything begins again.
RESUME = """
UPDATE import_run
SET state = 'queued', finished_at = NULL, step = '', cancelled_by = NULL, queued_at = now(),
    detail = detail - '{error,cure,stopped}'::text[],
    rows_read = CASE WHEN request_sealed IS NULL THEN 0 ELSE rows_read END
WHERE id = %(id)s AND state = 'failed' AND upload IS NOT NULL
      AND (request_sealed IS NOT NULL OR detail ? 'stopped') AND pg_try_advisory_xact_lock(%(lock)s)
RETURNING id
"""

# One row: folder of the run's upload, and whether a process holds the run.
UPLOAD = """
SELECT upload, EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND classid = (%(lock)s::bigint >> 32)::oid AND objid = (%(lock)s::bigint & 4294967295)::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
FROM import_run WHERE id = %(id)s
"""

# A row when an import worker lives: it shares a lock for as long.
WORKER_LIVES = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = 0 AND objid = %s::bigint::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""

CATALOGUE = "SELECT content FROM import_catalogue"

WRITE_CATALOGUE = """
INSERT INTO import_catalogue (content, written_at) VALUES (%s, now())
ON CONFLICT (singleton) DO UPDATE SET content = excluded.content, written_at = excluded.written_at
"""

_LARGEST = 2**63 - 1


def recent(connection: psycopg.Connection, before: int | None = None, limit: int = 50) -> list[Run]:
    """Return runs, the newest first.

    Args:
        before: only runs with a smaller number; None begins with the newest.
        limit: runs at most.
    """
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(RECENT, (before or _LARGEST, limit)).fetchall()


def get(connection: psycopg.Connection, run_id: int) -> Run:
    """Return one run.

    Raises:
        NotFound: there is none of that number.
    """
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        run = cursor.execute(ONE, (run_id,)).fetchone() if run_id <= _LARGEST else None
    if run is None:
        raise NotFound(f"There is no import run {run_id}.", "List the runs with: shapan import runs")
    return run


def detail(connection: psycopg.Connection, run_id: int) -> tuple[dict[str, Any], dict[str, Any], int]:
    """Return the mapping of a run, the rest of its report, and how many faults are recorded."""
    return connection.execute(DETAIL, (run_id,)).fetchone()


def faults(connection: psycopg.Connection, run_id: int, after: int = 0, limit: int = 100) -> list[Fault]:
    """Return faults of a run in the order of its rows.

    Args:
        run_id: number of the run.
        after: only those with a greater ordinal.
        limit: faults at most.
    """
    with connection.cursor(row_factory=class_row(Fault)) as cursor:
        return cursor.execute(FAULTS, (run_id, after, limit)).fetchall()


def queue(connection: psycopg.Connection, *, concept: str, file: str, source: str, account: str, upload: str,
          size: int) -> int:
    """Put a run into the queue and tell the worker, when the caller commits.

    Args:
        concept: name of the concept.
        file: the file's name as its owner calls it.
        source: name of the source.
        account: who asks.
        upload: token of the stored files.
        size: their bytes.

    Returns:
        Number of the run.
    """
    run_id = connection.execute(QUEUE, (concept, file, source, account, upload, size)).fetchone()[0]
    connection.execute(TELL, (CHANNEL, str(run_id)))
    return run_id


def cancel(connection: psycopg.Connection, run_id: int, account: str) -> Run:
    """Cancel a run that waits, or ask the worker to end one that it is carrying out.

    Raises:
        NotFound: there is none of that number.
        NotCancellable: it has ended, or a person started it in a terminal.
    """
    run = get(connection, run_id)
    if connection.execute(CANCEL, {"id": run_id, "account": account}).fetchone() is None:
        if run.state == "running":
            raise NotCancellable(f"Run {run_id} was started in a terminal.", "Press Ctrl-C there.")
        raise NotCancellable(f"Run {run_id} has ended: {run.state}.", "Nothing is left to cancel.")
    return get(connection, run_id)


def resume(connection: psycopg.Connection, run_id: int) -> Run:
    """Put a run that was stopped into the queue again; the worker goes on from its last chunk.

    Raises:
        NotFound: there is none of that number.
        NotResumable: it was not stopped, its file is gone, or somebody is going on with it.
    """
    run = get(connection, run_id)
    if connection.execute(RESUME, {"id": run_id, "lock": RUN_LOCKS + run_id}).fetchone() is None:
        if run.resumable:
            raise NotResumable(f"Somebody is going on with run {run_id}.", "Wait for its end.")
        if run.state == "failed":
            raise NotResumable(f"Run {run_id} failed by itself, or its file is no longer here.",
                               "Correct the file where it is wrong, and send it again.")
        raise NotResumable(f"Run {run_id} was not stopped: {run.state}.", "Nothing is left to go on with.")
    connection.execute(TELL, (CHANNEL, str(run_id)))
    return get(connection, run_id)


def upload(connection: psycopg.Connection, run_id: int) -> tuple[str | None, bool]:
    """Return the folder of a run's upload, None where nothing is kept, and whether a process holds the run."""
    return connection.execute(UPLOAD, {"id": run_id, "lock": RUN_LOCKS + run_id}).fetchone()


def catalogue(connection: psycopg.Connection) -> dict[str, Any]:
    """Return what the import worker can take; empty lists where none has ever run here."""
    row = connection.execute(CATALOGUE).fetchone()
    return row[0] if row else {"concepts": [], "endings": [], "beside": {}}


def is_personal(connection: psycopg.Connection, concept: str) -> bool:
    """Tell whether rows of a concept hold personal values; so does every one that the worker has not told of."""
    known = {one["name"]: one for one in catalogue(connection)["concepts"]}
    return known.get(concept, {}).get("personal", True)


def write_catalogue(connection: psycopg.Connection, content: dict[str, Any]) -> None:
    """Write down what the import worker can take."""
    connection.execute(WRITE_CATALOGUE, (Jsonb(content),))


def worker_lives(connection: psycopg.Connection) -> bool:
    """Tell whether an import worker is connected to this database."""
    return connection.execute(WORKER_LIVES, (WORKER_LOCK,)).fetchone()[0]


def as_json(run: Run) -> dict[str, Any]:
    """Return a run as JSON: instants as ISO text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(run).items()}
