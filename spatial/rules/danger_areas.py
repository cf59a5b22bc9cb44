"""Areas of disaster warnings (预警区域): the texts of CAP as polygons, what is wrong with them, and small outlines.

CAP writes latitude before longitude, in WGS 84, which is taken as CGCS2000 (they agree within a metre). What comes out
is EPSG:4490, longitude before latitude, as everywhere here.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.validation import explain_validity

Fault = tuple[str, str]

VERTICES_MOST = 10_000
"""Of one warning. An outline of a county for the public has some hundred."""

LARGEST_RADIUS_KM = 500.0
CIRCLE_CORNERS = 64
EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG). A circle on it is up to 0.6 % off on the ellipsoid."""

LATITUDE_MOST = 85.05
"""Where Web Mercator ends."""

OUTLINE_BYTES = 8192
"""Largest outline that travels with changes."""

SIMPLIFIED_BY = tuple(1e-5 * 4**step for step in range(8))
"""Tolerances in degrees that are tried one after the other: 1 m to 18 km."""


def polygon(place: str, text: str, faults: list[Fault]) -> shapely.Polygon | None:
    """Return the polygon of CAP text ``lat,lon lat,lon …``; None where it has faults, which are appended.

    Args:
        place: of the text in its message, for faults.
        text: at least four points, the last as the first.
        faults: list that gets (place, message).
    """
    pairs = text.split()
    if len(pairs) > VERTICES_MOST:
        faults.append((place, f"has {len(pairs):,} points, {VERTICES_MOST:,} are the most; simplify it"))
        return None
    points = _points(place, pairs, faults)
    if points is None:
        return None
    if len(points) < 4 or points[0] != points[-1]:
        faults.append((place, "must have four points at least, the last the same as the first"))
        return None
    ring = shapely.Polygon(points)
    if not ring.is_valid or ring.is_empty or ring.area == 0:
        why = "it has no area" if ring.is_valid else explain_validity(ring)
        faults.append((place, f"is no simple polygon: {why} (longitude latitude); correct it at its source"))
        return None
    return ring


def circle(place: str, text: str, faults: list[Fault]) -> shapely.Polygon | None:
    """Return the circle of CAP text ``lat,lon radius`` (kilometres) as a polygon; None where it has faults."""
    words = text.split()
    if len(words) != 2:
        faults.append((place, "must be a point and a radius in kilometres, as in 31.02,117.01 1.5"))
        return None
    points = _points(place, words[:1], faults)
    radius = _number(words[1])
    if radius is None or not 0 < radius <= LARGEST_RADIUS_KM:
        faults.append((place, f"its radius must be more than 0 and at most {LARGEST_RADIUS_KM:.0f} km"))
        return None
    if points is None:
        return None
    ring = _around(*points[0], radius)
    if np.abs(ring[:, 1]).max() > LATITUDE_MOST or np.abs(ring[:, 0]).max() > 180:
        faults.append((place, "reaches over a pole or the date line"))
        return None
    return shapely.Polygon(ring)


def _around(lon: float, lat: float, radius_km: float) -> np.ndarray:
    """Return the corners of a circle: the points at a distance on the sphere, in each direction."""
    bearing = np.linspace(0, 2 * np.pi, CIRCLE_CORNERS, endpoint=False)
    angle, south = radius_km / EARTH_RADIUS_KM, math.radians(lat)
    latitude = np.arcsin(math.sin(south) * math.cos(angle) + math.cos(south) * math.sin(angle) * np.cos(bearing))
    longitude = math.radians(lon) + np.arctan2(
        np.sin(bearing) * math.sin(angle) * math.cos(south), math.cos(angle) - math.sin(south) * np.sin(latitude))
    return np.degrees(np.column_stack((longitude, latitude)))


def _points(place: str, pairs: Sequence[str], faults: list[Fault]) -> list[tuple[float, float]] | None:
    """Return (lon, lat) of texts ``lat,lon``."""
    points = []
    for number, pair in enumerate(pairs, 1):
        parts = [_number(part) for part in pair.split(",")]
        if len(parts) != 2 or None in parts:
            faults.append((place, f"point {number} ({pair[:40]!r}) is not latitude,longitude in degrees"))
            return None
        lat, lon = parts
        if abs(lat) > LATITUDE_MOST or abs(lon) > 180:
            swapped = abs(lat) <= 180 and abs(lon) <= LATITUDE_MOST
            cure = "; CAP writes latitude first: are they swapped?" if swapped else ""
            faults.append((place, f"point {number} ({pair[:40]!r}) lies outside of the map{cure}"))
            return None
        points.append((lon, lat))
    return points


def _number(text: str) -> float | None:
    try:
        value = float(text) if text.isascii() and "_" not in text and len(text) <= 30 else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def together(areas: Sequence[shapely.Geometry]) -> shapely.MultiPolygon:
    """Return polygons as one area; what they share is in it once."""
    parts = [part for part in shapely.get_parts(shapely.unary_union(areas)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def swapped(area: shapely.MultiPolygon) -> shapely.MultiPolygon | None:
    """Return an area with longitude and latitude exchanged; None where that lies outside of the map."""
    turned = shapely.transform(area, lambda points: points[:, ::-1])
    return turned if max(abs(turned.bounds[1]), abs(turned.bounds[3])) <= LATITUDE_MOST else None


def outline(area: shapely.MultiPolygon) -> dict[str, Any]:
    """Return an area as GeoJSON (EPSG:4490, lon/lat, 5 decimals) of at most ``OUTLINE_BYTES``.

    It is simplified as little as that takes; an area of too many pieces becomes the hull around them, which shows
    too much rather than too little.
    """
    for tolerance in (0.0, *SIMPLIFIED_BY):
        drawn = shapely.simplify(area, tolerance) if tolerance else area
        # A corner takes eight bytes at least: most of what is too large need not be written to know it.
        if shapely.get_num_coordinates(drawn) <= OUTLINE_BYTES / 8 and (small := _small(drawn)) is not None:
            return small
    return _small(shapely.simplify(shapely.convex_hull(area), SIMPLIFIED_BY[3]))


def _small(area: shapely.Geometry) -> dict[str, Any] | None:
    geojson = json.loads(shapely.to_geojson(area))

    def rounded(part: Any) -> Any:
        return [rounded(inner) for inner in part] if isinstance(part, list) else round(part, 5)

    small = {"type": geojson["type"], "coordinates": rounded(geojson["coordinates"])}
    return small if len(json.dumps(small)) <= OUTLINE_BYTES else None
