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


def to_centre(points: np.ndarray) -> np.ndarray:
    """Turn stored coordinates into geocentric ones; the way back of ``from_centre``.

    Args:
        points: float array (n, 3), longitude and latitude, degrees, EPSG:4490, and height above the ellipsoid, metres.

    Returns:
        Float array (n, 3), X, Y, Z, metres, EPSG:4978.
    """
    return np.column_stack(_from_centre().transform(points[:, 0], points[:, 1], points[:, 2], direction="INVERSE"))


def east_north_up(longitude: float, latitude: float, height: float) -> np.ndarray:
    """Return the frame of a place: what turns metres east, north and up of it into geocentric coordinates.

    Args:
        longitude, latitude: of the origin, degrees, EPSG:4490.
        height: of the origin above the ellipsoid, metres.

    Returns:
        Float array (4, 4); its columns are east, north, up and the origin, each X, Y, Z, EPSG:4978. It is the inverse
        of the geocentric/topocentric conversion (EPSG method 9836, IOGP Publication 373-7-2).
    """
    lon, lat = np.radians([longitude, latitude])
    frame = np.eye(4)
    frame[:3, 0] = [-np.sin(lon), np.cos(lon), 0]
    frame[:3, 1] = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    frame[:3, 2] = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    frame[:3, 3] = to_centre(np.array([[longitude, latitude, height]]))[0]
    return frame


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


__all__ = ["GEOCENTRIC", "back", "east_north_up", "from_centre", "to_centre"]
