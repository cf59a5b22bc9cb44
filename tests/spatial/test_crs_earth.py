"""From the centre of the Earth, and back to a source's own system."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import crs, crs_earth


def test_corners_of_the_ellipsoid_lie_where_geometry_puts_them():
    # Semi-axes of WGS 84.
    points = np.array([[6_378_137.0, 0, 0], [0, 6_378_137.0, 0], [0, -6_378_237.0, 0], [0, 0, 6_356_752.3142]])
    found = crs_earth.from_centre(points)
    assert found[:3] == pytest.approx(np.array([[0, 0, 0], [90, 0, 0], [-90, 0, 100]]), abs=1e-4)
    assert found[3, 1:] == pytest.approx([90, 0], abs=1e-3)


# IOGP Publication 373-7-2, examples of EPSG methods 9602 (geographic/geocentric) and 9836 (geocentric/topocentric).
IOGP_PLACE = [2 + 7 / 60 + 46.380 / 3600, 53 + 48 / 60 + 33.820 / 3600, 73.0]
IOGP_CENTRIC = [3_771_793.968, 140_253.342, 5_124_304.349]


def test_a_place_has_the_geocentric_coordinates_of_the_published_example():
    assert crs_earth.to_centre(np.array([IOGP_PLACE]))[0] == pytest.approx(IOGP_CENTRIC, abs=1e-3)


def test_the_frame_of_a_place_is_that_of_the_published_example():
    frame = crs_earth.east_north_up(5, 55, 200)
    assert frame[:3, 3] == pytest.approx([3_652_755.3058, 319_574.6799, 5_201_547.3536], abs=1e-3)
    assert frame @ [-189_013.869, -128_642.040, -4_220.171, 1] == pytest.approx([*IOGP_CENTRIC, 1], abs=1e-3)


@given(longitude=st.floats(-180, 180), latitude=st.floats(-89, 89), height=st.floats(-500, 9000))
def test_the_frame_of_a_place_stands_upright_on_it(longitude, latitude, height):
    frame = crs_earth.east_north_up(longitude, latitude, height)
    assert frame[:3, :3].T @ frame[:3, :3] == pytest.approx(np.eye(3), abs=1e-12)
    above = crs_earth.from_centre((frame @ [0, 0, 100, 1])[None, :3])[0]
    assert abs((above[0] - longitude + 180) % 360 - 180) < 1e-9
    assert above[1:] == pytest.approx([latitude, height + 100], abs=1e-6)


@given(longitude=st.floats(113.0, 115.0), latitude=st.floats(22.2, 22.5),
       label=st.sampled_from(["EPSG:4547", "EPSG:2326", "EPSG:32650", "EPSG:4490", "EPSG:4326"]))
def test_the_way_back_ends_where_the_way_began(longitude, latitude, label):
    route = crs.route(crs.reference(label))
    point = np.array([[longitude, latitude]])
    assert route.transform(crs_earth.back(route, point)) == pytest.approx(point, abs=1e-8)
