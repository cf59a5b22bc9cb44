"""What cannot be done is refused with a reason, a cure, a place; what looks odd has a result that is well defined."""

import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from spatial.coverage import (
    Coverage,
    Refused,
    apply,
    assign,
    create,
    give,
    inverse,
    merge,
    move_edge,
    move_vertex,
    proof,
    reading_order,
    split,
    straighten,
)
from spatial.geometry import to_degrees
from tests.fixtures.coverages import drawn

KM = 1_000_000


def row(count: int, outline=None) -> Coverage:
    """Return squares of a kilometre beside one another, numbered from 1, from west to east."""
    faces = {one + 1: box(one * KM, 0, (one + 1) * KM, KM) for one in range(count)}
    return Coverage(outline or shapely.orient_polygons(shapely.union_all(list(faces.values())).segmentize(KM)), faces)


def ring() -> Coverage:
    """Return a community with a hole in its middle, one grid all around it."""
    around = shapely.orient_polygons(box(0, 0, 3 * KM, 3 * KM) - box(KM, KM, 2 * KM, 2 * KM))
    return Coverage(around, {1: around})


REFUSED = {
    "touches-no-edge": lambda: split(row(1), LineString([(400_000, 500_000), (600_000, 500_000)]), 9),
    "ends-inside": lambda: split(row(2), LineString([(-100, 500_000), (1_500_000, 500_000)]), 9),
    "runs-along": lambda: split(row(2), LineString([(KM, -100), (KM, KM + 100)]), 9),
    "crosses-itself": lambda: split(row(1), LineString([(-9, 10), (KM, 10), (500, KM), (500, -9)]), 9),
    "no-line": lambda: split(row(1), LineString([(5, 5), (5, 5)]), 9),
    "outside": lambda: split(row(1), LineString([(5 * KM, 5), (6 * KM, 5)]), 9),
    "does-not-divide": lambda: split(ring(), LineString([(-9, 1_500_000), (1_500_000, 1_500_000)]), 9),
    "unknown-face": lambda: split(row(1), LineString([(5, -9), (5, KM + 9)]), 9, only=[7]),
    "no-number": lambda: split(row(2), LineString([(-9, 5), (2 * KM + 9, 50_000)]), [9]),
    "not-neighbours": lambda: merge(row(3), [1, 3], 1),
    "one-face": lambda: merge(row(3), [1], 1),
    "taken": lambda: create(row(2), box(1, 1, 5, 5), 2),
    "nothing-new": lambda: create(row(2), box(0, 0, KM, KM), 9),
    "no-area": lambda: create(row(2), Polygon(), 9),
    "on-outline": lambda: move_vertex(row(2), Point(KM, 0), Point(KM + 500, 0)),
    "no-vertex": lambda: move_vertex(row(2), Point(500, 500), Point(600, 500)),
    "no-edge": lambda: move_edge(row(2), Point(1, 1), Point(2, 2), Point(1, 2), Point(3, 3)),
    "two-faces": lambda: straighten(row(3), [1, 2, 3], LineString([(0, 0), (5, 5)])),
    "no-building": lambda: assign(row(2), [], 1),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_each_fault_has_its_reason_a_sentence_and_a_cure(reason) -> None:
    with pytest.raises(Refused) as refused:
        REFUSED[reason]()
    assert refused.value.reason == reason
    assert refused.value.message.endswith(".")
    assert refused.value.cure.endswith(".")


def test_what_has_a_place_is_drawn_there() -> None:
    with pytest.raises(Refused) as refused:
        REFUSED["ends-inside"]()
    assert refused.value.geometry == Point(1_500_000, 500_000)
    assert refused.value.faces == [2]
    with pytest.raises(Refused) as refused:
        REFUSED["crosses-itself"]()
    assert refused.value.geometry.distance(Point(500, 10)) < 2
    with pytest.raises(Refused) as refused:
        REFUSED["not-neighbours"]()
    assert refused.value.geometry.equals(box(2 * KM, 0, 3 * KM, KM))


def test_a_polygon_outside_is_refused_and_one_that_reaches_out_is_cut_at_the_outline() -> None:
    with pytest.raises(Refused, match="outside the community"):
        create(row(2), box(0, 2 * KM, KM, 3 * KM), 9)
    edit = create(row(2), box(500_000, 500_000, 1_500_000, 2 * KM), 9)
    assert edit.faces[9].equals(box(500_000, 500_000, 1_500_000, KM))
    assert proof(apply(row(2), edit)) == []


def test_a_line_across_ten_grids_cuts_all_ten_and_only_those_that_were_chosen() -> None:
    across = LineString([(-9, 300_000), (10 * KM + 9, 700_001)])
    edit = split(row(10), across, 11)
    after = apply(row(10), edit)
    assert len(after.faces) == 20
    assert proof(after) == []
    some = apply(row(10), split(row(10), across, 11, only=[4, 5]))
    assert sorted(some.faces) == list(range(1, 13))
    assert proof(some) == []


def test_an_end_just_short_of_the_boundary_is_drawn_on_to_it_and_says_how_far() -> None:
    coverage = Coverage(*[drawn(1, 1, "box").outline], {1: drawn(1, 1, "box").outline})
    west, south, east, north = coverage.outline.bounds
    edit = split(coverage, LineString([(west + 5_000, south + 400_000), (east - 3_000, south + 400_007)]), 2)
    assert proof(apply(coverage, edit)) == []
    assert edit.notes["extended_m"] == pytest.approx(5.1, abs=0.3)


def test_a_hole_is_cut_on_both_its_sides() -> None:
    edit = split(ring(), LineString([(-9, 1_500_000), (3 * KM + 9, 1_500_003)]), 2)
    after = apply(ring(), edit)
    assert len(after.faces) == 2
    assert proof(after) == []
    assert proof(apply(after, inverse(ring(), edit))) == []


def test_grids_that_meet_in_a_corner_are_no_neighbours() -> None:
    four = {1: box(0, 0, 5, 5), 2: box(5, 5, 10, 10), 3: box(5, 0, 10, 5), 4: box(0, 5, 5, 10)}
    with pytest.raises(Refused, match="no neighbours"):
        merge(Coverage(box(0, 0, 10, 10).segmentize(5), four), [1, 2], 1)


def test_a_gap_and_an_overlap_of_an_imported_plan_are_cured_by_giving_them_to_one_grid() -> None:
    left, right = box(0, 0, KM, KM), box(KM + 300, 0, 2 * KM, KM)
    gap = Coverage(box(0, 0, 2 * KM, KM), {1: left, 2: right})
    assert proof(gap)
    assert proof(apply(gap, give(gap, box(KM, 0, KM + 300, KM), 1))) == []
    lap = Coverage(box(0, 0, 2 * KM, KM), {1: box(0, 0, KM + 300, KM), 2: box(KM, 0, 2 * KM, KM)})
    assert proof(lap)
    assert proof(apply(lap, give(lap, box(KM, 0, KM + 300, KM), 2))) == []
    with pytest.raises(Refused, match="beside"):
        give(row(3), box(2_500_000, 0, 3 * KM, KM), 1)


def test_a_building_comes_with_the_ground_half_way_to_the_next() -> None:
    coverage = drawn(7, 2, "box")
    one, two = coverage.faces
    middle = coverage.faces[two].representative_point()
    edge = shapely.shortest_line(coverage.faces[one], middle)
    x, y = map(round, edge.interpolate(30_000).coords[0])
    moved = box(x - 5_000, y - 5_000, x + 5_000, y + 5_000)
    stays = [box(x + far - 5_000, y - 5_000, x + far + 5_000, y + 5_000) for far in (-20_000, 20_000)]
    after = apply(coverage, assign(coverage, [moved], one, stays))
    assert proof(after) == []
    assert after.faces[one].covers(moved)
    assert all(
        not after.faces[one].intersects(house.representative_point())
        for house in stays
        if not coverage.faces[one].intersects(house)
    )


def test_a_boundary_laid_on_a_road_runs_along_it() -> None:
    crooked = Coverage(
        row(2).outline,
        {
            1: Polygon([(0, 0), (KM, 0), (900_000, 300_000), (1_100_000, 600_000), (KM, KM), (0, KM)]),
            2: Polygon([(KM, 0), (2 * KM, 0), (2 * KM, KM), (KM, KM), (1_100_000, 600_000), (900_000, 300_000)]),
        },
    )
    assert proof(crooked) == []
    road = LineString([(1_050_000, -500), (1_060_000, KM + 500)])
    after = apply(crooked, straighten(crooked, [1, 2], road))
    assert proof(after) == []
    assert (
        shapely.intersection(after.faces[1], after.faces[2]).hausdorff_distance(
            shapely.intersection(road, crooked.outline)
        )
        < 2
    )


def test_the_proof_finds_a_step_of_the_lattice_and_a_missing_grid() -> None:
    whole = row(3)
    assert proof(whole) == []
    off = Polygon([(KM, 0), (2 * KM, 0), (2 * KM, KM), (KM, KM - 1)])
    assert {fault.kind for fault in proof(Coverage(whole.outline, {**whole.faces, 2: off}))} == {"unmatched"}
    assert proof(Coverage(whole.outline, {1: whole.faces[1], 3: whole.faces[3]}))
    assert {fault.kind for fault in proof(Coverage(whole.outline, {**whole.faces, 2: to_degrees(off)}))} >= {
        "off-lattice"
    }
    assert {fault.kind for fault in proof(Coverage(whole.outline, {**whole.faces, 2: whole.faces[2].reverse()}))} >= {
        "clockwise"
    }


def test_two_parts_are_a_community_like_any_other() -> None:
    parts = MultiPolygon([box(0, 0, KM, KM), box(2 * KM, 0, 3 * KM, KM)])
    coverage = Coverage(parts, {1: parts})
    after = apply(coverage, split(coverage, LineString([(-9, 5_000), (KM + 9, 600_000)]), 2))
    assert proof(after) == []
    assert len(after.faces[1].geoms) == 2


def test_grids_are_read_from_west_to_east_and_row_by_row_from_the_north() -> None:
    faces = {
        number: box(x * 10, y * 10, x * 10 + 10, y * 10 + 10)
        for number, (x, y) in enumerate([(0, 0), (2, 1), (1, 1), (1, 0), (0, 1), (2, 0)])
    }
    assert reading_order(Coverage(box(0, 0, 30, 20), faces)) == [4, 2, 1, 0, 3, 5]
