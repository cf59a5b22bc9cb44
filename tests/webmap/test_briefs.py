"""Briefs: what a wall is told of alarms, as they live, and what it is not told."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spatial import outbox
from spatial.queries import alarms
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap import told
from webmap.identity import ROLES
from webmap.kinds import BRIEFS
from webmap.told import Audience

WALL = Audience(Scope.everything(), ROLES["wall"])
FIELDS = {"id", "severity", "type", "type_name", "state", "acknowledged", "shelved", "occurred_at", "received_at",
          "lon", "lat", "building_id", "building_name", "grid_code", "grid_name", "area_code", "count"}
"""All that a brief may hold. Whoever adds a field says here why everybody in the room may read it."""

ROOM, DEVICE, HANGS_AT = "31415", "SMK-27182", (117.00541, 31.00512)
WRITTEN = "王翠花反映邻居李小龙 13900001111"
NOW = datetime.now(UTC)


@pytest.fixture
def placed(web: Web) -> Web:
    """Put a device in a room of a building, and one in another street, on record."""
    web.objects.community()
    web.objects.grid()
    web.objects.grid("999002001001001", west=117.5)
    building = web.objects.building(name="一号楼", address="望江路 1 号")
    room = web.objects.room(building, number=ROOM)
    web.objects.device(DEVICE, building, *HANGS_AT, room_id=room, floor=27, name="走廊烟感")
    web.objects.device("D2", lon=117.505, grid="999002001001001")
    return web


def raised(web: Web, device: str = DEVICE, **values: Any) -> int:
    answer = web.client.post("/api/alarms", json={"alarms": [{
        "source": "gw-16180", "event_id": f"{device}-{NOW.timestamp()}-{values}", "device": device,
        "severity": "critical", "type": "smoke", "occurred_at": NOW.isoformat(), "note": WRITTEN, **values}]})
    assert answer.status_code == 201, answer.text
    return answer.json["ids"][0]


def step(web: Web, alarm_id: int, word: str, **values: Any) -> None:
    answer = web.client.post(f"/api/alarms/{alarm_id}/{word}", json=values)
    assert answer.status_code == 200, answer.text


def heard(web: Web, audience: Audience = WALL) -> list[tuple[str, dict[str, Any]]]:
    """Return what an audience is told of everything so far: names and data."""
    web.sequence()
    changes = outbox.after(web.database.connect("worker"), 0, 10_000)
    part = told.part(told.messages(changes), audience)
    lines = (part.after(0) if part else b"").decode().split("\n")
    names = [line[7:] for line in lines if line.startswith("event: ")]
    return list(zip(names, (json.loads(line[6:]) for line in lines if line.startswith("data: ")), strict=True))


def briefs(web: Web, audience: Audience = WALL) -> list[dict[str, Any]]:
    return [data for name, data in heard(web, audience) if name == "brief"]


def in_snapshot(web: Web, audience: Audience = WALL) -> list[dict[str, Any]]:
    return json.loads(web.app.extensions["shapan"].snapshots.take(audience).data)["briefs"]


def ids_told(items: list[Any]) -> list[int]:
    """Return the alarms whose briefs are in what a client took."""
    return [message.change.payload["id"] for part in items for message in part.messages
            if message.form.event == "brief"]


def test_a_wall_is_told_each_step_of_an_alarms_life_and_finds_it_in_its_snapshot_until_it_is_closed(
        placed: Web) -> None:
    alarm = raised(placed)
    (first,) = briefs(placed)
    assert in_snapshot(placed) == [first]
    assert (first["id"], first["severity"], first["type"], first["type_name"], first["state"], first["count"]) == (
        alarm, "critical", "smoke", "烟感报警", "active_unack", 1)
    assert (first["building_name"], first["grid_code"], first["grid_name"], first["area_code"]) == (
        "一号楼", GRID, "第一网格", COMMUNITY)
    raised(placed, occurred_at=(NOW + timedelta(seconds=1)).isoformat())
    step(placed, alarm, "acknowledge")
    step(placed, alarm, "shelve", note="检修", until=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert in_snapshot(placed) == [briefs(placed)[-1]]
    for word in ("unshelve", "clear", "close"):
        step(placed, alarm, word)
    assert [(one["state"], one["acknowledged"], one["shelved"], one["count"]) for one in briefs(placed)] == [
        ("active_unack", False, False, 1), ("active_unack", False, False, 2), ("active_ack", True, False, 2),
        ("active_ack", True, True, 2), ("active_ack", True, False, 2), ("cleared_ack", True, False, 2),
        ("closed", True, False, 2)]
    assert in_snapshot(placed) == []
    assert [name for name, _ in heard(placed) if name == "alarm"] == []


def test_a_brief_tells_no_room_no_storey_no_device_and_nothing_that_was_written(placed: Web) -> None:
    alarm = raised(placed)
    raised(placed, type=WRITTEN[:12])
    step(placed, alarm, "acknowledge", note=WRITTEN)
    step(placed, alarm, "assign", assignee="wang.wu")
    told_all = [*briefs(placed), *in_snapshot(placed)]
    assert len(told_all) == 6
    for one in told_all:
        assert set(one) == FIELDS
        text = json.dumps(one, ensure_ascii=False)
        for secret in (ROOM, DEVICE, "走廊烟感", "gw-16180", "王翠花", "13900001111", "wang.wu", str(HANGS_AT[0])):
            assert secret not in text
        assert 27 not in one.values()
        assert (one["lon"], one["lat"]) == pytest.approx((117.00525, 31.00525)), "the building's, not the device's"
    assert {one["type"] for one in told_all} == {"smoke", "other"}


def test_the_whole_of_an_alarm_is_told_to_who_may_read_it_and_its_brief_to_nobody_else(placed: Web) -> None:
    raised(placed)
    for role, permissions in ROLES.items():
        names = {name for name, _ in heard(placed, Audience(Scope.everything(), permissions))} & {"alarm", "brief"}
        assert names == ({"alarm"} if "alarms.read" in permissions else {"brief"} if role == "wall" else set()), role


def test_the_wall_of_a_street_hears_of_no_other_street(placed: Web) -> None:
    here, there = raised(placed), raised(placed, device="D2", severity="minor")
    for prefix, expected in (("999001", [here]), ("999002001", [there]), ("998", []), ("999", [here, there])):
        street = Audience(Scope((prefix,)), ROLES["wall"])
        assert [one["id"] for one in briefs(placed, street)] == expected
        assert [one["id"] for one in in_snapshot(placed, street)] == expected


def test_five_hundred_alarms_at_once_are_each_told_to_all_walls_and_made_into_a_brief_once(
        placed: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(alarm: dict[str, Any]) -> dict[str, Any]:
        made.append(alarm["id"])
        return alarms.brief(alarm)

    monkeypatch.setitem(told.FORMS, "alarm", (told.FORMS["alarm"][0], BRIEFS["alarm"]._replace(said=counted)))
    for number in range(500):
        placed.objects.device(f"M{number}", building_id=1, room_id=None)
    answer = placed.client.post("/api/alarms", json={"alarms": [
        {"source": "gw", "event_id": f"m{number}", "device": f"M{number}", "severity": "major", "type": "gas",
         "occurred_at": NOW.isoformat()} for number in range(500)]})
    ids = answer.json["ids"]
    hub = placed.app.extensions["shapan"].hub
    clients = [hub.join(audience) for audience in (WALL, WALL, Audience(Scope(("999001",)), ROLES["wall"]),
                                                   Audience(Scope(("999002",)), ROLES["wall"]))]
    placed.sequence()
    for client in clients[:3]:
        got: list[int] = []
        while len(got) < 500:
            items = client.take(10.0)
            assert items, "nothing came"
            got += ids_told(items)
        assert got == ids
    assert ids_told(clients[3].take(0.0)) == []
    assert made == ids
    assert len(in_snapshot(placed)) == 500


def test_a_wall_gets_no_changes_and_no_webhook_and_neither_knows_briefs(placed: Web) -> None:
    raised(placed)
    placed.sequence()
    hook = {"url": "https://127.0.0.1/in", "kinds": ["alarm"]}
    placed.client.set_cookie("shapan_role", "wall", domain="localhost")
    assert placed.client.get("/api/changes?after=0").status_code == 403
    assert placed.client.get("/api/alarms").status_code == 403
    assert placed.client.post("/api/webhooks", json=hook).status_code == 403
    placed.client.set_cookie("shapan_role", "administrator", domain="localhost")
    assert placed.client.get("/api/changes?after=0&kinds=brief").status_code == 422
    assert placed.client.post("/api/webhooks", json=hook | {"kinds": ["brief"]}).status_code == 422
    assert [one["kind"] for one in placed.client.get("/api/changes?after=0&kinds=alarm").json["changes"]] == ["alarm"]


def test_an_alarm_outdoors_is_where_it_is_and_a_building_without_a_name_goes_by_its_address() -> None:
    alarm = {"id": 1, "type": "manhole_open", "type_name": "井盖开启", "building_id": None, "lon": 117.123456789,
             "lat": 31.0, "repeats": 2, "address": "x", "acknowledged_at": None, "shelved_until": None}
    outdoors = alarms.brief(alarm)
    assert (outdoors["lon"], outdoors["lat"], outdoors["building_name"], outdoors["count"]) == (
        117.1234568, 31.0, None, 3)
    indoors = alarms.brief(alarm | {"building_id": 7, "building_name": None, "address": "望江路 1 号",
                                    "building_lon": 117.2, "building_lat": 31.2})
    assert (indoors["building_name"], indoors["lon"], indoors["lat"]) == ("望江路 1 号", 117.2, 31.2)


def test_a_change_that_an_earlier_version_wrote_is_told_without_what_it_lacks() -> None:
    """It must neither stop the feed nor tell where in the building the device hangs."""
    old = alarms.brief({"id": 1, "type": "smoke", "building_id": 7, "lon": 117.5, "lat": 31.5, "room": ROOM})
    assert set(old) == FIELDS
    assert (old["id"], old["type"], old["lon"], old["lat"]) == (1, "other", None, None)
