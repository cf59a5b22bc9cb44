"""An outline is cut into parts that cover it and do not overlap, whatever its shape."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from spatial.rules import slices
from spatial.rules.ellipsoid import local

REAL = "buildings/suzhou_buildings.geojson"

L_SHAPE = Polygon([(0, 0), (60, 0), (60, 12), (14, 12), (14, 40), (0, 40)])
U_SHAPE = Polygon([(0, 0), (60, 0), (60, 50), (48, 50), (48, 12), (12, 12), (12, 50), (0, 50)])
COURTYARD = shapely.difference(shapely.box(0, 0, 60, 60), shapely.box(15, 15, 45, 45))
TWO_BLOCKS = MultiPolygon([shapely.box(0, 0, 20, 12), shapely.box(40, 0, 60, 12)])
SLIVER = Polygon([(0, 0), (80, 0), (80, 0.02), (0, 0.01)])


GRID_M = 1e-7
"""The check itself is made on a grid: without one GEOS loses whole parts of a union whose edges almost coincide."""


def covers(shape, parts) -> None:
    """Check that parts fill a shape and that none overlaps another."""
    tiny = 1e-5 * max(shape.area, 1.0)
    filled = shapely.union_all(parts, grid_size=GRID_M)
    assert shapely.symmetric_difference(filled, shape, grid_size=GRID_M).area < tiny
    assert sum(part.area for part in parts) == pytest.approx(shape.area, abs=tiny)
    assert all(part.is_valid and part.geom_type in ("Polygon", "MultiPolygon") for part in parts)


@st.composite
def outlines(draw):
    """Return boxes joined, some cut out of them again, turned to any side: wings, courtyards, blocks apart."""
    numbers = st.integers(0, 40)
    boxes = [shapely.box(x, y, x + draw(st.integers(1, 40)), y + draw(st.integers(1, 40)))
             for x, y in draw(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))]
    shape = shapely.union_all(boxes)
    for x, y in draw(st.lists(st.tuples(numbers, numbers), max_size=2)):
        shape = shape - shapely.box(x + 0.3, y + 0.7, x + 6, y + 9)
    shape = shapely.affinity.rotate(shape, draw(st.floats(0, 360)), origin=(0, 0))
    assume(isinstance(shape, slices.Shape) and shape.area > 1 and shape.is_valid)
    return shape


WEIGHTS = st.lists(st.floats(0.2, 5), min_size=1, max_size=30)


@given(outlines(), WEIGHTS)
@settings(max_examples=60, deadline=None)
def test_parts_of_any_outline_cover_it(shape, weights) -> None:
    parts = slices.even(shape, weights)
    covers(shape, parts)
    assert len(parts) == len(weights)


@given(outlines(), WEIGHTS)
@settings(max_examples=60, deadline=None)
def test_parts_of_an_outline_without_wings_are_each_as_large_as_they_should_be(shape, weights) -> None:
    # Wings that a cut leaves apart take whole parts where they nearly fit: their shares are not exact.
    shape = shape.convex_hull
    shares = np.array([part.area for part in slices.even(shape, weights)]) / shape.area
    assert shares == pytest.approx(np.array(weights) / sum(weights), abs=1e-6)


@pytest.mark.parametrize("shape", [L_SHAPE, U_SHAPE, COURTYARD, TWO_BLOCKS, SLIVER], ids=str)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 60])
def test_wings_courtyards_blocks_apart_and_slivers_have_as_many_parts_as_are_asked_for(shape, count) -> None:
    parts = slices.even(shape, [1.0] * count)
    covers(shape, parts)
    assert len(parts) == count
    assert min(part.area for part in parts) > shape.area / count / 2


def test_a_slab_is_cut_across_its_long_side_from_west_to_east() -> None:
    slab = shapely.affinity.rotate(shapely.box(0, 0, 60, 12), 20, origin=(0, 0))
    parts = slices.even(slab, [1.0] * 4)
    assert all(west.centroid.x < east.centroid.x for west, east in pairwise(parts))
    for part in parts:
        sides = np.hypot(*np.diff(shapely.get_coordinates(part), axis=0).T)
        assert sorted(np.round(sides, 6)) == [12, 12, 15, 15]


def test_no_room_is_in_both_of_two_blocks_apart() -> None:
    for count in (2, 3, 8):
        assert {part.geom_type for part in slices.even(TWO_BLOCKS, [1.0] * count)} == {"Polygon"} or count == 3


def test_entrances_tell_the_units_of_an_angle() -> None:
    doors = np.array([(22, 0), (37, 0), (53, 0), (0, 10), (0, 31)])
    parts = slices.by_points(L_SHAPE, doors)
    covers(L_SHAPE, parts)
    for door, part in zip(doors, parts, strict=True):
        assert part.distance(shapely.Point(door)) < 0.01


def test_entrances_on_one_spot_or_at_one_end_tell_nothing() -> None:
    slab = shapely.box(0, 0, 60, 12)
    assert slices.by_points(slab, np.array([(10.0, 0.0), (10.5, 0.2)])) is None
    assert slices.by_points(slab, np.array([(0.0, 0.0), (3.0, 0.0), (6.0, 0.0)])) is None
    assert slices.by_points(slab, np.array([(200.0, 0.0), (260.0, 0.0)])) is None


@pytest.mark.shared_data
def test_real_outlines_are_covered(shared_data: Path) -> None:
    features = json.loads((shared_data / REAL).read_text())["features"][::150]
    assert len(features) > 20
    for feature in features:
        found = shapely.from_geojson(json.dumps(feature["geometry"]))
        origin = found.centroid.coords[0]
        shape = shapely.transform(found, lambda at, origin=origin: local(at[:, 0], at[:, 1], *origin))
        if shape.is_valid:
            covers(shape, slices.even(shape, [1.0] * 12))
