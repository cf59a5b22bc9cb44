"""TileJSON of every layer is valid and says what the tiles hold."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from spatial.types import Box
from tiles import layers, tilejson

BASE = "http://127.0.0.1:8700"


def document(*names: str) -> dict[str, Any]:
    return tilejson.document([layers.layer(name) for name in names], BASE, Box(117.1, 31.8, 117.3, 31.9))


@pytest.mark.shared_data
@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_is_valid_against_the_specifications_schema(name: str, shared_data: Path) -> None:
    schema = json.loads((shared_data / "suites" / "tilejson" / "schema-3.0.0.json").read_text())
    jsonschema.validate(document(name), schema)


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_the_document_of_a_layer_lists_its_fields_and_its_address(name: str) -> None:
    found = document(name)
    assert found["tilejson"] == "3.0.0"
    assert set(found["vector_layers"][0]["fields"]) == {field.name for field in layers.layer(name).fields}
    assert found["tiles"] == [f"{BASE}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt"]
    assert found["bounds"] == [117.1, 31.8, 117.3, 31.9]


def test_a_composite_spans_the_zooms_of_its_layers() -> None:
    found = document("areas", "buildings")
    assert (found["minzoom"], found["maxzoom"]) == (6, 16)
    assert [entry["id"] for entry in found["vector_layers"]] == ["areas", "buildings"]


def test_without_data_the_bounds_are_those_of_the_matrix() -> None:
    assert tilejson.document([layers.layer("roads")], BASE, None)["bounds"] == [-180, -85.05, 180, 85.05]
