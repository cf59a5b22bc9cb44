"""Vector tiles: one SQL statement for a layer, zoom, column and row.

The tile matrix is WebMercatorQuad. A tile is filtered by ``geom_web && box``, which uses
the table's one spatial index; the jurisdiction comes from row security.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import psycopg

from spatial.errors import NotFound
from tiles import layers
from tiles.layers import EXACT

EXTENT = 4096
"""Units along the side of a tile."""

MAX_ZOOM = 22
"""The deepest zoom of the matrix that is answered at all."""

WORLD_M = 2 * math.pi * 6378137.0
"""Width of Web Mercator's square world in its own metres."""

# One row, one column: the tile's bytes, empty when nothing is in it. {…} come from the
# declaration of the layer, never from a request. Parameters: z, x, y, each three times.
TILE = """
SELECT coalesce(ST_AsMVT(tile, '{name}', {extent}, 'geom', 'id'), ''::bytea)
FROM (
    SELECT {table}.id, {fields},
           ST_AsMVTGeom({table}.geom_web, ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                        {extent}, {buffer}, true) AS geom
    FROM {source}
    WHERE {table}.geom_web && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin})
      {conditions}
) AS tile
WHERE geom IS NOT NULL
"""


@dataclass(frozen=True)
class Address:
    """A tile of WebMercatorQuad: zoom, column from the west, row from the north.

    Raises:
        NotFound: outside the matrix.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise NotFound(
                f"There is no tile {self.z}/{self.x}/{self.y}.",
                f"Zoom is 0 to {MAX_ZOOM}; column and row are 0 to 2^zoom - 1.",
            )


def pixel_m(z: int) -> float:
    """Return the side of a pixel at a zoom, in Web Mercator metres, for tiles of 512 pixels."""
    return WORLD_M / 2**z / 512


@lru_cache(maxsize=1024)
def statement(name: str, z: int, field_class: str) -> str:
    """Return the SQL of a layer's tile at a zoom, for a role's field class.

    Args:
        name: the layer's name.
        z: zoom.
        field_class: ``exact`` or ``classed``.

    Returns:
        SQL with parameters z, x, y. The same text for the same arguments, so that the
        database plans it once.
    """
    layer = layers.layer(name)
    fields = ", ".join(
        f'{(field.classed_sql if field_class != EXACT and field.classed_sql else field.sql)} AS "{field.name}"'
        for field in layer.fields_at(z)
    )
    conditions = [condition for condition in (layer.where, layer.zoom_where.format(z=z)) if condition]
    if smallest := layer.smallest(z):
        conditions.append(f"ST_Area({layer.table}.geom_web) >= {smallest * pixel_m(z) ** 2:.6g}")
    return TILE.format(
        name=layer.name, table=layer.table, source=layer.source, fields=fields, extent=EXTENT,
        buffer=layer.buffer, margin=layer.buffer / EXTENT,
        conditions="".join(f"AND {condition} " for condition in conditions),
    )


def tile(
    connection: psycopg.Connection, names: list[str], address: Address, field_class: str
) -> bytes:
    """Return the tile of one or more layers as Mapbox Vector Tile bytes.

    Args:
        connection: inside a transaction with the jurisdiction set.
        names: layer names; the tile holds those layers that are drawn at this zoom.
        address: the tile.
        field_class: ``exact`` or ``classed``.

    Returns:
        The bytes; empty when no layer has a feature there. Layers of a vector tile follow
        one another, so joined tiles are a tile.

    Raises:
        NotFound: a name is not a layer, or stands twice.
    """
    wanted = [layers.layer(name) for name in names]
    if len(set(names)) != len(names):
        raise NotFound(f"A layer stands twice in {','.join(names)!r}.", "Name each layer once.")
    parameters = {"z": address.z, "x": address.x, "y": address.y}
    return b"".join(
        bytes(connection.execute(statement(layer.name, address.z, field_class), parameters, prepare=True).fetchone()[0])
        for layer in wanted
        if layer.minzoom <= address.z <= layer.maxzoom
    )
