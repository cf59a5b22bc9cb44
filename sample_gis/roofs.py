"""Roofs and the shadows of buildings in the painted picture."""

import numpy as np
import shapely
from rasterio.features import rasterize
from shapely import affinity
from shapely.geometry import box

from sample_gis.city import City
from sample_gis.terrain import Raster

SUN = (-0.34, 0.58)
"""Metres of shadow to the east and north per metre of height: a morning in spring."""

LONGEST_SHADOW = 62.0

_ROOFS = {
    "lane": [(116, 112, 110), (104, 102, 102), (128, 116, 108), (138, 96, 82)],
    "villa": [(164, 94, 72), (150, 88, 70), (122, 108, 104)],
    "slab5": [(172, 148, 128), (178, 170, 158), (160, 112, 94)],
    "slab6": [(188, 180, 168), (166, 110, 92), (150, 158, 168), (196, 190, 178)],
    "slab11": [(198, 190, 176), (180, 172, 164), (170, 120, 100)],
    "tower": [(204, 196, 184), (190, 184, 178), (178, 172, 168)],
    "hall": [(96, 130, 168), (112, 142, 172), (186, 188, 190), (150, 156, 160)],
    "shop": [(178, 168, 156), (160, 150, 142), (186, 176, 160)],
    "school": [(206, 200, 192), (186, 128, 104), (196, 172, 150)],
    "block": [(196, 196, 194), (180, 184, 188), (206, 202, 194)],
    "landmark": [(214, 212, 206), (200, 204, 206)],
    "small": [(170, 166, 160), (150, 146, 142)],
    "dorm": [(186, 178, 166)],
}
_PITCHED = ("lane", "villa")


def shadows(drafts, raster: Raster) -> np.ndarray:
    """Return which pixels lie in the shadow of a building, bool (height, width)."""
    shapes = []
    for draft in drafts:
        height = min(draft.floors * draft.storey_m, LONGEST_SHADOW / SUN[1])
        far = (SUN[0] * height, SUN[1] * height)
        shapes.append(_sweep(draft.geom, far))
    return rasterize(((shape, 1) for shape in shapes), out_shape=(raster.height, raster.width),
                     transform=raster.metres, dtype="uint8").astype(bool)


def _sweep(geometry, far):
    """Return the area that a footprint covers when it moves along ``far``, metres."""
    ring = shapely.get_coordinates(geometry.exterior)
    quads = np.stack([ring[:-1], ring[1:], ring[1:] + far, ring[:-1] + far], axis=1)
    return shapely.union_all([*shapely.polygons(quads), geometry, affinity.translate(geometry, *far)])


def paint(colour: np.ndarray, city: City, raster: Raster, rng: np.random.Generator) -> None:
    """Paint roofs over the picture: flat ones with a parapet, pitched ones with two slopes.

    Args:
        colour: float32 (height, width, 3), changed in place.
    """
    tones, shapes = [np.zeros(3)], []

    def add(geometry, tone):
        if not geometry.is_empty:
            tones.append(tone)
            shapes.append((geometry, len(tones) - 1))

    site_tone = rng.random(len(city.built.sites))
    for draft in city.built.drafts:
        site = city.built.sites[draft.site]
        family = _ROOFS.get(draft.kind) or _ROOFS[site.use if site.use in _ROOFS else "block"]
        if draft.kind == "block" and draft.use == "school":
            family = _ROOFS["school"]
        pick = rng.random() if draft.kind in ("lane", "hall", "small", "block") else site_tone[draft.site]
        tone = np.array(family[int(pick * len(family))]) + rng.uniform(-7, 7)
        if draft.kind in _PITCHED:
            add(draft.geom, tone * 1.08)
            add(_north_half(draft.geom, site.angle), tone * 0.78)
        elif draft.kind == "hall":
            add(draft.geom, tone)
            for strip in _strips(draft.geom, site.angle):
                add(strip, tone * 1.1)
        else:
            add(draft.geom, tone * 0.84)
            add(draft.geom.buffer(-1.1, join_style="mitre"), tone * 1.04)
            if draft.floors >= 7 and draft.kind != "landmark":
                for x, y in draft.entrances:
                    inward = np.array(draft.geom.centroid.coords[0]) - (x, y)
                    middle = np.array((x, y)) + inward * min(1, 6 / max(1, np.hypot(*inward)))
                    add(box(*(middle - 2.6), *(middle + 2.6)), tone * 0.9)
    index = rasterize(shapes, out_shape=colour.shape[:2], transform=raster.metres, dtype="int32")
    roof = index > 0
    colour[roof] = np.array(tones, "float32")[index[roof]]


def _north_half(geometry, angle):
    x, y = geometry.centroid.coords[0]
    half = affinity.rotate(box(x - 80, y, x + 80, y + 80), angle, origin=(x, y), use_radians=True)
    return shapely.intersection(geometry, half)


def _strips(geometry, angle):
    """Return skylight strips across a hall."""
    x, y = geometry.centroid.coords[0]
    bars = [box(x + dx, y - 80, x + dx + 3, y + 80) for dx in range(-60, 60, 12)]
    return [shapely.intersection(geometry.buffer(-1.5), affinity.rotate(bar, angle, origin=(x, y), use_radians=True))
            for bar in bars]
