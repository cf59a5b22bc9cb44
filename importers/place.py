"""Placing (落位) of what is imported: every staged row gets its parents, its community and its grid.

Where a row lies is decided as ``spatial/queries/placing.py`` says.
"""

import psycopg

from importers.concepts.declare import Concept, Parent, Placing
from importers.staging import quoted
from spatial.queries.placing import SPOT, anything_known, know_places
from spatial.types import UNPLACED_AREA, UNPLACED_GRID

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
        if anything_known(connection):
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
