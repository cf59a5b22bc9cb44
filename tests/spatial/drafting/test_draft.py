"""A draft fills its ground exactly, cuts no building, and balances what it can."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.coverage import Coverage, Refused, apply, divide, proof
from spatial.drafting.draft import drafted
from spatial.drafting.graph import Graph, graph
from spatial.drafting.methods import METHODS
from spatial.drafting.pieces import Pieces, pieces_of
from spatial.geometry import area_m2, doubled_area
from tests.fixtures.coverages import drawn
from tests.fixtures.towns import Town, town


def in_pieces(place: Town) -> tuple[Pieces, Graph]:
    pieces = pieces_of([place.ground], place.footprints, place.points, place.roads, place.widths)
    return pieces, graph(pieces, np.array([place.households[held].sum() for held in pieces.holds]))


def m2(part: shapely.Geometry) -> float:
    return sum(area_m2(one) for one in shapely.get_parts(part) if one.geom_type == "Polygon")


@given(st.integers(0, 10**6), st.integers(3, 60), st.sampled_from(["plain", "hole", "parts", "box"]),
       st.sampled_from(sorted(METHODS)), st.integers(2, 7))
@settings(max_examples=25, deadline=None)
def test_a_draft_fills_its_ground_and_cuts_no_building(seed: int, buildings: int, outline: str, method: str,
                                                       count: int) -> None:
    place = town(seed, buildings, outline)
    pieces, held = in_pieces(place)
    assert sorted(one for holds in pieces.holds for one in holds) == list(range(buildings))
    whole = pieces.shape(range(len(pieces)))
    assert shapely.hausdorff_distance(whole, place.ground) < 2
    mean = place.households.sum() / count
    try:
        made = drafted(held, count, method, 0.8 * mean, 1.2 * mean)
    except Refused:
        apart = [group for group in held.connected() if held.weights[group].any()]
        assert not len(apart) <= count <= np.count_nonzero(held.weights)
        return
    assert len(made.parts) == count + made.apart
    assert sorted(piece for part in made.parts for piece in part) == list(range(len(pieces)))
    before = Coverage(place.ground, {1: place.ground})
    after = apply(before, divide(before, [1], [pieces.shape(part) for part in made.parts],
                                 range(1, len(made.parts) + 1)))
    assert list(proof(after)) == []
    assert sum(map(doubled_area, after.faces.values())) == doubled_area(after.outline)
    for number, part in enumerate(made.parts, 1):
        face = after.faces[number]
        assert face.geom_type == "Polygon", "one piece of ground"
        for row in (one for piece in part for one in pieces.holds[piece]):
            assert shapely.intersects(face, place.points[row])
            if shapely.covers(place.ground, place.footprints[row]):
                assert m2(shapely.difference(place.footprints[row], face)) < 0.5


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_same_seed_gives_the_same_grids_and_these_are_balanced(method: str) -> None:
    place = town(11, 150, "box", 1_500_000)
    _, held = in_pieces(place)
    mean = place.households.sum() / 6
    made = drafted(held, 6, method, 0.85 * mean, 1.15 * mean, seed=3)
    assert made == drafted(held, 6, method, 0.85 * mean, 1.15 * mean, seed=3)
    sums = [held.weights[part].sum() for part in made.parts]
    assert min(sums) > 0.85 * mean
    assert max(sums) < 1.15 * mean


def test_some_faces_of_many_are_divided_anew_and_the_others_keep_their_ground() -> None:
    cover = drawn(5, 12)
    gone = [2, 3, 4, 5]
    ground = shapely.union_all([cover.faces[number] for number in gone])
    cut = [shapely.set_precision(shapely.intersection(ground, half), 1) for half in (
        shapely.box(*ground.bounds[:2], ground.centroid.x, ground.bounds[3]),
        shapely.box(ground.centroid.x // 1, *ground.bounds[1:2], *ground.bounds[2:]))]
    lines = shapely.union_all([one.boundary for one in cut], grid_size=1)
    parts = [one for one in shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
             if ground.buffer(2).covers(one)]
    parts = list(shapely.orient_polygons(np.array(parts, object)))
    after = apply(cover, divide(cover, gone, parts, range(20, 20 + len(parts))))
    assert list(proof(after)) == []
    assert set(after.faces) == set(cover.faces) - set(gone) | set(range(20, 20 + len(parts)))
    assert doubled_area(after.outline) == sum(map(doubled_area, after.faces.values()))
    for number in set(cover.faces) - set(gone):
        assert shapely.hausdorff_distance(after.faces[number], cover.faces[number]) < 2
