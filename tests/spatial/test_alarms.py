"""Alarm messages in, and the life that follows."""

from datetime import UTC, datetime

import pytest

from spatial.queries import alarms
from spatial.rules.alarms import StepRefused
from tests.fixtures.objects import GRID, Objects

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def message(event_id: str, **values: object) -> alarms.Message:
    defaults = {"source": "gateway", "device": "D1", "severity": "major", "type": "smoke", "occurred_at": NOW}
    return alarms.Message(event_id=event_id, **{**defaults, **values})


@pytest.fixture
def placed(objects: Objects) -> Objects:
    building_id = objects.building("B1", name="一号楼")
    objects.room(building_id)
    objects.device("D1", building_id=building_id, floor=5, z_m=13.5)
    return objects


def test_a_message_becomes_an_alarm_at_its_devices_place(placed: Objects) -> None:
    alarm = alarms.take(placed.connection, message("m1"), "gateway")
    assert (alarm.state, alarm.floor, alarm.z_m, alarm.grid_code) == ("active_unack", 5, 13.5, GRID)
    assert (alarm.building_code, alarm.building_name, alarm.device_kind) == ("B1", "一号楼", "smoke")
    assert alarms.open_alarms(placed.connection) == [alarm]


def test_the_same_message_twice_changes_nothing(placed: Objects) -> None:
    assert alarms.take(placed.connection, message("m1"), "gateway")
    assert alarms.take(placed.connection, message("m1"), "gateway") is None
    assert [alarm.repeats for alarm in alarms.open_alarms(placed.connection)] == [0]


def test_another_message_of_an_active_alarm_raises_its_count_instead_of_a_row(placed: Objects) -> None:
    first = alarms.take(placed.connection, message("m1"), "gateway")
    second = alarms.take(placed.connection, message("m2"), "gateway")
    assert (second.id, second.repeats) == (first.id, 1)
    assert alarms.count_open(placed.connection) == 1


def test_a_clearing_message_clears_and_the_next_trouble_is_a_new_alarm(placed: Objects) -> None:
    first = alarms.take(placed.connection, message("m1"), "gateway")
    cleared = alarms.take(placed.connection, message("m2", cleared=True), "gateway")
    assert (cleared.id, cleared.state) == (first.id, "cleared_unack")
    assert alarms.take(placed.connection, message("m3", cleared=True), "gateway") is None
    assert alarms.take(placed.connection, message("m4"), "gateway").id != first.id


def test_an_alarm_is_closed_only_after_it_was_seen_and_is_over(placed: Objects) -> None:
    alarm_id = alarms.take(placed.connection, message("m1"), "gateway").id
    with pytest.raises(StepRefused):
        alarms.take_step(placed.connection, alarm_id, "close", "duty")
    for step, state in (("acknowledge", "active_ack"), ("clear", "cleared_ack"), ("close", "closed")):
        assert alarms.take_step(placed.connection, alarm_id, step, "duty").state == state
    assert alarms.open_alarms(placed.connection) == []


def test_every_step_is_written_down_and_told_to_the_change_feed(placed: Objects) -> None:
    alarm_id = alarms.take(placed.connection, message("m1"), "gateway").id
    alarms.take_step(placed.connection, alarm_id, "acknowledge", "duty")
    steps = placed.connection.execute("SELECT step, account FROM alarm_step ORDER BY id").fetchall()
    assert steps == [("raised", "gateway"), ("acknowledged", "duty")]
    told = placed.connection.execute(
        "SELECT kind, payload->>'state', grid_code FROM outbox WHERE kind <> 'tiles' ORDER BY id").fetchall()
    assert told == [("alarm", "active_unack", GRID), ("alarm", "active_ack", GRID)]


def test_unacknowledged_alarms_stand_first_then_the_newest(placed: Objects) -> None:
    for number in range(1, 4):
        placed.device(f"E{number}")
        alarm = alarms.take(placed.connection, message(f"e{number}", device=f"E{number}"), "gateway")
        placed.connection.execute(
            "UPDATE alarm SET received_at = now() + %s * interval '1 s' WHERE id = %s", [number, alarm.id]
        )
        if number == 3:
            alarms.take_step(placed.connection, alarm.id, "acknowledge", "duty")
    assert [alarm.device_code for alarm in alarms.open_alarms(placed.connection)] == ["E2", "E1", "E3"]
