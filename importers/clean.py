"""Check the geometries of rows, whole columns at a time, and bring them into stored form.

A geometry is taken as it is or its row is rejected with the place and the reason. Where a person
asked for it, broken polygons are mended (importers/mend.py).
"""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers import binary, origin
from importers.concepts.declare import Concept
from importers.faults import Fault
from importers.mend import Mender
from importers.stray import Surroundings
from spatial import crs

STORED_SRID = 4490

MENDED = "mended"
"""Reason code of what is no fault: a row that was mended, and how."""

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


# Little-endian, type 3. And: little-endian, type 6 with the flag of an SRID, the SRID, one part.
_PLAIN_POLYGON = b"\x01" + (3).to_bytes(4, "little")
_MULTIPOLYGON_OF_ONE = pa.scalar(b"\x01" + (0x2000_0006).to_bytes(4, "little") + STORED_SRID.to_bytes(4, "little")
                                 + (1).to_bytes(4, "little"), pa.binary())

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
def check(concept: Concept, wkb: pa.Array, first: int, reference: crs.Reference, mender: Mender | None = None,
          around: Surroundings | None = None) -> tuple[np.ndarray, list[Fault], list[Fault]]:
    """Check geometries in the coordinates of their source.

    Args:
        concept: says which types may be stored and whether a row needs one.
        wkb: one geometry for each row.
        first: number of the first row.
        reference: coordinate system of the source.
        mender: mends broken polygons; None rejects them.
        around: where the others lie; None asks nothing.

    Returns:
        Geometries of one of the types taken, two-dimensional, in the source's coordinates, None
        where missing or faulty; the faults, one for each faulty row; and for each mended row what was done.
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
    if (shapely.has_z(geometries) | shapely.has_m(geometries)).any():
        geometries = shapely.force_2d(geometries)
    geometries = _single_points(geometries) if concept.geometry == "Point" else geometries
    allowed = [shapely.GeometryType[name.upper()].value for name in _TYPES[concept.geometry]]
    present = ~shapely.is_missing(geometries)
    wrong = present & ~np.isin(shapely.get_type_id(geometries), allowed)
    judge.refuse(wrong, "wrong-geometry-type", lambda geometry: f"is a {geometry.geom_type}; "
                 f"{concept.name} need {' or '.join(_TYPES[concept.geometry])}")
    bounds = shapely.bounds(geometries)
    # NaN inside a ring does not show in the bounds: look at every coordinate.
    infinite = np.zeros(len(geometries), bool)
    if not np.isfinite(shapely.get_coordinates(geometries)).all():
        points, owner = shapely.get_coordinates(geometries, return_index=True)
        infinite[owner[~np.isfinite(points).all(axis=1)]] = True
    judge.refuse(infinite, "not-finite", "has a coordinate that is no finite number")
    judge.refuse(origin.at_nowhere(geometries, bounds, reference.geographic,
                                   1.0 if reference.geographic else reference.metres_per_unit), "null-island",
                 lambda geometry: origin.words(concept, geometry, reference))
    if around is not None:
        judge.refuse(around.exchanged(bounds), "wrong-axis", around.swapped_words)
    if reference.geographic:
        far = (np.abs(bounds[:, [0, 2]]) > crs.LARGEST_LONGITUDE).any(axis=1) \
            | (np.abs(bounds[:, [1, 3]]) > crs.LARGEST_LATITUDE).any(axis=1)
        judge.refuse(far, "out-of-range", lambda geometry: f"reaches to {_outermost(geometry)} "
                     f"({reference.label}), beyond longitude ±180 or latitude ±85.05")
    invalid = judge.good & ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
    mended: list[Fault] = []
    for position in np.flatnonzero(invalid) if mender is not None else ():
        was = _invalid(geometries[position], reference)
        better, words = mender.mend(geometries[position], reference)
        if better is None:
            judge.refuse(np.arange(len(geometries)) == position, "not-mended", f"{was}; {words}")
        else:
            geometries[position] = better
            mended.append(Fault(first + int(position), "geometry", MENDED, f"{concept.outline} {was}; {words}"))
    if mender is None:
        judge.refuse(invalid, "invalid-geometry", lambda geometry: _invalid(geometry, reference))
    geometries[~judge.good] = None
    return geometries, judge.faults, mended


@_quiet
def reproject(concept: Concept, geometries: np.ndarray, first: int, route: crs.Route, wkb: pa.Array | None = None,
              around: Surroundings | None = None) -> tuple[pa.Array, list[Fault]]:
    """Turn checked geometries into stored coordinates.

    Args:
        concept: for messages.
        geometries: as ``check`` returns them.
        first: number of the first row.
        route: how coordinates become stored ones.
        wkb: the geometries as they were read, where that is at hand.
        around: the area that no row may leave; None asks nothing.

    Returns:
        EWKB of each geometry, of the stored type, with SRID 4490 (longitude, latitude, degrees),
        null where missing or faulty; and the faults of rows that the route cannot reach or breaks.
    """
    judge = _Judge(concept, route.reference, first, geometries)
    original = geometries
    if not route.identical:
        geometries = shapely.transform(geometries, route.transform)
    if around is not None:
        judge.refuse(around.away(shapely.bounds(geometries)), "far-away", around.words, original)
        geometries[~judge.good] = None
    if not route.identical:
        points, owner = shapely.get_coordinates(geometries, return_index=True)
        outside = np.zeros(len(geometries), bool)
        outside[owner[~crs.storable(points)]] = True
        judge.refuse(outside, "out-of-range", lambda geometry: f"at {_outermost(geometry)} ({route.reference.label}) "
                     "lies where its coordinate system does not reach, or beyond latitude ±85.05", original)
        broken = judge.good & ~shapely.is_missing(geometries) & ~shapely.is_valid(geometries)
        judge.refuse(broken, "invalid-geometry", lambda geometry: _invalid(geometry, None))
        geometries[~judge.good] = None
    elif wkb is not None and concept.geometry == "MultiPolygon":
        headed = _with_new_heads(geometries, wkb)
        if headed is not None:
            return headed, judge.faults
    geometries = shapely.set_srid(_wrap(geometries, concept.geometry), STORED_SRID)
    return pa.array(shapely.to_wkb(geometries, include_srid=True), pa.binary()), judge.faults


def _with_new_heads(geometries: np.ndarray, wkb: pa.Array) -> pa.Array | None:
    """Return polygons as EWKB of multi-polygons by writing a head before their bytes.

    Four times as fast as writing every coordinate anew. None where not every row is a plain
    polygon: two-dimensional, little-endian, and not a byte longer than its coordinates need.
    """
    present = ~shapely.is_missing(geometries)
    if not np.all(shapely.get_type_id(geometries)[present] == shapely.GeometryType.POLYGON.value):
        return None
    wkb = wkb.cast(pa.binary())
    rings, points = shapely.get_num_interior_rings(geometries) + 1, shapely.get_num_coordinates(geometries)
    exact = np.asarray(pc.fill_null(pc.binary_length(wkb), 0)) == 9 + 4 * rings + 16 * points
    plain = np.asarray(pc.fill_null(pc.starts_with(wkb, _PLAIN_POLYGON), False))
    if not (exact & plain)[present].all():
        return None
    wkb = wkb if present.all() else pc.if_else(pa.array(present), wkb, pa.scalar(None, pa.binary()))
    return pc.binary_join_element_wise(_MULTIPOLYGON_OF_ONE, wkb, pa.scalar(b"", pa.binary()))


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
    words = _REASONS.get(words, words.lower())
    if not place:
        return words
    point = np.array([[float(number) for number in place.split()[:2]]])
    if reference is None or reference.geographic:
        return f"{words} at {_at(point, 5)} ({crs.STORED if reference is None else reference.label})"
    # Whoever looks for the place on a map needs degrees.
    degrees = crs.route(reference).transform(point)
    return f"{words} at {_at(point, 2)} ({reference.label}), {_at(degrees, 5)} ({crs.STORED})"


def _at(point: np.ndarray, digits: int) -> str:
    return ", ".join(f"{number:.{digits}f}" for number in point[0])


def _outermost(geometry: shapely.Geometry) -> str:
    points = shapely.get_coordinates(geometry)
    point = points[np.argmax(np.abs(points / [crs.LARGEST_LONGITUDE, crs.LARGEST_LATITUDE]).max(axis=1))]
    return f"{point[0]:.5f}, {point[1]:.5f}"
