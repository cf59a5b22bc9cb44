"""Tiles over HTTP."""

import gzip
from typing import Any

import mapbox_vector_tile
import morecantile
import pytest

from tests.fixtures.objects import GRID
from tests.fixtures.web import Web
from tiles import tilejson

TILE = morecantile.tms.get("WebMercatorQuad").tile(117.00525, 31.00525, 15)
URL = f"/tiles/buildings/{TILE.z}/{TILE.x}/{TILE.y}.mvt"


@pytest.fixture
def filled(web: Web) -> Web:
    for number in range(30):
        web.objects.building(f"B{number:02}", west=117.005 + number * 0.0001)
    web.sequence()
    return web


def test_a_tile_comes_in_gzip_where_it_is_taken_and_plain_where_not(filled: Web) -> None:
    packed = filled.client.get(URL, headers={"Accept-Encoding": "gzip"})
    plain = filled.client.get(URL, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert plain.mimetype == "application/vnd.mapbox-vector-tile"
    assert len(mapbox_vector_tile.decode(plain.data)["buildings"]["features"]) == 30


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_unchanged_tile_is_304_and_a_changed_one_is_not(filled: Web, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    etag = filled.client.get(URL, headers=headers).headers["ETag"]
    again = filled.client.get(URL, headers={**headers, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    filled.objects.building("NEW", west=117.009)
    filled.sequence()
    changed = filled.client.get(URL, headers={**headers, "If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_an_empty_tile_is_204(filled: Web) -> None:
    answer = filled.client.get("/tiles/buildings/15/0/0.mvt")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("path", ["/tiles/buildings/3/8/0.mvt", "/tiles/buildings/23/0/0.mvt", "/tiles/none/3/0/0.mvt",
                                  "/tiles/buildings,none/3/0/0.mvt", "/tiles/none.json", "/tiles/,/3/0/0.mvt"])
def test_what_does_not_exist_is_404_with_the_cure(web: Web, path: str) -> None:
    answer = web.client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert "There is no" in answer.json["detail"]


def test_tilejson_names_this_service_and_the_datas_box(filled: Web) -> None:
    document = filled.client.get("/tiles/buildings,roads.json").json
    assert document["tiles"] == ["http://localhost/tiles/buildings,roads/{z}/{x}/{y}.mvt"]
    assert document["bounds"][0] == pytest.approx(117.005)


def test_the_box_of_a_tilejson_holds_what_its_layers_hold_and_the_areas(web: Web) -> None:
    def bounds(names: str) -> list[float]:
        return web.client.get(f"/tiles/{names}.json").json["bounds"]

    def degrees(*box: float) -> Any:
        return pytest.approx(list(box), rel=0, abs=1e-6)

    web.objects.put("road", geometry="MULTILINESTRING((117.3 31.1, 117.4 31.2))",
                    **{"class": "inner", "width_m": 6, "area_code": GRID[:12], "grid_code": GRID})
    road = degrees(117.3, 31.1, 117.4, 31.2)
    assert bounds("roads") == road
    assert web.client.get("/ogc/collections/roads").json["extent"]["spatial"]["bbox"] == [road]
    assert bounds("buildings") == list(tilejson.WORLD)
    web.objects.community()
    web.objects.building("UNPLACED", west=117.912)
    assert bounds("buildings") == degrees(117, 31, 117.9125, 31.02)
    assert bounds("roads,buildings") == degrees(117, 31, 117.9125, 31.2)
    assert bounds("grids") == degrees(117, 31, 117.02, 31.02)
