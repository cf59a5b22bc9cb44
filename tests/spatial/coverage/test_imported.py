"""An imported plan with gaps and overlaps can be worked on, and is not worse afterwards."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point

from spatial.coverage import Coverage, Refused, apply, match, merge, move_vertex, proof, split
from tests.fixtures.coverages import drawn


def imported(seed: int) -> Coverage:
    """Return a plan with one grid missing, one moved over others, and one without the nodes of its neighbours."""
    whole = drawn(seed, 15, "plain")
    faces = dict(whole.faces)
    first, second, third = list(faces)[:3]
    del faces[first]
    faces[second] = shapely.transform(faces[second], lambda xy: xy + (700, -300))
    faces[third] = shapely.orient_polygons(faces[third].simplify(2))
    return Coverage(whole.outline, faces)


def bare_and_double(coverage: Coverage) -> tuple[float, float]:
    """Return how much ground lies in no face, and how much in too many."""
    union = shapely.union_all(list(coverage.faces.values()), grid_size=1)
    bare = shapely.difference(coverage.outline, union, grid_size=1).area
    return bare, sum(face.area for face in coverage.faces.values()) - union.area


@pytest.mark.parametrize("seed", range(12))
def test_operations_leave_gaps_and_overlaps_as_they_were(seed) -> None:
    coverage = imported(seed)
    assert proof(coverage)
    draw = np.random.default_rng(seed)
    bare, double = bare_and_double(coverage)
    west, south, east, north = coverage.outline.bounds
    done = 0
    for _ in range(8):
        y = draw.uniform(south, north, 2)
        number, face = max(coverage.faces) + 1, coverage.faces[int(draw.choice(list(coverage.faces)))]
        corner = shapely.get_coordinates(face)[0]
        # the halves that a cut leaves of one grid make that grid again, though all around it edges do not match
        for operation in (
            lambda now, y=y, number=number: split(now, LineString([(west - 9, y[0]), (east + 9, y[1])]), number),
            lambda now, number=number: merge(now, _halves(now, number), number),
            lambda now, corner=corner: move_vertex(now, Point(corner), Point(corner + 500)),
        ):
            try:
                coverage = apply(coverage, operation(coverage))
            except Refused:
                continue
            done += 1
            left, twice = bare_and_double(coverage)
            assert left == pytest.approx(bare, abs=(east - west) * 3)
            assert twice == pytest.approx(double, abs=(east - west) * 3)
    assert done > 3


def _halves(coverage: Coverage, number: int) -> list[int]:
    if number not in coverage.faces:
        return [number]
    beside = [
        one
        for one in coverage.near(coverage.faces[number])
        if one != number
        and shapely.intersection(coverage.faces[one], coverage.faces[number], grid_size=1).length > 2_000
    ]
    return [number, *beside[:1]]


def test_corners_that_a_file_has_on_one_side_of_a_boundary_only_are_put_on_the_other() -> None:
    whole = drawn(3, 40, "plain")
    middle = {number: _with_middles(face) if number % 2 else face for number, face in whole.faces.items()}
    one_sided = Coverage(whole.outline, middle)
    assert {fault.kind for fault in proof(one_sided)} == {"unmatched"}
    assert proof(apply(one_sided, match(one_sided))) == []


def _with_middles(face):
    """Return a polygon with a node in the middle of each edge, rounded: up to half a step beside it."""
    places = shapely.get_coordinates(face.exterior)
    middles = np.round((places[:-1] + places[1:]) / 2)
    return shapely.Polygon(np.stack([places[:-1], middles], axis=1).reshape(-1, 2))
