"""Lines between buildings: the ground of a block is shared out to the buildings nearest to it."""

import numpy as np
import shapely

STEP_M = 4.0
"""Outlines of buildings are looked at as points so far apart, to find what lies half way."""

SMOOTH_M = 2.5
"""So far a line between buildings may run beside the exact middle, for fewer corners."""


def homes(blocks: np.ndarray, footprints: np.ndarray) -> np.ndarray:
    """Return the block with most of each building, -1 where none has any.

    Args:
        blocks: polygons that do not overlap. footprints: of buildings.
    """
    row, at = shapely.STRtree(blocks).query(footprints, predicate="intersects")
    share = shapely.area(shapely.intersection(blocks[at], footprints[row]))
    order = np.lexsort((at, share, -row))[::-1]
    found = np.full(len(footprints), -1)
    found[row[order][::-1]] = at[order][::-1]
    return found


def between(block: shapely.Polygon, footprints: np.ndarray) -> shapely.Geometry:
    """Return the lines half way between the buildings of a block, as far as they run in it; plane metres."""
    places, of = shapely.get_coordinates(shapely.segmentize(shapely.boundary(footprints), STEP_M), return_index=True)
    places, first = np.unique(np.round(places, 3), axis=0, return_index=True)
    cells = shapely.voronoi_polygons(shapely.multipoints(places), extend_to=block.buffer(1), ordered=True)
    rings = shapely.get_exterior_ring(shapely.get_parts(cells))
    corners, cell = shapely.get_coordinates(rings, return_index=True)
    corners = np.round(corners, 3)
    edge = (cell[:-1] == cell[1:]) & (corners[:-1] != corners[1:]).any(axis=1)
    owner = of[first][cell[:-1][edge]]
    start, end = corners[:-1][edge], corners[1:][edge]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    keys = np.where(turned[:, None], np.hstack([end, start]), np.hstack([start, end]))
    # An edge that two cells of one building share is no boundary. Cells do not always have the same corners; an edge
    # of one cell only may stay: what it parts belongs together all the same.
    keys, which, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    lowest, highest = np.full(len(keys), len(footprints)), np.full(len(keys), -1)
    np.minimum.at(lowest, which, owner)
    np.maximum.at(highest, which, owner)
    parting = keys[(count == 1) | (lowest != highest)].reshape(-1, 2, 2)
    lines = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(parting)))
    return shapely.intersection(shapely.simplify(lines, SMOOTH_M), block)
