"""Devices hang where they belong; facilities stand along the streets."""

import re
from collections import Counter

import numpy as np
import pytest
import shapely

from sample_gis.devices import ELEVATOR_FROM, KINDS
from sample_gis.facilities import CLASSES


@pytest.fixture(scope="module")
def devices(city):
    return city.layers["devices"]


def test_there_are_devices_of_every_kind_with_unique_codes(devices):
    count = Counter(devices["kind"])
    assert set(count) == set(KINDS)
    assert all(number > 100 for number in count.values())
    assert len(set(devices["code"])) == len(devices)


def test_every_unit_of_a_high_building_has_an_elevator_and_no_other(city, devices):
    buildings, units = city.layers["buildings"], city.layers["units"]
    high = set(buildings["code"][buildings["floors_above"] >= ELEVATOR_FROM])
    wanted = {(b, n) for b, n in zip(units["building_code"], units["number"], strict=True) if b in high}
    lifts = devices["kind"] == "elevator"
    assert set(zip(devices["building_code"][lifts], devices["unit_number"][lifts], strict=True)) == wanted


def test_devices_of_a_building_are_inside_it_and_below_its_roof(city, metres, devices):
    buildings = city.layers["buildings"]
    row = {code: i for i, code in enumerate(buildings["code"])}
    here = np.array([code is not None for code in devices["building_code"]])
    building = np.array([row[code] for code in devices["building_code"][here]])
    # Entrance controls hang on the wall.
    assert shapely.distance(metres["devices"][here], metres["buildings"][building]).max() < 0.5
    assert (devices["z_m"][here] < buildings["height_m"][building]).all()
    assert (devices["z_m"][here] > 0).all()


def test_rooms_with_devices_exist_on_the_floor_that_is_given(city, devices):
    rooms = city.layers["rooms"]
    keys = zip(rooms["building_code"], rooms["unit_number"], rooms["number"], strict=True)
    floor = dict(zip(keys, rooms["floor"], strict=True))
    for kind in ("smoke", "gas", "water_meter"):
        here = devices["kind"] == kind
        keys = zip(*(devices[column][here] for column in ("building_code", "unit_number", "room_number")), strict=True)
        assert [floor[key] for key in keys] == list(devices["floor"][here])


def test_only_cameras_have_streams_and_these_lead_nowhere(devices):
    cameras = devices["kind"] == "camera"
    assert all(re.fullmatch(r"rtsp://cam\d{5}\.shapan\.invalid/live", url) for url in devices["stream_url"][cameras])
    assert set(devices["stream_url"][~cameras]) == {None}


def test_outdoor_devices_have_no_floor(devices):
    outdoor = np.isin(devices["kind"], ("camera", "manhole"))
    assert np.ma.getmaskarray(devices["floor"])[outdoor].all()
    assert not np.ma.getmaskarray(devices["floor"])[~outdoor].any()


def test_facilities_are_coded_by_county_class_and_serial(city):
    facilities = city.layers["facilities"]
    assert len(set(facilities["code"])) == len(facilities) > 3_000
    assert all(re.fullmatch(r"999001\d{10}", code) for code in facilities["code"])
    assert [code[6:10] for code in facilities["code"]] == list(facilities["class_code"])
    assert set(facilities["class_code"]) == set(CLASSES)
    assert set(facilities["state"]) == {"normal", "damaged", "missing"}


def test_facilities_are_points_lines_and_areas(metres):
    assert set(shapely.get_type_id(metres["facilities"])) == {0, 1, 3}


def test_lamps_stand_beside_the_carriageway_and_manholes_in_it(city, metres):
    kind = city.layers["facilities"]["class_code"]
    lamps, covers = metres["facilities"][kind == "0118"], metres["facilities"][kind == "0102"]
    assert not shapely.intersects(city.network.carriageways, lamps).any()
    assert shapely.intersects(city.network.carriageways, covers).mean() > 0.98


def test_each_grid_has_one_keeper_who_stays_in_it(city, metres):
    keepers, tracks = city.layers["keepers"], city.layers["keeper_tracks"]
    assert sorted(keepers["grid_code"]) == sorted(city.layers["grids"]["code"])
    grid = {code: i for i, code in enumerate(city.layers["grids"]["code"])}
    keeper = {code: grid[g] for code, g in zip(keepers["code"], keepers["grid_code"], strict=True)}
    home = metres["grids"][[keeper[code] for code in tracks["keeper_code"]]]
    assert shapely.distance(metres["keeper_tracks"], home).max() < 40
    assert (shapely.distance(metres["keeper_tracks"], home) == 0).mean() > 0.95


def test_keepers_walk_at_the_pace_of_a_walker(city, metres):
    tracks = city.layers["keeper_tracks"]
    first = tracks["keeper_code"] == tracks["keeper_code"][0]
    xy = shapely.get_coordinates(metres["keeper_tracks"][first])
    speed = np.hypot(*np.diff(xy, axis=0).T) / 120
    assert 0.2 < np.median(speed) < 1.5
    assert speed.max() < 2
