"""Scenes: pydeck's JSON, the legend beside it, and counts that are SQL's."""

import pytest

from spatial.queries.picture import Counts
from spatial.types import Box
from tests.fixtures.web import Web
from tiles.legends import LEGENDS, legend
from webmap.identity import ROLES
from webmap.scenes import devices, sandbox

COUNTS = Counts(areas=1, grids=2, buildings=3, residents=4, devices=5, alarms=6)
BOX = Box(117.0, 31.0, 117.02, 31.02)


def scene(metric: str = "residents") -> dict:
    return sandbox.sandbox(
        legend("buildings", metric), legend("building_cells", metric), BOX, COUNTS, "/tiles/buildings/{z}/{x}/{y}.mvt")


def test_the_scene_is_the_same_for_the_same_input_and_its_layers_have_names() -> None:
    assert scene() == scene()
    assert [layer["id"] for layer in scene()["deck"]["layers"]] == ["building-cells", "buildings", "heat"]


@pytest.mark.parametrize("metric", [entry.metric for entry in LEGENDS if entry.layer == "buildings"])
@pytest.mark.parametrize("layer", ["buildings", "building-cells"])
def test_buildings_and_cells_are_coloured_as_their_legend_says(metric: str, layer: str) -> None:
    found = scene(metric)
    [fill] = [each["getFillColor"] for each in found["deck"]["layers"] if each["id"] == layer]
    [said] = [each for each in found["legend"] if each["layer"] == layer.replace("-", "_")]
    lines = said["classes"]
    if said["live"]:
        assert fill == {"@@function": "plainColor", "color": said["noData"]}
        return
    assert fill["property"] == said["field"]
    if fill["@@function"] == "categoryColor":
        assert fill["categories"] == {line["value"]: line["color"] for line in lines}
    else:
        assert fill["colors"] == [line["color"] for line in lines]
        assert fill["breaks"] == [line["from"] for line in lines[1:]]
        assert fill["perHectare"] == said["perHectare"]
        assert said["noData"] in (None, fill["noData"])
        assert fill["noData"] not in fill["colors"]


def test_cells_end_where_single_buildings_begin() -> None:
    cells, buildings, _ = scene()["deck"]["layers"]
    assert cells["maxZoom"] + 1 == buildings["minZoom"]
    assert buildings["minZoom"] - 0.01 < cells["visibleMaxZoom"] < buildings["minZoom"]


def test_a_constant_text_is_not_an_expression_and_data_stand_behind_an_address() -> None:
    cells, buildings, heat = scene()["deck"]["layers"]
    assert cells["data"] == buildings["data"]
    assert buildings["data"] == "/tiles/buildings/{z}/{x}/{y}.mvt"
    assert heat["data"] == []


def test_an_empty_database_has_a_scene_of_the_country() -> None:
    view = sandbox.initial_view(None)
    assert view["zoom"] < 5


def test_the_scene_over_http_counts_what_sql_counts(web: Web) -> None:
    web.objects.room(web.objects.building(), residents=4)
    web.objects.building("B2", west=117.006)
    found = web.client.get("/api/scenes/sandbox?metric=floors").json
    assert (found["counts"]["buildings"], found["counts"]["residents"]) == (2, 4)
    assert found["legend"][0]["metric"] == "floors"
    assert found["bounds"][0] == pytest.approx(117.005)


def test_an_unknown_metric_is_404_and_names_those_that_exist(web: Web) -> None:
    answer = web.client.get("/api/scenes/sandbox?metric=mood")
    assert answer.status_code == 404
    assert "residents" in answer.json["detail"]


def test_the_scene_holds_what_an_account_may_see_of_devices_and_facilities(web: Web) -> None:
    found = {layer["id"]: layer for layer in web.client.get("/api/scenes/sandbox").json["deck"]["layers"]}
    assert (found["devices"]["data"], found["devices"]["minZoom"]) == ("/tiles/devices/{z}/{x}/{y}.mvt", 15)
    assert [layer.id for layer in devices.tiled(ROLES["wall"])] == ["facilities"]
    assert [layer.id for layer in devices.tiled(ROLES["viewer"])] == ["facilities", "devices"]
