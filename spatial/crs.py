"""Coordinate systems: the only door to PROJ.

Everything is stored as CGCS2000 longitude and latitude (EPSG:4490). This module decides how
coordinates of a source get there, or why they may not.

The rule, and why. PROJ knows only a null transformation between CGCS2000 and most other datums:
it returns the same degrees without a word, 50 m wrong for Xi'an 80, 109 m for the Netherlands,
304 m for Hong Kong. So:

1. a source on the CGCS2000 datum is unprojected, nothing else;
2. Beijing 54, New Beijing and Xi'an 80 are refused by the name of their datum, unless the source
   carries transformation parameters of its own (``+towgs84=…``);
3. GCJ-02 and BD-09, which no register has, are taken as the shifts of WGS 84 that
   ``spatial.offsets`` undoes; they have degrees only;
4. everything else goes to WGS 84 (EPSG:4326) by an operation of the EPSG register, never by a
   ballpark one, and WGS 84 is taken as CGCS2000. That identity is ours, stated here: the two
   frames agree within a metre.

Axes are always x = easting or longitude, y = northing or latitude, whatever the register says.
"""

import math
import re
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pyproj
import pyproj.network
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import Transformer, TransformerGroup

from spatial import crs_datum, offsets
from spatial.errors import MappingError, SourceError

STORED = "EPSG:4490"
"""CGCS2000 longitude, latitude: how every geometry is stored."""

LARGEST_LONGITUDE = 180.0
LARGEST_LATITUDE = 85.05
"""The edge of Web Mercator, rounded down: what the map can draw. The area of use of EPSG:4490
(China) is not asked, because a sandbox may show any city."""

LONGEST_SHOWN = 200
"""Characters that messages show of what a person typed for a system."""

NAMELESS = "a system without a name"
"""Label of a system that neither a register nor its author named."""

IDENTITY_ACCURACY_M = 1.0
"""How far CGCS2000 and WGS 84 may lie apart, metres."""

DATUM_ACCURACY_M = 100.0
"""How far off coordinates of an unknown datum of China may be that are taken as CGCS2000, metres."""

_CGCS2000 = {"china2000", "dchina2000", "cgcs2000", "chinageodeticcoordinatesystem2000"}
_WGS84 = pyproj.CRS.from_epsg(4326)

# A sandbox runs on an intranet: PROJ must never fetch a grid.
pyproj.network.set_network_enabled(False)


@dataclass(frozen=True)
class Reference:
    """The coordinate system of a source.

    Attributes:
        crs: PROJ's own object; opaque outside this module.
        label: short name for messages, such as ``EPSG:4547``.
        geographic: coordinates are degrees of longitude and latitude.
        shift: ``gcj02`` or ``bd09``, where ``crs`` is what they are shifted from; else None.
    """

    crs: pyproj.CRS
    label: str
    geographic: bool
    shift: str | None = None

    @property
    def title(self) -> str:
        """Label and name, such as ``EPSG:2326 (Hong Kong 1980 Grid System)``."""
        plain = self.shift or self.crs.name in (self.label, "unknown")
        return self.label if plain else f"{self.label} ({self.crs.name})"

    @property
    def metres_per_unit(self) -> float:
        """Metres of one unit of a system on a plane, such as 0.3048 for feet."""
        return self.crs.axis_info[0].unit_conversion_factor


@dataclass(frozen=True)
class Route:
    """How coordinates of one reference become stored ones.

    Attributes:
        reference: where they come from.
        operation: what is done, in words.
        accuracy_m: how far off the result may be, metres; None where the register does not say.
        remarks: what a person should know who believes the result: sentences.
    """

    reference: Reference
    operation: str
    accuracy_m: float | None
    _transformer: Transformer | None
    remarks: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """True when the coordinates are stored as they are."""
        return self._transformer is None and self.reference.shift is None

    def transform(self, points: np.ndarray) -> np.ndarray:
        """Turn source coordinates into stored ones.

        Args:
            points: float array (n, 2), x and y of the reference, axis order x, y.

        Returns:
            Float array (n, 2), longitude and latitude, degrees, EPSG:4490. Points that the
            operation cannot reach come back as infinities.
        """
        if self.reference.shift is not None:
            return offsets.TO_WGS84[self.reference.shift][1](points)
        if self._transformer is None:
            return points
        x, y = self._transformer.transform(points[:, 0], points[:, 1])
        return np.column_stack([x, y])


def reference(text: str) -> Reference:
    """Read a coordinate system that a person wrote.

    Args:
        text: ``EPSG:4547``, ``4547``, ``gcj02``, ``bd09``, a PROJ string or WKT.

    Returns:
        The reference.

    Raises:
        MappingError: nothing in PROJ's register has that name.
    """
    # PROJ's former way of writing a code, which it warns of.
    text = re.sub(r"^\+?init=(?=\w+:\d+$)", "", text.strip(), flags=re.IGNORECASE)
    shift = re.sub(r"[-_ ]", "", text.lower())
    if shift in offsets.TO_WGS84:
        return Reference(_WGS84, offsets.TO_WGS84[shift][0], True, shift)
    if shift.startswith(tuple(offsets.TO_WGS84)):
        raise MappingError(f"--crs {text!r} is not a coordinate system: GCJ-02 and BD-09 have degrees only.",
                           "Have the file exported with longitude and latitude, then --crs gcj02 or --crs bd09.")
    try:
        found = _reference(pyproj.CRS.from_user_input(int(text) if text.isdigit() else text))
        return replace(found, label=text[:LONGEST_SHOWN]) if found.label == NAMELESS else found
    except CRSError as error:
        raise MappingError(
            f"--crs {text[:LONGEST_SHOWN]!r} is not a coordinate system.",
            "Write an EPSG code, such as EPSG:4490 (CGCS2000 degrees) or EPSG:4547 (3° Gauss–Krüger, 114°E).",
        ) from error


def reference_of_file(text: str | None) -> Reference | None:
    """Read the coordinate system that a file declares.

    Args:
        text: authority code or WKT as GDAL gives it; None or empty when there is none.

    Returns:
        The reference, or None where the file declares none or an undefined one.

    Raises:
        SourceError: it declares one that PROJ cannot read.
    """
    if not text:
        return None
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise SourceError("The file's own coordinate system cannot be read.",
                          "Name the right one with --crs.") from error
    # GeoPackage writes "undefined" as an engineering or nameless system.
    if crs.is_engineering or crs.geodetic_crs is None or "undefined" in crs.name.lower():
        return None
    return _reference(crs)


def route(source: Reference) -> Route:
    """Find how a reference's coordinates become stored ones, by the rule of this module.

    Args:
        source: where the coordinates come from.

    Returns:
        The route.

    Raises:
        SourceError: the datum is refused, or no transformation is registered for it.
    """
    if source.shift is not None:
        return Route(source, f"shift of {source.label} undone, taken as that of WGS 84; WGS 84 taken as CGCS2000",
                     IDENTITY_ACCURACY_M, None)
    crs = source.crs
    if crs.is_geocentric:
        raise SourceError(f"{source.title} is geocentric (X, Y, Z): it has no longitude and latitude.",
                          f"Convert the file to {STORED} first.")
    datum = crs_datum.key(source)
    if not crs.is_bound and datum in _CGCS2000:
        if not _plain_degrees(crs.geodetic_crs):
            raise SourceError(f"{source.title} counts its degrees from another meridian or in another unit.",
                              f"Convert the file to {STORED} first.")
        if source.geographic:
            return Route(source, "stored as it is", 0.0, None)
        return Route(source, "unprojected on its own datum, CGCS2000", 0.0,
                     Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True))
    crs_datum.refuse_without_parameters(source)
    if source.geographic and crs.equals(_WGS84, ignore_axis_order=True):
        return Route(source, "WGS 84 taken as CGCS2000", IDENTITY_ACCURACY_M, None)
    try:
        transformer = Transformer.from_crs(crs, 4326, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise SourceError(
            f"No transformation from {source.title} to WGS 84 is registered.",
            "Name the right system with --crs, or give parameters: --crs '+proj=… +towgs84=…'.",
        ) from error
    best = _best(crs)
    accuracy = None if best is None or best.accuracy < 0 else max(best.accuracy, IDENTITY_ACCURACY_M)
    if crs.is_bound:
        given = ",".join(f"{one:.10g}" for one in crs.coordinate_operation.towgs84)
        operation = f"moved by parameters given with it{f' ({given})' if given else ''}"
    else:
        operation = best.description if best is not None else "by PROJ's own operation"
    operation = " + ".join(part for part in operation.split(" + ") if not part.startswith("axis order change"))
    return Route(source, f"{operation}; WGS 84 taken as CGCS2000", accuracy, transformer)


def storable(points: np.ndarray) -> np.ndarray:
    """Tell which coordinates may be stored.

    Args:
        points: float array (n, 2), longitude and latitude, degrees.

    Returns:
        Boolean array (n,): finite, |longitude| ≤ 180, |latitude| ≤ 85.05.
    """
    with np.errstate(invalid="ignore"):
        return (np.isfinite(points).all(axis=1)
                & (np.abs(points[:, 0]) <= LARGEST_LONGITUDE) & (np.abs(points[:, 1]) <= LARGEST_LATITUDE))


def is_cgcs2000(source: Reference) -> bool:
    """Tell whether a reference stands on the datum of what is stored."""
    return crs_datum.key(source) in _CGCS2000


def unprojected(source: Reference, points: np.ndarray) -> np.ndarray | None:
    """Return degrees on a reference's own datum: for comparing, never for storing.

    Args:
        source: a reference, with a route to what is stored or without.
        points: float array (n, 2), x and y of the reference.

    Returns:
        Float array (n, 2), longitude and latitude on that datum, degrees; None where it has none.
    """
    if source.crs.is_geocentric or source.crs.geodetic_crs is None:
        return None
    own = Transformer.from_crs(source.crs, source.crs.geodetic_crs, always_xy=True)
    return np.column_stack(own.transform(points[:, 0], points[:, 1]))


def _reference(crs: pyproj.CRS) -> Reference:
    if crs.is_compound:
        # Heights are not stored; the horizontal part decides.
        crs = crs.sub_crs_list[0]
    # PROJ also finds lookalikes at lower confidence: an unnamed Krassovsky grid "is" Beijing 54.
    authority = crs.to_authority(min_confidence=100)
    label = ":".join(authority) if authority else NAMELESS if crs.name == "unknown" else crs.name
    return Reference(crs, label, crs.is_geographic)


def _plain_degrees(crs: pyproj.CRS) -> bool:
    factor = crs.axis_info[0].unit_conversion_factor
    return crs.prime_meridian.longitude == 0 and math.isclose(factor, math.pi / 180, rel_tol=1e-9)


def _best(crs: pyproj.CRS) -> Transformer | None:
    with warnings.catch_warnings():
        # A better grid that is not installed is no fault: the accuracy we print is the one used.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(crs, 4326, always_xy=True, allow_ballpark=False)
    return group.transformers[0] if group.transformers else None


__all__ = [
    "DATUM_ACCURACY_M", "IDENTITY_ACCURACY_M", "LARGEST_LATITUDE", "LARGEST_LONGITUDE", "NAMELESS", "STORED",
    "Reference", "Route", "is_cgcs2000", "reference", "reference_of_file", "route", "storable", "unprojected",
]
