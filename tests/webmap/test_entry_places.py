"""A place's four entry rates and those right below it, against SQL; what of them is for whom."""

import pytest

from spatial.jobs import kpi_days, rollup
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, square
from tests.fixtures.web import Web
from tests.webmap.test_dossier import as_role

COUNTY, STREET = "999001", "999001001"

# Rows: of each grid in force, rooms with all required fields, and the latest declared total of housing.
BY_SQL = """
SELECT grid.code,
       (SELECT count(*) FROM room WHERE room.grid_code = grid.code AND use <> 'unknown' AND tenure <> 'unknown'
        AND area_m2 IS NOT NULL),
       (SELECT value FROM expected WHERE expected.grid_code = grid.code AND kind = 'housing' AND building_id IS NULL
        AND as_of <= shapan_today() ORDER BY as_of DESC LIMIT 1)
FROM grid WHERE valid_to IS NULL ORDER BY code
"""


def declare(web: Web, code: str, value: int, as_of: str = "2025-12-31") -> None:
    web.objects.put("expected", kind="housing", value=value, declared_by="<b>年报</b>", as_of=as_of,
                    area_code=code[:12].ljust(12, "0"), grid_code=code.ljust(15, "0"))


@pytest.fixture
def county(web: Web) -> Web:
    """A county with a street, two communities with a grid each; the first grid has 3 rooms of 2 declared, one whole."""
    objects = web.objects
    for code, level, parent in ((COUNTY, "county", None), (STREET, "street", COUNTY + "000000")):
        whole = code.ljust(12, "0")
        objects.put("area", geometry=square(117.0, 31.0, 0.04), code=whole, level=level, name=level, parent_code=parent,
                    area_code=whole, grid_code=whole + "000")
    objects.community()
    objects.community(OTHER_COMMUNITY, west=117.02, name="河湾社区")
    objects.grid()
    objects.grid(OTHER_GRID, west=117.02)
    building = objects.building(name="望江苑")
    rooms = [objects.room(building, number=number, residents=2) for number in ("101", "102", "103")]
    objects.connection.execute(
        "UPDATE room SET use = 'residential', tenure = 'rented', area_m2 = 80 WHERE id = ANY(%s)", (rooms,))
    objects.building("B2", west=117.025, grid=OTHER_GRID)
    declare(web, GRID, 4, "2024-12-31")
    declare(web, GRID, 2)
    declare(web, STREET, 12)
    objects.declare(building, 6)
    rollup.follow(objects.connection, rollup.Progress())
    kpi_days.stand(objects.connection, kpi_days.Progress())
    return web


def ask(web: Web, within: str = "", **query: object) -> dict:
    answer = web.client.get("/api/entry-rate/places", query_string={"within": within, **query})
    assert answer.status_code == 200, answer.text
    return answer.json


def rate(place: dict, kind: str = "housing") -> dict:
    return next(one for one in place["rates"] if one["kind"] == kind)


def test_the_rates_of_grids_are_those_of_sql_with_the_latest_declaration_and_who_made_it(county: Web) -> None:
    expected = county.objects.connection.execute(BY_SQL).fetchall()
    found = [place for code in (COMMUNITY, OTHER_COMMUNITY) for place in ask(county, code)["places"]]
    assert [(one["code"], rate(one)["numerator"], rate(one)["denominator"]) for one in found] == expected
    assert expected == [(GRID, 3, 2), (OTHER_GRID, 0, None)]
    assert (rate(found[0])["rate"], rate(found[0])["declared_by"], rate(found[0])["as_of"]) == (
        1.5, "<b>年报</b>", "2025-12-31")
    assert (rate(found[1])["rate"], rate(found[1])["rate_class"], rate(found[1])["denominator"]) == (None, None, None)


def test_one_goes_down_from_the_county_to_a_building_and_each_answer_says_where_it_is(county: Web) -> None:
    levels = {within: ask(county, within) for within in ("", COUNTY, STREET, COMMUNITY, GRID)}
    assert [found["level"] for found in levels.values()] == ["county", "street", "community", "grid", "building"]
    assert [one["code"] for one in levels[GRID]["trail"]] == [COUNTY, STREET, COMMUNITY, GRID]
    assert levels[""]["place"] is None
    assert rate(levels[STREET]["place"])["rate"] == 3 / 12
    assert rate(levels[COMMUNITY]["place"])["rate"] is None, "totals of a street are none of its communities"
    [building] = levels[GRID]["places"]
    assert (building["name"], rate(building)["recorded"], rate(building)["rate"]) == ("望江苑", 3, 0.5)
    assert 117.005 < building["lon"] < 117.0055
    west, south, east, north = levels[COMMUNITY]["places"][0]["bounds"]
    assert (west, south) == (117.0, 31.0)
    assert levels[""]["counted_at"]


def test_buildings_come_page_by_page(county: Web) -> None:
    county.objects.building("B3", west=117.007)
    first = ask(county, GRID, limit=1)
    assert ([one["code"] for one in first["places"]], first["next"]) == (["B1"], "B1")
    assert [one["code"] for one in ask(county, GRID, limit=1, after="B1")["places"]] == ["B3"]
    assert ask(county, GRID, limit=3)["next"] is None


def test_an_account_of_one_community_begins_at_its_grids_and_sees_no_other(
        county: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_role(monkeypatch, "viewer", scope=Scope((COMMUNITY,))):
        begun = ask(county)
        assert (begun["level"], [one["code"] for one in begun["places"]]) == ("community", [COMMUNITY])
        assert ask(county, STREET)["place"] is None, "seen in part, it has no rate"
        hidden = ask(county, OTHER_GRID)
        assert (hidden["places"], hidden["trail"]) == ([], [])


def test_without_the_right_to_count_people_a_building_tells_their_class_only(county: Web) -> None:
    county.objects.declare(county.objects.building("B4", west=117.008), 5, kind="population")
    county.client.set_cookie("shapan_role", "wall", domain="localhost")
    told = next(one for one in ask(county, GRID)["places"] if one["code"] == "B4")
    assert rate(told, "population")["rate_class"] == 0.0
    assert {rate(told, "population")[name] for name in ("recorded", "numerator", "denominator", "rate")} == {None}


@pytest.mark.parametrize("within", ["1", "9990010010", "99900100100200x", "' OR 1=1", "9990010010020011"])
def test_what_is_no_code_is_refused_with_its_fault(web: Web, within: str) -> None:
    answer = web.client.get("/api/entry-rate/places", query_string={"within": within})
    assert (answer.status_code, answer.json["faults"][0]["place"]) == (422, "within")


def test_an_empty_city_has_no_place_and_no_fault(web: Web) -> None:
    found = ask(web)
    assert (found["places"], found["next"], found["place"]) == ([], None, None)
