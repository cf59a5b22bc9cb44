"""The large figures of a wall: each can be read by its role, with what it was before, and people in classes."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from spatial.jobs import kpi_days, rollup
from spatial.rules.alarms import SEVERITIES
from spatial.rules.entry_rate import ENTRY_KINDS
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web

ZONE = ZoneInfo("Asia/Shanghai")
STATES = ("open", "dispatched", "accepted", "rejected", "done", "closed")
SHOWN = ("residents", "households", "buildings", "events_open", "events_overdue", "tasks_due", "tasks_overdue",
         "events_today", *(f"events_today_{state}" for state in STATES), "keepers_on_duty", "alarms_today",
         "alarms_shelved", *(f"{of}_{severity}" for of in ("alarms", "unacknowledged") for severity in SEVERITIES))
"""All that a wall shows large; entry rates beside them."""


def lived_in(web: Web) -> None:
    """Put a community on record in which each figure is another than 0, and take down what it was before."""
    objects, place, now = web.objects, {"area_code": COMMUNITY, "grid_code": GRID}, datetime.now(UTC)
    objects.community()
    objects.grid()
    objects.keeper()
    building = objects.building()
    objects.room(building, residents=17)
    for kind in ENTRY_KINDS:
        objects.put("expected", kind=kind, value=40, declared_by="年报", as_of="2025-12-31", area_code=COMMUNITY,
                    grid_code=COMMUNITY + "000")
    for number, severity in enumerate((*SEVERITIES, "info")):
        objects.device(f"D{number}", building)
        post(web, "/api/alarms", alarms=[{"source": "t", "event_id": str(number), "device": f"D{number}", "type": "gas",
                                          "severity": severity, "occurred_at": now.isoformat()}])
    shelved = web.client.get("/api/alarms").json["alarms"][0]["id"]
    post(web, f"/api/alarms/{shelved}/shelve", note="检修", until=(now + timedelta(hours=1)).isoformat())
    post(web, "/api/keepers/positions", positions=[
        {"keeper": f"K{GRID}", "lon": 117.005, "lat": 31.005, "at": now.isoformat()}])
    a_while_ago = now - timedelta(minutes=1)
    for number, state in enumerate(STATES):
        ended = {"done": ("done_at",), "closed": ("done_at", "closed_at")}.get(state, ())
        objects.put("event", geometry="POINT(117.005 31.005)", code=f"E{number}", class_code="0102", title="t",
                    state=state, told=state, occurred_at=now, accept_by=a_while_ago, deadline=a_while_ago, **place,
                    **dict.fromkeys(ended, now))
    post(web, "/api/tasks", tasks=[{"kind": "visit", "title": "t", "target_kind": "building", "target_id": building,
                                    "due_at": (now + timedelta(days=1)).isoformat()}])
    objects.connection.execute("UPDATE task SET due_at = %s", [a_while_ago])
    web.sequence()
    rollup.follow(objects.connection, rollup.Progress())
    kpi_days.stand(objects.connection, kpi_days.Progress())
    for back in (1, 7):
        kpi_days.take(objects.connection, now - timedelta(days=back), ZONE)


def post(web: Web, path: str, **body: object) -> None:
    answer = web.client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text


def test_a_wall_reads_every_large_figure_with_what_it_was_before_and_people_in_classes(web: Web) -> None:
    lived_in(web)
    web.client.set_cookie("shapan_role", "wall", domain="localhost")
    answer = web.client.get("/api/kpi")
    assert answer.status_code == 200
    measures = answer.json["measures"]
    assert {name for name in SHOWN if not measures[name]["value"]} == set(), "each is on record"
    for name in SHOWN:
        one = measures[name]
        assert one["label"], name
        assert one["label_en"], name
        assert None not in (one["yesterday"], one["last_week"]), name
        assert len(one["days"]) == 14, name
    assert [measures[name]["value"] for name in ("residents", "households", "buildings", "keepers_on_duty")] == [
        10, 1, 1, 1], "17 residents are more than 10"
    assert measures["residents"]["yesterday"] in (0, 1, 10)
    assert (measures["alarms_critical"]["value"], measures["alarms_info"]["value"]) == (1, 1), "one is put aside"
    rates = {one["kind"]: one["rate"] for one in answer.json["entry_rate"]}
    assert set(rates) == set(ENTRY_KINDS)
    assert None not in rates.values()
    for level in ("county", "street", "community", "grid", "building"):
        places = web.client.get(f"/api/rollup?level={level}").json["places"]
        assert [one["worst"] for one in places if one["code"] in ("B1", GRID, COMMUNITY)] == ["critical"] * (
            level in ("community", "grid", "building")), level
    live = json.loads(web.client.get("/api/live/snapshot").data)
    assert {one["code"]: one["counts"]["alarms_critical"] for one in live["kpi"]} == {GRID: 1}
    assert "alarms" not in live
