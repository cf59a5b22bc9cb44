"""The statement of a layer's objects in a tile that is too full to show them all.

Which features are left out must be the same on both sides of a tile edge, whatever else the two tiles hold. So it
hangs on one question that depends on a feature and the zoom alone: does its box, with the buffer, reach into more
than one tile? One that does is kept in all of them. One that does not is in this tile only, and stays or goes by its
rank. What is left out is counted in a point of its own.

Where features crowd along an edge, even those that reach over it are too many. Then each stretch of that edge (a 64th
of it) shows the highest in rank of those that reach just the two tiles of the edge. Whether an edge is crowded hangs on
them alone, so that two thinned tiles agree. Only there, beside a neighbour that shows everything, may the two sides of
an edge differ; and where outlines that reach over it have so many corners that a few of them fill the tile.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg.types.numeric import Int4

from tiles import features
from tiles.declaration import Field, Layer
from tiles.matrix import EXTENT, WORLD_M, Address

STRETCHES = 64
"""Into how many stretches an edge is divided: 8 by 16 pixels each, as far as the buffer reaches on both sides."""

EDGE_BYTES = 60
"""Bytes of a feature, to tell when those of one edge alone would take a quarter of the tile."""

SLACK = 8
"""Units beyond the buffer from which a feature may still come into a tile: its vertices move to whole units, or by half
a pixel."""

RESERVE = 2_048
"""Bytes set aside for names of fields, values that features share, and the point of what is hidden."""

# One row: the tile's bytes with the point of what is hidden; features shown; features hidden; the grid codes of all,
# sorted. `placed`: a feature's box in sides of this tile, 0 at its north-western corner: the whole numbers are tile
# edges, the same for every tile. `reach`: how many columns and rows more than one the box reaches with the buffer.
# The boxes of the index are of single precision and let in some that do not reach this tile: they are taken out again.
# `mine`: a feature counts where the north-western corner of its box lies, so that the sum over all tiles is right.
# `weight`: the bytes that a feature adds. TWKB of whole numbers is what a geometry is in a tile; of properties, the
# value too where hardly two features share one. An underscore keeps our columns apart from a layer's fields.
# `one` is limited so that rows are looked up by their key, even where statistics say that the table is empty.
# Parameters: see `parameters`.
THINNED = """
WITH candidate AS MATERIALIZED (
    SELECT id, grid_code, rank,
           CASE WHEN west >= {reach} AND east < 1 - {reach} AND north >= {reach} AND south < 1 - {reach} THEN 0
                ELSE (west < {reach})::int + (west < {reach} - 1)::int
                   + (east >= 1 - {reach})::int + (east >= 2 - {reach})::int
                   + (north < {reach})::int + (north < {reach} - 1)::int
                   + (south >= 1 - {reach})::int + (south >= 2 - {reach})::int END AS reach,
           CASE WHEN west < {reach} THEN floor(north * {stretches})
                WHEN east >= 1 - {reach} THEN floor(north * {stretches}) + {stretches}
                WHEN north < {reach} THEN floor(west * {stretches}) + {stretches} * 2
                WHEN south >= 1 - {reach} THEN floor(west * {stretches}) + {stretches} * 3 END AS stretch,
           west >= 0 AND west < 1 AND north >= 0 AND north < 1 AS mine
    FROM (
        SELECT {table}.id, {table}.grid_code, ({rank})::float8 AS rank,
               (ST_XMin({table}.geom_web) + {half}) / %(side)s - %(x)s AS west,
               (ST_XMax({table}.geom_web) + {half}) / %(side)s - %(x)s AS east,
               ({half} - ST_YMax({table}.geom_web)) / %(side)s - %(y)s AS north,
               ({half} - ST_YMin({table}.geom_web)) / %(side)s - %(y)s AS south
        FROM {source}
        WHERE {filter}
        OFFSET 0
    ) AS placed
    WHERE east >= -{reach} AND west < 1 + {reach} AND south >= -{reach} AND north < 1 + {reach}
), code AS MATERIALIZED (
    SELECT grid_code, count(*) FILTER (WHERE mine) AS mine FROM candidate GROUP BY grid_code
), chosen AS MATERIALIZED (
    SELECT id, least(reach, 2) AS reach, rank, mine
    FROM (
        SELECT id, reach, rank, mine, row_number() OVER (
            PARTITION BY stretch, reach > 1 ORDER BY rank DESC, hashint8(id), id) AS place,
            count(*) OVER (PARTITION BY floor(stretch / {stretches}), reach > 1) AS along
        FROM candidate WHERE reach > 0
    ) AS edge
    WHERE reach > 1 OR place <= %(quota)s OR along <= %(crowd)s
    UNION ALL (
        SELECT id, 0, rank, mine FROM candidate WHERE reach = 0 ORDER BY rank DESC, hashint8(id), id LIMIT {guard}
    )
    ORDER BY 2 DESC, 3 DESC, 1 LIMIT {guard}
), drawn AS MATERIALIZED (
    SELECT chosen.reach AS _reach, chosen.rank AS _rank, chosen.mine AS _mine, one.*
    FROM chosen, LATERAL (
        SELECT {columns},
               ST_AsMVTGeom({geometry}, (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s)), {extent}, {buffer}, true) AS geom
        FROM {source}
        WHERE {table}.id = chosen.id
        LIMIT 1
    ) AS one
), found AS (
    SELECT *, sum(octet_length(ST_AsTWKB(geom)) + {weight}) OVER (
        ORDER BY _reach DESC, _rank DESC, hashint8(id), id ROWS UNBOUNDED PRECEDING) AS _weighed
    FROM drawn
    WHERE geom IS NOT NULL
), shown AS MATERIALIZED (
    SELECT coalesce(ST_AsMVT(tile, '{name}', {extent}, 'geom', 'id'), ''::bytea) AS body,
           count(*) AS features, count(*) FILTER (WHERE found._mine) AS mine
    FROM found, LATERAL (SELECT {names}, found.geom) AS tile
    WHERE _weighed <= %(budget)s - {reserve}
), point AS MATERIALIZED (
    SELECT (SELECT coalesce(sum(mine), 0)::int8 FROM code)
         - (SELECT count(*) FILTER (WHERE _mine AND geom IS NULL) FROM drawn) - (SELECT mine FROM shown) AS hidden,
           ST_MakePoint({extent} / 2, {extent} / 2) AS geom
)
SELECT shown.body || (SELECT coalesce(ST_AsMVT(point, '{hidden}', {extent}, 'geom')
                                        FILTER (WHERE hidden > 0), ''::bytea) FROM point),
       shown.features, (SELECT hidden FROM point), (SELECT array_agg(grid_code ORDER BY grid_code) FROM code)
FROM shown
"""

FEATURE_BYTES = 12
"""Bytes of a feature without geometry and properties: lengths, type, id."""

SHARED_BYTES = 2
"""Bytes of a property whose value the tile has anyway: the numbers of its name and of its value."""

OWN_BYTES = 8
"""Bytes of a property whose value stands for one feature, beside a text's own: both numbers and the value's length."""

NUMBER_BYTES = 16
"""The same for a number: a double in full."""


def parameters(layer: Layer, address: Address, budget: int, at: datetime | None = None) -> dict[str, Any]:
    """Return what the statement is bound to: that of the whole tile, and bytes that the tile may have.

    Args:
        layer: declaration.
        address: the tile.
        budget: bytes.
        at: instant with a time zone; None for now.
    """
    crowd = budget // 4 // EDGE_BYTES
    return {
        **features.parameters(layer, address, at), "side": WORLD_M / 2**address.z, "budget": Int4(budget),
        "crowd": Int4(crowd), "quota": Int4(max(1, crowd // 2 // STRETCHES)),
    }


def weight(fields: tuple[Field, ...]) -> str:
    """Return the expression of the bytes that a feature adds to a tile beside its geometry."""
    shared = FEATURE_BYTES + SHARED_BYTES * sum(not field.own for field in fields)
    own = (f'coalesce(octet_length("{field.name}") + {OWN_BYTES}, 0)' if field.kind == "String"
           else f'CASE WHEN "{field.name}" IS NULL THEN 0 ELSE {NUMBER_BYTES} END' for field in fields if field.own)
    return " + ".join([str(shared), *own])


@lru_cache(maxsize=1024)
def statement(layer: Layer, z: int, field_class: str, dated: bool = False) -> str:
    """Return the SQL of a layer's most important objects at a zoom, for a role's field class.

    Args:
        layer: declaration.
        z: zoom.
        field_class: ``exact`` or ``classed``.
        dated: for the picture of an instant.
    """
    beyond = layer.buffer + SLACK
    return THINNED.format(
        **features.pieces(layer, z, field_class, dated=dated, beyond=beyond), rank=layer.rank, hidden=layer.hidden,
        reach=beyond / EXTENT, half=WORLD_M / 2, stretches=STRETCHES, reserve=RESERVE,
        weight=weight(layer.fields_at(z)),
    )
