"""Search entries (检索条目): written with the rows that they are for, and only for what has changed."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import psycopg

from spatial.rules import search as rules
from spatial.rules.pinyin import pinyin

BATCH = 50_000
"""Entries that are written at once."""

CACHE = 20_000
"""Names remembered with what they are cut to: those of one street come again in the next batch."""


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

# Rows: objects whose entry is missing or says something else, in the order of the table. label is NULL where
# there shall be none.
_STALE = """
CREATE TEMPORARY TABLE stale ON COMMIT DROP AS
SELECT row_number() OVER () AS number, e.object_id IS NOT NULL AS known, o.id, o.label, o.also, o.area_code, o.grid_code
FROM (SELECT id, CASE WHEN {where} THEN {label} END AS label, nullif({also}, '') AS also, area_code, grid_code
      FROM {table} WHERE {only}) AS o
LEFT JOIN search_entry AS e ON e.kind = '{table}' AND e.object_id = o.id
WHERE o.label IS DISTINCT FROM e.label OR o.label IS NOT NULL AND o.also IS DISTINCT FROM e.also
"""
# What is cut for search: each name once, however many objects have it.
_CUT = """
CREATE TEMPORARY TABLE cut (label text, also text, sought text, pinyin text, grams text) ON COMMIT DROP
"""
_DROP = "DROP TABLE stale, cut"
# The planner may know nothing yet about entries that this transaction writes, and would look through all of
# them again for each row.
_JOIN_AT_ONCE = "SET LOCAL enable_nestloop = off"
_JOIN_AS_USUAL = "SET LOCAL enable_nestloop = on"
_STATISTICS = "ANALYZE stale"

# Row: how many there are, and how many of them shall have an entry.
_COUNT = "SELECT count(*), count(label) FROM stale"
_INDEXES_OFF = "SELECT shapan_indexes_off('search_entry', %s)"
_INDEXES_ON = "SELECT shapan_indexes_on('search_entry')"

_FORGET = "DELETE FROM search_entry USING stale WHERE kind = %s AND object_id = stale.id AND stale.known"

_NAMES = """
SELECT DISTINCT label, also FROM stale WHERE number > %(after)s AND number <= %(last)s AND label IS NOT NULL
"""
_NO_CUT = "TRUNCATE cut"
_COPY_CUT = "COPY cut FROM STDIN"

# Grams travel as one text for each name: a text is sent and read faster than an array.
_WRITE = """
INSERT INTO search_entry (kind, object_id, label, also, sought, pinyin, grams, area_code, grid_code)
SELECT %(kind)s, id, label, stale.also, sought, pinyin, string_to_array(grams, ' '), area_code, grid_code
FROM stale JOIN cut USING (label)
WHERE number > %(after)s AND number <= %(last)s AND coalesce(stale.also, '') = coalesce(cut.also, '')
ORDER BY number
"""

_SETTLE = "SELECT shapan_search_settle()"
SETTLE_FROM = 1000
"""Entries written from which their postings are sorted in at once, not by autovacuum."""

BULK_FROM = 50_000
"""Entries written from which the indexes are built afterwards, if no more than these stand there already."""


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
    with connection.cursor() as cursor:
        cursor.execute(_JOIN_AT_ONCE)
        cursor.execute(_STALE.format(table=table, only=only, **words._asdict()), {"source": source})
        cursor.execute(_JOIN_AS_USUAL)
        cursor.execute(_CUT)
        stale, new = cursor.execute(_COUNT).fetchone()
        if stale:
            cursor.execute(_STATISTICS)
            bulk = new >= BULK_FROM and cursor.execute(_INDEXES_OFF, (new,)).fetchone()[0]
            cursor.execute(_FORGET, (table,))
            for after in range(0, stale, BATCH):
                _write(cursor, table, after)
                progress(min(after + BATCH, stale))
            if bulk:
                cursor.execute(_INDEXES_ON)
            elif stale >= SETTLE_FROM:
                cursor.execute(_SETTLE)
        cursor.execute(_DROP)
    return stale


def _write(cursor: psycopg.Cursor, table: str, after: int) -> None:
    """Write the entries of the stale rows behind number ``after``, one batch of them."""
    part = {"kind": table, "after": after, "last": after + BATCH}
    names = cursor.execute(_NAMES, part).fetchall()
    cursor.execute(_NO_CUT)
    with cursor.copy(_COPY_CUT) as copy:
        for label, also in names:
            copy.write_row((label, also, *_cut(label, also)))
    cursor.execute(_WRITE, part)


@lru_cache(maxsize=CACHE)
def _cut(label: str, also: str | None) -> tuple[str, str, str]:
    """Return a name as it is sought, in pinyin, and its grams."""
    words = rules.words(label)
    sought = "".join(words)
    full, initials = pinyin(sought)
    grams = rules.grams(words + rules.words(also) if also else words) | rules.initial_grams(initials)
    return sought, full, " ".join(grams)
