"""Whatever is done in whatever order, a plan fills its outline exactly, and undo brings back the very bytes."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from spatial.coverage import (
    Coverage,
    Edit,
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
    split,
    straighten,
)
from spatial.geometry import doubled_area, to_degrees, to_lattice
from tests.fixtures.coverages import drawn

OPERATIONS = (
    "split",
    "split",
    "split",
    "merge",
    "create",
    "give",
    "move_vertex",
    "move_edge",
    "along",
    "straighten",
    "assign",
)


def something(coverage: Coverage, draw: np.random.Generator, kind: str) -> Edit:
    """Do one operation as a hand might: somewhere, anyhow, sometimes exactly on what is there."""
    faces = list(coverage.faces)
    face = coverage.faces[int(draw.choice(faces))]
    corners = shapely.get_coordinates(face)
    west, south, east, north = coverage.outline.bounds if draw.random() < 0.3 else face.bounds
    span = np.array([east - west, north - south])
    number = max(faces) + 1

    def place() -> np.ndarray:
        if draw.random() < 0.3:
            return corners[draw.integers(len(corners))] + draw.integers(-1, 2, 2)
        return np.round([west, south] + span * draw.uniform(-0.2, 1.2, 2))

    if kind == "split":
        return split(coverage, LineString([place() for _ in range(draw.integers(2, 5))]), number)
    if kind == "along":
        first = draw.integers(len(corners) - 1)
        return split(coverage, LineString([*corners[first : first + 2], place()]), number)
    if kind == "merge":
        some = draw.choice(faces, min(len(faces), int(draw.integers(2, 4))), replace=False).tolist()
        beside = [one for one in coverage.near(face) if coverage.faces[one].intersects(face)]
        chosen = some if draw.random() < 0.2 else beside[:3]
        return merge(coverage, chosen, chosen[0])
    if kind in ("create", "give"):
        polygon = Polygon([place() for _ in range(draw.integers(3, 7))])
        polygon = polygon.convex_hull if draw.random() < 0.7 else polygon
        return (
            create(coverage, polygon, number) if kind == "create" else give(coverage, polygon, int(draw.choice(faces)))
        )
    if kind == "straighten":
        beside = [one for one in coverage.near(face) if coverage.faces[one].intersects(face)]
        return straighten(coverage, beside[:2], LineString([place() for _ in range(draw.integers(2, 4))]))
    if kind == "assign":
        houses = [box(x, y, x + 4_000, y + 5_000) for x, y in (place() for _ in range(12))]
        return assign(coverage, houses[: draw.integers(1, 3)], int(draw.choice(faces)), houses[3:])
    at = draw.integers(len(corners) - 1)
    push = np.round(span * draw.uniform(-0.2, 0.2, 2))
    if kind == "move_vertex":
        to = place() if draw.random() < 0.3 else corners[at] + push
        return move_vertex(coverage, Point(corners[at]), Point(to))
    return move_edge(coverage, *map(Point, (corners[at], corners[at + 1], corners[at] + push, corners[at + 1] + push)))


def as_bytes(coverage: Coverage) -> dict:
    return {0: coverage.outline.wkb, **{number: face.wkb for number, face in coverage.faces.items()}}


def play(seed: int, kind: str, operations: list[str]) -> int:
    """Do operations one after another and undo them all; return how many were done."""
    draw = np.random.default_rng(seed)
    coverage = drawn(seed, int(draw.integers(3, 30)), kind)
    assert proof(coverage) == []
    steps, told = [], []
    for name in operations:
        before = as_bytes(coverage)
        try:
            edit = something(coverage, draw, name)
        except Refused as refused:
            told.append((refused.reason, refused.message, refused.cure))
            assert as_bytes(coverage) == before
            continue
        after = apply(coverage, edit)
        assert proof(after) == [], name
        assert sum(map(doubled_area, after.faces.values())) == doubled_area(after.outline)
        assert shapely.hausdorff_distance(after.outline, coverage.outline) <= 1
        assert as_bytes(coverage) == before
        steps.append((before, inverse(coverage, edit)))
        coverage = after
    there = {number: to_lattice(to_degrees(face)) for number, face in coverage.faces.items()}
    assert as_bytes(Coverage(coverage.outline, there)) == as_bytes(coverage)
    for before, undo in reversed(steps):
        coverage = apply(coverage, undo)
        assert as_bytes(coverage) == before
    assert all(map(all, told))
    return len(steps)


SEQUENCES = {
    "seed": st.integers(0, 2**32 - 1),
    "kind": st.sampled_from(["plain", "hole", "parts", "box"]),
    "operations": st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=12),
}


@settings(max_examples=60)
@given(**SEQUENCES)
def test_any_sequence_of_operations_keeps_the_cover_exact_and_undo_restores_the_bytes(seed, kind, operations) -> None:
    play(seed, kind, operations)


@pytest.mark.slow
@settings(max_examples=3000)
@given(**SEQUENCES)
def test_thousands_of_sequences_keep_the_cover_exact(seed, kind, operations) -> None:
    play(seed, kind, operations)


def test_most_of_what_a_hand_does_is_done_and_not_refused() -> None:
    done = sum(play(seed, "plain", list(OPERATIONS)) for seed in range(10))
    assert done > 30
