"""Alarm messages in by the batch, and what becomes of them."""

from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest

from spatial.jobs import alarms as job
from spatial.queries import alarms
from spatial.queries.alarms import floods, grouping, steps, strays
from spatial.queries.alarms.steps import Wanted
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects

NOW = datetime.now(UTC) - timedelta(hours=1)


def message(event_id: str, minute: float = 0, **values: object) -> alarms.Message:
    defaults = {"source": "gateway", "device": "D1", "severity": "major", "type": "smoke",
                "occurred_at": NOW + timedelta(minutes=minute)}
    return alarms.Message(event_id=event_id, **{**defaults, **values})


def take(objects: Objects, *messages: alarms.Message) -> list[alarms.Outcome]:
    return alarms.take_all(objects.connection, messages, "gateway")


def words(outcomes: list[alarms.Outcome]) -> list[str]:
    return [outcome.taken for outcome in outcomes]


@pytest.fixture
def placed(objects: Objects) -> Objects:
    building_id = objects.building("B1", name="一号楼")
    objects.room(building_id)
    objects.device("D1", building_id=building_id, floor=5, z_m=13.5)
    return objects


def test_a_message_becomes_an_alarm_at_its_devices_place(placed: Objects) -> None:
    (outcome,) = take(placed, message("m1"))
    (alarm,) = alarms.open_alarms(placed.connection)
    assert (outcome.taken, outcome.alarm_id) == ("raised", alarm.id)
    assert (alarm.state, alarm.floor, alarm.z_m, alarm.grid_code) == ("active_unack", 5, 13.5, GRID)
    assert (alarm.building_code, alarm.building_name, alarm.device_kind) == ("B1", "一号楼", "smoke")


def test_the_same_message_twice_changes_nothing_and_names_its_alarm(placed: Objects) -> None:
    first, double, repeat = take(placed, message("m1"), message("m1"), message("m2", 1))
    again = take(placed, message("m2", 1), message("m1"))
    assert words([first, double, repeat, *again]) == ["raised", "known", "repeated", "known", "known"]
    assert {outcome.alarm_id for outcome in (first, double, repeat, *again)} == {first.alarm_id}
    assert [alarm.repeats for alarm in alarms.open_alarms(placed.connection)] == [1]


def test_a_clearing_message_clears_and_the_next_trouble_is_a_new_alarm(placed: Objects) -> None:
    outcomes = take(placed, message("m1"), message("m2", 1, cleared=True), message("m3", 2, cleared=True),
                    message("m4", 3))
    assert words(outcomes) == ["raised", "cleared", "late", "raised"]
    states = {alarm.id: alarm.state for alarm in alarms.open_alarms(placed.connection)}
    assert states == {outcomes[0].alarm_id: "cleared_unack", outcomes[3].alarm_id: "active_unack"}


def test_one_batch_ends_an_alarm_and_raises_the_next_one(placed: Objects) -> None:
    take(placed, message("m1"))
    assert words(take(placed, message("m2", 1, cleared=True), message("m3", 2))) == ["cleared", "raised"]
    assert [alarm.active for alarm in alarms.open_alarms(placed.connection)].count(True) == 1


def test_messages_out_of_order_in_batches_of_their_own_count_with_the_alarm_that_their_clear_ended(placed) -> None:
    (raised,) = take(placed, message("m1", 5))
    take(placed, message("m2", 9, cleared=True))
    late = take(placed, message("m3", 7, severity="critical", note="火焰"))
    assert (late[0].taken, late[0].alarm_id) == ("late", raised.alarm_id)
    (alarm,) = alarms.open_alarms(placed.connection)
    assert (alarm.state, alarm.severity, alarm.repeats, alarm.note) == ("cleared_unack", "critical", 1, "火焰")


def test_a_clear_before_its_raise_leaves_an_alarm_that_somebody_has_to_see(placed: Objects) -> None:
    assert words(take(placed, message("m1", 5, cleared=True))) == ["late"]
    assert words(take(placed, message("m2", 4))) == ["raised"]
    assert [alarm.state for alarm in alarms.open_alarms(placed.connection)] == ["cleared_unack"]


def test_a_clock_that_is_wrong_is_marked_and_the_servers_time_stands(placed: Objects) -> None:
    ahead = datetime.now(UTC) + timedelta(days=400)
    take(placed, alarms.Message("gateway", "m1", "D1", "major", "smoke", ahead))
    (alarm,) = alarms.open_alarms(placed.connection)
    assert alarm.clock_doubt
    assert alarm.occurred_at == alarm.received_at
    said = placed.connection.execute("SELECT detail ->> 'device_time' FROM alarm_step").fetchone()[0]
    assert datetime.fromisoformat(said) == ahead


def test_messages_of_a_clock_that_is_wrong_count_in_the_order_of_their_batch(placed: Objects) -> None:
    never = datetime(1970, 1, 1, tzinfo=UTC)
    outcomes = take(placed, *(alarms.Message("gateway", f"m{n}", "D1", "major", "smoke", never, cleared=n == 2)
                              for n in range(1, 4)))
    assert words(outcomes) == ["raised", "cleared", "raised"]
    assert [alarm.active for alarm in alarms.open_alarms(placed.connection)] == [True, False]


def test_a_clock_that_fell_back_hides_no_alarm_in_one_that_is_closed(placed: Objects) -> None:
    (first,) = take(placed, message("m1"))
    for step in ("acknowledge", "clear", "close"):
        steps.take_step(placed.connection, first.alarm_id, Wanted(step), "duty")
    reset = datetime(2020, 1, 1, 0, 0, 10, tzinfo=timezone(timedelta(hours=8)))
    (again,) = take(placed, message("m2", occurred_at=reset))
    (alarm,) = alarms.open_alarms(placed.connection)
    assert (again.taken, again.alarm_id) == ("raised", alarm.id)
    assert (alarm.state, alarm.clock_doubt, alarm.occurred_at) == ("active_unack", True, alarm.received_at)
    said = placed.connection.execute("SELECT detail ->> 'device_time' FROM alarm_step WHERE alarm_id = %s", [alarm.id])
    assert datetime.fromisoformat(said.fetchone()[0]) == reset


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(minutes=3), timedelta(days=-2500)])
def test_a_clear_and_a_raise_in_one_batch_of_a_wrong_clock_end_raised(placed: Objects, wrong: timedelta) -> None:
    clock = datetime.now(UTC) + wrong
    (first,) = take(placed, message("m1", occurred_at=clock))
    clear, second = take(placed, message("m2", occurred_at=clock + timedelta(seconds=10), cleared=True),
                         message("m3", occurred_at=clock + timedelta(seconds=20)))
    assert [(clear.taken, clear.alarm_id), second.taken] == [("cleared", first.alarm_id), "raised"]
    assert {alarm.id: alarm.active for alarm in alarms.open_alarms(placed.connection)} == {
        first.alarm_id: False, second.alarm_id: True}


@pytest.mark.parametrize("slow", [timedelta(minutes=3), timedelta(hours=8)])
def test_after_a_persons_clear_a_device_whose_clock_is_slow_raises_anew(placed: Objects, slow: timedelta) -> None:
    clock = datetime.now(UTC) - slow
    (first,) = take(placed, message("m1", occurred_at=clock))
    steps.take_step(placed.connection, first.alarm_id, Wanted("clear"), "duty")
    again, late = take(placed, message("m2", occurred_at=clock + timedelta(seconds=1)),
                       message("m3", occurred_at=clock - timedelta(seconds=1)))
    assert again.taken == "raised"
    assert (late.taken, late.alarm_id) == ("late", first.alarm_id)


def test_a_clear_of_days_ago_leaves_an_alarm_of_now_and_ends_one_of_its_own_backlog(placed: Objects) -> None:
    days_ago = datetime.now(UTC) - timedelta(days=2)
    take(placed, message("m1"))
    raised, cleared = take(placed, message("m2", occurred_at=days_ago),
                           message("m3", occurred_at=days_ago + timedelta(hours=1), cleared=True))
    assert [raised.taken, cleared.taken] == ["repeated", "late"]
    other, its_clear = take(placed, message("m4", type="gas", occurred_at=days_ago),
                            message("m5", type="gas", occurred_at=days_ago + timedelta(hours=1), cleared=True))
    assert [other.taken, its_clear.taken, its_clear.alarm_id] == ["raised", "cleared", other.alarm_id]
    # The rest of the backlog is of this day.
    (today,) = take(placed, message("m6", type="gas"))
    assert (today.taken, alarms.get(placed.connection, today.alarm_id).clock_doubt) == ("raised", False)
    assert sorted((alarm.type, alarm.active) for alarm in alarms.open_alarms(placed.connection)) == [
        ("gas", False), ("gas", True), ("smoke", True)]


def test_what_waited_for_its_device_counts_as_when_it_came_and_in_its_order(placed: Objects) -> None:
    old = datetime.now(UTC) - timedelta(days=2)
    never = datetime(1970, 1, 1, tzinfo=UTC)
    take(placed, *(message(id_, device="X1", type="gas", occurred_at=never, cleared=id_ == "z") for id_ in "mza"),
         message("m1", device="X1", occurred_at=old), message("m2", device="X1", occurred_at=old, cleared=True))
    placed.connection.execute("UPDATE alarm_stray SET received_at = %s", [old + timedelta(minutes=1)])
    placed.device("X1")
    job.take_in_strays(placed.connection)
    found = {(alarm.type, alarm.active): alarm for alarm in alarms.open_alarms(placed.connection)}
    assert set(found) == {("smoke", False), ("gas", False), ("gas", True)}
    assert (found["smoke", False].clock_doubt, found["smoke", False].occurred_at) == (False, old)
    assert found["gas", True].clock_doubt


def test_every_message_is_written_down_and_every_alarm_told_once_as_it_is_then(placed: Objects) -> None:
    take(placed, message("m1"), message("m2", 1, severity="critical"), message("m3", 2, cleared=True))
    steps = placed.connection.execute("SELECT step, account, detail FROM alarm_step ORDER BY id").fetchall()
    assert steps == [("raised", "gateway", {}), ("escalated", "gateway", {"from": "major", "to": "critical"}),
                     ("cleared", "gateway", {})]
    told = placed.connection.execute(
        "SELECT kind, payload ->> 'state', payload ->> 'severity', grid_code, length(payload::text), payload ? 'note'"
        " FROM outbox WHERE kind <> 'tiles'").fetchall()
    assert [row[:4] for row in told] == [("alarm", "cleared_unack", "critical", GRID)]
    assert told[0][4] < 1500
    assert not told[0][5], "a gateway may write names into it"


def test_a_batch_takes_hardly_more_statements_than_a_single_message(placed: Objects) -> None:
    for number in range(60):
        placed.device(f"E{number}", lon=117.0 + number / 500)
    counts = []
    for batch in ([message("a", device="E0")], [message(f"b{n}", device=f"E{n}") for n in range(1, 60)]):
        counted = CountingConnection(placed.connection)
        alarms.take_all(counted, batch, "gateway")
        counts.append(counted.count)
    # One for the new groups, one for those that grow.
    assert counts == [14, 15]


class CountingConnection:
    """A connection that counts what is executed on it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.count = 0

    def execute(self, *args, **options):
        self.count += 1
        return self._connection.execute(*args, **options)

    def pipeline(self):
        return self._connection.pipeline()

    def transaction(self):
        return self._connection.transaction()


def test_a_message_about_an_unknown_device_is_kept_and_the_others_are_taken(placed: Objects) -> None:
    outcomes = take(placed, message("m1", device="X1"), message("m2"), message("m3", device="X1"))
    assert words(outcomes) == ["refused", "raised", "refused"]
    assert outcomes[0].kept
    assert "'X1'" in outcomes[0].reason
    (waiting,) = strays.waiting(placed.connection, 10)
    assert (waiting.device, waiting.count) == ("X1", 2)
    placed.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    assert strays.waiting(placed.connection, 10) == []


def test_of_one_source_only_so_many_messages_wait(placed: Objects, monkeypatch) -> None:
    monkeypatch.setattr(strays, "WAITING_MOST", 2)
    outcomes = take(placed, *(message(f"m{n}", device="X1") for n in range(3)))
    assert [outcome.kept for outcome in outcomes] == [True, True, False]
    assert [outcome.kept for outcome in take(placed, message("m0", device="X1"), message("m9", device="X2"))] == [
        True, False]
    assert take(placed, message("m0", device="X2", source="other"))[0].kept
    monkeypatch.setattr(strays, "ACCOUNT_MOST", 4)
    outcomes = take(placed, *(message("m", device="X1", source=f"s{n}") for n in range(3)))
    assert [outcome.kept for outcome in outcomes] == [True, False, False]


def test_a_device_outside_the_senders_jurisdiction_is_unknown_to_him(placed: Objects) -> None:
    placed.device("D2", grid=OTHER_GRID, lon=117.03)
    placed.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    assert words(take(placed, message("m1", device="D2"), message("m2"))) == ["refused", "raised"]


def test_alarms_of_one_building_are_a_group_whose_first_out_is_the_earliest_of_its_batch(placed: Objects) -> None:
    placed.device("D2", building_id=placed.connection.execute("SELECT id FROM building").fetchone()[0])
    placed.device("D3", lon=117.0060)
    placed.device("D4", lon=117.0061)
    placed.device("D5", lon=117.0152)
    outcomes = take(placed, message("m1", 3), message("m2", 1, device="D2"), message("m3", 4, device="D3"),
                    message("m4", 5, device="D4"), message("m5", device="D5"))
    group = {alarm.device_code: alarm.group_id for alarm in alarms.open_alarms(placed.connection)}
    # What is in the open close by is a group of its own: who acknowledges the building's has not looked there.
    assert group == {"D1": outcomes[1].alarm_id, "D2": outcomes[1].alarm_id, "D3": outcomes[2].alarm_id,
                     "D4": outcomes[2].alarm_id, "D5": outcomes[4].alarm_id}
    found = floods.now(placed.connection)
    assert (found.on, found.new) == (False, 5)
    shown = {one.first_out.device_code: (one.count, one.unacknowledged, one.worst) for one in found.groups}
    assert shown == {"D2": (2, 2, "major"), "D3": (2, 2, "major")}


def test_a_later_batch_joins_a_group_until_it_is_forgotten(placed: Objects) -> None:
    placed.device("D0", lon=117.0054)
    placed.device("D2", lon=117.0055)
    placed.device("D3", lon=117.0056)
    (first,) = take(placed, message("m1", device="D0"))
    take(placed, message("m2", device="D2"))
    assert {alarm.group_id for alarm in alarms.open_alarms(placed.connection)} == {first.alarm_id}
    placed.connection.execute("UPDATE alarm_group SET last_at = last_at - interval '11 min'")
    grouping.forget(placed.connection)
    (other,) = take(placed, message("m3", device="D3"))
    assert alarms.get(placed.connection, other.alarm_id).group_id == other.alarm_id


def test_what_is_most_urgent_is_listed_however_much_else_is_newer(placed: Objects) -> None:
    severities = ["critical", "minor", "info", "major", "info"]
    for number, severity in enumerate(severities):
        placed.device(f"E{number}")
        take(placed, message(f"e{number}", device=f"E{number}", severity=severity))
    listed = [alarm.device_code for alarm in alarms.open_alarms(placed.connection, 4)]
    assert listed == ["E0", "E3", "E1", "E4"]


def test_unacknowledged_alarms_stand_first_then_the_newest(placed: Objects) -> None:
    for number in range(1, 4):
        placed.device(f"E{number}")
        (outcome,) = take(placed, message(f"e{number}", device=f"E{number}"))
        placed.connection.execute(
            "UPDATE alarm SET received_at = now() + %(n)s * interval '1 s',"
            " acknowledged_at = CASE WHEN %(n)s = 3 THEN now() END WHERE id = %(id)s",
            {"n": number, "id": outcome.alarm_id})
    assert [alarm.device_code for alarm in alarms.open_alarms(placed.connection)] == ["E2", "E1", "E3"]
