"""Check the geometries of rows, whole columns at a time, and bring them into stored form.

Nothing is repaired: a geometry is taken as it is or its row is rejected with the place and
the reason.
"""

import re

import numpy as np
import pyarrow as pa
import shapely

from importers import binary
from importers.concepts.declare import Concept
from importers.faults import Fault
from spatial import crs

STORED_SRID = 4490

_TYPES = {
    "Point": ("Point",),
    "MultiPolygon": ("Polygon", "MultiPolygon"),
    "MultiLineString": ("LineString", "LinearRing", "MultiLineString"),
    "Geometry": ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
                 "GeometryCollection"),
}
_WRAPPED = {"MultiPolygon": (shapely.GeometryType.POLYGON, shapely.multipolygons),
            "MultiLineString": (shapely.GeometryType.LINESTRING, shapely.multilinestrings)}

# GEOS's reasons (operation/valid/TopologyValidationError) in our words; the place follows.
_REASONS = {
    "Self-intersection": "crosses itself",
    "Ring Self-intersection": "touches itself",
    "Hole lies outside shell": "has a hole outside its edge",
    "Holes are nested": "has a hole inside a hole",
    "Nested shells": "has one part inside another",
    "Duplicate Rings": "has the same ring twice",
    "Interior is disconnected": "is cut apart by a hole",
    "Too few points in geometry component": "has a ring of too few different points",
    "Ring is not closed": "has an open ring",
    "Invalid Coordinate": "has a coordinate that is no number",
}


# A NaN makes GEOS raise the processor's flag, which numpy would report as a warning.
_quiet = np.errstate(invalid="ignore")


@_quiet
def read_geometries(wkb: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Decode WKB.

    Args:
        wkb: one geometry for each row, null where there is none.

    Returns:
        Shapely geometries (None where null or unreadable), and a mask of the unreadable ones.
    """
    raw = wkb.to_numpy(zero_copy_only=False)
    geometries = binary.decode(raw)
    missing = np.asarray(wkb.is_null())
    return geometries, shapely.is_missing(geometries) & ~missing


@_quiet
def check(concept: Concept, wkb: pa.Array, first: int, reference: crs.Reference,
          ) -> tuple[np.ndarray, list[Fault]]:
    """Check geometries in the coordinates of their source.

    Args:
        concept: says which types may be stored and whether a row needs one.
        wkb: one geometry for each row.
        first: number of the first row.
        reference: coordinate system of the source.

    Returns:
        Geometries of the stored type, two-dimensional, in the source's coordinates, None where
        missing or faulty; and the faults, one for each faulty row.
    """
    geometries, unreadable = read_geometries(wkb)
    judge = _Judge(concept, reference, first, geometries)
    judge.refuse(unreadable, "unreadable-geometry",
                 "cannot be read: it has an open ring, is a curve, or its bytes are damaged")
    missing = shapely.is_missing(geometries) & judge.good
    if concept.geometry_required:
        judge.refuse(missing, "no-geometry", "is missing")
    empty = shapely.is_empty(geometries) & ~missing
    if concept.geometry_required:
        judge.refuse(empty, "empty-geometry", "is empty")
    geometries[empty] = None
    geometries = shapely.force_2d(geometries)
    geometries = _single_points(geometries) if concept.geometry == "Point" else geometries
    allowed = [shapely.GeometryType[name.upper()].value for name in _TYPES[concept.geometry]]
    present = ~shapely.is_missing(geometries)
    wrong = present & ~np.isin(shapely.get_type_id(geometries), allowed)
    judge.refuse(wrong, "wrong-geometry-type", lambda geometry: f"is a {geometry.geom_type}; "
                 f"{concept.name} need {' or '.join(_TYPES[concept.geometry])}")
    bounds = shapely.bounds(geometries)
    # NaN inside a ring does not show in the bounds: look at every coordinate.
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    infinite = np.zeros(len(geometries), bool)
    infinite[owner[~np.isfinite(points).all(axis=1)]] = True
    judge.refuse(infinite, "not-finite", "has a coordinate that is no finite number")
    if reference.geographic:
        far = (np.abs(bounds[:, [0, 2]]) > crs.LARGEST_LONGITUDE).any(axis=1) \
            | (np.abs(bounds[:, [1, 3]]) > crs.LARGEST_LATITUDE).any(axis=1)
        judge.refuse(far, "out-of-range", lambda geometry: f"reaches to {_outermost(geometry)} "
                     f"({reference.label}), beyond longitude ±180 or latitude ±85.05")
    invalid = judge.good & ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
    judge.refuse(invalid, "invalid-geometry", lambda geometry: _invalid(geometry, reference))
    geometries[~judge.good] = None
    return _wrap(geometries, concept.geometry), judge.faults


@_quiet
def reproject(concept: Concept, geometries: np.ndarray, first: int, route: crs.Route,
              ) -> tuple[np.ndarray, list[Fault]]:
    """Turn checked geometries into stored coordinates.

    Args:
        concept: for messages.
        geometries: as ``check`` returns them.
        first: number of the first row.
        route: how coordinates become stored ones.

    Returns:
        EWKB of each geometry with SRID 4490 (longitude, latitude, degrees), None where missing
        or faulty; and the faults of rows that the route cannot reach or breaks.
    """
    judge = _Judge(concept, route.reference, first, geometries)
    if not route.identical:
        original = geometries
        geometries = shapely.transform(geometries, route.transform)
        points, owner = shapely.get_coordinates(geometries, return_index=True)
        outside = np.zeros(len(geometries), bool)
        outside[owner[~crs.storable(points)]] = True
        judge.refuse(outside, "out-of-range", lambda geometry: f"at {_outermost(geometry)} ({route.reference.label}) "
                     "lies where its coordinate system does not reach, or beyond latitude ±85.05", original)
        broken = judge.good & ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
        judge.refuse(broken, "invalid-geometry", lambda geometry: _invalid(geometry, None))
        geometries[~judge.good] = None
    return shapely.to_wkb(shapely.set_srid(geometries, STORED_SRID), include_srid=True), judge.faults


class _Judge:
    """Keeps who is still good; the first fault of a row is the one reported."""

    def __init__(self, concept: Concept, reference: crs.Reference, first: int, geometries: np.ndarray) -> None:
        self.concept, self.reference, self.first = concept, reference, first
        self.geometries = geometries
        self.good = np.ones(len(geometries), bool)
        self.faults: list[Fault] = []

    def refuse(self, bad: np.ndarray, reason: str, words: object, geometries: np.ndarray | None = None) -> None:
        shown = self.geometries if geometries is None else geometries
        for position in np.flatnonzero(bad & self.good):
            text = words if isinstance(words, str) else words(shown[position])
            self.faults.append(Fault(self.first + int(position), "geometry", reason,
                                     f"{self.concept.outline} {text}"))
        self.good &= ~bad


def _single_points(geometries: np.ndarray) -> np.ndarray:
    lone = (shapely.get_type_id(geometries) == shapely.GeometryType.MULTIPOINT) \
        & (shapely.get_num_geometries(geometries) == 1)
    geometries[lone] = shapely.get_geometry(geometries[lone], 0)
    return geometries


def _wrap(geometries: np.ndarray, kind: str) -> np.ndarray:
    if kind in _WRAPPED:
        single, gather = _WRAPPED[kind]
        alone = shapely.get_type_id(geometries) == single.value
        if alone.any():
            geometries[alone] = gather(geometries[alone], indices=np.arange(alone.sum()))
    return geometries


def _invalid(geometry: shapely.Geometry, reference: crs.Reference | None) -> str:
    reason = shapely.is_valid_reason(geometry)
    found = re.match(r"(.*?)\s*\[(.*)\]$", reason)
    words, place = (found[1], found[2]) if found else (reason, "")
    label = reference.label if reference is not None else crs.STORED
    digits = 5 if reference is None or reference.geographic else 2
    numbers = [f"{float(number):.{digits}f}" for number in place.split()[:2]]
    return f"{_REASONS.get(words, words.lower())} at {', '.join(numbers)} ({label})" if numbers else \
        _REASONS.get(words, words.lower())


def _outermost(geometry: shapely.Geometry) -> str:
    points = shapely.get_coordinates(geometry)
    point = points[np.argmax(np.abs(points / [crs.LARGEST_LONGITUDE, crs.LARGEST_LATITUDE]).max(axis=1))]
    return f"{point[0]:.5f}, {point[1]:.5f}"
