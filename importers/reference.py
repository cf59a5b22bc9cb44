"""In which coordinate system a source is: what it declares, what a person types, and which of them is believed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from importers.formats.base import Layer
from importers.source import Source
from spatial import crs, crs_datum, crs_numbers
from spatial.errors import MappingError, SourceError
from spatial.types import Box

# RFC 7946 has no place for a coordinate system: WGS 84 is what a file gets that says nothing.
_WITHOUT_SYSTEM = ("GeoJSON", "GeoJSONSeq")
_IMPLIED = ("EPSG:4326", "OGC:CRS84")


class Declaring(Protocol):
    """What may say in which coordinate system it is: a source, or a raster."""

    @property
    def name(self) -> str:
        """Name for messages."""

    @property
    def layer(self) -> Layer:
        """What the file says of itself."""


def find_reference(source: Declaring, typed: str | None, box: Box | None, override: bool = False,
                   advise: Callable[[], str] | None = None) -> crs.Reference:
    """Decide in which coordinate system a source is, and refuse one that cannot be.

    Args:
        source: the source.
        typed: what the person typed after ``--crs``; None where nothing was.
        box: where most of its geometries lie; None where none can be read.
        override: what was typed stands, whatever the file declares and wherever the system is used.
        advise: says what to type where there is no system; by default the numbers alone do.

    Returns:
        The reference.

    Raises:
        SourceError: the file declares none, its coordinates contradict it, or what was typed does.
        MappingError: what was typed is no coordinate system, or there is nothing to stand.
    """
    if override and not typed:
        raise MappingError("--override-crs stands without --crs.",
                           "Nothing was imported. Name the coordinate system with --crs EPSG:….")
    reference = crs.reference(typed) if typed else crs.reference_of_file(source.layer.crs)
    if reference is None:
        hint = "Name it with --crs EPSG:…" if box is None else advise() if advise else crs_numbers.guess(box)
        look = "`shapan inspect FILE` shows what speaks for which. " if isinstance(source, Source) else ""
        raise SourceError(f"{source.name} does not say in which coordinate system it is.",
                          f"Nothing was imported. {look}{hint}")
    if box is not None:
        try:
            crs_numbers.check_coordinates(reference, box)
            said = declared(source) if typed and not override else None
            if said is not None and crs_numbers.contradict(reference, said, box):
                raise _contradiction(said, reference)
            if not override:
                crs_numbers.check_area(reference, box)
                if isinstance(source, Source) and reference.geographic and crs_numbers.swapped(box):
                    raise SourceError(f"The coordinates run from {box.west:.4f} {box.south:.4f} to {box.east:.4f} "
                                      f"{box.north:.4f}, as if latitude stood before longitude.",
                                      "Add --swap-axes to exchange them. If they lie there, far in the north, name the "
                                      "system with --crs and add --override-crs.")
        except SourceError as error:
            again = isinstance(source, Source) and source.swapped and crs_numbers.swapped(box)
            cure = "Leave --swap-axes out: x and y stand in their order already." if again else error.cure
            raise SourceError(f"{source.name}: {error.what}", f"Nothing was imported. {cure}") from error
    return reference


def _contradiction(said: crs.Reference, typed: crs.Reference) -> SourceError:
    datum = crs_numbers.datum_without_route(said)
    what = f"The file says that it is in {said.title}, and --crs says {typed.title}."
    if datum is None:
        return SourceError(what, "Leave --crs out to believe the file, or add --override-crs to believe --crs.")
    return SourceError(
        f"{what} The datum of the file, {datum}, is another one: its coordinates are not those of {typed.label}.",
        f"{crs_datum.how_to_give(said)} Only if the file is wrong about its datum, add --override-crs to believe "
        "--crs.")


def overruled(source: Declaring, route: crs.Route) -> crs.Route:
    """Return a route that tells that a person believed ``--crs`` against the datum that the file declares.

    Args:
        source: the source.
        route: from what the person typed.
    """
    said = declared(source)
    datum = None if said is None else crs_numbers.datum_without_route(said)
    if datum is None or (route.reference.crs.is_bound and crs_datum.same_ellipsoid(route.reference, said)):
        return route
    remark = (f"The file says that it is in {said.title}, on the datum {datum}, and --override-crs believed --crs "
              f"against it. If the file is right, every position is off by up to {crs.DATUM_ACCURACY_M:.0f} m.")
    return replace(route, accuracy_m=crs.DATUM_ACCURACY_M, remarks=(*route.remarks, remark))


def declared(source: Declaring) -> crs.Reference | None:
    """Return the system that the file itself declares.

    Args:
        source: the source.

    Returns:
        The reference; None where the file declares none, one beyond reading, or what its format
        implies for every file that says nothing.
    """
    try:
        found = crs.reference_of_file(source.layer.crs)
    except SourceError:
        return None
    implied = source.layer.driver in _WITHOUT_SYSTEM and found is not None and found.label in _IMPLIED
    return None if implied else found


__all__ = ["Declaring", "declared", "find_reference", "overruled"]
