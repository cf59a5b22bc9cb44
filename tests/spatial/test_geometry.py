"""Places on the lattice are whole numbers: they come back as they went, and areas add up without a remainder."""

from fractions import Fraction

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, Polygon

from spatial.errors import InvalidInput
from spatial.geometry import PER_DEGREE, area_m2, doubled_area, on_lattice, to_degrees, to_lattice

LON = st.integers(-180 * PER_DEGREE, 180 * PER_DEGREE)
LAT = st.integers(-90 * PER_DEGREE, 90 * PER_DEGREE)


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=30))
def test_every_place_of_the_lattice_comes_back_from_degrees_bit_by_bit(places) -> None:
    points = shapely.MultiPoint(places)
    assert to_lattice(to_degrees(points)).wkb == points.wkb


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_a_place_moves_by_half_a_step_at_most(lon, lat) -> None:
    there = to_lattice(Point(lon, lat))
    assert on_lattice(there)
    assert max(abs(there.x - lon * PER_DEGREE), abs(there.y - lat * PER_DEGREE)) <= 0.500_01


@given(LON, LAT, st.integers(1, 2 * 10**10), st.integers(1, 2 * 10**10))
def test_areas_are_exact_from_one_unit_to_the_whole_earth(x, y, w, h) -> None:
    x, y = x % (10**10), y % (10**9)
    triangle = Polygon([(x, y), (x + w, y + 1), (x + 3, y + h)])
    exact = abs(Fraction(w) * h - Fraction(1) * 3)
    assert doubled_area(triangle) == exact


def test_holes_are_taken_off_and_parts_are_added() -> None:
    ring = shapely.box(0, 0, 10, 10) - shapely.box(2, 2, 4, 4)
    assert doubled_area(ring) == 2 * (100 - 4)
    assert doubled_area(shapely.union(ring, shapely.box(20, 0, 21, 1))) == 2 * (100 - 4 + 1)


def test_square_metres_agree_with_the_geodesic() -> None:
    square = shapely.box(114.05, 22.54, 114.06, 22.55)
    geodesic = abs(Geod(a=6_378_137.0, rf=298.257222101).geometry_area_perimeter(square)[0])
    assert area_m2(to_lattice(square)) == pytest.approx(geodesic, rel=1e-5)


def test_polygons_come_out_counter_clockwise_and_valid_even_where_rounding_folds_them() -> None:
    spike = Polygon(
        [
            (0, 0),
            (0, 1e-3),
            (1e-3, 1e-3),
            (0.5e-3, 1e-3 + 2e-9),
            (0.5e-3, 1e-3 + 1e-3),
            (0.5e-3 + 1e-9, 1e-3 - 2e-9),
            (1e-3, 0),
        ]
    )
    shape = to_lattice(spike)
    assert shape.is_valid
    assert on_lattice(shape)
    assert to_lattice(Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])).exterior.is_ccw
    assert to_lattice(shapely.box(1, 1, 1 + 1e-9, 2)).is_empty


@pytest.mark.parametrize("place", [(float("nan"), 1), (181, 1), (31, 120)])
def test_what_is_no_place_on_earth_is_refused(place) -> None:
    with pytest.raises(InvalidInput, match="longitude"):
        to_lattice(Point(place))
