"""OGC API – Features, Part 3: CQL2 filters, text and JSON, against what the same question in SQL finds."""

import json

import pytest
from flask import Response

from tests.fixtures.web import Web
from tests.webmap.ogc import conftest
from tests.webmap.ogc.client import ask, codes, collections, features, link
from webmap.ogc import answers

SCHEMA = "https://json-schema.org/draft/2019-09/schema"
NAMED = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


@pytest.mark.conformance("features-3/filter/get-queryables", "features-3/queryables/get-queryables-response",
                         "features-3/filter/get-collection", "cql2/basic-cql2/basic-test")
def test_every_collection_says_what_filters_may_name(town: Web) -> None:
    for name in collections(town):
        collection = town.client.get(f"/ogc/collections/{name}").json
        assert link(collection, NAMED).split("?")[0] == f"http://localhost/ogc/collections/{name}/queryables"
        answer = town.client.get(f"/ogc/collections/{name}/queryables", headers={"Accept": "application/schema+json"})
        assert answer.mimetype == "application/schema+json"
        document = answer.json
        assert document["$schema"] == SCHEMA
        assert document["$id"] == f"http://localhost/ogc/collections/{name}/queryables"
        assert (document["type"], document["additionalProperties"]) == ("object", False)
        assert document["properties"]["geometry"] == {"format": "geometry-any", "x-ogc-role": "primary-geometry"}
        assert len(document["properties"]) > 1
        assert {one.get("type") or one["format"] for one in document["properties"].values()} <= {
            "string", "number", "boolean", "geometry-any"}
        schema = town.client.get(f"/ogc/collections/{name}/schema").json
        feature = features(town, name, limit="1")["features"]
        assert not feature or set(feature[0]["properties"]) == set(schema["properties"]) - {"geometry"}


BUILDINGS = """
SELECT code FROM building LEFT JOIN building_tally ON building_id = building.id WHERE {} ORDER BY building.id
"""
INSIDE = "ST_Intersects(footprint, ST_SetSRID(ST_MakeEnvelope(117.0025, 31.0005, 117.0055, 31.0025), 4490))"


@pytest.mark.conformance("features-3/filter/filter-param", "features-3/filter/filter-lang-default",
                         "features-3/features-filter/filter-on-items")
@pytest.mark.parametrize(("text", "where"), [
    ("use = 'school'", "use = 'school'"),
    ("use <> 'school' AND height_m >= 24", "use <> 'school' AND height_m >= 24"),
    ("use = 'school' OR use = 'office' AND floors < 3", "use = 'school' OR (use = 'office' AND floors_above < 3)"),
    ("NOT (use = 'school' OR use = 'office')", "use NOT IN ('school', 'office')"),
    ("floors BETWEEN 2 AND 3 AND name IS NULL", "floors_above BETWEEN 2 AND 3 AND name IS NULL"),
    ("floors NOT BETWEEN 2 AND 8", "floors_above NOT BETWEEN 2 AND 8"),
    ("use NOT IN ('school', 'office')", "use NOT IN ('school', 'office')"),
    ("name LIKE '1%号楼'", "name LIKE '1%号楼'"),
    ("code NOT LIKE 'B0_1'", "code NOT LIKE 'B0_1'"),
    ("name IS NOT NULL AND residents > 1", "name IS NOT NULL AND residents > 1"),
    ("height_m IS NULL", "height_m IS NULL"),
    ("height_m < 20", "height_m < 20"),
    ("drawn_height_m = 18", "coalesce(height_m, floors_above * 3.0) = 18"),
    ("residents = 0", "coalesce(residents, 0) = 0"),
    ("S_INTERSECTS(geometry, BBOX(117.0025, 31.0005, 117.0055, 31.0025))", INSIDE),
    ("S_DISJOINT(geometry, BBOX(117.0025, 31.0005, 117.0055, 31.0025))", f"NOT {INSIDE}"),
    ("use = 'school' AND NOT s_within(geometry, POLYGON((117 31, 117.005 31, 117.005 31.003, 117 31.003, 117 31)))",
     "use = 'school' AND NOT footprint <@ ST_SetSRID(ST_MakeEnvelope(117, 31, 117.005, 31.003), 4490)"),
])
def test_a_filter_finds_what_the_same_condition_in_sql_finds(town: Web, text: str, where: str) -> None:
    where = where.replace("footprint <@", "ST_CoveredBy(footprint,") + (")" if "<@" in where else "")
    expected = [code for code, in town.objects.connection.execute(BUILDINGS.format(where))]
    assert expected
    for language in ({}, {"filter_lang": "cql2-text"}):
        found = features(town, "buildings", filter=text, limit="100", **language)
        assert (codes(found), found["numberMatched"]) == (expected, len(expected))


@pytest.mark.parametrize(("node", "expected"), [
    ({"op": "=", "args": [{"property": "code"}, "B001"]}, ["B001"]),
    ({"op": "and", "args": [{"op": "in", "args": [{"property": "use"}, ["school", "office"]]},
                            {"op": "<", "args": [{"property": "code"}, "B003"]}]}, ["B001", "B002"]),
    ({"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [117.0012, 31.0012]}]},
     ["B000"]),
    ({"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [117.0012, 31.0012, 117.0022, 31.0012001]}]},
     ["B000", "B001"]),
])
def test_cql2_json_is_taken_in_the_address_and_in_the_body(town: Web, node: dict, expected: list[str]) -> None:
    assert codes(features(town, "buildings", filter=json.dumps(node), filter_lang="cql2-json")) == expected
    for media_type in ("application/query-cql-json", "application/json"):
        answer = town.client.post("/ogc/collections/buildings/items?limit=1", data=json.dumps(node),
                                  content_type=media_type)
        assert codes(answer.json) == expected[:1]
    found, address = codes(answer.json), link(answer.json, "next")
    while address:
        page = town.client.get(address).json
        found += codes(page)
        address = link(page, "next")
    assert found == expected


@pytest.mark.parametrize(("text", "all_or_none"), [
    ("true", True), ("FALSE", False), ("NOT FALSE", True), ("true AND code IS NULL", False),
    ("code IS NULL OR (TRUE)", True)])
def test_a_boolean_literal_is_a_filter(town: Web, text: str, all_or_none: bool) -> None:
    everything = codes(features(town, "buildings"))
    assert codes(features(town, "buildings", filter=text)) == (everything if all_or_none else [])
    literal = {"op": "and", "args": [all_or_none, True]}
    for node in (all_or_none, literal):
        found = features(town, "buildings", filter=json.dumps(node), filter_lang="cql2-json")
        assert codes(found) == (everything if all_or_none else [])


@pytest.mark.conformance("features-3/filter/expression-construction")
@pytest.mark.parametrize("text", ["this_is_not_a_queryable IS NULL", "footprint IS NULL", "id = 1", "area_code = '1'",
                                  "S_INTERSECTS(geom_web, POINT(1 1))", "geometry = 1",
                                  "geometry LIKE 'a'", "'a' = use"])
def test_what_is_no_queryable_is_refused(town: Web, text: str) -> None:
    answer = ask(town, "buildings", filter=text)
    assert answer.status_code == 400
    assert answer.json["code"] == "InvalidParameterValue"


@pytest.mark.conformance("features-3/filter/mixing-expression")
def test_a_filter_and_the_other_parameters_must_all_hold(town: Web) -> None:
    box = "117.0009,31.0009,117.0034,31.0014"
    assert codes(features(town, "buildings", bbox=box)) == ["B000", "B001", "B002"]
    assert codes(features(town, "buildings", bbox=box, filter="use = 'school'")) == ["B001"]
    assert codes(features(town, "buildings", bbox=box, filter="use = 'school'", floors="9")) == []
    assert codes(features(town, "buildings", bbox="10,10,11,11", filter="use = 'school'")) == []


@pytest.mark.parametrize("text", [
    "use = 5", "floors = '5'", "floors LIKE '5'", "use IN (1)", "floors BETWEEN 'a' AND 'b'", "floors = TRUE",
    "T_AFTER(use, TIMESTAMP('2026-01-01T00:00:00Z'))", "S_CROSSES(use, POINT(1 1))",
    "S_INTERSECTS(geometry, BBOX(1000000, 1000000, 2000000, 2000000))", "S_INTERSECTS(geometry, 'POINT(1 1)')",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "S_INTERSECTS(geometry, POLYGON EMPTY)",
    "code LIKE 'B%\\\\'", "S_INTERSECTS(geometry, POINT(0 90.1))",
    "S_NEAR(geometry, POINT(1 1))", "floors = 1e999", "S_INTERSECTS(geometry, BBOX(1, 2, 3))",
    "S_INTERSECTS(geometry, POLYGON((nan nan, 1 1, 1 0, nan nan)))",
])
def test_values_that_do_not_fit_are_refused(town: Web, text: str) -> None:
    assert ask(town, "buildings", filter=text).status_code == 400


@pytest.mark.parametrize("body", [
    "", "[]", "nul", "{}", '{"op": 5, "args": []}', '{"op": "=", "args": "x"}', '{"op": "=", "args": []}',
    '{"op": "not", "args": [1]}', '{"op": "=", "args": [{"property": ["use"]}, "x"]}',
    '{"op": "in", "args": [{"property": "use"}, "x"]}',
    '{"op": "=", "args": [{"property": "floors"}, NaN]}', '{"op": "=", "args": [{"property": "floors"}, 1e400]}',
    '{"op": "=", "args": [{"property": "floors"}, ' + "9" * 400 + "]}", '{"op": "and", "args": [' * 300 + "]}" * 300,
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": ["a", 1]}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": ["a", 1, 2, 3]}]}',
    '{"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [null, 1, 2, 3]}]}',
    '{"op": "t_after", "args": [{"property": "use"}, {"timestamp": 5}]}', "[" * 5000,
    *(f'{{"op": "s_intersects", "args": [{{"property": "geometry"}}, {{"bbox": {box}}}]}}'
      for box in ("[[1, 2], [1, 2], [3, 4], [3, 4]]", "[true, 1, 2, 3]", "[{}, 1, 2, 3]", f"[{'9' * 400}, 1, 2, 3]")),
    *(f'{{"op": "{operator}", "args": [{{"property": "code"}}, "{text}"]}}'
      for operator in ("=", "like") for text in (r"\ud800", r"a\udfff", r"\u0000")),
    r'{"op": "in", "args": [{"property": "code"}, ["B001", "\ud800"]]}', r'{"op": "\ud800", "args": [1]}',
])
def test_json_that_is_no_filter_is_refused(town: Web, body: str) -> None:
    answer = ask(town, "buildings", filter=body, filter_lang="cql2-json")
    assert answer.status_code == 400
    assert answer.json["code"] == "InvalidParameterValue"
    if body:
        posted = town.client.post("/ogc/collections/buildings/items", data=body, content_type="application/json")
        assert posted.status_code == 400


def listed(values: int) -> dict:
    return {"op": "in", "args": [{"property": "code"}, [f"B{number:03}" for number in range(values)]]}


def test_a_filter_has_so_many_values_and_no_more(town: Web) -> None:
    whole = town.client.post("/ogc/collections/buildings/items?resulttype=hits", json=listed(999))
    assert (whole.status_code, whole.json["numberMatched"]) == (200, 60)
    compared = {"op": "=", "args": [{"property": "code"}, "B001"]}
    for node in (listed(1000), listed(70_000), {"op": "or", "args": [compared] * 1000},
                 {"op": "or", "args": [listed(400)] * 3}):
        answer = town.client.post("/ogc/collections/buildings/items", json=node)
        assert answer.status_code == 400
        assert "more than 1,000" in answer.json["description"]


def test_what_is_nested_deeper_than_python_reaches_is_a_fault_of_the_request(town: Web) -> None:
    def endless() -> Response:
        return endless()

    with town.app.test_request_context("/ogc", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        answer = answers._answer(endless)()
    assert (answer.status_code, answer.json["code"]) == (400, "InvalidParameterValue")


def test_a_body_that_comes_with_a_get_is_no_filter_and_no_link_says_so(town: Web) -> None:
    for method in ("GET", "POST"):
        answer = town.client.open("/ogc/collections/buildings/items?limit=1", method=method,
                                  json={"op": "=", "args": [{"property": "use"}, "school"]})
        filtered = method == "POST"
        assert answer.json["numberMatched"] == (20 if filtered else conftest.BUILDINGS + 1)
        assert [("filter=" in one["href"]) for one in answer.json["links"] if one["rel"] in ("self", "next")] == (
            [filtered] * 2)


@pytest.mark.parametrize("asked", [{"filter_lang": "sql"}, {"filter_lang": ""}])
def test_a_filter_language_that_is_not_there_is_refused(town: Web, asked: dict[str, str]) -> None:
    assert ask(town, "buildings", filter="use = 'school'", **asked).status_code == 400
