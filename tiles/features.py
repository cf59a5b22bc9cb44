"""The statement of a layer's objects in a tile, while they are few enough to be shown all.

The tile matrix is WebMercatorQuad. A tile is filtered by ``geom_web && box``, which uses
the table's one spatial index; the jurisdiction comes from row security.
"""

from functools import lru_cache
from typing import Any

from psycopg.types.numeric import Int4

from tiles.declaration import Layer
from tiles.matrix import EXTENT, Address, pixel_m

GUARD = 16_384
"""Rows that are read before a tile is given up as too full: more than a tile of 500 kB can hold, at 30 bytes each."""

# One row: the tile's bytes, empty when nothing is in it; how many features it holds; how many rows were read, where
# as many as the guard mean that the tile is not whole; the grid codes of those rows, sorted, null for none.
# The guard also keeps the planner from computing each geometry twice, for the filter and for the tile: without it
# a tile took half as long again. {…} come from the declaration of the layer, never from a request.
# Parameters: see `parameters`.
FEATURES = """
SELECT coalesce(ST_AsMVT(tile, '{name}', {extent}, 'geom', 'id') FILTER (WHERE found.geom IS NOT NULL), ''::bytea)
       {written}, count(found.geom), count(*), array_agg(DISTINCT found._grid_code)
FROM (
    SELECT {columns}, {table}.grid_code AS _grid_code,
           ST_AsMVTGeom({geometry}, (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s)), {extent}, {buffer}, true) AS geom
           {middle}
    FROM {source}
    WHERE {filter}
    LIMIT {guard}
) AS found, LATERAL (SELECT {names}, found.geom) AS tile{label}
"""

# Of a layer whose features are named: a point inside each, in the one tile that holds it. A tile that is too full, of
# which only a part is drawn, names none.
NAMED = {
    "middle": """, ST_AsMVTGeom(ST_PointOnSurface({table}.geom_web),
                          (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s)), {extent}, 0, true) AS _middle""",
    "label": """, LATERAL (SELECT found.id, found."{named}", found._middle AS geom) AS label""",
    "written": """|| coalesce(ST_AsMVT(label, '{layer_names}', {extent}, 'geom', 'id')
                   FILTER (WHERE found._middle IS NOT NULL), ''::bytea)""",
}


def parameters(layer: Layer, address: Address, at: Any = None) -> dict[str, Any]:
    """Return what a layer's statements of a tile are bound to.

    Args:
        layer: declaration.
        address: the tile.
        at: instant with a time zone; None for now.

    Returns:
        ``z``, ``x``, ``y``; ``snap``: the pixel that vertices are moved to, Web Mercator metres; ``smallest``:
        the area of the smallest feature shown, square metres; ``at``. The types are the same for all tiles, so
        that the database plans a statement once.
    """
    pixel = pixel_m(address.z)
    return {
        "z": Int4(address.z), "x": Int4(address.x), "y": Int4(address.y), "snap": pixel,
        "smallest": layer.smallest(address.z) * pixel**2, "at": at,
    }


def pieces(layer: Layer, z: int, field_class: str, *, dated: bool, beyond: int) -> dict[str, Any]:
    """Return the parts of which a layer's statements at a zoom consist.

    Args:
        layer: declaration.
        z: zoom.
        field_class: ``exact`` or ``classed``.
        dated: for the picture of an instant.
        beyond: units of 4096 beyond the tile's edge within which features are looked for.

    Returns:
        Texts by the name of their place in ``FEATURES`` and ``thinning.THINNED``. They differ from zoom to zoom
        only where the fields do, or what is done to geometries.
    """
    fields = layer.fields_at(z)
    conditions = [
        f"{layer.table}.geom_web && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {beyond / EXTENT})",
        (dated and layer.where_at) or layer.where,
        layer.zoom_where,
        f"ST_Area({layer.table}.geom_web) >= %(smallest)s" if layer.smallest(z) else "",
    ]
    snapped = z < layer.snapped_below
    return {
        "name": layer.name,
        "table": layer.table,
        "source": layer.source,
        "columns": ", ".join([f"{layer.table}.id", *(f'{f.sql_for(field_class)} AS "{f.name}"' for f in fields)]),
        "names": ", ".join(["found.id", *(f'found."{f.name}"' for f in fields)]),
        # Vertices go to the corners of pixels, which neighbours and both sides of a tile edge have in common.
        "geometry": f"ST_SnapToGrid({layer.table}.geom_web, %(snap)s)" if snapped else f"{layer.table}.geom_web",
        "filter": "\n      AND ".join(condition for condition in conditions if condition),
        "extent": EXTENT,
        "buffer": layer.buffer,
        "guard": GUARD,
    }


@lru_cache(maxsize=1024)
def statement(layer: Layer, z: int, field_class: str, dated: bool = False) -> str:
    """Return the SQL of a layer's objects at a zoom, for a role's field class.

    Args:
        layer: declaration.
        z: zoom.
        field_class: ``exact`` or ``classed``.
        dated: for the picture of an instant.

    Returns:
        The same text for the same arguments and for most neighbouring zooms: a connection prepares it once.
    """
    parts = pieces(layer, z, field_class, dated=dated, beyond=layer.buffer)
    named = {place: text.format(**parts, named=layer.named, layer_names=layer.names) if layer.named else ""
             for place, text in NAMED.items()}
    return FEATURES.format(**parts, **named)
