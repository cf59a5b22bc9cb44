"""From staging into the table: only what is new or has changed is written."""

from dataclasses import dataclass

import psycopg

from importers.concepts.declare import Concept
from importers.faults import Fault, shown
from importers.staging import quoted
from spatial.types import UNPLACED_AREA, Box

# Rows: staged rows that stand in the table already. same: content, place and parents as before.
_KNOWN = """
CREATE TEMPORARY TABLE known ON COMMIT DROP AS
SELECT s.row_number, {id} AS id, ({same}) AS same
FROM staged AS s JOIN placed AS p USING (row_number) JOIN {table} AS t ON {identity}
"""
# A hash tells of the fields of the file that wrote the row last. Where it differs, the columns that
# this file brings are compared, so that two files of one source do not rewrite each other for ever.
# A step of its own, because it carries whole rows, and few of them.
_SAME_ALL_THE_SAME = """
UPDATE known AS k SET same = true
FROM staged AS s JOIN placed AS p USING (row_number), {table} AS t
WHERE NOT k.same AND s.row_number = k.row_number AND t.id = k.id AND {same}
"""
_KNOWN_STATISTICS = "ANALYZE known"

_COUNT = """
SELECT (SELECT count(*) FROM placed),
       (SELECT count(*) FROM known WHERE same),
       (SELECT count(*) FROM known WHERE NOT same),
       (SELECT count(*) FROM placed WHERE area_code = %(unplaced)s)
"""

_CHANGED = """
SELECT s.row_number, s.source_key FROM known JOIN staged AS s USING (row_number) WHERE NOT same ORDER BY 1
"""

# Neighbours on the map become neighbours on disk: PostGIS sorts geometries along a Hilbert curve.
_INSERT = """
INSERT INTO {table} ({columns})
SELECT {values} FROM staged AS s JOIN placed AS p USING (row_number)
WHERE {new} ORDER BY {order}
"""
_NOT_KNOWN = "NOT EXISTS (SELECT FROM known AS k WHERE k.row_number = s.row_number)"

_UPDATE = """
UPDATE {table} AS t SET {assignments}
FROM staged AS s JOIN placed AS p USING (row_number) JOIN known AS k USING (row_number)
WHERE t.id = k.id AND NOT k.same
"""

# One row: the box of everything that is written, where it was and where it will be.
_BOX_OF_GEOMETRIES = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (
    SELECT ST_Extent(geom) AS box FROM (
        SELECT s.geom FROM staged AS s LEFT JOIN known AS k USING (row_number) WHERE k.same IS NOT TRUE
        UNION ALL
        SELECT t.{geometry} FROM {table} AS t JOIN known AS k USING (id) WHERE NOT k.same
    ) AS touched
) AS whole
"""
_BOX_OF_BUILDINGS = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (
    SELECT ST_Extent(footprint) AS box FROM building WHERE id IN (
        SELECT p.building_id FROM placed AS p JOIN staged USING (row_number) LEFT JOIN known AS k USING (row_number)
        WHERE k.same IS NOT TRUE
        UNION ALL
        SELECT t.building_id FROM {table} AS t JOIN known AS k USING (id) WHERE NOT k.same)
) AS whole
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
        box: what is written lies in it, EPSG:4490; None where nothing is drawn or written.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    unplaced: int = 0
    box: Box | None = None


def compare(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str) -> None:
    """Find which staged rows the table has already: temporary table ``known``.

    Args:
        connection: inside the transaction of the run.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
    """
    if concept.keyed:
        parts = ["t.content_hash = s.content_hash", "t.area_code = p.area_code", "t.grid_code = p.grid_code",
                 *(f"t.{quoted(name)} IS NOT DISTINCT FROM p.{quoted(name)}" for name in concept.links)]
        statement = _KNOWN.format(id="t.id", same=" AND ".join(parts), table=concept.table,
                                  identity="t.source = %(source)s AND t.source_key = s.source_key")
    else:
        identity = " AND ".join(
            f"t.{quoted(name)} = {'p' if name in concept.links else 's'}.{quoted(name)}" for name in concept.identity)
        statement = _KNOWN.format(id="NULL::int8", same="true", table=concept.table, identity=identity)
    connection.execute(statement, {"source": source})
    connection.execute(_KNOWN_STATISTICS)
    if concept.keyed and not concept.personal:  # sealed values are different bytes each time
        brought = [f"t.{quoted(name)} IS NOT DISTINCT FROM {value}"
                   for name, value in _values(concept, columns).items() if name not in _PROVENANCE]
        connection.execute(_SAME_ALL_THE_SAME.format(table=concept.table, same=" AND ".join(brought)),
                           {"source": source})


def conflicts(connection: psycopg.Connection, concept: Concept) -> list[Fault]:
    """Return a fault for every row whose content differs from the table's."""
    return [Fault(row, concept.key or "", "conflict",
                  f"key {shown(key, concept.personal)} is on record with other content")
            for row, key in connection.execute(_CHANGED)]


def write(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str, *,
          update: bool) -> Counts:
    """Insert what is new and update what has changed.

    Args:
        connection: inside the transaction of the run; the caller commits.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
        update: False leaves changed rows alone.

    Returns:
        The counts and the box of what was written.
    """
    parameters = {"source": source, "unplaced": UNPLACED_AREA}
    staged, same, changed, unplaced = connection.execute(_COUNT, parameters).fetchone()
    new = staged - same - changed
    box = _box(connection, concept, columns) if new or (changed and update) else None
    values = _values(concept, columns)
    if new:
        bulk = new >= BULK_FROM and connection.execute(_INDEXES_OFF, [concept.table]).fetchone()[0]
        order = "s.geom, s.row_number" if "geom" in columns else "s.row_number"
        connection.execute(_INSERT.format(
            table=concept.table, columns=", ".join(map(quoted, values)), values=", ".join(values.values()),
            new=_NOT_KNOWN if same or changed else "true", order=order), parameters)
        if bulk:
            connection.execute(_INDEXES_ON, [concept.table])
    if changed and update:
        assignments = ", ".join(f"{quoted(column)} = {value}" for column, value in values.items()
                                if column not in ("source", "source_key"))
        connection.execute(_UPDATE.format(table=concept.table, assignments=assignments), parameters)
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


def _box(connection: psycopg.Connection, concept: Concept, columns: dict[str, str]) -> Box | None:
    if concept.layer is None:
        return None
    if "geom" in columns:
        statement = _BOX_OF_GEOMETRIES.format(geometry=concept.geometry_column, table=concept.table)
    else:
        statement = _BOX_OF_BUILDINGS.format(table=concept.table)
    bounds = connection.execute(statement).fetchone()
    return None if bounds[0] is None else Box(*bounds)
