"""Bounding volumes of 3D Tiles: checked, and turned into what they cover on the ground.

3D Tiles 1.1, section 8.4 (OGC 22-025r4). A region is in radians, EPSG:4979, and never transformed; boxes and
spheres are in metres in the tile's own frame, which ``transform`` puts at the centre of the Earth, EPSG:4978.
"""

import itertools
import math

import numpy as np
import shapely

from spatial import crs
from spatial.crs_earth import from_centre
from spatial.crs_numbers import METRES_OF_A_DEGREE

NEAREST_M, FARTHEST_M = 6_340_000.0, 6_400_000.0
"""Distance from the centre of the Earth of what stands on it, metres: the poles are at 6,357 km, and a volume may reach
17 km below them; the equator is at 6,378 km."""

SMALLEST_DEGREES = 1e-6
"""Footprint of what has none, such as a single point: a decimetre."""

_SIZES = {"region": 6, "box": 12, "sphere": 4}
_CIRCLE_POINTS = 32


class Unplaced(ValueError):
    """A tileset stands in a frame of its own, not on the Earth."""


def problem(volume: object) -> str | None:
    """Return what is wrong with a bounding volume, in words; None where nothing is."""
    if not isinstance(volume, dict) or not volume:
        return "has no bounding volume"
    known = [kind for kind in _SIZES if kind in volume]
    if not known:
        return None if "extensions" in volume else f"has a bounding volume of unknown kind ({', '.join(volume)})"
    for kind in known:
        numbers = volume[kind]
        if not (isinstance(numbers, list) and len(numbers) == _SIZES[kind] and all(map(_is_number, numbers))):
            return f"has a {kind} that is not {_SIZES[kind]} finite numbers"
    return None


def transform_problem(transform: object) -> str | None:
    """Return what is wrong with a tile's transform, in words; None where nothing is."""
    if transform is None or (isinstance(transform, list) and len(transform) == 16 and all(map(_is_number, transform))):
        return None
    return "has a transform that is not 16 finite numbers"


def matrix(tile: dict) -> np.ndarray:
    """Return a tile's transform, float array (4, 4): what turns its own coordinates into those of its parent."""
    # Column after column.
    return np.array(tile.get("transform") or np.eye(4).ravel(), dtype=float).reshape(4, 4).T


def middle(root: dict) -> np.ndarray:
    """Return the middle of the root's box or sphere, transformed: float array (3,), metres.

    Raises:
        ValueError: it has neither.
    """
    volume = root["boundingVolume"]
    numbers = volume.get("box", volume.get("sphere"))
    if numbers is None:
        raise ValueError("it has no box and no sphere")
    return (matrix(root) @ [*numbers[:3], 1])[:3]


def has_region(tile: dict) -> bool:
    """Return whether a tile, or a content of it, is bounded by a region, which no transform moves."""
    contents = tile.get("contents")
    bounded = [tile, tile.get("content"), *(contents if isinstance(contents, list) else ())]
    volumes = [one.get(name) for one in bounded if isinstance(one, dict)
               for name in ("boundingVolume", "viewerRequestVolume")]
    return any(isinstance(volume, dict) and "region" in volume for volume in volumes)


def footprint(root: dict) -> shapely.MultiPolygon:
    """Return what the root tile covers.

    Args:
        root: the tile, without a ``problem``.

    Returns:
        Longitude and latitude, degrees, EPSG:4490.

    Raises:
        Unplaced: it is not on the Earth. ValueError: it is where the map cannot draw, or nobody can tell where.
        The message says which, in words.
    """
    volume = root["boundingVolume"]
    if "region" in volume:
        west, south, east, north = np.degrees(volume["region"][:4])
        if not (west < east and south <= north):
            raise ValueError(f"its region runs from {west:.5f} {south:.5f} to {east:.5f} {north:.5f}")
        shape = shapely.box(west, south, east, north)
    elif "box" in volume:
        shape = shapely.MultiPoint(_ground(_corners(volume["box"]), root)).convex_hull
    elif "sphere" in volume:
        shape = _disc(np.array(volume["sphere"], dtype=float), root)
    else:
        raise ValueError("its bounding volume is of a kind whose place is not known; a region, box or sphere is needed")
    if shape.geom_type != "Polygon" or shape.area == 0:
        shape = shape.buffer(SMALLEST_DEGREES, quad_segs=1)
    edge = shapely.get_coordinates(shape)
    if not crs.storable(edge).all() or np.ptp(edge[:, 0]) > 180:
        raise ValueError(f"it reaches beyond longitude ±180° or latitude ±{crs.LARGEST_LATITUDE}°")
    return shapely.MultiPolygon([shape])


def _corners(numbers: list[float]) -> np.ndarray:
    centre, *axes = np.array(numbers, dtype=float).reshape(4, 3)
    return np.array([centre + sum(sign * axis for sign, axis in zip(signs, axes, strict=True))
                     for signs in itertools.product((-1, 1), repeat=3)])


def _disc(numbers: np.ndarray, root: dict) -> shapely.Geometry:
    radius = abs(numbers[3]) * _scale(root)
    longitude, latitude = _ground(numbers[None, :3], root)[0]
    angles = np.linspace(0, 2 * math.pi, _CIRCLE_POINTS, endpoint=False)
    degrees = radius / METRES_OF_A_DEGREE
    return shapely.Polygon(np.column_stack([
        longitude + degrees / math.cos(math.radians(latitude)) * np.cos(angles), latitude + degrees * np.sin(angles)]))


def _ground(points: np.ndarray, root: dict) -> np.ndarray:
    """Return longitude and latitude of points of the tile's own frame."""
    frame = matrix(root)
    points = points @ frame[:3, :3].T + frame[:3, 3]
    away = np.linalg.norm(points, axis=1)
    if not ((away >= NEAREST_M) & (away <= FARTHEST_M)).all():
        raise Unplaced(f"it stands {away.min() / 1000:,.3f} km from the centre of the Earth, so that its place is "
                       "not known")
    return from_centre(points)[:, :2]


def _scale(root: dict) -> float:
    return float(np.linalg.norm(matrix(root)[:3, :3], axis=0).max())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
