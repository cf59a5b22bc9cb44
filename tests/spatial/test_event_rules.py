"""The life of events and tasks as pure rules: what may follow what, what is due, when it is late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import events, tasks
from spatial.rules.events import STATES, Last, StepRefused

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
LAST = Last("accepted", "li", NOW)


@given(st.lists(st.sampled_from(events.STEPS), max_size=30))
def test_whatever_is_asked_an_event_is_in_a_known_state_and_closed_for_good(wanted: list[str]) -> None:
    state = "open"
    for step in wanted:
        try:
            after = events.step(state, step, "a reason")
        except StepRefused:
            continue
        assert after in STATES
        assert state != "closed" or after == "closed"
        assert step == "comment" or (state, step) in events.AFTER
        state = after


@given(st.lists(st.sampled_from([step for step in events.STEPS if step != "comment"]), max_size=30))
def test_nothing_is_done_that_nobody_accepted_and_nothing_accepted_that_nobody_sent(wanted: list[str]) -> None:
    state, taken = "open", []
    for step in wanted:
        if (state, step) in events.AFTER:
            state = events.step(state, step, "why")
            taken.append(step)
    for n, step in enumerate(taken):
        if step == "accept":
            assert {"dispatch", "return", "reassign"} & set(taken[:n])
        if step == "finish":
            assert taken[n - 1] == "accept"


def test_every_state_can_be_left_for_the_closed_one() -> None:
    reached = {"closed"}
    for _ in STATES:
        reached |= {before for (before, _), after in events.AFTER.items() if after in reached}
    assert reached == set(STATES)


@pytest.mark.parametrize(("state", "step"), [("dispatched", "reject"), ("accepted", "reject"), ("done", "return"),
                                             ("open", "close"), ("rejected", "close"), ("done", "comment")])
@pytest.mark.parametrize("note", [None, "", "  \n"])
def test_what_somebody_will_ask_about_needs_a_reason(state: str, step: str, note: str | None) -> None:
    with pytest.raises(StepRefused, match="needs a reason"):
        events.step(state, step, note)
    assert events.step(state, step, "because")


def test_a_refused_step_says_who_did_what_and_what_is_allowed() -> None:
    with pytest.raises(StepRefused, match=r"accepted \(accepted by li at 2026-11-01T08:00:00\+00:00\)") as told:
        events.step("accepted", "dispatch", last=LAST)
    assert "reject, reassign, finish, comment" in told.value.cure
    with pytest.raises(StepRefused, match="accepted by li at 2026-11-01"):
        events.same_version(1, 2, LAST)
    events.same_version(None, 2, LAST)
    events.same_version(2, 2, LAST)


@given(st.sampled_from(STATES), st.none() | INSTANTS, st.none() | INSTANTS)
def test_what_is_due_next_is_one_of_the_two_and_never_of_what_is_done(state, accept_by, deadline) -> None:
    due = events.due_at(state, accept_by, deadline)
    if state in events.FINAL:
        assert due is None
    elif state == "accepted":
        assert due == deadline
    else:
        assert due in (accept_by, deadline)
        assert all(due <= one for one in (accept_by, deadline) if one is not None)


def test_at_the_instant_it_is_due_it_is_in_time_and_right_after_it_is_late() -> None:
    assert not events.overdue(NOW, NOW)
    assert events.overdue(NOW, NOW + timedelta(microseconds=1))
    assert not events.overdue(None, NOW)


@given(st.timedeltas(timedelta(days=-1000), timedelta(days=1000)))
def test_a_clock_more_than_five_minutes_ahead_is_not_believed(ahead: timedelta) -> None:
    said = NOW + ahead
    assert events.believed(said, NOW) == (said if ahead <= timedelta(minutes=5) else NOW)


@given(st.lists(st.sampled_from(tasks.STEPS), max_size=10))
def test_a_task_that_ended_stays_as_it_ended(wanted: list[str]) -> None:
    state = "due"
    for step in wanted:
        if state != "due" and step != "comment":
            with pytest.raises(StepRefused, match="by li at"):
                tasks.step(state, step, "why", LAST)
            continue
        after = tasks.step(state, step, "why", LAST)
        assert after in ("due", "done", "cancelled")
        assert after == state or state == "due"
        state = after
    with pytest.raises(StepRefused, match="needs a reason"):
        tasks.step("due", "cancel")
