"""The life of an alarm as a state machine."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import alarms

STEPS = ("acknowledge", "clear", "close")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.lists(st.sampled_from(list(alarms.STEPS)), max_size=16))
def test_any_sequence_of_steps_ends_closed_only_after_both_acknowledging_and_clearing(steps: list[str]) -> None:
    state, done = "active_unack", []
    for step in steps:
        try:
            state = alarms.step(state, step)
        except alarms.StepRefused:
            continue
        if step in STEPS:
            done.append(step)
    assert state in alarms.STATES
    assert len(done) == len(set(done)), "no step that changes the state is taken twice"
    assert (state == "closed") is (set(done) == set(STEPS))
    if state == "closed":
        assert done[-1] == "close"


def test_a_refused_step_names_the_steps_that_are_allowed() -> None:
    with pytest.raises(alarms.StepRefused, match="Allowed now: acknowledge, assign, clear, comment, shelve"):
        alarms.step("active_unack", "close")
    with pytest.raises(alarms.StepRefused, match=r"Allowed now: comment\."):
        alarms.step("closed", "acknowledge")


def test_only_what_lies_on_the_shelf_is_taken_from_it() -> None:
    assert alarms.step("active_ack", "unshelve", shelved=True) == "active_ack"
    with pytest.raises(alarms.StepRefused):
        alarms.step("active_ack", "unshelve")


def test_who_saw_another_state_is_refused_even_a_step_that_would_be_allowed() -> None:
    with pytest.raises(alarms.StepRefused, match="active_ack and no longer active_unack"):
        alarms.step("active_ack", "comment", expected="active_unack")


@pytest.mark.parametrize(
    ("step", "note", "until", "fields"),
    [
        ("comment", " ", None, ["note"]),
        ("comment", "seen", None, []),
        ("shelve", None, None, ["note", "until"]),
        ("shelve", "repair", NOW, ["until"]),
        ("shelve", "repair", NOW + timedelta(hours=24, seconds=1), ["until"]),
        ("shelve", "repair", NOW + timedelta(hours=24), []),
        ("acknowledge", None, NOW + timedelta(hours=1), ["until"]),
    ],
)
def test_a_step_says_all_that_it_lacks(step: str, note: str | None, until: datetime | None, fields: list[str]) -> None:
    assert [field for field, _ in alarms.faults(step, note, until, NOW)] == fields


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
