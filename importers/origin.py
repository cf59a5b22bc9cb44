"""Coordinates of 0: what programs write where nobody measured a position ("Null Island").

In degrees 0, 0 is a place in the Gulf of Guinea with no land within 500 km, and nothing near it is taken. A longitude
or a latitude of exactly 0, and the origin of a grid in metres, may be a place: Greenwich, the equator, the middle of a
city whose own survey counts from there. They are taken only where other rows, which have no such 0
themselves, lie there as well. No row vouches for itself, nor do two of the kind for each other. Where all rows have
one 0 in degrees, nothing tells what it means, and ``importers/stray.py`` decides by what is on record.
"""

import numpy as np
import shapely

from importers.concepts.declare import Concept
from spatial import crs

TOLERANCE = 1e-9
"""Degrees that count as 0: what a program leaves that moved a 0 by nothing."""

TOLERANCE_M = 0.001
"""The same in metres."""

AROUND_DEGREES, AROUND_M = 1.0, 100_000.0
"""So near to such a corner (to the next whole degree of it), along either axis, a corner counts as its neighbour. In
degrees also: nothing so near to 0, 0 is taken."""

NEIGHBOURS = 0.05
"""Share of the corners of all other rows that must be neighbours: a slip of the pen does not make a place of 0."""


def at_nowhere(geometries: np.ndarray, bounds: np.ndarray, degrees: bool, metres_per_unit: float = 1.0) -> np.ndarray:
    """Tell which geometries have a corner at 0 while those of other rows lie elsewhere.

    Args:
        geometries: shapely geometries of the rows read at once, None where missing; coordinates of the source,
            x and y.
        bounds: theirs, float array (n, 4), NaN where missing.
        degrees: the coordinates are degrees of longitude and latitude.
        metres_per_unit: of coordinates on a plane.

    Returns:
        Boolean array, one for each geometry.
    """
    found = np.zeros(len(geometries), bool)
    near = AROUND_DEGREES if degrees else TOLERANCE_M / metres_per_unit
    astride = (bounds[:, :2] <= near) & (bounds[:, 2:] >= -near)
    # Nearly every file lies elsewhere, and its corners need not be looked at.
    if not (astride.any() if degrees else astride.all(axis=1).any()):
        return found
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    distance = np.abs(points)
    if not degrees:
        zero = (distance <= near).all(axis=1)
        return _unconfirmed(found, points, owner, zero, AROUND_M / metres_per_unit)
    at_sea = (distance <= near).all(axis=1)
    zeros = (distance <= TOLERANCE) & ~at_sea[:, None]
    if np.unique(owner[at_sea | zeros.any(axis=1)]).size < np.unique(owner).size:
        _unconfirmed(found, points, owner, zeros.any(axis=1), AROUND_DEGREES, at_sea)
    found[owner[at_sea]] = True
    return found


def _unconfirmed(found: np.ndarray, points: np.ndarray, owner: np.ndarray, zero: np.ndarray, around: float,
                 spoilt: np.ndarray | bool = False) -> np.ndarray:
    """Mark rows with a corner of ``zero`` near which too few corners of other rows lie."""
    suspected = np.zeros(len(found), bool)
    suspected[owner[zero | spoilt]] = True
    others = points[~suspected[owner]]
    # To the next whole degree: corners along a whole meridian are looked at a few hundred times, not each by itself.
    cells = np.round(points / around) * around
    for cell in np.unique(cells[zero], axis=0):
        if not len(others) or (np.abs(others - cell).max(axis=1) <= around).mean() < NEIGHBOURS:
            found[owner[zero & (cells == cell).all(axis=1)]] = True
    return found


def words(concept: Concept, geometry: shapely.Geometry, reference: crs.Reference) -> str:
    """Say what is wrong with such a geometry, and the cure."""
    where = "lies" if geometry.geom_type == "Point" else "has a corner"
    points = shapely.get_coordinates(geometry)
    away = np.abs(points)
    x, y = points[np.lexsort((away.max(axis=1), away.min(axis=1) if reference.geographic else away.max(axis=1)))[0]]
    cure = "correct it, or leave the row out" if concept.geometry_required else \
        "correct it, or leave the position empty"
    return (f"{where} at {_number(x)}, {_number(y)} ({reference.label}), and no other rows near there: 0 stands where "
            f"no position was known; {cure}")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(value) < 1 else f"{value:.10g}"


__all__ = ["AROUND_DEGREES", "AROUND_M", "at_nowhere", "words"]
