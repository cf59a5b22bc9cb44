"""Divide the ground of some faces anew."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from spatial.coverage.cutting import known, pieces_of
from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import Edge, edges_of, polygon_of
from spatial.coverage.weave import weave
from spatial.geometry import Area


def ground_of(coverage: Coverage, faces: Iterable[int]) -> Area:
    """Return the ground that faces fill together, lattice units; the outline where they are all that there is.

    Raises:
        Refused: ``unknown-face``, or ``not-exact`` where some faces of many overlap or leave a gap between them.
    """
    numbers = known(coverage, faces)
    if numbers == set(coverage.faces):
        return coverage.outline
    try:
        ground = polygon_of(edge for number in numbers for edge in edges_of(coverage.faces[number]))
    except Refused:
        ground = None
    if ground is None or not shapely.is_valid(ground):
        raise Refused(
            "not-exact",
            "The grids overlap, or there are gaps between them.",
            "Mend these first, or divide the whole community anew.",
            None,
            sorted(numbers),
        )
    return ground


def divide(coverage: Coverage, faces: Iterable[int], shapes: Sequence[Area], numbers: Sequence[int]) -> Edit:
    """Replace faces by others that share their ground out.

    Args:
        faces: which go.
        shapes: how their ground is shared out, lattice units: they fill ``ground_of`` the faces but for a step of the
            lattice along its rim, and have the same corners where they meet. A shape may have several parts.
        numbers: of the faces that the shapes become; those that go may be among them.

    Raises:
        Refused: as ``ground_of``; ``too-fine`` where boundaries fall together on the lattice.
    """
    gone = known(coverage, faces)
    ground = ground_of(coverage, gone)
    first = min(gone)
    others = {number: face for number, face in coverage.faces.items() if number not in gone}
    woven = weave(Coverage(coverage.outline, {**others, first: ground}), lines) if (lines := _between(shapes)) else None
    rim = woven.faces.get(first, ground) if woven else ground
    atoms = pieces_of(rim, woven.lines if woven else [])
    # A representative place of an atom lies in one shape; along the rim a shape may be a step short of it.
    tree = shapely.STRtree(np.array(shapes, object))
    nearest = tree.nearest(shapely.point_on_surface(np.array(atoms, object)))
    shared: dict[int, list[Edge]] = {}
    for atom, one in zip(atoms, nearest.tolist(), strict=True):
        shared.setdefault(one, []).extend(edges_of(atom))
    made = {numbers[one]: polygon_of(shared[one]) for one in sorted(shared)}
    changed = {number: face for number, face in (woven.faces if woven else {}).items() if number != first}
    return Edit({**changed, **dict.fromkeys(sorted(gone)), **made}, woven.outline if woven else None)


def _between(shapes: Sequence[Area]) -> list[shapely.LineString]:
    """Return the boundaries that two shapes share, as lines."""
    seen: set[Edge] = set()
    common: list[Edge] = []
    for shape in shapes:
        edges = set(edges_of(shape))
        common += [edge for edge in edges if (edge[1], edge[0]) in seen]
        seen |= edges
    if not common:
        return []
    return list(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(sorted(common)))))
