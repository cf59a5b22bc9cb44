"""Whether a note says anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import alarms, events, tasks
from spatial.rules.notes import says

UNSEEN = (None, "", " \n\t", "\u200b", "\u200d\ufeff\u2060", "\u00ad", "\u3164", "\u2800\u115f", "\u202e", "\u3000",
          "\u0301")


@pytest.mark.parametrize("note", UNSEEN)
def test_a_note_in_which_nothing_can_be_seen_is_no_reason(note: str | None) -> None:
    assert not says(note)
    assert [field for field, _ in alarms.faults("comment", note, None, None)] == ["note"]
    with pytest.raises(events.StepRefused):
        events.step("open", "comment", note, None)
    with pytest.raises(events.StepRefused):
        tasks.step("due", "cancel", note, None)


@given(st.text(max_size=5), st.sampled_from("好a1?…😀"), st.text(max_size=5))
def test_one_character_that_can_be_seen_is_enough(before: str, seen: str, after: str) -> None:
    assert says(before + seen + after)
