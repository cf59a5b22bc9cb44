"""Cut an outline into parts where no plan of the building is on record (示意), straight across the long axis of each.

Plane geometry in metres. The parts of an outline cover it, and none overlaps another; a part may consist of several
polygons where an outline has wings, and keeps the courtyards that it holds.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

Shape = Polygon | MultiPolygon

AHEAD = np.array([0.5, -0.8660254])
"""The long axis runs with this direction, from west to east and from north to south: so numbers rise for whoever
looks from the south. Few buildings stand square to it, whose axis would turn round for a nothing."""

APART_M = 2.0
"""Entrances nearer to one another along an axis do not tell where to cut."""

LEAST_SHARE = 0.25
"""Of an even share: a smaller part tells that the entrances are not where the units are."""

APART_SHARES = 0.4
"""Of a mean share: so much may polygons of an outline be larger or smaller than the parts that take their place."""


def even(shape: Shape, weights: Sequence[float]) -> list[Shape]:
    """Cut an outline into parts, one for each weight and as large in proportion, in their order along the long axis.

    Args:
        shape: valid and with an area, metres.
        weights: positive; at least one.
    """
    if len(weights) == 1:
        return [shape]
    axis = _axis(shape)
    total = np.cumsum(weights)
    polygons = [shape]
    if isinstance(shape, MultiPolygon):
        polygons = sorted(shape.geoms, key=lambda one: float(_along(one.centroid.coords, axis)[0]))
    if (split := _between(polygons, total)) is not None:
        parts, first = split
        return (even(_joined(polygons[:parts]), weights[:first]) + even(_joined(polygons[parts:]), weights[first:]))
    first = 1 + int(np.argmin(np.abs(total[:-1] - total[-1] / 2)))
    near, far = _cut(shape, axis, _where(shape, axis, float(total[first - 1] / total[-1])))
    if near.is_empty or far.is_empty:  # thinner than numbers are fine: all of it to one, a copy of nothing to none
        near, far = _halves(shape)
    return even(near, weights[:first]) + even(far, weights[first:])


def by_points(shape: Shape, points: np.ndarray) -> list[Shape] | None:
    """Cut an outline between points, one part for each, in their order; None where the points do not tell the parts.

    Args:
        shape: valid and with an area, metres.
        points: (n, 2) metres, such as entrances: near their parts, not always inside.
    """
    found: list[Shape | None] = [None] * len(points)
    if not _divide(shape, points, list(range(len(points))), found):
        return None
    least = shape.area / len(points) * LEAST_SHARE
    return None if any(one.area < least for one in found) else found


def _divide(shape: Shape, points: np.ndarray, members: list[int], found: list[Shape | None]) -> bool:
    if shape.is_empty:
        return False
    if len(members) == 1:
        found[members[0]] = shape
        return True
    long = _axis(shape)
    for axis in (long, np.array([-long[1], long[0]])):
        along = _along(points[members], axis)
        order = np.argsort(along, kind="stable")
        gaps = np.diff(along[order])
        if gaps.max() < APART_M:
            continue
        # Of gaps that are about as wide, the one in the middle.
        wide = np.flatnonzero(gaps > 0.9 * gaps.max())
        split = int(wide[np.argmin(np.abs(wide - (len(gaps) - 1) / 2))])
        near, far = _cut(shape, axis, float(along[order[split:split + 2]].mean()))
        ranked = [members[index] for index in order]
        return _divide(near, points, ranked[:split + 1], found) and _divide(far, points, ranked[split + 1:], found)
    return False


def order(shape: Shape, points: np.ndarray) -> list[int]:
    """Return the indexes of some points in their order along an outline's long axis."""
    return [int(index) for index in np.argsort(_along(points, _axis(shape)), kind="stable")]


def _axis(shape: Shape) -> np.ndarray:
    """Return the direction of the longer side of the smallest box around an outline: a unit vector."""
    box = shapely.oriented_envelope(shape)
    corners = shapely.get_coordinates(box)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    longest = lengths.argmax() if len(lengths) else 0
    axis = sides[longest] / lengths[longest] if len(lengths) and lengths[longest] > 0 else np.array([1.0, 0.0])
    return axis if axis @ AHEAD >= 0 else -axis


def _along(points: np.ndarray, axis: np.ndarray) -> np.ndarray:
    return np.asarray(points, float).reshape(-1, 2) @ axis


def _between(polygons: list[Polygon], total: np.ndarray) -> tuple[int, int] | None:
    """Return how many polygons and how many parts come before a gap between polygons; None where none fits."""
    if len(polygons) < 2:
        return None
    areas = np.cumsum([one.area for one in polygons])
    off = np.abs((areas[:-1] / areas[-1])[:, None] - (total[:-1] / total[-1])[None, :])
    parts, first = np.unravel_index(int(off.argmin()), off.shape)
    if off[parts, first] * len(total) > APART_SHARES:
        return None
    return int(parts) + 1, int(first) + 1


def _where(shape: Shape, axis: np.ndarray, share: float) -> float:
    """Return how far along an axis an outline is to be cut so that a share of its area lies before the cut.

    The area before a cut is a sum over edges, by Green's theorem, and between two corners a polynomial of degree two.
    """
    starts, ends = _edges(shape, axis)
    wanted = share * _before(starts, ends, np.inf)
    stops = np.unique(starts[:, 0])
    low, high = 0, len(stops) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _before(starts, ends, stops[middle]) <= wanted else (low, middle)
    near, far = stops[low], stops[high]
    first, half, last = (_before(starts, ends, at) for at in (near, (near + far) / 2, far))
    bend = 2 * (last - 2 * half + first)
    slope = last - first - bend
    rest = wanted - first
    root = slope + np.sqrt(max(slope * slope + 4 * bend * rest, 0.0))
    return float(near + (far - near) * (np.clip(2 * rest / root, 0, 1) if root > 0 else 0.5))


def _edges(shape: Shape, axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and ends of all edges, shells clockwise, as lengths along an axis and across it."""
    rings = shapely.get_rings(shapely.get_parts(shapely.normalize(shape)))
    turned = [shapely.get_coordinates(ring) @ np.column_stack([axis, [-axis[1], axis[0]]]) for ring in rings]
    return np.concatenate([ring[:-1] for ring in turned]), np.concatenate([ring[1:] for ring in turned])


def _before(starts: np.ndarray, ends: np.ndarray, at: float) -> float:
    (x0, y0), (x1, y1) = starts.T, ends.T
    run = x1 - x0
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(run == 0, 0.0, (y1 - y0) / np.where(run == 0, 1.0, run))
    left, right = np.minimum(x0, at), np.minimum(x1, at)
    return float(np.sum((right - left) * (2 * y0 + slope * (left - x0) + slope * (right - x0)) / 2))


def _cut(shape: Shape, axis: np.ndarray, at: float) -> tuple[Shape, Shape]:
    """Return what lies before and what lies behind a straight cut; both take the corners of the cut from one edge."""
    middle = np.asarray(shape.centroid.coords[0])
    reach = 2 * float(np.hypot(*(np.array(shape.bounds[2:]) - shape.bounds[:2]))) + abs(at - middle @ axis) + 1
    across = np.array([-axis[1], axis[0]])
    foot = middle + axis * (at - middle @ axis)
    ends = foot + across * reach, foot - across * reach
    before = Polygon([*ends, ends[1] - axis * 2 * reach, ends[0] - axis * 2 * reach])
    return _surface(shapely.intersection(shape, before)), _surface(shapely.difference(shape, before))


def _halves(shape: Shape) -> tuple[Shape, Shape]:
    """Cut what no computed place divides through the middle of its box."""
    axis = _axis(shape)
    along = _along(shapely.get_coordinates(shape), axis)
    near, far = _cut(shape, axis, float((along.min() + along.max()) / 2))
    return (near, far) if not near.is_empty and not far.is_empty else (shape, shape)


def _surface(found: shapely.Geometry) -> Shape:
    """Return the polygons of a result, which may hold lines where a cut runs along an edge."""
    return _joined([one for one in shapely.get_parts(found) if one.geom_type == "Polygon" and not one.is_empty])


def _joined(polygons: list[Polygon]) -> Shape:
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
