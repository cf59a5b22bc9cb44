"""From staging into the table: only what is new or has changed is written."""

from dataclasses import dataclass

import psycopg

from importers.concepts.declare import Concept
from importers.faults import Fault, shown
from importers.key_doubts import KeyDoubts
from importers.rows import WAS_DOUBLE
from importers.staging import quoted
from spatial.types import UNPLACED_AREA, Box

# Row: whether the table can have any of the rows already.
_STANDS = "SELECT EXISTS (SELECT FROM {table} WHERE {stands})"

# Rows: staged rows that the table does not have as they are; few in most files that come again, so that the
# rest looks at few rows. id: of the row that is to be changed; NULL for a new one. staged_at, placed_at:
# where the two halves of a row lie, by which they are found without a look at all the others.
_DIFFERING = """
CREATE TEMPORARY TABLE differing ON COMMIT DROP AS
SELECT p.row_number, p.staged_at, p.ctid AS placed_at, {id} AS id
FROM placed AS p {staged} LEFT JOIN {table} AS t ON {identity}
WHERE {missing} OR NOT ({same})
"""
_DROP_DIFFERING = "DROP TABLE IF EXISTS differing"
# A hash tells of the fields of the file that wrote the row last. Where it differs, the columns that
# this file brings are compared, so that two files of one source do not rewrite each other for ever.
# A step of its own, because it carries whole rows, and few of them.
_SAME_ALL_THE_SAME = """
DELETE FROM differing AS d
USING staged AS s, placed AS p, {table} AS t
WHERE s.staged_at = d.staged_at AND p.ctid = d.placed_at AND t.id = d.id AND {same}
"""
_STATISTICS = "ANALYZE differing"

_COUNT_NEW = "SELECT count(*), 0, 0, count(*) FILTER (WHERE area_code = %(unplaced)s) FROM placed"
_COUNT = """
SELECT count(*) FILTER (WHERE id IS NULL), count(id), (SELECT count(*) FROM placed) - count(*),
       (SELECT count(*) FROM placed WHERE area_code = %(unplaced)s)
FROM differing
"""

_CHANGED = """
SELECT row_number, s.source_key FROM differing JOIN staged AS s USING (row_number, staged_at)
WHERE id IS NOT NULL ORDER BY 1
"""

# Rows of a reject file that were doubles, and would write over what stands under their key.
_DOUBLES_AGAIN = """
SELECT s.row_number, s.source_key
FROM staged AS s JOIN {table} AS t ON t.source = %(source)s AND t.source_key = s.source_key
WHERE s.was_double = 1 AND t.content_hash <> s.content_hash AND NOT ({same})
      AND NOT EXISTS (SELECT FROM refused WHERE refused.row_number = s.row_number)
ORDER BY 1
"""

# Neighbours on the map become neighbours on disk: PostGIS sorts geometries along a Hilbert curve.
_INSERT = """
INSERT INTO {table} ({columns})
SELECT {values} FROM {new} ORDER BY {order}
"""
_EVERYTHING = "staged AS s JOIN placed AS p USING (row_number)"
_OF_DIFFERING = """
differing AS d JOIN staged AS s ON s.staged_at = d.staged_at JOIN placed AS p ON p.ctid = d.placed_at
"""

_UPDATE = """
UPDATE {table} AS t SET {assignments}
FROM {differing} WHERE t.id = d.id
"""

# One row: the box of all boundaries that are written, where they were and where they will be.
_BOX = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent(geom) AS box FROM ({geometries}) AS touched) AS whole
"""
_NEW_GEOMETRIES = "SELECT geom FROM staged"
_DIFFERING_GEOMETRIES = """
SELECT s.geom FROM differing AS d JOIN staged AS s ON s.staged_at = d.staged_at
UNION ALL
SELECT t.{geometry} FROM differing AS d JOIN {table} AS t USING (id)
"""


_PROVENANCE = ("source", "source_key", "content_hash")

BULK_FROM = 50_000
"""New rows from which the indexes of an empty table are built after the load, not row by row."""

_INDEXES_OFF = "SELECT shapan_indexes_off(%s::regclass)"
_INDEXES_ON = "SELECT shapan_indexes_on(%s::regclass)"


@dataclass(frozen=True)
class Counts:
    """What becomes of the rows that were not rejected.

    Attributes:
        inserted, updated, unchanged: as they say.
        skipped: changed in the file and left alone, by ``--on-conflict skip``.
        unplaced: of all of them, outside every known area.
        box: written boundaries lie in it, EPSG:4490; None where none were.
        doubts: rows whose key is perhaps not what was meant.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    unplaced: int = 0
    box: Box | None = None
    doubts: KeyDoubts = KeyDoubts()


def compare(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str) -> bool:
    """Find which staged rows the table has not, or has otherwise: temporary table ``differing``.

    Args:
        connection: inside the transaction of the run.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.

    Returns:
        Whether any row can stand in the table already; if not, all are new and there is no ``differing``.
    """
    parameters = {"source": source}
    stands = "source = %(source)s" if concept.keyed else "true"
    if not connection.execute(_STANDS.format(table=concept.table, stands=stands), parameters).fetchone()[0]:
        return False
    connection.execute(_DROP_DIFFERING)
    if concept.keyed:
        same = ["t.content_hash = p.content_hash", "t.area_code = p.area_code", "t.grid_code = p.grid_code",
                *(f"t.{quoted(name)} IS NOT DISTINCT FROM p.{quoted(name)}" for name in concept.links)]
        statement = _DIFFERING.format(id="t.id", staged="", table=concept.table, missing="t.id IS NULL",
                                      same=" AND ".join(same),
                                      identity="t.source = %(source)s AND t.source_key = p.source_key")
    else:
        identity = " AND ".join(
            f"t.{quoted(name)} = {'p' if name in concept.links else 's'}.{quoted(name)}" for name in concept.identity)
        statement = _DIFFERING.format(id="NULL::int8", staged="JOIN staged AS s USING (row_number)",
                                      table=concept.table, missing=f"t.{quoted(concept.identity[0])} IS NULL",
                                      same="true", identity=identity)
    connection.execute(statement, parameters)
    connection.execute(_STATISTICS)
    if concept.keyed and not concept.personal:  # sealed values are different bytes each time
        brought = [f"t.{quoted(name)} IS NOT DISTINCT FROM {value}"
                   for name, value in _values(concept, columns).items() if name not in _PROVENANCE]
        connection.execute(_SAME_ALL_THE_SAME.format(table=concept.table, same=" AND ".join(brought)), parameters)
    return True


def conflicts(connection: psycopg.Connection, concept: Concept) -> list[Fault]:
    """Return a fault for every row whose content differs from the table's."""
    return [Fault(row, concept.key or "", "conflict",
                  f"key {shown(key, concept.personal)} is on record with other content")
            for row, key in connection.execute(_CHANGED)]


def doubles_again(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str,
                  ) -> list[Fault]:
    """Find rows of a reject file that were rejected as doubles and still have the key of a row with other content.

    The row that they contradicted has been imported since: to a run of its own the reject file looks like news of it.

    Args:
        connection: inside the transaction of the run, after the other rejects have been found.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
    """
    if WAS_DOUBLE not in columns or not concept.keyed:
        return []
    # Sealed values cannot be compared; what stands there under another hash is taken for something else.
    same = "false" if concept.personal else " AND ".join(
        f"t.{quoted(name)} IS NOT DISTINCT FROM {value}" for name, value in _values(concept, columns).items()
        if name not in (*_PROVENANCE, *concept.links, "area_code", "grid_code"))
    statement = _DOUBLES_AGAIN.format(table=concept.table, same=same)
    return [Fault(row, concept.key or "", "double-key",
                  f"key {shown(key, concept.personal)} is on record with other content, and this row was rejected as a "
                  "double; correct its key, or empty its reject_reason to write it over what is on record")
            for row, key in connection.execute(statement, {"source": source})]


def write(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str, *,
          compared: bool, update: bool) -> Counts:
    """Insert what is new and update what has changed.

    Args:
        connection: inside the transaction of the run; the caller commits.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
        compared: what ``compare`` returned.
        update: False leaves changed rows alone.

    Returns:
        The counts, and of boundaries the box of what was written.
    """
    parameters = {"source": source, "unplaced": UNPLACED_AREA}
    new, changed, same, unplaced = connection.execute(_COUNT if compared else _COUNT_NEW, parameters).fetchone()
    box = _box(connection, concept, compared) if concept.boundary and (new or (changed and update)) else None
    values = _values(concept, columns)
    if new:
        bulk = new >= BULK_FROM and connection.execute(_INDEXES_OFF, [concept.table]).fetchone()[0]
        order = "s.geom, s.row_number" if "geom" in columns else "s.row_number"
        connection.execute(_INSERT.format(
            table=concept.table, columns=", ".join(map(quoted, values)), values=", ".join(values.values()),
            new=f"{_OF_DIFFERING} WHERE d.id IS NULL" if compared else _EVERYTHING, order=order), parameters)
        if bulk:
            connection.execute(_INDEXES_ON, [concept.table])
    if changed and update:
        assignments = ", ".join(f"{quoted(column)} = {value}" for column, value in values.items()
                                if column not in ("source", "source_key"))
        connection.execute(_UPDATE.format(table=concept.table, assignments=assignments, differing=_OF_DIFFERING),
                           parameters)
    return Counts(inserted=new, updated=changed if update else 0, unchanged=same,
                  skipped=0 if update else changed, unplaced=unplaced, box=box)


def _values(concept: Concept, columns: dict[str, str]) -> dict[str, str]:
    """Return column of the table → SQL of its value, for every column that is written."""
    values = {one.target: f"s.{quoted(one.target if one.personal else one.name)}"
              for one in concept.fields
              if one.stored and (one.target if one.personal else one.name) in columns}
    values |= {one.index: f"s.{quoted(one.index)}" for one in concept.fields if one.index in columns}
    if concept.own_code:
        given = "s.code, " if "code" in columns else ""
        values["code"] = f"coalesce({given}{concept.own_code})"
    values |= {name: f"p.{quoted(name)}" for name in (*concept.links, "area_code", "grid_code")}
    if "geom" in columns:
        values[concept.geometry_column] = "s.geom"
    if concept.keyed:
        values |= {"source": "%(source)s::text", "source_key": "s.source_key", "content_hash": "s.content_hash"}
    return values


def _box(connection: psycopg.Connection, concept: Concept, compared: bool) -> Box | None:
    geometries = (_DIFFERING_GEOMETRIES if compared else _NEW_GEOMETRIES).format(
        geometry=concept.geometry_column, table=concept.table)
    bounds = connection.execute(_BOX.format(geometries=geometries)).fetchone()
    return None if bounds[0] is None else Box(*bounds)
