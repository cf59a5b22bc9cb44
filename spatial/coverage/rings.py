"""Polygons as directed edges, and back: no coordinate is computed, so that nothing can be off by a hair.

The boundary of a polygon is the set of its directed edges, its inside on their left. Edges that two polygons have in
opposite directions cancel; what is left is the boundary of both together.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import shapely
from shapely import Polygon

from spatial.coverage.model import Refused
from spatial.geometry import Area

Place = tuple[int, int]
Edge = tuple[Place, Place]


def rings_of(geometry: Area) -> list[list[Place]]:
    """Return the closed rings of a polygon as places in whole numbers, shells and holes as they run."""
    return [
        [(int(x), int(y)) for x, y in shapely.get_coordinates(ring).tolist()]
        for ring in shapely.get_rings(shapely.get_parts(geometry))
    ]


def edges_of(geometry: Area) -> Iterable[Edge]:
    """Return the directed edges of an oriented polygon, its inside on their left."""
    for ring in rings_of(geometry):
        yield from zip(ring[:-1], ring[1:], strict=True)


def boundary(edges: Iterable[Edge]) -> Counter[Edge]:
    """Return what is left of directed edges when opposite ones cancel, with how often each is left."""
    left: Counter[Edge] = Counter()
    for start, end in edges:
        if left.get((end, start), 0) > 0:
            left[end, start] -= 1
        else:
            left[start, end] += 1
    return +left


def polygon_of(edges: Iterable[Edge]) -> Area | None:
    """Return the polygon whose inside lies on the left of directed edges; None where nothing lies there.

    Args:
        edges: noded: two of them meet at their ends only. Opposite ones cancel.

    Raises:
        Refused: ``too-fine`` where the edges bound no polygon: rounding has made two of them cross.
    """
    left = boundary(edges)
    if not left:
        return None
    inside = [shape for shape in atoms_of(left) if _first(shape) in left]
    if not inside:
        return None
    made = inside[0] if len(inside) == 1 else shapely.MultiPolygon(sorted(inside, key=lambda one: one.bounds))
    hold_together([made], left)
    return made


def hold_together(polygons: Iterable[Area], whole: Counter[Edge]) -> None:
    """Refuse polygons that do not exactly cover what a boundary bounds."""
    polygons = list(polygons)
    if boundary(edge for one in polygons for edge in edges_of(one)) != whole or not shapely.is_valid(polygons).all():
        raise Refused(
            "too-fine",
            "Boundaries come so near to one another here that they fall together on a grid of one millimetre.",
            "Draw a little further away, or along the boundary's own corners.",
            shapely.MultiPolygon([part for one in polygons for part in shapely.get_parts(one)]).envelope,
        )


def _first(shape: Polygon) -> Edge:
    """Return the first edge of a polygon's shell, which is counter-clockwise."""
    one, two = shapely.get_coordinates(shape.exterior)[:2].tolist()
    return (int(one[0]), int(one[1])), (int(two[0]), int(two[1]))


def atoms_of(edges: Iterable[Edge]) -> list[Polygon]:
    """Return the smallest polygons that noded edges make, oriented; edges that bound nothing are left out."""
    once = sorted({(min(edge), max(edge)) for edge in edges})
    if not once:
        return []
    lines = shapely.linestrings(np.array(once, float))
    return list(shapely.orient_polygons(np.array(shapely.get_parts(shapely.polygonize(lines)), object)))
