"""Footprints: polygons around or beside their own origin, metres, x along the façade."""

import numpy as np
from shapely import affinity
from shapely.geometry import LineString, Polygon, box

SLAB_PROFILES = ("plain", "stairs", "stepped", "bent")

WING_M = 12.0
"""Width of the wing of a bent slab, metres."""


def slab(units: int, unit_w: float, depth: float, profile: str) -> Polygon:
    """Return a slab block (板楼) with its south-west corner at the origin.

    Args:
        units: number of staircases side by side.
        unit_w: metres of façade per staircase.
        depth: metres.
        profile: ``plain``, ``stairs`` (staircases stand out to the north), ``stepped``
            (every second unit set back), ``bent`` (the last unit turns north).
    """
    length = units * unit_w
    if profile == "stairs":
        north = []
        for i in range(units):
            m = (i + 0.5) * unit_w
            north += [(m - 1.4, depth), (m - 1.4, depth + 1.2), (m + 1.4, depth + 1.2), (m + 1.4, depth)]
        return Polygon([(0, 0), (0, depth), *north, (length, depth), (length, 0)])
    if profile == "stepped" and units > 1:
        south, north = [], []
        for i in range(units):
            dy = 1.8 * (i % 2)
            south += [(i * unit_w, dy), ((i + 1) * unit_w, dy)]
            north += [(i * unit_w, depth + dy), ((i + 1) * unit_w, depth + dy)]
        return Polygon(south + north[::-1])
    if profile == "bent":
        wing = min(unit_w, WING_M)
        return Polygon([(0, 0), (0, depth), (length - wing, depth), (length - wing, depth + 9),
                        (length, depth + 9), (length, 0)])
    return box(0, 0, length, depth)


def tower(width: float, depth: float, form: str) -> Polygon:
    """Return a point tower (点式高层) around the origin: ``cross``, ``butterfly`` or ``h``."""
    w, d = width / 2, depth / 2
    if form == "cross":
        a, b = w * 0.45, d * 0.45
        pts = [(-a, -d), (a, -d), (a, -b), (w, -b), (w, b), (a, b), (a, d), (-a, d), (-a, b), (-w, b), (-w, -b),
               (-a, -b)]
    elif form == "butterfly":
        pts = [(-w, -d), (-w * 0.45, -d * 0.8), (-w * 0.3, -d * 0.35), (w * 0.3, -d * 0.35), (w * 0.45, -d * 0.8),
               (w, -d),
               (w, d * 0.25), (w * 0.5, d * 0.5), (w * 0.42, d), (-w * 0.42, d), (-w * 0.5, d * 0.5), (-w, d * 0.25)]
    else:
        n = w * 0.22
        pts = [(-w, -d), (-n, -d), (-n, -d * 0.6), (n, -d * 0.6), (n, -d), (w, -d), (w, d), (n, d), (n, d * 0.62),
               (-n, d * 0.62), (-n, d), (-w, d)]
    return Polygon(pts)


def court(width: float, depth: float, wing: float, opening: str = "south") -> Polygon:
    """Return a U around a court that opens to one side, centred on the origin."""
    w, d = width / 2, depth / 2
    u = Polygon([(-w, -d), (-w, d), (w, d), (w, -d), (w - wing, -d), (w - wing, d - wing),
                 (-w + wing, d - wing), (-w + wing, -d)])
    turn = {"south": 0, "east": 90, "north": 180, "west": 270}[opening]
    return affinity.rotate(u, turn, origin=(0, 0)) if turn else u


def ell(width: float, depth: float, wing: float, corner: str = "ne") -> Polygon:
    """Return an L whose open corner is ``corner``, centred on the origin."""
    w, d = width / 2, depth / 2
    shape = Polygon([(-w, -d), (w, -d), (w, -d + wing), (-w + wing, -d + wing), (-w + wing, d), (-w, d)])
    if "w" in corner:
        shape = affinity.scale(shape, -1, 1, origin=(0, 0))
    if "s" in corner:
        shape = affinity.scale(shape, 1, -1, origin=(0, 0))
    return shape


def comb(width: float, depth: float, spine: float, teeth: int, tooth_w: float) -> Polygon:
    """Return a comb (E, 王 halved): a spine in the west with teeth to the east, centred."""
    w, d = width / 2, depth / 2
    pts = [(-w, -d)]
    for y in np.linspace(-d, d - tooth_w, teeth):
        pts += [(w, y), (w, y + tooth_w), (-w + spine, y + tooth_w)]
        if y + tooth_w < d - 0.1:
            gap = (2 * d - teeth * tooth_w) / (teeth - 1)
            pts.append((-w + spine, y + tooth_w + gap))
    pts[-1] = (-w, d)
    return Polygon(pts)


def rect(width: float, depth: float) -> Polygon:
    """Return a rectangle centred on the origin."""
    return box(-width / 2, -depth / 2, width / 2, depth / 2)


def disc(radius: float, sides: int = 24) -> Polygon:
    """Return a regular polygon around the origin, with a vertex pointing east."""
    a = np.arange(sides) * 2 * np.pi / sides
    return Polygon(np.round(np.column_stack([np.cos(a), np.sin(a)]) * radius, 3))


def ellipse(width: float, depth: float, sides: int = 40) -> Polygon:
    """Return an ellipse around the origin."""
    a = np.arange(sides) * 2 * np.pi / sides
    return Polygon(np.round(np.column_stack([np.cos(a) * width / 2, np.sin(a) * depth / 2]), 3))


def track(length: float, width: float) -> Polygon:
    """Return a running track's outer edge around the origin, long side north to south."""
    return LineString([(0, -(length - width) / 2), (0, (length - width) / 2)]).buffer(width / 2, quad_segs=10)


def bar(width: float, depth: float, notches: int) -> Polygon:
    """Return a rectangle whose north side is notched, centred: a façade with bays."""
    w, d = width / 2, depth / 2
    pts = [(-w, -d), (-w, d)]
    bay = width / (2 * notches + 1)
    for i in range(notches):
        x = -w + (2 * i + 1) * bay
        pts += [(x, d), (x, d - 2.5), (x + bay, d - 2.5), (x + bay, d)]
    return Polygon([*pts, (w, d), (w, -d)])
