"""OGC API – Common: parameters as every OGC API reads them, documents as its schemas describe them."""

from typing import Any

import jsonschema
import pytest

from tests.fixtures.web import Web
from tests.webmap.ogc.client import ask, codes, features, link
from tests.webmap.ogc.conftest import BUILDINGS

LIKELY = {
    "bbox": "117,31,118,32", "bbox-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "f": "json", "lang": "en",
    "crs": "http://www.opengis.net/def/crs/EPSG/0/4490", "datetime": "2026-11-01", "limit": "1", "offset": "1",
    "filter": "use = 'school'", "filter-lang": "cql2-text", "skipGeometry": "true", "resulttype": "hits",
    "filter-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "properties": "code", "sortby": "-code",
}


def described(town: Web) -> dict[str, dict[str, Any]]:
    """Return the parameters of buildings in the OpenAPI document, by name."""
    document = town.client.get("/ogc/openapi?f=json").json
    listed = document["paths"]["/collections/buildings/items"]["get"]["parameters"]
    shared = document["components"]["parameters"]
    return {one["name"]: one for one in (shared[one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one
                                         for one in listed)}


@pytest.mark.conformance("common-1/core/query-param-capitalization")
def test_a_parameter_is_known_by_its_name_as_it_is_written(town: Web) -> None:
    for name, one in described(town).items():
        value = LIKELY.get(name) or ("1" if one["schema"]["type"] == "number" else "x")
        also = {"bbox": LIKELY["bbox"]} if name == "bbox-crs" else {}
        assert ask(town, "buildings", **{name: value}, **also).status_code == 200, name
        assert ask(town, "buildings", **{name.swapcase(): value}, **also).status_code == 400, name


@pytest.mark.conformance("common-1/core/query-param-list-delimiter", "common-1/core/query-param-list-empty")
def test_a_list_is_divided_by_commas_and_is_not_empty(town: Web) -> None:
    lists = {name: one for name, one in described(town).items() if one["schema"]["type"] == "array"}
    assert lists.keys() == {"bbox", "properties", "sortby"}
    for name, value in {"bbox": LIKELY["bbox"], "properties": "code,use", "sortby": "use,-code"}.items():
        assert ask(town, "buildings", **{name: value}).status_code == 200
        for delimiter in ";| ":
            assert ask(town, "buildings", **{name: value.replace(",", delimiter)}).status_code == 400, (name, delimiter)
        # What is not there is an empty list, which the document excludes.
        assert lists[name]["schema"]["minItems"] > 0
        assert ask(town, "buildings", **{name: ""}).status_code == 400
    some = features(town, "buildings", properties="code,use", sortby="use,-code", limit="1")["features"][0]
    assert some["properties"] == {"code": "B059", "use": "office"}


@pytest.mark.conformance("common-1/core/query-param-value-boolean", "common-1/core/query-param-value-integer",
                         "common-1/core/query-param-value-decimal", "common-1/core/query-param-value-double")
def test_values_are_read_as_every_ogc_api_writes_them(town: Web) -> None:
    for text, expected in (("true", True), ("false", False)):
        found = features(town, "buildings", code="B001", skipGeometry=text)
        assert (found["features"][0]["geometry"] is None) == expected
    plain = codes(features(town, "buildings", limit="3", offset="2"))
    assert codes(features(town, "buildings", limit="003", offset="0002")) == plain
    assert ask(town, "buildings", limit="000").status_code == 400
    by_floors = codes(features(town, "buildings", floors="3"))
    assert by_floors
    for text in ("003.00", "3.0", "003", "0.3e1", "+3"):
        assert codes(features(town, "buildings", floors=text)) == by_floors, text
    for text in ("-003.00", "4.3000e10", "-4294967297.5000"):
        assert codes(features(town, "buildings", floors=text)) == []
    assert features(town, "buildings")["numberMatched"] == BUILDINGS + 1


LINK = {"type": "object", "required": ["href", "rel"], "properties": {
    "href": {"type": "string"}, "rel": {"type": "string"}, "type": {"type": "string"}, "title": {"type": "string"},
    "hreflang": {"type": "string"}, "length": {"type": "integer"}}}
LINKS = {"type": "array", "items": LINK, "minItems": 1}
LANDING = {"type": "object", "required": ["links"], "properties": {
    "title": {"type": "string"}, "description": {"type": "string"}, "attribution": {"type": "string"}, "links": LINKS}}
CLASSES = {"type": "object", "required": ["conformsTo"], "properties": {
    "conformsTo": {"type": "array", "items": {"type": "string"}, "minItems": 1}}}
COLLECTION = {"type": "object", "required": ["id", "links"], "properties": {
    "id": {"type": "string"}, "title": {"type": "string"}, "description": {"type": "string"}, "links": LINKS,
    "itemType": {"type": "string"}, "crs": {"type": "array", "items": {"type": "string"}},
    "extent": {"type": "object", "properties": {
        "spatial": {"type": "object", "properties": {"bbox": {"type": "array", "minItems": 1, "items": {
            "type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}}}},
        "temporal": {"type": "object", "properties": {"interval": {"type": "array", "minItems": 1, "items": {
            "type": "array", "minItems": 2, "maxItems": 2, "items": {"type": ["string", "null"]}}}}}}}}}
COLLECTIONS = {"type": "object", "required": ["links", "collections"], "properties": {
    "links": LINKS, "collections": {"type": "array", "items": COLLECTION}}}


@pytest.mark.conformance("common-1/json/definition", "common-1/json/content",
                         "common-2/collections/collections-list-success")
def test_documents_are_json_as_the_standard_describes_it(town: Web) -> None:
    schemas = {"": LANDING, "/conformance": CLASSES, "/collections": COLLECTIONS, "/collections/buildings": COLLECTION}
    for path, schema in schemas.items():
        answer = town.client.get(f"/ogc{path}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), path
        jsonschema.validate(answer.json, schema)
    address = link(town.client.get("/ogc").json, "service-desc")
    assert town.client.get(address, headers={"Accept": "application/json"}).json["openapi"].startswith("3.0")
