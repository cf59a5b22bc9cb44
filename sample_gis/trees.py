"""Trees and cars in the painted picture."""

import numpy as np
import shapely

from sample_gis.city import City
from sample_gis.materials import Material
from sample_gis.terrain import Raster

DENSITY = {Material.WOOD: 0.017, Material.PARK: 0.0052, Material.LAWN: 0.0056, Material.FIELD: 0.00016}
"""Trees per square metre of each material."""

STREET_TREE_M = 9.0
_CROWNS = np.array([(58, 92, 50), (74, 108, 58), (66, 98, 60), (88, 118, 66), (52, 84, 52), (98, 120, 70)], "float32")
_CARS = np.array([(232, 232, 230), (60, 62, 66), (176, 60, 52), (120, 130, 140), (210, 206, 196), (70, 92, 130)],
                 "float32")


def plant(colour: np.ndarray, city: City, raster: Raster, material: np.ndarray, rng: np.random.Generator) -> None:
    """Plant trees on green ground and along streets, and put cars on roads and car parks.

    Args:
        colour: float32 (height, width, 3), changed in place.
        material: `Material` of every pixel.
    """
    rows, columns = [], []
    for kind, density in DENSITY.items():
        flat = np.flatnonzero(material.ravel() == kind)
        wanted = int(len(flat) * raster.pixel**2 * density)
        chosen = flat[rng.integers(0, max(1, len(flat)), wanted)] if len(flat) else flat
        rows.append(chosen // raster.width)
        columns.append(chosen % raster.width)
    along = _street_trees(city, raster, rng)
    rows.append(along[0])
    columns.append(along[1])
    _cars(colour, city, raster, material, rng)
    rows, columns = np.concatenate(rows), np.concatenate(columns)
    radius = rng.choice([1.6, 2.2, 2.9, 3.7], size=len(rows), p=[0.25, 0.35, 0.27, 0.13]) / raster.pixel
    crown = _CROWNS[rng.integers(0, len(_CROWNS), len(rows))] * rng.uniform(0.88, 1.12,
                                                                            (len(rows), 1)).astype("float32")
    order = np.argsort(-rows, kind="stable")
    for low, high in ((0, 1.9), (1.9, 2.6), (2.6, 3.4), (3.4, 9)):
        band = order[(radius[order] * raster.pixel >= low) & (radius[order] * raster.pixel < high)]
        if len(band):
            _stamp(colour, rows[band], columns[band], float(radius[band][0]), crown[band], raster.pixel)


def _stamp(colour, rows, columns, radius, crown, pixel) -> None:
    """Draw round crowns: a shadow to the north-west, a lit side to the south-east."""
    reach = int(np.ceil(radius))
    dy, dx = (g.ravel() for g in np.mgrid[-reach:reach + 1, -reach:reach + 1])
    inside = dx**2 + dy**2 <= radius**2 + 0.3
    dy, dx = dy[inside], dx[inside]
    height, width = colour.shape[:2]
    lift = max(1, round(1.6 / pixel))

    def place(r, c):
        ok = (r >= 0) & (r < height) & (c >= 0) & (c < width)
        return ok, r[ok], c[ok]

    for oy, ox in zip(dy, dx, strict=True):
        _, r, c = place(rows + oy - lift, columns + ox - lift)
        colour[r, c] *= 0.93
    for oy, ox in zip(dy, dx, strict=True):
        ok, r, c = place(rows + oy, columns + ox)
        light = 1 + 0.16 * (ox + oy) / max(1.0, radius)
        colour[r, c] = crown[ok] * np.float32(light)


def _street_trees(city: City, raster: Raster, rng):
    points = []
    for road in city.network.roads:
        if road.plan.width_m < 12:
            continue
        for side in (1, -1):
            curve = shapely.offset_curve(road.line, side * (road.plan.width_m / 2 + 1.6))
            if curve.length > 30:
                at = np.arange(4, curve.length - 4, STREET_TREE_M)
                points.append(shapely.get_coordinates(shapely.line_interpolate_point(curve,
                                                                                     at + rng.uniform(-1, 1, len(at)))))
    xy = np.vstack(points)
    xy = xy[~shapely.intersects_xy(_junctions(city), xy[:, 0], xy[:, 1])]
    return _pixels(xy, raster)


def _junctions(city: City):
    area = shapely.union_all([road.line.buffer(road.plan.width_m / 2 - 0.3) for road in city.network.roads])
    shapely.prepare(area)
    return area


def _pixels(xy, raster: Raster):
    column = ((xy[:, 0] - raster.west) / raster.pixel).astype(int)
    row = ((raster.north - xy[:, 1]) / raster.pixel).astype(int)
    ok = (row >= 0) & (row < raster.height) & (column >= 0) & (column < raster.width)
    return row[ok], column[ok]


def _cars(colour, city: City, raster: Raster, material, rng) -> None:
    points = []
    for road in city.network.roads:
        if road.plan.width_m >= 12:
            for offset in np.arange(3.2, road.plan.width_m / 2 - 1.5, 3.4):
                for side in (1, -1):
                    curve = shapely.offset_curve(road.line, side * offset)
                    count = int(curve.length / 75)
                    at = rng.uniform(0, curve.length, count)
                    points.append(shapely.get_coordinates(shapely.line_interpolate_point(curve, at)))
    row, column = _pixels(np.vstack(points), raster)
    flat = np.flatnonzero(material.ravel() == Material.PARKING)
    if len(flat):
        parked = flat[rng.integers(0, len(flat), int(len(flat) * raster.pixel**2 / 26))]
        row, column = np.r_[row, parked // raster.width], np.r_[column, parked % raster.width]
    paint = _CARS[rng.integers(0, len(_CARS), len(row))]
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        r, c = np.clip(row + dy, 0, raster.height - 1), np.clip(column + dx, 0, raster.width - 1)
        colour[r, c] = paint
