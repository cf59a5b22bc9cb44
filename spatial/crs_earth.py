"""Coordinates from the centre of the Earth, and the way back from what is stored to a source.

3D Tiles count X, Y, Z in metres from the centre of the Earth (EPSG:4978). Elevation models are asked for
heights at stored places, in their own system.
"""

from functools import cache

import numpy as np
from pyproj.transformer import Transformer

from spatial.crs import Route

GEOCENTRIC = "EPSG:4978"
"""WGS 84, X, Y, Z in metres from the centre of the Earth."""


@cache
def _from_centre() -> Transformer:
    return Transformer.from_crs(4978, 4979, always_xy=True)


def from_centre(points: np.ndarray) -> np.ndarray:
    """Turn geocentric coordinates into stored ones.

    Args:
        points: float array (n, 3), X, Y, Z, metres, EPSG:4978.

    Returns:
        Float array (n, 3): longitude and latitude, degrees, EPSG:4490 (WGS 84 taken as CGCS2000), and
        height above the ellipsoid, metres.
    """
    return np.column_stack(_from_centre().transform(points[:, 0], points[:, 1], points[:, 2]))


def back(route: Route, points: np.ndarray) -> np.ndarray:
    """Turn stored coordinates into those of the source that a route begins at.

    Args:
        route: how the source's coordinates become stored ones.
        points: float array (n, 2), longitude and latitude, degrees, EPSG:4490.

    Returns:
        Float array (n, 2), x and y of the source. Points that the operation cannot reach come back as
        infinities.
    """
    if route.identical:
        return points
    x, y = route._transformer.transform(points[:, 0], points[:, 1], direction="INVERSE")
    return np.column_stack([x, y])


__all__ = ["GEOCENTRIC", "back", "from_centre"]
