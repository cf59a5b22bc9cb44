"""Handovers over HTTP: what is frozen stays, what changed in a shift, who may read it."""

import base64
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spatial import cipher
from spatial.queries import event_life
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY
from tests.fixtures.web import Web
from webmap import identity

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 64).decode()
NAME, PHONE = "欧阳修文", "13812348000"


@pytest.fixture
def town(web: Web) -> Web:
    objects = web.objects
    objects.community()
    objects.grid()
    objects.keeper()
    place = {"area_code": COMMUNITY, "grid_code": GRID}
    building = objects.building("B1", name="一号楼")
    unit = objects.put("unit", building_id=building, number="1", floors=6, **place)
    room = objects.put("room", building_id=building, unit_id=unit, floor=3, number="301", **place)
    household = objects.put("household", room_id=room, building_id=building, **place)
    sealer = cipher.from_file(web.app.extensions["shapan"].settings.key_file)
    objects.put("resident", household_id=household, building_id=building, name_sealed=sealer.seal(NAME),
                phone_sealed=sealer.seal(PHONE), care=["elderly_alone"], **place)
    objects.device("SMK1", building_id=building, unit_id=unit, room_id=room, floor=3)
    return web


def raised(web: Web, event: str = "1", severity: str = "critical") -> int:
    answer = web.client.post("/api/alarms", json={"alarms": [
        {"source": "t", "event_id": event, "device": "SMK1", "type": f"type{event}", "severity": severity,
         "occurred_at": datetime.now(UTC).isoformat()}]})
    return answer.json["ids"][0]


def frozen(web: Web, **body) -> dict:
    answer = web.client.post("/api/handovers", json=body)
    assert answer.status_code == 201, answer.json
    return web.client.get(f"/api/handovers/{answer.json['id']}").json


def test_an_alarm_stays_as_it_was_frozen_with_masked_names_and_its_log(town: Web):
    alarm = raised(town)
    town.client.post(f"/api/alarms/{alarm}/acknowledge", json={"note": "已派人"})
    handover = frozen(town, kind="alarm", alarm_id=alarm, note="请跟踪\n<b>", picture=PNG, view="?metric=use&alarm=1")
    town.client.post(f"/api/alarms/{alarm}/clear", json={"note": "误报"})
    again = town.client.get(f"/api/handovers/{handover['id']}").json
    assert again == handover
    waiting = town.client.get(f"/api/alarms/{alarm}/dossier").json["handover"]
    assert (waiting["id"], waiting["account"], waiting["accepted_by"]) == (handover["id"], handover["account"], None)
    dossier = again["content"]["dossier"]
    assert dossier["alarm"]["state"] == "active_ack"
    assert [step["step"] for step in dossier["steps"]] == ["acknowledged", "raised"]
    assert dossier["households"][0]["residents"][0]["name"] == "欧**"
    text = json.dumps(again, ensure_ascii=False)
    assert NAME not in text
    assert PHONE not in text
    assert again["note"] == "请跟踪\n<b>"
    picture = town.client.get(f"/api/handovers/{handover['id']}/picture")
    assert picture.mimetype == "image/png"
    assert picture.data == base64.b64decode(PNG)
    with pytest.raises(psycopg.errors.RaiseException, match="frozen"):
        town.database.connect("app", autocommit=True).execute("UPDATE handover SET note = 'other'")


def test_a_picture_holds_figures_and_open_alarms_as_they_were(town: Web):
    first = raised(town, "1")
    handover = frozen(town, kind="picture", view="?metric=use")
    raised(town, "2", "minor")
    content = town.client.get(f"/api/handovers/{handover['id']}").json["content"]
    assert [alarm["id"] for alarm in content["alarms"]] == [first]
    assert content["alarms_total"] == 1
    assert {"buildings", "residents", "alarms_critical", "tasks_overdue"} <= set(content["counts"])
    assert content["shift"]["alarms"]["raised"] == {"critical": 1}
    assert not handover["pictured"]
    assert town.client.get(f"/api/handovers/{handover['id']}/picture").status_code == 404


def test_one_account_takes_a_handover_over_and_the_next_is_told_who_did(town: Web, monkeypatch):
    handover = frozen(town, kind="picture")
    for _ in range(2):
        accepted = town.client.post(f"/api/handovers/{handover['id']}/accept", json={}).json
        assert accepted["accepted_by"] == "demo"
    with monkeypatch.context() as patched:
        patched.setattr(identity, "DEMO", dataclasses.replace(identity.DEMO, account="night"))
        refused = town.client.post(f"/api/handovers/{handover['id']}/accept", json={})
        assert refused.status_code == 409
        assert "demo" in refused.json["detail"]
    assert town.client.get("/api/handovers").json["handovers"][0]["accepted_by"] == "demo"


def test_only_who_holds_all_of_its_places_sees_a_handover(town: Web, monkeypatch):
    made = {}
    for prefix in ("*", COMMUNITY, OTHER_COMMUNITY):
        with monkeypatch.context() as patched:
            patched.setattr(identity, "DEMO", dataclasses.replace(identity.DEMO, scope=Scope((prefix,))))
            made[prefix] = frozen(town, kind="picture")["id"]
    seen = {"*": {"*", COMMUNITY, OTHER_COMMUNITY}, COMMUNITY: {COMMUNITY}, GRID: set(),
            COMMUNITY[:9]: {COMMUNITY, OTHER_COMMUNITY}}
    for prefix, expected in seen.items():
        with monkeypatch.context() as patched:
            patched.setattr(identity, "DEMO", dataclasses.replace(identity.DEMO, scope=Scope((prefix,))))
            found = {one["id"] for one in town.client.get("/api/handovers").json["handovers"]}
            assert found == {made[name] for name in expected}, prefix
            for name in set(made) - expected:
                assert town.client.get(f"/api/handovers/{made[name]}").status_code == 404
                assert town.client.post(f"/api/handovers/{made[name]}/accept", json={}).status_code == 404


@pytest.mark.parametrize(("body", "place"), [
    ({"kind": "alarm"}, "alarm_id"), ({"kind": "picture", "alarm_id": 1}, "alarm_id"), ({"kind": "wall"}, "kind"),
    ({"kind": "picture", "picture": "data:image/png;base64,AAAA"}, "picture"),
    ({"kind": "picture", "picture": base64.b64encode(b"<svg onload=alert(1)>").decode()}, "picture"),
    ({"kind": "picture", "picture": base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(1_200_000)).decode()}, "picture"),
    ({"kind": "picture", "view": "https://elsewhere/"}, "view"), ({"kind": "picture", "view": "?" + "a" * 600}, "view"),
    ({"kind": "picture", "note": "\u202e"}, "note"), ({"kind": "picture", "note": "x" * 2001}, "note"),
    ({"kind": "picture", "content": {}}, "content"),
])
def test_what_cannot_be_frozen_is_refused_by_name_and_nothing_is_kept(town: Web, body, place):
    answer = town.client.post("/api/handovers", json=body)
    assert answer.status_code == 422
    assert place in {fault["place"] for fault in answer.json["faults"]}
    assert town.client.get("/api/handovers").json["handovers"] == []


def test_all_faults_are_told_at_once_and_an_alarm_that_is_not_there_is_not_found(town: Web):
    answer = town.client.post("/api/handovers", json={"kind": "alarm", "view": "no", "picture": "!"})
    assert {fault["place"] for fault in answer.json["faults"]} == {"alarm_id", "view", "picture"}
    assert town.client.post("/api/handovers", json={"kind": "alarm", "alarm_id": 99}).status_code == 404


def test_what_changed_equals_a_count_of_the_record(town: Web):
    before = datetime.now(UTC) - timedelta(seconds=1)
    ids = [raised(town, str(n), severity) for n, severity in enumerate(("critical", "critical", "minor", "info"))]
    for alarm in ids[:3]:
        town.client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    town.client.post(f"/api/alarms/{ids[0]}/clear", json={"note": "已处理"})
    town.client.post(f"/api/alarms/{ids[0]}/close", json={})
    changed = town.client.get("/api/shift", query_string={"from": before.isoformat()}).json["alarms"]
    assert changed["raised"] == {"critical": 2, "minor": 1, "info": 1}
    assert changed["raised_still_open"] == 3
    assert changed["steps"] == {"acknowledged": 3, "cleared": 1, "closed": 1, "shelved": 0, "commented": 0}
    assert changed["open"] == {"critical": {"open": 1, "unacknowledged": 0}, "minor": {"open": 1, "unacknowledged": 0},
                               "info": {"open": 1, "unacknowledged": 1}}
    assert [one["id"] for one in changed["urgent"]] == [ids[1], ids[2], ids[3]], "the worst first, seen or not"
    assert set(changed["acknowledged_after_s"]) == {"critical", "minor"}
    empty = town.client.get("/api/shift", query_string={"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"})
    assert empty.json["alarms"]["raised"] == {}


def test_an_import_of_old_events_is_no_work_of_the_shift(town: Web):
    now, place = datetime.now(UTC), {"area_code": COMMUNITY, "grid_code": GRID}
    since = now - timedelta(hours=4)
    reported = {"source": "12345", "code": "L1", "class_code": "0102", "title": "暴露垃圾", "lon": 117.005,
                "lat": 31.005, "occurred_at": (now - timedelta(days=1)).isoformat()}
    assert town.client.post("/api/events", json={"events": [reported]}).json["taken"] == 1
    for code, hours in (("OLD", 2000), ("NEW", 1), ("DONE", 2)):
        at = now - timedelta(hours=hours)
        done = {"state": "done", "done_at": now} if code == "DONE" else {"state": "open"}
        town.objects.put("event", geometry="POINT(117.005 31.005)", code=code, class_code="0102", title="t",
                         occurred_at=at, received_at=now, **done, **place)
    event_life.settle(town.objects.connection)
    town.objects.connection.execute("UPDATE grid SET valid_from = now() - interval '1 hour'")
    told = town.client.get("/api/shift", query_string={"from": since.isoformat()}).json
    assert told["events"]["received"] == 3, "one that was reported now, two of the import that occurred since"
    assert told["grids"] == {"redrawn": 0}, "a grid that came on record was not redrawn"
    town.objects.connection.execute("UPDATE grid SET valid_to = now() - interval '1 minute'")
    told = town.client.get("/api/shift", query_string={"from": since.isoformat()}).json
    assert told["grids"] == {"redrawn": 1}


@pytest.mark.parametrize("query", [
    {"from": "2999-01-01T00:00:00Z"}, {"from": "2026-01-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"},
    {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, {"since": "2026-01-02T00:00:00Z"},
])
def test_a_time_that_makes_no_sense_is_refused(town: Web, query):
    assert town.client.get("/api/shift", query_string=query).status_code == 422


def test_the_list_is_read_page_by_page_and_within_a_time(town: Web):
    made = [frozen(town, kind="picture")["id"] for _ in range(5)]
    first = town.client.get("/api/handovers", query_string={"limit": 3}).json
    second = town.client.get("/api/handovers", query_string={"limit": 3, "before": first["next"]}).json
    assert [one["id"] for one in first["handovers"] + second["handovers"]] == made[::-1]
    assert second["next"] is None
    past = town.client.get("/api/handovers", query_string={"to": "2026-01-01T00:00:00Z"})
    assert past.json["handovers"] == []


@pytest.mark.parametrize("role", ["wall", "viewer", "importer", "administrator"])
def test_other_roles_read_and_make_none(town: Web, monkeypatch, role):
    monkeypatch.setattr(identity, "DEMO", dataclasses.replace(identity.DEMO, roles=(role,)))
    for path in ("/api/handovers", "/api/handovers/1", "/api/shift", "/handover", "/handover/1"):
        assert town.client.get(path).status_code == 403
    assert town.client.post("/api/handovers", json={"kind": "picture"}).status_code == 403
