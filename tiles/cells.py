"""The statement of a layer's cells in a tile: sums over squares, where single objects would be too many.

A cell of level c is a square of WebMercatorQuad at zoom c. A tile at zoom z holds cells of level z + 5, 32 by 32, so
that a cell lies wholly in one tile and has no part in a neighbour's. Not every level is kept in the table: the others
are summed from the next finer one that is.
"""

from functools import lru_cache
from typing import Any

from psycopg.types.numeric import Int2, Int4

from spatial.queries.cells import LEVELS
from tiles.declaration import Layer
from tiles.matrix import EXTENT, Address

FINER = 5
"""How many levels finer than its tile a cell is; at most the finest stored."""

# One row: the tile's bytes, empty when nothing is in it; how many cells it holds; the same once more, because none is
# left out; the communities of those cells (12 digits, the beginning of their grids' codes), sorted, null for none.
# ST_AsMVT takes units of the tile, x to the east and y to the south, where an outer ring has its area on the right of
# its way: the reverse of ST_MakeEnvelope's. The id is the cell's number in its level, 34 bits at most.
# The columns are listed so that the key is looked up column by column, or each would be read from pole to pole.
# {…} come from the declaration of the layer, never from a request. Parameters: see `parameters`.
CELLS = """
WITH cell AS MATERIALIZED (
    SELECT x >> %(shift)s AS across, y >> %(shift)s AS down, {table}.*
    FROM {table}
    WHERE z = %(stored)s AND x = ANY (ARRAY(SELECT generate_series(%(first_x)s, %(last_x)s)))
      AND y BETWEEN %(first_y)s AND %(last_y)s
)
SELECT coalesce(ST_AsMVT(tile, '{name}', {extent}, 'geom', 'id'), ''::bytea), count(*), count(*),
       (SELECT array_agg(DISTINCT area_code) FROM cell)
FROM (
    SELECT (across::bigint << %(level)s) + down AS id, {fields},
           ST_Reverse(ST_MakeEnvelope((across - %(west)s) * %(side)s, (down - %(top)s) * %(side)s,
                                      (across - %(west)s + 1) * %(side)s, (down - %(top)s + 1) * %(side)s)) AS geom
    FROM cell GROUP BY across, down ORDER BY across, down
) AS tile
"""


def parameters(address: Address) -> dict[str, Any]:
    """Return what the statement of a tile's cells is bound to: its level, the stored one, columns and rows of both."""
    level = min(address.z + FINER, max(LEVELS))
    stored = min(candidate for candidate in LEVELS if candidate >= level)
    across = 2 ** (level - address.z)
    read = 2 ** (stored - address.z)
    return {
        "level": Int4(level), "stored": Int2(stored), "shift": Int4(stored - level), "side": Int4(EXTENT // across),
        "west": Int4(address.x * across), "top": Int4(address.y * across),
        "first_x": Int4(address.x * read), "last_x": Int4((address.x + 1) * read - 1),
        "first_y": Int4(address.y * read), "last_y": Int4((address.y + 1) * read - 1),
    }


@lru_cache(maxsize=64)
def statement(layer: Layer, field_class: str) -> str:
    """Return the SQL of a layer's cells, for a role's field class; the same at every zoom."""
    return CELLS.format(
        name=layer.cells.name, table=layer.cells.table, extent=EXTENT,
        fields=", ".join(f'{field.sql_for(field_class)} AS "{field.name}"' for field in layer.cells.fields),
    )
