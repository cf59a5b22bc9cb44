"""Rules over readings, pure: no chatter, durations kept, any order the same."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.readings import (
    ABOVE,
    BELOW,
    CLEARED,
    EQUALS,
    LOST,
    RAISED,
    Condition,
    State,
    elapse,
    replay,
    step,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
values = st.floats(-100, 100)
moments = st.integers(0, 5000).map(lambda seconds: START + timedelta(seconds=seconds))
readings = st.lists(st.tuples(moments, values), max_size=40, unique_by=lambda one: one[0])


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    threshold, band = draw(st.floats(-50, 50)), draw(st.one_of(st.none(), st.floats(0, 30)))
    comparison = draw(st.sampled_from([ABOVE, BELOW]))
    clear = None if band is None else threshold - band if comparison == ABOVE else threshold + band
    return Condition(comparison, threshold, None, clear, draw(st.sampled_from([0, 0, 30, 600])))


@given(conditions(), readings)
def test_alarms_are_raised_and_cleared_in_turns(condition, given_readings) -> None:
    state, done = replay(condition, given_readings)
    assert [one.kind for one in done] == [RAISED, CLEARED] * (len(done) // 2) + [RAISED] * (len(done) % 2)
    assert state.active is bool(len(done) % 2)
    assert [one.at for one in done] == sorted(one.at for one in done)


@given(conditions(), readings)
def test_an_alarm_that_is_over_is_raised_again_only_beyond_the_threshold(condition, given_readings) -> None:
    said = dict(given_readings)
    _, done = replay(condition, given_readings)
    for one in done:
        if one.kind == RAISED:
            assert condition.wrong(said[one.since])
        else:
            assert condition.right(said[one.at])


@given(conditions(), readings)
def test_nothing_between_the_thresholds_changes_an_alarm(condition, given_readings) -> None:
    state, _ = replay(condition, given_readings)
    limit = condition.threshold if condition.clear_threshold is None else condition.clear_threshold
    between = (condition.threshold + limit) / 2
    if condition.wrong(between) or condition.right(between):
        return
    after, done = step(condition, State(state.since, state.active), between, START + timedelta(days=1))
    assert (after.active, CLEARED in [one.kind for one in done]) == (state.active or bool(done), False)


@given(conditions(), readings)
def test_a_value_was_wrong_for_the_whole_duration_before_an_alarm(condition, given_readings) -> None:
    _, done = replay(condition, given_readings)
    for one in done:
        if one.kind == RAISED:
            assert one.at - one.since >= timedelta(seconds=condition.for_s)
            assert all(condition.wrong(value) for at, value in given_readings if one.since <= at < one.at)


@given(conditions(), readings, st.randoms())
def test_the_order_of_arrival_does_not_matter(condition, given_readings, chance: random.Random) -> None:
    shuffled = list(given_readings)
    chance.shuffle(shuffled)
    assert replay(condition, shuffled) == replay(condition, given_readings)


@given(conditions(), readings, st.integers(0, 40))
def test_batches_come_to_the_same_as_one(condition, given_readings, cut) -> None:
    ordered = sorted(given_readings)
    first, begun = replay(condition, ordered[:cut])
    last, ended = replay(condition, ordered[cut:], first)
    assert (last, begun + ended) == replay(condition, ordered)


@given(conditions(), readings)
def test_a_reading_that_comes_twice_changes_nothing(condition, given_readings) -> None:
    state, done = replay(condition, given_readings)
    for at, value in given_readings:
        assert step(condition, state, value, at) == (state, [])
    assert replay(condition, [*given_readings, *given_readings]) == (state, done)


@given(conditions(), readings, moments)
def test_time_that_passes_in_between_changes_nothing_in_the_end(condition, given_readings, moment) -> None:
    moment += timedelta(microseconds=1)
    ordered = sorted(given_readings)
    earlier = [one for one in ordered if one[0] < moment]
    state, begun = replay(condition, earlier)
    state, due = elapse(condition, state, moment)
    state, ended = replay(condition, ordered[len(earlier):], state)
    end = START + timedelta(days=1)
    state, last = elapse(condition, state, end)
    whole, done = replay(condition, ordered)
    whole, over = elapse(condition, whole, end)
    assert (state, begun + due + ended + last) == (whole, done + over)


@pytest.mark.parametrize(("condition", "wrong", "right"), [
    (Condition(EQUALS, 1.0), [1.0], [0.0, 2.0, "1"]),
    (Condition(EQUALS, word="open"), ["open"], ["closed", 1.0]),
    (Condition(LOST), [1.0], [0.0]),
    (Condition(ABOVE, 5.0), [5.1], [5.0, 4.9, "high"]),
    (Condition(BELOW, 0.14), [0.139], [0.14, 1.0]),
])
def test_a_value_is_wrong_or_right(condition, wrong, right) -> None:
    assert [condition.wrong(value) for value in wrong + right] == [True] * len(wrong) + [False] * len(right)
    assert [condition.right(value) for value in wrong + right] == [False] * len(wrong) + [True] * len(right)


def test_a_duration_runs_out_without_another_reading() -> None:
    condition = Condition(ABOVE, 60.0, for_s=60)
    state, done = step(condition, State(), 70.0, START)
    assert (state.active, done) == (False, [])
    due = state.due(condition)
    assert elapse(condition, state, due - timedelta(microseconds=1)) == (state, [])
    state, done = elapse(condition, state, due)
    assert (state.active, [one.at for one in done]) == (True, [due])
    assert state.due(condition) is None
