"""The order in which grids are numbered."""

import numpy as np
import shapely

from spatial.coverage.model import Coverage


def reading_order(coverage: Coverage) -> list[int]:
    """Return the faces as a page is read: from west to east, and row by row from north to south.

    A row holds what begins where its first, northernmost face reaches: half of that face's height down from its middle.
    """
    boxes = shapely.bounds(np.array(list(coverage.faces.values()), object)).reshape(-1, 4)
    middles = shapely.get_coordinates(shapely.centroid(np.array(list(coverage.faces.values()), object)))
    waiting = sorted(range(len(boxes)), key=lambda one: (-middles[one, 1], middles[one, 0]))
    order: list[int] = []
    while waiting:
        first = waiting[0]
        floor = middles[first, 1] - (boxes[first, 3] - boxes[first, 1]) / 2
        row = [one for one in waiting if middles[one, 1] >= floor]
        order += sorted(row, key=lambda one: (middles[one, 0], -middles[one, 1]))
        waiting = waiting[len(row) :]
    return [coverage.numbers[one] for one in order]
