"""Search through HTTP: what is answered, and what must not stand in an address."""

import dataclasses

import pytest

from spatial.queries import search_entries
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity


@pytest.fixture
def city(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    web.objects.building("B1", name="望江苑3号楼", address="人民路18号")
    web.objects.building("B2", west=117.03, grid=OTHER_GRID, name="望江分院")
    with web.objects.connection.transaction():
        for table in search_entries.SEARCHED:
            search_entries.refresh(web.objects.connection, table)
    return web


def test_a_search_answers_with_what_a_map_needs(city: Web) -> None:
    answer = city.client.get("/api/search", query_string={"q": "望江苑", "kinds": "building,place", "limit": 5})
    assert answer.status_code == 200
    [found] = answer.json["results"]
    assert found["id"] == city.objects.connection.execute("SELECT id FROM building WHERE code = 'B1'").fetchone()[0]
    assert {name: found[name] for name in ("kind", "code", "label", "also", "match", "area_name", "grid_code")} == {
        "kind": "building", "code": "B1", "label": "望江苑3号楼", "also": "人民路18号", "match": "beginning",
        "area_name": "望江社区", "grid_code": GRID}
    assert found["lon"] == pytest.approx(117.00525)


def test_an_account_finds_its_own_places_only(city: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = dataclasses.replace(identity.DEMO, scope=Scope((OTHER_GRID,)))
    monkeypatch.setattr(identity, "DEMO", narrow)
    found = city.client.get("/api/search?q=望江").json["results"]
    assert [one["label"] for one in found] == ["望江分院"]


def test_the_wall_may_not_search(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "DEMO", identity.Identity("wall", ("wall",), Scope.everything()))
    assert web.client.get("/api/search?q=x").status_code == 403


def test_what_looks_personal_is_refused_and_neither_repeated_nor_logged(
    web: Web, capsys: pytest.CaptureFixture[str],
) -> None:
    for question in ("138 1234 8000", "张三13812348000"):
        answer = web.client.get("/api/search", query_string={"q": question})
        assert answer.status_code == 422
        assert answer.json["faults"][0]["place"] == "q"
        assert "telephone" in answer.json["detail"]
        assert "1234" not in answer.text
    assert "1234" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("query", [
    {}, {"q": ""}, {"q": "长" * 65}, {"q": "a\0b"}, {"q": "望江", "kinds": "resident"}, {"q": "望江", "limit": 0},
    {"q": "望江", "limit": 101},
])
def test_an_unusable_question_is_refused_with_its_fault(web: Web, query: dict[str, object]) -> None:
    answer = web.client.get("/api/search", query_string=query)
    assert answer.status_code == 422
    assert answer.json["faults"]
    assert "长长" not in answer.text


def test_the_interface_describes_the_search(web: Web) -> None:
    described = web.client.get("/api/openapi.json").json["paths"]["/api/search"]["get"]
    assert {one["name"] for one in described["parameters"]} == {"q", "kinds", "limit"}
