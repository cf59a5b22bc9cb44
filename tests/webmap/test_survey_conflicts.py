"""How conflicts of surveys end: by their keeper of now, by operators, one of two at once; nothing is open for ever."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.objects import GRID, OTHER_GRID
from tests.fixtures.street import MINE, OPERATOR, THEIRS, WHOLE, Street
from webmap import identity

COLLEAGUE = replace(MINE, account="keeper:9", keeper="K9")
VIEWER = identity.Identity("viewer", ("viewer",), OPERATOR.scope)


def open_ones(street: Street) -> list[str]:
    rows = street.objects.connection.execute(
        "SELECT id::text FROM survey_edit WHERE outcome = 'conflict' AND settled_at IS NULL ORDER BY received_at")
    return [row[0] for row in rows.fetchall()]


def found_in_a_redrawn_grid(street: Street, **values: Any) -> dict[str, Any]:
    """Have a keeper find room 401 where the grid is another's when the form arrives; return the form."""
    street.get("worklist")
    street.redraw()
    form = street.form(None, {**WHOLE, **values}, base=None, unit="1", floor=4, number="401")
    assert street.outcomes(form) == [("conflict", "redrawn")]
    return form


def changed(street: Street, room: int, who: identity.Identity = MINE) -> dict[str, Any]:
    """Have a keeper's form stand against the record; return it."""
    street.import_changes(room, tenure="owner", area_m2=float(street.sql("SELECT count(*) + 100 FROM survey_edit")))
    street.who = who
    form = street.form(room, base=0)
    assert street.outcomes(form) == [("conflict", "changed")]
    return form


def settle(street: Street, key: str, status: int = 200, **decision: Any) -> Any:
    answer = street.web.client.post(f"/api/survey/conflicts/{key}/settle", json={"version": None, **decision})
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_room_that_was_found_in_a_redrawn_grid_is_entered_or_put_aside_by_its_keeper_of_now(street: Street) -> None:
    form = found_in_a_redrawn_grid(street)
    second = street.form(None, base=None, unit="1", floor=5, number="501")
    assert street.outcomes(second) == [("conflict", "redrawn")]
    street.who = THEIRS
    left = {one["id"]: one for one in street.get("edits?open=true")["edits"]}[form["id"]]
    assert (left["now"], left["said"], left["unit"], left["floor"], left["number"]) == (
        None, WHOLE, "1", 4, "401")
    assert "keeper_name" not in left
    entered = street.form(None, base=None, unit="1", floor=4, number="401", resolves=form["id"])
    assert street.outcomes(entered) == [("applied", None)]
    assert open_ones(street) == [second["id"]]
    assert street.web.client.post(f"/api/survey/edits/{second['id']}/aside", json={}).status_code == 200
    assert street.get("edits?open=true")["edits"] == []
    assert street.sql("SELECT array[settled_how, settled_who, settled_by::text] FROM survey_edit WHERE id = %s",
                      second["id"]) == ["kept", THEIRS.keeper, None]
    assert street.sql("SELECT array[outcome, account] FROM audit WHERE action = 'settle'") == ["kept", "keeper:2"]
    # Once only, and nobody else's.
    assert street.web.client.post(f"/api/survey/edits/{second['id']}/aside", json={}).status_code == 409
    street.who = MINE
    assert street.web.client.post(f"/api/survey/edits/{second['id']}/aside", json={}).status_code == 404


def test_a_conflict_about_a_room_not_on_record_moves_with_its_building_and_its_photographs(street: Street) -> None:
    form, over = found_in_a_redrawn_grid(street), street.form(None, base=None, unit="1", floor=5, number="501")
    assert street.outcomes(over) == [("conflict", "redrawn")]
    street.who = THEIRS
    assert street.web.client.post(f"/api/survey/edits/{over['id']}/aside", json={}).status_code == 200
    street.objects.connection.execute(
        "INSERT INTO survey_photo (id, edit_id, keeper, width, height, picture, area_code, grid_code)"
        " VALUES (gen_random_uuid(), %s, 'K', 1, 1, '', %s, %s)", [form["id"], OTHER_GRID[:12], OTHER_GRID])
    street.redraw(GRID)
    assert street.get("edits?open=true")["edits"] == []
    street.who = MINE
    assert [one["id"] for one in street.get("edits?open=true")["edits"]] == [form["id"]]
    assert street.sql("SELECT grid_code FROM survey_photo") == GRID
    # What somebody settled stays where that was.
    assert street.sql("SELECT grid_code FROM survey_edit WHERE id = %s", over["id"]) == OTHER_GRID
    street.who = OPERATOR
    assert street.get(f"conflicts/count?within={GRID}")["open"] == 1


def test_a_conflict_outlives_its_room_and_finds_it_again_under_its_number(street: Street) -> None:
    room = street.rooms[0]
    form = changed(street, room)
    street.objects.connection.execute("DELETE FROM room WHERE id = %s", [room])
    (left,) = street.get("edits?open=true")["edits"]
    assert (left["now"], left["room"], left["unit"], left["floor"], left["number"]) == (None, None, "1", 1, "101")
    again = street.room("101", 1)
    (left,) = street.get("edits?open=true")["edits"]
    assert (left["room"], left["now"]["version"], left["now"]["tenure"]) == (again, 0, "unknown")
    assert street.web.client.post(f"/api/survey/edits/{form['id']}/aside", json={}).status_code == 409
    assert street.outcomes(street.form(again, resolves=form["id"])) == [("applied", None)]
    assert open_ones(street) == []
    # Of a redrawn grid as well: what is sent of such a room names it.
    street.get("worklist")
    street.redraw()
    moved = street.form(street.rooms[1])
    assert street.outcomes(moved) == [("conflict", "redrawn")]
    street.objects.connection.execute("DELETE FROM room WHERE id = %s", [street.rooms[1]])
    street.who = THEIRS
    (left,) = street.get("edits?open=true")["edits"]
    assert (left["now"], left["unit"], left["floor"], left["number"]) == (None, "1", 2, "201")


@pytest.mark.parametrize("answer", ["conflict", "refused"])
def test_a_colleagues_conflict_ends_also_where_its_answer_came_to_nothing_at_first(
        street: Street, answer: str) -> None:
    room = street.rooms[0]
    theirs = changed(street, room, COLLEAGUE)
    elsewhere = changed(street, street.rooms[1], COLLEAGUE)
    street.who = MINE
    version = street.sql("SELECT version FROM room WHERE id = %s", room)
    if answer == "conflict":
        street.import_changes(room, tenure="vacant")
        first = street.form(room, base=version, resolves=theirs["id"])
        more = {"base": version + 1, "resolves": first["id"]}
    else:
        first = street.form(room, {**WHOLE, "area_m2": 0}, base=version, resolves=theirs["id"])
        more = {"base": None, "follows": first["id"]}
    assert street.outcomes(first)[0][0] == answer
    assert theirs["id"] in open_ones(street)
    assert street.outcomes(street.form(room, **more)) == [("applied", None)]
    assert open_ones(street) == [elsewhere["id"]]
    # A form ends no conflict about another room, whatever it says that it resolves.
    version = street.sql("SELECT version FROM room WHERE id = %s", room)
    assert street.outcomes(street.form(room, base=version, resolves=elsewhere["id"])) == [("applied", None)]
    assert open_ones(street) == [elsewhere["id"]]


def test_a_keepers_own_conflicts_about_a_room_end_by_any_form_of_theirs_that_saw_it_as_it_is(street: Street) -> None:
    room, other = street.rooms[:2]
    colleagues, own, elsewhere = changed(street, room, COLLEAGUE), changed(street, room), changed(street, other)
    version = street.sql("SELECT version FROM room WHERE id = %s", room)
    stands = street.sql("SELECT jsonb_build_object('tenure', tenure) FROM room WHERE id = %s", room)
    # Another device of the keeper's knows nothing of the conflict: without having seen the room, a form ends nothing.
    assert street.outcomes(street.form(room, stands, base=0)) == [("applied", None)]
    version = street.sql("SELECT version FROM room WHERE id = %s", room)
    assert open_ones(street) == [colleagues["id"], own["id"], elsewhere["id"]]
    # One that has seen it does, and not what came to stand against the record after it in the same request.
    form = street.form(room, {**WHOLE, "area_m2": 70}, base=version)
    late = street.form(room, {**WHOLE, "area_m2": 71}, base=0)
    assert street.outcomes(form, late) == [("applied", None), ("conflict", "changed")]
    assert set(open_ones(street)) == {colleagues["id"], elsewhere["id"], late["id"]}
    assert street.sql("SELECT array[settled_how, settled_who, settled_by::text] FROM survey_edit WHERE id = %s",
                      own["id"]) == ["form", MINE.keeper, form["id"]]


def test_operators_take_the_keepers_values_over_or_let_the_record_stand(street: Street) -> None:
    taken, kept, late = (changed(street, room) for room in street.rooms)
    street.who = OPERATOR
    listed = street.get("conflicts")
    assert [one["id"] for one in listed["edits"]] == [late["id"], kept["id"], taken["id"]]
    one = listed["edits"][-1]
    assert (one["keeper_name"], one["building_name"], one["number"], one["reason"]) == (
        "周网格", "B1", "101", "changed")
    assert (one["said"], one["now"]["tenure"], one["theirs"]["tenure"]) == (WHOLE, "owner", "owner")
    assert listed["open"] == street.get(f"conflicts/count?within={GRID}")["open"] == 3
    assert street.get(f"conflicts/count?within={OTHER_GRID}")["open"] == 0
    assert street.get(f"conflicts?within={OTHER_GRID}")["edits"] == []
    assert [one["id"] for one in street.get(f"conflicts?id={kept['id']}&limit=1")["edits"]] == [kept["id"]]
    assert street.get(f"conflicts?id={uuid.uuid4()}")["edits"] == []
    # What was seen is what is decided about.
    (moved,) = [settle(street, taken["id"], 409, take="form", version=0)["conflict"]]
    assert (moved["id"], moved["now"]["version"], moved["settled_at"]) == (taken["id"], 1, None)
    after = settle(street, taken["id"], take="form", version=1, remark=" 已电话核实 ")
    assert (after["settled_how"], after["settled_who"], after["remark"]) == ("applied", "li", "已电话核实")
    assert after["now"] == {"version": 2, "floor": 1, **WHOLE, "surveyed_at": after["now"]["surveyed_at"]}
    assert settle(street, kept["id"], 422, take="record", version=1, remark=" ")["faults"][0]["place"] == "remark"
    assert settle(street, kept["id"], take="record", version=1, remark="房主来电更正")["settled_how"] == "kept"
    assert street.sql("SELECT array[tenure, version::text] FROM room WHERE id = %s", street.rooms[1]) == ["owner", "1"]
    assert settle(street, kept["id"], 409, take="form", version=1)["conflict"]["settled_how"] == "kept"
    assert [one["id"] for one in street.get("conflicts?settled=true")["edits"]] == [kept["id"], taken["id"]]
    assert [one["id"] for one in street.get("conflicts")["edits"]] == [late["id"]]
    assert street.get(f"conflicts?id={kept['id']}")["edits"][0]["settled_how"] == "kept"
    street.who = replace(OPERATOR, scope=THEIRS.scope)
    assert street.get(f"conflicts?id={kept['id']}")["edits"] == []
    street.who = OPERATOR
    audited = street.objects.connection.execute(
        "SELECT account, outcome, words FROM audit WHERE action = 'settle' ORDER BY id").fetchall()
    assert audited == [("li", "applied", taken["id"]), ("li", "kept", kept["id"])]
    # The values went the way of every form: on record, and in the log, under the name of who decided.
    assert street.sql("SELECT array[keeper, outcome, resolves::text] FROM survey_edit WHERE account = 'li'") == [
        "li", "applied", taken["id"]]
    assert street.sql("SELECT count(*) FROM audit WHERE action = 'survey' AND account = 'li'") == 1
    assert street.sql("SELECT broken IS NULL AND ended FROM shapan_audit_verify()")
    street.who = MINE
    assert [one["settled_at"] is None for one in street.get("edits")["edits"]] == [True, False, False]


def test_what_no_import_would_take_is_not_taken_over_and_a_new_room_needs_its_unit(street: Street) -> None:
    form = found_in_a_redrawn_grid(street)
    street.who = OPERATOR
    street.objects.connection.execute("UPDATE survey_edit SET said = said || '{\"area_m2\": -1}'")
    assert settle(street, form["id"], 422, take="form")["faults"][0]["place"] == "area_m2"
    street.objects.connection.execute("UPDATE survey_edit SET said = said || '{\"area_m2\": 88.5}'")
    street.objects.connection.execute("UPDATE unit SET number = '7'")
    assert settle(street, form["id"], 422, take="form")["faults"][0]["place"] == "unit"
    assert (open_ones(street), street.sql("SELECT count(*) FROM survey_edit")) == ([form["id"]], 1)
    street.objects.connection.execute("UPDATE unit SET number = '1'")
    after = settle(street, form["id"], take="form")
    assert (after["settled_how"], after["now"]["tenure"], after["number"]) == ("applied", "rented", "401")
    assert street.sql("SELECT grid_code FROM room WHERE number = '401'") == OTHER_GRID


def test_of_two_operators_at_once_one_decides_and_the_other_is_told_what_stands(street: Street) -> None:
    form = changed(street, street.rooms[0])
    street.who = OPERATOR
    sent = [{"take": "form", "version": 1}, {"take": "record", "version": 1, "remark": "以登记为准"}] * 2

    def ask(decision: dict[str, Any]) -> Any:
        return street.web.app.test_client().post(f"/api/survey/conflicts/{form['id']}/settle", json=decision)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, sent))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    won = next(answer.json for answer in answers if answer.status_code == 200)
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json["conflict"]["settled_how"] == won["settled_how"]
    assert street.sql("SELECT count(*) FROM audit WHERE action = 'settle'") == 1


@pytest.mark.parametrize("who", [VIEWER, MINE, replace(OPERATOR, scope=THEIRS.scope)])
def test_who_may_not_settle_settles_nothing(street: Street, who: identity.Identity) -> None:
    form = changed(street, street.rooms[0])
    street.who = who
    outside = who.may("survey.settle")
    settle(street, form["id"], 404 if outside else 403, take="record", version=1, remark="x")
    for key in ("none", str(uuid.uuid4())):
        settle(street, key, 404 if outside else 403, take="record", version=1, remark="x")
    assert open_ones(street) == [form["id"]]


def test_a_decision_that_makes_no_sense_names_what_is_wrong(street: Street) -> None:
    form = changed(street, street.rooms[0])
    street.who = OPERATOR
    faults: Callable[[Any], set[str]] = lambda told: {one["place"].split(".")[-1] for one in told["faults"]}  # noqa: E731
    assert faults(settle(street, form["id"], 422, take="both", version="1", remark="x" * 201)) == {
        "take", "version", "remark"}
    assert faults(settle(street, form["id"], 422, take="record", version=1, remark="a\u0007b")) == {"remark"}
    assert street.web.client.get("/api/survey/conflicts?within=99900").status_code == 422
