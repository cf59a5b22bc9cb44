"""Whatever a client sends to /ogc is answered with the right status, and the database comes to no harm."""

import json
import string
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.web import Web
from tests.webmap.ogc.client import EPSG, ask
from tests.webmap.ogc.conftest import BUILDINGS

INJECTIONS = ("'; DROP TABLE building; --", "1) OR (1=1", '" OR ""="', "use'||pg_sleep(5)||'", "%s", "%(limit)s",
              "{table}", "\\'; SELECT 1", "$$;SELECT 1;$$", "x' UNION SELECT name_sealed FROM resident --")


@pytest.mark.conformance("features-1/core/query-param-invalid", "common-1/core/query-param-value-invalid")
@pytest.mark.parametrize(("name", "value"), [
    *(("bbox", value) for value in ("", "a,b,c,d", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "nan,1,2,3", "1,inf,2,3",
                                    "1,5,2,3", "1e999,1,2,3", "1,2,,4")),
    *(("datetime", value) for value in ("", "now", "2026", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z", "/",
                                        "../..", "2026-01-01/2025-01-01", "2026-01-01/2026-01-02/2026-01-03",
                                        "9999999-01-01", "2026-01-01T00:00:00", "0001-01-01T00:00:00+23:00",
                                        "２０２６-01-01")),
    *(("limit", value) for value in ("0", "-1", "a", "1.5", "", "1e3", "٣x")),
    *(("offset", value) for value in ("-1", "a", "", "1.5", "9" * 30, "9" * 5000)),
    *(("sortby", value) for value in ("", ",", "nothing", "-", "+", "code,,use", "code;", "geometry", "id")),
    *(("properties", value) for value in ("", "nothing", "code,nothing", "footprint", "*")),
    ("skipGeometry", "maybe"), ("resulttype", "all"), ("f", "xml"), ("f", "jsonld"), ("floors", "many"),
    ("residents", "nan"), ("residents", "1e999"), ("crs", "4326"), ("bbox-crs", f"{EPSG}4326"), ("floors", ""),
    ("f", "csv"),
])
def test_a_parameter_that_cannot_be_read_is_400(town: Web, name: str, value: str) -> None:
    answer = ask(town, "buildings", **{name: value})
    assert answer.status_code == 400, answer.text
    assert set(answer.json) == {"code", "type", "description"}
    assert answer.json["description"]


@pytest.mark.conformance("features-1/core/query-param-unknown", "common-1/core/query-param-name-unknown")
@pytest.mark.parametrize("path", ["", "/conformance", "/openapi", "/collections", "/collections/buildings",
                                  "/collections/buildings/items", "/collections/buildings/items/1",
                                  "/collections/buildings/schema", "/collections/buildings/queryables",
                                  "/collections/buildings/tiles", "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad"])
def test_an_unknown_parameter_is_400_and_all_are_named(town: Web, path: str) -> None:
    answer = town.client.get(f"/ogc{path}?unknown=1&other=2")
    assert answer.status_code == 400
    assert "other, unknown" in answer.json["description"]


@pytest.mark.parametrize("path", ["/collections/none", "/collections/none/items", "/collections/none/items/1",
                                  "/collections/none/schema", "/collections/none/queryables", "/collections/none/tiles",
                                  "/collections/resident/items", "/collections/building/items",
                                  "/collections/buildings/items/0", "/collections/buildings/items/a",
                                  "/collections/buildings/items/-1", "/collections/buildings/items/" + "9" * 400,
                                  "/collections/buildings/items/1%20OR%201=1", "/collections/buildings/items/%00"])
def test_what_does_not_exist_is_404(town: Web, path: str) -> None:
    answer = town.client.get(f"/ogc{path}")
    assert answer.status_code == 404
    assert answer.json["code"] == "NotFound"
    page = town.client.get(f"/ogc{path}", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (404, "text/html")


@pytest.mark.parametrize("text", INJECTIONS)
def test_sql_in_a_value_stays_a_value(town: Web, text: str) -> None:
    for name in ("code", "use", "name", "grid_code"):
        answer = ask(town, "buildings", **{name: text})
        assert (answer.status_code, answer.json["features"]) == (200, [])
    quoted = text.replace("'", "''")
    answer = ask(town, "buildings", filter=f"name = '{quoted}' OR name LIKE '{quoted}'")
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json["features"] == []
    for name in ("floors", "bbox", "datetime", "sortby", "properties", "limit", "offset", "crs", "filter",
                 "filter-lang", "filter-crs", "bbox-crs", "resulttype", text):
        assert ask(town, "buildings", **{name: text}).status_code == 400, name
    assert town.objects.connection.execute("SELECT count(*) FROM building").fetchone() == (BUILDINGS + 1,)


@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_nul_in_an_address_is_400(town: Web, text: str) -> None:
    for asked in ({"code": text}, {"filter": f"code = '{text}'"}, {"filter": f"code LIKE '{text}'"}):
        assert ask(town, "buildings", **asked).status_code == 400


@pytest.mark.parametrize("bytes_", ["%ED%A0%80", "%FF", "%C3"])
def test_bytes_of_an_address_that_are_no_utf_8_find_nothing(town: Web, bytes_: str) -> None:
    answer = town.client.get(f"/ogc/collections/buildings/items?code={bytes_}")
    assert (answer.status_code, answer.json["features"]) == (200, [])


def test_a_limit_beyond_the_most_is_the_most(town: Web) -> None:
    answer = ask(town, "buildings", limit="9" * 30)
    assert answer.json["numberReturned"] == BUILDINGS + 1


NAMES = st.sampled_from(["bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "sortby", "properties", "filter",
                         "filter-lang", "filter-crs", "skipGeometry", "resulttype", "f", "lang", "code", "floors"])
LIKELY = st.sampled_from(["117,31,118,32", "-180,-90,180,90", "2026-01-01/..", "use = 'school'", "cql2-json", "true",
                          "html", f"{EPSG}3857", f"{EPSG}4490", "-code", "code,use", "1", "0", "99999999999999999999",
                          "hits", "1e308,1e308,1e308,1e308", "s_intersects(geometry, POINT(117 31))",
                          '{"op":"=","args":[]}'])
VALUES = st.one_of(LIKELY, st.text(max_size=12), st.text(string.punctuation + string.digits, max_size=12))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(NAMES, VALUES, max_size=4))
def test_no_query_makes_the_service_fail(town: Web, query: dict[str, str]) -> None:
    try:
        "".join(query.values()).encode()
    except UnicodeEncodeError:
        return
    answer = town.client.get("/ogc/collections/buildings/items", query_string=query)
    assert answer.status_code in (200, 400), (query, answer.text)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6),
                    st.sampled_from(["school", "B001", "\ud800", "\0", "..", "2026-11-01", "2026-11-01T00:00:00Z",
                                     10**400, 1e308, 117.005, 31.002]))
NUMBERS = st.one_of(st.floats(116, 118), st.floats(30, 32), st.floats(), st.integers())
NODES = st.deferred(lambda: st.one_of(PREDICATES, PREDICATES, JOINED, st.dictionaries(st.text(max_size=4), SCALARS)))
ANYTHING = st.recursive(SCALARS, lambda inner: st.one_of(
    st.lists(inner, max_size=6), st.dictionaries(st.sampled_from(["op", "args", "bbox", "type", "date"]), inner)))
PROPERTIES = st.one_of(st.sampled_from(["code", "use", "name", "floors", "height_m", "residents", "geometry", "none"]),
                       SCALARS).map(lambda name: {"property": name})
POSITIONS = st.lists(st.one_of(NUMBERS, SCALARS), max_size=3)
SHAPES = st.one_of(
    st.lists(st.one_of(NUMBERS, POSITIONS, SCALARS), max_size=6).map(lambda members: {"bbox": members}),
    st.builds(lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
              st.sampled_from(["Point", "LineString", "Polygon", "MultiPoint", "GeometryCollection", "Circle"]),
              st.one_of(POSITIONS, st.lists(POSITIONS, max_size=5),
                        st.lists(st.lists(POSITIONS, max_size=5), max_size=2))))
TIMES = st.one_of(st.builds(lambda kind, value: {kind: value}, st.sampled_from(["date", "timestamp"]), SCALARS),
                  st.lists(SCALARS, max_size=3).map(lambda ends: {"interval": ends}))
LISTS = st.one_of(st.lists(SCALARS, max_size=4), st.sampled_from([["B001"] * 900, [1] * 900, ["B001"] * 70_000]))
OPERATORS = st.sampled_from(["=", "<>", "<", ">=", "like", "between", "in", "isNull", "s_intersects", "s_disjoint",
                             "s_equals", "t_after", "t_during", "not", "and", "or", "", "\ud800"])
ARGUMENTS = st.one_of(SCALARS, SHAPES, TIMES, LISTS, PROPERTIES, ANYTHING)


def predicate(operators: list[str], *arguments: st.SearchStrategy) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda operator, *args: {"op": operator, "args": args}, st.sampled_from(operators), PROPERTIES,
                     *arguments)


PREDICATES = st.one_of(
    predicate(["=", "<>", "<", ">="], SCALARS), predicate(["like"], SCALARS), predicate(["isNull"]),
    predicate(["between"], SCALARS, SCALARS), predicate(["in"], LISTS),
    SHAPES.flatmap(lambda shape: st.sampled_from(["s_intersects", "s_disjoint", "s_within", "s_equals"]).map(
        lambda operator: {"op": operator, "args": [{"property": "geometry"}, shape]})),
    predicate(["t_after", "t_during"], TIMES),
    st.builds(lambda operator, args: {"op": operator, "args": args}, OPERATORS,
              st.one_of(SCALARS, st.lists(ARGUMENTS, max_size=4))))
JOINED = st.builds(lambda operator, args: {"op": operator, "args": args}, st.sampled_from(["and", "or", "not"]),
                   st.lists(NODES, max_size=3))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(node=NODES, collection=st.sampled_from(["buildings", "events"]))
def test_no_body_makes_the_service_fail(town: Web, node: dict[str, Any], collection: str) -> None:
    # Halves of surrogate pairs go out as escapes, which JSON allows, and NaN as Python writes it.
    answer = town.client.post(f"/ogc/collections/{collection}/items?limit=1", data=json.dumps(node),
                              content_type="application/json")
    assert answer.status_code in (200, 400, 413), answer.text


@pytest.fixture
def locked(town: Web) -> Iterator[psycopg.Connection]:
    """Yield while somebody holds the table of buildings for himself."""
    holder = town.database.connect("owner")
    holder.execute("LOCK TABLE building IN ACCESS EXCLUSIVE MODE")
    yield holder
    holder.rollback()


def test_a_locked_table_is_504_and_afterwards_all_is_well(town: Web, locked: psycopg.Connection) -> None:
    answer = ask(town, "buildings")
    assert (answer.status_code, answer.mimetype) == (504, "application/problem+json")
    assert ask(town, "roads").status_code == 200
    locked.rollback()
    assert ask(town, "buildings").status_code == 200


def test_a_database_that_is_away_is_503(town: Web) -> None:
    superuser = town.database.connect("superuser", autocommit=True)
    superuser.execute(f"REVOKE CONNECT ON DATABASE {town.database.name} FROM shapan_app")
    try:
        superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE datname = current_database() AND usename = 'shapan_app'")
        answer = ask(town, "buildings")
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert int(answer.headers["Retry-After"]) > 0
        # What needs no row needs no database.
        assert town.client.get("/ogc/conformance").status_code == 200
    finally:
        superuser.execute(f"GRANT CONNECT ON DATABASE {town.database.name} TO shapan_app")
    assert ask(town, "buildings").status_code == 200
