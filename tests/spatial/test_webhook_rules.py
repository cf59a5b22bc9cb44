"""When a webhook is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.webhooks import GIVEN_UP_AFTER, LONGEST_PAUSE_S, given_up, pause_s


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_to_an_hour_and_leave_a_part_to_chance(attempts: int, chance: float) -> None:
    found = pause_s(attempts, chance)
    assert 0.5 <= found <= LONGEST_PAUSE_S
    assert pause_s(attempts, 0) <= found <= pause_s(attempts, 1) <= 2 * pause_s(attempts, 0)
    assert pause_s(attempts + 1, chance) >= found
    assert pause_s(13, chance) >= LONGEST_PAUSE_S / 2


def test_a_receiver_is_given_up_days_after_its_first_failure() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert not given_up(None, now)
    assert not given_up(now - GIVEN_UP_AFTER + timedelta(seconds=1), now)
    assert given_up(now - GIVEN_UP_AFTER, now)
