"""Devices over HTTP: readings in, state and history out, rules from reading to alarm and back."""

import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity
from webmap.views.alarm_rules import RuleIn

NOW = datetime.now(UTC)


def reading(device: str = "D1", seconds: float = 0, **values: Any) -> dict[str, Any]:
    return {"source": "gw", "device": device, "at": (NOW + timedelta(seconds=seconds)).isoformat(), "values": values}


@pytest.fixture
def placed(web: Web) -> Web:
    building_id = web.objects.building("B1", name="一号楼")
    web.objects.device("D1", building_id=building_id, kind="gas", floor=3)
    web.objects.device("D2", kind="camera", lon=117.02)
    return web


def rule(**said: Any) -> dict[str, Any]:
    return {"code": "hot", "name": "过热", "name_en": "Hot", "device_kind": "gas", "quantity": "t",
            "comparison": "above", "threshold": 60, "clear_threshold": 50, "severity": "major", "type": "temperature",
            **said}


def test_a_batch_is_taken_once_and_each_fault_is_named_with_its_cure(placed: Web) -> None:
    batch = {"readings": [reading(t=20), {**reading("X1"), "event_id": "e7"}, reading("D2"),
                          reading("D2", t="\x00", door="open"), 7]}
    answer = placed.client.post("/api/devices/readings", json=batch)
    assert (answer.status_code, answer.json["taken"]) == (201, 3)
    assert [(fault["index"], fault["field"], fault["event_id"]) for fault in answer.json["refused"]] == [
        (1, "device", "e7"), (3, "values.t", None), (4, "", None)]
    again = placed.client.post("/api/devices/readings", json=batch).json
    assert (again["taken"], again["already_known"]) == (0, 3)
    nothing = placed.client.post("/api/devices/readings", json={"readings": [reading("X1"), {"device": "D1"}]})
    assert nothing.status_code == 422
    assert [fault["place"] for fault in nothing.json["faults"]] == [
        "readings[0].device", "readings[1].source", "readings[1].at"]


def test_a_value_in_a_unit_of_another_kind_is_named_with_its_cure(placed: Web) -> None:
    said = {**reading(gas=2, battery=80), "units": {"gas": "%VOL"}}
    taken = placed.client.post("/api/devices/readings", json={"readings": [said]})
    (fault,) = taken.json["refused"]
    assert (taken.status_code, taken.json["taken"], fault["field"]) == (201, 1, "units.gas")
    assert "%LEL" in fault["cure"]
    lost = placed.client.post("/api/devices/readings", json={"readings": [reading(gas="60", seconds=1)]})
    assert (lost.status_code, [fault["place"] for fault in lost.json["faults"]]) == (422, ["readings[0].values.gas"])


def test_a_body_that_is_no_batch_or_too_large_is_refused(placed: Web) -> None:
    for body in (b"", b"{", b"[]", b'{"readings": []}', b"\xff\xfe", b'{"readings": [NaN]}', b'{"readings": 5}',
                 b'{"readings": ' + b"[" * 100_000):
        answer = placed.client.post("/api/devices/readings", data=body, content_type="application/json")
        assert answer.status_code in (400, 422), body[:20]
    large = json.dumps({"readings": [{**reading(), "source": "x" * 10_000_000}]})
    assert placed.client.post("/api/devices/readings", data=large, content_type="application/json").status_code == 413
    many = {"readings": [reading(seconds=-n) for n in range(1001)]}
    assert placed.client.post("/api/devices/readings", json=many).status_code == 422


def test_devices_are_listed_by_state_kind_building_and_distance(placed: Web) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(t=20)]})

    def codes(**query: str) -> list[str]:
        return [device["code"] for device in placed.client.get("/api/devices", query_string=query).json["devices"]]

    assert codes() == ["D1", "D2"]
    assert (codes(state="fresh"), codes(state="unknown"), codes(kind="gas"), codes(building="B1")) == (
        ["D1"], ["D2"], ["D1"], ["D1"])
    assert codes(near="117.0199,31.0052") == ["D2"]
    assert codes(near="117.0199,31.0052", within_m="5000") == ["D2", "D1"]
    found = placed.client.get("/api/devices", query_string={"near": "117.0199,31.0052"}).json["devices"][0]
    assert found["distance_m"] == pytest.approx(9.55, abs=0.1)
    for wrong in ("here", "999,31", "117,89", "117", "117,31\n"):
        assert placed.client.get("/api/devices", query_string={"near": wrong}).status_code == 422


def test_list_and_card_say_how_often_a_device_should_speak_and_who_says_so(placed: Web) -> None:
    placed.objects.device("D3", kind="camera", expected_interval_s=5)
    said = [(device["code"], device["expected_interval_s"], device["expected_interval_of"])
            for device in placed.client.get("/api/devices").json["devices"]]
    assert said == [("D1", 86_400, "kind"), ("D2", 60, "kind"), ("D3", 5, "device")]
    card = placed.client.get("/api/devices/D3").json
    assert (card["expected_interval_s"], card["expected_interval_of"]) == (5, "device")


def test_a_card_says_where_a_device_is_how_it_is_and_what_it_said(placed: Web) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(gas=9, html="<b>")]})
    card = placed.client.get("/api/devices/D1").json
    assert (card["building_name"], card["floor"], card["freshness"], card["kind_name"]) == (
        "一号楼", 3, "fresh", "燃气报警器")
    assert [(one["quantity"], one["name"], one["value"], one["unit"]) for one in card["values"]] == [
        ("gas", "可燃气体浓度", 9.0, "%LEL"), ("html", "html", "<b>", None)]
    assert [alarm["type"] for alarm in card["alarms"]] == ["gas"]
    assert placed.client.get("/api/devices/nobody").status_code == 404


def test_a_value_that_is_no_measure_has_words(placed: Web) -> None:
    placed.objects.device("L1", kind="elevator", lon=117.02)
    values = reading("L1", trapped=True, door="closed", speed=1.5, fault=0)
    placed.client.post("/api/devices/readings", json={"readings": [values]})
    card = placed.client.get("/api/devices/L1").json
    told = {one["quantity"]: one["words"].get(f"{one['value']:g}" if isinstance(one["value"], float) else one["value"])
            for one in card["values"]}
    assert told == {
        "trapped": ["有人被困", "Trapped"], "fault": ["无", "None"], "door": ["关", "Closed"], "speed": None}


def test_readings_of_a_window_come_in_order_and_a_senseless_window_is_refused(placed: Web) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(seconds=-n, t=n) for n in (1, 3, 2)]})
    found = placed.client.get("/api/devices/D1/readings?quantity=t").json
    assert ([point["value"] for point in found["points"]], found["bucket_s"]) == ([3.0, 2.0, 1.0], None)
    thinned = placed.client.get("/api/devices/D1/readings?quantity=t&limit=2").json
    assert sum(point["count"] for point in thinned["points"]) == 3
    for query in ("from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "from=1990-01-01T00:00:00Z", "quantity=%00",
                  "limit=2001"):
        query = query if "quantity" in query else f"quantity=t&{query}"
        assert placed.client.get(f"/api/devices/D1/readings?{query}").status_code == 422


def test_freshness_is_counted_by_kind_within_the_own_area(placed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(t=20)]})
    found = placed.client.get("/api/devices/freshness").json
    assert found["total"] == {"fresh": 1, "late": 0, "lost": 0, "unknown": 1, "total": 2}
    assert [(kind["kind"], kind["name_en"], kind["fresh"], kind["unknown"]) for kind in found["kinds"]] == [
        ("camera", "Camera", 0, 1), ("gas", "Gas detector", 1, 0)]
    def total(area: str) -> int:
        return placed.client.get(f"/api/devices/freshness?area={area}").json["total"]["total"]

    assert (total(GRID), total(COMMUNITY[:9]), total(OTHER_GRID)) == (2, 2, 0)
    assert placed.client.get("/api/devices/freshness?area=9x").status_code == 422
    elsewhere = identity.Identity("elsewhere", ("viewer",), Scope(("999002",)))
    monkeypatch.setattr(identity, "DEMO", elsewhere)
    assert placed.client.get("/api/devices/freshness").json["total"]["total"] == 0


def test_a_reading_becomes_an_alarm_and_its_end_in_the_order_of_the_feed(placed: Web) -> None:
    made = placed.client.post("/api/alarms/rules", json=rule())
    assert (made.status_code, made.json["version"]) == (201, 1)
    for seconds, value in ((-3, 70), (-2, 55), (-1, 49)):
        placed.client.post("/api/devices/readings", json={"readings": [reading(seconds=seconds, t=value)]})
    placed.sequence()
    changes = placed.objects.connection.execute(
        "SELECT kind, coalesce(payload->>'freshness', payload->>'state'), grid_code FROM outbox "
        "WHERE kind IN ('device', 'alarm') ORDER BY seq").fetchall()
    assert changes == [("device", "fresh", GRID), ("alarm", "active_unack", GRID), ("alarm", "cleared_unack", GRID)]


def test_rules_are_written_changed_and_deleted_with_every_fault_named(placed: Web) -> None:
    post = placed.client.post
    rule_id = post("/api/alarms/rules", json=rule()).json["id"]
    assert post("/api/alarms/rules", json=rule()).status_code == 409
    placed.client.post("/api/devices/readings", json={"readings": [reading(t=70)]})
    address = f"/api/alarms/rules/{rule_id}"
    assert placed.client.put(address, json=rule(code="gas_high")).status_code == 409
    assert placed.client.put(address, json=rule(enabled=False)).json["version"] == 2
    assert [alarm["state"] for alarm in placed.client.get("/api/alarms").json["alarms"]] == ["cleared_unack"]
    assert "hot" in {one["code"] for one in placed.client.get("/api/alarms/rules").json["rules"]}
    assert placed.client.delete(address, json={}).status_code == 204
    assert placed.client.delete(address, json={}).status_code == 404
    steps = placed.client.get(f"{address}/steps").json["steps"]
    assert [(step["step"], step["account"]) for step in steps] == [
        ("created", "demo"), ("changed", "demo"), ("deleted", "demo")]
    assert [(step["before"] and step["before"]["enabled"], step["after"] and step["after"]["enabled"])
            for step in steps] == [(None, True), (True, False), (False, None)]
    shipped = placed.client.get("/api/alarms/rules").json["rules"][0]["id"]
    assert placed.client.get(f"/api/alarms/rules/{shipped}/steps").json == {"steps": []}
    assert placed.client.get(f"/api/alarms/rules/{10**9}/steps").status_code == 404


@pytest.mark.parametrize(("said", "field"), [
    ({"threshold": None}, "threshold"), ({"quantity": None}, "quantity"), ({"clear_threshold": 61}, "clear_threshold"),
    ({"comparison": "below"}, "clear_threshold"), ({"comparison": "lost"}, "threshold"),
    ({"comparison": "equals", "clear_threshold": None, "word": "x"}, "threshold"), ({"word": "x"}, "word"),
    ({"device_kind": None}, "device_kind"), ({"device_code": "D1"}, "device_kind"), ({"within": "99x"}, "within"),
    ({"for_s": -1}, "for_s"), ({"severity": "awful"}, "severity"), ({"code": "A-b"}, "code"),
    ({"code": "hot\n"}, "code"), ({"note": "{value.__class__}"}, "note"), ({"threshold": 1e300}, "threshold"),
    ({"name": ""}, "name")])
def test_a_rule_that_makes_no_sense_is_refused_by_the_name_of_its_field(said: dict, field: str) -> None:
    assert field in RuleIn().validate(rule(**said))


def test_a_rule_is_tried_on_what_was_said(placed: Web) -> None:
    said = [reading(seconds=-n, t=value) for n, value in ((9, 70), (8, 40), (7, 65))]
    placed.client.post("/api/devices/readings", json={"readings": said})
    condition = {"quantity": "t", "comparison": "above", "threshold": 60, "for_s": 1}
    tried = placed.client.post("/api/alarms/rules/try", json={"rule": condition, "device": "D1"}).json
    assert (tried["looked_at"], len(tried["fired"])) == (3, 1)
    assert placed.client.get("/api/alarms").json["total"] == 0
    assert placed.client.post("/api/alarms/rules/try", json={"rule": condition, "device": "X"}).status_code == 404
    wrong = placed.client.post("/api/alarms/rules/try", json={"rule": {"comparison": "above"}, "device": "D1"})
    assert [fault["place"] for fault in wrong.json["faults"]] == ["rule.quantity", "rule.threshold"]


def test_only_an_administrator_writes_rules_and_only_for_the_own_area(
    placed: Web, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def written(roles: tuple[str, ...], scope: str, within: str) -> int:
        monkeypatch.setattr(identity, "DEMO", identity.Identity("one", roles, Scope((scope,))))
        return placed.client.post("/api/alarms/rules", json=rule(code=f"r{within}", within=within)).status_code

    assert written(("viewer", "operator", "importer", "gateway"), "*", "") == 403
    assert written(("administrator",), COMMUNITY, "") == 403
    assert written(("administrator",), COMMUNITY, GRID) == 201
    assert written(("administrator",), "*", "") == 201


def test_a_part_of_the_map_tells_who_is_not_fresh_there(placed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(t=20)]})
    n = 2**14  # WebMercatorQuad, OGC 17-083r4
    x, y = int((117.0052 + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(31.0052))) / math.pi) / 2 * n)
    here = f"/api/devices/silent?x={x}&y={y}"
    assert placed.client.get(here).json == {"late": [], "lost": [], "unknown": ["D2"]}
    placed.objects.connection.execute("UPDATE device_state SET freshness = 'lost' WHERE kind = 'gas'")
    assert placed.client.get(here).json == {"late": [], "lost": ["D1"], "unknown": ["D2"]}
    assert placed.client.get(f"/api/devices/silent?x={x + 9}&y={y}").json["lost"] == []
    for wrong in ("x=1", f"x={n}&y=1", "x=-1&y=1", "x=a&y=1"):
        assert placed.client.get(f"/api/devices/silent?{wrong}").status_code == 422
    monkeypatch.setattr(identity, "DEMO", identity.Identity("elsewhere", ("viewer",), Scope(("999002",))))
    assert placed.client.get(here).json["lost"] == []


def test_a_change_of_freshness_says_what_it_was_so_that_counts_can_follow(placed: Web) -> None:
    placed.client.post("/api/devices/readings", json={"readings": [reading(t=20)]})
    placed.sequence()
    changes = placed.objects.connection.execute(
        "SELECT payload->>'code', payload->>'was', payload->>'freshness' FROM outbox WHERE kind = 'device'").fetchall()
    assert changes == [("D1", "unknown", "fresh")]


def test_a_card_names_the_rules_that_look_at_the_device(placed: Web) -> None:
    before = {each["code"] for each in placed.client.get("/api/devices/D1").json["rules"]}
    placed.client.post("/api/alarms/rules", json=rule())
    placed.client.post("/api/alarms/rules", json=rule(code="cam", device_kind="camera"))
    placed.client.post("/api/alarms/rules", json=rule(code="off", enabled=False))
    told = placed.client.get("/api/devices/D1").json["rules"]
    assert {each["code"] for each in told} - before == {"hot"}
    [hot] = [each for each in told if each["code"] == "hot"]
    assert (hot["quantity"], hot["comparison"], hot["threshold"], hot["clear_threshold"]) == ("t", "above", 60, 50)
