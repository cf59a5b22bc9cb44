"""When shifts change."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import shifts

SHANGHAI = "Asia/Shanghai"
TWO = (time(8), time(20))


def local(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("at", "began"), [
    ("2026-11-23T08:00", "2026-11-23T08:00"), ("2026-11-23T07:59:59", "2026-11-22T20:00"),
    ("2026-11-23T00:00", "2026-11-22T20:00"), ("2026-11-23T23:00", "2026-11-23T20:00"),
])
def test_a_shift_begins_at_its_change_and_lasts_to_the_next(at, began):
    assert shifts.began(local(at), TWO, SHANGHAI) == local(began)


def test_in_its_first_hour_a_shift_is_still_told_of_the_one_before():
    assert shifts.handed_over(local("2026-11-23T20:30"), TWO, SHANGHAI) == local("2026-11-23T08:00")
    assert shifts.handed_over(local("2026-11-23T21:00"), TWO, SHANGHAI) == local("2026-11-23T20:00")


def test_a_change_that_the_clock_skips_in_spring_is_no_fault():
    berlin = "Europe/Berlin"
    at = local("2026-03-29T03:10", berlin)
    assert at - timedelta(hours=30) < shifts.began(at, (time(2, 30),), berlin) <= at


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
       st.lists(st.integers(0, 1439), min_size=1, max_size=6, unique=True))
def test_the_last_change_lies_at_or_before_and_no_other_lies_between(at, minutes):
    times = tuple(time(minute // 60, minute % 60) for minute in sorted(minutes))
    at = at.replace(tzinfo=ZoneInfo(SHANGHAI))
    began = shifts.began(at, times, SHANGHAI)
    assert began <= at
    assert began.astimezone(ZoneInfo(SHANGHAI)).timetz().replace(tzinfo=None) in times
    for one in times:
        change = datetime.combine(at.date(), one, ZoneInfo(SHANGHAI))
        assert not began < change <= at


@pytest.mark.parametrize("text", ["", "8", "25:00", "08:00,08:00", "08:00:30", "08:00+08:00", "morning", "08:00,"])
def test_what_is_no_time_of_day_is_refused_with_the_cure(text):
    with pytest.raises(ValueError, match="08:00,20:00"):
        shifts.read(text)


def test_times_are_read_in_any_order():
    assert shifts.read("20:00, 08:00") == TWO
