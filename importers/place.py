"""Placing (落位): every staged row gets its parents, its community and its grid.

A row inside a building takes the building's place. Another is where the point on its surface
is: the grid there, on a shared edge the one with the lowest code; without a grid the lowest area,
with ``000`` for the grid; outside every known area all zeros (未落位).
"""

import psycopg

from importers.concepts.declare import Concept, Parent, Placing
from importers.staging import quoted
from spatial.types import UNPLACED_AREA, UNPLACED_GRID

# Known places: the grids in force; communities, streets, counties; the box of all of them. Copies without row
# security, so that the planner may use their indexes for every spatial function, and two, because nearly every row
# lies in a grid and needs no look at three areas more.
_KNOWN_PLACES = (
    """
    CREATE TEMPORARY TABLE known_grid ON COMMIT DROP AS
    SELECT code AS grid_code, area_code, geom
    FROM grid WHERE valid_from <= now() AND (valid_to IS NULL OR valid_to > now())
    """,
    "CREATE INDEX ON known_grid USING gist (geom)",
    "ANALYZE known_grid",
    """
    CREATE TEMPORARY TABLE known_area ON COMMIT DROP AS
    SELECT code || '000' AS grid_code, code AS area_code, geom,
           CASE level WHEN 'community' THEN 1 WHEN 'street' THEN 2 ELSE 3 END AS depth
    FROM area
    """,
    "CREATE INDEX ON known_area USING gist (geom)",
    "ANALYZE known_area",
    """
    CREATE TEMPORARY TABLE known_box ON COMMIT DROP AS
    SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) AS box
    FROM (SELECT geom FROM known_grid UNION ALL SELECT geom FROM known_area) AS known
    """,
)
_FORGET_PLACES = "DROP TABLE known_grid, known_area, known_box"

_ANYTHING_KNOWN = "SELECT box IS NOT NULL FROM known_box"

# The point that decides where a row `s` with a `geom` is, and its place as `spot`; NULL outside the box
# of everything known, where nothing needs to be computed. OFFSET keeps the planner from computing it
# once for each candidate.
SPOT = """
LEFT JOIN LATERAL (
    SELECT CASE WHEN s.geom && (SELECT box FROM known_box) THEN ST_PointOnSurface(s.geom) END AS point
    OFFSET 0
) AS surface ON true
LEFT JOIN LATERAL (
    SELECT k.grid_code, k.area_code FROM known_grid AS k
    WHERE k.geom && surface.point AND ST_Intersects(k.geom, surface.point)
    ORDER BY k.grid_code LIMIT 1
) AS in_grid ON true
LEFT JOIN LATERAL (
    SELECT k.grid_code, k.area_code FROM known_area AS k
    WHERE in_grid.grid_code IS NULL AND k.geom && surface.point AND ST_Intersects(k.geom, surface.point)
    ORDER BY k.depth, k.grid_code LIMIT 1
) AS in_area ON true
CROSS JOIN LATERAL (
    SELECT coalesce(in_grid.grid_code, in_area.grid_code) AS grid_code,
           coalesce(in_grid.area_code, in_area.area_code) AS area_code
) AS spot
"""

# Rows: one for each staged row. Columns: row_number, where the staged row lies, its key and hash, those of
# parents, area_code, grid_code, and orphan_of: position of the first parent that is named and not on record.
_PLACED = """
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
SELECT s.row_number, s.staged_at, s.source_key, s.content_hash, {columns}
       {area_code} AS area_code, {grid_code} AS grid_code, {orphan_of} AS orphan_of
FROM staged AS s
{joins}
"""
_STATISTICS = "ANALYZE placed"


def place(connection: psycopg.Connection, concept: Concept, columns: dict[str, str]) -> None:
    """Create the temporary table ``placed`` for the rows in ``staged``.

    Args:
        connection: inside the transaction of the run, jurisdiction everything.
        concept: what is imported.
        columns: columns of ``staged``.
    """
    parents = [(f"p{number}", parent) for number, parent in enumerate(concept.parents)
               if all(field in columns for field in parent.fields)]
    joins = [f"LEFT JOIN ({parent.query}) AS {alias} ON {_on(parent, alias)}" for alias, parent in parents]
    sources = [alias for alias, parent in parents if parent.places]
    areas, grids = [f"{alias}.area_code" for alias in sources], [f"{alias}.grid_code" for alias in sources]
    if concept.placing is Placing.GEOMETRY and "geom" in columns:
        know_places(connection)
        if connection.execute(_ANYTHING_KNOWN).fetchone()[0]:
            joins.append(SPOT)
            areas.append("spot.area_code")
            grids.append("spot.grid_code")
    if concept.placing is Placing.OWN_CODE:
        areas.append(f"left({concept.grid_of}, 12)")
        grids.append(concept.grid_of)
    statement = _PLACED.format(
        columns="".join(f"{expression} AS {quoted(name)}, " for name, expression in _links(concept, parents)),
        area_code=f"coalesce({', '.join([*areas, repr(UNPLACED_AREA)])})",
        grid_code=f"coalesce({', '.join([*grids, repr(UNPLACED_GRID)])})",
        orphan_of=_orphan_of(concept, parents),
        joins="\n".join(joins),
    )
    connection.execute(statement)
    connection.execute(_STATISTICS)


def know_places(connection: psycopg.Connection) -> None:
    """Create the temporary tables that ``SPOT`` looks in.

    Args:
        connection: inside a transaction, jurisdiction everything.
    """
    for statement in _KNOWN_PLACES:
        connection.execute(statement)


def forget_places(connection: psycopg.Connection) -> None:
    """Drop the tables of ``know_places`` before the transaction ends."""
    connection.execute(_FORGET_PLACES)


def _on(parent: Parent, alias: str) -> str:
    return parent.on.replace("p.", f"{alias}.")


def _links(concept: Concept, parents: list[tuple[str, Parent]]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for alias, parent in parents:
        if parent.column:
            found[parent.column] = f"{alias}.id"
        for column in parent.brings:
            found.setdefault(column, f"{alias}.{column}")
    # Links that a later step fills in, such as the household of a resident.
    for column in concept.links:
        found.setdefault(column, "NULL::int8")
    return list(found.items())


def _orphan_of(concept: Concept, parents: list[tuple[str, Parent]]) -> str:
    cases = []
    for alias, parent in parents:
        missing = f"{alias}.id IS NULL AND s.{quoted(parent.fields[-1])} IS NOT NULL"
        if parent.within_file:
            missing += f" AND NOT EXISTS (SELECT FROM staged AS other WHERE {parent.within_file})"
        cases.append(f"WHEN {missing} THEN {concept.parents.index(parent)}")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::int4"
