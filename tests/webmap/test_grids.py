"""Grids for a map of figures: columns that equal SQL, what of them is for whom, one grid's card, the scene."""

import pytest

from spatial.jobs import kpi_days, rollup
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.fixtures.web import Web
from tests.webmap.test_dossier import as_role
from tiles.grid_legends import TITLES

# Rows: of each grid in force, residents on record, those with all required fields, and the latest declared total.
BY_SQL = """
SELECT grid.code, (SELECT count(*) FROM resident WHERE resident.grid_code = grid.code),
       (SELECT count(*) FROM building WHERE building.grid_code = grid.code),
       (SELECT value FROM expected WHERE expected.grid_code = grid.code AND kind = 'population' AND building_id IS NULL
        AND as_of <= shapan_today() ORDER BY as_of DESC LIMIT 1)
FROM grid WHERE valid_to IS NULL ORDER BY code
"""


def declare(web: Web, code: str, value: int, as_of: str = "2025-12-31") -> None:
    web.objects.put("expected", kind="population", value=value, declared_by="年报", as_of=as_of,
                    area_code=code[:12], grid_code=code.ljust(15, "0"))


@pytest.fixture
def town(web: Web) -> Web:
    """Two communities with a grid each; in the first 37 residents, of 40 and later 50 declared."""
    objects = web.objects
    objects.community()
    objects.community(OTHER_COMMUNITY, west=117.02, name="<b>河湾</b>")
    objects.grid()
    objects.grid(OTHER_GRID, west=117.02)
    objects.keeper()
    objects.room(objects.building(), residents=37)
    objects.building("B2", west=117.025, grid=OTHER_GRID)
    objects.connection.execute("DELETE FROM entry_requirement WHERE kind = 'population' AND field <> 'name_sealed'")
    declare(web, GRID, 40)
    declare(web, GRID, 50, "2026-01-31")
    declare(web, COMMUNITY, 74)
    rollup.follow(objects.connection, rollup.Progress())
    kpi_days.stand(objects.connection, kpi_days.Progress())
    return web


def columns(web: Web, status: int = 200, **query: str) -> dict:
    answer = web.client.get("/api/grids", query_string=query)
    assert answer.status_code == status, answer.text
    return answer.json


def test_the_columns_say_of_each_grid_what_sql_says(town: Web) -> None:
    found = columns(town)
    rows = zip(found["code"], found["residents"], found["buildings"], found["declared"]["population"], strict=True)
    assert list(rows) == town.objects.connection.execute(BY_SQL).fetchall()
    assert found["total"] == 2
    assert (found["keeper"], found["keepers"]) == (["周网格", None], [1, 0])
    west, south, east, north = found["bounds"][0]
    assert west < found["lon"][0] < east
    assert south < found["lat"][0] < north


def test_a_rate_is_that_of_the_list_of_rates_and_a_total_of_grids_is_none_of_their_community(town: Web) -> None:
    for level in ("grid", "community"):
        found = columns(town, level=level)
        for kind, entered in found["entered"].items():
            rates = {rate["code"]: rate for rate in town.client.get(
                f"/api/entry-rate?level={level}&kind={kind}").json["rates"]}
            told = zip(found["code"], entered, found["declared"][kind], strict=True)
            assert {code: numbers for code, *numbers in told} == {
                code: [rate["numerator"], rate["denominator"]] for code, rate in rates.items()}
    assert columns(town)["entered"]["population"] == [37, 0]
    assert columns(town, level="community")["declared"]["population"] == [74, None]


def test_a_place_is_listed_only_where_it_is_held_wholly_and_people_are_classed_without_the_right(
        town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_role(monkeypatch, "viewer", scope=Scope((GRID,))):
        assert columns(town)["code"] == [GRID]
        assert columns(town, level="community")["code"] == []
        assert town.client.get(f"/api/grids/{OTHER_GRID}").status_code == 404
        found, card = columns(town), town.client.get(f"/api/grids/{GRID}").json
    assert (found["residents"], found["exact"]) == ([30], False)
    assert card["counts"] == {"buildings": 1, "households": 1, "residents": 30, "exact": False}
    assert columns(town)["residents"] == [37, 0]


def test_the_card_of_a_grid_names_where_it_lies_who_keeps_it_and_what_was_declared(town: Web) -> None:
    card = town.client.get(f"/api/grids/{GRID}").json
    assert card["area"] == {"code": COMMUNITY, "name": "望江社区", "name_en": "Wangjiang"}
    assert card["keepers"] == [{"code": f"K{GRID}", "name": "周网格", "phone": "10012345678"}]
    town.client.set_cookie("shapan_role", "wall", domain="localhost")
    assert town.client.get(f"/api/grids/{GRID}").json["keepers"] is None, "a wall shows nobody's name"
    town.client.delete_cookie("shapan_role", domain="localhost")
    assert card["geometry"]["type"] == "MultiPolygon"
    population = next(rate for rate in card["rates"] if rate["kind"] == "population")
    assert (population["recorded"], population["denominator"], population["as_of"]) == (37, 50, "2026-01-31")
    assert next(rate for rate in card["rates"] if rate["kind"] == "geography")["rate"] is None
    assert town.client.get(f"/api/grids/{OTHER_GRID}").json["keepers"] == []


def test_a_grid_that_is_no_longer_in_force_is_404_and_in_no_column(town: Web) -> None:
    town.objects.connection.execute("UPDATE grid SET valid_to = now() WHERE code = %s", [GRID])
    answer = town.client.get(f"/api/grids/{GRID}")
    assert answer.status_code == 404
    assert GRID in answer.json["detail"]
    assert columns(town)["code"] == [OTHER_GRID]


def test_an_empty_city_has_no_grid_and_no_fault(web: Web) -> None:
    found = columns(web)
    assert (found["total"], found["code"], found["entered"]["housing"]) == (0, [], [])
    assert columns(web, 422, level="street")["title"]


@pytest.mark.parametrize("style", ["night", "day"])
@pytest.mark.parametrize("figure", TITLES)
def test_outlines_are_coloured_as_their_legend_says_and_communities_end_where_grids_begin(
        web: Web, figure: str, style: str) -> None:
    found = web.client.get(f"/api/scenes/grids?figure={figure}&style={style}").json
    far, near = found["deck"]["layers"]
    assert near["visibleMinZoom"] - 0.01 < far["visibleMaxZoom"] < near["visibleMinZoom"]
    for layer, legend, tiles in zip((far, near), found["legend"], ("areas", "grids"), strict=True):
        assert layer["data"] == f"/tiles/{tiles}/{{z}}/{{x}}/{{y}}.mvt"
        fill = layer["getFillColor"]
        assert fill["property"] == legend["field"] == figure
        assert fill["colors"] == [line["color"] for line in legend["classes"]]
        assert fill["breaks"] == [line["from"] for line in legend["classes"][1:]]
        assert fill["noData"] not in fill["colors"]


def test_an_unknown_figure_is_404_and_names_those_that_exist(web: Web) -> None:
    answer = web.client.get("/api/scenes/grids?figure=mood")
    assert answer.status_code == 404
    assert "tasks_overdue" in answer.json["detail"]
