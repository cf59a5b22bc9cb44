"""The network: river, roads, and the faces that they enclose.

Input is the plan (`sample_gis.plan`), output shapely geometry in metres of the local
frame (see `sample_gis.frame`).
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import substring

from sample_gis import plan

NODE_GRID = 0.01
"""Junctions are snapped to this grid, metres: shared vertices are then identical."""

SPLINE_STEP = 14.0
SIDEWALK = 4.0
"""Metres between the edge of a carriageway and the block beside it."""


@dataclass(frozen=True)
class DrawnRoad:
    """A road as built: its line in metres, and the plan it came from."""

    plan: plan.Road
    line: shapely.LineString


@dataclass(frozen=True)
class Network:
    """All lines and surfaces that divide the city, metres.

    ``faces``: polygons enclosed by boundary roads and the river's centre line; they cover
    ``outline`` exactly and share vertices along shared edges.
    """

    roads: tuple[DrawnRoad, ...]
    river_line: shapely.LineString
    river: shapely.Polygon
    lake: shapely.Polygon
    ponds: tuple[shapely.Polygon, ...]
    faces: tuple[shapely.Polygon, ...]
    carriageways: shapely.Geometry


def spline(points, step: float = SPLINE_STEP, closed: bool = False) -> np.ndarray:
    """Return a centripetal Catmull-Rom curve through points.

    Args:
        points: (x, y) control points, metres.
        step: distance in metres between the points of the result, about.
        closed: join the last point to the first.
    Returns:
        shape (n, 2), metres; passes through every control point.
    """
    p = np.asarray(points, float)
    before, after = (p[-1:], p[:2]) if closed else (2 * p[:1] - p[1:2], 2 * p[-1:] - p[-2:-1])
    p = np.vstack([before, p, after])
    out = []
    for p0, p1, p2, p3 in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        t1 = np.hypot(*(p1 - p0)) ** 0.5
        t2 = t1 + np.hypot(*(p2 - p1)) ** 0.5
        t3 = t2 + np.hypot(*(p3 - p2)) ** 0.5
        n = max(2, round(np.hypot(*(p2 - p1)) / step))
        t = np.linspace(t1, t2, n, endpoint=False)[:, None]
        a1 = (t1 - t) / t1 * p0 + t / t1 * p1
        a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
        a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
        b1 = (t2 - t) / t2 * a1 + t / t2 * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        out.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    if not closed:
        out.append(p[-2][None])
    return np.vstack(out)


def _smooth(points, step: float = SPLINE_STEP) -> LineString:
    return LineString(np.round(spline(points, step), 2)).simplify(0.15)


def _trim(line, others, start: bool, end: bool):
    """Cut a line at its first and last junction with the others."""
    hits = shapely.get_parts(shapely.intersection(line, others))
    along = sorted(line.project(hit) for hit in hits if hit.geom_type == "Point")
    if not along:
        return line
    return substring(line, along[0] if start else 0, along[-1] if end else line.length)


def _bank_roads(river_line) -> list[tuple[plan.Road, LineString]]:
    """Return the two roads along the river, where it runs through the city."""
    out = []
    for side, name, name_en in ((1, "滨河北路", "North Riverside Road"), (-1, "滨河南路", "South Riverside Road")):
        curve = shapely.offset_curve(river_line, side * plan.BANK_OFFSET, join_style="round").simplify(0.3)
        line = curve.intersection(shapely.box(-2900, -1500, 2900, 1500))
        out.append((plan.Road(name, name_en, "secondary", 16, [], boundary=False, trim_start=False,
                              trim_end=False), line))
    return out


def build_network() -> Network:
    """Draw the plan: roads, river, and the faces of the city.

    Returns:
        the network in metres. It does not depend on any seed.
    """
    river_line = _smooth(plan.RIVER[2], 18)
    raw = [(road, _smooth(road.points)) for road in plan.ROADS + plan.INNER_CUTS]
    raw += _bank_roads(river_line)
    tree = shapely.STRtree([line for _, line in raw])

    drawn = []
    for i, (road, line) in enumerate(raw):
        if road.trim_start or road.trim_end:
            near = [raw[j][1] for j in tree.query(line) if j != i]
            line = _trim(line, shapely.union_all(near), road.trim_start, road.trim_end)
        drawn.append(DrawnRoad(road, line))

    frame = shapely.union_all([line for road, line in raw if road.frame], grid_size=NODE_GRID)
    outline = max(shapely.get_parts(shapely.polygonize([frame])), key=shapely.area)
    cuts = [line for road, line in raw if road.boundary] + [river_line]
    noded = shapely.union_all(cuts, grid_size=NODE_GRID)
    faces = [
        face for face in shapely.get_parts(shapely.polygonize([noded]))
        if shapely.contains(outline, shapely.point_on_surface(face))
    ]
    river = shapely.buffer(river_line, plan.RIVER_HALF_WIDTH).simplify(0.4)
    lake = Polygon(spline(plan.LAKE[2], 10, closed=True), [spline(plan.LAKE_ISLAND, 6, closed=True)])
    ponds = tuple(Polygon(spline(points, 6, closed=True)) for _, points in plan.PONDS)
    carriageways = shapely.union_all(
        [shapely.buffer(road.line, road.plan.width_m / 2) for road in drawn]
    )
    return Network(tuple(drawn), river_line, river, lake, ponds, tuple(faces), carriageways)
