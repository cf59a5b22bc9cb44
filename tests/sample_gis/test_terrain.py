"""The land falls to the river and rises to the hill, and the image shows the city."""

import numpy as np
import pytest
import shapely

from sample_gis import chance, frame, image, terrain


@pytest.fixture(scope="module")
def window(city):
    return terrain.Raster.over(city.division.street.bounds, 10.0)


@pytest.fixture(scope="module")
def heights(city, window):
    return terrain.elevation(city.network, window, chance.stream(7, "terrain"))


def cover(window, geometry):
    x, y = window.centres()
    shapely.prepare(geometry)
    return shapely.contains_xy(geometry, *np.meshgrid(x, y))


def test_the_river_is_the_lowest_and_the_hill_the_highest(city, window, heights):
    river = heights[cover(window, city.network.river)]
    hill = heights[cover(window, next(site.geom for site in city.built.sites if site.use == "hill"))]
    assert river.mean() < 12
    assert np.median(heights) > river.max() - 3
    assert hill.max() == pytest.approx(heights.max())
    assert 30 < hill.max() - np.median(heights) < 70


def test_slopes_are_gentle_where_people_live(city, window, heights):
    dy, dx = np.gradient(heights, window.pixel)
    homes = shapely.union_all([site.geom for site in city.built.sites if site.rooms])
    assert np.percentile(np.hypot(dx, dy)[cover(window, homes)], 99) < 0.08


def test_a_raster_in_degrees_is_the_raster_in_metres():
    window = terrain.Raster.over((-500.0, -300.0, 500.0, 300.0), 5.0)
    corner = frame.to_metres(np.array([window.degrees @ (window.width, window.height)]))[0]
    assert corner == pytest.approx((500, -300), abs=1e-6)


def test_resampling_returns_a_plane_unchanged():
    source = terrain.Raster.over((0, 0, 100, 100), 5.0)
    target = terrain.Raster.over((20, 20, 80, 80), 2.0)
    x, y = source.centres()
    plane = (2 * x[None] - 3 * y[:, None]).astype("float32")
    tx, ty = target.centres()
    assert terrain.resample(plane, source, target) == pytest.approx(2 * tx[None] - 3 * ty[:, None], abs=1e-3)


def test_water_is_painted_blue_parks_green_and_tracks_red(city, window, heights):
    picture = image.paint(city, window, heights, chance.stream(7, "image")).astype(int)

    def colour(geometry):
        return picture[:, cover(window, geometry)].mean(axis=1)

    red, green, blue = colour(city.network.lake.buffer(-20))
    assert blue > green > red
    red, green, blue = colour(next(site.geom for site in city.built.sites if site.use == "hill"))
    assert green > red > blue
    tracks = [s.geom for s in city.built.surfaces if s.kind == "track"]
    pitches = [s.geom for s in city.built.surfaces if s.kind == "pitch"]
    red, green, blue = colour(shapely.union_all(tracks).difference(shapely.union_all(pitches).buffer(2)))
    assert red > green > blue
