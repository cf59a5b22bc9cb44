"""Rules of form: slivers, compactness, boundaries away from roads."""

import math
from collections.abc import Iterator

import numpy as np
import shapely

from spatial.geometry import Area, metres_per_unit
from spatial.rules.grid_rules.model import Case, Violation


def sliver(case: Case) -> Iterator[Violation]:
    """Yield faces that are nowhere as wide as a grid must be (狭长碎片)."""
    width = case.limits["width_m"]
    for number, shape in case.coverage.faces.items():
        plane = in_metres(shape)
        # Twice its area by its circumference is the width of a strip; only what may be one is looked at closely.
        if plane.area < 10 * width * plane.length and plane.buffer(-width / 2).is_empty:
            yield Violation("sliver", case.severity, f"Grid {number} is nowhere {width:g} m wide.", {"width_m": width},
                            (number,), geometry=shape)


def compactness(case: Case) -> Iterator[Violation]:
    """Yield faces of a ragged or stretched form (形状不紧凑), by Polsby and Popper."""
    for number, shape in case.coverage.faces.items():
        score = polsby_popper(shape)
        if score < case.limits["least"]:
            yield Violation(
                "compactness", case.severity, f"Grid {number} has a compactness of {score:.2f}.",
                {"compactness": round(score, 3), "least": case.limits["least"]}, (number,), geometry=shape)


def away_from_roads(case: Case) -> Iterator[Violation]:
    """Yield faces whose inner boundary lies for its most part away from roads (边界偏离道路), where there are any."""
    roads = case.facts.roads
    if not len(roads):
        return
    scale = np.array(metres_per_unit(case.coverage.outline))
    tree = shapely.STRtree(shapely.transform(roads, lambda xy: xy * scale))
    border = shapely.transform(case.coverage.outline.boundary, lambda xy: xy * scale)
    shapely.prepare(border)
    for number, shape in case.coverage.faces.items():
        line = shapely.transform(shape.boundary, lambda xy: xy * scale)
        points = shapely.points(shapely.get_coordinates(line.segmentize(10.0)))
        inner = points[~shapely.dwithin(points, border, 1.0)]
        if not len(inner):
            continue
        near = np.unique(tree.query(inner, predicate="dwithin", distance=case.limits["within_m"])[0])
        share = 1 - len(near) / len(inner)
        if share > case.limits["share"]:
            yield Violation(
                "away-from-roads", case.severity, f"{share:.0%} of the boundary of grid {number} lies away from roads.",
                {"share": round(share, 3), "within_m": case.limits["within_m"]}, (number,), geometry=shape)


def polsby_popper(shape: Area) -> float:
    """Return 4 π A / P², after Polsby and Popper (1991): 1 for a circle, near 0 for a thread."""
    plane = in_metres(shape)
    return 4 * math.pi * plane.area / plane.length**2


def in_metres(shape: Area) -> Area:
    """Return a polygon of the lattice in metres, by the ellipsoid at its middle latitude."""
    scale = np.array(metres_per_unit(shape))
    return shapely.transform(shape, lambda xy: xy * scale)
