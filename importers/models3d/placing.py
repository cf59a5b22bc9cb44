"""A tileset that does not say where it stands, put on the Earth by a person who knows."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from importers.models3d import volumes
from spatial import crs
from spatial.crs_earth import east_north_up
from spatial.errors import MappingError, SourceError

FORM = "LON,LAT[,HEIGHT[,HEADING]]"

LOWEST_M, HIGHEST_M = -500, 9000
"""Heights of what stands on the Earth, metres; those that a terrain may have."""

FARTHEST_M = 50_000
"""Distance of a tileset's middle from its origin, metres. The plane of the frame has left the ground by 196 m there
(d² / 2R), and coordinates of a grid, which count from far away, are told from those of a city."""


@dataclass(frozen=True)
class Place:
    """Where the origin of a tileset stands (坐落).

    Attributes:
        longitude, latitude: degrees, EPSG:4490.
        height: metres above the ellipsoid, as 3D Tiles count.
        heading: where the tileset's Y axis points, degrees clockwise from north. Its Z axis points up.

    Raises:
        MappingError: no such place.
    """

    longitude: float
    latitude: float
    height: float = 0.0
    heading: float = 0.0

    def __post_init__(self) -> None:
        wrong = [words for words, right in (
            (f"longitude {self.longitude:g} is beyond ±180°", abs(self.longitude) <= crs.LARGEST_LONGITUDE),
            (f"latitude {self.latitude:g} is beyond ±{crs.LARGEST_LATITUDE}°",
             abs(self.latitude) <= crs.LARGEST_LATITUDE),
            (f"{self.height:g} m is no height of {LOWEST_M} to {HIGHEST_M} m",
             LOWEST_M <= self.height <= HIGHEST_M),
            (f"heading {self.heading:g} is beyond ±360°", abs(self.heading) <= 360)) if not right]
        if wrong:
            raise MappingError(f"--at cannot be a place: {'; '.join(wrong)}.",
                               f"Nothing was imported. Longitude comes first, in degrees: --at {FORM}.")

    def matrix(self) -> np.ndarray:
        """Return what turns coordinates of the tileset into geocentric ones: float array (4, 4), EPSG:4978.

        The frame of the place (``spatial.crs_earth.east_north_up``), turned about its vertical.
        """
        angle = np.radians(self.heading)
        turned = np.eye(4)
        turned[:2, 0] = [np.cos(angle), -np.sin(angle)]
        turned[:2, 1] = [np.sin(angle), np.cos(angle)]
        return east_north_up(self.longitude, self.latitude, self.height) @ turned

    def plain(self) -> list[float]:
        """Return it as it is typed, in order."""
        return [self.longitude, self.latitude, self.height, self.heading]


def put(name: str, document: dict[str, Any], bound: Collection[str], place: Place) -> dict[str, Any]:
    """Put a tileset on the Earth.

    Args:
        name: of the tileset, for messages.
        document: its ``tileset.json``, in which nothing is wrong.
        bound: files of it that have regions, which no transform moves (3D Tiles 1.1, section 8.4).
        place: where its origin stands. A transform that its root has already is done first.

    Returns:
        The document with the transform at its root.

    Raises:
        SourceError: it says itself where it stands, or its coordinates do not count from an origin inside it.
    """
    root = document["root"]
    if bound:
        raise SourceError(f"{name} says by regions where it stands, in {', '.join(sorted(bound)[:5])}.",
                          "Nothing was imported. Leave out --at, which moves no region, or export it with boxes.")
    with suppress(volumes.Unplaced):
        west, south, east, north = volumes.footprint(root).bounds
        raise SourceError(f"{name} says itself where it stands: at {(west + east) / 2:.5f}, {(south + north) / 2:.5f}.",
                          "Nothing was imported. Leave out --at.")
    away = float(np.linalg.norm(volumes.middle(root)))
    if not away <= FARTHEST_M:
        raise SourceError(
            f"{name} lies {away / 1000:,.1f} km from its own origin; with --at {FARTHEST_M // 1000} km are the most.",
            "Nothing was imported. Export it with coordinates that count from a point inside it, and say with --at "
            "where that point stands.")
    return {**document, "root": {**root, "transform": (place.matrix() @ volumes.matrix(root)).T.ravel().tolist()}}
