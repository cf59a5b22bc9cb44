"""The tile matrix: WebMercatorQuad, its addresses and its measures."""

import math
from dataclasses import dataclass

from spatial.errors import NotFound

EXTENT = 4096
"""Units along the side of a tile."""

PIXELS = 512
"""Pixels along the side of a tile as browsers draw it."""

MAX_ZOOM = 22
"""The deepest zoom of the matrix that is answered at all."""

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
