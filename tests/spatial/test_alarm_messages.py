"""A message is read without guessing, and its clock believed only so far."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.alarm_messages import LENGTHS, REQUIRED, Message, believed, overdue, read

GOOD = {"source": "gw", "event_id": "m1", "device": "D1", "severity": "major", "type": "smoke",
        "occurred_at": "2026-11-01T08:00:00+08:00"}
NOW = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6)


@given(json_values | st.fixed_dictionaries({}, optional=dict.fromkeys((*GOOD, "cleared", "note"), json_values)))
def test_anything_that_json_can_say_is_a_message_or_has_faults_that_can_be_sent_back(item) -> None:
    found = read(item)
    if isinstance(found, Message):
        assert all(getattr(found, name) for name in REQUIRED)
        assert found.occurred_at.utcoffset() == timedelta(0)
    else:
        assert found
        for fault in found:
            text = json.dumps([fault.field, fault.value, fault.reason, fault.cure], ensure_ascii=False)
            text.encode()
            assert len(fault.value) <= 600


@pytest.mark.parametrize(
    ("field", "value"),
    [("severity", "awful"), ("severity", ["major"]), ("occurred_at", "yesterday"), ("occurred_at", 1.5),
     ("occurred_at", "2026-11-01T08:00:00"), ("occurred_at", "0001-01-01T00:00:00+14:00"), ("source", ""),
     ("source", " "), ("event_id", None), ("device", 7), ("type", "x" * 61), ("unknown", 1), ("event_id", "n\0"),
     ("note", "\ud800"), ("note", "a\x1bb"), ("note", "a\u202eb"), ("cleared", "true"), ("cleared", 1),
     ("device", float("nan")), ("type", "a\nb"), *((name, "x" * (most + 1)) for name, most in LENGTHS.items())],
)
def test_a_fault_is_named_by_its_field_with_a_cure(field: str, value: object) -> None:
    (fault,) = read({**GOOD, field: value})
    assert fault.field == field
    assert fault.reason
    assert fault.cure


def test_all_faults_of_a_message_are_named_at_once() -> None:
    assert [fault.field for fault in read({"severity": 3, "extra": 1, "source": "a\0"})] == [
        "extra", "event_id", "device", "type", "occurred_at", "source", "severity"]


def test_of_very_many_unknown_fields_some_are_named() -> None:
    assert len(read({**GOOD, **{f"f{n}": n for n in range(10_000)}})) == 10


def test_html_and_lines_of_a_note_are_just_text() -> None:
    note = "<script>alert(1)</script>\n第二行"
    assert read({**GOOD, "note": note}).note == note


def test_a_clock_is_believed_unless_it_is_ahead_or_fell_back_by_more_than_a_day_or_was_never_set() -> None:
    for device, counts, doubt, waited in (
        (NOW, NOW, False, False),
        (NOW - timedelta(hours=24), NOW - timedelta(hours=24), False, False),
        (NOW - timedelta(hours=24, microseconds=1), NOW, True, True),
        (NOW - timedelta(days=900), NOW, True, True),
        (NOW + timedelta(microseconds=1), NOW, False, False),
        (NOW + timedelta(minutes=5), NOW, False, False),
        (NOW + timedelta(minutes=5, seconds=1), NOW, True, False),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, True, False),
    ):
        assert believed(device, NOW) == (counts, doubt)
        assert overdue(device, NOW) is waited
