"""What surveys leave behind is guarded and bounded: photographs of homes, forms, bytes, positions; and for how long."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spatial.queries import survey_forgetting
from tests.fixtures.objects import GRID
from tests.fixtures.street import MINE, OPERATOR, Street
from tests.spatial.test_survey_rules import PLAIN
from webmap import identity

ADMINISTRATOR = identity.Identity("wang", ("administrator",), OPERATOR.scope)


def put(street: Street, edit: str, photo: str | None = None) -> Any:
    return street.web.app.test_client().put(f"/api/survey/photos/{photo or uuid.uuid4()}?edit={edit}", data=PLAIN,
                                            content_type="image/jpeg")


def limit(street: Street, monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
    parts = street.web.app.extensions["shapan"]
    monkeypatch.setitem(street.web.app.extensions, "shapan",
                        replace(parts, settings=replace(parts.settings, **settings)))


def test_each_look_at_a_photograph_is_on_record_and_there_are_so_many_in_an_hour(
        street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(street, monkeypatch, photos_per_hour=2)
    form = street.form(street.rooms[0])
    street.send(form)
    photo = str(uuid.uuid4())
    assert put(street, form["id"], photo).status_code == 200

    def card(who: identity.Identity) -> Any:
        street.who = who
        return street.web.client.get(f"/api/rooms/{street.rooms[0]}").json["photos"]

    def look(who: identity.Identity, key: str = photo) -> Any:
        street.who = who
        return street.web.client.get(f"/api/survey/photos/{key}")

    # Who may look is told on the card of the room that there is one; nobody else is.
    (told,) = card(OPERATOR)
    assert told["id"] == photo
    assert card(replace(OPERATOR, roles=("viewer",))) is None
    elsewhere = replace(OPERATOR, account="zhao", scope=identity.Scope(("999002",)))
    for who in (ADMINISTRATOR, MINE):
        assert look(who).status_code == 403
    assert (look(elsewhere).status_code, look(OPERATOR).status_code, look(OPERATOR).mimetype) == (
        404, 200, "image/jpeg")
    over = look(OPERATOR)
    assert (over.status_code, over.json["reason"], 3500 < int(over.headers["Retry-After"]) <= 3600) == (
        429, "looks_per_hour", True)
    assert look(replace(OPERATOR, account="sun")).status_code == 200
    assert look(OPERATOR, "none").status_code == 404
    rows = street.objects.connection.execute(
        "SELECT account, outcome, words, host(address) FROM audit WHERE action = 'photo' ORDER BY id").fetchall()
    here = f"{photo} room {street.rooms[0]}"
    assert rows == [(account, outcome, words, "127.0.0.1") for account, outcome, words in (
        ("wang", "not_permitted", photo), ("keeper:1", "not_permitted", photo), ("zhao", "not_found", photo),
        ("li", "done", here), ("li", "done", here), ("li", "too_many", photo), ("sun", "done", here))]
    street.who = ADMINISTRATOR
    page = street.web.client.get("/audit?lang=zh-CN")
    assert f"采集照片 {photo[:8]}" in page.text


def test_six_photographs_of_a_form_are_six_however_many_come_at_once(street: Street) -> None:
    form = street.form(street.rooms[0])
    street.send(form)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: put(street, form["id"]).status_code, range(10)))
    assert sorted(answers) == [200] * 6 + [422] * 4
    assert street.sql("SELECT count(*) FROM survey_photo") == 6


def test_a_keeper_who_sends_too_much_is_told_when_to_go_on_and_others_are_not_held_up(
        street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(street, monkeypatch, survey_forms_per_hour=2, survey_photo_mb_per_day=1)
    first, second, third = (street.form(room) for room in street.rooms)
    street.send(first)
    street.objects.connection.execute("UPDATE survey_edit SET received_at = received_at - interval '50 minutes'")
    # What lies in a grid that was redrawn counts as well.
    street.get("worklist")
    street.redraw()
    assert street.outcomes(second) == [("conflict", "redrawn")]
    answer = street.web.client.post("/api/survey/edits", json={
        "sent_at": datetime.now(UTC).isoformat(), "edits": [third]})
    assert (answer.status_code, answer.json["reason"], 590 < int(answer.headers["Retry-After"]) <= 600) == (
        429, "forms_per_hour", True)
    street.who = replace(MINE, keeper="K9")
    assert street.outcomes(street.form(10**9)) == [("refused", "not_found")]
    street.who = MINE
    street.objects.connection.execute("UPDATE survey_edit SET received_at = received_at - interval '11 minutes'")
    assert street.outcomes(third) == [("conflict", "redrawn")]

    assert put(street, third["id"]).status_code == 200
    street.objects.connection.execute(
        "INSERT INTO survey_photo (id, edit_id, keeper, width, height, picture, received_at, area_code, grid_code) "
        "SELECT gen_random_uuid(), id, keeper, 1, 1, decode(repeat('00', 1048500), 'hex'), now() - interval '23 hours',"
        " area_code, grid_code FROM survey_edit WHERE id = %s", [second["id"]])
    photo = str(uuid.uuid4())
    over = put(street, third["id"], photo)
    assert (over.status_code, over.json["reason"], 3590 < int(over.headers["Retry-After"]) <= 3600) == (
        429, "photos_per_day", True)
    street.objects.connection.execute("UPDATE survey_photo SET received_at = received_at - interval '2 hours'")
    assert put(street, third["id"], photo).status_code == 200
    assert put(street, third["id"], photo).status_code == 200


@pytest.mark.parametrize("position", [
    {"accuracy_m": 1e7}, {"lon": 181}, {"lat": "31"}, {"lat": None}, {"accuracy_m": True}, {"lon": 10**400},
    {"accuracy_m": -1}])
def test_a_position_that_is_none_costs_the_position_only(street: Street, position: dict[str, Any]) -> None:
    form = street.form(street.rooms[0], **{"lon": 117.0, "lat": 31.0, "accuracy_m": 5, **position})
    assert street.outcomes(form) == [("applied", None)]
    assert street.sql("SELECT array[lon, lat, accuracy_m] FROM survey_edit") == [None] * 3


def test_positions_photographs_and_forms_are_forgotten_each_in_its_time_and_open_conflicts_are_not(
        street: Street) -> None:
    settings = replace(street.web.database.settings, track_days=183, survey_photo_days=100, survey_days=400)
    done, open_ = (street.form(room, lon=117.0, lat=31.0, accuracy_m=5) for room in street.rooms[:2])
    street.import_changes(street.rooms[1], tenure="owner")
    assert street.outcomes(done, open_) == [("applied", None), ("conflict", "changed")]
    for form in (done, open_):
        assert put(street, form["id"]).status_code == 200
    street.get("worklist")
    now = datetime.now(UTC)
    with street.web.database.connect("worker", autocommit=True) as worker:
        def after(days: int) -> tuple[int, int, int, int]:
            gone = survey_forgetting.forget(worker, settings, now + timedelta(days=days, minutes=1))
            return gone.positions, gone.photos, gone.forms, gone.given

        assert [after(days) for days in (89, 90, 99, 100, 182, 183, 399, 400)] == [
            (0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0), (2, 0, 0, 0), (0, 0, 0, 0),
            (0, 0, 1, 0)]
        assert street.sql("SELECT array_agg(id::text) FROM survey_edit") == [open_["id"]]
        # Once somebody has settled it, it is kept as long as any other from then on.
        street.objects.connection.execute("UPDATE survey_edit SET settled_how = 'kept', settled_at = %s",
                                          [now + timedelta(days=500)])
        assert [after(days) for days in (600, 899, 900)] == [(0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0)]
    assert street.sql("SELECT tenure FROM room WHERE id = %s", street.rooms[0]) == "rented"
    assert street.sql("SELECT count(*) FROM room WHERE grid_code = %s", GRID) == 3
