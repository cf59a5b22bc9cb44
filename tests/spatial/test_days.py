"""Days of the command centre's zone, also where clocks change, and jurisdictions within a place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import days
from spatial.types import Scope

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu")]
DATES = st.dates(date(1995, 1, 1), date(2035, 1, 1))


@given(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES))
def test_every_instant_lies_within_the_bounds_of_its_day(at: datetime, zone: ZoneInfo) -> None:
    day, hour = days.day_and_hour(at, zone)
    start, end = days.bounds(day, zone)
    assert start <= at < end
    assert 0 <= hour < 24


@given(DATES, st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap(day: date, zone: ZoneInfo) -> None:
    start, end = days.bounds(day, zone)
    assert end == days.bounds(day + timedelta(days=1), zone)[0]
    assert timedelta(hours=23) <= end - start <= timedelta(hours=25)


def test_a_day_of_shanghai_begins_at_four_in_the_afternoon_of_the_day_before_in_utc() -> None:
    start, end = days.bounds(date(2026, 11, 1), ZONES[0])
    assert (start, end - start) == (datetime(2026, 10, 31, 16, tzinfo=UTC), timedelta(hours=24))
    assert days.day_and_hour(start - timedelta(microseconds=1), ZONES[0]) == (date(2026, 10, 31), 23)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_is_an_hour_shorter_or_longer(day: date, hours: int) -> None:
    start, end = days.bounds(day, ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=hours)


@given(st.lists(st.text("12", min_size=2, max_size=5), max_size=4), st.text("12", max_size=5),
       st.text("12", min_size=15, max_size=15))
def test_what_is_inside_a_jurisdiction_and_a_place_is_in_exactly_one_of_their_parts(
    prefixes: list[str], within: str, code: str,
) -> None:
    scope = Scope(tuple(prefixes))
    held = [part for part in scope.inside(within) if code.startswith(part)]
    assert len(held) == (scope.covers(code) and code.startswith(within))


def test_all_of_everything_is_one_part() -> None:
    assert Scope.everything().inside("") == ("",)
    assert Scope(("99", "999001")).inside("999001001") == ("999001001",)
    assert Scope(("999001",)).inside("999002") == ()
