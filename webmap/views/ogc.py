"""OGC API – Features and Tiles for QGIS, ArcGIS, GDAL and other departments."""

from types import ModuleType

from apiflask import APIBlueprint
from flask import Response

from webmap import identity

# It has an OpenAPI document of its own, at /ogc/openapi.
ogc = APIBlueprint("ogc", __name__, url_prefix="/ogc", enable_openapi=False)


def _answers() -> ModuleType:
    """Return what answers. pygeoapi takes half a second to import: not when the service starts."""
    from webmap.ogc import answers

    return answers


@ogc.get("/")
@ogc.get("")
@identity.needs("picture.read")
def landing() -> Response:
    """Return the landing page: title and links to everything else."""
    return _answers().landing()


@ogc.get("/conformance")
@identity.needs("picture.read")
def conformance() -> Response:
    """Return the conformance classes that are offered."""
    return _answers().conformance()


@ogc.get("/openapi")
@identity.needs("picture.read")
def openapi() -> Response:
    """Return the OpenAPI 3.0 document, or a page of it."""
    return _answers().openapi()


@ogc.get("/collections")
@identity.needs("picture.read")
def collections() -> Response:
    """Return the collections that the account may read."""
    return _answers().collections()


@ogc.get("/collections/<name>")
@identity.needs("picture.read")
def collection(name: str) -> Response:
    """Return one collection: extent, coordinate systems, links."""
    return _answers().collection(name)


@ogc.get("/collections/<name>/schema")
@identity.needs("picture.read")
def schema(name: str) -> Response:
    """Return the JSON Schema of a collection's features."""
    return _answers().schema(name)


@ogc.get("/collections/<name>/queryables")
@identity.needs("picture.read")
def queryables(name: str) -> Response:
    """Return the properties that filters may name, as JSON Schema."""
    return _answers().queryables(name)


@ogc.get("/collections/<name>/items")
@identity.needs("picture.read")
def items(name: str) -> Response:
    """Return a page of features."""
    return _answers().items(name)


@ogc.post("/collections/<name>/items")
@identity.needs("picture.read")
def search(name: str) -> Response:
    """Return a page of features that a filter in the body, CQL2 JSON, lets through. Nothing is written."""
    return _answers().items(name)


@ogc.get("/collections/<name>/items/<identifier>")
@identity.needs("picture.read")
def item(name: str, identifier: str) -> Response:
    """Return one feature."""
    return _answers().item(name, identifier)


@ogc.get("/collections/<name>/tiles")
@identity.needs("picture.read")
def tilesets(name: str) -> Response:
    """Return the tilesets of a collection: one."""
    return _answers().tilesets_of(name)


@ogc.get("/collections/<name>/tiles/<matrix_set>")
@identity.needs("picture.read")
def tileset(name: str, matrix_set: str) -> Response:
    """Return the metadata of a tileset."""
    return _answers().tileset(name, matrix_set)


@ogc.get("/collections/<name>/tiles/<matrix_set>/<matrix>/<row>/<column>")
@identity.needs("picture.read")
def tile(name: str, matrix_set: str, matrix: str, row: str, column: str) -> Response:
    """Return one vector tile; 204 when nothing is there."""
    return _answers().tile(name, matrix_set, matrix, row, column)


@ogc.get("/tileMatrixSets")
@ogc.get("/TileMatrixSets")
@identity.needs("picture.read")
def matrix_sets() -> Response:
    """Return the tile matrix sets: one. pygeoapi's links write it with a capital."""
    return _answers().matrix_sets()


@ogc.get("/tileMatrixSets/<name>")
@ogc.get("/TileMatrixSets/<name>")
@identity.needs("picture.read")
def matrix_set(name: str) -> Response:
    """Return the definition of a tile matrix set."""
    return _answers().matrix_set(name)
