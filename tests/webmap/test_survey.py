"""The survey's routes: a keeper's list, forms that come late, twice and out of order, photographs, conflicts."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from spatial import outbox
from spatial.jobs import due
from spatial.jobs import rollup as rollup_job
from spatial.queries import entry_rate
from spatial.rules import jpeg
from spatial.types import Scope
from tests.fixtures.objects import GRID, Objects
from tests.fixtures.street import MINE, OPERATOR, THEIRS, WHOLE, Street
from tests.spatial.test_survey_rules import EXIF, FRAME, PLAIN, SCAN, TABLES
from webmap import identity


def test_the_list_holds_the_keepers_rooms_and_nobodys_name(street: Street) -> None:
    street.objects.declare(street.building, 5)
    street.objects.put("resident", household_id=street.objects.put(
        "household", room_id=street.rooms[0], building_id=street.building, **street.place(GRID)),
        building_id=street.building, name_sealed=b"sealed", care=[], **street.place(GRID))
    found = street.get("worklist")
    assert [one["code"] for one in found["buildings"]] == ["B1"]
    (building,) = found["buildings"]
    assert [(one["number"], one["version"], one["missing"], one["done"]) for one in building["rooms"]] == [
        (f"{n}01", 0, ["area_m2", "tenure"], False) for n in (1, 2, 3)]
    assert building["gaps"] == [{"floor": None, "expected": 5, "recorded": 3}]
    assert building["units"] == ["1"]
    assert [(one["name"], one["required"]) for one in found["form"]] == [
        ("use", True), ("tenure", True), ("area_m2", True), ("floor", False), ("number", False)]
    assert next(one for one in found["form"] if one["name"] == "tenure")["choices"][1] == {
        "value": "rented", "zh-CN": "出租", "en": "Rented"}
    assert set(building["rooms"][0]) == {"id", "unit", "floor", "number", "values", "surveyed_at", "version", "missing",
                                         "due_at", "done"}
    # Which fields are required is data.
    street.objects.connection.execute("DELETE FROM entry_requirement WHERE kind = 'housing' AND field = 'tenure'")
    assert street.get("worklist")["buildings"][0]["rooms"][0]["missing"] == ["area_m2"]
    street.who = THEIRS
    assert [one["code"] for one in street.get("worklist?limit=1")["buildings"]] == ["B2"]


def test_a_form_reaches_the_room_its_survey_the_entry_rate_and_the_stream(street: Street) -> None:
    with street.web.database.connect("worker", autocommit=True) as worker:
        progress = rollup_job.Progress()
        rollup_job.follow(worker, progress)
        street.objects.put("expected", value=3, kind="housing", declared_by="t", as_of="2026-01-01",
                           **street.place(GRID))
        task = street.objects.connection.execute(
            "INSERT INTO task (kind, title, target_kind, building_id, room_id, due_at, created_by, area_code, "
            "grid_code) VALUES ('survey', 't', 'room', %s, %s, now(), 'li', %s, %s) RETURNING id",
            (street.building, street.rooms[0], GRID[:12], GRID)).fetchone()[0]
        forms = [street.form(room, lon=117.005, lat=31.005, accuracy_m=8.5) for room in street.rooms[:2]]
        told = street.send(*forms)["edits"]
        assert [(one["outcome"], one["version"]) for one in told] == [("applied", 1), ("applied", 1)]
        due.look(worker)
        while outbox.stamp(worker):
            pass
        rollup_job.follow(worker, progress)
        while outbox.stamp(worker):
            pass
        kept = worker.execute("SELECT entered_housing FROM rollup WHERE grid_code = %s", [GRID]).fetchone()[0]
        payload = worker.execute("SELECT payload FROM outbox WHERE kind = 'kpi' AND object = %s ORDER BY seq DESC",
                                 [GRID]).fetchone()[0]
        (rate,) = entry_rate.rates(worker, "grid", "housing", GRID)
        assert kept == payload["entered"]["housing"] == rate.numerator == 2
        assert rate.rate == pytest.approx(2 / 3)
    row = street.objects.connection.execute(
        "SELECT use, tenure, area_m2, surveyed_at, version FROM room WHERE id = %s", [street.rooms[0]]).fetchone()
    today = datetime.now(ZoneInfo(street.web.database.settings.time_zone)).date()
    assert row == ("residential", "rented", 88.5, today, 1)
    assert street.sql("SELECT state FROM task WHERE id = %s", task) == "done"
    assert street.sql("SELECT count(*) FROM outbox WHERE kind = 'tiles' AND object = 'buildings'") > 0
    assert street.sql("SELECT rooms_entered FROM building_tally WHERE building_id = %s", street.building) == 2
    # On record: the form, where the device was, and a row of the audit log that leads to it.
    assert street.sql("SELECT count(*) FROM survey_edit WHERE lon = 117.005 AND accuracy_m = 8.5") == 2
    audited = street.objects.connection.execute(
        "SELECT account, outcome, words, grid_code FROM audit WHERE action = 'survey' ORDER BY id").fetchall()
    assert sorted(audited) == sorted(("keeper:1", "applied", form["id"], GRID) for form in forms)
    assert street.sql("SELECT broken IS NULL AND ended FROM shapan_audit_verify()")
    mine = street.get("edits")["edits"]
    assert {(one["outcome"], one["now"]["version"], one["number"]) for one in mine} == {
        ("applied", 1, "101"), ("applied", 1, "201")}
    done = street.get("worklist")["buildings"][0]["rooms"]
    assert [(one["number"], one["done"]) for one in done] == [("101", True), ("201", True), ("301", False)]


def test_the_same_form_sent_again_is_one_and_a_later_one_of_the_device_follows_it(street: Street) -> None:
    first = street.form(street.rooms[0])
    second = street.form(street.rooms[0], {**WHOLE, "area_m2": 91.0}, follows=first["id"])
    assert street.outcomes(second) == [("waiting", None)]
    assert street.outcomes(second, first, first) == [("applied", None)] * 3
    assert street.outcomes(first) == [("applied", None)]
    assert street.sql("SELECT area_m2 FROM room WHERE id = %s", street.rooms[0]) == 91.0
    assert street.sql("SELECT count(*) FROM survey_edit") == 2
    assert street.sql("SELECT version FROM room WHERE id = %s", street.rooms[0]) == 2


def test_a_room_that_somebody_changed_is_a_conflict_that_ends_by_a_form_with_the_new_base(street: Street) -> None:
    room = street.rooms[0]
    street.import_changes(room, tenure="owner", area_m2=120.0)
    assert street.sql("SELECT version FROM room WHERE id = %s", room) == 1
    mine = street.form(room)
    (told,) = street.send(mine)["edits"]
    assert (told["outcome"], told["reason"], told["version"]) == ("conflict", "changed", 1)
    assert told["theirs"] == {"floor": 1, "use": "residential", "tenure": "owner", "area_m2": 120.0}
    assert street.sql("SELECT tenure FROM room WHERE id = %s", room) == "owner"
    (open_,) = street.get("edits?open=true")["edits"]
    assert (open_["id"], open_["said"], open_["now"]["version"]) == (mine["id"], WHOLE, 1)
    street.who = OPERATOR
    assert [one["id"] for one in street.get("conflicts")["edits"]] == [mine["id"]]
    street.who = MINE
    assert street.outcomes(street.form(room, base=1, resolves=mine["id"])) == [("applied", None)]
    assert street.get("edits?open=true")["edits"] == []
    # What says the same as the record is none.
    assert street.outcomes(street.form(room, base=0)) == [("applied", None)]


def test_a_form_of_a_grid_that_was_redrawn_waits_for_whoever_keeps_it_now(street: Street) -> None:
    room = street.rooms[0]
    street.get("worklist")
    street.redraw()
    mine = street.form(room)
    for _ in range(2):
        assert street.outcomes(mine) == [("conflict", "redrawn")]
    assert street.sql("SELECT version FROM room WHERE id = %s", room) == 0
    assert street.get("worklist")["buildings"] == []
    answer = street.web.client.put(f"/api/survey/photos/{uuid.uuid4()}?edit={mine['id']}", data=PLAIN,
                                   content_type="image/jpeg")
    assert answer.status_code == 200, answer.text
    street.who = THEIRS
    (left,) = street.get("edits?open=true")["edits"]
    assert (left["id"], left["keeper"], left["reason"], left["now"]["version"]) == (
        mine["id"], MINE.keeper, "redrawn", 0)
    assert len(left["photos"]) == 1
    assert street.outcomes(street.form(room, resolves=mine["id"])) == [("applied", None)]
    assert street.get("edits?open=true")["edits"] == []
    # What was never on a keeper's list tells nothing of where it lies.
    street.who = replace(MINE, keeper="K0")
    assert street.outcomes(street.form(room)) == [("refused", "not_found")]


def test_tablets_that_send_at_once_neither_wait_crosswise_nor_count_twice(street: Street) -> None:
    other = street.objects.building("B3", west=117.006)
    unit = street.objects.put("unit", building_id=other, number="1", **street.place(GRID))
    beside = [street.objects.put("room", unit_id=unit, building_id=other, floor=1, number=f"10{n}",
                                 **street.place(GRID)) for n in range(1, 4)]
    here = [street.form(room) for room in street.rooms]
    there = [street.form(room, building=other) for room in beside]
    # Two batches with rooms of both buildings, the other way round, and each of them twice.
    crosswise = [[here[0], there[0], here[2]], [there[1], here[1], there[2]]] * 2
    database = street.web.app.extensions["shapan"].database
    with ExitStack() as held:  # the pool begins with one connection, and more take their time on a busy machine
        for _ in crosswise:
            held.enter_context(database.transaction(Scope.everything()))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda forms: street.web.app.test_client().post("/api/survey/edits", json={
            "sent_at": datetime.now(UTC).isoformat(), "edits": forms}), crosswise))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {one["outcome"] for answer in answers for one in answer.json["edits"]} == {"applied"}
    assert street.sql("SELECT count(*) FROM survey_edit") == street.sql("SELECT count(*) FROM audit") == 6
    assert street.sql("SELECT array_agg(DISTINCT version) FROM room WHERE grid_code = %s", GRID) == [1]
    assert street.sql("SELECT sum(rooms_entered) FROM building_tally") == 6


def test_a_wrong_clock_moves_no_day(street: Street) -> None:
    device = datetime.now(UTC) + timedelta(days=800)
    street.send(street.form(street.rooms[0], done_at=(device - timedelta(hours=1)).isoformat()),
                sent_at=device.isoformat())
    assert abs(street.sql("SELECT surveyed_at - shapan_today() FROM room WHERE id = %s", street.rooms[0])) <= 1
    assert street.sql("SELECT done_at > now() + interval '700 days' AND at <= now() FROM survey_edit")


def test_a_photograph_loses_what_it_says_and_one_of_40_mb_is_refused_with_its_cure(street: Street) -> None:
    form = street.form(street.rooms[0])
    path = f"/api/survey/photos/{uuid.uuid4()}?edit={form['id']}"
    laden = b"\xff\xd8" + EXIF + TABLES + FRAME + SCAN + b"\xff\xd9"

    def put(data: bytes, path: str = path) -> Any:
        return street.web.client.put(path, data=data, content_type="image/jpeg")

    assert put(laden).status_code == 404
    street.send(form)
    assert put(laden).json["width"] == put(laden).json["width"] == 800
    kept = bytes(street.sql("SELECT picture FROM survey_photo"))
    assert kept == jpeg.stripped(PLAIN).data
    assert b"Exif" not in kept
    large = put(laden + b"\x00" * 40 * 2**20)
    assert large.status_code == 413
    assert "2,097,152" in large.json["detail"]
    assert put(b"<svg onload=alert(1)>").status_code == 422
    assert street.web.client.put(path, json={}).status_code == 422
    street.who = replace(MINE, keeper="K0")
    assert put(laden).status_code == 404
    street.who = OPERATOR
    shown = street.web.client.get(path.split("?")[0])
    assert (shown.mimetype, shown.data) == ("image/jpeg", kept)
    assert shown.headers["Cache-Control"] == "no-store"
    street.who = MINE
    for _ in range(5):
        assert put(PLAIN, f"/api/survey/photos/{uuid.uuid4()}?edit={form['id']}").status_code == 200
    assert put(PLAIN, f"/api/survey/photos/{uuid.uuid4()}?edit={form['id']}").status_code == 422


def test_a_keeper_may_survey_and_nothing_else(street: Street) -> None:
    assert identity.ROLES["keeper"] == {"account.own", "survey.read", "survey.write"}
    for path in ("/api/buildings/1/rooms", "/api/survey/conflicts", "/api/keepers", "/api/alarms", "/"):
        assert street.web.client.get(path).status_code == 403, path
    street.who = OPERATOR
    assert street.web.client.get("/api/survey/worklist").status_code == 403
    street.send(street.form(street.rooms[0]), status=403)
    street.who = identity.NOBODY
    assert street.web.client.get("/api/survey/worklist").status_code == 401


def test_a_room_on_record_counts_versions_of_what_people_fill_in_only(objects: Objects) -> None:
    room = objects.room(objects.building())
    version = "SELECT version FROM room WHERE id = %s"
    for statement, expected in (("SET area_m2 = 50", 1), ("SET area_m2 = 50", 1), ("SET content_hash = 'x'", 1),
                                ("SET floor = 2", 2)):
        objects.connection.execute(f"UPDATE room {statement} WHERE id = %s", [room])
        assert objects.connection.execute(version, [room]).fetchone()[0] == expected
