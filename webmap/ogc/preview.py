"""A small picture of features for their page: an SVG drawn here, with classes instead of styles."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from spatial.queries.features import EPSG_4326, EPSG_4490

SIZE = 1000
"""Width of the picture in its own units."""

MARGIN = 0.05
"""Share of the picture's width that stays free on each side."""


@dataclass(frozen=True)
class Picture:
    """A drawing: its height for a width of ``SIZE``, outlines as one path, points as circles (x, y)."""

    height: int
    path: str
    points: list[tuple[float, float]]


def picture(features: list[dict[str, Any]], crs: str) -> Picture | None:
    """Draw features.

    Args:
        features: GeoJSON features.
        crs: URI of their coordinate system, in angle brackets or not.

    Returns:
        The drawing; None where no feature has a geometry.
    """
    shapes = np.array([shapely.geometry.shape(one["geometry"]) for one in features if one["geometry"]], dtype=object)
    points = shapely.get_coordinates(shapes)
    if not len(points):
        return None
    flipped = crs.strip("<>") in (EPSG_4326, EPSG_4490)
    if flipped:
        points = points[:, ::-1]
    low, high = points.min(axis=0), points.max(axis=0)
    # Degrees of longitude are shorter than those of latitude; metres are not.
    narrow = np.cos(np.radians((low[1] + high[1]) / 2)) if abs(high).max() <= 180 else 1.0
    span = np.maximum((high - low) * [narrow, 1], 1e-9)
    span = np.maximum(span, span.max() / 4)
    scale = SIZE / (span[0] * (1 + 2 * MARGIN))
    middle = (low + high) / 2
    height = span[1] * (1 + 2 * MARGIN) * scale

    def place(given: np.ndarray) -> np.ndarray:
        x, y = (given[:, ::-1] if flipped else given).T
        return np.column_stack([(x - middle[0]) * narrow * scale + SIZE / 2, height / 2 - (y - middle[1]) * scale])

    drawn = shapely.transform(shapes, place)
    dots = [(round(x, 1), round(y, 1)) for x, y in shapely.get_coordinates(
        drawn[shapely.get_type_id(drawn) == shapely.GeometryType.POINT])]
    lines = [line for shape in drawn for line in _lines(shape)]
    return Picture(round(height), " ".join(_path(line) for line in lines), dots)


def _lines(shape: shapely.Geometry) -> list[np.ndarray]:
    """Return the rings and lines of a geometry; points are drawn by themselves."""
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    lines = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    return [shapely.get_coordinates(line) for line in (*shapely.get_rings(polygons), *lines)]


def _path(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
