"""Cut faces by a line."""

from collections.abc import Iterable, Iterator
from itertools import count

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import Place, atoms_of, boundary, edges_of, hold_together, polygon_of
from spatial.coverage.weave import weave
from spatial.geometry import Area, doubled_area, metres_per_unit

REACH_M = 20.0
"""A line that ends this near to a boundary ahead of it is drawn on to it: nobody hits a line by hand."""


def split(
    coverage: Coverage, line: LineString, new_faces: int | Iterable[int], only: Iterable[int] | None = None
) -> Edit:
    """Cut faces by a line; the largest piece of each keeps its number.

    Args:
        line: lattice units. An end within ``REACH_M`` of a boundary ahead is drawn on to it; ``extended_m`` of the
        notes
            says by how much at most.
        new_faces: numbers for the new pieces in the order in which they are needed, or the first of them.
        only: the faces that are cut; all that the line crosses when not given.

    Raises:
        Refused: ``no-line``, ``crosses-itself``, ``outside``, ``touches-no-edge``, ``ends-inside``, ``runs-along`` or
            ``does-not-divide``.
    """
    line = _line(line)
    chosen = set(coverage.faces) if only is None else known(coverage, only)
    met = [number for number in coverage.near(line) if number in chosen and coverage.faces[number].intersects(line)]
    if not met:
        raise Refused("outside", "The line meets none of the grids that are to be cut.", "Draw it across a grid.", line)
    line, extended = _extended(coverage, line, met)
    woven = weave(coverage, [line])
    changed: dict[int, Area | None] = dict(woven.faces)
    numbers = iter(count(new_faces) if isinstance(new_faces, int) else new_faces)
    divided, crossed = [], []
    for number in met:
        face = woven.faces.get(number, coverage.faces[number])
        pieces = pieces_of(face, woven.lines)
        if shapely.relate_pattern(line, coverage.faces[number], "T********"):
            crossed.append(number)
        if len(pieces) > len(shapely.get_parts(face)):
            divided.append(number)
            changed |= _shared_out(number, face, pieces, numbers)
    if divided:
        return Edit(changed, woven.outline, {"extended_m": extended} if extended else {})
    if crossed:
        raise Refused(
            "does-not-divide",
            "The line goes into a grid but does not cut it in two.",
            "Draw it from one side of the grid to another; around a hole, on both sides of it.",
            line,
            crossed,
        )
    raise Refused(
        "runs-along",
        "The line runs along a boundary and cuts no grid.",
        "Draw it through a grid, or move the boundary itself.",
        line,
        met,
    )


def _line(line: LineString) -> LineString:
    """Return a line without repeated places, or refuse it."""
    line = shapely.remove_repeated_points(shapely.transform(shapely.force_2d(line), np.round))
    if line.is_empty or line.length == 0 or line.geom_type != "LineString":
        raise Refused(
            "no-line", "The line has no length.", "Click at two places at least.", None if line.is_empty else line
        )
    if not line.is_simple:
        raise Refused("crosses-itself", "The line crosses itself.", "Draw it without a loop.", _crossing(line))
    return line


def _crossing(line: LineString) -> Point:
    """Return a place where a line meets itself."""
    ends = np.array(
        [end for part in shapely.get_parts(shapely.node(line)) for end in (part.coords[0], part.coords[-1])]
    )
    places, often = np.unique(ends, axis=0, return_counts=True)
    twice = places[often > 2]
    return Point(twice[0] if len(twice) else places[0])


def known(coverage: Coverage, faces: Iterable[int]) -> set[int]:
    """Return the faces as a set, or refuse those that the plan has not."""
    wanted = set(faces)
    if missing := sorted(wanted - set(coverage.faces)):
        raise Refused("unknown-face", "The plan has no such grid (any more).", "Load the plan again.", None, missing)
    return wanted


def _extended(coverage: Coverage, line: LineString, faces: list[int]) -> tuple[LineString, float]:
    """Return a line drawn on to the boundary where it ends just short of one, and by how many metres at most."""
    places = shapely.get_coordinates(line)
    if (places[0] == places[-1]).all():
        return line, 0.0
    before, more_before, free_before = _ahead(coverage, places[1], places[0], faces)
    after, more_after, free_after = _ahead(coverage, places[-2], places[-1], faces)
    if free_before is None and free_after is None:
        return LineString([*before, *places, *after]), max(more_before, more_after)
    inside = [face for face in (free_before, free_after) if face is not None]
    if len(inside) == 2 and not any(coverage.faces[face].boundary.intersects(line) for face in inside):
        raise Refused(
            "touches-no-edge",
            f"The line touches no edge of the grid, and ends further than {REACH_M:.0f} m from one.",
            "Draw it from one side of the grid to another.",
            line,
            inside[:1],
        )
    end = Point(places[0] if free_before is not None else places[-1])
    raise Refused(
        "ends-inside",
        f"The line ends inside a grid, further than {REACH_M:.0f} m from the boundary ahead of it.",
        "Draw it on to the boundary, or end it at the one before.",
        end,
        inside[:1],
    )


def _ahead(
    coverage: Coverage, back: np.ndarray, end: np.ndarray, faces: list[int]
) -> tuple[list[Place], float, int | None]:
    """Return the place on the boundary ahead of a line's end (none where it lies in no face), metres to it, the face
    that it cannot leave."""
    point = Point(end)
    inside = next((one for one in faces if shapely.contains_properly(coverage.faces[one], point)), None)
    if inside is None:
        return [], 0.0, None
    per = np.array(metres_per_unit(point))
    way = (end - back) / np.hypot(*((end - back) * per))
    ray = LineString([end, end + way * REACH_M])
    hits = shapely.get_coordinates(shapely.intersection(ray, coverage.faces[inside].boundary))
    if not len(hits):
        return [], 0.0, inside
    far = np.hypot(*((hits - end) * per).T)
    hit = np.round(hits[far.argmin()])
    return ([] if (hit == end).all() else [tuple(hit)]), round(float(far.min()), 3), None


def pieces_of(face: Area, lines: list[list[Place]]) -> list[Polygon]:
    """Return the pieces into which noded lines divide a face that has their nodes; the face's parts where they do
    not."""
    west, south, east, north = face.bounds
    drawn = [
        edge
        for line in lines
        for edge in zip(line[:-1], line[1:], strict=True)
        if max(edge[0][0], edge[1][0]) >= west
        and min(edge[0][0], edge[1][0]) <= east
        and max(edge[0][1], edge[1][1]) >= south
        and min(edge[0][1], edge[1][1]) <= north
    ]
    edges = list(edges_of(face))
    atoms = atoms_of([*edges, *drawn])
    within = shapely.contains_properly(face, shapely.point_on_surface(np.array(atoms, object)))
    pieces = [atom for atom, inside in zip(atoms, within, strict=True) if inside]
    hold_together(pieces, boundary(edges))
    return pieces


def _shared_out(number: int, face: Area, pieces: list[Polygon], numbers: Iterator[int]) -> dict[int, Area]:
    """Return pieces of a face by their numbers; its largest piece keeps its own, and parts that the line left whole."""
    whole = {part.normalize().wkb for part in shapely.get_parts(face)}
    cut = sorted((piece for piece in pieces if piece.normalize().wkb not in whole), key=doubled_area, reverse=True)
    kept = [piece for piece in pieces if piece.normalize().wkb in whole]
    first = polygon_of(edge for piece in [cut[0], *kept] for edge in edges_of(piece))
    shared = {number: first}
    for piece in cut[1:]:
        try:
            shared[next(numbers)] = piece
        except StopIteration:
            raise Refused(
                "no-number",
                "The line makes more pieces than there are numbers for new grids.",
                "Draw a shorter line.",
                face,
                [number],
            ) from None
    return shared
