"""Search entries (检索条目): written with the rows that they are for, and only for what has changed."""

from collections.abc import Callable
from typing import NamedTuple

import psycopg

from importers.pinyin import pinyin
from spatial.rules import search as rules

BATCH = 10_000
"""Entries that are written at once."""


class Words(NamedTuple):
    """SQL of what is searched in a table: the label that is shown, further words, which rows."""

    label: str
    also: str = "NULL::text"
    where: str = "true"


SEARCHED: dict[str, Words] = {
    "area": Words("name", "name_en"),
    "grid": Words("name", where="valid_to IS NULL"),
    "building": Words("coalesce(name, address)", "CASE WHEN name IS NOT NULL THEN address END"),
    "organisation": Words("name"),
    "facility": Words("name"),
    "device": Words("name"),
    "place": Words("name", "name_en"),
    "keeper": Words("name"),
}
"""Table → its words. Codes are not among them: they are found through the tables' own indexes."""

# Rows: objects whose entry is missing or says something else. label is NULL where there shall be none.
_STALE = """
DECLARE stale NO SCROLL CURSOR FOR
SELECT e.object_id IS NOT NULL, o.id, o.label, o.also, o.area_code, o.grid_code
FROM (SELECT id, CASE WHEN {where} THEN {label} END AS label, {also} AS also, area_code, grid_code
      FROM {table} WHERE {only}) AS o
LEFT JOIN search_entry AS e ON e.kind = '{table}' AND e.object_id = o.id
WHERE o.label IS DISTINCT FROM e.label OR o.label IS NOT NULL AND o.also IS DISTINCT FROM e.also
"""
# The planner may know nothing yet about entries that this transaction writes, and would look through all of
# them again for each row.
_JOIN_AT_ONCE = "SET LOCAL enable_nestloop = off"
_JOIN_AS_USUAL = "SET LOCAL enable_nestloop = on"
_FETCH = "FETCH {size} FROM stale"
_CLOSE = "CLOSE stale"

_FORGET = "DELETE FROM search_entry WHERE kind = %s AND object_id = ANY (%s)"

# Grams travel as one text for each row: an array of arrays would need rows of one length.
_WRITE = """
INSERT INTO search_entry (kind, object_id, label, also, sought, pinyin, grams, area_code, grid_code)
SELECT %s, id, label, also, sought, pinyin, string_to_array(grams, ' '), area_code, grid_code
FROM unnest(%s::int8[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS new (id, label, also, sought, pinyin, grams, area_code, grid_code)
"""

_SETTLE = "SELECT shapan_search_settle()"
SETTLE_FROM = 1000
"""Entries written from which their postings are sorted in at once, not by autovacuum."""


def refresh(connection: psycopg.Connection, table: str, source: str | None = None,
            progress: Callable[[int], None] = lambda written: None) -> int:
    """Bring the entries of a table in line with its rows, within the caller's transaction.

    Entries of rows that did not change are not touched. Deleted rows have taken theirs along (trigger).

    Args:
        connection: jurisdiction everything.
        table: whose rows; one that is not searched has none.
        source: only rows of this source; None for all.
        progress: is told how many entries were written so far.

    Returns:
        How many entries were written or deleted.
    """
    words = SEARCHED.get(table)
    if words is None:
        return 0
    only = "true" if source is None else "source = %(source)s"
    statement = _STALE.format(table=table, only=only, **words._asdict())
    written = 0
    with connection.cursor() as cursor:
        cursor.execute(_JOIN_AT_ONCE)
        cursor.execute(statement if source is None else psycopg.ClientCursor(connection).mogrify(
            statement, {"source": source}))
        cursor.execute(_JOIN_AS_USUAL)
        while rows := cursor.execute(_FETCH.format(size=BATCH)).fetchall():
            _write(cursor, table, rows)
            written += len(rows)
            progress(written)
        cursor.execute(_CLOSE)
        if written >= SETTLE_FROM:
            cursor.execute(_SETTLE)
    return written


def _write(cursor: psycopg.Cursor, table: str, rows: list[tuple]) -> None:
    stale = [row[1] for row in rows if row[0]]
    if stale:
        cursor.execute(_FORGET, (table, stale))
    entries = [_entry(*row[1:]) for row in rows if row[2] is not None]
    if entries:
        cursor.execute(_WRITE, (table, *(list(column) for column in zip(*entries, strict=True))))


def _entry(object_id: int, label: str, also: str | None, area_code: str, grid_code: str) -> tuple:
    words = rules.words(label)
    sought = "".join(words)
    full, initials = pinyin(sought)
    grams = rules.grams(words + rules.words(also) if also else words) | rules.initial_grams(initials)
    return object_id, label, also, sought, full, " ".join(grams), area_code, grid_code
