"""The dossier of an alarm over HTTP: whole, partly there, and for each role."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from spatial import cipher
from spatial.queries import alarms
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity
from webmap.identity import ROLES

NAMES = ("张三丰", "欧阳修文", "李小龙", "王翠花")
PHONE, NUMBER = "13812348000", "11010519491231002X"
AT = "2026-11-01T08:00:00Z"


@contextmanager
def as_role(monkeypatch: pytest.MonkeyPatch, *roles: str, scope: Scope | None = None) -> Iterator[None]:
    with monkeypatch.context() as patched:
        account = dataclasses.replace(identity.DEMO, roles=roles, scope=scope or Scope.everything())
        patched.setattr(identity, "DEMO", account)
        yield


class Town:
    """A tower of one unit with three rooms on each storey, people in some, and things around."""

    def __init__(self, web: Web) -> None:
        self.web, self.objects = web, web.objects
        self.sealer = cipher.from_file(web.app.extensions["shapan"].settings.key_file)
        objects = self.objects
        objects.community()
        objects.grid()
        objects.keeper()
        self.place = {"area_code": COMMUNITY, "grid_code": GRID}
        self.building = objects.building("B1", name="一号楼", address="望江路 1 号", floors_above=18, height_m=54.0)
        self.unit = objects.put("unit", building_id=self.building, number="2", floors=18, **self.place)
        self.rooms = {
            (floor, n): objects.put("room", building_id=self.building, unit_id=self.unit, floor=floor,
                                    number=f"{floor}{n:02d}", **self.place)
            for floor in (10, 11, 12, 13) for n in (1, 2, 3)}
        self.people(12, 3, NAMES[:2], ["elderly_alone"])
        self.people(13, 3, NAMES[2:3], ["disabled"])
        self.people(11, 3, NAMES[3:], [])
        self.device = self.put_device("SMK1", 12, 3)
        for code, floor, n in (("GAS1", 12, 3), ("SMK2", 13, 3), ("SMK3", 13, 1)):
            self.put_device(code, floor, n)
        for n, (east, grid, floor) in enumerate(((0.001, GRID, None), (0.0001, GRID, 1), (0.0003, OTHER_GRID, None))):
            objects.device(f"CAM{n}", lon=117.0052 + east, kind="camera", grid=grid, floor=floor,
                           building_id=self.building if floor else None)
        for code, east in (("0113", 0.002), ("0501", 0.003)):
            objects.put("facility", geometry=f"POINT({117.0052 + east} 31.0052)", code=f"F{code}", class_code=code,
                        name="设施", **self.place)

    def people(self, floor: int, n: int, names: tuple[str, ...], care: list[str]) -> None:
        household = self.objects.put("household", building_id=self.building, room_id=self.rooms[floor, n],
                                     **self.place)
        for name in names:
            self.objects.put("resident", building_id=self.building, household_id=household, care=care, sex="M",
                             name_sealed=self.sealer.seal(name), phone_sealed=self.sealer.seal(PHONE),
                             id_number_sealed=self.sealer.seal(NUMBER), **self.place)

    def put_device(self, code: str, floor: int, n: int) -> int:
        # Rooms of one storey lie ten metres apart.
        return self.objects.device(code, building_id=self.building, unit_id=self.unit, room_id=self.rooms[floor, n],
                                   floor=floor, z_m=3.0 * floor, lon=117.0052 + n * 0.0001)

    def alarm(self, device: str = "SMK1", event_id: str = "a", type_: str = "smoke") -> int:
        message = alarms.Message("gateway", event_id, device, "major", type_, datetime.fromisoformat(AT))
        connection = self.objects.connection
        with connection.transaction():
            return alarms.take_all(connection, [message], "gateway")[0].alarm_id

    def get(self, alarm_id: int) -> dict:
        answer = self.web.client.get(f"/api/alarms/{alarm_id}/dossier")
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def town(web: Web) -> Town:
    return Town(web)


def test_an_alarm_in_a_room_has_everything_around_it(town: Town) -> None:
    town.alarm("SMK2", "b")
    town.web.client.post("/api/keepers/positions", json={"positions": [
        {"keeper": f"K{GRID}", "lon": 117.006, "lat": 31.0052, "at": AT}]})
    found = town.get(town.alarm())
    assert found["reasons"] == {}
    assert (found["device"]["code"], found["device"]["room"], found["floor"]) == ("SMK1", "1203", 12)
    assert (found["device"]["freshness"], found["device"]["last_seen"]) == ("unknown", None)
    assert (found["building"]["name"], found["building"]["floors_above"]) == ("一号楼", 18)
    assert found["unit"]["number"] == "2"
    assert found["room"]["number"] == "1203"
    sides = found["neighbours"]
    assert sides["rule"] == "riser"
    assert [[one["number"] for one in sides[side]] for side in ("above", "below", "same_floor")] == [
        ["1303"], ["1103"], ["1201", "1202"]]
    assert sides["above"][0]["people"] == {"households": 1, "residents": 1, "exact": True,
                                           "care": [{"category": "disabled", "count": 1}]}
    assert found["people"]["care"] == [{"category": "elderly_alone", "count": 2}]
    assert [(one["name"], one["phone"]) for one in found["households"][0]["residents"]] == [
        ("张**", "138****8000"), ("欧**", "138****8000")]
    assert [(one["code"], len(one["alarms"])) for one in found["riser_devices"]] == [("SMK2", 1), ("GAS1", 0)]
    near = found["nearest"]
    assert [(one["code"], one["same_building"], one["same_floor"]) for one in near["cameras"]] == [
        ("CAM2", False, False), ("CAM1", True, False), ("CAM0", False, False)]
    assert near["cameras"][1]["metres_3d"] > 33 > near["cameras"][1]["metres"], "eleven storeys below"
    assert [near[kind][0]["code"] for kind in ("hydrants", "shelters", "keepers")] == ["F0113", "F0501", f"K{GRID}"]
    assert near["keepers"][0]["freshness"] == "lost"
    assert [one["id"] for one in found["history"]["alarms"]] == [found["alarm"]["id"]]
    assert found["history"]["count"] == 1
    assert found["grid"] == {"code": GRID, "name": "第一网格", "kind": "basic", "keepers": [
        {"code": f"K{GRID}", "name": "周网格", "phone": "10012345678"}]}
    assert [area["name"] for area in found["areas"]] == ["望江社区"]


def test_it_says_how_the_device_is_what_its_type_advises_and_what_was_done_last(town: Town) -> None:
    town.web.client.post("/api/devices/readings", json={"readings": [
        {"source": "gw", "device": "SMK1", "at": datetime.now(UTC).isoformat(), "values": {"battery": 88}}]})
    alarm_id = town.alarm()
    for text in ("一", "二", "三", "四"):
        town.web.client.post(f"/api/alarms/{alarm_id}/comment", json={"note": text})
    found = town.get(alarm_id)
    device, kind = found["device"], found["type"]
    assert (device["freshness"], device["values"]["battery"][0], device["interval_s"]) == ("fresh", 88, 86_400)
    assert (device["kind_name"], device["quantities"]["battery"]) == ("烟感", ["%", "电量", "Battery"])
    assert datetime.fromisoformat(device["last_seen"]) <= datetime.fromisoformat(device["received_at"])
    assert (kind["name"], kind["name_en"], kind["response_s"]) == ("烟感报警", "Smoke detected", 60)
    assert kind["advice"].startswith("用最近的摄像机核实")
    assert "camera" in kind["advice_en"]
    due = datetime.fromisoformat(kind["response_due_at"]) - datetime.fromisoformat(found["alarm"]["received_at"])
    assert (due.total_seconds(), kind["response_overdue"]) == (60, False)
    assert [(step["step"], step["note"]) for step in found["steps"]] == [
        ("commented", "四"), ("commented", "三"), ("commented", "二"), ("commented", "一"), ("raised", None)]
    town.objects.connection.execute("UPDATE alarm SET received_at = now() - interval '61 s'")
    assert town.get(alarm_id)["type"]["response_overdue"]
    town.objects.connection.execute("UPDATE alarm SET acknowledged_at = received_at + interval '9 s'")
    assert not town.get(alarm_id)["type"]["response_overdue"]


def test_a_type_that_nobody_has_listed_is_null_with_a_reason(town: Town) -> None:
    found = town.get(town.alarm(type_="unheard-of"))
    assert (found["type"], found["reasons"]["type"]) == (None, "not_on_record")
    assert (found["device"]["freshness"], found["device"]["last_seen"]) == ("unknown", None)


def test_nothing_beyond_the_border_is_told_however_near(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm_id = town.alarm()
    with as_role(monkeypatch, "operator", scope=Scope((COMMUNITY,))):
        assert [one["code"] for one in town.get(alarm_id)["nearest"]["cameras"]] == ["CAM1", "CAM0"]
    with as_role(monkeypatch, "operator", scope=Scope((OTHER_GRID,))):
        assert town.web.client.get(f"/api/alarms/{alarm_id}/dossier").status_code == 404


def test_what_was_deleted_since_is_null_with_a_reason(town: Town) -> None:
    connection, alarm_id = town.objects.connection, town.alarm()
    connection.execute("DELETE FROM room WHERE id = %s", [town.rooms[12, 3]])
    found = town.get(alarm_id)
    assert (found["room"], found["households"], found["reasons"]["room"]) == (None, None, "not_on_record")
    assert found["unit"]["number"] == "2"
    assert found["reasons"]["households"] == "no_room"
    # Without the room's number the devices on the plan tell what lies above.
    assert found["neighbours"]["rule"] == "plan"
    assert [one["number"] for one in found["neighbours"]["above"]] == ["1303"]
    connection.execute("DELETE FROM device WHERE code = 'SMK1'")
    found = town.get(alarm_id)
    assert (found["device"], found["history"]) == (None, None)
    assert (found["reasons"]["device"], found["reasons"]["history"]) == ("not_on_record", "no_device")
    connection.execute("DELETE FROM building")
    found = town.get(alarm_id)
    assert [found[part] for part in ("building", "unit", "room", "people", "riser_devices")] == [None] * 4 + [[]]
    assert found["reasons"]["building"] == "not_on_record"
    assert found["nearest"]["cameras"], "the point is known still"


def test_a_device_of_a_unit_without_a_room_has_its_unit_and_the_rooms_of_its_storey_there(town: Town) -> None:
    """A lift: no room is its own, and a room of the next unit is no neighbour of it, however near."""
    other = town.objects.put("unit", building_id=town.building, number="3", floors=18, **town.place)
    for unit, number in ((other, "1299"), (other, "1399")):
        room = town.objects.put("room", building_id=town.building, unit_id=unit, floor=int(number[:2]), number=number,
                                **town.place)
        town.objects.device(f"X{number}", building_id=town.building, unit_id=unit, room_id=room, floor=int(number[:2]),
                            lon=117.0055)
    place = {"building_id": town.building, "unit_id": town.unit, "kind": "elevator", "lon": 117.0055}
    town.objects.device("LIFT", floor=12, **place)
    found = town.get(town.alarm("LIFT"))
    assert (found["unit"], found["room"]) == ({"id": town.unit, "number": "2", "floors": 18}, None)
    assert (found["reasons"].get("unit"), found["reasons"]["room"]) == (None, "not_known")
    sides = found["neighbours"]
    assert sides["rule"] == "plan"
    assert [[one["number"] for one in sides[side]] for side in ("above", "below", "same_floor")] == [
        ["1303"], [], ["1201", "1202", "1203"]]
    # Its unit was put on record after the alarm.
    town.objects.connection.execute("UPDATE alarm SET unit = NULL")
    assert town.get(found["alarm"]["id"])["unit"]["number"] == "2"
    # One that says no storey, as most lifts do, has a unit and no neighbours.
    town.objects.device("CAR", floor=None, **place)
    found = town.get(town.alarm("CAR", "b"))
    assert (found["unit"]["number"], found["neighbours"]["rule"], found["neighbours"]["same_floor"]) == ("2", None, [])


def test_an_alarm_that_is_only_a_point_has_a_dossier(web: Web) -> None:
    alarm_id = web.objects.connection.execute(
        "INSERT INTO alarm (source, event_id, severity, type, geom, occurred_at, area_code, grid_code) VALUES "
        "('s', 'e', 'info', 'other', ST_SetSRID(ST_MakePoint(-179.999, 85.04), 4490), now(), %s, %s) RETURNING id",
        ["0" * 12, "0" * 15]).fetchone()[0]
    answer = web.client.get(f"/api/alarms/{alarm_id}/dossier")
    assert answer.status_code == 200
    assert answer.json["reasons"] == {
        "type": "not_on_record", "device": "not_on_record", "history": "no_device",
        "building": "not_in_a_building", "unit": "not_known",
        "room": "not_known", "households": "no_room", "neighbours": "not_known", "cameras": "none_within_radius",
        "hydrants": "none_within_radius", "shelters": "none_within_radius", "keepers": "none_within_radius",
        "grid": "unplaced"}
    assert answer.json["areas"] == []


def test_who_may_not_see_residents_sees_classes_of_counts(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    alarm_id = town.alarm()
    with as_role(monkeypatch, "viewer"):
        found = town.get(alarm_id)
    assert found["people"] == {"households": 1, "residents": 1, "exact": False, "care": None}
    assert found["households"] is None
    assert found["neighbours"]["above"][0]["people"]["care"] is None
    assert found["nearest"]["keepers"] is None
    assert found["reasons"] == {"households": "not_permitted", "keepers": "not_permitted"}


def test_without_the_key_there_are_no_names_and_none_is_made(town: Town) -> None:
    settings = town.web.app.extensions["shapan"].settings
    settings.key_file.unlink()
    alarm_id = town.alarm()
    found = town.get(alarm_id)
    assert [one["name"] for one in found["households"][0]["residents"]] == [None, None]
    assert found["reasons"] == {"names": "no_key", "keepers": "none_within_radius"}
    assert not settings.key_file.exists()
    cipher.from_file(settings.key_file)
    found = town.get(alarm_id)
    assert [one["name"] for one in found["households"][0]["residents"]] == [None, None], "sealed with another key"


def test_no_answer_holds_a_residents_name_number_or_telephone_for_any_role(
    town: Town, monkeypatch: pytest.MonkeyPatch,
) -> None:
    alarm_id = town.alarm()
    paths = [f"/api/alarms/{alarm_id}/dossier", f"/api/buildings/{town.building}", "/api/alarms", "/api/keepers",
             f"/api/keepers/K{GRID}/track", f"/api/keepers/coverage?grid={GRID}", "/api/search?q=%E5%BC%A0",
             "/api/devices", "/api/counts"]
    answered = set()
    for role in ROLES:
        with as_role(monkeypatch, role):
            for path in paths:
                answer = town.web.client.get(path)
                answered.add((path, answer.status_code))
                for secret in (*NAMES, PHONE, NUMBER, "sealed"):
                    assert secret not in answer.text, (role, path)
    assert {path for path, status in answered if status == 200} == set(paths)


@pytest.mark.parametrize("number", ["大厅", ""])
def test_a_room_whose_number_says_nothing_has_those_with_a_device_above_it(town: Town, number: str) -> None:
    alarm_id = town.alarm()
    connection = town.objects.connection
    connection.execute("UPDATE room SET number = %s WHERE id = %s", [number, town.rooms[12, 3]])
    connection.execute("UPDATE alarm SET room = %s", [number])
    found = town.get(alarm_id)
    assert found["room"]["id"] == town.rooms[12, 3]
    assert found["neighbours"]["rule"] == "plan"
    assert [one["number"] for one in found["neighbours"]["above"]] == ["1303"]
    assert [one["number"] for one in found["neighbours"]["same_floor"]] == ["1201", "1202"]


def test_a_number_that_says_nothing_without_devices_leaves_it_open_what_lies_above(town: Town) -> None:
    alarm_id = town.alarm()
    connection = town.objects.connection
    connection.execute("UPDATE room SET number = '大厅' WHERE id = %s", [town.rooms[12, 3]])
    connection.execute("UPDATE alarm SET room = '大厅'")
    connection.execute("DELETE FROM device WHERE code <> 'SMK1'")
    found = town.get(alarm_id)
    assert (found["neighbours"]["rule"], found["reasons"]["neighbours"]) == (None, "not_known")
    assert [one["number"] for one in found["neighbours"]["same_floor"]] == ["1201", "1202"]


def test_an_alarm_that_is_not_there_has_no_dossier(web: Web) -> None:
    assert web.client.get("/api/alarms/999999999/dossier").status_code == 404
