"""What the simulator says is plausible, has ids, clears again and depends on the seed alone."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from sample_gis.traffic import ALARM_KINDS, Traffic

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def devices(city, metres):
    layer = city.layers["devices"]
    grid = np.full(len(layer), "000000000000000", dtype=object)
    device, cell = shapely.STRtree(metres["grids"]).query(metres["devices"], predicate="intersects")
    grid[device] = city.layers["grids"]["code"][cell]
    return [
        {"code": code, "kind": kind, "name": name, "lon": point.x, "lat": point.y, "grid_code": where}
        for code, kind, name, point, where in zip(
            layer["code"], layer["kind"], layer["name"], layer.geometry, grid, strict=True)
    ]


def talk(traffic, minutes, per_minute=60):
    alarms, events, now = [], [], NOW
    for _ in range(minutes * per_minute):
        now += timedelta(seconds=60 / per_minute)
        more, others = traffic.happening(now)
        alarms += traffic.due(now) + more
        events += others
    return alarms, events


def test_alarms_fit_the_kind_of_their_device(devices):
    kind = {device["code"]: device["kind"] for device in devices}
    allowed = {(k.device, k.type, k.severity) for k in ALARM_KINDS}
    alarms, _ = talk(Traffic(devices, 1, "run"), 30)
    assert {(kind[a["device"]], a["type"], a["severity"]) for a in alarms} == allowed


def test_ids_are_never_used_twice_nor_by_another_run(devices):
    alarms, events = talk(Traffic(devices, 1, "one"), 30)
    others, _ = talk(Traffic(devices, 1, "two"), 30)
    ids = [alarm["event_id"] for alarm in alarms + others]
    assert len(set(ids)) == len(ids)
    assert len({event["code"] for event in events}) == len(events)


def test_most_alarms_clear_again_for_the_same_device_and_type(devices):
    alarms, _ = talk(Traffic(devices, 1, "run"), 240, 10)
    raised = Counter((a["device"], a["type"]) for a in alarms if not a.get("cleared"))
    cleared = Counter((a["device"], a["type"]) for a in alarms if a.get("cleared"))
    assert cleared <= raised
    assert 0.6 < cleared.total() / raised.total() < 0.98


def test_small_matters_outnumber_critical_ones(devices):
    alarms, events = talk(Traffic(devices, 1, "run"), 60)
    severity = Counter(a["severity"] for a in alarms if not a.get("cleared"))
    assert 0 < severity["critical"] < 0.2 * severity.total()
    assert len(events) > 0.3 * severity.total()


def test_the_same_seed_says_the_same(devices):
    assert talk(Traffic(devices, 5, "run"), 5) == talk(Traffic(devices, 5, "run"), 5)
    assert talk(Traffic(devices, 5, "run"), 5) != talk(Traffic(devices, 6, "run"), 5)


def test_every_keeper_of_the_city_walks_and_stays_in_the_grid(city, metres, devices):
    traffic = Traffic(devices, 1, "run")
    for step in range(40):
        positions = traffic.walk(NOW + timedelta(seconds=15 * step), 15.0)
    assert {position["keeper"] for position in positions} <= set(city.layers["keepers"]["code"])
    assert len(positions) == len(city.layers["keepers"])
    grid = {code: i for i, code in enumerate(city.layers["grids"]["code"])}
    home = dict(zip(city.layers["keepers"]["code"], city.layers["keepers"]["grid_code"], strict=True))
    for position in positions:
        shape = city.layers["grids"].geometry[grid[home[position["keeper"]]]]
        assert shape.convex_hull.buffer(1e-6).contains(shapely.Point(position["lon"], position["lat"]))


def test_keepers_walk_no_faster_than_people(devices):
    traffic = Traffic(devices, 1, "run")
    before = {p["keeper"]: (p["lon"], p["lat"]) for p in traffic.walk(NOW, 0.0)}
    for position in traffic.walk(NOW, 10.0):
        lon, lat = before[position["keeper"]]
        assert np.hypot((position["lon"] - lon) * 94_600, (position["lat"] - lat) * 111_200) < 12


def test_without_devices_nothing_is_said():
    assert talk(Traffic([], 1, "run"), 1) == ([], [])
    assert Traffic([], 1, "run").walk(NOW, 5) == []
