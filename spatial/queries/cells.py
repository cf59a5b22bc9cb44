"""Sums by cell (网格单元汇总): how many objects lie in each cell of the tile matrix, for tiles seen from afar.

Kept by a job after each commit and not by triggers: two writers of one cell would wait for each other. Levels are
three zooms apart; a level between two is summed when it is asked for.
"""

from dataclasses import dataclass

import psycopg

from spatial.cells import BASE_ZOOM
from spatial.queries.building_metrics import CELL_SUMS
from spatial.queries.buildings import DRAWN_HEIGHT

LEVELS = (17, 14, 11, 8, 5)
"""Zooms of the cells that are stored, the finest first. A cell of the finest is 260 m wide at 31° north."""


@dataclass(frozen=True)
class CellTable:
    """A table of sums and what is summed in it.

    Attributes:
        layer: name of the layer in tile addresses.
        name: the table of sums.
        source: FROM clause; its first table has ``geom_web`` and the codes.
        table: that first table.
        sums: column → expression over one row of the source, and the column's type.
        maxzoom: the deepest zoom whose tiles show the sums.
    """

    layer: str
    name: str
    source: str
    table: str
    sums: dict[str, tuple[str, str]]
    maxzoom: int


TABLES = (
    CellTable(
        "buildings", "building_cell",
        "building LEFT JOIN building_tally AS tally ON tally.building_id = building.id", "building",
        {"buildings": ("1", "int4"), "residents": ("coalesce(tally.residents, 0)", "int4"),
         "height_sum_m": (DRAWN_HEIGHT, "float8"), "floors_sum": ("coalesce(building.floors_above, 0)", "int4"),
         "floors_known": ("(building.floors_above IS NOT NULL)::int", "int4"), **CELL_SUMS},
        maxzoom=12,
    ),
    CellTable(
        "events", "event_cell", "event", "event",
        {"events": ("1", "int4"), "open": ("(event.state NOT IN ('done', 'closed'))::int", "int4")},
        maxzoom=13,
    ),
)
"""Every table of sums."""

# Rows: column and row of each cell of a level whose sums are others now. Objects belong to the cell in which the centre
# of their box lies. Parameters: columns and rows of the touched cells, and by how many zooms the level is finer (up)
# or, from a finer level, coarser (down). {…}: from the declaration above. OFFSET 0 keeps the planner to one look into
# the index for each cell: it expects a few rows where there are thousands.
_REPLACE = """
WITH touched AS MATERIALIZED (
    {touched}
), fresh AS MATERIALIZED (
    {fresh}
), old AS MATERIALIZED (
    SELECT was.* FROM touched, LATERAL (
        SELECT x, y, area_code, grid_code, {columns} FROM {name}
        WHERE z = %(level)s
          AND x BETWEEN touched.x << %(up)s AND ((touched.x + 1) << %(up)s) - 1
          AND y BETWEEN touched.y << %(up)s AND ((touched.y + 1) << %(up)s) - 1
        OFFSET 0
    ) AS was
), gone AS (
    DELETE FROM {name} AS sums
    USING (SELECT x, y, grid_code FROM old EXCEPT SELECT x, y, grid_code FROM fresh) AS left_over
    WHERE sums.z = %(level)s AND (sums.x, sums.y, sums.grid_code) = (left_over.x, left_over.y, left_over.grid_code)
    RETURNING sums.x, sums.y
), put AS (
    INSERT INTO {name} (z, x, y, area_code, grid_code, {columns})
    SELECT %(level)s, changed.* FROM (SELECT * FROM fresh EXCEPT SELECT * FROM old) AS changed
    ON CONFLICT (z, x, y, grid_code) DO UPDATE SET {assignments}
    RETURNING x, y
)
SELECT x, y FROM gone UNION SELECT x, y FROM put
"""

_CELLS = "SELECT * FROM unnest(%(x)s::int[], %(y)s::int[]) AS cell (x, y)"
_PARENTS = """
    SELECT DISTINCT x >> %(down)s AS x, y >> %(down)s AS y FROM unnest(%(x)s::int[], %(y)s::int[]) AS cell (x, y)
"""

# Half the width of Web Mercator's world in its metres, and the cells of the finest level in the whole width.
_FROM_OBJECTS = """
    SELECT spot.x, spot.y, area_code, grid_code, {sums}
    FROM touched, LATERAL (
        SELECT floor((20037508.342789244 + (ST_XMin({table}.geom_web) + ST_XMax({table}.geom_web)) / 2)
                     / 40075016.685578488 * 131072)::int AS x,
               floor((20037508.342789244 - (ST_YMin({table}.geom_web) + ST_YMax({table}.geom_web)) / 2)
                     / 40075016.685578488 * 131072)::int AS y,
               {table}.area_code, {table}.grid_code, {values}
        FROM {source}
        WHERE {table}.geom_web && ST_TileEnvelope(%(level)s - %(up)s, touched.x, touched.y)
        OFFSET 0
    ) AS spot
    WHERE spot.x >> %(up)s = touched.x AND spot.y >> %(up)s = touched.y
    GROUP BY 1, 2, 3, 4
"""
_FROM_FINER = """
    SELECT touched.x, touched.y, area_code, grid_code, {sums}
    FROM touched, LATERAL (
        SELECT * FROM {name}
        WHERE z = %(level)s + %(down)s
          AND x BETWEEN touched.x << %(down)s AND ((touched.x + 1) << %(down)s) - 1
          AND y BETWEEN touched.y << %(down)s AND ((touched.y + 1) << %(down)s) - 1
        OFFSET 0
    ) AS finer
    GROUP BY 1, 2, 3, 4
"""


def renew(connection: psycopg.Connection, table: CellTable, z: int, cells: list[tuple[int, int]],
          ) -> list[tuple[int, int]]:
    """Sum the objects in some cells anew, on every level.

    Args:
        connection: the worker's, inside a transaction, jurisdiction everything.
        table: which sums.
        z: zoom of the cells, 14 at most.
        cells: column and row of each.

    Returns:
        Column and row of the cells of zoom 14 in which a sum changed.
    """
    finest, *coarser = LEVELS
    columns = ", ".join(table.sums)
    words = {
        "name": table.name, "table": table.table, "source": table.source, "columns": columns,
        "assignments": ", ".join(f"{column} = excluded.{column}" for column in table.sums),
        # Rounded, because a sum of fractions depends on the order in which they are added.
        "sums": ", ".join(f"round(sum({column})::numeric, 1)::{kind} AS {column}"
                          for column, (_, kind) in table.sums.items()),
        "values": ", ".join(f"{value} AS {column}" for column, (value, _) in table.sums.items()),
    }
    statement = _REPLACE.format(touched=_CELLS, fresh=_FROM_OBJECTS.format(**words), **words)
    changed = _execute(connection, statement, cells, level=finest, up=finest - z)
    told = sorted({(x >> finest - BASE_ZOOM, y >> finest - BASE_ZOOM) for x, y in changed})
    statement = _REPLACE.format(touched=_PARENTS, fresh=_FROM_FINER.format(**words), **words)
    for finer, level in zip(LEVELS, coarser, strict=False):
        changed = _execute(connection, statement, changed, level=level, up=0, down=finer - level)
    return told


def _execute(connection: psycopg.Connection, statement: str, cells: list[tuple[int, int]], **steps: int,
             ) -> list[tuple[int, int]]:
    if not cells:
        return []
    x, y = zip(*cells, strict=True)
    return connection.execute(statement, {"x": list(x), "y": list(y), **steps}).fetchall()


# Parameters: layer.
_DONE = "SELECT seq FROM cell_sum WHERE layer = %s"
_SET_DONE = "INSERT INTO cell_sum (layer, seq) VALUES (%s, %s) ON CONFLICT (layer) DO UPDATE SET seq = excluded.seq"


def done(connection: psycopg.Connection, table: CellTable) -> int | None:
    """Return the number of the last change that is in the sums; None before they were made at all."""
    row = connection.execute(_DONE, [table.layer]).fetchone()
    return None if row is None else row[0]


_EVERY_DONE = "SELECT layer, seq FROM cell_sum"


def late(connection: psycopg.Connection, seq: int) -> frozenset[str]:
    """Return the layers whose sums do not hold every change up to a number."""
    found = dict(connection.execute(_EVERY_DONE).fetchall())
    return frozenset(table.layer for table in TABLES if found.get(table.layer, -1) < seq)


def set_done(connection: psycopg.Connection, table: CellTable, seq: int) -> None:
    """Write down that the sums hold every change up to a number."""
    connection.execute(_SET_DONE, [table.layer, seq])
