"""Fates of warnings: whatever the order of messages, the end is the same."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.warnings import (
    CANCELLED,
    LIFE_WITHOUT_EXPIRES,
    REPLACED,
    STANDING,
    VOID,
    Fate,
    Message,
    due,
    fates,
    life,
    state,
)

START = datetime(2026, 7, 1, 8, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def message(minutes: int, kind: str, *refers_to: str, status: str = "Actual") -> Message:
    return Message(at(minutes), status, kind, frozenset(refers_to))


def test_an_update_replaces_what_it_refers_to_and_a_cancel_ends_it() -> None:
    found = fates({"a": message(0, "Alert"), "b": message(10, "Update", "a"), "c": message(20, "Cancel", "b")})
    assert found == {"a": Fate(REPLACED, "b"), "b": Fate(CANCELLED, "c"), "c": Fate(STANDING)}


def test_a_message_that_was_sent_before_what_it_refers_to_has_no_effect() -> None:
    found = fates({"a": message(10, "Alert"), "late": message(0, "Update", "a"), "cancel": message(5, "Cancel", "a")})
    assert found == {"a": Fate(STANDING), "late": Fate(VOID, "a"), "cancel": Fate(VOID, "a")}


def test_an_exercise_does_not_end_a_real_warning() -> None:
    found = fates({"a": message(0, "Alert"), "b": message(10, "Cancel", "a", status="Exercise")})
    assert found["a"] == Fate(STANDING)


def test_of_several_that_end_a_warning_the_one_sent_last_is_named() -> None:
    found = fates({"a": message(0, "Alert"), "b": message(10, "Update", "a"), "c": message(20, "Cancel", "a")})
    assert found["a"] == Fate(CANCELLED, "c")
    assert found["b"] == Fate(STANDING)


KEYS = "abcdef"
MESSAGES = st.dictionaries(st.sampled_from(KEYS), st.builds(
    Message, st.integers(0, 5).map(at), st.sampled_from(["Actual", "Exercise"]),
    st.sampled_from(["Alert", "Update", "Cancel"]), st.frozensets(st.sampled_from(KEYS), max_size=3)))


@given(MESSAGES)
def test_fates_hang_together(messages: dict[str, Message]) -> None:
    found = fates(messages)
    assert found.keys() == messages.keys()
    for key, fate in found.items():
        if fate.word == STANDING:
            enders = [other for other, one in messages.items() if key in one.refers_to and one.msg_type != "Alert"
                      and one.status == messages[key].status and one.sent >= messages[key].sent]
            assert all(found[other].word == VOID for other in enders)
        else:
            by = messages[fate.by]
            assert by.sent > messages[key].sent if fate.word == VOID else by.sent >= messages[key].sent
            assert by.status == messages[key].status
    assert fates(dict(reversed(messages.items()))) == found


@given(st.none() | st.integers(-60, 60), st.none() | st.integers(61, 120), st.integers(-120, 600))
def test_a_warning_that_says_it_has_begun_has_begun_however_wrong_its_senders_clock_is(
        begins: int | None, ends: int | None, ahead: int) -> None:
    sent, now = at(0), at(-ahead)
    found = life(None if begins is None else at(begins), None if ends is None else at(ends), sent, now)
    assert found[0] < found[1]
    if begins is None or begins <= 0:
        assert found[0] <= max(sent, now) if ahead <= 5 else found[0] <= now
        assert found[0] >= min(now, sent, at(begins or 0))
    else:
        assert found[0] == at(begins), "a time to come is what somebody wrote"
    assert found[1] == (at(ends) if ends is not None else found[0] + LIFE_WITHOUT_EXPIRES)


@given(st.integers(-5, 15))
def test_the_clock_passes_through_upcoming_in_force_and_ended(minute: int) -> None:
    begins, ends, now = at(0), at(10), at(minute)
    found = state(STANDING, begins, ends, now)
    assert found == ("upcoming" if minute < 0 else "in_force" if minute < 10 else "ended")
    then = due(STANDING, begins, ends, now)
    if then is None:
        assert found == "ended"
    else:
        assert then > now
        assert state(STANDING, begins, ends, then) != found
        assert state(STANDING, begins, ends, then - timedelta(microseconds=1)) == found
    assert due(CANCELLED, begins, ends, now) is None
