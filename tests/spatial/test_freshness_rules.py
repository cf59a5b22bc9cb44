"""How old a sign of life may be: pure, for every interval and every moment."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import freshness
from spatial.rules.freshness import FRESH, LATE, LOST, UNKNOWN, Outage

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
RANK = {FRESH: 0, LATE: 1, LOST: 2}
intervals = st.integers(1, 31_622_400)
silences = st.integers(-300, 10**9).map(lambda seconds: timedelta(seconds=seconds))


def test_a_device_that_never_spoke_is_unknown_and_stays_so() -> None:
    assert freshness.heard(None, 60, NOW) == freshness.Verdict(UNKNOWN, None)
    assert freshness.silent(UNKNOWN, None, 60, NOW) == freshness.Verdict(UNKNOWN, None)


def test_a_camera_of_a_minute_is_late_after_a_minute_and_a_half_and_lost_after_three() -> None:
    def after(seconds: float) -> str:
        return freshness.heard(NOW, 60, NOW + timedelta(seconds=seconds)).freshness

    assert [after(seconds) for seconds in (0, 89.9, 90, 179.9, 180)] == [FRESH, FRESH, LATE, LATE, LOST]


def test_a_device_that_speaks_every_second_is_given_what_a_gateway_holds_back() -> None:
    assert freshness.late_after(1) == timedelta(seconds=16)
    assert freshness.lost_after(1) == timedelta(seconds=17)


@given(intervals, silences)
def test_nothing_changes_before_the_instant_that_is_named_and_something_does_at_it(interval_s, silence) -> None:
    last_seen = NOW - silence
    verdict = freshness.heard(last_seen, interval_s, NOW)
    if verdict.changes_at is None:
        assert verdict.freshness == LOST
        return
    assert verdict.changes_at > NOW
    before = freshness.heard(last_seen, interval_s, verdict.changes_at - timedelta(microseconds=1))
    assert before.freshness == verdict.freshness
    at = freshness.heard(last_seen, interval_s, verdict.changes_at)
    assert RANK[at.freshness] == RANK[verdict.freshness] + 1


@given(intervals, silences, silences)
def test_silence_never_makes_a_device_fresher(interval_s, one, other) -> None:
    shorter, longer = sorted((one, other))
    assert (RANK[freshness.heard(NOW - shorter, interval_s, NOW).freshness]
            <= RANK[freshness.heard(NOW - longer, interval_s, NOW).freshness])


def test_an_hour_in_which_we_were_away_gives_every_camera_time_for_one_more_word() -> None:
    outage = Outage(NOW, NOW + timedelta(hours=1))
    last_seen, up = NOW - timedelta(seconds=20), outage.up_at
    held = freshness.silent(FRESH, last_seen, 60, up, [outage])
    assert held == freshness.Verdict(FRESH, up + timedelta(seconds=90))
    assert freshness.silent(FRESH, last_seen, 60, held.changes_at, [outage]).freshness == LOST


def test_a_device_that_was_silent_before_we_went_away_is_not_excused() -> None:
    outage = Outage(NOW, NOW + timedelta(hours=1))
    assert freshness.silent(LATE, NOW - timedelta(days=2), 60, outage.up_at, [outage]).freshness == LOST


def test_a_restart_of_seconds_excuses_no_detector_that_speaks_once_a_day() -> None:
    outages = [Outage(NOW - timedelta(hours=n), NOW - timedelta(hours=n) + timedelta(seconds=5)) for n in range(2, 100)]
    last_seen = NOW - timedelta(days=1.5, minutes=7)
    assert freshness.silent(FRESH, last_seen, 86_400, NOW, outages).freshness == LATE


@given(intervals, silences, st.lists(st.tuples(silences, silences).map(sorted), max_size=4),
       st.sampled_from([FRESH, LATE, LOST]))
def test_an_outage_keeps_a_device_as_it_is_at_most_and_never_for_ever(interval_s, silence, spans, current) -> None:
    outages = [Outage(NOW - longer, NOW - shorter) for shorter, longer in spans]
    last_seen = NOW - silence
    verdict = freshness.silent(current, last_seen, interval_s, NOW, outages)
    plain = freshness.heard(last_seen, interval_s, NOW)
    assert verdict == plain or (verdict.freshness == current and verdict.changes_at > NOW)
    latest = max([NOW, *(outage.up_at for outage in outages)]) + freshness.lost_after(interval_s)
    after = latest + freshness.lost_after(interval_s)
    assert freshness.silent(current, last_seen, interval_s, after, outages) == (
        freshness.heard(last_seen, interval_s, after))
