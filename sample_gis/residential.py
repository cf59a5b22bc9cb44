"""Builders of estates: slabs, towers, villas, and the houses that serve them."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import box

from sample_gis import shapes
from sample_gis.layout import Plot
from sample_gis.streets import SIDEWALK


@dataclass(frozen=True)
class SlabStyle:
    """How an estate of slabs is built: storeys, dimensions in metres, rooms per landing."""

    floors: tuple[int, ...]
    depth: tuple[float, float]
    unit_w: tuple[float, float]
    units: tuple[int, ...]
    sun: float
    most_floors: int
    per_floor: int = 2
    below: int = 0
    profiles: tuple[str, ...] = shapes.SLAB_PROFILES


SLABS = {
    "slab5": SlabStyle((4, 5, 5), (10.5, 11.5), (13.5, 16.0), (2, 2, 3), 1.25, 6,
                       profiles=("plain", "stairs", "plain", "stairs")),
    "slab6": SlabStyle((5, 5, 6, 6), (11.5, 13.0), (15.5, 18.5), (2, 2, 2, 3), 1.15, 7),
    "slab11": SlabStyle((9, 11, 11), (13.0, 14.5), (17.0, 20.0), (1, 2, 2), 0.95, 16, below=1),
}
"""``sun``: clear metres between rows per metre of height (日照间距)."""

FULL_ENOUGH = 1.08
"""An estate may have this many times the dwellings that it aims at."""

TOO_FEW = 0.85
"""With fewer than this share of them it is built higher and closer."""

LOOSEST = 4.5
"""Rows are moved apart up to this factor; beyond it single slabs are left out."""


def slabs(plot: Plot, rng: np.random.Generator) -> None:
    """Fill a plot with rows of slabs facing south, about as many as its rooms need."""
    style = SLABS[plot.site.use]
    _shops_along(plot, rng, 1 if plot.site.use == "slab5" else 2)
    _services(plot, rng)
    _drive(plot)
    depth = round(rng.uniform(*style.depth), 1)
    unit_w = round(rng.uniform(*style.unit_w), 1)
    floors = int(rng.choice(style.floors))
    profile = str(rng.choice(style.profiles))
    gap_x = rng.uniform(9, 12)
    seeds = rng.random(4096)
    chosen = _fill(plot, style, depth, unit_w, floors, gap_x, profile, seeds)
    if _rooms(chosen, floors, style) < TOO_FEW * plot.site.rooms:
        # Little land for many people: narrower flats, more floors, closer together.
        unit_w, floors, gap_x = style.unit_w[0], style.most_floors, 8.0
        chosen = _fill(plot, style, depth, unit_w, floors, gap_x, profile if profile != "bent" else "plain", seeds)
    _lay_rows(plot, [footprint for footprint, _ in chosen])
    for footprint, doors in chosen:
        plot.add(footprint, None, use="residential", kind="slab", floors=floors, storey_m=2.9,
                 entrances=doors, per_floor=style.per_floor, room_m2=unit_w * depth / 2 * 0.92, below=style.below)


def _rooms(chosen, floors: int, style: SlabStyle) -> int:
    return sum(len(doors) for _, doors in chosen) * floors * style.per_floor


def _fill(plot, style, depth, unit_w, floors, gap_x, profile, seeds):
    """Return (footprint, doors) of as many slabs as the plot's rooms need, evenly spread."""
    loose = 1.0
    while True:
        chosen = _rows(plot, style, depth, unit_w, floors, gap_x * min(loose, 2.2), loose, profile, seeds)
        excess = _rooms(chosen, floors, style) / max(1, plot.site.rooms) - FULL_ENOUGH
        if excess <= 0:
            return chosen
        if loose > LOOSEST:
            break
        loose += 0.06 * max(1, int(excess * 5))
    keep = max(1, round(len(chosen) * plot.site.rooms / _rooms(chosen, floors, style)))
    return [chosen[i * len(chosen) // keep] for i in range(keep)]


def _rows(plot, style, depth, unit_w, floors, gap_x, loose, profile, seeds):
    """Return (footprint, doors) of slabs in rows from south to north."""
    _, y0, _, y1 = plot.free.bounds
    pitch = depth + style.sun * floors * 2.9 * (0.75 + 0.25 * loose) + 2
    count = max(1, int((y1 - y0 - depth) // pitch) + 1)
    slack = (y1 - y0 - depth) - (count - 1) * pitch
    out, n = [], 0
    for row in range(count):
        south = y0 + min(slack / 2, 8) + row * pitch + (0.6 if row else 0.3)
        reach = {"bent": 9.2, "stepped": 2.0, "stairs": 1.4}.get(profile, 0.2)
        for start, end in plot.spans(south - 0.2, south + depth + reach):
            lengths = []
            room = end - start - 0.6
            while True:
                units = style.units[int(seeds[n % 4096] * len(style.units))]
                n += 1
                need = units * unit_w + (gap_x if lengths else 0)
                if need > room:
                    units = min(style.units)
                    need = units * unit_w + (gap_x if lengths else 0)
                    if need > room:
                        break
                lengths.append(units)
                room -= need
            if not lengths:
                continue
            extra = room / (len(lengths) + 1) if len(lengths) > 1 else room * (0.25 + 0.5 * seeds[n % 4096])
            x = start + 0.3 + extra
            for units in lengths:
                shift = 2.4 * (seeds[(n + units) % 4096] - 0.5) if profile == "plain" else 0
                shape = affinity.translate(shapes.slab(units, unit_w, depth, profile), x, south)
                moved = affinity.translate(shape, 0, shift)
                if plot.free.contains_properly(moved):
                    shape = moved
                if plot.free.contains_properly(shape):
                    out.append((shape, _slab_doors(shape, units, unit_w, depth, profile)))
                x += units * unit_w + gap_x + (extra if len(lengths) > 1 else 0)
                n += 1
    return out


def _lay_rows(plot: Plot, footprints) -> None:
    """Lay the paths to the doors (宅前路) along whole rows, with bays for cars beside them."""
    rows: dict[float, list] = {}
    for footprint in footprints:
        x0, y0, x1, _ = footprint.bounds
        rows.setdefault(round(y0 / 6), []).append((x0, x1, footprint.bounds[3]))
    for members in rows.values():
        north = max(member[2] for member in members)
        start, end = min(member[0] for member in members) - 6, max(member[1] for member in members) + 6
        ground = plot.shape.buffer(-3)
        plot.lay(box(start, north + 2.6, end, north + 6.4).intersection(ground), "drive")
        for x0, x1, _ in members[::2]:
            plot.lay(box(x0 + 2, north + 6.4, x1 - 2, north + 11.2).intersection(ground), "parking")


def _slab_doors(shape, units, unit_w, depth, profile):
    """Return the middle of each staircase on the north side."""
    x0, y0, _, _ = shape.bounds
    doors = []
    for i in range(units):
        y = y0 + depth
        if profile == "stairs":
            y += 1.2
        elif profile == "stepped":
            y += 1.8 * (i % 2)
        elif profile == "bent" and i == units - 1:
            doors.append((x0 + units * unit_w - min(unit_w, shapes.WING_M), y + 4.5))
            continue
        doors.append((x0 + (i + 0.5) * unit_w, y))
    return doors


def towers(plot: Plot, rng: np.random.Generator) -> None:
    """Place point towers of 18 to 33 floors in gardens, shops along the street."""
    _shops_along(plot, rng, 2)
    _services(plot, rng)
    form = str(rng.choice(["cross", "butterfly", "h"]))
    width, depth = round(rng.uniform(24, 29), 1), round(rng.uniform(19, 23), 1)
    per_floor = 4
    loop = plot.shape.buffer(-plot.setback - 10, join_style="mitre").buffer(-14).buffer(14)
    plot.lay(loop.difference(loop.buffer(-5)), "loop")
    square = plot.lay_at(shapes.ellipse(58, 44), (0.5, 0.45), 8, "plaza", f"{plot.site.name}中心广场")
    if square is not None:
        plot.lay(affinity.scale(square, 0.78, 0.74), "garden", f"{plot.site.name}中心花园")
        plot.lay(affinity.scale(square, 0.36, 0.34), "pool")
    wanted = max(2, round(plot.site.rooms / (per_floor * 20)))
    footprint = shapes.tower(width, depth, form)
    ring = shapely.get_coordinates(footprint)
    spots = _spread(plot, footprint, wanted)
    floors = int(np.clip(round(plot.site.rooms / max(1, len(spots)) / per_floor), 18, 33))
    for spot in spots:
        storeys = int(np.clip(floors + rng.integers(-2, 3), 18, 33))
        shape = shapely.Polygon(ring + spot)
        plot.lay(affinity.translate(shapes.ellipse(width + 16, depth + 14), *spot), "forecourt")
        plot.add(shape, 6, use="residential", kind="tower", floors=storeys, storey_m=3.0,
                 entrances=[(spot[0], spot[1] + depth * 0.3)], per_floor=per_floor, below=2,
                 room_m2=width * depth * 0.62 / per_floor)


def _spread(plot, footprint, wanted):
    """Return up to ``wanted`` places for a tower, spread evenly over what is free (Lloyd's method)."""
    x0, y0, x1, y1 = plot.free.bounds
    gx, gy = (g.ravel() for g in np.meshgrid(np.arange(x0 + 14, x1 - 13, 8), np.arange(y0 + 12, y1 - 11, 8)))
    ring = shapely.get_coordinates(footprint)
    options = shapely.polygons(ring[None] + np.stack([gx, gy], 1)[:, None])
    at = np.stack([gx, gy], 1)[plot.fits(options)]
    if not len(at):
        return []
    seeds = at[np.linspace(0, len(at) - 1, wanted).astype(int)].astype(float)
    for _ in range(12):
        near = np.argmin(((at[:, None] - seeds[None]) ** 2).sum(2), axis=1)
        seeds = np.array([at[near == i].mean(0) if (near == i).any() else seeds[i] for i in range(wanted)])
    chosen = []
    for seed in seeds:
        order = np.argsort(((at - seed) ** 2).sum(1), kind="stable")
        clear = (i for i in order if all(np.hypot(*(at[i] - at[j])) > 38 for j in chosen))
        best = next(clear, None)
        if best is not None:
            chosen.append(best)
    return [at[i] for i in chosen]


def villas(plot: Plot, rng: np.random.Generator) -> None:
    """Place rows of terraced and paired houses of three floors with gardens."""
    _services(plot, rng)
    _drive(plot)
    _, y0, _, y1 = plot.free.bounds
    house, depth = 8.5, 12.0
    for row, south in enumerate(np.arange(y0 + 2, y1 - depth - 2, depth + 17)):
        for start, end in plot.spans(south - 2.5, south + depth + 2.5):
            x = start + 1 + 4 * (row % 2)
            while True:
                count = int(rng.integers(2, 5))
                if x + count * house > end - 1:
                    break
                dy = rng.uniform(-2, 2)
                shape = affinity.translate(shapes.slab(count, house, depth, "stepped"), x, south + dy)
                if plot.free.contains_properly(shape):
                    doors = [(x + (i + 0.5) * house, south + dy + depth + 1.8 * (i % 2)) for i in range(count)]
                    plot.add(shape, None, use="residential", kind="villa", floors=3, storey_m=3.2, below=1,
                             entrances=doors, per_floor=1, dwelling_floors=1, room_m2=210.0)
                x += count * house + rng.uniform(8, 12)


def _shops_along(plot: Plot, rng, floors: int) -> None:
    """Line the plot's main street with shops, following its curve."""
    name, width, line = plot.site.streets[0]
    if width < 20:
        return
    local = plot.inward(line)
    depth, setback = round(rng.uniform(9, 12), 1), width / 2 + SIDEWALK + plot.setback + 0.4
    along = 6.0
    while along < local.length - 12:
        length = float(rng.uniform(24, 46))
        a, b = (np.array(local.interpolate(d).coords[0]) for d in (along, min(along + length, local.length)))
        run = np.hypot(*(b - a))
        along += length + (rng.uniform(2, 5) if rng.random() < 0.75 else rng.uniform(16, 26))
        if run < 18:
            continue
        t = (b - a) / run
        n = np.array([-t[1], t[0]])
        for side in (1, -1):
            front, back = n * side * setback, n * side * (setback + depth)
            shape = shapely.Polygon([a + front, b + front, b + back, a + back])
            if shape.is_valid and plot.free.contains_properly(shape):
                doors = [tuple((a + b) / 2 + front)]
                plot.add(shape, 7, use="commercial", kind="shop", floors=floors + int(rng.random() < 0.3),
                         storey_m=3.9, entrances=doors, per_floor=max(2, round(run / 8)), room_m2=7.5 * depth)


def _services(plot: Plot, rng) -> None:
    """Add what an estate has besides flats: kindergarten, office, power room, gatehouse."""
    area = plot.site.geom.area
    put = plot.put
    if area > 38_000 and rng.random() < 0.3:
        yard = plot.lay_at(shapes.rect(52, 46), (rng.random(), 0.9), 4, "court", "幼儿园操场")
        if yard is not None:
            x, y = yard.centroid.coords[0]
            plot.surfaces.pop()
            building = affinity.translate(shapes.court(44, 26, 10, "south"), x, y + 8)
            plot.add(building, 2, use="school", kind="block", floors=3, storey_m=3.6, label="幼儿园",
                     per_floor=4, room_m2=60)
            plot.lay(affinity.translate(shapes.rect(44, 14), x, y - 14), "court", "幼儿园操场")
    if area > 30_000 and rng.random() < 0.45:
        put(shapes.ell(24, 18, 9), (0.5, 0.5), 6, use="public", kind="block", floors=2, storey_m=3.6,
            label="党群服务站", per_floor=3, room_m2=50)
    put(shapes.rect(9, 6), (rng.random(), 0.02), 3, use="other", kind="small", floors=1, storey_m=3.6, label="配电房")
    put(shapes.rect(5, 4), (0.5, rng.choice([0.0, 1.0])), 2, use="other", kind="small", floors=1, storey_m=3.2,
        label="门卫室")
    if rng.random() < 0.6:
        put(shapes.rect(22, 5.5), (rng.choice([0.02, 0.98]), rng.random()), 3, use="other", kind="small", floors=1,
            storey_m=2.8, label="非机动车库")


def _drive(plot: Plot) -> None:
    """Lay the loop road of an estate, and keep a drive free through the middle, south to north."""
    loop = plot.shape.buffer(-plot.setback + 1.5, join_style="mitre").buffer(-8).buffer(8)
    plot.lay(loop.difference(loop.buffer(-4.5)), "loop")
    x0, y0, x1, y1 = plot.free.bounds
    if x1 - x0 < 90:
        return
    x = (x0 + x1) / 2
    lane = box(x - 3, y0 - 30, x + 3, y1 + 30).intersection(plot.shape)
    plot.reserve(lane, 4)
    plot.lay(lane, "drive")
