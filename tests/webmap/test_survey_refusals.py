"""Forms that the survey refuses: of others' rooms, under others' ids, with faults; nothing is lost by it."""

from dataclasses import replace

import pytest

from tests.fixtures.objects import GRID
from tests.fixtures.street import MINE, OPERATOR, THEIRS, WHOLE, Street
from webmap import identity


def test_rooms_of_others_are_refused_and_yet_on_record(street: Street) -> None:
    foreign = street.form(street.far_room, building=street.far)
    wrong_building = street.form(street.far_room)
    nothing = street.form(10**9)
    assert street.outcomes(foreign, wrong_building, nothing) == [("refused", "not_found")] * 3
    assert street.sql("SELECT version FROM room WHERE id = %s", street.far_room) == 0
    assert street.sql("SELECT count(*) FROM survey_edit WHERE grid_code = %s AND room_id IS NULL", GRID) == 3
    street.who = THEIRS
    assert street.get("edits")["edits"] == street.get("edits?open=true")["edits"] == []
    assert street.outcomes(street.form(street.far_room, building=street.far)) == [("applied", None)]


@pytest.mark.parametrize("colleague", [replace(MINE, account="keeper:9", keeper="K9"), THEIRS])
def test_a_form_under_somebody_elses_id_is_refused_and_changes_no_room(
        street: Street, colleague: identity.Identity) -> None:
    street.who = colleague
    room, building = ((street.far_room, street.far) if colleague is THEIRS else (street.rooms[0], street.building))
    theirs = street.form(room, building=building)
    found = street.form(None, base=None, unit="1", floor=4, number="401")
    ids = [theirs["id"]]
    assert street.outcomes(theirs) == [("applied", None)]
    if colleague is not THEIRS:
        assert street.outcomes(found) == [("applied", None)]
        ids.append(found["id"])
    street.who = MINE
    for key in ids:
        mine = {**street.form(street.rooms[1]), "id": key}
        new = {**street.form(None, base=None, unit="1", floor=5, number="501"), "id": key}
        for form in (mine, new, mine):
            assert street.outcomes(form) == [("refused", "id_taken")]
    assert street.sql("SELECT version FROM room WHERE id = %s", street.rooms[1]) == 0
    assert street.sql("SELECT count(*) FROM room WHERE number = '501'") == 0
    assert street.sql("SELECT count(*) FROM survey_edit") == street.sql("SELECT count(*) FROM audit") == len(ids)
    assert street.sql("SELECT count(*) FROM survey_edit WHERE keeper = %s", MINE.keeper) == 0
    # The same values under an id of one's own.
    assert street.outcomes(street.form(street.rooms[1])) == [("applied", None)]


def test_what_a_form_says_of_the_place_of_a_room_on_record_is_refused_and_breaks_no_list(street: Street) -> None:
    room = street.rooms[0]
    wild = street.form(room, unit="1", floor=1e14, number="101")
    (told,) = street.send(wild)["edits"]
    assert [(fault["field"], fault["reason"]) for fault in told["faults"]] == [
        (name, "on-record") for name in ("unit", "floor", "number")]
    new = street.form(None, base=None, unit="1", floor=1e14, number="999")
    assert street.outcomes(new) == [("refused", "faulty")]
    street.import_changes(room, tenure="owner")
    conflict = street.form(room)
    assert street.outcomes(conflict) == [("conflict", "changed")]
    street.objects.connection.execute("DELETE FROM room WHERE id = %s", [room])
    shown = {one["id"]: one for one in street.get("edits")["edits"]}
    assert (shown[conflict["id"]]["floor"], shown[conflict["id"]]["number"]) == (1, "101")
    assert shown[new["id"]]["floor"] is None
    street.who = OPERATOR
    assert len(street.get("conflicts")["edits"]) == 1


def test_all_faults_are_said_at_once_and_a_new_room_needs_its_unit(street: Street) -> None:
    bad = street.form(street.rooms[0], {"use": "flat", "tenure": "rent", "area_m2": 0})
    new = street.form(None, base=None, unit="7", floor=400, number="401")
    told = street.send(bad, new, {"id": "x"}, 5)
    assert [[(fault["field"], fault["reason"]) for fault in one["faults"]] for one in told["edits"]] == [
        [("use", "not-allowed"), ("tenure", "not-allowed"), ("area_m2", "out-of-range")],
        [("floor", "out-of-range"), ("unit", "no-parent")]]
    assert {fault["index"] for fault in told["unread"]} == {2, 3}
    good = street.form(None, base=None, unit="1", floor=4, number=" 401 ")
    assert street.outcomes(good) == [("applied", None)]
    again = street.form(None, {**WHOLE, "tenure": "owner"}, base=None, unit="1", floor=4, number="401",
                        follows=good["id"])
    rival = street.form(None, {**WHOLE, "tenure": "vacant"}, base=None, unit="1", floor=4, number="401")
    assert street.outcomes(again, rival) == [("applied", None), ("conflict", "taken")]
    assert street.objects.connection.execute(
        "SELECT floor, tenure, source FROM room WHERE number = '401'").fetchall() == [(4, "owner", "survey")]
    street.send(status=422)
    street.send(*[street.form(1)] * 51, status=422)
