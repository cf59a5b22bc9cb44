"""Terrain (地形): heights as Terrain-RGB, their TileJSON, and what is on record."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from spatial.queries import terrain as queries
from tiles import filed as described
from tiles.matrix import Address
from webmap import filed, identity
from webmap.services import transaction
from webmap.views.raster import IMAGE

terrain = APIBlueprint("terrain", __name__, tag="Tiles")


@terrain.get("/terrain/<name>/<int:z>/<int:x>/<int:y>.png")
@identity.needs("picture.read")
@terrain.doc(summary="Heights of a tile as Terrain-RGB, 256 pixels", responses=IMAGE)
def tile(name: str, z: int, x: int, y: int) -> Response:
    """Return heights: -10000 + (R × 65536 + G × 256 + B) × 0.1 metres. Outside the model's box or zooms: 204."""
    return filed.tile("terrain", queries.find, "terrain", name, Address(z, x, y), described.SIZE, "png")


@terrain.get("/terrain/<name>/<int:z>/<int:x>/<int:y>@2x.png")
@identity.needs("picture.read")
@terrain.doc(summary="Heights of a tile as Terrain-RGB, 512 pixels", responses=IMAGE)
def large_tile(name: str, z: int, x: int, y: int) -> Response:
    """Return the same tile with twice the pixels along its side."""
    return filed.tile("terrain", queries.find, "terrain", name, Address(z, x, y), 2 * described.SIZE, "png")


@terrain.get("/terrain/<name>.json")
@identity.needs("picture.read")
@terrain.doc(summary="TileJSON 3.0 of an elevation model", responses={404: "No such source"})
def document(name: str) -> dict[str, Any]:
    """Return the TileJSON document of an elevation model, with its encoding."""
    return described.tilejson("terrain", filed.source(queries.find, "terrain", name), filed.base_url())


@terrain.get("/terrain.json")
@identity.needs("picture.read")
@terrain.doc(summary="Elevation models on record")
def sources() -> dict[str, Any]:
    """Return name, box, zooms, heights and TileJSON of every elevation model on record, the finest first."""
    with transaction() as connection:
        found = queries.every(connection)
    return filed.listed(found, lambda one: {
        "resolution_m": one.resolution_m, "lowest_m": one.lowest_m, "highest_m": one.highest_m,
        "tilejson": described.url(filed.base_url(), "terrain", one, ".json")})
