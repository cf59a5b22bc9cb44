"""Alarms over HTTP, from a gateway's message to the operator's last step."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sample_gis.traffic import ALARM_KINDS
from tests.fixtures.web import Web

EARLIER = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def message(event_id: str = "m1", **values: object) -> dict:
    return {"source": "gw", "event_id": event_id, "device": "D1", "severity": "critical", "type": "smoke",
            "occurred_at": EARLIER, **values}


@pytest.fixture
def placed(web: Web) -> Web:
    building_id = web.objects.building("B1")
    web.objects.device("D1", building_id=building_id, floor=3)
    return web


def test_a_batch_is_taken_once_however_often_it_is_sent(placed: Web) -> None:
    batch = {"alarms": [message("m1"), message("m2", type="gas")]}
    first = placed.client.post("/api/alarms", json=batch)
    assert (first.status_code, first.json["taken"]) == (201, 2)
    second = placed.client.post("/api/alarms", json=batch)
    assert (second.json["taken"], second.json["already_known"]) == (0, 2)
    assert placed.client.get("/api/alarms").json["total"] == 2


def test_a_raise_that_came_after_its_alarm_had_ended_is_answered_late_and_seen_in_the_health(placed: Web) -> None:
    (alarm_id,) = placed.client.post("/api/alarms", json={"alarms": [message("a")]}).json["ids"]
    placed.client.post(f"/api/alarms/{alarm_id}/clear", json={})
    answer = placed.client.post("/api/alarms", json={"alarms": [message("b")]}).json
    assert (answer["taken"], answer["late"], answer["ids"]) == (1, 1, [alarm_id])
    assert answer["outcomes"] == [{"taken": "late", "alarm": alarm_id}]
    figures = {figure["name"]: figure for figure in placed.client.get("/api/alarms/health").json["figures"]}
    assert (figures["late"]["value"], figures["late"]["met"]) == (1, False)


def test_an_alarm_goes_from_raised_to_closed_and_its_history_tells(placed: Web) -> None:
    alarm_id = placed.client.post("/api/alarms", json={"alarms": [message()]}).json["ids"][0]
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for step, body, state in (
        ("assign", {"assignee": "wang"}, "active_unack"), ("comment", {"note": "<i>x</i>"}, "active_unack"),
        ("shelve", {"note": "repair", "until": until}, "active_unack"), ("unshelve", {}, "active_unack"),
        ("acknowledge", {"expected_state": "active_unack"}, "active_ack"), ("clear", {}, "cleared_ack"),
        ("close", {}, "closed"),
    ):
        answer = placed.client.post(f"/api/alarms/{alarm_id}/{step}", json=body)
        assert (answer.status_code, answer.json.get("state")) == (200, state), answer.text
    assert placed.client.get("/api/alarms").json == {"alarms": [], "total": 0, "next": None}
    assert placed.client.get(f"/api/alarms/{alarm_id}").json["assignee"] == "wang"
    said = placed.client.get(f"/api/alarms/{alarm_id}/steps").json["steps"]
    assert [(step["step"], step["account"]) for step in said] == [
        (name, "demo") for name in ("raised", "assigned", "commented", "shelved", "unshelved", "acknowledged",
                                    "cleared", "closed")]
    closed = placed.client.get("/api/alarms?state=closed&severity=critical&limit=1").json
    assert ([alarm["id"] for alarm in closed["alarms"]], closed["next"]) == ([alarm_id], alarm_id)
    assert placed.client.get(f"/api/alarms?state=closed&after={alarm_id}").json["alarms"] == []


def test_a_step_that_the_state_does_not_allow_is_409_and_says_what_is_and_who_was_first(placed: Web) -> None:
    alarm_id = placed.client.post("/api/alarms", json={"alarms": [message()]}).json["ids"][0]
    answer = placed.client.post(f"/api/alarms/{alarm_id}/close", json={})
    assert answer.status_code == 409
    assert "acknowledge" in answer.json["detail"]
    placed.client.post(f"/api/alarms/{alarm_id}/acknowledge", json={})
    answer = placed.client.post(f"/api/alarms/{alarm_id}/clear", json={"expected_state": "active_unack"})
    assert answer.status_code == 409
    assert "demo acknowledged it at 20" in answer.json["detail"]


LACKING = (
    ("shelve", {"note": "x"}, "until"), ("shelve", {"until": "2027-01-01T00:00:00Z", "note": "x"}, "until"),
    ("comment", {}, "note"), ("comment", {"note": "x" * 1001}, "note"), ("comment", {"note": "\0"}, "note"),
    ("comment", {"note": "\u200b\u200d \n"}, "note"), ("comment", {"note": "ok\u202egnp.exe"}, "note"),
    ("comment", {"note": "ok\x1b[31m"}, "note"), ("acknowledge", {"note": "\x07"}, "note"),
    ("comment", {"note": 7}, "note"), ("assign", {}, "assignee"),
    *(("assign", {"assignee": name}, "assignee") for name in (
        "", " ", "li wang", "\x1b[2J\u202e", "\u3164", "x" * 101, 7, "li\n")),
    ("close", {"assignee": "x"}, "assignee"), ("close", {"expected_state": "gone"}, "expected_state"),
)


def test_a_step_that_lacks_something_is_422_by_the_name_of_the_field(placed: Web) -> None:
    for step, body, place in LACKING:
        answer = placed.client.post(f"/api/alarms/1/{step}", json=body)
        assert answer.status_code == 422, (step, body)
        assert [fault["place"] for fault in answer.json["faults"]] == [place]


def test_one_call_takes_a_step_with_many_alarms_and_says_what_became_of_each(placed: Web) -> None:
    ids = placed.client.post("/api/alarms", json={"alarms": [message("a"), message("b", type="gas")]}).json["ids"]
    answer = placed.client.post("/api/alarms/steps", json={"ids": [*ids, 10**12], "step": "acknowledge"}).json
    assert (answer["done"], [outcome["status"] for outcome in answer["outcomes"]]) == (2, [200, 200, 404])
    assert placed.client.post("/api/alarms/steps", json={"ids": [1] * 201, "step": "close"}).status_code == 422
    for wrong in (1.5, 1.0, "45", True, None, 0, 2**63):
        answer = placed.client.post("/api/alarms/steps", json={"ids": [ids[0], wrong], "step": "clear"})
        assert answer.status_code == 422, wrong
    assert {alarm["state"] for alarm in placed.client.get("/api/alarms").json["alarms"]} == {"active_ack"}
    given = {"ids": ids, "step": "assign", "assignee": "王芳"}
    assert placed.client.post("/api/alarms/steps", json=given).json["done"] == 2
    assert placed.client.post("/api/alarms/steps", json={"ids": ids, "step": "assign"}).status_code == 422
    assert {alarm["assignee"] for alarm in placed.client.get("/api/alarms").json["alarms"]} == {"王芳"}


def test_good_messages_are_taken_and_each_fault_of_the_others_is_named(placed: Web) -> None:
    batch = {"alarms": [message("a"), message("b", device="X1"), {"event_id": 7}, message("c", cleared="yes"), "text"]}
    answer = placed.client.post("/api/alarms", json=batch)
    assert answer.status_code == 201
    assert (answer.json["taken"], answer.json["already_known"], len(answer.json["ids"])) == (1, 0, 1)
    assert [outcome["taken"] for outcome in answer.json["outcomes"]] == ["raised", *["refused"] * 4]
    refused = answer.json["refused"]
    assert [(entry["index"], entry["field"]) for entry in refused] == [
        (1, "device"), *((2, field) for field in ("source", "device", "severity", "type", "occurred_at", "event_id")),
        (3, "cleared"), (4, "")]
    assert refused[0]["value"] == "X1"
    assert refused[0]["kept"]
    assert "shapan import devices" in refused[0]["cure"]
    (waiting,) = placed.client.get("/api/alarms/strays").json["devices"]
    assert (waiting["device"], waiting["count"]) == ("X1", 1)


def test_a_batch_of_which_nothing_is_taken_is_422_with_every_fault(placed: Web) -> None:
    answer = placed.client.post("/api/alarms", json={"alarms": [message("b", device="X1"), message("c", device="X2")]})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [fault["place"] for fault in answer.json["faults"]] == ["alarms[0].device", "alarms[1].device"]
    assert [entry["kept"] for entry in answer.json["refused"]] == [True, True]
    assert placed.client.get("/api/alarms").json["total"] == 0


def test_a_batch_that_was_taken_before_is_201_beside_what_is_refused(placed: Web) -> None:
    placed.client.post("/api/alarms", json={"alarms": [message("a")]})
    answer = placed.client.post("/api/alarms", json={"alarms": [message("a"), message("b", severity="awful")]})
    assert (answer.status_code, answer.json["taken"], answer.json["already_known"]) == (201, 0, 1)


NO_BATCH = (
    b"", b"{", b"[]", b'{"alarms": []}', b'\xff\xfe', b'{"alarms": [3]}', b'{"alarms": [NaN]}', b"[" * 200_000,
    b'{"alarms": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"alarms": "x"}', b'{"alarms": [null], "more": 1}',
    json.dumps({"alarms": [message(str(n)) for n in range(1001)]}).encode(),
    '{"alarms": [{"source": "中文"}]}'.encode("gb18030"),
)


def test_a_body_that_is_no_batch_is_refused(placed: Web) -> None:
    for body in NO_BATCH:
        answer = placed.client.post("/api/alarms", data=body, content_type="application/json")
        assert answer.status_code in (400, 422), body[:60]
        assert answer.mimetype == "application/problem+json"
    body = json.dumps({"alarms": [message("a", note="x" * 10_000_000)]})
    assert placed.client.post("/api/alarms", data=body, content_type="application/json").status_code == 413
    assert placed.client.get("/api/alarms?state=all").json["total"] == 0


def test_types_have_names_in_both_languages(placed: Web) -> None:
    types = {entry["type"]: entry for entry in placed.client.get("/api/alarms/types").json["types"]}
    assert {kind.type for kind in ALARM_KINDS} <= set(types)
    assert (types["gas"]["name"], types["gas"]["name_en"]) == ("燃气泄漏", "Gas leak")


def test_a_flood_is_told_with_its_groups_which_are_acknowledged_in_one_call(placed: Web) -> None:
    batch = [message(f"m{n}", type=f"t{n}") for n in range(10)]
    first = placed.client.post("/api/alarms", json={"alarms": batch}).json["ids"][0]
    flood = placed.client.get("/api/alarms/flood").json
    assert (flood["flood"], flood["new"], flood["limit"]) == (True, 10, 10)
    (group,) = flood["groups"]
    assert (group["id"], group["first_out"]["id"], group["count"], group["worst"]) == (first, first, 10, "critical")
    answer = placed.client.post(f"/api/alarms/groups/{first}/acknowledge", json={})
    assert answer.json["done"] == 10
    assert placed.client.post(f"/api/alarms/groups/{first}/acknowledge", json={}).status_code == 404
    assert len(placed.client.get(f"/api/alarms?group={first}&state=active_ack").json["alarms"]) == 10


def test_health_puts_figures_beside_what_is_recommended(placed: Web) -> None:
    placed.client.post("/api/alarms", json={"alarms": [message(f"m{n}", type=f"t{n}") for n in range(12)]})
    health = placed.client.get("/api/alarms/health").json
    figures = {figure["name"]: figure for figure in health["figures"]}
    assert (health["alarms"], health["windows"], health["operators"]) == (12, 144, 0)
    assert (figures["rate_peak"]["value"], figures["rate_peak"]["met"]) == (12, False)
    assert figures["critical_share"]["practice"]
    assert placed.client.get("/api/alarms/health?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z").status_code == 422


def test_a_filter_that_makes_no_sense_is_422(placed: Web) -> None:
    for query in ("state=gone", "area=99900x", "after=0", "limit=0", "severity=awful",
                  "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
                  "state=closed&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z"):
        assert placed.client.get(f"/api/alarms?{query}").status_code == 422, query


def test_a_card_shows_its_buildings_open_alarms(placed: Web) -> None:
    placed.client.post("/api/alarms", json={"alarms": [message()]})
    building_id = placed.client.get("/api/alarms").json["alarms"][0]["building_id"]
    card = placed.client.get(f"/api/buildings/{building_id}").json
    assert [alarm["type"] for alarm in card["alarms"]] == ["smoke"]
