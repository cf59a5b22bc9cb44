"""Entry rates through HTTP, and what of them is for whom."""

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap import identity

HERE = {"area_code": COMMUNITY, "grid_code": GRID}


@pytest.fixture
def housed(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    building = web.objects.building("B1", name="望江苑")
    web.objects.room(building, residents=3)
    for kind, place in (("population", {"building_id": building, **HERE}), ("population", HERE),
                        ("geography", {"area_code": COMMUNITY, "grid_code": COMMUNITY + "000"})):
        web.objects.put("expected", kind=kind, value=4, declared_by="年报", as_of="2025-12-31", **place)
    web.objects.connection.execute("DELETE FROM entry_requirement WHERE kind = 'population'")
    return web


def ask(web: Web, **query: object) -> list[dict]:
    answer = web.client.get("/api/entry-rate", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json["rates"]


def test_rates_name_numerator_denominator_and_who_declared_it(housed: Web) -> None:
    [one] = ask(housed, level="grid", kind="population")
    assert {name: one[name] for name in ("code", "numerator", "denominator", "rate", "declared_by", "as_of")} == {
        "code": GRID, "numerator": 3, "denominator": 4, "rate": 0.75, "declared_by": "年报", "as_of": "2025-12-31"}
    [unknown] = ask(housed, level="grid", kind="housing")
    assert (unknown["rate"], unknown["denominator"], unknown["recorded"]) == (None, None, 1)


def test_all_four_kinds_come_together(housed: Web) -> None:
    found = ask(housed, level="community")
    assert {one["kind"]: one["rate"] for one in found} == {
        "population": None, "housing": None, "legal_entities": None, "geography": 0.25}


def test_who_may_not_count_residents_sees_the_class_of_a_buildings_population_only(
    housed: Web, monkeypatch: pytest.MonkeyPatch,
) -> None:
    [exact] = ask(housed, level="building", kind="population")
    assert (exact["numerator"], exact["rate"], exact["rate_class"]) == (3, 0.75, 0.6)
    monkeypatch.setattr(identity, "DEMO", identity.Identity("wall", ("wall",), Scope.everything()))
    [classed] = ask(housed, level="building", kind="population")
    assert (classed["rate_class"], classed["declared_by"]) == (0.6, None), "who declared it is no wall's concern"
    assert {classed[name] for name in ("recorded", "numerator", "denominator", "rate")} == {None}
    assert ask(housed, level="grid", kind="population")[0]["numerator"] == 3


def test_an_account_sees_the_rates_of_its_own_places(housed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "DEMO", identity.Identity("x", ("viewer",), Scope((GRID,))))
    assert ask(housed, level="community", kind="geography") == []
    assert len(ask(housed, level="grid", kind="geography")) == 1


@pytest.mark.parametrize("query", [
    {}, {"level": "planet"}, {"level": "grid", "kind": "people"}, {"level": "grid", "within": "9%"},
    {"level": "grid", "limit": 0},
])
def test_an_unusable_request_is_refused_with_its_fault(web: Web, query: dict[str, object]) -> None:
    answer = web.client.get("/api/entry-rate", query_string=query)
    assert answer.status_code == 422
    assert answer.json["faults"]


def test_long_lists_come_page_by_page(housed: Web) -> None:
    housed.objects.building("B2", west=117.006)
    first = housed.client.get("/api/entry-rate?level=building&kind=housing&limit=1").json
    assert ([one["code"] for one in first["rates"]], first["next"]) == (["B1"], "B1")
    last = housed.client.get("/api/entry-rate?level=building&kind=housing&limit=1&after=B2").json
    assert (last["rates"], last["next"]) == ([], None)
