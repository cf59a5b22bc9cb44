"""What people and jobs do with alarms."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.errors import NotFound
from spatial.jobs import alarms as job
from spatial.queries import alarms
from spatial.queries.alarms import floods, health, listing, steps, strays
from spatial.queries.alarms.listing import Filter
from spatial.queries.alarms.steps import Wanted
from spatial.rules.alarms import StepRefused
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects

NOW = datetime.now(UTC)


def message(event_id: str, **values: object) -> alarms.Message:
    defaults = {"source": "gateway", "device": "D1", "severity": "major", "type": "smoke", "occurred_at": NOW}
    return alarms.Message(event_id=event_id, **{**defaults, **values})


@pytest.fixture
def placed(objects: Objects) -> Objects:
    for number in range(1, 5):
        objects.device(f"D{number}", lon=117.0 + number / 100)
    return objects


def raised(objects: Objects, device: str = "D1", **values: object) -> int:
    said = message(f"{device}-{len(values)}", device=device, **values)
    return alarms.take_all(objects.connection, [said], "gw")[0].alarm_id


def do(objects: Objects, alarm_id: int, step: str, account: str = "duty", **values: object) -> alarms.Alarm:
    return steps.take_step(objects.connection, alarm_id, Wanted(step, **values), account)


def history(objects: Objects, alarm_id: int) -> list[tuple]:
    return [(step.step, step.account, step.note, step.detail)
            for step in listing.steps_of(objects.connection, alarm_id)]


def test_an_alarm_is_closed_only_after_it_was_seen_and_is_over(placed: Objects) -> None:
    alarm_id = raised(placed)
    with pytest.raises(StepRefused):
        do(placed, alarm_id, "close")
    for step, state in (("acknowledge", "active_ack"), ("clear", "cleared_ack"), ("close", "closed")):
        assert do(placed, alarm_id, step).state == state
    assert alarms.open_alarms(placed.connection) == []


def test_every_step_is_written_down_in_order_with_what_was_said(placed: Objects) -> None:
    alarm_id = raised(placed)
    until = NOW + timedelta(hours=2)
    do(placed, alarm_id, "assign", assignee="wang")
    do(placed, alarm_id, "comment", account="wang", note="<b>on the way</b>")
    shelved = do(placed, alarm_id, "shelve", note="维修中", until=until)
    assert (shelved.assignee, shelved.shelved_until, shelved.state) == ("wang", until, "active_unack")
    assert do(placed, alarm_id, "unshelve").shelved_until is None
    assert do(placed, alarm_id, "assign", assignee=None).assignee is None
    assert history(placed, alarm_id) == [
        ("raised", "gw", None, {}), ("assigned", "duty", None, {"assignee": "wang"}),
        ("commented", "wang", "<b>on the way</b>", {}), ("shelved", "duty", "维修中", {"until": until.isoformat()}),
        ("unshelved", "duty", None, {}), ("assigned", "duty", None, {"assignee": None})]
    assert [step.step for step in listing.steps_of(placed.connection, alarm_id, 2)] == ["unshelved", "assigned"]
    told = placed.connection.execute("SELECT count(*) FROM outbox WHERE kind = 'alarm'").fetchone()[0]
    assert told == 6


def test_who_comes_second_is_told_who_did_what_when(placed: Objects) -> None:
    alarm_id = raised(placed)
    do(placed, alarm_id, "acknowledge", account="li")
    with pytest.raises(StepRefused, match="active_ack and no longer active_unack.*li acknowledged it at 20"):
        do(placed, alarm_id, "comment", note="mine", expected="active_unack")
    with pytest.raises(StepRefused, match="li acknowledged it at"):
        do(placed, alarm_id, "acknowledge")


def test_many_at_once_have_an_outcome_each(placed: Objects) -> None:
    first, second = raised(placed, "D1"), raised(placed, "D2")
    do(placed, second, "acknowledge")
    found = steps.take_steps(placed.connection, [second, first, 10**9, first], Wanted("acknowledge"), "duty")
    assert [outcome.alarm_id for outcome in found] == [second, first, 10**9]
    assert [type(outcome.refusal) for outcome in found] == [StepRefused, type(None), NotFound]
    assert found[1].alarm.state == "active_ack"


def test_what_lies_outside_the_jurisdiction_is_not_there(placed: Objects) -> None:
    placed.device("X", grid=OTHER_GRID)
    alarm_id = raised(placed, "X")
    placed.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    with pytest.raises(NotFound):
        do(placed, alarm_id, "acknowledge")


def test_a_raise_from_before_an_operators_clear_does_not_reopen_and_a_newer_one_is_a_new_alarm(placed: Objects) -> None:
    alarm_id = raised(placed)
    do(placed, alarm_id, "clear")
    late, new = alarms.take_all(placed.connection, [
        message("late", occurred_at=NOW - timedelta(minutes=1)),
        message("new", occurred_at=NOW + timedelta(microseconds=1))], "gw")
    assert (late.taken, late.alarm_id) == ("late", alarm_id)
    assert new.taken == "raised"
    assert [alarm.active for alarm in alarms.open_alarms(placed.connection)].count(True) == 1


def test_a_shelved_alarm_comes_back_at_its_time_and_not_before(placed: Objects) -> None:
    alarm_id = raised(placed)
    do(placed, alarm_id, "shelve", note="x", until=datetime.now(UTC) + timedelta(hours=1))
    job.due(placed.connection)
    assert alarms.get(placed.connection, alarm_id).shelved_until is not None
    assert 3000 < steps.next_due(placed.connection) < 3700
    placed.connection.execute("UPDATE alarm SET shelved_until = now()")
    job.due(placed.connection)
    assert alarms.get(placed.connection, alarm_id).shelved_until is None
    assert history(placed, alarm_id)[-1] == ("unshelved", "system", None, {"because": "time"})


def test_a_shelved_alarm_that_gets_worse_comes_back_at_once(placed: Objects) -> None:
    alarm_id = raised(placed, severity="minor")
    do(placed, alarm_id, "shelve", note="x", until=NOW + timedelta(hours=1))
    alarms.take_all(placed.connection, [message("worse", severity="critical")], "gw")
    assert alarms.get(placed.connection, alarm_id).shelved_until is None
    assert [step for step, *_ in history(placed, alarm_id)][-2:] == ["escalated", "unshelved"]


def test_an_alarm_whose_type_says_so_clears_when_nothing_repeats_it(placed: Objects) -> None:
    door, smoke = raised(placed, type="door_forced"), raised(placed, "D2")
    placed.connection.execute("UPDATE alarm SET clears_at = now() WHERE clears_at IS NOT NULL")
    job.due(placed.connection)
    assert alarms.get(placed.connection, door).active, "it was raised just now"
    placed.connection.execute("UPDATE alarm SET last_received_at = now() - interval '1 h', clears_at = now()"
                              " WHERE clears_at IS NOT NULL")
    job.due(placed.connection)
    assert alarms.get(placed.connection, door).state == "cleared_unack"
    assert alarms.get(placed.connection, smoke).active
    assert history(placed, door)[-1] == ("cleared", "system", None, {"because": "auto_clear"})


def test_a_message_is_taken_in_when_its_device_appears_where_its_sender_may_send(placed: Objects) -> None:
    connection = placed.connection
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    alarms.take_all(connection, [message("a", device="N1"), message("b", device="N2")], "gw7")
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope.everything().literal()])
    assert job.take_in_strays(connection) == 0
    placed.device("N1")
    placed.device("N2", grid=OTHER_GRID)
    assert job.take_in_strays(connection) == 1
    (alarm,) = alarms.open_alarms(connection)
    assert (alarm.device_code, alarm.occurred_at) == ("N1", NOW)
    assert history(placed, alarm.id)[0][1] == "gw7"
    assert [waiting.device for waiting in strays.waiting(connection, 10)] == ["N2"]


def test_a_message_that_was_sent_again_meanwhile_counts_once_and_one_that_waited_a_week_goes(placed: Objects) -> None:
    alarms.take_all(placed.connection, [message("a", device="N1"), message("b", device="N2")], "gw")
    placed.device("N1")
    alarms.take_all(placed.connection, [message("a", device="N1")], "gw")
    job.take_in_strays(placed.connection)
    assert [alarm.repeats for alarm in alarms.open_alarms(placed.connection)] == [0]
    placed.connection.execute("UPDATE alarm_stray SET received_at = now() - interval '8 days'")
    job.tidy(placed.connection)
    assert strays.waiting(placed.connection, 10) == []


def test_a_message_that_cannot_be_taken_in_spares_the_others_and_is_given_up(placed: Objects, monkeypatch) -> None:
    monkeypatch.setattr(strays, "TRIES_MOST", 2)
    alarms.take_all(placed.connection, [message("a", device="N1"), message("b", device="N1")], "gw")
    placed.connection.execute(
        "UPDATE alarm_stray SET message = message || '{\"severity\": \"awful\"}' WHERE event_id = 'a'")
    placed.device("N1")
    for _ in range(2 + strays.TRIES_MOST):
        job.take_in_strays(placed.connection)
    assert [alarm.event_id for alarm in alarms.open_alarms(placed.connection)] == ["b"]
    (waiting,) = strays.waiting(placed.connection, 10)
    assert (waiting.count, waiting.given_up) == (1, 1)


def test_a_list_is_filtered_and_paged(placed: Objects) -> None:
    ids = [raised(placed, f"D{n}", severity=severity, type=type_) for n, severity, type_ in (
        (1, "critical", "smoke"), (2, "minor", "gas"), (3, "minor", "smoke"), (4, "info", "smoke"))]
    for step in ("acknowledge", "clear", "close"):
        do(placed, ids[3], step)
    do(placed, ids[0], "assign", assignee="wang")

    def found(after: int | None = None, limit: int = 10, **wanted: object) -> list[int]:
        page = listing.page(placed.connection, Filter(**wanted), after, limit)
        if after is None and limit == 10:
            assert listing.count(placed.connection, Filter(**wanted)) == len(page)
        return [ids.index(alarm.id) for alarm in page]

    assert found() == [2, 1, 0]
    assert found(limit=2) == [2, 1]
    assert found(after=ids[1]) == [0]
    assert found(state="closed") == [3]
    assert found(state="all", severities=["minor", "info"]) == [3, 2, 1]
    assert found(types=["gas"]) == [1]
    assert found(assignee="wang") == [0]
    assert found(assignee="") == [2, 1]
    assert found(code=GRID[:9]) == [2, 1, 0]
    assert found(code="998") == []
    assert found(device="D2") == [1]
    assert found(group=ids[2]) == [2]
    assert found(shelved=True) == []
    assert found(state="active_ack") == []
    assert found(state="all", end=NOW - timedelta(hours=1)) == []


def test_a_whole_group_is_acknowledged_in_one_call(placed: Objects) -> None:
    first, second = raised(placed, "D1"), raised(placed, "D1", type="gas")
    found = steps.acknowledge_group(placed.connection, first, Wanted("acknowledge"), "duty", 100)
    assert [(outcome.alarm_id, outcome.alarm.state) for outcome in found] == [
        (first, "active_ack"), (second, "active_ack")]
    assert floods.now(placed.connection).groups[0].unacknowledged == 0


def test_health_counts_what_the_tables_hold(placed: Objects) -> None:
    first, second = raised(placed, "D1"), raised(placed, "D2", severity="critical")
    alarms.take_all(placed.connection, [message("r1"), message("r2")], "gw")
    placed.connection.execute("UPDATE alarm SET received_at = now() - interval '30 h' WHERE id = %s", [second])
    do(placed, first, "acknowledge", account="li")
    placed.connection.execute("UPDATE alarm SET acknowledged_at = received_at + interval '90 s' WHERE id = %s", [first])
    server = placed.connection.execute("SELECT now()").fetchone()[0]
    found = health.between(placed.connection, server - timedelta(hours=48), server + timedelta(minutes=1))
    counted = found.counted
    assert (sum(counted.new), len(counted.new), counted.operators) == (2, 289, 1)
    assert (counted.standing, counted.stale, counted.chattering, counted.acknowledged_s) == (2, 1, 1, 90.0)
    assert counted.severities == {"critical": 1, "major": 1, "minor": 0, "warning": 0, "info": 0}
    assert [(bad.device_code, bad.alarms, bad.raises, bad.share) for bad in found.top] == [
        ("D1", 1, 3, 0.5), ("D2", 1, 1, 0.5)]


def test_raises_that_came_after_their_alarm_had_ended_are_counted_whether_it_is_closed_or_gets_worse(placed) -> None:
    first, second = raised(placed, "D1", severity="minor"), raised(placed, "D2")
    for step in ("acknowledge", "clear", "close"):
        do(placed, second, step)
    do(placed, first, "clear")
    sent = [message("l1", severity="critical"), message("l2", device="D2"), message("r1", device="D3"),
            message("r2", device="D3")]
    assert [outcome.taken for outcome in alarms.take_all(placed.connection, sent, "gw")] == [
        "late", "late", "raised", "repeated"]
    server = placed.connection.execute("SELECT now()").fetchone()[0]
    found = health.between(placed.connection, server - timedelta(hours=1), server + timedelta(minutes=1))
    assert found.counted.late == 2
