"""Lines between buildings: the ground of a block is shared out to the buildings nearest to it."""

from dataclasses import dataclass

import numpy as np
import shapely

STEP_M = 4.0
"""Outlines of buildings are looked at as points so far apart, to find what lies half way."""

SMOOTH_M = 2.5
"""So far a line between buildings may run beside the exact middle, for fewer corners."""


@dataclass(frozen=True)
class Territories:
    """Ground by the building nearest to it.

    Attributes:
        shapes: polygons, plane metres; they may reach out of their block. blocks, owners: which block each lies in, and
            row of its building.
        lines: what runs between two of them inside a block.
    """

    shapes: np.ndarray
    blocks: np.ndarray
    owners: np.ndarray
    lines: list[shapely.Geometry]


def territories(blocks: np.ndarray, footprints: np.ndarray) -> Territories:
    """Share blocks out to the buildings in them.

    Args:
        blocks: polygons that do not overlap, plane metres.
        footprints: of buildings, plane metres. One in several blocks belongs to that with most of it.
    """
    at, row = shapely.STRtree(blocks).query(footprints, predicate="intersects")[::-1]
    share = shapely.area(shapely.intersection(blocks[at], footprints[row]))
    order = np.lexsort((at, -share, row))
    row, at = row[order], at[order]
    first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]) if len(row) else np.empty(0, int)
    home = np.full(len(footprints), -1)
    home[row[first]] = at[first]
    shapes, where, owners, lines = [], [], [], []
    for block in np.unique(home[home >= 0]).tolist():
        held = np.flatnonzero(home == block)
        found, between = _shared(blocks[block], footprints[held])
        shapes += found
        where += [block] * len(found)
        owners += held.tolist()
        lines += between
    return Territories(np.array(shapes, object), np.array(where, int), np.array(owners, int), lines)


def _shared(block: shapely.Polygon, footprints: np.ndarray) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Return the territory of each building of a block, and the lines between them."""
    if len(footprints) == 1:
        return [block], []
    places, of = shapely.get_coordinates(shapely.segmentize(shapely.boundary(footprints), STEP_M), return_index=True)
    places, first = np.unique(np.round(places, 3), axis=0, return_index=True)
    of = of[first]
    cells = shapely.voronoi_polygons(shapely.multipoints(places), extend_to=block.buffer(1), ordered=True)
    cells = np.array(shapely.get_parts(cells), object)
    sharp = []
    for one, footprint in enumerate(footprints):
        mine = cells[of == one]
        sharp.append(shapely.coverage_union_all(mine) if len(mine) else footprint)
    smooth = shapely.coverage_simplify(sharp, SMOOTH_M, simplify_boundary=False)
    between = shapely.intersection(shapely.union_all(shapely.boundary(smooth)), block)
    return list(smooth), [between]
