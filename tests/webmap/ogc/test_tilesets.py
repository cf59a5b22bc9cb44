"""OGC API – Tiles, Part 1: tilesets of the collections, and the same tiles as everywhere."""

import mapbox_vector_tile
import morecantile
import pytest

from tests.fixtures.web import Web
from tests.webmap.ogc.client import collections, link
from tiles import layers

TILE = morecantile.tms.get("WebMercatorQuad").tile(117.00525, 31.00525, 15)
HERE = "/ogc/collections/buildings/tiles/WebMercatorQuad"
SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"


@pytest.mark.conformance("tiles-1/core/tc-op", "tiles-1/core/tc-success", "tiles-1/mvt/content")
def test_a_tile_is_the_one_of_the_tile_server_with_row_before_column(town: Web) -> None:
    answer = town.client.get(f"{HERE}/{TILE.z}/{TILE.y}/{TILE.x}")
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.mapbox-vector-tile")
    same = town.client.get(f"/tiles/buildings/{TILE.z}/{TILE.x}/{TILE.y}.mvt")
    assert mapbox_vector_tile.decode(answer.data) == mapbox_vector_tile.decode(same.data)
    assert len(mapbox_vector_tile.decode(answer.data)["buildings"]["features"]) > 10


def test_an_unchanged_tile_is_not_sent_again(town: Web) -> None:
    first = town.client.get(f"{HERE}/{TILE.z}/{TILE.y}/{TILE.x}")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = town.client.get(f"{HERE}/{TILE.z}/{TILE.y}/{TILE.x}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.conformance("tiles-1/core/tc-error")
@pytest.mark.parametrize(("path", "status"), [
    (f"{HERE}/15/0/0", 204), (f"{HERE}/16/70000/0", 404), (f"{HERE}/99/0/0", 404), (f"{HERE}/15/-1/0", 404),
    (f"{HERE}/a/0/0", 404), (f"{HERE}/15/٣/0", 404), (f"{HERE}/15/{'9' * 5000}/0", 404), (f"{HERE}/15/0/0?f=png", 400),
    (f"{HERE}/15/0/0?x=1", 400), ("/ogc/collections/buildings/tiles/WorldCRS84Quad/15/0/0", 404),
    ("/ogc/collections/buildings/tiles/WorldCRS84Quad", 404), ("/ogc/collections/none/tiles", 404),
    ("/ogc/collections/none/tiles/WebMercatorQuad/15/0/0", 404), ("/ogc/tileMatrixSets/None", 404),
])
def test_a_tile_that_is_not_there_says_so(town: Web, path: str, status: int) -> None:
    answer = town.client.get(path)
    assert answer.status_code == status
    if status == 204:
        assert answer.data == b""
        assert "Content-Type" not in answer.headers


def test_a_zoom_beyond_the_tilesets_limits_is_not_there(town: Web) -> None:
    for name in collections(town):
        described = town.client.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad").json
        zooms = [int(limit["tileMatrix"]) for limit in described["tileMatrixSetLimits"]]
        path = f"/ogc/collections/{name}/tiles/WebMercatorQuad"
        assert town.client.get(f"{path}/{zooms[0]}/0/0").status_code in (200, 204)
        assert town.client.get(f"{path}/{zooms[-1] + 1}/0/0").status_code == 404


@pytest.mark.conformance("tiles-1/geodata-tilesets/operation", "tiles-1/geodata-tilesets/desc-links",
                         "tiles-1/tilesets-list/tileset-links")
def test_every_collection_has_a_list_of_tilesets(town: Web) -> None:
    for collection in town.client.get("/ogc/collections").json["collections"]:
        tiles = link(collection, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")
        assert tiles.split("?")[0] == f"http://localhost/ogc/collections/{collection['id']}/tiles"
        tileset, = town.client.get(tiles).json["tilesets"]
        assert (tileset["dataType"], tileset["crs"]) == ("vector", "http://www.opengis.net/def/crs/EPSG/0/3857")
        assert tileset["tileMatrixSetURI"].endswith("/WebMercatorQuad")
        assert town.client.get(link(tileset, "self")).json["layers"][0]["title"]
        assert town.client.get(link(tileset, SCHEME)).json["id"] == "WebMercatorQuad"


@pytest.mark.conformance("tiles-1/tileset/description")
def test_a_tilesets_metadata_lead_to_its_tiles_and_its_tile_matrix_set(town: Web) -> None:
    document = town.client.get(HERE).json
    item = next(one for one in document["links"] if one["rel"] == "item")
    assert (item["templated"], item["type"]) == (True, "application/vnd.mapbox-vector-tile")
    address = item["href"].format(tileMatrix=TILE.z, tileRow=TILE.y, tileCol=TILE.x)
    assert town.client.get(address).status_code == 200
    assert town.client.get(link(document, "describedby")).json["tilejson"] == "3.0.0"
    assert {field.name for field in layers.layer("buildings").fields} == set().union(
        *(layer["propertiesSchema"]["properties"] for layer in document["layers"] if layer["id"] == "buildings"))


def test_the_tile_matrix_set_is_morecantiles(town: Web) -> None:
    document = town.client.get("/ogc/tileMatrixSets").json
    assert [one["id"] for one in document["tileMatrixSets"]] == ["WebMercatorQuad"]
    definition = town.client.get(link(document["tileMatrixSets"][0], SCHEME)).json
    matrices = morecantile.TileMatrixSet(**{**definition, "crs": {"uri": definition["crs"]}})
    assert matrices.tile(117.00525, 31.00525, 15) == TILE
