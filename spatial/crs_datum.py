"""Datums of coordinate systems: their names, their ellipsoids, and those that need parameters of a survey bureau.

No public transformation leads from Beijing 54, New Beijing or Xi'an 80 to CGCS2000. PROJ takes parameters of nothing
(``+towgs84=0,0,0``) for one that is exact.
"""

import re
from typing import TYPE_CHECKING, Any

from spatial.errors import SourceError

if TYPE_CHECKING:
    from spatial.crs import Reference

OFF = "some 50 to 100 m off"
"""What is said of coordinates of such a datum that are taken as CGCS2000."""

SEVEN = 7
"""Parameters of a transformation between datums (Bursa–Wolf)."""

_REFUSED = ("beijing", "xian")
_OLD_AXES = {6_378_245.0: "+ellps=krass", 6_378_140.0: "+ellps=IAU76"}
"""Semi-major axes, metres, of the ellipsoids of Beijing 54 (Krassovsky) and Xi'an 80 (IAG 1975), and PROJ's name."""


def name(source: "Reference") -> str:
    """Return the name of a reference's datum, such as ``Xian 1980``."""
    datum = _geodetic(source).datum
    return source.label if datum is None else datum.name


def key(source: "Reference") -> str:
    """Return the name of a reference's datum in small letters and digits only; empty where it has none."""
    datum = _geodetic(source).datum
    return "" if datum is None else re.sub(r"[^a-z0-9]", "", datum.name.lower())


def same_ellipsoid(one: "Reference", other: "Reference") -> bool:
    """Tell whether two references stand on ellipsoids of the same axis, to a metre."""
    return abs(_geodetic(one).ellipsoid.semi_major_metre - _geodetic(other).ellipsoid.semi_major_metre) < 1


def refuse_without_parameters(source: "Reference") -> None:
    """Refuse a datum of China's past that comes without parameters, or with such as say nothing.

    Args:
        source: where coordinates come from.

    Raises:
        SourceError: names the datum or the parameters, and how to give them.
    """
    if not source.crs.is_bound:
        if any(word in key(source) for word in _REFUSED):
            raise SourceError(f"{source.title} stands on the datum {name(source)}. No public transformation to "
                              f"CGCS2000 exists; without parameters it lands {OFF}.", how_to_give(source))
        return
    given = source.crs.coordinate_operation.towgs84
    if given and _geodetic(source).ellipsoid.semi_major_metre in _OLD_AXES and (len(given) < SEVEN or not any(given)):
        what = "are only three" if any(given) else "say nothing"
        raise SourceError(
            f"The parameters +towgs84={','.join(f'{one:g}' for one in given)} {what}: Beijing 54 and Xi'an 80 need "
            f"seven, or they land {OFF}.",
            f"{how_to_give(source)} If the bureau has only three, write +towgs84=dx,dy,dz,0,0,0,0.")


def how_to_give(source: "Reference") -> str:
    """Say how to give parameters for a reference, with its own projection and ellipsoid."""
    ellipsoid = _geodetic(source).ellipsoid
    ellps = _OLD_AXES.get(ellipsoid.semi_major_metre,
                          f"+a={ellipsoid.semi_major_metre:.10g} +rf={ellipsoid.inverse_flattening:.12g}")
    projection, operation = "+proj=longlat", None if source.geographic else _base(source).coordinate_operation
    if operation is not None:
        known = {one.name: one.value for one in operation.params}
        projection = "+proj=…"
        if "Transverse Mercator" in operation.method_name:
            projection = (f"+proj=tmerc +lon_0={known.get('Longitude of natural origin', 0):g} "
                          f"+x_0={known.get('False easting', 0):.0f}")
    return ("Convert the file with your survey bureau's parameters, or give its seven: "
            f"--crs '{projection} {ellps} +towgs84=dx,dy,dz,rx,ry,rz,ds'.")


def _base(source: "Reference") -> Any:
    return source.crs.source_crs if source.crs.is_bound and source.crs.source_crs is not None else source.crs


def _geodetic(source: "Reference") -> Any:
    return _base(source).geodetic_crs or _base(source)


__all__ = ["how_to_give", "key", "name", "refuse_without_parameters", "same_ellipsoid"]
