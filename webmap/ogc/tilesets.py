"""Tilesets of the collections: the tile matrix set, metadata, and addresses of tiles (OGC 20-057, 17-083r4)."""

from functools import lru_cache
from typing import Any

import morecantile

from spatial.errors import NotFound
from spatial.queries.features import EPSG_3857
from tiles import tilejson
from tiles.declaration import Layer, words
from tiles.matrix import MAX_ZOOM, Address

MATRIX_SET = "WebMercatorQuad"
"""The one tile matrix set that our tiles have (OGC 17-083r4, annex D)."""

MATRIX_SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
MVT = "application/vnd.mapbox-vector-tile"

TITLES = {
    "self": words("本瓦片集", "This tileset"),
    "item": words("瓦片", "Tiles"),
    "list": words("本列表", "This list"),
    "matrix set": words("兼容 Google 地图的 Web 墨卡托", "Google Maps compatible, Web Mercator"),
}
"""Titles of links and of the tile matrix set."""


def address(layer: Layer, matrix_set: str, z: str, x: str, y: str) -> Address:
    """Return the address of a tile as our tile builder reads it.

    Args:
        layer: whose tile.
        matrix_set: ``WebMercatorQuad``.
        z, x, y: matrix, column and row, as they stand in the URL.

    Raises:
        NotFound: another tile matrix set, no such tile in it, or a zoom at which the layer is not drawn.
    """
    check(matrix_set)
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in (z, x, y)):
        raise NotFound("There is no such tile.", "Matrix, row and column are whole numbers.")
    described = tilejson.document([layer], "", None)
    if not described["minzoom"] <= int(z) <= described["maxzoom"]:
        raise NotFound(f"The layer {layer.name} has no tiles at zoom {z}.",
                       f"Zooms: {described['minzoom']} to {described['maxzoom']}.")
    return Address(int(z), int(x), int(y))


def check(matrix_set: str) -> None:
    """Refuse a tile matrix set that is not ours.

    Raises:
        NotFound: it is another one.
    """
    if matrix_set != MATRIX_SET:
        raise NotFound("There is no such tile matrix set.", f"There is {MATRIX_SET}.")


def metadata(layer: Layer, base_url: str, language: str) -> dict[str, Any]:
    """Return the metadata of a layer's tileset.

    Args:
        layer: its declaration.
        base_url: address of ``/ogc``.
        language: ``zh-CN`` or ``en``, of the title.
    """
    here = f"{base_url}/collections/{layer.name}/tiles/{MATRIX_SET}"
    host = base_url.rsplit("/", 1)[0]
    described = tilejson.document([layer], host, None)
    return {
        "title": layer.title[language],
        "dataType": "vector",
        "crs": EPSG_3857,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "tileMatrixSetLimits": [
            {"tileMatrix": str(z), "minTileRow": 0, "maxTileRow": 2**z - 1, "minTileCol": 0, "maxTileCol": 2**z - 1}
            for z in range(described["minzoom"], described["maxzoom"] + 1)
        ],
        "layers": [{
            "id": one["id"], "title": one["description"], "dataType": "vector",
            "minTileMatrix": str(one["minzoom"]), "maxTileMatrix": str(one["maxzoom"]),
            "propertiesSchema": {"type": "object", "properties": {
                name: {"description": description} for name, description in one["fields"].items()
            }},
        } for one in described["vector_layers"]],
        "links": [
            {"rel": "self", "type": "application/json", "href": here, "title": TITLES["self"][language]},
            {"rel": "item", "type": MVT, "templated": True, "title": TITLES["item"][language],
             "href": f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"},
            {"rel": TILING_SCHEME, "type": "application/json", "title": MATRIX_SET,
             "href": f"{base_url}/tileMatrixSets/{MATRIX_SET}"},
            {"rel": "describedby", "type": "application/json", "title": "TileJSON 3.0",
             "href": f"{host}/tiles/{layer.name}.json"},
        ],
    }


def matrix_sets(base_url: str, language: str) -> dict[str, Any]:
    """Return the list of tile matrix sets: one, with titles in a language."""
    here = f"{base_url}/tileMatrixSets"
    return {
        "tileMatrixSets": [{
            "id": MATRIX_SET, "title": TITLES["matrix set"][language], "uri": MATRIX_SET_URI,
            "links": [{"rel": TILING_SCHEME, "type": "application/json", "href": f"{here}/{MATRIX_SET}",
                       "title": MATRIX_SET}],
        }],
        "links": [{"rel": "self", "type": "application/json", "href": here, "title": TITLES["list"][language]}],
    }


@lru_cache(maxsize=1)
def matrix_set() -> dict[str, Any]:
    """Return the definition of the tile matrix set, down to the last zoom that is answered."""
    definition = morecantile.tms.get(MATRIX_SET).model_dump(mode="json", exclude_none=True)
    matrices = [matrix for matrix in definition["tileMatrices"] if int(matrix["id"]) <= MAX_ZOOM]
    return {**definition, "id": MATRIX_SET, "uri": MATRIX_SET_URI, "crs": EPSG_3857, "tileMatrices": matrices}
