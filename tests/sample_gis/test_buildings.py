"""Houses stand on land, beside each other, and look like houses."""

import numpy as np
import pytest
import shapely

from sample_gis.city import make_city
from sample_gis.clock import DEFAULT_UNTIL, Clock
from sample_gis.devices import ELEVATOR_FROM


def test_there_are_about_fifteen_hundred_buildings_of_every_use(city):
    buildings = city.layers["buildings"]
    assert 1_400 <= len(buildings) <= 1_700
    uses = dict(zip(*np.unique(buildings["use"].astype(str), return_counts=True), strict=True))
    assert set(uses) == {"residential", "commercial", "office", "school", "hospital", "market", "industrial", "public",
                         "other"}
    assert uses["residential"] > 800


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_other_seeds_keep_the_numbers_in_range(seed):
    city = make_city(seed, Clock.at(DEFAULT_UNTIL))
    assert 1_400 <= len(city.layers["buildings"]) <= 1_700
    assert 48_500 <= len(city.layers["residents"]) <= 51_500
    first, second = overlaps(city.layers["buildings"].geometry)
    assert len(first) == len(second) == 0


def overlaps(geometries):
    first, second = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    return first[first < second], second[first < second]


def test_no_two_footprints_touch(metres):
    first, _ = overlaps(metres["buildings"])
    assert len(first) == 0


def test_footprints_are_valid_and_not_slivers(metres):
    assert shapely.is_valid(metres["buildings"]).all()
    assert shapely.area(metres["buildings"]).min() > 15
    assert shapely.area(metres["buildings"]).max() < 15_000


def test_no_building_stands_on_a_road(city, metres):
    roads = city.layers["roads"]
    streets = roads["class"] != "path"
    surface = shapely.buffer(metres["roads"][streets], roads["width_m"][streets] / 2)
    hit, _ = shapely.STRtree(surface).query(metres["buildings"], predicate="intersects")
    assert list(city.layers["buildings"]["name"][hit]) == []


def test_no_building_stands_in_water(city, metres):
    hit, _ = shapely.STRtree(metres["water"]).query(metres["buildings"], predicate="intersects")
    assert list(city.layers["buildings"]["name"][hit]) == []


def test_many_footprints_are_no_rectangles(metres):
    corners = np.array([len(shapely.get_coordinates(g)) - 1 for g in metres["buildings"]])
    assert (corners > 4).mean() > 0.3


def test_slabs_face_south(city):
    for draft in city.built.drafts:
        if draft.kind == "slab":
            x, y = shapely.get_coordinates(draft.geom.minimum_rotated_rectangle)[:3].T
            edges = np.column_stack([np.diff(x), np.diff(y)])
            long = edges[np.argmax(np.hypot(*edges.T))]
            # One staircase alone may be as deep as it is wide.
            if len(draft.entrances) > 1:
                assert abs(np.degrees(np.arctan2(long[1], long[0])) + 90) % 180 - 90 == pytest.approx(0, abs=21)


def test_heights_fit_the_floors(city):
    buildings = city.layers["buildings"]
    storey = buildings["height_m"] / buildings["floors_above"]
    homes = buildings["use"] == "residential"
    assert (storey[homes] > 2.8).all()
    assert (storey[homes] < 4.3).all()
    assert buildings["floors_above"][homes].max() <= 33
    assert (buildings["floors_above"] >= ELEVATOR_FROM).sum() > 80
    assert (buildings["built_year"] <= 2027).all()
    assert (buildings["built_year"] >= 1930).all()


def test_names_and_addresses_are_given_and_codes_are_unique(city):
    buildings = city.layers["buildings"]
    assert len(set(buildings["code"])) == len(buildings)
    assert all(address.startswith("沙盘街道") for address in buildings["address"])
    assert all(len(name) >= 3 for name in buildings["name"])


def test_units_stand_at_their_building_and_rooms_in_their_unit(city, metres):
    layers = city.layers
    row = {code: i for i, code in enumerate(layers["buildings"]["code"])}
    building = np.array([row[code] for code in layers["units"]["building_code"]])
    assert shapely.distance(metres["units"], metres["buildings"][building]).max() < 3
    units = set(zip(layers["units"]["building_code"], layers["units"]["number"], strict=True))
    rooms = layers["rooms"]
    assert set(zip(rooms["building_code"], rooms["unit_number"], strict=True)) <= units
    assert len(set(rooms["code"])) == len(rooms)
    floors = np.array([layers["buildings"]["floors_above"][row[code]] for code in rooms["building_code"]])
    assert (rooms["floor"] <= floors).all()
    assert (rooms["floor"] >= 1).all()


def test_green_lies_clear_of_buildings_and_water(metres):
    tree = shapely.STRtree(metres["green"])
    for layer in ("buildings", "water"):
        a, b = tree.query(metres[layer], predicate="intersects")
        shared = shapely.area(shapely.intersection(metres[layer][a], metres["green"][b]))
        if layer == "water":
            assert shared.sum() < 1
        else:
            # Houses in a park stand in its green.
            assert shared.sum() < 0.2 * shapely.area(metres[layer]).sum()
