"""Alarms over HTTP, from a gateway's message to the operator's last step."""

import json

import pytest

from tests.fixtures.web import Web


def message(event_id: str = "m1", **values: object) -> dict:
    return {"source": "gw", "event_id": event_id, "device": "D1", "severity": "critical", "type": "smoke",
            "occurred_at": "2026-11-01T08:00:00+08:00", **values}


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


def test_an_alarm_goes_from_raised_to_closed(placed: Web) -> None:
    alarm_id = placed.client.post("/api/alarms", json={"alarms": [message()]}).json["ids"][0]
    for step, state in (("acknowledge", "active_ack"), ("clear", "cleared_ack"), ("close", "closed")):
        assert placed.client.post(f"/api/alarms/{alarm_id}/{step}", json={}).json["state"] == state
    assert placed.client.get("/api/alarms").json == {"alarms": [], "total": 0}


def test_a_step_that_the_state_does_not_allow_is_409_and_says_what_is(placed: Web) -> None:
    alarm_id = placed.client.post("/api/alarms", json={"alarms": [message()]}).json["ids"][0]
    answer = placed.client.post(f"/api/alarms/{alarm_id}/close", json={})
    assert answer.status_code == 409
    assert "acknowledge" in answer.json["detail"]


def test_an_unknown_device_refuses_the_whole_batch_and_names_every_such_message(placed: Web) -> None:
    batch = {"alarms": [message("a"), message("b", device="X1"), message("c", device="X2")]}
    answer = placed.client.post("/api/alarms", json=batch)
    assert answer.status_code == 422
    assert [fault["place"] for fault in answer.json["faults"]] == ["alarms[1].device", "alarms[2].device"]
    assert placed.client.get("/api/alarms").json["total"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("severity", "awful"), ("occurred_at", "yesterday"), ("occurred_at", "2026-11-01T08:00:00"), ("source", ""),
     ("event_id", None), ("device", 7), ("type", "x" * 61), ("unknown", 1), ("event_id", "n\0"), ("note", "\ud800"),
     ("device", "\0"), ("occurred_at", "0001-01-01T00:00:00+14:00"), ("occurred_at", "9999-12-31T23:59:59-12:00")],
)
def test_a_faulty_message_is_refused_by_the_name_of_its_field(placed: Web, field: str, value: object) -> None:
    body = json.dumps({"alarms": [message(**{field: value})]})
    answer = placed.client.post("/api/alarms", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["faults"][0]["place"] == f"alarms[0].{field}"
    assert placed.client.get("/api/alarms").json["total"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"alarms": []}', b'\xff\xfe', b'{"alarms": [3]}', b"[" * 200_000])
def test_a_body_that_is_no_batch_is_refused(placed: Web, body: bytes) -> None:
    answer = placed.client.post("/api/alarms", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


def test_a_card_shows_its_buildings_open_alarms(placed: Web) -> None:
    placed.client.post("/api/alarms", json={"alarms": [message()]})
    building_id = placed.client.get("/api/alarms").json["alarms"][0]["building_id"]
    card = placed.client.get(f"/api/buildings/{building_id}").json
    assert [alarm["type"] for alarm in card["alarms"]] == ["smoke"]
