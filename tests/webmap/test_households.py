"""Rooms, households, and one resident as they are: masked by role, revealed for a reason, each try written down."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spatial import cipher
from spatial.rules import reveals as rules
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity

NAME, PHONE, NUMBER = "欧阳建国", "13812348000", "999001198103230010"
VISIT = {"reason": "visit"}


@dataclasses.dataclass
class Home:
    """A room with one resident, of whom all is on record."""

    building: int
    room: int
    resident: int

    @property
    def reveal(self) -> str:
        return f"/api/residents/{self.resident}/reveal"


@pytest.fixture
def home(web: Web) -> Home:
    return put(web, GRID, "B1")


def put(web: Web, grid: str, code: str) -> Home:
    key = cipher.from_file(web.app.extensions["shapan"].settings.key_file)
    building = web.objects.building(code, grid=grid, name="望江花园1幢")
    room = web.objects.room(building, grid=grid)
    connection = web.objects.connection
    connection.execute(
        "UPDATE room SET tenure = 'owner', area_m2 = 90, surveyed_at = '2026-01-01' WHERE id = %s", [room])
    household, = connection.execute("SELECT id FROM household WHERE room_id = %s", [room]).fetchone()
    resident = web.objects.put(
        "resident", household_id=household, building_id=building, area_code=grid[:12], grid_code=grid, sex="M",
        birth_year=1950, care=["elderly_alone"], **{f"{name}_sealed": key.seal(value) for name, value in
                                                    zip(rules.FIELDS, (NAME, PHONE, NUMBER), strict=True)})
    return Home(building, room, resident)


def play(monkeypatch: pytest.MonkeyPatch, *roles: str, scope: Scope | None = None, account: str = "zhang") -> None:
    who = identity.Identity(account, roles, scope or Scope.everything())
    monkeypatch.setattr(identity, "of_environ", lambda *_: who)


def rows(web: Web) -> list[tuple]:
    return web.objects.connection.execute(
        "SELECT outcome, account, roles, resident_id, fields, reason, words, grid_code, host(address) FROM audit "
        "ORDER BY id").fetchall()


def test_a_room_is_shown_masked_to_an_operator_and_by_class_to_a_viewer(
        web: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, "operator")
    card = web.client.get(f"/api/rooms/{home.room}").json
    (household,) = card["households"]
    (person,) = household["residents"]
    assert person == {"id": home.resident, "name": "欧**", "phone": "138****8000", "has_id_number": True, "sex": "M",
                      "age": "60-79", "registration": "registered", "care": ["elderly_alone"]}
    assert (card["room"]["state"], card["room"]["care"], card["people"]["exact"]) == ("care", 1, True)
    assert (card["building"]["name"], card["hidden"]) == ("望江花园1幢", None)
    play(monkeypatch, "viewer")
    answer = web.client.get(f"/api/rooms/{home.room}")
    card = answer.json
    assert (card["households"], card["hidden"]) == (None, "not_permitted")
    assert card["people"] == {"households": 1, "residents": 1, "exact": False, "care": None}
    assert (card["room"]["state"], card["room"]["care"]) == ("occupied", None)
    assert not [value for value in ("欧", "8000") if value in answer.text]
    play(monkeypatch, "wall")
    assert web.client.get(f"/api/rooms/{home.room}").status_code == 403


def test_the_rooms_of_a_building_are_listed_with_their_states(
        web: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, = web.objects.connection.execute("SELECT unit_id FROM room WHERE id = %s", [home.room]).fetchone()
    place = {"building_id": home.building, "area_code": GRID[:12], "grid_code": GRID, "unit_id": unit}
    surveyed = {"area_m2": 80, "surveyed_at": "2026-01-01"}
    for number, floor, values in (
            ("201", 2, {"tenure": "vacant", **surveyed}), ("202", 2, {"tenure": "rented", **surveyed}),
            ("301", 3, {"tenure": "owner", **surveyed}), ("302", 3, {}), ("1001", 10, {"tenure": "owner", **surveyed})):
        web.objects.put("room", number=number, floor=floor, **values, **place)
    web.objects.device("SMK1", home.building, room_id=web.objects.connection.execute(
        "SELECT id FROM room WHERE number = '1001'").fetchone()[0], unit_id=unit, floor=10)
    web.client.post("/api/alarms", json={"alarms": [{
        "source": "gw", "event_id": "1", "device": "SMK1", "severity": "major", "type": "smoke",
        "occurred_at": "2026-11-01T00:00:00Z"}]})
    listed = web.client.get(f"/api/buildings/{home.building}/rooms").json
    assert [(room["number"], room["state"]) for room in listed["rooms"]] == [
        ("1001", "alarm"), ("301", "occupied"), ("302", "unsurveyed"), ("201", "vacant"), ("202", "rented"),
        ("101", "care")]
    assert listed["total"] == 6
    play(monkeypatch, "viewer")
    seen = web.client.get(f"/api/buildings/{home.building}/rooms").json["rooms"]
    assert {(room["residents"], room["care"]) for room in seen} == {(0, None), (1, None)}
    play(monkeypatch, "operator", scope=Scope((OTHER_GRID,)))
    assert web.client.get(f"/api/buildings/{home.building}/rooms").status_code == 404
    assert web.client.get(f"/api/rooms/{home.room}").status_code == 404


def test_a_reveal_gives_what_was_asked_for_and_is_written_down_without_it(web: Web, home: Home) -> None:
    answer = web.client.post(home.reveal, json=VISIT)
    assert answer.json == {"resident_id": home.resident, "name": NAME, "phone": PHONE, "shown_s": 60, "left": 19}
    assert answer.headers["Cache-Control"] == "no-store"
    answer = web.client.post(home.reveal, json={"reason": "other", "words": "  核对户口本信息 ",
                                                "fields": ["id_number", "name"]})
    assert answer.json == {"resident_id": home.resident, "name": NAME, "id_number": NUMBER, "shown_s": 60, "left": 18}
    roles = list(identity.DEMO.roles)
    assert rows(web) == [
        ("done", "demo", roles, home.resident, ["name", "phone"], "visit", None, GRID, "127.0.0.1"),
        ("done", "demo", roles, home.resident, ["name", "id_number"], "other", "核对户口本信息", GRID, "127.0.0.1")]
    everything = str(web.objects.connection.execute("SELECT to_jsonb(audit) FROM audit").fetchall())
    assert not [value for value in (NAME, PHONE, NUMBER) if value in everything]


REASONS = (
    ({}, "reason"), ({"reason": "curious"}, "reason"), ({"reason": "other"}, "words"),
    ({"reason": "other", "words": " 看  看 一 "}, "words"), ({"reason": "visit", "words": "x" * 201}, "words"),
    ({"reason": "alarm"}, "alarm_id"), ({"reason": "event"}, "event_id"),
    ({"reason": "visit", "alarm_id": 1, "event_id": 1}, "event_id"), ({"reason": "visit", "fields": []}, "fields"),
    ({"reason": "visit", "fields": ["name_sealed"]}, "fields[0]"), ({"reason": "visit", "alarm_id": "1"}, "alarm_id"),
)


def test_a_reason_that_does_not_do_is_refused(web: Web, home: Home) -> None:
    for body, place in REASONS:
        answer = web.client.post(home.reveal, json=body)
        assert answer.status_code == 422, body
        assert place in [fault["place"] for fault in answer.json["faults"]]
        assert NAME not in answer.text


def test_an_alarm_is_a_reason_for_its_building_while_it_is_open(web: Web, home: Home) -> None:
    ids = []
    for code, building in (("D1", home.building), ("D2", web.objects.building("B2", west=117.008))):
        web.objects.device(code, building)
        ids += web.client.post("/api/alarms", json={"alarms": [{
            "source": "gw", "event_id": code, "device": code, "severity": "major", "type": "smoke",
            "occurred_at": "2026-11-01T00:00:00Z"}]}).json["ids"]
    here, elsewhere = ids
    assert web.client.post(home.reveal, json={"reason": "alarm", "alarm_id": here}).status_code == 200
    for alarm in (elsewhere, 999):
        answer = web.client.post(home.reveal, json={"reason": "alarm", "alarm_id": alarm})
        assert (answer.status_code, answer.json["faults"][0]["place"]) == (422, "alarm_id")
    web.objects.connection.execute(
        "UPDATE alarm SET active = false, cleared_at = now(), acknowledged_at = now(), closed_at = now() WHERE id = %s",
        [here])
    assert web.client.post(home.reveal, json={"reason": "alarm", "alarm_id": here}).status_code == 422
    assert [row[0] for row in rows(web)] == ["done", *["not_concerned"] * 3]


def test_words_that_name_the_person_are_refused_and_not_kept(web: Web, home: Home) -> None:
    for words in (f"找{NAME}核实", "找 欧阳 建国 核实", f"电话{PHONE}无人接", f"证号 {NUMBER}"):
        answer = web.client.post(home.reveal, json={"reason": "other", "words": words})
        assert (answer.status_code, answer.json["faults"][0]["place"]) == (422, "words"), words
    assert [(row[0], row[6]) for row in rows(web)] == [("names_person", None)] * 4


def test_who_may_not_is_refused_and_written_down(web: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in identity.ROLES:
        play(monkeypatch, role, scope=Scope((GRID[:9],)))
        status = 200 if role == "operator" else 403
        assert web.client.post(home.reveal, json=VISIT).status_code == status, role
    assert {row[0]: row[2] for row in rows(web) if row[2] in (["operator"], ["viewer"])} == {
        "done": ["operator"], "not_permitted": ["viewer"]}
    assert len(rows(web)) == len(identity.ROLES)
    assert {row[7] for row in rows(web)} == {GRID, GRID[:9] + "000000"}


def test_who_is_not_there_or_lies_elsewhere_is_not_found_and_written_down(
        web: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, "operator", scope=Scope((OTHER_GRID,)))
    answers = [web.client.post(f"/api/residents/{number}/reveal", json=VISIT) for number in (home.resident, 10**9)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert [(row[0], row[3], row[7]) for row in rows(web)] == [
        ("not_found", home.resident, OTHER_GRID), ("not_found", 10**9, OTHER_GRID)]


@pytest.fixture
def few(web: Web) -> Iterator[Web]:
    parts = web.app.extensions["shapan"]
    web.app.extensions["shapan"] = dataclasses.replace(
        parts, settings=dataclasses.replace(parts.settings, reveals_per_hour=3))
    yield web
    web.app.extensions["shapan"] = parts


def test_an_account_sees_so_many_in_an_hour_by_the_database(
        few: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda _: few.app.test_client().post(home.reveal, json=VISIT), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 3
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 3590 <= int(refused.headers["Retry-After"]) <= 3601
    assert refused.json["limit"] == 3
    assert NAME not in refused.text
    assert [row[0] for row in rows(few)].count("too_many") == 3
    play(monkeypatch, "operator", account="another")
    assert few.client.post(home.reveal, json=VISIT).status_code == 200


def test_after_an_hour_there_is_one_again(few: Web, home: Home) -> None:
    for _ in range(3):
        assert few.client.post(home.reveal, json=VISIT).status_code == 200
    owner = few.database.connect("superuser", autocommit=True)
    owner.execute("ALTER TABLE audit DISABLE TRIGGER refuse")
    owner.execute("UPDATE audit SET at = at - interval '59 minutes' WHERE id = 1")
    answer = few.client.post(home.reveal, json=VISIT)
    assert (answer.status_code, 50 <= int(answer.headers["Retry-After"]) <= 61) == (429, True)
    owner.execute("UPDATE audit SET at = at - interval '2 minutes' WHERE id = 1")
    assert few.client.post(home.reveal, json=VISIT).json["left"] == 0


def test_without_the_key_nothing_is_revealed_and_the_try_is_written_down(web: Web, home: Home) -> None:
    path: Path = web.app.extensions["shapan"].settings.key_file
    path.write_text("00" * 32)
    answer = web.client.post(home.reveal, json=VISIT)
    assert (answer.status_code, answer.json["title"]) == (503, "Key not available")
    path.unlink()
    assert web.client.post(home.reveal, json=VISIT).status_code == 503
    assert [row[0] for row in rows(web)] == ["no_key", "no_key"]
    assert web.client.get(f"/api/rooms/{home.room}").json["hidden"] == "no_key"
    assert not path.exists()


def test_what_cannot_be_written_down_is_not_told(web: Web, home: Home) -> None:
    web.database.connect("superuser", autocommit=True).execute("REVOKE INSERT ON audit FROM shapan_app")
    answer = web.client.post(home.reveal, json=VISIT)
    assert answer.status_code >= 500
    assert NAME not in answer.text


def test_the_log_is_read_by_who_watches_over_it_within_the_area(
        web: Web, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    other = put(web, OTHER_GRID, "B2")
    for one in (home, other, home):
        web.client.post(one.reveal, json=VISIT)
    play(monkeypatch, "administrator")
    first = web.client.get("/api/audit?limit=2").json
    rest = web.client.get(f"/api/audit?limit=2&after={first['next']}").json
    assert [row["id"] for row in first["rows"] + rest["rows"]] == [3, 2, 1]
    assert rest["next"] is None
    assert NAME not in str(first)
    assert [row["id"] for row in web.client.get(f"/api/audit?resident={other.resident}").json["rows"]] == [2]
    assert web.client.get("/api/audit?outcome=too_many").json["rows"] == []
    assert web.client.get("/api/audit?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z").status_code == 422
    assert web.client.get("/api/audit/chain").json["whole"] is True
    play(monkeypatch, "administrator", scope=Scope((OTHER_GRID[:12],)))
    assert [row["id"] for row in web.client.get("/api/audit").json["rows"]] == [2]
    for role in set(identity.ROLES) - {"administrator"}:
        play(monkeypatch, role)
        assert web.client.get("/api/audit").status_code == 403, role
