"""Tours over HTTP: written, resolved, changed by two at once, and kept within their jurisdiction."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from spatial.jobs import rollup
from spatial.queries import wall_tours
from spatial.rules import wall_tours as rules
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, square
from tests.fixtures.web import Web
from webmap import identity

COUNTY, STREET = "999001000000", "999001001000"
CAMERA = {"lon": 117.01, "lat": 31.01, "zoom": 15.5, "pitch": 50, "bearing": -18.5}


@pytest.fixture
def town(web: Web) -> Web:
    """Put a county of one street with two communities and a building on record."""
    web.objects.community()
    web.objects.community(OTHER_COMMUNITY, west=117.02, name="滨湖社区")
    for code, level, name in ((COUNTY, "county", "望江区"), (STREET, "street", "沙盘街道")):
        web.objects.put("area", geometry=square(117.0, 31.0, 0.04), code=code, level=level, name=name, area_code=code,
                        grid_code=code + "000")
    web.objects.grid()
    web.objects.grid(OTHER_GRID, west=117.02)
    web.objects.building(name="一号楼")
    return web


def stop(target: dict[str, Any], title: str = "", show: str = "alarms") -> dict[str, Any]:
    return {"title": title, "seconds": 15, "target": target, "show": show}


def place(level: str, code: str) -> dict[str, Any]:
    return {"kind": "place", "level": level, "code": code}


VIEW = stop({"kind": "view", "camera": CAMERA}, "鸟瞰", "night")


def made(web: Web, *stops: dict[str, Any], name: str = "值班巡演") -> dict[str, Any]:
    answer = web.client.post("/api/tours", json={"name": name, "stops": list(stops) or [VIEW]})
    assert answer.status_code == 201, answer.text
    return answer.json


def plays(monkeypatch: pytest.MonkeyPatch, *prefixes: str, roles: tuple[str, ...] = ("operator",)) -> None:
    """Have the visitor be somebody with a jurisdiction."""
    who = dataclasses.replace(identity.DEMO, roles=roles, scope=Scope(prefixes))
    monkeypatch.setattr(identity, "of_environ", lambda *_: who)


def test_a_tour_is_read_as_it_was_written_each_stop_with_where_it_is(town: Web) -> None:
    building = town.objects.building("B2", west=117.015, address="望江路 2 号")
    markup = '<img src=x onerror="alert(1)">'.ljust(200, "字")
    stops = [stop(place("county", COUNTY), markup), stop(place("street", STREET)), stop(place("community", COMMUNITY)),
             stop(place("grid", GRID), show="events"), stop({"kind": "building", "id": building}), VIEW]
    tour = made(town, *stops, name=markup)
    assert (tour["name"], tour["version"], tour["account"]) == (markup, 1, "demo")
    assert [{name: one[name] for name in stops[0]} for one in tour["stops"]] == stops
    assert [(one["name"], one["gone"]) for one in tour["stops"]] == [
        ("望江区", False), ("沙盘街道", False), ("望江社区", False), ("第一网格", False), ("望江路 2 号", False),
        (None, False)]
    assert tour["stops"][3]["bounds"] == [117.0, 31.0, 117.02, 31.02]
    assert tour["stops"][4]["bounds"] == pytest.approx([117.015, 31.005, 117.0155, 31.0055])
    assert (tour["stops"][5]["bounds"], tour["stops"][5]["camera"]) == (None, CAMERA)
    assert town.client.get(f"/api/tours/{tour['id']}").json == tour
    listed = town.client.get("/api/tours").json
    assert listed == {"tours": [tour], "shows": list(rules.SHOWS)}
    town.client.set_cookie("shapan_role", "wall", domain="localhost")
    assert town.client.get(f"/api/tours/{tour['id']}").json == {**tour, "account": None}, "a wall names no staff"


def test_all_that_is_wrong_with_a_tour_is_told_at_once_and_nothing_is_written(town: Web) -> None:
    body = json.dumps({"name": " ", "stops": [
        {"title": 3, "seconds": 1, "target": place("grid", "1"), "show": "?", "x\ud800": 1}, 7,
        stop({"kind": "view", "camera": {**CAMERA, "lat": float("inf")}})]})
    answer = town.client.post("/api/tours", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert {fault["place"] for fault in answer.json["faults"]} == {
        "name", "stops[0].title", "stops[0].seconds", "stops[0].target.code", "stops[0].show", "stops[0].x?",
        "stops[1]", "stops[2].target.camera.lat"}
    answer = town.client.post("/api/tours", json={"name": "x", "stops": [
        VIEW, stop(place("grid", "999001001001999")), stop({"kind": "building", "id": 999_999})]})
    assert answer.status_code == 422
    assert [fault["place"] for fault in answer.json["faults"]] == ["stops[1].target", "stops[2].target"]
    assert town.client.put("/api/tours/1", json={"name": "x", "stops": [VIEW]}).status_code == 422
    assert town.client.get("/api/tours").json["tours"] == []


def test_of_two_who_change_a_tour_at_once_the_second_is_told_and_changes_nothing(town: Web) -> None:
    tour = made(town)
    first = town.client.put(f"/api/tours/{tour['id']}", json={"name": "甲", "stops": [VIEW], "version": 1})
    assert (first.status_code, first.json["name"], first.json["version"]) == (200, "甲", 2)
    second = town.client.put(f"/api/tours/{tour['id']}", json={"name": "乙", "stops": [VIEW], "version": 1})
    assert second.status_code == 409
    assert "version 2" in second.json["detail"]
    assert town.client.get(f"/api/tours/{tour['id']}").json == first.json
    assert town.client.delete(f"/api/tours/{tour['id']}", json={}).status_code == 200
    for method in ("get", "put", "delete"):
        body = {"name": "甲", "stops": [VIEW], "version": 2} if method == "put" else {}
        assert getattr(town.client, method)(f"/api/tours/{tour['id']}", json=body).status_code == 404


def test_a_stop_whose_place_is_no_more_is_gone_and_may_stay_while_the_others_are_changed(town: Web) -> None:
    building = town.objects.building("B2", west=117.015)
    stops = [VIEW, stop({"kind": "building", "id": building}), stop(place("grid", OTHER_GRID))]
    tour = made(town, *stops)
    connection = town.objects.connection
    connection.execute("DELETE FROM building WHERE id = %s", [building])
    connection.execute("UPDATE grid SET valid_to = now() WHERE code = %s", [OTHER_GRID])
    read = town.client.get(f"/api/tours/{tour['id']}").json
    assert [(one["gone"], one["bounds"]) for one in read["stops"]] == [(False, None), (True, None), (True, None)]
    change = {"name": "x", "stops": [stops[1], VIEW], "version": 1}
    assert town.client.put(f"/api/tours/{tour['id']}", json=change).status_code == 200
    again = town.client.put(f"/api/tours/{tour['id']}", json={**change, "stops": [stops[2]], "version": 2})
    assert again.status_code == 422, "what was taken out and is gone cannot come back"


def test_a_tour_is_read_and_written_by_who_holds_all_of_the_place_that_it_was_made_in(
        town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    tours = {}
    for prefix, target in (("999001", place("county", COUNTY)), (COMMUNITY, place("community", COMMUNITY)),
                           (OTHER_COMMUNITY, place("grid", OTHER_GRID))):
        plays(monkeypatch, prefix)
        tours[prefix] = made(town, stop(target))["id"]
    seen = {}
    for prefix in ("*", "999001", COMMUNITY, OTHER_COMMUNITY, GRID, "998"):
        plays(monkeypatch, prefix)
        listed = town.client.get("/api/tours").json["tours"]
        seen[prefix] = [one["id"] for one in listed]
        for tour_id in tours.values():
            expected = 200 if tour_id in seen[prefix] else 404
            assert town.client.get(f"/api/tours/{tour_id}").status_code == expected
            version = next((one["version"] for one in listed if one["id"] == tour_id), 1)
            body = {"name": prefix, "stops": [VIEW], "version": version}
            assert town.client.put(f"/api/tours/{tour_id}", json=body).status_code == expected
    county, here, there = tours.values()
    assert seen == {"*": [county, here, there], "999001": [county, here, there], COMMUNITY: [here],
                    OTHER_COMMUNITY: [there], GRID: [], "998": []}
    plays(monkeypatch, COMMUNITY)
    assert town.client.delete(f"/api/tours/{there}", json={}).status_code == 404
    beyond = town.client.post("/api/tours", json={"name": "x", "stops": [stop(place("grid", OTHER_GRID))]})
    assert beyond.status_code == 422, "a place that one does not hold is none on record"
    plays(monkeypatch, COMMUNITY, roles=("wall",))
    assert town.client.get("/api/tours/default").json["id"] == here, "its own, and none of the county's"
    assert town.client.post("/api/tours", json={"name": "x", "stops": [VIEW]}).status_code == 403


def test_without_a_tour_on_record_one_is_made_of_all_and_where_most_is_going_on(
        town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    town.objects.device("D1", lon=117.03, grid=OTHER_GRID)
    answer = town.client.post("/api/alarms", json={"alarms": [
        {"source": "t", "event_id": "1", "device": "D1", "type": "gas", "severity": "minor",
         "occurred_at": datetime.now(UTC).isoformat()}]})
    assert answer.status_code == 201
    town.sequence()
    rollup.follow(town.database.connect("worker", autocommit=True), rollup.Progress())
    tour = town.client.get("/api/tours/default").json
    assert (tour["id"], tour["version"]) == (None, 0)
    assert [(one["title"], one["show"]) for one in tour["stops"][:3]] == [
        ("望江区", "buildings"), ("滨湖社区", "alarms"), ("望江社区", "entry_rate")]
    sides = tour["stops"][3:]
    assert [one["camera"]["bearing"] for one in sides] == [0, 90, 180, 270]
    written = [{name: one[name] for name in ("title", "seconds", "target", "show")} for one in tour["stops"]]
    assert rules.read(written) == (written, []), "it can be put on record as it is"
    plays(monkeypatch, COMMUNITY)
    of_community = town.client.get("/api/tours/default").json["stops"]
    assert [one["title"] for one in of_community] == ["望江社区"] * 5
    plays(monkeypatch, GRID)
    assert [one["title"] for one in town.client.get("/api/tours/default").json["stops"]] == ["第一网格"] * 5
    plays(monkeypatch, "998")
    assert town.client.get("/api/tours/default").json["stops"] == []


def test_no_more_tours_are_kept_than_a_list_holds(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_tours, "MOST", 2)
    made(town)
    made(town)
    assert town.client.post("/api/tours", json={"name": "x", "stops": [VIEW]}).status_code == 409
