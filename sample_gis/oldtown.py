"""Builder of the old town: lanes (里弄) of small houses wall by wall."""

import numpy as np
from shapely.geometry import Polygon, box

from sample_gis.layout import Plot

LANE = 3.4
"""Width of a lane between two rows, metres."""


def lanes(plot: Plot, rng: np.random.Generator) -> None:
    """Fill a plot with back-to-back rows of houses of two or three floors along lanes."""
    x0, y0, x1, y1 = plot.free.bounds
    south, n = y0 + 1, 0
    bend = rng.uniform(-0.025, 0.025)
    alley = rng.uniform(0.3, 0.7) * (x1 - x0) + x0
    while south < y1 - 8:
        depth = rng.uniform(11.5, 14.5)
        for start, end in plot.spans(south + 0.5, south + depth - 0.5):
            _row(plot, rng, start + 1, end - 1, south, depth, bend, alley)
        n += 1
        south += depth + (LANE if n % 2 else 1.6) + rng.uniform(0, 1.0)
    _share(plot)
    plot.lay(box(alley - 2.2, y0 - 20, alley + 2.2, y1 + 20).intersection(plot.shape), "drive")


def _share(plot) -> None:
    """Split the widest houses into two flats a floor until the plot has the dwellings it needs."""
    homes = sorted((d for d in plot.drafts if d.use == "residential"), key=lambda d: (-d.room_m2, d.geom.centroid.x))
    missing = plot.site.rooms - sum(d.rooms for d in homes)
    for draft in homes:
        if missing <= 0:
            break
        missing -= draft.rooms
        draft.per_floor, draft.room_m2 = 2, draft.room_m2 / 2


def _row(plot, rng, start, end, south, depth, bend, alley) -> None:
    x = start
    while x < end - 7:
        width = min(float(rng.uniform(11, 19)), end - x)
        right = x + width
        if x < alley + 2.4 and right > alley - 2.4:
            if alley - 2.4 - x > 7:
                right = alley - 2.4
            else:
                x = alley + 2.4
                continue
        if right - x > 7 and rng.random() > 0.1:
            _house(plot, rng, x, right - rng.uniform(0.4, 0.9), south + bend * x, depth)
        x = right + (rng.uniform(1.5, 3) if rng.random() < 0.12 else 0)


def _house(plot, rng, left, right, south, depth) -> None:
    """Put one house: a rectangle, or an L or U around a small court."""
    front = south + rng.uniform(0, 0.8)
    back = south + depth - rng.uniform(0.2, 1.2)
    width = right - left
    form = rng.random()
    if form < 0.55 or width < 10:
        shape = box(left, front, right, back)
    elif form < 0.8:
        notch_x, notch_y = left + width * rng.uniform(0.55, 0.7), front + depth * rng.uniform(0.4, 0.55)
        shape = Polygon([(left, front), (right, front), (right, notch_y), (notch_x, notch_y), (notch_x, back),
                         (left, back)])
    else:
        a, b, c = left + width * 0.32, left + width * 0.68, front + depth * 0.5
        shape = Polygon([(left, front), (a, front), (a, c), (b, c), (b, front), (right, front), (right, back),
                         (left, back)])
    if not plot.free.contains_properly(shape):
        return
    floors = int(rng.choice([1, 2, 2, 2, 3, 3]))
    front_shop = rng.random() < 0.13
    door = (left + width * 0.3, front)
    plot.add(shape, None, use="commercial" if front_shop else "residential", kind="lane",
             floors=floors, storey_m=3.1, entrances=[door], per_floor=1, room_m2=shape.area * 0.8)
