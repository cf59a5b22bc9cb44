"""The local metre frame of the city, and the way from it to longitude and latitude.

Everything is drawn in metres, x east and y north of the city's centre, and turned into
degrees (EPSG:4490, lon/lat) once, when a layer is written.

The mapping is linear: one degree of latitude is the meridian arc of the CGCS2000
ellipsoid at the centre, one degree of longitude the arc of the parallel there. Scale is
exact at the centre. Towards the edge of the frame (|x|, |y| ≤ 2,600 m) the length of a
degree of longitude changes by at most tan(lat)·y/R = 2.6e-4, that of latitude by less
than 5e-6: a distance measured on the ellipsoid differs from the drawn one by less than
0.03 %, 0.7 m over the whole city. Being linear it also makes a north-up raster in metres
a north-up raster in degrees, so images need no resampling.
"""

import math

import numpy as np
import shapely

CENTRE = (117.28, 31.86)
"""Longitude and latitude of x = 0, y = 0 in degrees, EPSG:4490."""

_A = 6378137.0
_F = 1 / 298.257222101
_E2 = _F * (2 - _F)
_W2 = 1 - _E2 * math.sin(math.radians(CENTRE[1])) ** 2

M_PER_DEG_LAT = math.radians(1) * _A * (1 - _E2) / _W2**1.5
"""Metres in one degree of latitude at the centre (CGCS2000 ellipsoid, GB 22021)."""

M_PER_DEG_LON = math.radians(1) * _A / math.sqrt(_W2) * math.cos(math.radians(CENTRE[1]))
"""Metres in one degree of longitude at the centre."""

DEGREE_DECIMALS = 8
"""Coordinates are written to 1e-8°, about 1 mm."""


def to_degrees(xy: np.ndarray) -> np.ndarray:
    """Turn metres of the local frame into degrees.

    Args:
        xy: shape (n, 2), metres east and north of `CENTRE`.
    Returns:
        shape (n, 2), longitude and latitude, EPSG:4490, rounded to 1e-8°. Equal input
        gives equal output, so shared vertices stay shared.
    """
    lonlat = np.asarray(xy, float) / (M_PER_DEG_LON, M_PER_DEG_LAT) + CENTRE
    return np.round(lonlat, DEGREE_DECIMALS)


def to_metres(lonlat: np.ndarray) -> np.ndarray:
    """Turn longitude and latitude (n, 2; EPSG:4490) into metres of the local frame."""
    return (np.asarray(lonlat, float) - CENTRE) * (M_PER_DEG_LON, M_PER_DEG_LAT)


def geometries_to_degrees(geometries) -> np.ndarray:
    """Turn shapely geometries from the local metre frame into EPSG:4490 (lon, lat)."""
    return shapely.transform(np.asarray(geometries, dtype=object), to_degrees)


def geometries_to_metres(geometries) -> np.ndarray:
    """Turn shapely geometries from EPSG:4490 (lon, lat) into the local metre frame."""
    return shapely.transform(np.asarray(geometries, dtype=object), to_metres)
