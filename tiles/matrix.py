"""The tile matrix: WebMercatorQuad, its addresses and its measures."""

import math
from dataclasses import dataclass

from spatial.errors import NotFound
from spatial.types import Box

EXTENT = 4096
"""Units along the side of a tile."""

PIXELS = 512
"""Pixels along the side of a tile as browsers draw it."""

MAX_ZOOM = 22
"""The deepest zoom of the matrix that is answered at all."""

LARGEST_LATITUDE = 85.06
"""Degrees that a box may reach north and south: Web Mercator's square world ends at 85.0511, and people round it up."""

WORLD_M = 2 * math.pi * 6378137.0
"""Width of Web Mercator's square world in its own metres."""


@dataclass(frozen=True)
class Address:
    """A tile of WebMercatorQuad: zoom, column from the west, row from the north.

    Raises:
        NotFound: outside the matrix.
    """

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise NotFound(
                f"There is no tile {self.z}/{self.x}/{self.y}.",
                f"Zoom is 0 to {MAX_ZOOM}; column and row are 0 to 2^zoom - 1.",
            )


def pixel_m(z: int) -> float:
    """Return the side of a pixel at a zoom, in Web Mercator metres."""
    return WORLD_M / 2**z / PIXELS


def box_of(address: Address) -> Box:
    """Return what a tile covers, EPSG:4490 (the datum of ``geom_web``), degrees."""
    count = 2**address.z

    def latitude(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / count))))

    return Box(address.x / count * 360 - 180, latitude(address.y + 1),
               (address.x + 1) / count * 360 - 180, latitude(address.y))


def web(lon: float, lat: float) -> tuple[float, float]:
    """Return x and y in Web Mercator, EPSG:3857, metres."""
    return lon / 360 * WORLD_M, math.asinh(math.tan(math.radians(lat))) / (2 * math.pi) * WORLD_M


def from_web(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude, degrees, of a place in Web Mercator, EPSG:3857, metres."""
    return x / WORLD_M * 360, math.degrees(math.atan(math.sinh(2 * math.pi * y / WORLD_M)))


def sound(box: Box) -> bool:
    """Tell whether a box, EPSG:4490, lies within Web Mercator, west before east and south before north."""
    return (-180 <= box.west < box.east <= 180
            and -LARGEST_LATITUDE <= box.south < box.north <= LARGEST_LATITUDE)
