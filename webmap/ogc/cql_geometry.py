"""Geometries of CQL2 filters: read, checked, cut to the world that is drawn."""

import json
import math
from typing import Any

import shapely

from spatial.queries.features import CRS84, EDGE, EPSG_3857, EPSG_4326, EPSG_4490
from tiles.matrix import WORLD_M
from webmap.ogc import cql_text
from webmap.ogc.faults import BadRequest

MOST_POINTS = 10_000
"""Points of a geometry in a filter at most."""

_EDGES = {CRS84: (180.0, 90.0), EPSG_3857: (WORLD_M / 2, WORLD_M / 2)}
"""How far east and north a geometry of a filter may reach; degrees, metres."""

_DRAWN_WORLD = shapely.box(-180, -EDGE, 180, EDGE)
"""Degrees within which features can lie; Web Mercator has no poles."""


def literal(value: Any, crs: str) -> shapely.Geometry:
    """Return a geometry of a filter: longitude and latitude, or Web Mercator's metres.

    Args:
        value: GeoJSON geometry, or ``{"bbox": […]}`` of four numbers, or of six, whose heights are left out.
        crs: URI of its coordinate system, in whose axis order it is written.

    Raises:
        BadRequest: it cannot be read, is empty, not valid, too large or leaves the world.
    """
    flipped = crs in (EPSG_4326, EPSG_4490)
    edges = _EDGES.get(crs, _EDGES[CRS84])
    try:
        corners = value.get("bbox")
        if isinstance(corners, list) and len(corners) in (4, 6):
            found = _box([_number(one) for one in corners], flipped, edges[0])
        else:
            found = shapely.force_2d(shapely.from_geojson(json.dumps(value)))
            found = shapely.transform(found, lambda points: points[:, ::-1]) if flipped else found
    except (AttributeError, TypeError, ValueError, shapely.errors.GEOSException):
        raise BadRequest("A geometry of the filter cannot be read.", cql_text.CURE) from None
    points = shapely.get_coordinates(found)
    if not len(points) or len(points) > MOST_POINTS or not shapely.is_valid(found):
        raise BadRequest(f"A geometry of the filter is empty, not valid or has over {MOST_POINTS:,} points.",
                         "Simplify or mend it.")
    if not (abs(points) <= edges).all():
        raise BadRequest("A geometry of the filter leaves longitude ±180 or latitude ±90.", "Cut it there.")
    beyond = crs != EPSG_3857 and (abs(points[:, 1]) > EDGE).any()
    return shapely.intersection(found, _DRAWN_WORLD) if beyond else found


def _box(corners: list[float], flipped: bool, east_edge: float) -> shapely.Geometry:
    """Return a box without its heights, if it has any; one whose west lies east of its east crosses the date line."""
    low, high = corners[:len(corners) // 2], corners[len(corners) // 2:]
    (west, south), (east, north) = ((corner[1::-1] if flipped else corner[:2]) for corner in (low, high))
    if south > north or low[2:] > high[2:]:
        raise BadRequest("A box of the filter is upside down.", "Write the south and the lowest height first.")
    if west <= east:
        return shapely.box(west, south, east, north)
    halves = ((west, east_edge), (-east_edge, east))
    # A half that begins where it ends would make the whole not valid.
    return shapely.multipolygons([shapely.box(first, south, last, north) for first, last in halves if first != last])


def _number(value: Any) -> float:
    """Return a member of a box. Shapely would take a list of them for many boxes."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(type(value).__name__)
    return finite(value)


def finite(value: float) -> float:
    """Return a number that the database can compare with.

    Raises:
        BadRequest: not a number, or endless.
    """
    try:
        if math.isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise BadRequest("A number is not finite.", "Write one that a computer can hold.")
