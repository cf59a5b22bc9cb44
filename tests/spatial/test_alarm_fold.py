"""What messages of one device and type make of its alarms, whatever the order in which they come."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.alarm_fold import Key, Taken, take
from spatial.rules.alarm_messages import believed, overdue
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


def counted_late(taken: Taken) -> bool:
    return taken.word == "late" and taken.alarm is not None


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
    assert sum(taken.word in ("raised", "repeated") or counted_late(taken) for taken in done) == len(raises)


@given(messages)
def test_an_alarm_is_as_bad_as_the_worst_that_was_said_of_it_and_some_alarm_as_bad_as_the_worst_of_all(history) -> None:
    _, alarms, done = fold(history)
    for id_, alarm in alarms.items():
        said = [severity for (severity, _, _), taken in zip(history, done, strict=True)
                if (taken.word in ("raised", "repeated") or counted_late(taken)) and taken.alarm.id == id_]
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
    assert all(counted_late(taken) for (_, cleared, _), taken in zip(history, done, strict=True) if not cleared)
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
    assert [taken.word for taken in done] == ["late", "raised", "late"]
    assert [step for step, _ in done[1].steps] == ["raised", "cleared"]
    assert not alarms[2].active
    assert not alarms[2].acknowledged
    assert alarms[2].repeats == 1


def test_a_raise_of_between_two_clears_is_not_hidden_in_the_alarm_that_the_first_one_ended() -> None:
    _, alarms, done = fold([("major", False, 1), ("info", True, 2), ("info", True, 9), ("major", False, 5)])
    assert done[-1].word == "raised"
    assert sorted(alarms) == [1, 4]


PERSON = "a person clears"


def person_clears(key: Key) -> Key:
    """Return what a clear by a person or a job leaves: all that was raised so far is over (``steps.MARK_CLEARED``)."""
    if key.current is None:
        return key
    over_to = key.current.newest if key.cleared_to is None else max(key.cleared_to, key.current.newest)
    return Key(None, over_to, replace(key.current, active=False), over_to)


@given(st.data(), st.lists(messages, min_size=1, max_size=4))
def test_with_people_in_between_every_order_of_what_came_meanwhile_ends_in_the_same_state(data, rounds) -> None:
    def run(order) -> tuple[bool, int]:
        key, counted = NOTHING, 0
        for history in rounds:
            key, _, done = fold(order(history), key)
            counted += sum(taken.word in ("raised", "repeated") or counted_late(taken) for taken in done)
            key = person_clears(key)
            newest = max([minute for history_ in rounds for _, cleared, minute in history_ if not cleared], default=0)
            # Whatever people did: what is newer than all that was said is an alarm.
            assert take(key, "major", False, at(newest + 13), 99).word == "raised"
        key, _, _ = fold(order(rounds[-1]), key)
        return key.current is not None, counted

    raises = sum(not cleared for history in rounds for _, cleared, _ in history)
    assert run(list) == run(lambda history: data.draw(st.permutations(history)))
    assert run(list)[1] == raises


happenings = st.lists(st.tuples(st.sampled_from(["raise", "clear", PERSON]), st.integers(1, 400)), max_size=9)


def live(happened: list[tuple[str, int]], offset: timedelta) -> list[str | None]:
    """Take in messages as they happen, of a device whose clock is wrong by so much, and people's clears in between."""
    key, now, words = NOTHING, NOON, []
    for number, (what, seconds) in enumerate(happened, 1):
        now += timedelta(seconds=seconds)
        if what == PERSON:
            key = person_clears(key)
            continue
        said = now + offset
        counts, doubt = believed(said, now)
        waited = said if overdue(said, now) else None
        taken = take(key, "major", what == "clear", counts, number, doubt, waited)
        key = taken.key
        words.append(taken.word)
    return words


@given(happenings, st.timedeltas(timedelta(days=-9000), timedelta(days=9000)) | st.timedeltas(
    timedelta(hours=-25), timedelta(minutes=10)))
def test_a_clock_that_is_wrong_by_whatever_is_always_the_same_changes_nothing(happened, offset) -> None:
    assert live(happened, offset) == live(happened, timedelta(0))


@given(happenings, st.timedeltas(timedelta(days=-9000), timedelta(hours=-24, seconds=-1)))
def test_a_clock_that_falls_back_by_more_than_a_day_hides_no_raise(happened, offset) -> None:
    key = NOTHING
    for number, (what, seconds) in enumerate(happened, 1):
        now = at(-seconds)
        key = person_clears(key) if what == PERSON else take(key, "major", what == "clear", now, number).key
    counts, doubt = believed(NOON + offset, NOON)
    taken = take(key, "major", False, counts, 99, doubt)
    assert taken.word in ("raised", "repeated")
    assert taken.alarm.active


def test_a_clear_of_days_ago_ends_no_alarm_that_was_raised_since_and_hides_no_raise_of_this_day() -> None:
    day = 24 * 60
    alarm = take(NOTHING, "major", False, at(-5), 1).key
    late = take(alarm, "info", True, at(0), 2, True, at(-day - 60))
    assert (late.word, late.key.current.active) == ("late", True)
    # A gateway that was cut off for longer than a day delivers: raised and cleared yesterday, and raised again today.
    raised = take(NOTHING, "major", False, at(0), 1, True, at(-day - 120))
    cleared = take(raised.key, "info", True, at(0), 2, True, at(-day - 60))
    assert [raised.word, cleared.word] == ["raised", "cleared"]
    again = take(cleared.key, "major", False, at(-day + 60), 3)
    assert (again.word, again.alarm.id, again.alarm.doubt) == ("raised", 3, False)


def test_an_alarm_is_in_doubt_until_a_clock_that_is_believed_speaks_of_it() -> None:
    doubtful = take(NOTHING, "major", False, at(0), 1, True)
    assert take(doubtful.key, "major", False, at(1), 2, True).alarm.doubt
    sure = take(doubtful.key, "major", False, at(1), 2, False)
    assert not sure.alarm.doubt
    assert take(sure.key, "info", True, at(2), 3, True, at(-3000)).word == "late"
