"""How tests of tiles look at tiles: decoded, and with shapes in the coordinates of the whole world."""

from typing import Any

import mapbox_vector_tile
import morecantile
import psycopg
import shapely
from shapely.geometry import shape

from tiles import vector
from tiles.layers import EXACT
from tiles.matrix import EXTENT
from tiles.vector import Address

TMS = morecantile.tms.get("WebMercatorQuad")


def address(lon: float, lat: float, z: int) -> Address:
    """Return the tile that holds a place, degrees, at a zoom."""
    found = TMS.tile(lon, lat, z)
    return Address(z, found.x, found.y)


def decoded(body: bytes) -> dict[str, list[dict[str, Any]]]:
    """Return the features of each layer of a tile; coordinates in units of the tile, y to the south."""
    found = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}) if body else {}
    return {name: layer["features"] for name, layer in found.items()}


def features(connection: psycopg.Connection, name: str, where: Address, field_class: str = EXACT) -> list[dict]:
    """Return the features of one layer's tile."""
    return decoded(vector.build(connection, [name], where, field_class).body).get(name, [])


def world_shape(feature: dict[str, Any], where: Address) -> shapely.Geometry:
    """Return a feature's shape in units of a tile, counted from the world's north-western corner, y to the south."""
    moved = shapely.transform(shape(feature["geometry"]), lambda points: points + [where.x * EXTENT, where.y * EXTENT])
    return shapely.make_valid(moved)
