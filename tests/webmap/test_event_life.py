"""Events, tasks and figures over HTTP: batches, steps of two at once, who may read what people wrote."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from tests.webmap.test_events import report
from webmap import identity

MINUTE = timedelta(minutes=1)


@pytest.fixture
def town(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    web.objects.keeper()
    return web


def send(web: Web, *reports: dict) -> dict:
    answer = web.client.post("/api/events", json={"events": reports})
    assert answer.status_code == 201, answer.text
    return answer.json


def step(web: Web, event_id: int, name: str, **body: object):
    return web.client.post(f"/api/events/{event_id}/{name}", json=body)


def test_a_bad_event_loses_no_other_and_each_fault_is_named(town: Web) -> None:
    html = "<script>alert(1)</script>\u00e9" + "长" * 150
    answer = send(town, report("A", title=html), report("B", title="a\x1bb"), report("C", building="B9", lon=None,
                  lat=None), report("D", lon=None), "no object", report("F", title="长" * 201), report("G", lat="NaN"),
                  report("H", place="a\u202eb"), report("I", class_code="0199"))
    assert (answer["taken"], answer["already_known"], len(answer["ids"])) == (2, 0, 2)
    assert [(fault["index"], fault["field"]) for fault in answer["refused"]] == [
        (1, "title"), (2, "building"), (3, "lon"), (4, None), (5, "title"), (6, "lat"), (7, "place")]
    assert all(fault["reason"] and fault["cure"] for fault in answer["refused"])
    assert "U+001B" in answer["refused"][0]["reason"]
    assert len(answer["refused"][4]["value"]) == 100
    first = town.client.get(f"/api/events/{answer['ids'][0]}").json
    assert (first["title"], first["state"], first["class_known"]) == (html, "dispatched", True)
    assert not town.client.get(f"/api/events/{answer['ids'][1]}").json["class_known"]


def test_more_events_than_a_batch_holds_are_refused(web: Web) -> None:
    answer = web.client.post("/api/events", json={"events": [{}] * 1001})
    assert answer.status_code == 422
    assert answer.json["faults"] == [{"place": "events", "message": "Length must be between 1 and 1000."}]


def test_an_event_of_another_source_with_the_same_number_is_another_one(town: Web) -> None:
    assert send(town, report("A"), report("A", source="patrol"))["taken"] == 2


def test_an_event_is_handled_to_closed_and_its_steps_say_by_whom(town: Web) -> None:
    event_id = send(town, report())["ids"][0]
    for name, body in (("accept", {}), ("comment", {"note": "第一行\n第二行"}), ("finish", {}), ("close", {})):
        answer = step(town, event_id, name, **body)
        assert answer.status_code == 200, answer.text
    assert (answer.json["state"], answer.json["version"]) == ("closed", 5)
    steps = town.client.get(f"/api/events/{event_id}/steps").json["steps"]
    assert [(one["step"], one["account"]) for one in steps[2:]] == [
        (name, "demo") for name in ("accepted", "commented", "done", "closed")]
    assert step(town, event_id, "accept").status_code == 409
    assert step(town, event_id, "burn").status_code == 404
    assert step(town, 10**19, "accept").status_code == 404
    assert step(town, event_id, "comment").status_code == 409


def test_of_two_operators_one_wins_and_the_other_hears_who_and_when(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    event_id = send(town, report())["ids"][0]
    together = threading.Barrier(2)

    def accept(_: int):
        client = town.app.test_client()
        together.wait()
        return client.post(f"/api/events/{event_id}/accept", json={})

    with ThreadPoolExecutor(2) as operators:
        answers = sorted(operators.map(accept, range(2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert f"(accepted by demo at {datetime.now(UTC):%Y-%m-}" in answers[1].json["detail"]
    seen = answers[0].json["version"]
    assert step(town, event_id, "reassign", version=seen).status_code == 200
    late = step(town, event_id, "reassign", version=seen)
    assert late.status_code == 409
    assert "reassigned by demo at" in late.json["detail"]
    assert town.objects.connection.execute("SELECT count(*) FROM event_step").fetchone() == (4,)


def test_two_batches_at_once_take_every_event_once(town: Web) -> None:
    batch = [report(f"E{n}") for n in range(60)]

    def deliver(reports: list[dict]) -> int:
        return town.app.test_client().post("/api/events", json={"events": reports}).json["taken"]

    with ThreadPoolExecutor(4) as gateways:
        taken = list(gateways.map(deliver, [batch, batch[::-1], batch[30:] + batch[:30], batch]))
    assert sum(taken) == 60
    count = "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM outbox WHERE kind = 'event')"
    assert town.objects.connection.execute(count).fetchone() == (60, 60)


def test_what_people_wrote_is_for_those_who_handle_events(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    event_id = send(town, report(title="张三 13812345678", place="3栋"))["ids"][0]
    step(town, event_id, "accept", note="联系张三")
    monkeypatch.setattr(identity, "DEMO", identity.Identity("v", ("viewer",), Scope.everything()))
    for path in ("/api/events", f"/api/events/{event_id}", f"/api/events/{event_id}/steps", "/api/tasks",
                 "/api/tasks/1", "/api/tasks/1/steps"):
        answer = town.client.get(path)
        assert answer.status_code == 200, path
        assert "张三" not in answer.text
        assert "3栋" not in answer.text
    assert step(town, event_id, "finish").status_code == 403
    assert town.client.get("/api/assessment").status_code == 403


def test_lists_go_on_where_the_page_before_ended(town: Web) -> None:
    send(town, *(report(f"E{n}", occurred_at=f"2026-11-01T0{n // 2}:00:00Z") for n in range(5)))
    codes, after = [], None
    while True:
        answer = town.client.get("/api/events", query_string={"limit": 2, "state": "unfinished",
                                                              **({"after": after} if after else {})}).json
        codes += [event["code"] for event in answer["events"]]
        after = answer["next"]
        if after is None:
            break
    assert codes == ["E4", "E3", "E2", "E1", "E0"]
    for query in ({"after": "x"}, {"after": "9999999999999999_1"}, {"state": "gone"}, {"class": "1x"}, {"limit": 0}):
        answer = town.client.get("/api/events", query_string=query)
        assert answer.status_code in (200, 422), query
        assert answer.status_code == 422 or "9" in query["after"]


def test_events_are_counted_for_charts(town: Web) -> None:
    send(town, *(report(f"E{n}", class_code="0401" if n else "0102") for n in range(3)))
    window = {"from": "2026-11-01T00:00:00+08:00", "to": "2026-11-02T00:00:00+08:00"}
    answer = town.client.get("/api/events/distribution", query_string={
        "by": "class", **window, "compare_from": "2026-10-31T00:00:00Z", "compare_to": "2026-10-31T12:00:00Z"}).json
    assert (answer["total"], answer["compared_total"], answer["zone"]) == (3, 0, "Asia/Shanghai")
    assert {one["key"]: one["events"] for one in answer["buckets"] if one["events"]} == {"0102": 1, "0401": 2}
    assert next(one for one in answer["buckets"] if one["key"] == "0401")["name_en"] == "Road collapse"
    for query in ({"by": "moon"}, {"by": "hour", "from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                  {"by": "day", "compare_from": "2026-10-01T00:00:00Z"}):
        answer = town.client.get("/api/events/distribution", query_string=query)
        assert answer.status_code == 422
        assert answer.json["faults"]
    classes = town.client.get("/api/events/classes").json["classes"]
    [found] = [one for one in classes if one["code"] == "04"]
    assert (found["name"], found["kind"], found["respond_s"]) == ("突发事件", "emergency", 900)


def test_tasks_are_made_listed_and_done(town: Web) -> None:
    building = town.objects.building("B1", name="望江苑")
    room = town.objects.room(building)
    due_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    visit = {"kind": "visit", "title": "走访", "target_kind": "building", "target_id": building, "due_at": due_at}
    answer = town.client.post("/api/tasks", json={"tasks": [visit, {**visit, "target_id": 99}, {**visit, "kind": "x"}]})
    assert (answer.status_code, answer.json["taken"]) == (201, 1)
    assert [(fault["index"], fault["field"]) for fault in answer.json["refused"]] == [(1, "target_id"), (2, "kind")]
    [task] = town.client.get("/api/tasks", query_string={"keeper": f"K{GRID}", "state": "due"}).json["tasks"]
    assert (task["title"], task["overdue"]) == ("走访", False)
    done = town.client.post(f"/api/tasks/{task['id']}/done", json={"result": "见到本人"})
    assert (done.json["state"], done.json["result"]) == ("done", "见到本人")
    again = town.client.post(f"/api/tasks/{task['id']}/done", json={})
    assert again.status_code == 409
    assert "done by demo at" in again.json["detail"]
    found = town.client.get("/api/tasks/survey?community=999001001001").json
    assert (found["required"], [one["number"] for one in found["rooms"]]) == (["area_m2", "tenure", "use"], ["101"])
    made = town.client.post("/api/tasks/survey", json={"rooms": [room, room], "buildings": [99]})
    assert (made.status_code, made.json["taken"], made.json["refused"][0]["index"]) == (201, 1, 1)
    assert town.client.post("/api/tasks/survey", json={"rooms": [99]}).status_code == 422
    assert town.client.post("/api/tasks/survey", json={}).status_code == 422
    assert town.client.get("/api/tasks/survey?grid=999001001001001&building=B1").status_code == 422


def test_figures_say_how_much_of_the_grid_was_walked_where_that_is_asked_for_and_little_enough(
        town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    town.objects.building()
    town.objects.building("B2", west=117.015)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    town.client.post("/api/keepers/positions", json={"positions": [
        {"keeper": f"K{GRID}", "lon": 117.0 + n / 10_000, "lat": 31.0052, "at": (start + n * MINUTE).isoformat()}
        for n in range(60)]})
    window = {"from": start.isoformat(), "to": (start + timedelta(days=1)).isoformat(), "coverage": "true"}
    said = town.client.get(f"/api/keepers/coverage?grid={GRID}&day=2026-11-01").json
    for by in ("keeper", "grid"):
        [row] = town.client.get("/api/assessment", query_string={**window, "by": by}).json["rows"]
        assert (row["area_share"], row["building_share"]) == (said["area_share"], 0.5)
        head, line = town.client.get("/api/assessment.csv", query_string={**window, "by": by}).text.splitlines()
        assert head.endswith(",area_share,building_share")
        assert line.endswith(f",{row['area_share']},0.5")
    [row] = town.client.get("/api/assessment", query_string={**window, "coverage": "false"}).json["rows"]
    assert "area_share" not in row
    for wrong in ({"by": "community"}, {"to": (start + timedelta(days=32)).isoformat()}):
        assert town.client.get("/api/assessment", query_string={**window, **wrong}).status_code == 422
    for number in (2, 3, 4):
        town.objects.grid(f"{COMMUNITY}{number:03d}")
    month = {**window, "by": "grid", "to": (start + timedelta(days=31)).isoformat()}
    refused = town.client.get("/api/assessment", query_string=month)
    assert (refused.status_code, refused.json["faults"][0]["place"]) == (422, "limit")
    assert "3 grids at most" in refused.json["faults"][0]["message"]
    first = town.client.get("/api/assessment", query_string={**month, "limit": 3}).json
    assert (len(first["rows"]), first["next"]) == (3, f"{COMMUNITY}003")
    with monkeypatch.context() as patched:
        patched.setitem(identity.ROLES, "assessor", frozenset({"assessment.read"}))
        patched.setattr(identity, "DEMO", dataclasses.replace(identity.DEMO, roles=("assessor",)))
        assert town.client.get("/api/assessment").status_code == 200
        assert town.client.get("/api/assessment", query_string=window).status_code == 403


def test_figures_come_as_json_and_as_a_table_that_runs_no_formula(town: Web) -> None:
    town.objects.connection.execute("UPDATE keeper SET name = '=HYPERLINK(\"x\")'")
    send(town, report())
    [row] = town.client.get("/api/assessment?from=2026-10-01T00:00:00Z").json["rows"]
    assert (row["events_open"], row["events_new"], row["events_on_time_share"]) == (1, 1, None)
    answer = town.client.get("/api/assessment.csv?by=keeper&from=2026-10-01T00:00:00Z")
    assert answer.mimetype == "text/csv"
    head, line = answer.data.decode("utf-8-sig").splitlines()
    assert head.startswith("code,name,events_open")
    assert line.startswith(f"K{GRID},\"'=HYPERLINK(")
    assert town.client.get("/api/assessment?from=2020-01-01T00:00:00Z").status_code == 422


def test_a_table_holds_all_rows_and_an_answer_a_page_that_says_so(town: Web) -> None:
    town.objects.connection.execute(
        "INSERT INTO keeper (code, name, source, source_key, content_hash, area_code, grid_code) "
        "SELECT 'N' || n, 'n', 'test', n::text, '', %s, %s FROM generate_series(1, 1000) AS n", [COMMUNITY, GRID])
    page = town.client.get("/api/assessment").json
    assert (len(page["rows"]), page["next"]) == (1000, page["rows"][-1]["code"])
    assert len(town.client.get("/api/assessment.csv").text.splitlines()) == 1002
    assert len(town.client.get("/api/assessment.csv?limit=2").text.splitlines()) == 3
