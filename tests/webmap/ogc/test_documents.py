"""OGC API – Features, Part 1: the forms that documents have, the OpenAPI document, and host names."""

import html
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import resources
from typing import Any

import jsonschema
import pytest

from sample_gis import frame
from tests.fixtures.homes import REPOSITORY
from tests.fixtures.web import Web
from tests.webmap.ogc.client import DOCUMENTS, ask, collections
from webmap import identity
from webmap.ogc import answers, asked, cql_text
from webmap.ogc.collections import readable


@pytest.mark.conformance("features-1/geojson/definition", "features-1/geojson/content")
def test_features_are_valid_geojson(town: Web) -> None:
    position = {"type": "array", "minItems": 2, "items": {"type": "number"}}
    geometry = {"oneOf": [{"type": "null"}, {"type": "object", "required": ["type", "coordinates"]}]}
    feature = {"type": "object", "required": ["type", "geometry", "properties"], "properties": {
        "type": {"const": "Feature"}, "id": {"type": ["string", "integer"]}, "geometry": geometry}}
    schema = {"type": "object", "required": ["type", "features"], "properties": {
        "type": {"const": "FeatureCollection"}, "features": {"type": "array", "items": feature}}}
    for name in collections(town):
        answer = ask(town, name)
        assert answer.mimetype == "application/geo+json"
        jsonschema.validate(answer.json, schema)
        # A unit without an entrance has no geometry.
        for one in (feature for feature in answer.json["features"] if feature["geometry"]):
            assert "crs" not in one["geometry"]
            inner = one["geometry"]["coordinates"]
            while isinstance(inner[0], list):
                inner = inner[0]
            jsonschema.validate(inner, position)


@pytest.mark.conformance("features-1/html/definition", "features-1/html/content", "common-1/html/definition",
                         "common-1/html/content")
def test_every_document_has_a_page_in_both_languages(town: Web) -> None:
    for path in DOCUMENTS:
        for language, word in (("zh-CN", "开放图层"), ("en", "open layers")):
            answer = town.client.get(f"/ogc{path.format('buildings')}", query_string={"lang": language},
                                     headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
            assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
            assert word in answer.text
            assert f'<html lang="{language}">' in answer.text
            assert answer.headers["Content-Language"] == language
    page = town.client.get("/ogc/collections/buildings/items?code=B001&f=html").text
    assert "1号楼" in page
    assert "<svg" in page


@pytest.mark.parametrize(("accept", "f", "mimetype"), [
    ("application/json", None, "application/geo+json"), ("*/*", None, "application/geo+json"),
    ("text/html", None, "text/html"), ("text/html", "json", "application/geo+json"),
    ("application/json", "html", "text/html"), ("image/png;q=0, nonsense", None, "application/geo+json"),
    ("text/html;q=0", None, "application/geo+json"),
])
def test_the_format_is_the_one_asked_for(town: Web, accept: str, f: str | None, mimetype: str) -> None:
    query = {"limit": "1"} | ({"f": f} if f else {})
    answer = town.client.get("/ogc/collections/buildings/items", query_string=query, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, mimetype)


CHINESE = re.compile("[\u4e00-\u9fff]")


def texts(node: Any) -> Iterator[str]:
    """Yield every text of a document that is written for people."""
    for name, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name in ("description", "summary") and isinstance(inner, str):
            yield inner
        yield from texts(inner)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_text_for_people_is_in_the_language_asked_for(town: Web, language: str) -> None:
    paths = ["/openapi"]
    for name in collections(town):
        paths += [f"/collections/{name}/{document}" for document in ("schema", "queryables")]
    for path in paths:
        query = {"lang": language}
        found = [*texts(town.client.get(f"/ogc{path}", query_string={**query, "f": "json"}).json)]
        assert found
        page = html.unescape(town.client.get(f"/ogc{path}", query_string={**query, "f": "html"}).text)
        for text in found:
            assert bool(CHINESE.search(text)) == (language == "zh-CN"), (path, text)
            # A page has the texts of what is asked for, not those of answers.
            assert path == "/openapi" or text in page
    page = html.unescape(town.client.get("/ogc/openapi", query_string={"lang": language, "f": "html"}).text)
    document = town.client.get("/ogc/openapi", query_string={"lang": language, "f": "json"}).json
    for one in document["components"]["parameters"].values():
        assert one["description"] in page
    for path, zh, en in (("/tileMatrixSets", "墨卡托", "Google Maps compatible"),
                         ("/collections/buildings/tiles/WebMercatorQuad", "<li>瓦片 ", "<li>Tiles ")):
        page = town.client.get(f"/ogc{path}", query_string={"lang": language, "f": "html"}).text
        assert (zh in page, en in page) == (language == "zh-CN", language == "en"), path


VARIABLES = {"identifier": "featureId", "matrix_set": "tileMatrixSetId", "matrix": "tileMatrix", "row": "tileRow",
             "column": "tileCol"}
"""Variables of our routes → the standard's in the OpenAPI document."""


def routes(town: Web) -> dict[str, set[str]]:
    """Return the paths of every route of /ogc, with each collection's name in its place, and their methods."""
    found: dict[str, set[str]] = {}
    for rule in town.app.url_map.iter_rules():
        # What pygeoapi's links write with a capital is the same resource, as is the landing page with a slash.
        if not rule.endpoint.startswith("ogc.") or "/TileMatrixSets" in rule.rule or rule.rule == "/ogc":
            continue
        path = rule.rule.removeprefix("/ogc").replace("/tileMatrixSets/<name>", "/tileMatrixSets/{tileMatrixSetId}")
        path = re.sub("<([a-z_]+)>", lambda variable: f"{{{VARIABLES.get(variable[1], variable[1])}}}", path)
        for name in collections(town) if "{name}" in path else [""]:
            found.setdefault(path.replace("{name}", name), set()).update(
                method.lower() for method in rule.methods - {"HEAD", "OPTIONS"})
    return found


@pytest.mark.conformance("features-1/core/api-definition-op", "features-1/core/api-definition-success",
                         "features-1/oas30/definition-1", "features-1/oas30/definition-2",
                         "features-1/oas30/oas-impl", "features-1/oas30/completeness", "tiles-1/oas30/completeness",
                         "tiles-1/oas30/operation-id", "common-1/landing-page/api-definition-op",
                         "common-1/landing-page/api-definition-success", "common-1/oas30/oas-definition-1",
                         "common-1/oas30/oas-definition-2", "common-1/oas30/oas-impl", "common-1/oas30/completeness")
def test_the_openapi_document_describes_every_route_and_refers_to_no_other_host(town: Web) -> None:
    answer = town.client.get("/ogc/openapi", headers={"Accept": "application/vnd.oai.openapi+json;version=3.0"})
    assert answer.headers["Content-Type"].startswith("application/vnd.oai.openapi+json")
    document = answer.json
    # The OpenAPI Initiative's own schema of 3.0, of draft 4, as pygeoapi ships it.
    schema = resources.files("pygeoapi").joinpath("schemas/openapi/openapi-3.0.x.json").read_text(encoding="utf-8")
    jsonschema.Draft4Validator(json.loads(schema)).validate(document)
    assert document["openapi"].startswith("3.0")
    assert document["servers"] == [{"url": "http://localhost/ogc"}]
    assert {path: set(methods) for path, methods in document["paths"].items()} == routes(town)
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    ids = [one["operationId"] for one in operations]
    assert len(set(ids)) == len(ids)
    for ending in ("getTileSetsList", "getTileSet", "getTile"):
        assert f"buildings.collection.vector.{ending}" in ids
    references = [part.split('"')[0] for part in answer.text.split('"$ref": "')[1:]]
    for reference in references:
        _, kind, name = reference.removeprefix("#/").split("/")
        assert name in document["components"][kind], reference


@pytest.mark.conformance("tiles-1/core/tc-tilematrix-definition", "tiles-1/core/tc-tilerow-definition",
                         "tiles-1/core/tc-tilecol-definition")
def test_the_openapi_document_describes_where_a_tile_lies(town: Web) -> None:
    paths = town.client.get("/ogc/openapi?f=json").json["paths"]
    for name in collections(town):
        tile = paths[f"/collections/{name}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"]["get"]
        described = {one["name"]: one for one in tile["parameters"]}
        assert described["tileMatrix"] == {"name": "tileMatrix", "in": "path", "required": True, "schema": {
            "type": "string", "enum": [str(z) for z in range(23)]}}
        for place in ("tileRow", "tileCol"):
            assert described[place] == {"name": place, "in": "path", "required": True, "schema": {
                "type": "integer", "minimum": 0, "maximum": 2**22 - 1}}


@pytest.mark.conformance("features-1/core/fc-limit-definition", "features-1/core/fc-bbox-definition",
                         "features-1/core/fc-time-definition", "features-1/oas30/exception-codes",
                         "common-1/oas30/exception-codes")
def test_the_openapi_document_describes_parameters_and_faults(town: Web) -> None:
    document = town.client.get("/ogc/openapi?f=json").json
    parameters = document["components"]["parameters"]
    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100}
    assert parameters["bbox"]["schema"] | {"maxItems": 6} == {
        "type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    assert (parameters["bbox"]["style"], parameters["bbox"]["explode"]) == ("form", False)
    assert parameters["datetime"]["schema"] == {"type": "string"}
    for methods in document["paths"].values():
        for operation in methods.values():
            assert {"200", "400", "401", "403", "404", "503", "504"} <= set(operation["responses"])
        assert "post" not in methods or "413" in methods["post"]["responses"]


def test_the_openapi_document_has_the_parameters_that_are_taken_and_no_others(town: Web) -> None:
    paths = town.client.get("/ogc/openapi?f=json").json["paths"]

    def named(path: str, method: str = "get") -> set[str]:
        return {one.get("name") or one["$ref"].rsplit("/", 1)[1] for one in paths[path][method]["parameters"]}

    for name, collection in readable(identity.DEMO).items():
        here = f"/collections/{name}"
        assert named(here) == asked.EVERYWHERE
        for method in ("get", "post"):
            assert named(f"{here}/items", method) == asked.ITEMS | set(collection.properties)
        assert named(f"{here}/items/{{featureId}}") == asked.ITEM | {"featureId"}
        tile = f"{here}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
        assert named(tile) == {"f", "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"}


def test_the_example_of_a_filter_is_one_and_lies_in_the_sample_city(town: Web) -> None:
    described = town.client.get("/ogc/openapi?f=json").json["components"]["parameters"]["filter"]["description"]
    example = described[described.index("use = "):].rstrip("。.")
    assert ask(town, "buildings", filter=example).status_code == 200
    west, south, east, north = cql_text.parse(example)["args"][1]["args"][1]["bbox"]
    lon, lat = frame.CENTRE
    assert west < lon < east
    assert south < lat < north


def test_features_come_in_gzip_where_it_is_taken(town: Web) -> None:
    plain = town.client.get("/ogc/collections/buildings/items", headers={"Accept-Encoding": "identity"})
    packed = town.client.get("/ogc/collections/buildings/items", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 5
    assert {"Accept", "Accept-Encoding", "Accept-Language"} <= {*packed.vary.as_set(preserve_casing=True)}


def test_two_host_names_at_once_get_links_of_their_own(town: Web) -> None:
    hosts = ("127.0.0.1:8700", "localhost:9999")
    wrong: list[str] = []
    start = threading.Barrier(len(hosts))

    def read(host: str) -> None:
        client = town.app.test_client()
        start.wait()
        for path in ("/ogc", "/ogc/collections", "/ogc/collections/buildings/items?limit=1") * 8:
            answer = client.get(path, headers={"Host": host})
            found = [one["href"] for document in (answer.json, *answer.json.get("collections", []))
                     for one in document.get("links", [])]
            wrong.extend(href for href in found if not href.startswith(f"http://{host}/ogc"))

    threads = [threading.Thread(target=read, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_every_address_of_the_manual_answers(town: Web) -> None:
    manual = (REPOSITORY / "docs" / "open-layers.md").read_text(encoding="utf-8")
    examples = re.findall(r"^\| `\?(.+?)` \|", manual, re.MULTILINE)
    assert len(examples) > 9
    for example in examples:
        answer = town.client.get(f"/ogc/collections/buildings/items?{example}")
        assert answer.status_code == 200, example


def test_a_failure_of_the_core_is_no_fault_of_the_client(town: Web) -> None:
    local = {"REMOTE_ADDR": "127.0.0.1"}
    with town.app.test_request_context("/ogc", environ_base=local), pytest.raises(RuntimeError, match="answered 500"):
        answers._ask(lambda _api, _request: ({}, 500, '{"description": "connection error (check logs)"}'))


def test_a_service_that_nobody_asks_for_open_layers_does_not_load_what_they_need() -> None:
    code = "import sys, webmap.app; sys.exit('pygeoapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
