"""Coordinates of exactly 0, 0: what programs write where nobody measured a position ("Null Island").

In degrees that is a place in the Gulf of Guinea, in metres the origin of the system's grid. It is taken for a
place only where its neighbours lie there as well: a sandbox may show any city, and the grid of a city's own
survey may begin in its middle.
"""

import numpy as np
import shapely

from importers.concepts.declare import Concept
from spatial import crs

TOLERANCE = 1e-9
"""Degrees or units of the grid that count as 0: what a program leaves that moved 0, 0 by nothing."""

AROUND_DEGREES, AROUND_M = 1.0, 100_000.0
"""So near to 0, 0, along either axis, a corner counts as its neighbour."""

NEIGHBOURS = 0.05
"""Share of all other corners that must be neighbours: a second slip of the pen does not make a place of 0, 0."""


def neighbourhood(reference: crs.Reference) -> float:
    """Return how near to 0, 0 a corner counts as its neighbour, in units of the reference."""
    return AROUND_DEGREES if reference.geographic else AROUND_M / reference.metres_per_unit


def at_nowhere(geometries: np.ndarray, bounds: np.ndarray, around: float) -> np.ndarray:
    """Tell which geometries have a corner at 0, 0 while the others lie elsewhere.

    Args:
        geometries: shapely geometries of the rows read at once, None where missing; coordinates of the source,
            x and y.
        bounds: theirs, float array (n, 4), NaN where missing.
        around: see ``neighbourhood``.

    Returns:
        Boolean array, one for each geometry.
    """
    found = np.zeros(len(geometries), bool)
    # Nearly every file lies elsewhere, and its corners need not be looked at.
    if not ((bounds[:, :2] <= TOLERANCE).all(axis=1) & (bounds[:, 2:] >= -TOLERANCE).all(axis=1)).any():
        return found
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    zero = _zero(points)
    others = points[~zero]
    if not len(others) or (np.abs(others).max(axis=1) <= around).mean() < NEIGHBOURS:
        found[owner[zero]] = True
    return found


def words(concept: Concept, geometry: shapely.Geometry, reference: crs.Reference) -> str:
    """Say what is wrong with such a geometry, and the cure."""
    where = "lies" if geometry.geom_type == "Point" else "has a corner"
    cure = "correct it, or leave the row out" if concept.geometry_required else \
        "correct it, or leave the position empty"
    return (f"{where} at 0, 0 ({reference.label}), and no others near there: 0 stands where no position was known; "
            f"{cure}")


def _zero(points: np.ndarray) -> np.ndarray:
    return (np.abs(points) <= TOLERANCE).all(axis=1)


__all__ = ["AROUND_DEGREES", "AROUND_M", "at_nowhere", "neighbourhood", "words"]
