"""How much of a grid its keeper has walked (覆盖率): of its ground, and of its buildings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.rules import ellipsoid
from spatial.rules.tracks import Track, outlined

BUFFER_M = 30.0
"""Metres to either side of a track that a keeper looks after."""

DETAIL_M = 5.0
"""Turns of a track smaller than this, metres, hardly change what is near."""


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
    legs = np.concatenate([np.empty((0, 4)), *(_legs(piece, flat) for piece in pieces)])
    lines = shapely.linestrings(legs.reshape(-1, 2, 2))
    # Only what lies near: a day may hold a way to the office at the other end of the town.
    lines = lines[shapely.dwithin(lines, shapely.box(*shapely.total_bounds(np.append(walls, ground))), buffer_m)]
    # Leg by leg: GEOS takes gigabytes and minutes for the buffer of one line that crosses itself as a day's round does.
    near = shapely.union_all(shapely.buffer(lines, buffer_m))
    inside = shapely.area(shapely.intersection(near, ground))
    passed = np.unique(shapely.STRtree(lines).query(walls, predicate="dwithin", distance=buffer_m)[0])
    return Covered(min(1.0, float(inside / area)) if area else None, len(passed), len(buildings))


def _legs(piece: Track, flat: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the straight legs of a piece, as x and y of both ends; one of no length where it is a single place."""
    outline = outlined(piece, DETAIL_M)
    xy = flat(np.column_stack([outline.lon, outline.lat]))
    return np.hstack([xy[:-1], xy[1:]]) if len(xy) > 1 else np.hstack([xy, xy])
