"""Events have a rhythm of day and week, and gather where one would look for them."""

from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely

from sample_gis.clock import DEFAULT_UNTIL
from sample_gis.events import DAYS, KINDS


@pytest.fixture(scope="module")
def events(city):
    return city.layers["events"]


@pytest.fixture(scope="module")
def local(events):
    return [datetime.fromisoformat(text) for text in events["occurred_at"]]


def near(city, metres, events, uses, distance):
    """Return which events lie within a distance, metres, of blocks of the given uses."""
    blocks = shapely.union_all([site.geom for site in city.built.sites if site.use in uses])
    return shapely.distance(metres["events"], blocks) <= distance


def test_about_six_thousand_happened_within_ninety_days(events, local):
    assert len(events) == pytest.approx(6_000, rel=0.06)
    assert max(local) <= DEFAULT_UNTIL
    assert min(local) >= DEFAULT_UNTIL - timedelta(days=DAYS)
    assert local == sorted(local)
    assert len(set(events["code"])) == len(events)


def test_no_day_is_empty(local):
    assert len({instant.date() for instant in local}) == DAYS


def test_nights_are_quiet_and_rush_hours_are_not(local):
    by_hour = np.bincount([instant.hour for instant in local], minlength=24)
    assert by_hour[2:5].max() < 0.2 * by_hour[7:10].mean()
    assert by_hour[17:20].mean() > 1.3 * by_hour[12:15].mean()


def test_cars_crowd_the_school_gates_on_working_days(city, metres, events, local):
    parked = events["class_code"] == "0505"
    working = np.array([instant.weekday() < 5 for instant in local])
    assert (parked & working).sum() / 5 > 1.3 * (parked & ~working).sum() / 2
    assert near(city, metres, events, ("primary", "middle"), 60)[parked].mean() > 0.4


def test_stalls_gather_around_the_market_more_at_weekends(city, metres, events, local):
    stalls = events["class_code"] == "0501"
    weekend = np.array([instant.weekday() >= 5 for instant in local])
    assert (stalls & weekend).sum() / 2 > (stalls & ~weekend).sum() / 5
    assert near(city, metres, events, ("market",), 80)[stalls].mean() > 0.25


def test_streets_flood_on_few_days(events, local):
    days = [instant.date() for instant, code in zip(local, events["class_code"], strict=True) if code == "0406"]
    count = np.sort(np.unique([day.toordinal() for day in days], return_counts=True)[1])[::-1]
    assert count[:6].sum() > 0.6 * len(days)


def test_states_and_deadlines_follow_the_age_of_an_event(events, local):
    age = np.array([(DEFAULT_UNTIL - instant).total_seconds() for instant in local])
    done = events["state"] == "done"
    assert done[age > 14 * 86_400].mean() > 0.95
    assert done[age < 3 * 3_600].mean() < 0.4
    due = [datetime.fromisoformat(text) for text in events["deadline"]]
    hours = [(end - start).total_seconds() / 3_600 for start, end in zip(local, due, strict=True)]
    assert hours == [KINDS[code].due_h for code in events["class_code"]]


def test_what_is_done_was_sent_accepted_and_done_in_that_order_mostly_in_time(events):
    columns = ("occurred_at", "dispatched_at", "accepted_at", "done_at", "deadline")
    done = [[datetime.fromisoformat(events[name][n]) for name in columns]
            for n, state in enumerate(events["state"]) if state == "done"]
    assert all(row[0] <= row[1] <= row[2] <= row[3] for row in done)
    assert 0.8 < sum(row[3] <= row[4] for row in done) / len(done) < 0.95
    assert all(events["done_at"][n] is None for n, state in enumerate(events["state"]) if state != "done")


def test_sources_are_those_of_a_street(events):
    assert set(events["source"]) == {"patrol", "12345", "device", "resident"}


def test_every_event_lies_in_a_grid(metres):
    first, _ = shapely.STRtree(metres["grids"]).query(metres["events"], predicate="intersects")
    assert set(first) == set(range(len(metres["events"])))
