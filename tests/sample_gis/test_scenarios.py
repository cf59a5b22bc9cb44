"""Scenarios befall the right devices, from a first one on, and end again."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sample_gis import scenarios
from sample_gis.traffic import Traffic

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def device(code, kind, building=None, floor=None, grid="999001001001001"):
    return {"code": code, "kind": kind, "name": code, "lon": 117.28, "lat": 31.86, "building_code": building,
            "floor": floor, "grid_code": grid}


DEVICES = [
    *(device(f"GAS{floor:02d}", "gas", "B1", floor) for floor in range(1, 19)),
    *(device(f"SMK{floor:02d}", "smoke", "B1", floor) for floor in range(1, 19)),
    device("GAS90", "gas", "B2", 3), device("SMK90", "smoke", "B3", 3),
    *(device(f"ELV{n}", "elevator", "B1") for n in range(2)),
    *(device(f"CAM{n}", "camera", grid=f"9990010010010{n % 3 + 1:02d}") for n in range(12)),
    *(device(f"ACS{n}", "access_control", grid=f"9990010010010{n % 3 + 1:02d}") for n in range(12)),
    *(device(f"MAN{n}", "manhole") for n in range(30)),
    *(device(f"WTR{n}", "water_meter", "B1", n) for n in range(1, 10)),
]


def troubles(name, seed=1, devices=DEVICES):
    return scenarios.troubles(name, devices, np.random.default_rng(seed))


@pytest.mark.parametrize("name", scenarios.NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_a_scenario_begins_at_once_befalls_each_device_and_type_once_and_comes_in_order(name, seed):
    found = troubles(name, seed)
    assert found
    assert [t.begins_s for t in found] == sorted(t.begins_s for t in found)
    assert 0 <= found[0].begins_s < 120
    assert max(Counter((t.device["code"], t.type) for t in found).values()) == 1
    assert all(t.lasts_s is None or t.lasts_s > 0 for t in found)


@pytest.mark.parametrize("seed", range(5))
def test_a_gas_flood_stays_in_one_building_and_reaches_its_neighbours_after_its_source(seed):
    found = [t for t in troubles("gas-flood", seed) if t.type == "gas"]
    assert len({t.device["building_code"] for t in found}) == 1
    assert found[0].begins_s == 0
    if len(found) > 2:
        away = [abs(t.device["floor"] - found[0].device["floor"]) for t in found]
        assert np.corrcoef(away, [t.begins_s for t in found])[0, 1] > 0.8


@pytest.mark.parametrize("seed", range(10))
def test_a_gas_flood_of_the_sample_city_is_a_flood_within_three_minutes(city, seed):
    columns = city.layers["devices"].columns
    devices = [device(code, kind, building, None if floor is np.ma.masked else int(floor))
               for code, kind, building, floor in zip(
                   *(columns[name] for name in ("code", "kind", "building_code", "floor")), strict=True)]
    assert len([t for t in troubles("gas-flood", seed, devices) if t.begins_s < 180]) > 10


def test_lost_devices_are_those_of_one_grid_and_are_silent():
    found = troubles("device-loss")
    assert len({t.device["grid_code"] for t in found}) == 1
    assert len(found) == 8
    assert all(t.silent for t in found)


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_where_no_device_fits_nothing_happens(name):
    assert troubles(name, devices=[device("X1", "heat_meter")]) == []


@pytest.mark.parametrize("name", scenarios.NAMES)
def test_what_a_scenario_says_is_raised_first_and_cleared_later(name):
    traffic = Traffic(DEVICES, 3, "run", surprises=False)
    befallen = traffic.begin(name, NOW)
    said = [(second, message) for second in range(0, 6000, 5)
            for message in traffic.due(NOW + timedelta(seconds=second))]
    raised = {m["event_id"]: second for second, m in said if not m.get("cleared")}
    cleared = {m["event_id"].removesuffix("-clear"): second for second, m in said if m.get("cleared")}
    assert befallen == len({m["device"] for _, m in said})
    assert set(cleared) == set(raised)
    assert all(raised[number] < cleared[number] for number in raised)
    assert all(m["occurred_at"] == (NOW + timedelta(seconds=second)).isoformat() for second, m in said)


def test_surprises_happen_by_themselves_unless_they_are_not_wanted():
    def alarms(surprises):
        traffic, found = Traffic(DEVICES, 1, "run", surprises=surprises), 0
        for minute in range(3000):
            traffic.happening(NOW + timedelta(minutes=minute))
            found += sum(1 for m in traffic.due(NOW + timedelta(minutes=minute)) if not m.get("cleared"))
        return found
    assert alarms(surprises=False) == 0
    assert alarms(surprises=True) > 10
