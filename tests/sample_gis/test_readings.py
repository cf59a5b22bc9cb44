"""Devices speak by their interval, say what is plausible, and what fits the trouble that befalls them."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from sample_gis import scenarios
from sample_gis.readings import FIRST_WITHIN_S, INTERVALS_S, Readings, interval
from sample_gis.traffic import Traffic
from tests.sample_gis.test_scenarios import DEVICES, device

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
QUIET = [device(f"{kind}{n}", kind) for kind in (*INTERVALS_S, "unheard_of") for n in range(30)]

RANGES = {"gas": (0, 3), "temperature": (-10, 60), "pressure": (0.16, 0.4), "battery": (19, 100), "floor": (1, 33),
          "speed": (0, 4), "obscuration": (0, 2), "tilt": (0, 15), "water_level": (0, 0.5), "flow": (0, 3),
          "total": (0, 3000), "power": (0, 100), "energy": (0, 3 * 10**6)}
"""What a quiet day may say. No default rule makes an alarm of it, and none is about to."""


def said(traffic, hours, every=1.0):
    """Return what is said second by second: code → [(seconds, values)]."""
    out = defaultdict(list)
    for step in range(int(hours * 3600 / every)):
        for reading in traffic.measured(NOW + timedelta(seconds=step * every)):
            out[reading["device"]].append(
                ((datetime.fromisoformat(reading["at"]) - NOW).total_seconds(), reading["values"]))
    return out


@pytest.fixture(scope="module")
def quiet():
    return said(Traffic(QUIET, 1, "run"), 30, 30.0)


def test_every_device_is_heard_soon_and_then_by_its_interval(quiet):
    for one in QUIET:
        times = [at for at, _ in quiet[one["code"]]]
        assert 0 <= times[0] <= min(FIRST_WITHIN_S, interval(one)) + 30
        gaps = [later - first for first, later in zip(times, times[1:], strict=False)]
        assert gaps
        assert max(gaps) <= interval(one) + 1


def test_who_speaks_once_a_day_is_spread_over_the_day(quiet):
    seconds = [quiet[f"smoke{n}"][1][0] for n in range(30)]
    assert len([s for s in seconds if s < 43_200]) in range(8, 23)


def test_a_device_that_has_an_interval_of_its_own_keeps_it():
    one = {**device("S1", "smoke"), "expected_interval_s": 120}
    times = [at for at, _ in said(Traffic([one], 1, "run"), 1)["S1"]]
    assert len(times) >= 28


def test_values_of_a_quiet_day_are_plausible_and_no_rule_makes_an_alarm_of_them(quiet):
    seen = Counter()
    for values in (values for found in quiet.values() for _, values in found):
        for name, value in values.items():
            if isinstance(value, bool):
                assert value is (name == "online"), name
            elif isinstance(value, str):
                assert (name, value) in {("door", "open"), ("door", "closed")}
            else:
                low, high = RANGES[name]
                assert low <= value <= high, (name, value)
            seen[name] += 1
    assert set(RANGES) <= set(seen)


def test_batteries_fall_slowly(quiet):
    for n in range(30):
        first, last = quiet[f"manhole{n}"][0][1]["battery"], quiet[f"manhole{n}"][-1][1]["battery"]
        assert 0 <= first - last < 0.2 or last > 99


def test_a_city_of_six_thousand_says_little_enough_for_one_post_a_second():
    kinds = {"smoke": 1700, "access_control": 1400, "gas": 800, "elevator": 720, "manhole": 620, "water_meter": 510,
             "camera": 250}
    traffic = Traffic([device(f"{kind}{n}", kind) for kind, count in kinds.items() for n in range(count)], 1, "run")
    per_second = [len(traffic.measured(NOW + timedelta(seconds=second))) for second in range(1200)]
    assert max(per_second) < 60
    assert sum(per_second[700:]) / 500 < 15


def test_gas_rises_on_the_floors_of_a_leak_passes_the_threshold_and_falls_again():
    tower = [one for one in DEVICES if one["building_code"] == "B1"]
    traffic = Traffic(tower, 3, "run", surprises=False, through="readings")
    assert traffic.begin("gas-flood", NOW) > 10
    found = said(traffic, 0.5)
    leaking = {code: [values["gas"] for _, values in those] for code, those in found.items()
               if code.startswith("GAS") and max(values["gas"] for _, values in those) > 3}
    assert len(leaking) > 10
    for levels in leaking.values():
        assert max(levels) > 5
        assert levels[-1] < 3
        assert levels.index(max(levels)) > 0, "it rises"
    smoked = [those for code, those in found.items() if code.startswith("SMK") and any(v["smoke"] for _, v in those)]
    assert all(not those[-1][1]["smoke"] for those in smoked)


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_a_scenario_through_readings_sends_no_alarm_and_befalls_as_many(name):
    by_readings = Traffic(DEVICES, 3, "run", surprises=False, through="readings")
    by_alarms = Traffic(DEVICES, 3, "run", surprises=False)
    assert by_readings.begin(name, NOW) == by_alarms.begin(name, NOW) > 0
    until = NOW + timedelta(hours=3)
    assert by_readings.due(until) == []
    assert by_alarms.due(until) != []


def test_a_lift_says_that_people_are_trapped_until_they_are_not():
    traffic = Traffic(DEVICES, 3, "run", surprises=False, through="readings")
    traffic.begin("elevator", NOW)
    trapped = [those for code, those in said(traffic, 1).items() if code.startswith("ELV")
               and any(values["trapped"] for _, values in those)]
    assert len(trapped) == 1
    times = [at for at, values in trapped[0] if values["trapped"]]
    assert times[0] <= 1
    assert 850 < times[-1] < 1510
    assert not trapped[0][-1][1]["trapped"]


@pytest.mark.parametrize("through", ["alarms", "readings"])
def test_devices_of_a_lost_grid_are_silent_and_come_back(through):
    traffic = Traffic(DEVICES, 3, "run", surprises=False, through=through)
    lost = scenarios.troubles("device-loss", DEVICES, Traffic(DEVICES, 3, "run")._rng)
    assert traffic.begin("device-loss", NOW) == len(lost)
    found = said(traffic, 1)
    for trouble in lost:
        begins, ends = trouble.begins_s, trouble.begins_s + trouble.lasts_s
        times = [at for at, _ in found[trouble.device["code"]]]
        assert not [at for at in times if begins <= at < ends]
        assert [at for at in times if ends <= at <= ends + 6]


def test_after_a_sleep_nobody_hears_what_was_said_meanwhile():
    readings = Readings([device("C1", "camera")], 1, "s")
    readings.due(NOW)
    found = readings.due(NOW + timedelta(hours=9))
    assert len(found) <= 2
    assert all(datetime.fromisoformat(one["at"]) >= NOW + timedelta(hours=8, minutes=59) for one in found)


def test_the_same_seed_says_the_same():
    assert said(Traffic(QUIET, 5, "run"), 1, 60) == said(Traffic(QUIET, 5, "run"), 1, 60)
    assert said(Traffic(QUIET, 5, "run"), 1, 60) != said(Traffic(QUIET, 6, "run"), 1, 60)
