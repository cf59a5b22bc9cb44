"""Imagery (影像): tiles, their TileJSON, and what is on record."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from spatial.queries import imagery
from tiles import filed as described
from tiles.matrix import Address
from webmap import filed, identity
from webmap.services import transaction

raster = APIBlueprint("raster", __name__, tag="Tiles")

IMAGE = {200: "The image", 204: "Nothing there", 304: "Unchanged", 404: "No such source or tile",
         503: "The source's file cannot be read, or the service is overloaded"}


@raster.get("/raster/<name>/<int:z>/<int:x>/<int:y>.<any(webp, png):form>")
@identity.needs("picture.read")
@raster.doc(summary="Tile of a picture, 256 pixels", responses=IMAGE)
def tile(name: str, z: int, x: int, y: int, form: str) -> Response:
    """Return the tile of a picture at zoom, column and row. Outside its box or zooms: 204."""
    return filed.tile("raster", imagery.find, "imagery", name, Address(z, x, y), described.SIZE, form)


@raster.get("/raster/<name>/<int:z>/<int:x>/<int:y>@2x.<any(webp, png):form>")
@identity.needs("picture.read")
@raster.doc(summary="Tile of a picture, 512 pixels", responses=IMAGE)
def large_tile(name: str, z: int, x: int, y: int, form: str) -> Response:
    """Return the same tile with twice the pixels along its side."""
    return filed.tile("raster", imagery.find, "imagery", name, Address(z, x, y), 2 * described.SIZE, form)


@raster.get("/raster/<name>.json")
@identity.needs("picture.read")
@raster.doc(summary="TileJSON 3.0 of a picture", responses={404: "No such source"})
def document(name: str) -> dict[str, Any]:
    """Return the TileJSON document of a picture."""
    return described.tilejson("raster", filed.source(imagery.find, "imagery", name), filed.base_url())


@raster.get("/raster.json")
@identity.needs("picture.read")
@raster.doc(summary="Pictures on record")
def sources() -> dict[str, Any]:
    """Return name, box, zooms and TileJSON of every picture on record."""
    with transaction() as connection:
        found = imagery.every(connection)
    return filed.listed(found, lambda one: {
        "resolution_m": one.resolution_m, "tilejson": described.url(filed.base_url(), "raster", one, ".json")})
