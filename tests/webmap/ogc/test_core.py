"""OGC API – Features, Part 1: what every client needs first."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.web import Web
from tests.webmap.ogc.client import CRS84, ask, codes, collections, features, link
from tests.webmap.ogc.conftest import BUILDINGS
from tiles import layers


@pytest.mark.conformance("features-1/core/root-op", "features-1/core/root-success", "common-1/landing-page/root-op",
                         "common-1/landing-page/root-success")
def test_the_landing_page_leads_to_everything_else(town: Web) -> None:
    for path in ("/ogc", "/ogc/"):
        document = town.client.get(path).json
        assert document["title"]
        for rel in ("self", "alternate", "service-desc", "service-doc", "conformance", "data",
                    "http://www.opengis.net/def/rel/ogc/1.0/conformance"):
            assert town.client.get(link(document, rel)).status_code == 200, rel
        assert all({"rel", "type", "href"} <= set(one) for one in document["links"])


@pytest.mark.conformance("features-1/core/http", "common-1/core/http")
def test_every_link_of_every_document_leads_somewhere(town: Web) -> None:
    seen, waiting = set(), ["/ogc"]
    while waiting:
        answer = town.client.get(path := waiting.pop())
        assert answer.status_code in (200, 204), path
        if "json" not in answer.mimetype:
            continue
        found = [answer.json, *answer.json.get("collections", []), *answer.json.get("tilesets", []),
                 *answer.json.get("tileMatrixSets", [])]
        hrefs = {link["href"] for one in found for link in one.get("links", []) if not link.get("templated")}
        # One collection in depth is enough; the others are made of the same code.
        new = {href for href in hrefs - seen if "/collections/" not in href or "/collections/buildings" in href}
        seen |= new
        waiting += new
    assert len(seen) > 15
    assert all(href.startswith("http://localhost/") for href in seen)


@pytest.mark.conformance("features-1/core/conformance-op", "features-1/core/conformance-success",
                         "common-1/landing-page/conformance-op", "common-1/landing-page/conformance-success",
                         "tiles-1/core/conformance-success", "tiles-1/tileset/conformance-success",
                         "tiles-1/tilesets-list/conformance-success", "tiles-1/geodata-tilesets/conformance-success",
                         "features-3/filter/get-conformance", "features-3/features-filter/get-conformance")
def test_the_conformance_page_names_what_is_offered_and_nothing_else(town: Web) -> None:
    classes = town.client.get("/ogc/conformance").json["conformsTo"]
    spec = "http://www.opengis.net/spec/"
    assert {f"{spec}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")} <= set(classes)
    assert {f"{spec}ogcapi-features-2/1.0/conf/crs", f"{spec}ogcapi-features-3/1.0/conf/filter",
            f"{spec}ogcapi-features-3/1.0/conf/features-filter", f"{spec}ogcapi-tiles-1/1.0/conf/core",
            f"{spec}ogcapi-tiles-1/1.0/conf/tileset", f"{spec}ogcapi-tiles-1/1.0/conf/tilesets-list",
            f"{spec}ogcapi-tiles-1/1.0/conf/geodata-tilesets", f"{spec}ogcapi-tiles-1/1.0/conf/mvt"} <= set(classes)
    assert not [one for one in classes if "create-replace-delete" in one]
    # pygeoapi's own list grows with every request.
    assert town.client.get("/ogc/conformance").json["conformsTo"] == classes


@pytest.mark.conformance("features-1/core/fc-md-op", "features-1/core/fc-md-success", "features-1/core/fc-md-links",
                         "features-1/core/fc-md-items", "features-1/core/fc-md-items-links",
                         "features-3/filter/get-collections", "common-2/collections/collections-list-op",
                         "common-2/collections/collections-list-links",
                         "common-2/collections/collections-list-collections")
def test_every_layer_is_a_collection_with_links_to_its_features(town: Web) -> None:
    document = town.client.get("/ogc/collections").json
    assert [one["id"] for one in document["collections"]] == [layer.name for layer in layers.LAYERS]
    assert link(document, "self")
    assert link(document, "alternate")
    for one in document["collections"]:
        assert {"rel", "type", "href"} <= set(one["links"][0])
        assert one["itemType"] == "feature"
        assert one["title"] == layers.layer(one["id"]).title["zh-CN"]
        answer = town.client.get(link(one, "items"))
        assert (answer.status_code, answer.mimetype) == (200, "application/geo+json"), one["id"]


@pytest.mark.conformance("features-1/core/sfc-md-op", "features-1/core/sfc-md-success",
                         "common-2/collections/description-op", "common-2/collections/description-success",
                         "common-2/collections/description-links")
def test_a_collection_by_itself_says_what_the_list_says(town: Web) -> None:
    listed = {one["id"]: one for one in town.client.get("/ogc/collections").json["collections"]}
    for name in collections(town):
        alone = town.client.get(f"/ogc/collections/{name}").json
        assert {key: alone[key] for key in ("id", "title", "description", "extent", "crs", "storageCrs", "links")} == {
            key: listed[name][key] for key in ("id", "title", "description", "extent", "crs", "storageCrs", "links")}
        assert {"self", "alternate"} <= {one["rel"] for one in alone["links"]}
        assert all({"rel", "type", "href"} <= set(one) for one in alone["links"])


@pytest.mark.conformance("features-1/core/fc-md-extent", "common-2/collections/description-extent",
                         "common-2/collections/description-extent-multi")
def test_the_extent_holds_every_feature(town: Web) -> None:
    for name in collections(town):
        extent = town.client.get(f"/ogc/collections/{name}").json["extent"]
        west, south, east, north = extent["spatial"]["bbox"][0]
        assert extent["spatial"]["crs"] == CRS84
        # One box and one interval: none that could leave the first.
        assert all(len(inner) == 1 for inner in (extent["spatial"]["bbox"], extent.get("temporal", {}).get(
            "interval", [None])))
        everything = features(town, name)["numberMatched"]
        inside = features(town, name, bbox=f"{west},{south},{east},{north}", limit="1", resulttype="hits")
        # A unit without an entrance has no place.
        assert name == "units" or inside["numberMatched"] == everything
    times = town.client.get("/ogc/collections/grids").json["extent"]["temporal"]["interval"]
    assert times == [["2020-01-01T00:00:00Z", None]]


@pytest.mark.conformance("features-1/core/fc-op", "features-1/core/fc-response", "features-1/core/fc-numberMatched",
                         "features-1/core/fc-numberReturned", "features-1/core/fc-links",
                         "features-1/core/fc-limit-response", "features-1/core/fc-timeStamp")
def test_pages_hold_every_feature_once_and_end(town: Web) -> None:
    address, found, pages = "/ogc/collections/buildings/items?limit=20", [], 0
    while address:
        page = town.client.get(address).json
        assert page["numberMatched"] == BUILDINGS + 1
        assert page["numberReturned"] == len(page["features"]) <= 20
        assert abs(datetime.fromisoformat(page["timeStamp"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert (link(page, "prev") is None) == (pages == 0)
        assert {link["rel"] for link in page["links"]} >= {"self", "alternate", "collection"}
        found += codes(page)
        address = link(page, "next")
        pages += 1
    assert sorted(found) == sorted({*found}) == [*(f"B{number:03}" for number in range(BUILDINGS)), "OTHER"]
    assert pages == 4


def test_a_last_page_that_is_full_has_no_next(town: Web) -> None:
    page = features(town, "buildings", limit=str(BUILDINGS + 1))
    assert page["numberReturned"] == BUILDINGS + 1
    assert link(page, "next") is None
    beyond = features(town, "buildings", offset="1000")
    assert (beyond["features"], beyond["numberMatched"]) == ([], BUILDINGS + 1)


def test_hits_are_counted_without_features(town: Web) -> None:
    found = features(town, "buildings", resulttype="hits", use="school")
    assert (found["features"], found["numberReturned"], found["numberMatched"]) == ([], 0, 20)


@pytest.mark.conformance("features-1/core/fc-bbox-response")
@pytest.mark.parametrize(("bbox", "expected"), [
    ("117.001,31.001,117.0012,31.0012", ["B000"]),
    ("117.001,31.001,0,117.0012,31.0012,100", ["B000"]),
    ("117.0015,31.0015,117.002,31.002", ["B000", "B001", "B010", "B011"]),
    ("117.024,31,-170,32", ["OTHER"]),
    ("10,10,11,11", []),
    ("-180,-90,180,90", None),
])
def test_a_box_selects_what_it_reaches(town: Web, bbox: str, expected: list[str] | None) -> None:
    found = features(town, "buildings", bbox=bbox, limit="100")
    assert codes(found) == expected if expected is not None else found["numberMatched"] == BUILDINGS + 1


@pytest.mark.conformance("features-1/core/fc-time-response")
@pytest.mark.parametrize(("datetime_", "names"), [
    (None, ["第一网格", "第二网格"]),
    ("2022-01-01T00:00:00Z", ["旧网格"]),
    ("2024-06-01", ["旧网格", "第二网格"]),
    ("2024-12-31T23:59:59Z/2025-01-01T00:00:00Z", ["旧网格", "第一网格", "第二网格"]),
    ("2025-01-01T00:00:00Z", ["第一网格", "第二网格"]),
    ("../2019-12-31T23:59:59Z", []),
    ("2030-01-01T00:00:00+08:00/..", ["第一网格", "第二网格"]),
])
def test_grids_are_those_in_force_at_the_time(town: Web, datetime_: str | None, names: list[str]) -> None:
    asked = {} if datetime_ is None else {"datetime": datetime_}
    found = features(town, "grids", **asked)
    assert [feature["properties"]["name"] for feature in found["features"]] == names


def test_features_without_time_are_there_at_any_time(town: Web) -> None:
    assert features(town, "buildings", datetime="1999-01-01")["numberMatched"] == BUILDINGS + 1


@pytest.mark.conformance("features-3/queryables-query-parameters/parameters")
@pytest.mark.parametrize(("asked", "expected"), [
    ({"code": "B007"}, ["B007"]),
    ({"name": "1号楼"}, ["B001"]),
    ({"use": "school", "floors": "2"}, ["B001", "B010", "B019", "B028", "B037", "B046", "B055"]),
    ({"residents": "12"}, ["B002"]),
    ({"name": "' OR 1=1 --"}, []),
])
def test_properties_select_by_equality(town: Web, asked: dict[str, str], expected: list[str]) -> None:
    assert codes(features(town, "buildings", limit="100", **asked)) == expected


@pytest.mark.parametrize(("sortby", "first"), [("-height_m,code", "B008"), ("+code", "B000"), (" code", "B000"),
                                               ("-code", "OTHER"), ("height_m,-code", "B054"),
                                               ("-drawn_height_m,code", "B008")])
def test_features_come_in_the_order_asked_for(town: Web, sortby: str, first: str) -> None:
    assert codes(features(town, "buildings", sortby=sortby, limit="1")) == [first]


def test_only_the_properties_asked_for_come_along_and_geometries_may_stay_away(town: Web) -> None:
    found = features(town, "buildings", properties="code,use", skipGeometry="true", limit="1")
    assert found["features"][0] == {"type": "Feature", "id": found["features"][0]["id"], "geometry": None,
                                    "properties": {"code": "B000", "use": "residential"}}


@pytest.mark.conformance("features-1/core/f-op", "features-1/core/f-success", "features-1/core/f-links")
def test_one_feature_is_the_same_as_in_the_list(town: Web) -> None:
    listed = features(town, "buildings", limit="1")["features"][0]
    answer = town.client.get(f"/ogc/collections/buildings/items/{listed['id']}")
    assert answer.mimetype == "application/geo+json"
    assert {key: answer.json[key] for key in listed} == listed
    assert {link["rel"] for link in answer.json["links"]} == {"self", "alternate", "collection"}


def test_a_height_is_the_one_on_record_and_what_is_drawn_stands_beside_it(town: Web) -> None:
    heights = [(one["properties"]["height_m"], one["properties"]["drawn_height_m"])
               for one in (features(town, "buildings", code=code)["features"][0] for code in ("B001", "OTHER"))]
    assert heights == [(6.0, 6.0), (None, 18.0)]
    # Descriptions stand in the metadata of tiles too, in which what has no value is not there at all.
    said = {"en": ("null in features", "absent in tiles"), "zh-CN": ("要素中为空值", "瓦片中不出现")}
    for language, words in said.items():
        schema = town.client.get(f"/ogc/collections/buildings/schema?lang={language}").json
        assert all(word in schema["properties"]["height_m"]["description"] for word in words)
    # What has no value comes last, in either order.
    for sortby in ("height_m", "-height_m"):
        assert codes(features(town, "buildings", sortby=sortby, limit="100"))[-1] == "OTHER"


@pytest.mark.conformance("features-1/core/crs84")
def test_coordinates_are_those_on_record_longitude_first(town: Web) -> None:
    answer = ask(town, "buildings", code="B000")
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    assert answer.json["features"][0]["geometry"]["coordinates"][0][0][0] == [117.001, 31.001]
