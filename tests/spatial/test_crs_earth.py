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


@given(longitude=st.floats(113.0, 115.0), latitude=st.floats(22.2, 22.5),
       label=st.sampled_from(["EPSG:4547", "EPSG:2326", "EPSG:32650", "EPSG:4490", "EPSG:4326"]))
def test_the_way_back_ends_where_the_way_began(longitude, latitude, label):
    route = crs.route(crs.reference(label))
    point = np.array([[longitude, latitude]])
    assert route.transform(crs_earth.back(route, point)) == pytest.approx(point, abs=1e-8)
