"""How much of a grid its keeper has walked (覆盖率): of its ground, and of its buildings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.rules import ellipsoid
from spatial.rules.tracks import Track

BUFFER_M = 30.0
"""Metres to either side of a track that a keeper looks after."""


@dataclass(frozen=True)
class Covered:
    """Share of a grid's ground, 0 to 1, and how many of its buildings were passed; share None without ground."""

    share: float | None
    passed: int
    buildings: int


def covered(grid: shapely.Geometry, buildings: Sequence[shapely.Geometry], pieces: Sequence[Track],
            buffer_m: float = BUFFER_M) -> Covered:
    """Return what of a grid lies near some pieces of tracks.

    Args:
        grid: its outline, degrees, EPSG:4490.
        buildings: outlines of the buildings that belong to it, degrees.
        pieces: walked without a gap.
        buffer_m: how near, metres.
    """
    lon0, lat0 = (float(value) for value in shapely.get_coordinates(shapely.centroid(grid))[0])

    def flat(coordinates: np.ndarray) -> np.ndarray:
        return ellipsoid.local(coordinates[:, 0], coordinates[:, 1], lon0, lat0)

    ground = shapely.transform(grid, flat)
    area = shapely.area(ground)
    walls = shapely.transform(np.array(buildings, dtype=object), flat)
    lines = [_line(flat(np.column_stack([piece.lon, piece.lat]))) for piece in pieces]
    if not lines:
        return Covered(0.0 if area else None, 0, len(buildings))
    # Only what lies near the grid: a day may hold a way to the office at the other end of the town.
    around = shapely.box(*shapely.total_bounds(np.append(walls, ground))).buffer(2 * buffer_m)
    near = shapely.intersection(shapely.union_all(lines), around)
    inside = shapely.area(shapely.intersection(shapely.buffer(near, buffer_m), ground))
    shapely.prepare(near)
    passed = int(np.count_nonzero(shapely.dwithin(walls, near, buffer_m))) if len(walls) else 0
    return Covered(min(1.0, float(inside / area)) if area else None, passed, len(buildings))


def _line(xy: np.ndarray) -> shapely.Geometry:
    return shapely.linestrings(xy) if len(xy) > 1 else shapely.points(xy[0])
