"""The city from above: an RGB picture painted from the layers, like an aerial photograph.

Every pixel first gets a material (grass, asphalt, roof …), then the material's colour, a
grain, the light on the slope, shadows of buildings, and trees.
"""

from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.features import rasterize

from sample_gis import roofs, trees
from sample_gis.city import City
from sample_gis.layer import CRS
from sample_gis.materials import GRAIN, PALETTE, Material
from sample_gis.streets import SIDEWALK
from sample_gis.terrain import Raster, noise, shade

MARGIN = 380.0
"""Metres of countryside around the street."""

_GROUND = {
    "lanes": Material.PAVING, "factory": Material.YARD, "depot": Material.YARD, "market": Material.PAVING,
    "office": Material.PAVING, "mall": Material.PAVING, "civic": Material.PAVING, "business": Material.PAVING,
    "creative": Material.YARD, "hospital": Material.PAVING, "site": Material.SOIL, "hill": Material.WOOD,
}
_SURFACE = {
    "drive": Material.DRIVE, "loop": Material.DRIVE, "forecourt": Material.PAVING, "trail": Material.SIDEWALK,
    "track": Material.TRACK, "pitch": Material.PITCH, "court": Material.COURT,
    "plaza": Material.PLAZA, "parking": Material.PARKING, "garden": Material.LAWN, "pool": Material.SHALLOW,
    "soil": Material.SOIL, "verge": Material.LAWN, "bank": Material.PARK,
}
_CROPS = np.array([(128, 146, 88), (140, 150, 96), (118, 140, 84), (152, 150, 104), (132, 142, 92), (124, 148, 98),
                   (146, 142, 102), (112, 134, 80)], "float32")
_GREEN = {"park": Material.PARK, "lawn": Material.LAWN, "woodland": Material.WOOD}


def paint(city: City, raster: Raster, heights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paint the city.

    Args:
        raster: window in metres; heights: elevation on the same window, metres.
    Returns:
        uint8, shape (3, height, width), red, green, blue.
    """
    material = rasterize(_surfaces(city), out_shape=heights.shape, transform=raster.metres, dtype="uint8",
                         fill=int(Material.FIELD))
    wild = (heights > 32) | (noise(rng, raster, 260) + 0.5 * noise(rng, raster, 60) > 0.92)
    material[wild & (material == Material.FIELD)] = Material.WOOD
    colour = PALETTE[material]
    _fields(colour, material, raster, rng)
    grain = rng.integers(-128, 128, heights.shape, dtype="int8").astype("float32") / 128
    rough = 0.6 * grain + 0.9 * noise(rng, raster, 9) + 0.9 * noise(rng, raster, 45)
    colour += (rough * GRAIN[material])[..., None]
    colour *= shade(heights, raster.pixel)[..., None]

    dark = roofs.shadows(city.built.drafts, raster)
    colour *= np.where(dark, np.float32(0.56), np.float32(1))[..., None]
    trees.plant(colour, city, raster, material, rng)
    roofs.paint(colour, city, raster, rng)
    return np.moveaxis(np.clip(colour, 0, 255).astype("uint8"), 2, 0)


def _surfaces(city: City):
    """Return (geometry in metres, material), the later over the earlier."""
    network = city.network
    out = [(site.geom, _GROUND.get(site.use, Material.PAVED)) for site in city.built.sites]
    out += [(geometry, _GREEN[kind]) for kind, _, geometry in city.green]
    for water in (network.river, network.lake, *network.ponds):
        out += [(water.buffer(2.5), Material.STONE), (water, Material.SHALLOW), (water.buffer(-6), Material.WATER),
                (water.buffer(-15), Material.DEEP)]
    roads = sorted(network.roads, key=lambda road: road.plan.width_m)
    out += [(road.line.buffer(road.plan.width_m / 2 + SIDEWALK), Material.SIDEWALK) for road in roads]
    for surface in city.built.surfaces:
        if surface.kind not in ("bank", "verge"):
            out.append((surface.geom, _SURFACE[surface.kind]))
    out += [(surface.geom.buffer(-1.6), Material.COURT_INNER)
            for surface in city.built.surfaces if surface.kind == "court"]
    out += [(road.line.buffer(road.plan.width_m / 2), Material.ASPHALT) for road in roads]
    for road in roads:
        if road.plan.width_m >= 34:
            out += [(road.line.buffer(1.6), Material.LAWN)]
        elif road.plan.width_m >= 20:
            out += [(road.line.buffer(0.5), Material.MARKING)]
    wide = [road.plan.width_m >= 34 for road in roads]
    surface_of = [road.line.buffer(road.plan.width_m / 2) for road in roads]
    crossings = shapely.union_all([s for s, is_wide in zip(surface_of, wide, strict=True) if not is_wide])
    arterials = shapely.union_all([s for s, is_wide in zip(surface_of, wide, strict=True) if is_wide])
    out.append((shapely.intersection(crossings, arterials), Material.ASPHALT))
    return [(geometry, int(kind)) for geometry, kind in out if not geometry.is_empty]


def _fields(colour, material, raster, rng) -> None:
    """Turn the country around the city into fields that lie differently from place to place."""
    x, y = raster.centres()
    hamlets = np.column_stack([rng.uniform(x[0], x[-1], 46), rng.uniform(y[-1], y[0], 46)])
    grid = Raster.over((x[0], y[-1], x[-1], y[0]), 12.0)
    gx, gy = np.meshgrid(*grid.centres())
    warp = noise(rng, grid, 120) * 60
    away = (gx[..., None] + warp[..., None] - hamlets[:, 0]) ** 2 + (gy[..., None] - warp[..., None] - hamlets[:,
                                                                                                               1]) ** 2
    nearest = np.argmin(away, axis=2)
    rows = np.minimum((np.arange(raster.height) * raster.pixel / 12).astype(int), grid.height - 1)
    columns = np.minimum((np.arange(raster.width) * raster.pixel / 12).astype(int), grid.width - 1)
    parish = nearest[rows][:, columns]
    here = np.flatnonzero((material == Material.FIELD).ravel())
    parish = parish.ravel()[here]
    px, py = x[here % raster.width], y[here // raster.width]
    turn = rng.uniform(-0.6, 0.9, 46)[parish]
    long, wide = rng.uniform(90, 190, 46)[parish], rng.uniform(22, 48, 46)[parish]
    u, v = px * np.cos(turn) + py * np.sin(turn), -px * np.sin(turn) + py * np.cos(turn)
    lot = (np.floor(u / long).astype("int64") * 7919 + np.floor(v / wide).astype("int64") * 104729 + parish * 31) % 97
    furrow = np.where(np.floor(v / 4).astype("int64") % 2 == 0, 2.0, -2.0)
    flat = colour.reshape(-1, 3)
    flat[here] = _CROPS[lot % len(_CROPS)] + furrow[:, None]
    flat[here[(np.mod(u, long) < 2.2) | (np.mod(v, wide) < 1.6)]] = (104, 124, 78)


def write_image(path: Path, picture: np.ndarray, raster: Raster) -> None:
    """Write the picture as tiled JPEG-in-GeoTIFF, EPSG:4490, ready for overviews and COG."""
    with rasterio.open(
        path, "w", driver="GTiff", width=raster.width, height=raster.height, count=3, dtype="uint8", crs=CRS,
        transform=raster.degrees, tiled=True, blockxsize=512, blockysize=512, compress="jpeg", photometric="ycbcr",
        jpeg_quality=85, interleave="pixel",
    ) as file:
        file.write(picture)
