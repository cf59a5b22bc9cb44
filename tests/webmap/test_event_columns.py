"""Events as columns and by hexagon, tasks of an event, marks of the past, over HTTP."""

import json
import math
import struct
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.fixtures.objects import GRID
from tests.fixtures.web import Web
from webmap.columns import MEDIA_TYPE

TYPES = {"float64": "<f8", "int32": "<i4", "int16": "<i2", "int8": "<i1"}
WINDOW = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"}


def report(code: str, **values: object) -> dict:
    return {"source": "12345", "code": code, "class_code": "0102", "origin": "12345",
            "title": "<img src=x onerror=alert(1)>",
            "lon": 117.005, "lat": 31.005, "occurred_at": "2026-11-01T08:00:00.25+08:00", **values}


def send(web: Web, *reports: dict) -> list[int]:
    return web.client.post("/api/events", json={"events": list(reports)}).json["ids"]


def read(body: bytes) -> tuple[dict, dict[str, list]]:
    """Read an answer by what docs/events.md says."""
    length, = struct.unpack_from("<I", body)
    head = json.loads(body[4:4 + length])
    assert (4 + length) % 8 == 0
    begin = 4 + length
    return head, {one["name"]: np.frombuffer(body, TYPES[one["type"]], one["length"], begin + one["offset"]).tolist()
                  for one in head["columns"]}


def columns(web: Web, **query: object) -> tuple[dict, dict[str, list]]:
    answer = web.client.get("/api/events/columns", query_string={**WINDOW, **query})
    assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPE)
    return read(answer.data)


def test_columns_hold_place_time_class_origin_and_state_and_nothing_that_people_wrote(web: Web) -> None:
    early, late = send(web, report("A"), report("B", class_code="0601", origin="patrol", lon=-117.5,
                                                occurred_at="2026-11-01T23:59:59Z"))
    send(web, report("OUT", occurred_at="2026-11-02T00:00:00Z"))
    head, found = columns(web)
    assert (head["total"], head["matching"], head["complete"]) == (2, 2, True)
    assert found["id"] == [early, late]
    assert found["at"] == [datetime.fromisoformat(at).timestamp() * 1000 for at in (
        "2026-11-01T00:00:00.25+00:00", "2026-11-01T23:59:59+00:00")]
    assert (found["lon"], found["lat"]) == ([117_005_000, -117_500_000], [31_005_000, 31_005_000])
    assert [head["classes"][number] for number in found["class"]] == ["0102", "0601"]
    assert [head["origins"][number] for number in found["origin"]] == ["12345", "patrol"]
    assert {head["states"][number] for number in found["state"]} == {"open"}
    assert sorted(map(tuple, head["counts"])) == [("0102", "12345", "open", 1), ("0601", "patrol", "open", 1)]
    assert "onerror" not in json.dumps(head)


@pytest.mark.parametrize(("query", "codes"), [
    ({"classes": "01"}, "ABC"), ({"classes": "0102"}, "AB"), ({"classes": "0102,06"}, "ABD"),
    ({"origins": "patrol"}, "CD"), ({"classes": "01", "origins": "patrol"}, "C"), ({"finished": "true"}, "B"),
    ({"finished": "false"}, "ACD"), ({}, "ABCD")])
def test_a_filter_takes_classes_origins_and_state_together(web: Web, query: dict[str, str], codes: str) -> None:
    ids = dict(zip("ABCD", send(
        web, report("A"), report("B"), report("C", class_code="0103", origin="patrol"),
        report("D", class_code="0601", origin="patrol")), strict=True))
    web.objects.connection.execute("UPDATE event SET state = 'closed', closed_at = now() WHERE id = %s", (ids["B"],))
    head, found = columns(web, **query)
    assert sorted(found["id"]) == [ids[code] for code in codes]
    assert (head["matching"], head["total"]) == (len(codes), 4)
    grid = {"width": 100, "latitude": 31}
    counted = web.client.get("/api/events/hexagons", query_string={**WINDOW, **query, **grid}).json
    assert counted["total"] == len(codes)


def test_too_many_events_are_counted_and_not_sent(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    send(web, *(report(f"E{n}", class_code=f"0{1 + n % 2}01") for n in range(5)))
    monkeypatch.setattr("spatial.queries.event_columns.columns.__defaults__", (3,))
    head, found = columns(web)
    assert (head["total"], head["complete"], found) == (5, False, {})
    head, found = columns(web, classes="02")
    assert (head["total"], head["matching"], head["complete"], len(found["id"])) == (5, 2, True, 2)


def test_an_event_is_counted_in_the_hexagon_whose_middle_is_nearest(web: Web) -> None:
    chosen = np.random.default_rng(11)
    spots = [(117 + lon, 31 + lat) for lon, lat in (chosen.random((60, 2)) / 50).tolist()]
    send(web, *(report(f"E{n}", lon=lon, lat=lat) for n, (lon, lat) in enumerate(spots)))
    found = web.client.get("/api/events/hexagons", query_string={**WINDOW, "width": 200, "latitude": 31}).json
    assert sum(found["events"]) == found["total"] == 60
    cells = dict(zip(zip(found["q"], found["r"], strict=True), found["events"], strict=True))
    middles = {cell: (200 * (cell[0] + cell[1] / 2), 100 * math.sqrt(3) * cell[1]) for cell in cells}
    expected: dict[tuple[int, int], int] = dict.fromkeys(cells, 0)
    shrink = math.cos(math.radians(31))
    for lon, lat in spots:
        x = 6_378_137 * math.radians(lon) * shrink
        y = 6_378_137 * math.asinh(math.tan(math.radians(lat))) * shrink
        expected[min(middles, key=lambda cell: math.dist(middles[cell], (x, y)))] += 1
    assert cells == expected


@pytest.mark.parametrize("query", [
    {"classes": "1"}, {"classes": "01,drop"}, {"origins": "moon"}, {"finished": "maybe"}, {"from": "soon"},
    {"to": "2026-10-01T00:00:00Z"}])
def test_a_filter_that_makes_no_sense_is_refused(web: Web, query: dict[str, str]) -> None:
    for path in ("columns", "hexagons"):
        more = {"width": 100, "latitude": 31} if path == "hexagons" else {}
        answer = web.client.get(f"/api/events/{path}", query_string={**WINDOW, **more, **query})
        assert answer.status_code == 422
        assert answer.json["faults"]


def test_an_event_outside_the_window_of_everything_is_no_column(web: Web) -> None:
    head, found = columns(web)
    assert (head["total"], head["complete"], found["id"]) == (0, True, [])


def test_the_tasks_of_an_event_are_found_by_it(web: Web) -> None:
    web.objects.community()
    web.objects.grid()
    web.objects.keeper()
    one, other = send(web, report("A", class_code="0102"), report("B", class_code="0102"))
    for event in (one, other):
        web.client.post(f"/api/events/{event}/dispatch", json={})
        accepted = web.client.post(f"/api/events/{event}/accept", json={})
        assert accepted.status_code == 200, accepted.json
    found = web.client.get("/api/tasks", query_string={"event": one}).json["tasks"]
    assert len(found) == 1
    web.client.post(f"/api/events/{one}/finish", json={"note": "已清理"})
    after = web.client.get("/api/tasks", query_string={"event": one}).json["tasks"]
    assert [task["state"] for task in after] == ["done"]
    assert found[0]["grid_code"] == GRID


def test_marks_count_what_came_in_by_the_servers_time_and_name_changes_of_boundaries(web: Web) -> None:
    web.objects.community()
    web.objects.grid()
    send(web, report("A"), report("B"), report("C"))
    day = datetime(2026, 11, 1, tzinfo=UTC)
    for code, at in (("A", day), ("B", day + timedelta(minutes=29)), ("C", day + timedelta(hours=24))):
        web.objects.connection.execute("UPDATE event SET received_at = %s WHERE code = %s", (at, code))
    found = web.client.get("/api/picture/marks", query_string={**WINDOW, "part_s": 1800}).json
    assert found["events"] == [2, *[0] * 47]
    assert found["alarms"] == [0] * 48
    began = web.objects.connection.execute("SELECT valid_from FROM grid").fetchone()[0]
    assert [datetime.fromisoformat(at) for at in found["boundaries"]] == [began]
    assert datetime.fromisoformat(found["first"]) <= began


@pytest.mark.parametrize("query", [{"to": "2026-12-31T00:00:00Z"}, {"to": "2026-11-01T00:00:00Z"}, {"part_s": 1},
                                   {"to": "2026-11-30T00:00:00Z", "part_s": 60}])
def test_marks_of_a_stretch_that_makes_no_sense_are_refused(web: Web, query: dict[str, object]) -> None:
    assert web.client.get("/api/picture/marks", query_string={**WINDOW, **query}).status_code == 422
