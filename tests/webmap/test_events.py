"""Events over HTTP: reports in, points out."""

import json

import pytest

from tests.fixtures.objects import GRID
from tests.fixtures.web import Web


def report(code: str = "E1", **values: object) -> dict:
    return {"source": "12345", "code": code, "class_code": "0102", "title": "暴露垃圾", "lon": 117.005, "lat": 31.005,
            "occurred_at": "2026-11-01T08:00:00+08:00", **values}


def test_an_event_is_placed_in_the_grid_that_holds_its_point(web: Web) -> None:
    web.objects.community()
    web.objects.grid()
    reports = [report("IN"), report("OUT", lon=118.9)]
    first, again = (web.client.post("/api/events", json={"events": reports}).json for _ in range(2))
    assert (first["taken"], first["already_known"]) == (2, 0)
    assert (again["taken"], again["already_known"]) == (0, 2)
    placed = web.objects.connection.execute("SELECT code, grid_code FROM event ORDER BY code").fetchall()
    assert placed == [("IN", GRID), ("OUT", "0" * 15)]


def test_points_are_those_of_the_window_and_class(web: Web) -> None:
    times = ("2026-10-31T23:59:59+00:00", "2026-11-01T00:00:00+00:00", "2026-11-01T23:59:59+00:00",
             "2026-11-02T00:00:00+00:00")
    reports = [report(f"E{n}", occurred_at=at, class_code=f"0{n}01") for n, at in enumerate(times)]
    web.client.post("/api/events", json={"events": reports})
    window = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}
    found = web.client.get("/api/events/points", query_string=window).json
    assert (found["total"], found["class"], found["lon"]) == (2, ["0101", "0201"], [117.005, 117.005])
    only = web.client.get("/api/events/points", query_string={**window, "class": "02"}).json
    assert only["class"] == ["0201"]


def test_an_empty_window_has_no_points(web: Web) -> None:
    found = web.client.get("/api/events/points").json
    assert (found["total"], found["lon"], found["lat"], found["at"]) == (0, [], [], [])


@pytest.mark.parametrize("query", [{"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                                   {"from": "1990-01-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                                   {"from": "soon"}, {"class": "01%"}])
def test_a_window_or_class_that_makes_no_sense_is_refused(web: Web, query: dict[str, str]) -> None:
    answer = web.client.get("/api/events/points", query_string=query)
    assert answer.status_code == 422
    assert answer.json["faults"]


@pytest.mark.parametrize(("field", "value"), [("title", "a\0b"), ("code", "\udcff"), ("lon", "NaN"), ("lat", 86),
                                              ("class_code", "1"), ("occurred_at", "9999-12-31T23:59:59-12:00")])
def test_a_faulty_event_is_refused_by_the_name_of_its_field(web: Web, field: str, value: object) -> None:
    body = json.dumps({"events": [report(**{field: value})]})
    answer = web.client.post("/api/events", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["faults"][0]["place"] == f"events[0].{field}"


@pytest.mark.parametrize("path", ["/api/devices?kind=%00", "/api/devices?after=%00", "/api/scenes/sandbox?metric=%00"])
def test_a_text_that_no_table_holds_is_refused_in_an_address_as_well(web: Web, path: str) -> None:
    assert web.client.get(path).status_code == 422
