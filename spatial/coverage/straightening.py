"""Lay the boundary between two faces on a line, such as a road's."""

from collections.abc import Iterable

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Point

from spatial.coverage.cutting import REACH_M, known, pieces_of
from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import edges_of, polygon_of
from spatial.coverage.taking import joined
from spatial.coverage.weave import weave
from spatial.geometry import Area, metres_per_unit


def straighten(coverage: Coverage, faces: Iterable[int], line: LineString) -> Edit:
    """Lay the common boundary of two faces on a line. Where the line ends before the boundary does, the boundary goes
    on from its nearest place as it was.

    Args:
        faces: two neighbours.
        line: lattice units; what lies outside the two faces is left out.

    Raises:
        Refused: ``two-faces``, ``unknown-face``, ``not-neighbours``, ``outside``, ``no-line`` or ``does-not-divide``.
    """
    numbers = sorted(known(coverage, faces))
    if len(numbers) != 2:
        raise Refused("two-faces", "A boundary lies between two grids.", "Choose two neighbours.", None, numbers)
    one, two = (coverage.faces[number] for number in numbers)
    both = polygon_of([*edges_of(one), *edges_of(two)])
    old = _common(one, two, line)
    if old is None:
        raise Refused("not-neighbours", "These grids have no edge in common.", "Choose two neighbours.", line, numbers)
    drawn = _laid(both, old, line)
    woven = weave(coverage, [drawn])
    shapes = [woven.faces.get(number, coverage.faces[number]) for number in numbers]
    pieces = pieces_of(polygon_of(edge for shape in shapes for edge in edges_of(shape)), woven.lines)
    shares = [shapely.area(shapely.intersection(piece, shapes)) for piece in pieces]
    sides = [
        [piece for piece, (first, second) in zip(pieces, shares, strict=True) if (first >= second) == left]
        for left in (True, False)
    ]
    after = [joined(side) for side in sides]
    if None in after or any(
        len(shapely.get_parts(new)) > len(shapely.get_parts(before))
        for new, before in zip(after, (one, two), strict=True)
    ):
        raise Refused(
            "does-not-divide",
            "Along this line the two grids would not stay whole.",
            "Choose a line that runs near their common boundary.",
            drawn,
            numbers,
        )
    if all(new.equals(before) for new, before in zip(after, shapes, strict=True)):
        raise Refused("nothing-new", "The boundary lies on this line already.", "Choose another line.", drawn, numbers)
    return Edit({**woven.faces, **dict(zip(numbers, after, strict=True))}, woven.outline)


def _common(one: Area, two: Area, line: LineString) -> LineString | None:
    """Return the stretch of edges that two faces have in common which lies nearest to a line."""
    ways = {(min(edge), max(edge)) for edge in edges_of(one)} & {(min(edge), max(edge)) for edge in edges_of(two)}
    if not ways:
        return None
    merged = shapely.line_merge(shapely.MultiLineString(sorted(ways)))
    return min(shapely.get_parts(merged), key=line.distance)


def _laid(both: Area, old: LineString, line: LineString) -> LineString:
    """Return the new boundary: the line within both faces, and the old boundary's stretches on to its ends."""
    within = [
        part
        for part in shapely.get_parts(shapely.line_merge(shapely.intersection(line, both)))
        if part.geom_type == "LineString"
    ]
    if not within:
        raise Refused("outside", "The line lies in neither grid.", "Choose a line near their boundary.", line)
    places = np.round(shapely.get_coordinates(max(within, key=lambda part: part.length)))
    if len(shapely.remove_repeated_points(LineString(places)).coords) < 2 or (places == places[0]).all():
        raise Refused("no-line", "The line has no length in the two grids.", "Choose a longer line.", line)
    begins, ends = (old.project(Point(place)) for place in (places[0], places[-1]))
    if begins > ends:
        places, begins, ends = places[::-1], ends, begins
    reach = REACH_M / np.mean(metres_per_unit(line))
    before, after = _corners(old, 0, begins), _corners(old, ends, old.length)
    if both.boundary.distance(Point(places[0])) <= 1:
        before = []
    elif begins < reach:
        before = before[:1]
    if both.boundary.distance(Point(places[-1])) <= 1:
        after = []
    elif old.length - ends < reach:
        after = after[-1:]
    laid = shapely.remove_repeated_points(LineString(np.round([*before, *places, *after])))
    if not laid.is_simple:
        raise Refused(
            "does-not-divide",
            "Laid on this line, the boundary would cross itself.",
            "Choose a line that runs along the boundary, not across it.",
            laid,
        )
    return laid


def _corners(line: LineString, start: float, end: float) -> list[tuple[float, float]]:
    """Return the corners of a line between two distances along it, its place at both included."""
    if end <= start:
        return [line.interpolate(start).coords[0]]
    return list(shapely.ops.substring(line, start, end).coords)
