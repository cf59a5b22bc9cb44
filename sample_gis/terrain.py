"""The lie of the land: a plain that falls to the river, and a hill in the north-east.

Heights are metres above the 1985 national datum, invented. Rasters are north-up in
EPSG:4490; because the local frame is linear (see `frame`), their pixels are square in
metres as well.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.transform import Affine

from sample_gis import frame
from sample_gis.layer import CRS
from sample_gis.streets import Network

PLAIN_M = 17.0
RIVER_BED_M = 8.5
VALLEY_M = 130.0
"""Half width in metres of the strip in which the ground falls to the river."""

HILLS = (
    # x, y, height, half length east-west, half width north-south (metres)
    (1150, 1075, 40, 250, 78),
    (860, 1060, 14, 130, 60),
    (1480, 1080, 17, 150, 62),
    (1500, 1930, 120, 620, 280),
    (2850, 1350, 95, 420, 330),
    (500, 1950, 70, 500, 260),
)

CELL_M = 5.0
"""Pixel of the elevation file, metres."""

MARGIN = 700.0
"""Metres around the street that the elevation file covers."""


@dataclass(frozen=True)
class Raster:
    """A north-up window on the city: corner in metres, pixel size in metres, shape."""

    west: float
    north: float
    pixel: float
    width: int
    height: int

    @classmethod
    def over(cls, bounds, pixel: float) -> "Raster":
        """Cover bounds (west, south, east, north; metres) with whole pixels."""
        west, south, east, north = bounds
        return cls(west, north, pixel, int(np.ceil((east - west) / pixel)), int(np.ceil((north - south) / pixel)))

    @property
    def metres(self) -> Affine:
        """Pixel → metres of the local frame."""
        return Affine(self.pixel, 0, self.west, 0, -self.pixel, self.north)

    @property
    def degrees(self) -> Affine:
        """Pixel → longitude and latitude, EPSG:4490."""
        lon, lat = frame.CENTRE
        return Affine(self.pixel / frame.M_PER_DEG_LON, 0, lon + self.west / frame.M_PER_DEG_LON,
                      0, -self.pixel / frame.M_PER_DEG_LAT, lat + self.north / frame.M_PER_DEG_LAT)

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return x (width,) and y (height,) of pixel centres, metres."""
        return (self.west + (np.arange(self.width) + 0.5) * self.pixel,
                self.north - (np.arange(self.height) + 0.5) * self.pixel)


def stretch(coarse: np.ndarray, height: int, width: int, smooth: bool = False) -> np.ndarray:
    """Return a coarse grid interpolated to height × width, float32; ``smooth`` hides its cells."""
    rows, columns = coarse.shape
    y = np.linspace(0, rows - 1.001, height)
    x = np.linspace(0, columns - 1.001, width)
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = (y - y0).astype("float32")[:, None], (x - x0).astype("float32")[None]
    coarse = coarse.astype("float32")
    if smooth:
        fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    across = coarse[:, x0] * (1 - fx) + coarse[:, x0 + 1] * fx
    return across[y0] * (1 - fy) + across[y0 + 1] * fy


def elevation(network: Network, raster: Raster, rng: np.random.Generator) -> np.ndarray:
    """Return heights in metres for every pixel, float32, shape (height, width)."""
    x, y = raster.centres()
    coarse_x = np.linspace(x[0], x[-1], max(2, int((x[-1] - x[0]) / 20)))
    coarse_y = np.linspace(y[0], y[-1], max(2, int((y[0] - y[-1]) / 20)))
    gx, gy = np.meshgrid(coarse_x, coarse_y)
    shapely.prepare(network.river_line)
    away = shapely.distance(network.river_line, shapely.points(gx, gy))
    fall = stretch(np.exp(-((away / VALLEY_M) ** 2)), raster.height, raster.width)
    lake = shapely.buffer(network.lake, -4)
    bowl = stretch(np.exp(-((shapely.distance(lake, shapely.points(gx, gy)) / 25) ** 2)), raster.height, raster.width)
    ground = PLAIN_M + 0.0011 * y[:, None] - 0.0007 * x[None] - (PLAIN_M - RIVER_BED_M) * fall - 2.2 * bowl
    ridges = 1 + 0.16 * noise(rng, raster, 190) + 0.05 * noise(rng, raster, 70)
    for hx, hy, top, long, wide in HILLS:
        bump = np.exp(-((x[None] - hx) / long) ** 2 / 2) * np.exp(-((y[:, None] - hy) / wide) ** 2 / 2)
        ground = ground + top * bump * ridges
    return (ground + 0.35 * noise(rng, raster, 220)).astype("float32")


def noise(rng: np.random.Generator, raster: Raster, grain: float) -> np.ndarray:
    """Return smooth noise of about ±1 with lumps of ``grain`` metres, float32."""
    rows = int(raster.height * raster.pixel / grain) + 3
    columns = int(raster.width * raster.pixel / grain) + 3
    return stretch(rng.uniform(-1, 1, (rows, columns)), raster.height, raster.width, smooth=True)


def resample(heights: np.ndarray, source: Raster, target: Raster) -> np.ndarray:
    """Return heights on another raster, bilinear between cell centres, float32.

    Outside the source its outermost cells are repeated.
    """
    x, y = target.centres()
    column = np.clip((x - source.west) / source.pixel - 0.5, 0, source.width - 1.001)
    row = np.clip((source.north - y) / source.pixel - 0.5, 0, source.height - 1.001)
    c, r = column.astype(int), row.astype(int)
    fc, fr = (column - c).astype("float32")[None], (row - r).astype("float32")[:, None]
    across = heights[:, c] * (1 - fc) + heights[:, c + 1] * fc
    return across[r] * (1 - fr) + across[r + 1] * fr


def shade(heights: np.ndarray, pixel: float) -> np.ndarray:
    """Return light from the south-east as a factor around 1, float32."""
    dy, dx = np.gradient(heights, pixel)
    return np.clip(1 + 0.75 * (dx * -0.7 + dy * -0.7), 0.62, 1.22).astype("float32")


def write_elevation(path: Path, heights: np.ndarray, raster: Raster) -> None:
    """Write heights as tiled GeoTIFF, float32 metres, EPSG:4490."""
    with rasterio.open(
        path, "w", driver="GTiff", width=raster.width, height=raster.height, count=1, dtype="float32", crs=CRS,
        transform=raster.degrees, tiled=True, blockxsize=256, blockysize=256, compress="deflate", predictor=3,
        nodata=-9999.0,
    ) as file:
        file.write(heights, 1)
        file.set_band_description(1, "height above the 1985 national datum, metres (invented)")
