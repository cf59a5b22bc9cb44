"""The base map's styles: made from one description, and true to the layers' declarations."""

import json
import re

import pytest

from spatial.errors import NotFound
from tests.fixtures.web import Web
from tests.tiles.colors import SIGHTS, difference
from tiles import layers
from tiles.legends import LEGENDS, legend
from webmap import base_map
from webmap.page import STYLE_COOKIE

EVERY = pytest.mark.parametrize("name", base_map.STYLES)


def fields_asked(value) -> set[str]:
    """Names of the properties that expressions ask a feature for."""
    if not isinstance(value, list):
        return set()
    asked = {value[1]} if len(value) == 2 and value[0] in ("get", "has") else set()
    return asked.union(*(fields_asked(part) for part in value))


NAMES = {layer.names: layer for layer in layers.LAYERS if layer.named}


@EVERY
def test_a_style_asks_for_declared_layers_and_for_fields_that_they_have_at_its_zooms(name: str) -> None:
    document = base_map.document(name)
    addressed = set(re.search(r"/tiles/([^/]+)/", document["sources"]["base"]["tiles"][0])[1].split(","))
    seen = set()
    for layer in document["layers"]:
        if "source-layer" not in layer:
            continue
        declared = NAMES.get(layer["source-layer"]) or layers.layer(layer["source-layer"])
        seen.add(declared.name)
        # Drawn from tiles of this zoom on; a style layer that begins between two zooms uses the lower one.
        first = max(int(layer.get("minzoom", 0)), declared.minzoom)
        parts = [layer.get("filter"), *layer.get("paint", {}).values(), *layer.get("layout", {}).values(),
                 *layer.get("metadata", {}).get("shapan:text", {}).values()]
        asked = set().union(*map(fields_asked, parts))
        there = {field.name for field in declared.fields_at(first)}
        assert asked <= ({declared.named} if layer["source-layer"] in NAMES else there), layer["id"]
    assert seen <= addressed
    assert addressed - seen == set(), "The tiles hold a layer that nothing draws."


def test_the_search_for_fields_finds_them_wherever_they_stand() -> None:
    assert fields_asked(["all", ["has", "name"], ["in", ["get", "class"], ["literal", ["park"]]]]) == {"name", "class"}


@EVERY
def test_a_style_says_every_colour_that_is_asked_for_and_no_other(name: str) -> None:
    asked = set(re.findall(r'"@([\w-]+)"', (base_map.FOLDER / "base.json").read_text("utf-8"))) - {"fonts", "named"}
    own = (base_map.FOLDER / f"{name}.json").read_text("utf-8")
    assert asked == set(re.findall(r'"([\w-]+)": "#', own))
    assert '"@' not in json.dumps(base_map.document(name))


@EVERY
@pytest.mark.parametrize("sight", SIGHTS)
def test_buildings_without_data_stand_out_from_the_ground(name: str, sight: str) -> None:
    floors = legend("buildings", "floors")
    shown = floors.on_light() if name in base_map.LIGHT else floors
    colors = json.loads((base_map.FOLDER / f"{name}.json").read_text("utf-8"))["colors"]
    for part in ("ground", "land", "lawn", "park", "arterial"):
        ground = tuple(bytes.fromhex(colors[part][1:]))
        assert difference(shown.none, ground, sight) > 0.08, part


def test_an_unknown_style_is_refused_with_those_that_exist() -> None:
    for name in ("base", "dusk", "../night"):
        with pytest.raises(NotFound, match="day, night, wall"):
            base_map.document(name)


def test_the_styles_and_the_legends_come_over_http(web: Web) -> None:
    for name in base_map.STYLES:
        document = web.client.get(f"/styles/{name}.json").json
        assert document["sources"]["base"]["tiles"][0].startswith("http://localhost/tiles/areas,")
    assert web.client.get("/styles/dusk.json").status_code == 404
    found = {(entry["layer"], entry["metric"]): entry for entry in web.client.get("/legends.json").json["legends"]}
    assert set(found) == {(entry.layer, entry.metric) for entry in LEGENDS}
    residents = found["buildings", "residents"]
    assert residents == legend("buildings", "residents").as_json()
    day = web.client.get("/legends.json?style=day").json["legends"]
    assert legend("buildings", "residents").on_light().as_json() in day
    assert residents not in day
    for path in ("/legends.json", "/api/scenes/sandbox"):
        assert web.client.get(f"{path}?style=dusk").status_code == 422
    scene = web.client.get("/api/scenes/sandbox?style=day").json
    assert scene["legend"][0] == legend("buildings", "residents").on_light().as_json()


def test_a_page_opens_in_the_style_of_its_link_else_in_the_one_chosen_last_else_by_night(web: Web) -> None:
    def style(query: str = "") -> str:
        page = web.client.get(f"/{query}").get_data(as_text=True)
        said = re.findall(r'data-style="(\w+)"', page) + re.findall(r'href="/styles/(\w+)\.json"', page)
        said += re.findall(r'"style": "(\w+)"', page)
        assert len(said) == 3
        [name] = set(said)
        return name

    assert style() == "night"
    assert style("?style=wall") == "night"
    web.client.set_cookie(STYLE_COOKIE, "day")
    assert style() == "day"
    assert style("?style=night") == "night"
    web.client.set_cookie(STYLE_COOKIE, '"><script>')
    assert style() == "night"
