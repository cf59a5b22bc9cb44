"""Where a raster lies: its system, its footprint, the size of its pixels, its zooms."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from importers.formats.base import Layer
from importers.rasters import geotiff
from importers.reference import find_reference
from spatial import crs
from spatial.crs_numbers import METRES_OF_A_DEGREE
from spatial.errors import SourceError
from spatial.types import Box

EDGE = 21
"""Points on each side of the footprint: a side that is straight in metres is bent in degrees."""

WEB_PIXEL_M = 2 * math.pi * 6_378_137 / 256
"""Pixel of Web Mercator at zoom 0, metres at the equator."""

LARGEST_ZOOM = 24

AGREEMENT_M = 1.0
"""How far the raster library and ``spatial/crs.py`` may disagree about a place, metres."""


@dataclass(frozen=True)
class _Raster:
    """A raster as it declares its coordinate system."""

    name: str
    layer: Layer


@dataclass(frozen=True)
class Position:
    """Where a raster lies.

    Attributes:
        reference: its system.
        route: how its coordinates become stored ones.
        transform: a … f: pixel (column, row) → x, y of the reference.
        spots: float array (n, 2), columns and rows around the edge.
        edge: float array (n, 2), the same as longitude and latitude, EPSG:4490.
        resolution_m: metres of a pixel in the middle.
        minzoom, maxzoom: zooms from where it fills one tile of 256 pixels to where a pixel of a tile is as
            large as its own.
    """

    reference: crs.Reference
    route: crs.Route
    transform: tuple[float, ...]
    spots: np.ndarray
    edge: np.ndarray
    resolution_m: float
    minzoom: int
    maxzoom: int

    @property
    def footprint(self) -> shapely.MultiPolygon:
        """What it covers, EPSG:4490, holes included."""
        return shapely.MultiPolygon([shapely.Polygon(self.edge)])


def locate(path: Path, described: dict, typed: str | None, override: bool) -> Position:
    """Decide where a raster lies, or why it may not.

    Args:
        path: the file.
        described: what it says of itself, from ``convert.describe``.
        typed: what the person typed after ``--crs``.
        override: what was typed stands against what the file declares.

    Returns:
        The position.

    Raises:
        SourceError: it has none, contradicts itself, or lies where nothing can be stored.
        MappingError: what was typed is no coordinate system.
    """
    transform = described["transform"] or geotiff.world_file(path)
    if transform is None:
        raise SourceError(f"{path.name} does not say where it lies: it has neither a position inside nor a world file "
                          "(.tfw) beside it.", "Nothing was imported. Georeference it, for example in QGIS.")
    a, b, c, d, e, f = transform
    if not all(map(math.isfinite, transform)) or a * e - b * d == 0:
        raise SourceError(f"{path.name}: its pixels have no area: {a:g} {b:g} {d:g} {e:g}.",
                          "Nothing was imported. Export it again.")
    width, height = described["width"], described["height"]
    spots = _around(width, height)
    points = np.column_stack(_place(transform, spots))
    box = Box(*points.min(axis=0), *points.max(axis=0))
    layer = Layer(path.stem, {}, None, described["crs"], None, "GTiff")
    reference = find_reference(_Raster(path.name, layer), typed, box, override)
    try:
        route = crs.route(reference)
    except SourceError as error:
        raise SourceError(f"{path.name}: {error.what}", f"Nothing was imported. {error.cure}") from error
    edge = route.transform(points)
    if not crs.storable(edge).all() or np.abs(np.diff(edge[:, 0])).max() > 180:
        raise SourceError(f"{path.name}: read as {reference.title} it reaches beyond longitude ±180° or latitude "
                          f"±{crs.LARGEST_LATITUDE}°.",
                          "Nothing was imported. Cut it to the area needed, or name the right system with --crs.")
    if not shapely.is_valid(shapely.Polygon(edge)):
        raise SourceError(f"{path.name}: read as {reference.title} its outline crosses itself.",
                          "Nothing was imported. Name the right system with --crs.")
    resolution, latitude = _resolution(transform, route, width, height)
    # Half a zoom too coarse would blur what the file has; a tenth is not seen.
    exact = math.log2(WEB_PIXEL_M * math.cos(math.radians(latitude)) / resolution)
    largest = min(LARGEST_ZOOM, max(0, math.ceil(exact - 0.1)))
    smallest = min(largest, max(0, math.floor(exact - math.log2(max(width, height) / 256))))
    return Position(reference, route, tuple(transform), spots, edge, resolution, smallest, largest)


def check_agreement(path: Path, position: Position, found: list[list[float]]) -> None:
    """Refuse a raster that the raster library, which will draw it, puts elsewhere than ``spatial/crs.py``.

    Args:
        path: the file.
        position: where it lies.
        found: longitude and latitude of ``position.spots`` as the raster library has them.

    Raises:
        SourceError: they lie apart by more than ``AGREEMENT_M`` and half a pixel.
    """
    apart = float(np.nanmax(_metres(np.array(found), position.edge), initial=0.0))
    if not np.isfinite(found).all() or apart > max(AGREEMENT_M, position.resolution_m / 2):
        raise SourceError(
            f"{path.name}: drawn in {position.reference.title} it would lie {apart:,.1f} m from where its coordinates "
            "belong.", "Nothing was imported. Convert it to EPSG:4490 first, for example in QGIS.")


def _around(width: int, height: int) -> np.ndarray:
    columns, rows = np.linspace(0, width, EDGE), np.linspace(0, height, EDGE)
    top = np.column_stack([columns, np.zeros(EDGE)])
    right = np.column_stack([np.full(EDGE, width), rows])
    bottom = np.column_stack([columns[::-1], np.full(EDGE, height)])
    left = np.column_stack([np.zeros(EDGE), rows[::-1]])
    return np.vstack([top, right[1:], bottom[1:], left[1:]])


def _place(transform: tuple[float, ...], spots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d, e, f = transform
    return a * spots[:, 0] + b * spots[:, 1] + c, d * spots[:, 0] + e * spots[:, 1] + f


def _resolution(transform: tuple[float, ...], route: crs.Route, width: int, height: int) -> tuple[float, float]:
    """Return metres of a pixel in the middle, and the latitude there."""
    middle = np.array([width / 2, height / 2])
    spots = np.array([middle, middle + [1, 0], middle, middle + [0, 1]])
    places = route.transform(np.column_stack(_place(transform, spots)))
    sides = _metres(places[1::2], places[::2])
    return float(math.sqrt(sides[0] * sides[1])), float(places[0, 1])


def _metres(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how far pairs of near places lie apart, metres."""
    apart = (ones - others) * METRES_OF_A_DEGREE
    return np.hypot(apart[:, 0] * np.cos(np.radians(others[:, 1])), apart[:, 1])
