"""The local frame is exact at its centre and as exact at its edge as it says."""

import numpy as np
import pytest
from pyproj import Geod

from sample_gis import frame

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)


@pytest.mark.parametrize("east", [-2600, 0, 1700])
@pytest.mark.parametrize("north", [-2600, 900, 2600])
def test_a_distance_of_a_hundred_metres_is_right_within_three_centimetres(east, north):
    for step in ((100, 0), (0, 100), (70.71, 70.71)):
        (lon0, lat0), (lon1, lat1) = frame.to_degrees(np.array([(east, north), np.add((east, north), step)]))
        _, _, length = CGCS2000.inv(lon0, lat0, lon1, lat1)
        assert length == pytest.approx(100, rel=3e-4)


def test_the_city_is_as_wide_on_the_ellipsoid_as_on_paper():
    (lon0, lat0), (lon1, lat1) = frame.to_degrees(np.array([(-1800.0, 1300.0), (1800.0, 1300.0)]))
    _, _, length = CGCS2000.inv(lon0, lat0, lon1, lat1)
    assert length == pytest.approx(3600, abs=0.7)


def test_there_and_back_is_within_a_millimetre():
    metres = np.random.default_rng(1).uniform(-2600, 2600, (1000, 2))
    assert np.abs(frame.to_metres(frame.to_degrees(metres)) - metres).max() < 0.001


def test_the_origin_is_the_centre():
    assert tuple(frame.to_degrees(np.zeros((1, 2)))[0]) == frame.CENTRE
