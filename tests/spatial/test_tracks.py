"""Tracks of keepers: lengths, stops, gaps, what is believed. Compared with PROJ's geodesics and shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from spatial.rules import ellipsoid, tracks
from spatial.rules.coverage import covered
from spatial.rules.tracks import Track

GEOD = Geod(a=ellipsoid.SEMI_MAJOR_M, f=ellipsoid.FLATTENING)
START = 1_793_500_000.0
LON, LAT = 117.0, 31.0

degrees = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


@given(degrees, st.floats(0, 360), st.floats(0, 10_000))
def test_a_length_is_that_of_the_geodesic(place, azimuth: float, far: float) -> None:
    lon, lat, _ = GEOD.fwd(*place, azimuth, far)
    assert float(ellipsoid.metres(*place, lon, lat)) == pytest.approx(far, rel=1e-5, abs=1e-3)


def walked(legs: list[tuple[float, float]], pace: float, every: float, noise: float, seed: int) -> Track:
    """Return the positions of a walk along legs (azimuth in degrees, metres), some metres off."""
    rng = np.random.default_rng(seed)
    lon, lat, places = LON, LAT, []
    for azimuth, far in legs:
        steps = max(1, round(far / (pace * every)))
        places += [GEOD.fwd(lon, lat, azimuth, far * n / steps)[:2] for n in range(steps)]
        lon, lat, _ = GEOD.fwd(lon, lat, azimuth, far)
    places.append((lon, lat))
    off = [GEOD.fwd(*place, rng.uniform(0, 360), noise * np.sqrt(rng.uniform()))[:2] for place in places]
    return Track(*np.array(off).T, START + every * np.arange(len(off)))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 360), st.floats(80, 400)), min_size=1, max_size=8), st.floats(0.8, 3),
       st.integers(2, 15), st.integers(0, 10**6))
def test_a_walk_is_as_long_as_its_legs_however_often_it_is_reported(legs, pace, every, seed) -> None:
    # A turn back along the way just walked is cut where it is sharper than the errors.
    legs = [(sum(turn % 90 for turn, _ in legs[:n + 1]), far) for n, (_, far) in enumerate(legs)]
    walk = tracks.walk(walked(legs, pace, every, 4.0, seed))
    assert walk.believed.all()
    assert walk.metres == pytest.approx(sum(far for _, far in legs), rel=0.06, abs=25)


@settings(max_examples=15)
@given(st.floats(0, 8), st.integers(1, 120), st.integers(0, 10**6))
def test_who_stands_still_walks_nothing(noise: float, every: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    east, north = rng.normal(0, noise, (2, 2000)).clip(-25, 25)
    track = Track(LON + east / 95_500, LAT + north / 110_870, START + every * np.arange(2000))
    walk = tracks.walk(track)
    assert walk.metres <= 30
    assert sum(stop.end - stop.begin for stop in walk.stops) >= 0.9 * every * 1999


def test_a_jump_to_another_town_is_not_believed_and_not_walked() -> None:
    track = walked([(90, 600)], 1.2, 10, 0, 0)
    lon = track.lon.copy()
    lon[[10, 20]] += 1.5
    walk = tracks.walk(Track(lon, track.lat, track.at))
    assert np.flatnonzero(~walk.believed).tolist() == [10, 20]
    assert walk.metres == pytest.approx(600, rel=0.01)


def test_who_is_elsewhere_and_stays_there_is_believed_and_the_way_is_not_walked() -> None:
    track = walked([(90, 600)], 1.2, 10, 0, 0)
    lon = track.lon.copy()
    lon[25:] += 1.5
    walk = tracks.walk(Track(lon, track.lat, track.at))
    assert walk.believed.all()
    assert len(walk.pieces) == 2
    assert walk.metres == pytest.approx(588, rel=0.01)


def test_a_first_position_far_from_all_others_is_the_doubtful_one() -> None:
    track = walked([(90, 600)], 1.2, 10, 0, 0)
    lon = track.lon.copy()
    lon[0] = 0.0
    assert np.flatnonzero(~tracks.believed(Track(lon, track.lat, track.at))).tolist() == [0]


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85), st.floats(0.001, 10_000)), max_size=30))
def test_any_positions_make_a_track(rows) -> None:
    track = Track(*np.array([(lon, lat) for lon, lat, _ in rows], float).reshape(-1, 2).T,
                  START + np.cumsum([pause for *_, pause in rows]))
    walk = tracks.walk(track)
    assert len(walk.believed) == len(rows)
    assert 0 <= walk.metres < np.inf
    assert sum(len(piece) for piece in walk.pieces) <= walk.believed.sum()
    share = covered(shapely.box(116.9, 30.9, 117.1, 31.1), [], walk.pieces).share
    assert 0 <= share <= 1


def test_a_gap_is_told_and_nothing_is_walked_in_it() -> None:
    first, second = walked([(90, 300)], 1.2, 10, 0, 0), walked([(90, 300)], 1.2, 10, 0, 0)
    both = Track(np.append(first.lon, second.lon + 0.01), np.append(first.lat, second.lat),
                 np.append(first.at, second.at + 3600))
    walk = tracks.walk(both)
    assert [(gap.begin, gap.end) for gap in walk.gaps] == [(first.at[-1], second.at[0] + 3600)]
    assert walk.gaps[0].metres == pytest.approx(GEOD.inv(first.lon[-1], LAT, LON + 0.01, LAT)[2], rel=1e-4)
    assert walk.metres == pytest.approx(600, rel=0.01)


def test_a_drawn_track_has_few_vertices_each_with_its_time() -> None:
    track = walked([(90, 9000), (0, 9000), (200, 5000)], 1.0, 2, 3, 1)
    line = tracks.drawn(track, 500)
    assert 3 <= len(line) <= 500
    index = np.searchsorted(track.at, line.at)
    assert (track.at[index] == line.at).all()
    assert (track.lon[index] == line.lon).all()
    assert tracks.drawn(line, 500) is line or len(tracks.drawn(line, 500)) == len(line)


@settings(max_examples=25)
@given(st.floats(100, 800), st.floats(5, 60), st.floats(-60, 60))
def test_a_straight_walk_through_a_square_grid_covers_a_band(side: float, buffer_m: float, latitude: float) -> None:
    north, east = (float(radius) for radius in ellipsoid.radii(latitude))
    wide, high = np.degrees(side / east), np.degrees(side / north)
    grid = shapely.box(LON, latitude - high / 2, LON + wide, latitude + high / 2)
    # Far out on both sides, so that its round ends lie outside.
    line = Track(np.array([LON - wide, LON + 2 * wide]), np.array([latitude, latitude]), np.array([START, START + 300]))
    by = [shapely.box(LON + wide / 2, latitude + up, LON + wide / 2 + wide / 50, latitude + up + high / 100)
          for up in (np.degrees((buffer_m - 1) / north), np.degrees((buffer_m + 1) / north))]
    found = covered(grid, by, [line], buffer_m)
    assert found.share == pytest.approx(min(1, 2 * buffer_m / side), rel=1e-3)
    assert (found.passed, found.buildings) == (1, 2)


def test_a_round_walked_all_day_covers_what_one_round_covers() -> None:
    # GEOS took gigabytes and minutes for such a line in one piece.
    legs = [(0, 120), (90, 120), (180, 120), (270, 120)]
    once, often = (walked(legs * rounds, 1.0, 5, noise, 3) for rounds, noise in ((1, 0), (60, 6)))
    grid = shapely.box(LON - 0.002, LAT - 0.002, LON + 0.004, LAT + 0.004)
    shares = [covered(grid, [], [track]).share for track in (once, often)]
    assert len(often) > 5000
    assert shares[0] == pytest.approx((180**2 - (4 - np.pi) * 30**2 - 60**2) / area_of(grid), rel=0.01)
    assert shares[0] <= shares[1] <= 1.35 * shares[0]


def area_of(shape: shapely.Geometry) -> float:
    return abs(GEOD.geometry_area_perimeter(shape)[0])


def test_nothing_walked_covers_nothing() -> None:
    grid = shapely.box(117.0, 31.0, 117.01, 31.01)
    assert vars(covered(grid, [grid], [])) == {"share": 0.0, "passed": 0, "buildings": 1}
