"""What messages of one device and type make of its alarms, whatever the order in which they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.alarm_fold import Key, Taken, take
from spatial.rules.alarms import SEVERITIES

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

NOTHING = Key()

messages = st.lists(
    st.tuples(st.sampled_from(SEVERITIES), st.booleans(), st.integers(0, 12)), min_size=1, max_size=9, unique=True)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def fold(history: list[tuple[str, bool, int]], key: Key = NOTHING) -> tuple[Key, dict, list[Taken]]:
    """Take in messages in order; return the key, all alarms by id, and what each message did."""
    alarms, done = {}, []
    for number, (severity, cleared, minute) in enumerate(history, 1):
        taken = take(key, severity, cleared, at(minute), number)
        key = taken.key
        if taken.alarm is not None:
            alarms[taken.alarm.id] = taken.alarm
        done.append(taken)
    return key, alarms, done


@given(st.data(), messages)
def test_every_order_ends_in_the_same_state_with_every_raise_counted_once(data, history) -> None:
    key, alarms, done = fold(data.draw(st.permutations(history)))
    raises = [minute for _, cleared, minute in history if not cleared]
    clears = [minute for _, cleared, minute in history if cleared]
    active = bool(raises) and (not clears or max(raises) > max(clears))
    assert (key.current is not None) is active
    assert [alarm.active for alarm in alarms.values()].count(True) == (1 if active else 0)
    assert sum(1 + alarm.repeats for alarm in alarms.values()) == len(raises)
    assert key.cleared_to == (at(max(clears)) if clears else None)
    assert sum(taken.word in ("raised", "repeated") for taken in done) == len(raises)


@given(messages)
def test_an_alarm_is_as_bad_as_the_worst_that_was_said_of_it_and_some_alarm_as_bad_as_the_worst_of_all(history) -> None:
    _, alarms, done = fold(history)
    for id_, alarm in alarms.items():
        said = [severity for (severity, _, _), taken in zip(history, done, strict=True)
                if taken.word in ("raised", "repeated") and taken.alarm.id == id_]
        assert alarm.severity == min(said, key=SEVERITIES.index)


@given(messages)
def test_what_an_operator_has_closed_is_never_opened_or_changed_but_counted(history) -> None:
    key = Key(cleared_to=at(20), ended_to=at(20), ended=replace(
        take(Key(), "info", False, at(0), 0).alarm, active=False, acknowledged=True, closed=True))
    key, alarms, done = fold(history, key)
    closed = key.ended
    assert closed.closed
    assert closed.severity == "info"
    assert closed.repeats == sum(not cleared for _, cleared, _ in history)
    assert {step for taken in done for step, _ in taken.steps} <= {"repeated"}


def test_a_worse_repeat_raises_the_severity_and_asks_for_eyes_again() -> None:
    key = Key(replace(take(Key(), "minor", False, at(0), 1).alarm, acknowledged=True, shelved=True))
    taken = take(key, "critical", False, at(1), 2)
    assert (taken.word, taken.alarm.severity, taken.alarm.acknowledged, taken.alarm.shelved) == (
        "repeated", "critical", False, False)
    assert taken.steps == (("escalated", {"from": "minor", "to": "critical", "acknowledged": True}),
                           ("unshelved", {"because": "escalated"}))
    milder = take(key, "info", False, at(1), 2)
    assert (milder.alarm.severity, milder.alarm.acknowledged, milder.alarm.shelved) == ("minor", True, True)


def test_a_clear_that_is_older_than_the_newest_raise_ends_nothing() -> None:
    key, alarms, done = fold([("major", False, 5), ("info", True, 4)])
    assert done[-1].word == "late"
    assert alarms[1].active


def test_a_raise_that_comes_after_its_clear_is_born_cleared_and_unseen() -> None:
    key, alarms, done = fold([("info", True, 5), ("major", False, 5), ("major", False, 4)])
    assert [taken.word for taken in done] == ["late", "raised", "repeated"]
    assert [step for step, _ in done[1].steps] == ["raised", "cleared"]
    assert not alarms[2].active
    assert not alarms[2].acknowledged
    assert alarms[2].repeats == 1


def test_a_raise_of_between_two_clears_is_not_hidden_in_the_alarm_that_the_first_one_ended() -> None:
    _, alarms, done = fold([("major", False, 1), ("info", True, 2), ("info", True, 9), ("major", False, 5)])
    assert done[-1].word == "raised"
    assert sorted(alarms) == [1, 4]
