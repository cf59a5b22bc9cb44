"""What is on record of each layer (图层目录): how much, when it was imported last, when its newest data came.

No table is read whole: what a layer holds is counted up to a bound, and beyond it the planner's estimate is told as
what it is. Rows outside the jurisdiction are not counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import class_row

COUNTED_TO = 100_000
"""Rows that are counted one by one."""

# One row: rows of a table within the jurisdiction, counted up to a bound. {table}, {where}: of the layer.
_COUNT = "SELECT count(*) FROM (SELECT FROM {table} WHERE {where} LIMIT %s) AS counted"

# One row: rows of the whole table as the planner believes, and whether the jurisdiction is all of it.
_ESTIMATE = """
SELECT (SELECT greatest(reltuples, 0)::int8 FROM pg_class WHERE oid = to_regclass(%s)),
       (SELECT shapan_scope()) @> code_range(NULL, NULL)
"""

# Rows: of each concept the last import that is done, and the last that changed something. Trials changed nothing.
_RUNS = """
SELECT DISTINCT ON (concept) concept, finished_at AS imported_at, inserted, updated, unchanged, rejected,
       max(finished_at) FILTER (WHERE inserted + updated > 0) OVER (PARTITION BY concept) AS changed_at
FROM import_run
WHERE state = 'done' AND finished_at IS NOT NULL AND detail->'dry_run' IS DISTINCT FROM 'true'
ORDER BY concept, finished_at DESC, id DESC
"""

LIVE: Mapping[str, str] = {
    "events": "SELECT received_at FROM event WHERE received_at > now() - interval '90 days' "
              "ORDER BY received_at DESC LIMIT 1",
    "devices": "SELECT max(last_seen) FROM device_state",
}
"""Layers that get data by messages as well: SQL of the instant of the newest within the jurisdiction."""


@dataclass(frozen=True)
class Import:
    """The last import of a concept that is done, with its counts; ``changed_at``: the last that changed something."""

    concept: str
    imported_at: datetime
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    changed_at: datetime | None


@dataclass(frozen=True)
class Count:
    """How many objects a layer holds; ``exact`` is False for an estimate, and for ``at_least`` so many."""

    count: int
    exact: bool
    at_least: bool


def imports(connection: psycopg.Connection) -> dict[str, Import]:
    """Return the last import of each concept, by its name."""
    with connection.cursor(row_factory=class_row(Import)) as cursor:
        return {one.concept: one for one in cursor.execute(_RUNS)}


def count(connection: psycopg.Connection, table: str, where: str) -> Count:
    """Count a layer's rows within the jurisdiction, exactly up to ``COUNTED_TO``.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        table, where: of the layer's declaration; never from a request.
    """
    statement = sql.SQL(_COUNT).format(table=sql.Identifier(table), where=sql.SQL(where or "true"))
    found, = connection.execute(statement, (COUNTED_TO + 1,)).fetchone()
    if found <= COUNTED_TO:
        return Count(found, True, False)
    estimate, whole = connection.execute(_ESTIMATE, (table,)).fetchone()
    # Of a part of the table nobody has an estimate; and statistics may be older than the rows.
    return Count(estimate, False, False) if whole and estimate > COUNTED_TO else Count(COUNTED_TO, False, True)


def newest(connection: psycopg.Connection, name: str) -> datetime | None:
    """Return when the newest message about a layer's objects came; None where none did, or none ever does."""
    if name not in LIVE:
        return None
    row = connection.execute(LIVE[name]).fetchone()
    return row[0] if row else None
