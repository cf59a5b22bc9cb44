"""What the numbers of coordinates tell about their system: whether they can belong to it or to two, and a guess."""

import math

import numpy as np

from spatial import crs_datum, offsets
from spatial.crs import IDENTITY_ACCURACY_M, Reference, Route, is_cgcs2000, route, unprojected
from spatial.errors import SourceError
from spatial.types import Box

AREA_MARGIN = 3.0
"""Degrees by which coordinates may lie beyond the area of use of their system. The register's areas
are tight, a city may reach into the next 3° zone; what is wrong by a country lies farther out."""

LARGEST_UNIT_M = 100.0
"""Kilometres on a plane may look like degrees; metres, feet and chains do not."""

SAME_PROJECTION_M = 1000.0
"""Two systems that differ by their datum alone lie closer together than this, metres; those that
differ in projection lie farther apart."""

METRES_OF_A_DEGREE = 111_320.0
"""Metres of one degree of the equator."""

CHINA = Box(73.62, 16.7, 134.77, 53.56)
"""Area of use of EPSG:4490, degrees."""

WORLD = 359.0
"""Degrees of longitude from which an area of use says nothing."""

SIX_DEGREE_ZONES = range(13, 24)
THREE_DEGREE_ZONES = range(25, 46)


def check_coordinates(source: Reference, box: Box) -> None:
    """Refuse coordinates that cannot belong to their reference.

    Catches degrees under a system of metres, metres under a system of degrees, and Gauss–Krüger
    eastings with a zone number under a system without, or the other way round.

    Args:
        source: the reference they are said to be in.
        box: where most of them lie, x and y of the reference.

    Raises:
        SourceError: names what they look like and the option to type.
    """
    if source.geographic:
        if max(abs(box.west), abs(box.east)) > 180.001 or max(abs(box.south), abs(box.north)) > 90.001:
            raise SourceError(
                f"The coordinates run from {box.west:,.1f} {box.south:,.1f} to {box.east:,.1f} {box.north:,.1f}; "
                f"{source.label} has degrees{' only, never metres' if source.shift else ''}.", guess(box))
        return
    if _degrees(box) and source.crs.axis_info[0].unit_conversion_factor < LARGEST_UNIT_M:
        raise SourceError(
            f"The coordinates run from {box.west:,.4f} {box.south:,.4f} to {box.east:,.4f} {box.north:,.4f}; "
            f"{source.label} has {source.crs.axis_info[0].unit_name}s on a plane.", guess(box))
    false_easting = _false_easting(source)
    if false_easting is None:
        return
    prefixed, zone = false_easting >= 1e6, int(box.west // 1e6)
    if not prefixed and zone and (zone in SIX_DEGREE_ZONES or zone in THREE_DEGREE_ZONES):
        raise SourceError(
            f"The eastings begin at {box.west:,.0f}: {zone} is a zone number, which {source.label} has not.",
            guess(box))
    own = int(false_easting // 1e6)
    if own != zone and {own, zone} <= {*SIX_DEGREE_ZONES, *THREE_DEGREE_ZONES}:
        raise SourceError(
            f"The eastings begin at {box.west:,.0f}: {zone} is a zone number, and that of {source.label} is {own}.",
            guess(box))
    if prefixed and box.west >= 0 and box.east < 1e6:
        raise SourceError(
            f"The eastings run from {box.west:,.0f} to {box.east:,.0f}: the zone number {int(false_easting // 1e6)} "
            f"that {source.label} puts in front is missing.",
            _without_zone(source))


def check_area(source: Reference, box: Box) -> None:
    """Refuse coordinates far outside the area for which the register has their system.

    The test is coarse: the middle of the box against the area's box and ``AREA_MARGIN``. CGCS2000
    degrees are not asked, because a sandbox may show any city; nor are systems without an area.

    Args:
        source: the reference they are said to be in.
        box: where most of them lie, x and y of the reference.

    Raises:
        SourceError: they lie elsewhere, or the reference has no route to what is stored.
    """
    area = offsets.BOX if source.shift else source.crs.area_of_use
    if area is None or (source.geographic and is_cgcs2000(source)):
        return
    longitude, latitude = route(source).transform(
        np.array([[(box.west + box.east) / 2, (box.south + box.north) / 2]]))[0]
    if not (math.isfinite(longitude) and math.isfinite(latitude)):
        raise SourceError(f"The coordinates lie where {source.label} does not reach.", guess(box))
    if beyond(area, np.array([longitude]), np.array([latitude]))[0]:
        raise SourceError(
            f"Read as {source.title} the coordinates lie near longitude {longitude:.2f}, latitude {latitude:.2f}; "
            f"it is a system for longitudes {area.west:g} to {area.east:g}, "
            f"latitudes {area.south:g} to {area.north:g}.",
            guess(box))


def beyond(area: Box, longitudes: np.ndarray, latitudes: np.ndarray) -> np.ndarray:
    """Tell which places lie more than ``AREA_MARGIN`` outside an area.

    Args:
        area: anything with west, south, east and north, degrees; it may cross the antimeridian.
        longitudes, latitudes: float arrays (n,), degrees; what is not finite lies outside.

    Returns:
        Boolean array (n,).
    """
    known = np.isfinite(longitudes) & np.isfinite(latitudes)
    x, y = np.where(known, longitudes, 0.0), np.where(known, latitudes, 0.0)
    # Counted eastwards from the western edge, for areas across the antimeridian.
    width = (area.east - area.west) % 360 or 360
    return ~known | ((x - area.west + AREA_MARGIN) % 360 > width + 2 * AREA_MARGIN) \
        | (y < area.south - AREA_MARGIN) | (y > area.north + AREA_MARGIN)


def area_of_rows(way: Route, usual: Box, home: tuple[float, float] | None, override: bool) -> Box | None:
    """Return the area that no single row may leave by more than ``AREA_MARGIN``.

    That is the area of the system in the register. Degrees of CGCS2000 and WGS 84, shifted or not, Web Mercator and
    systems of no register are for everywhere: of them it is China, where the rows or what is on record lie there.

    Args:
        way: how coordinates become stored ones.
        usual: where most of them lie, x and y of the source.
        home: longitude and latitude of something on record, degrees; None where nothing is.
        override: a person believes the system wherever the coordinates lie; single rows must lie where most of them do.

    Returns:
        Longitudes and latitudes, degrees; None where nothing is known.
    """
    source = way.reference
    middle = way.transform(np.array([[(usual.west + usual.east) / 2, (usual.south + usual.north) / 2]]))
    area = source.crs.area_of_use
    if area is None or (source.geographic and is_cgcs2000(source)) or area.east - area.west >= WORLD:
        places = np.vstack([middle, [home]]) if home is not None and not override else middle
        chinese = ((places >= [CHINA.west, CHINA.south]) & (places <= [CHINA.east, CHINA.north])).all(axis=1).any()
        return CHINA if chinese else None
    if override and beyond(area, *middle.T)[0]:
        return None
    return Box(area.west, area.south, area.east, area.north)


def contradict(one: Reference, other: Reference, box: Box) -> bool:
    """Tell whether two references put the same coordinates at different places.

    A name alone is no contradiction: WGS 84 and CGCS2000 degrees are stored alike. Nor are parameters
    that are given for a datum which has none in the register.

    Args:
        one: a reference with a route to what is stored.
        other: another one, with a route or without.
        box: coordinates, x and y of either.

    Raises:
        SourceError: the first reference has no route.
    """
    points = np.array([[x, y] for x in (box.west, box.east) for y in (box.south, box.north)])
    here, tolerance = route(one).transform(points), IDENTITY_ACCURACY_M
    try:
        there = route(other).transform(points)
    except SourceError:
        # Parameters are those of the datum only if they are given with its ellipsoid.
        given = one.crs.is_bound and crs_datum.same_ellipsoid(one, other)
        there, tolerance = unprojected(other, points) if given else None, SAME_PROJECTION_M
        if there is None:
            return True
    with np.errstate(invalid="ignore"):
        apart = (here - there) * METRES_OF_A_DEGREE
        apart[:, 0] *= np.cos(np.radians(here[:, 1]))
        return not bool((np.hypot(apart[:, 0], apart[:, 1]) <= tolerance).all())


def datum_without_route(source: Reference) -> str | None:
    """Return the name of a reference's datum, if nothing leads from it to what is stored; else None."""
    try:
        route(source)
    except SourceError:
        return crs_datum.name(source)
    return None


def guess(box: Box) -> str:
    """Say what coordinates without a system look like and what to type.

    Args:
        box: where most of them lie.

    Returns:
        One or two sentences; always ends with an option that a person can type.
    """
    if swapped(box):
        return ("They look as if latitude or northing stood before longitude or easting: exchange x and y with "
                f"--swap-axes. {guess(Box(box.south, box.west, box.north, box.east))}")
    if _degrees(box):
        shifted = offsets.BOX.west <= box.west <= box.east <= offsets.BOX.east \
            and offsets.BOX.south <= box.south <= box.north <= offsets.BOX.north
        return ("They look like degrees of longitude and latitude: --crs EPSG:4490 for CGCS2000, "
                "--crs EPSG:4326 for WGS 84" + (", --crs gcj02 if they come from AMap or Tencent, --crs bd09 if from "
                                                "Baidu." if shifted else "."))
    candidates = []
    zone = int(box.west // 1e6)
    northing = box.south >= 0 and box.north <= 6.2e6
    if northing and zone == int(box.east // 1e6) and zone in THREE_DEGREE_ZONES:
        candidates.append(f"3° Gauss–Krüger with zone number {zone}: --crs EPSG:{4488 + zone}, if it is CGCS2000")
    if northing and zone == int(box.east // 1e6) and zone in SIX_DEGREE_ZONES:
        candidates.append(f"6° Gauss–Krüger with zone number {zone}: --crs EPSG:{4478 + zone}, if it is CGCS2000")
    if northing and box.west >= 1e5 and box.east < 1e6:
        candidates.append("Gauss–Krüger or UTM metres without a zone number; the numbers do not tell the central "
                          "meridian. CGCS2000, 3°: --crs EPSG:4534 for 75°E, one more for each 3°, "
                          "EPSG:4547 for 114°E, EPSG:4548 for 117°E, EPSG:4554 for 135°E")
    if box.west >= 8.1e6 and box.east <= 15.1e6 and box.south >= 1.8e6 and box.north <= 7.2e6:
        candidates.append("Web Mercator: --crs EPSG:3857")
    if not candidates:
        return "They match no system that can be told from numbers alone. Ask where the file comes from: --crs EPSG:…"
    return f"They look like {'; or '.join(candidates)}."


def swapped(box: Box) -> bool:
    """Tell whether coordinates look as if y stood before x.

    True for latitudes and longitudes of China in the wrong order, as far as the numbers tell them apart,
    and for Gauss–Krüger northings before eastings.

    Args:
        box: where most of them lie.
    """
    if 3 <= box.west <= box.east <= 54 and 73 <= box.south <= box.north <= 136:
        return True
    zone = int(box.south // 1e6)
    easting = 1e5 <= box.south <= box.north < 1e6 or (
        zone == int(box.north // 1e6) and zone in {*SIX_DEGREE_ZONES, *THREE_DEGREE_ZONES})
    return easting and 1.8e6 <= box.west <= box.east <= 6.2e6


def _degrees(box: Box) -> bool:
    return max(abs(box.west), abs(box.east)) <= 180 and max(abs(box.south), abs(box.north)) <= 90


def _false_easting(source: Reference) -> float | None:
    operation = source.crs.coordinate_operation
    if source.crs.is_bound or operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((value.value for value in operation.params if value.name == "False easting"), None)


def _without_zone(source: Reference) -> str:
    meridian = next(value.value for value in source.crs.coordinate_operation.params
                    if value.name == "Longitude of natural origin")
    if is_cgcs2000(source) and 75 <= meridian <= 135 and meridian % 3 == 0:
        return f"Type --crs EPSG:{4534 + int((meridian - 75) // 3)}, the same projection without zone number."
    return f"Name the system with central meridian {meridian:g}° and without zone number with --crs."


__all__ = ["AREA_MARGIN", "METRES_OF_A_DEGREE", "area_of_rows", "beyond", "check_area", "check_coordinates",
           "contradict", "datum_without_route", "guess", "swapped"]
