"""TileJSON of every layer is valid and says what the tiles hold."""

from typing import Any

import jsonschema
import pytest

from spatial.types import Box
from tests.fixtures import schemas
from tiles import layers, tilejson

BASE = "http://127.0.0.1:8700"

ZOOM = {"type": "integer", "minimum": 0, "maximum": 30}
OURS = {
    "type": "object",
    "required": ["tilejson", "tiles", "vector_layers", "minzoom", "maxzoom", "bounds", "center", "name", "scheme"],
    "additionalProperties": False,
    "properties": {
        "tilejson": {"const": "3.0.0"}, "name": {"type": "string"}, "description": {"type": "string"},
        "scheme": {"const": "xyz"}, "minzoom": ZOOM, "maxzoom": ZOOM,
        "tiles": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "uri"}},
        "bounds": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        "center": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
        "vector_layers": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["id", "fields", "minzoom", "maxzoom", "description"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"}, "description": {"type": "string"}, "minzoom": ZOOM, "maxzoom": ZOOM,
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            }}},
    },
}
"""What TileJSON 3.0.0 asks of the members that we send, in words where the specification's schema says less."""


def document(*names: str) -> dict[str, Any]:
    return tilejson.document([layers.layer(name) for name in names], BASE, Box(117.1, 31.8, 117.3, 31.9))


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_is_valid_against_the_specifications_schema(name: str) -> None:
    jsonschema.validate(document(name), schemas.TILEJSON)


@pytest.mark.parametrize("missing", ["tilejson", "tiles", "vector_layers"])
def test_the_specifications_schema_demands_what_it_must(missing: str) -> None:
    found = document("buildings")
    del found[missing]
    with pytest.raises(jsonschema.ValidationError, match=missing):
        jsonschema.validate(found, schemas.TILEJSON)


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_lists_its_fields_and_its_address(name: str) -> None:
    found = document(name)
    assert found["tilejson"] == "3.0.0"
    assert set(found["vector_layers"][0]["fields"]) == {field.name for field in layers.layer(name).fields}
    assert found["tiles"] == [f"{BASE}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"]
    assert found["bounds"] == [117.1, 31.8, 117.3, 31.9]


def test_a_composite_spans_the_zooms_of_its_layers() -> None:
    found = document("areas", "grids")
    assert (found["minzoom"], found["maxzoom"]) == (6, 16)
    assert [entry["id"] for entry in found["vector_layers"]] == [
        "areas", "areas_hidden", "grids", "grids_names", "grids_hidden"]
    assert set(found["vector_layers"][3]["fields"]) == {layers.layer("grids").named}


@pytest.mark.parametrize(("name", "cells", "minzoom"), [
    ("buildings", "building_cells", 13), ("events", "event_cells", 14)])
def test_a_layer_with_cells_lists_both_with_zooms_that_follow_one_another(name: str, cells: str, minzoom: int) -> None:
    found = document(name)
    zooms = {entry["id"]: (entry["minzoom"], entry["maxzoom"]) for entry in found["vector_layers"]}
    assert zooms == {name: (minzoom, 16), cells: (0, minzoom - 1), f"{name}_hidden": (minzoom, 16)}
    assert (found["minzoom"], found["maxzoom"]) == (0, 16)


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_has_the_types_and_ranges_of_tilejson_3(name: str) -> None:
    jsonschema.validate(document(name), OURS)
    found = document(name)
    assert found["minzoom"] <= found["center"][2] <= found["maxzoom"]


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_says_what_a_full_tile_holds_beside(name: str) -> None:
    (entry,) = [entry for entry in document(name)["vector_layers"] if entry["id"] == f"{name}_hidden"]
    assert set(entry["fields"]) == {"hidden"}


def test_without_data_the_bounds_are_those_of_the_matrix() -> None:
    assert tilejson.document([layers.layer("roads")], BASE, None)["bounds"] == [-180, -85.05, 180, 85.05]
