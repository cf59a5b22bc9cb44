"""The life of an alarm as a state machine."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import alarms

STEPS = ("acknowledge", "clear", "close")
STATES = {"active_unack", "active_ack", "cleared_unack", "cleared_ack", "closed"}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_any_sequence_of_steps_ends_closed_only_after_both_acknowledging_and_clearing(steps: list[str]) -> None:
    state, done = "active_unack", []
    for step in steps:
        try:
            state = alarms.step(state, step)
        except alarms.StepRefused:
            continue
        done.append(step)
    assert state in STATES
    assert len(done) == len(set(done)), "no step is taken twice"
    assert (state == "closed") is (set(done) == set(STEPS))
    if state == "closed":
        assert done[-1] == "close"


def test_a_refused_step_names_the_steps_that_are_allowed() -> None:
    with pytest.raises(alarms.StepRefused, match="Allowed now: acknowledge, clear"):
        alarms.step("active_unack", "close")
    with pytest.raises(alarms.StepRefused, match="Allowed now: nothing"):
        alarms.step("closed", "acknowledge")


@pytest.mark.parametrize(
    ("active", "acknowledged", "closed", "word"),
    [
        (True, None, None, "active_unack"),
        (True, NOW, None, "active_ack"),
        (False, None, None, "cleared_unack"),
        (False, NOW, None, "cleared_ack"),
        (False, NOW, NOW, "closed"),
    ],
)
def test_the_word_for_a_state_follows_from_its_columns(active, acknowledged, closed, word) -> None:
    assert alarms.state(active, acknowledged, closed) == word
