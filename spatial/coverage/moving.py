"""Move corners of boundaries: every face that has the corner moves with it."""

import numpy as np
import shapely
from shapely import Point

from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import Place, boundary, edges_of
from spatial.geometry import Area


def move_vertex(coverage: Coverage, at: Point, to: Point) -> Edit:
    """Move a corner, in every face that has it. Moved onto the next corner of a boundary, it is gone.

    Args:
        at: the corner, lattice units, exactly.
        to: where it goes; rounded to the lattice.

    Raises:
        Refused: ``no-vertex``, ``on-outline``, ``crosses`` or ``unmatched``.
    """
    return _moved(coverage, {_place(at): _place(to)})


def move_edge(coverage: Coverage, a: Point, b: Point, to_a: Point, to_b: Point) -> Edit:
    """Move an edge by both its ends, in every face that has them.

    Raises:
        Refused: as ``move_vertex``; ``no-edge`` where no face has an edge between the two corners.
    """
    ends = {_place(a), _place(b)}
    near = coverage.near(shapely.LineString([_place(a), _place(b)]))
    if not any(set(edge) == ends for number in near for edge in edges_of(coverage.faces[number])):
        raise Refused(
            "no-edge",
            "No grid has an edge between these two corners (any more).",
            "Load the plan again.",
            shapely.LineString([_place(a), _place(b)]),
        )
    return _moved(coverage, {_place(a): _place(to_a), _place(b): _place(to_b)})


def _place(point: Point) -> Place:
    return round(point.x), round(point.y)


def _moved(coverage: Coverage, moves: dict[Place, Place]) -> Edit:
    """Return the edit that moves corners; refused where a face would not stay a polygon of the same parts."""
    moves = {at: to for at, to in moves.items() if at != to}
    if not moves:
        raise Refused("nothing-new", "The corner is where it was.", "Move it to another place.")
    corners = set(map(tuple, shapely.get_coordinates(coverage.outline).tolist()))
    for at in moves:
        if at in corners:
            raise Refused(
                "on-outline",
                "The corner lies on the community's outline, which the plan cannot change.",
                "Cut and merge grids where the boundary is to meet the outline.",
                Point(at),
            )
    changed: dict[int, Area] = {}
    for number in sorted({one for at in moves for one in coverage.near(Point(at))}):
        after = _with(coverage.faces[number], moves)
        if after is not None:
            changed[number] = after
    for at in moves:
        if not any(
            at in set(map(tuple, shapely.get_coordinates(coverage.faces[number]).tolist())) for number in changed
        ):
            raise Refused("no-vertex", "No boundary has a corner there (any more).", "Load the plan again.", Point(at))
    _checked(coverage, changed, moves)
    return Edit(changed)


def _with(face: Area, moves: dict[Place, Place]) -> Area | None:
    """Return a face with its corners moved; None where it has none of them."""
    places = shapely.get_coordinates(face)
    hits = [(np.flatnonzero((places == at).all(axis=1)), to) for at, to in moves.items()]
    if not any(len(rows) for rows, _ in hits):
        return None
    for rows, to in hits:
        places[rows] = to
    return shapely.remove_repeated_points(shapely.transform(face, lambda _: places))


def _checked(coverage: Coverage, changed: dict[int, Area], moves: dict[Place, Place]) -> None:
    """Refuse what is no coverage any more: valid faces whose boundaries add up as before cover what they covered."""
    goal = shapely.MultiPoint(list(moves.values()))
    for number, after in changed.items():
        before = coverage.faces[number]
        rings = shapely.get_rings(shapely.get_parts(after))
        sides = [ring.is_ccw for ring in shapely.get_rings(shapely.get_parts(before))]
        if not after.is_valid or after.area == 0 or [ring.is_ccw for ring in rings] != sides:
            raise Refused(
                "crosses",
                "Moved there, the boundary would cross another boundary of a grid.",
                "Move it less far, or move the corners between first.",
                goal,
                [number],
            )
    old = boundary(edge for number in changed for edge in edges_of(coverage.faces[number]))
    new = boundary(edge for after in changed.values() for edge in edges_of(after))
    if old != new:
        raise Refused(
            "unmatched",
            "The boundary is drawn twice here, with different corners: a grid beside it would not follow.",
            "Close the gap or the overlap at this place first.",
            goal,
            list(changed),
        )
