"""Areas of warnings out of CAP's texts."""

import json
import math

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from spatial.rules import danger_areas


def drawn(text: str) -> tuple[shapely.Polygon | None, list[tuple[str, str]]]:
    faults: list[tuple[str, str]] = []
    return danger_areas.polygon("here", text, faults), faults


def test_latitude_comes_first_in_the_text_and_last_in_the_polygon() -> None:
    shape, faults = drawn("31.0,117.0 31.0,117.1 31.1,117.1 31.0,117.0")
    assert faults == []
    assert shape.bounds == (117.0, 31.0, 117.1, 31.1)


@pytest.mark.parametrize(("text", "why"), [
    ("31,117 31,117.1 31.1,117.1", "four points"),
    ("31,117 31,117.1 31.1,117.1 31.1,117", "four points"),
    ("31,117 31.1,117.1 31,117.1 31.1,117 31,117", "Self-intersection"),
    ("31,117 31,117 31,117 31,117", "Too few points"),
    ("117,31 117.1,31 117.1,31.1 117,31", "are they swapped"),
    ("31,117 31,x 31.1,117.1 31,117", "point 2 ('31,x') is not latitude,longitude"),
    ("31,1_17 31,117.1 31.1,117.1 31,1_17", "point 1"), ("31,nan 31,117.1 31.1,117.1 31,nan", "point 1"),
    ("31,181 31,182 32,182 31,181", "outside of the map"),
    ("31,117,5 31,117.1 31.1,117.1 31,117,5", "point 1"),
    (" ".join(["31,117"] * 100_000), "100,000 points"),
    ("", "four points"),
])
def test_a_text_that_is_no_polygon_is_refused_with_the_reason(text: str, why: str) -> None:
    shape, faults = drawn(text)
    assert shape is None
    assert [place for place, _ in faults] == ["here"]
    assert why in faults[0][1]


@pytest.mark.parametrize("text", ["31,117", "31,117 0", "31,117 -1", "31,117 nan", "31,117 501", "31,117 1 1",
                                  "85,117 100", "31,179.9 100", "31;117 1"])
def test_a_text_that_is_no_circle_is_refused(text: str) -> None:
    faults: list[tuple[str, str]] = []
    assert danger_areas.circle("here", text, faults) is None
    assert len(faults) >= 1


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.1, 200))
def test_a_circle_has_its_radius_in_all_directions(lat: float, lon: float, radius_km: float) -> None:
    faults: list[tuple[str, str]] = []
    shape = danger_areas.circle("here", f"{lat},{lon} {radius_km}", faults)
    assert faults == []
    for east, north in shape.exterior.coords:
        # Haversine, not the formula that made them.
        half = (math.sin(math.radians(north - lat) / 2) ** 2 + math.cos(math.radians(lat))
                * math.cos(math.radians(north)) * math.sin(math.radians(east - lon) / 2) ** 2)
        assert 2 * danger_areas.EARTH_RADIUS_KM * math.asin(math.sqrt(half)) == pytest.approx(radius_km, rel=1e-6)


@given(st.lists(st.tuples(st.floats(116, 118), st.floats(30, 32)), min_size=3, max_size=40))
def test_an_outline_is_small_and_near_the_area(points: list[tuple[float, float]]) -> None:
    hull = shapely.convex_hull(shapely.MultiPoint(points))
    assume(hull.geom_type == "Polygon" and hull.area > 1e-4)
    found = shapely.from_geojson(json.dumps(danger_areas.outline(shapely.MultiPolygon([hull]))))
    assert shapely.hausdorff_distance(found, hull) < 1e-4


def test_an_outline_of_many_corners_or_pieces_is_bounded() -> None:
    round_one = shapely.Point(117, 31).buffer(0.5, quad_segs=2000)
    pieces = shapely.MultiPolygon([shapely.box(117 + i * 0.01, 31 + j * 0.01, 117.005 + i * 0.01, 31.005 + j * 0.01)
                                   for i in range(40) for j in range(40)])
    for area in (shapely.MultiPolygon([round_one]), pieces):
        outline = danger_areas.outline(area)
        assert len(json.dumps(outline)) <= danger_areas.OUTLINE_BYTES
        found = shapely.from_geojson(json.dumps(outline))
        assert found.is_valid
        assert shapely.difference(area, found.buffer(0.02)).area == 0
