"""The lattice on which boundaries of grids lie: 1e-8 of a degree, about a millimetre, in whole numbers.

Geometries in *lattice units* are shapely geometries whose coordinates are whole numbers (lon * 1e8, lat * 1e8, both
exact in a float64). On whole numbers two boundaries are the same or they are not, and areas can be added without a
remainder: what makes it possible to prove that a plan has no gap (decision 28).
"""

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from spatial.errors import InvalidInput
from spatial.rules.ellipsoid import radii

PER_DEGREE = 100_000_000
"""Lattice units in one degree."""

Area = Polygon | MultiPolygon

WRAPS = 2**62
"""Twice the area of a box below this fits an int64; sums on the way to it may wrap round, which the end undoes."""


def to_lattice(geometry: BaseGeometry) -> BaseGeometry:
    """Round a geometry to the lattice; polygons come out valid, their shells counter-clockwise, their holes clockwise.

    Args:
        geometry: degrees, EPSG:4490 (lon, lat); heights are dropped.

    Returns:
        Lattice units. A geometry that lies on the lattice comes back from ``to_degrees`` bit by bit. What is thinner
        than the lattice is gone; the answer is empty where all of it is.

    Raises:
        InvalidInput: a coordinate is no number, or not of this earth.
    """
    flat = shapely.force_2d(geometry)
    places = shapely.get_coordinates(flat)
    if not np.isfinite(places).all() or (np.abs(places) > (180, 90)).any():
        raise InvalidInput(
            "A coordinate is not a longitude and latitude in degrees.",
            [("geometry", "longitudes lie within -180 and 180, latitudes within -90 and 90")],
            "Give longitude first, then latitude, in degrees (EPSG:4490).",
        )
    scaled = shapely.transform(flat, lambda xy: np.round(xy * PER_DEGREE) + 0.0)
    if flat.geom_type in ("Point", "MultiPoint"):
        return scaled
    scaled = shapely.remove_repeated_points(scaled)
    if flat.geom_type not in ("Polygon", "MultiPolygon"):
        return scaled
    if not scaled.is_valid:
        scaled = shapely.set_precision(shapely.make_valid(scaled, method="structure", keep_collapsed=False), 1)
    return shapely.orient_polygons(scaled)


def to_degrees(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry of the lattice in degrees, EPSG:4490 (lon, lat): each the float nearest to the whole number."""
    return shapely.transform(geometry, lambda xy: xy / PER_DEGREE)


def on_lattice(geometry: BaseGeometry) -> bool:
    """Tell whether all coordinates are whole numbers."""
    places = shapely.get_coordinates(geometry)
    return bool((places == np.round(places)).all())


def doubled_area(geometry: Area) -> int:
    """Return twice the area of a polygon of the lattice, exactly, in square lattice units; holes are taken off."""
    rings, of = shapely.get_rings(
        geometry if geometry.geom_type == "Polygon" else list(geometry.geoms), return_index=True
    )
    total = 0
    for number, ring in enumerate(rings):
        area = abs(_doubled(shapely.get_coordinates(ring)))
        total += area if number == 0 or of[number] != of[number - 1] else -area
    return total


def _doubled(places: np.ndarray) -> int:
    """Return twice the signed area of a closed ring, counter-clockwise positive."""
    x, y = (places - places[0]).astype(np.int64).T
    if (int(np.ptp(x)) + 1) * (int(np.ptp(y)) + 1) < WRAPS // 2:
        return int((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())
    return sum(
        a * d - b * c
        for a, b, c, d in zip(x[:-1].tolist(), x[1:].tolist(), y[:-1].tolist(), y[1:].tolist(), strict=True)
    )


def area_m2(geometry: Area) -> float:
    """Return the area of a polygon of the lattice in square metres, by the ellipsoid's radii at its middle latitude."""
    if geometry.is_empty:
        return 0.0
    _, south, _, north = geometry.bounds
    up, along = radii((south + north) / 2 / PER_DEGREE)
    unit = np.radians(1 / PER_DEGREE)
    return float(doubled_area(geometry) / 2 * (up * unit) * (along * unit))


def metres_per_unit(geometry: BaseGeometry) -> tuple[float, float]:
    """Return metres of a lattice unit eastwards and northwards where a geometry lies."""
    _, south, _, north = geometry.bounds
    up, along = radii((south + north) / 2 / PER_DEGREE)
    return float(along * np.radians(1 / PER_DEGREE)), float(up * np.radians(1 / PER_DEGREE))
