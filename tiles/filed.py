"""What tiles of imagery and terrain have in common: what is covered, which pixels are read, TileJSON, tags."""

import hashlib
import html
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT

from spatial.queries.filed import Filed, Raster
from tiles.datasets import Datasets
from tiles.matrix import MAX_ZOOM, WORLD_M, Address, box_of

SIZE = 256
"""Pixels along the side of a tile, ``@2x`` twice as many.

Zooms on record are those of tiles of 256 pixels, and so is what every client of XYZ rasters takes for granted: QGIS,
Leaflet and ArcGIS cannot be told otherwise by an address. A style that wants fewer, larger tiles asks for ``@2x``.
"""

DRAWN = 1
"""Raised when the same file is drawn otherwise than before, so that no browser keeps the old picture."""

WEB_MERCATOR = CRS.from_epsg(3857)

EXACTNESS = 0.01
"""How far the place of a pixel may be off, in pixels of the raster: GDAL draws straight lines between exact places.

Its default of 0.125 is half a metre of height on a slope of 45° and pixels of four metres.
"""


def shows(source: Filed, address: Address) -> bool:
    """Tell whether a source has anything to show in a tile: its zooms hold it, and its box touches it."""
    one, other = source.box, box_of(address)
    return (source.minzoom <= address.z <= source.maxzoom and one.west < other.east and other.west < one.east
            and one.south < other.north and other.south < one.north)


@dataclass(frozen=True)
class Frame:
    """Square pixels of Web Mercator that are to be drawn, EPSG:3857.

    Attributes:
        west, north: the corner, metres.
        pixel_m: side of a pixel, metres of the projection.
        width, height: pixels.
    """

    west: float
    north: float
    pixel_m: float
    width: int
    height: int

    @classmethod
    def of(cls, address: Address, size: int) -> "Frame":
        """Return the frame of a tile of so many pixels along its side."""
        side = WORLD_M / 2**address.z
        return cls(address.x * side - WORLD_M / 2, WORLD_M / 2 - address.y * side, side / size, size, size)

    @property
    def transform(self) -> Affine:
        """Pixel (column, row) → x, y."""
        return Affine(self.pixel_m, 0, self.west, 0, -self.pixel_m, self.north)


def scale(source: Raster, frame: Frame) -> float:
    """Return how many pixels of a raster lie along one of a frame, at the middle of the raster.

    The same for all tiles of a zoom, so that they are drawn from the same level of the file.
    """
    middle = math.radians((source.south + source.north) / 2)
    return frame.pixel_m * math.cos(middle) / source.resolution_m


@contextmanager
def drawn(datasets: Datasets, place: Path, source: Raster, frame: Frame, **options: Any) -> Iterator[WarpedVRT]:
    """View a raster pixel for pixel as it is to be drawn, bilinear.

    Tiles that meet are cut from one sheet: they read the same level, GDAL reads beyond the frame as far as its kernel
    reaches, and the width of the kernel is given, which GDAL would otherwise guess for each tile anew.

    Args:
        datasets: opens the file. place: the file. source: its row.
        frame: what is drawn.
        options: of rasterio's ``WarpedVRT``.

    Raises:
        SourceUnavailable, Overloaded: see ``Datasets.lend``.
    """
    ratio = scale(source, frame)
    with datasets.lend(place, ratio) as dataset:
        kernel = min(1.0, source.width / dataset.width / ratio)
        with WarpedVRT(dataset, crs=WEB_MERCATOR, transform=frame.transform, width=frame.width, height=frame.height,
                       resampling=Resampling.bilinear, tolerance=EXACTNESS, XSCALE=kernel, YSCALE=kernel,
                       **options) as view:
            yield view


def tag(kind: str, source: Filed, *parts: object) -> str:
    """Return the entity tag of one answer about a source, without looking at the source's file.

    Args:
        kind: ``raster``, ``terrain`` or ``model``.
        source: a source that is imported again gets another path and another time.
        parts: what else decides: address, size, format, name of a file.
    """
    words = (DRAWN, kind, source.name, source.path, source.imported_at.isoformat(), *parts)
    return hashlib.blake2b("\n".join(map(str, words)).encode(), digest_size=12).hexdigest()


def url(base_url: str, route: str, source: Filed, rest: str) -> str:
    """Return the URL of something of a source: ``base_url`` without a slash at the end, ``rest`` after its name."""
    return f"{base_url}/{route}/{quote(source.name, safe='')}{rest}"


def zooms(source: Filed) -> tuple[int, int]:
    """Return the first and last zoom of a source that the matrix has."""
    return min(source.minzoom, MAX_ZOOM), min(source.maxzoom, MAX_ZOOM)


def tilejson(kind: str, source: Raster, base_url: str) -> dict[str, Any]:
    """Return the TileJSON 3.0 of a raster source.

    Args:
        kind: ``raster`` or ``terrain``.
        source: its row.
        base_url: scheme and host of the service, without a slash at the end.

    Returns:
        A JSON object valid against the TileJSON 3.0.0 schema. ``tileSize`` and, for terrain, ``encoding`` are what
        MapLibre reads beyond it.
    """
    first, last = zooms(source)
    ending = "webp" if kind == "raster" else "png"
    box = source.box
    return {
        "tilejson": "3.0.0",
        "name": source.name,
        "scheme": "xyz",
        "tiles": [url(base_url, kind, source, f"/{{z}}/{{x}}/{{y}}.{ending}")],
        "minzoom": first,
        "maxzoom": last,
        "bounds": [round(number, 7) for number in box],
        "center": [round((box.west + box.east) / 2, 7), round((box.south + box.north) / 2, 7), (first + last) // 2],
        "vector_layers": [],
        "tileSize": SIZE,
        # Clients read this text as HTML; ours is plain.
        **({"attribution": html.escape(source.attribution)} if source.attribution else {}),
        **({"encoding": "mapbox"} if kind == "terrain" else {}),
    }
