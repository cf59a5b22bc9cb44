"""Put lines into a coverage so that every polygon along them has the same new nodes: snap rounding (Hobby 1999),
locally.

Each new node is a pixel of the lattice. An edge that a new node's pixel touches is led through the node, in every
polygon that has the edge and in the outline, and through each old node whose pixel it touches on its way. No edge can
then lie on the other side of a node than before: a boundary moves by less than a lattice step, and stays the same for
both its sides.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.coverage.model import Coverage, Refused
from spatial.coverage.rings import Edge, Place, polygon_of, rings_of
from spatial.geometry import Area


@dataclass(frozen=True)
class Woven:
    """A coverage with lines in it.

    Args:
        faces: the faces that have new nodes, with them.
        outline: the outline with its new nodes, None where it has none.
        lines: for each line its places, with a node wherever it meets an edge.
    """

    faces: dict[int, Area]
    outline: Area | None
    lines: list[list[Place]]


def weave(coverage: Coverage, lines: list[BaseGeometry]) -> Woven:
    """Return the faces and the outline with nodes where lines meet them, and the lines with the same nodes.

    Args:
        lines: LineStrings or LinearRings in lattice units, on the lattice. They may cross one another and themselves.
    """
    around = shapely.MultiLineString([shapely.LineString(shapely.get_coordinates(line)) for line in lines])
    numbers = coverage.near(around, 2)
    local = {number: coverage.faces[number] for number in numbers}
    parts = [shapely.get_coordinates(line).astype(np.int64) for line in lines]
    drawn = np.concatenate([np.hstack([part[:-1], part[1:]]) for part in parts])
    old = _near(segments([*local.values(), coverage.outline]), around.bounds)
    new = np.unique(np.concatenate([*parts, crossings(drawn, old), crossings(drawn, drawn)]), axis=0)
    touched = old[_any_pixel(old, new)]
    nodes = new
    if len(touched):
        boxes = np.column_stack(
            [np.minimum(touched[:, :2], touched[:, 2:]) - 1, np.maximum(touched[:, :2], touched[:, 2:]) + 1]
        )
        beside = [coverage.faces[number] for number in coverage.touching(boxes)]
        nodes = np.concatenate([new, shapely.get_coordinates([*beside, coverage.outline]).astype(np.int64)])
    nodes = np.unique(np.concatenate([nodes, old[:, :2], old[:, 2:]]), axis=0)
    led = {edge: chain for edge, chain in zip(_keys(touched), _led(touched, nodes), strict=True) if len(chain) > 2}
    woven = {number: after for number, face in local.items() if (after := _rerouted(face, led, number)) is not None}
    chains = iter(_led(drawn, nodes))
    noded = [
        [place for number, chain in enumerate([next(chains) for _ in part[1:]]) for place in chain[number > 0 :]]
        for part in parts
    ]
    return Woven(woven, _rerouted(coverage.outline, led, None), noded)


def segments(geometries: list[Area]) -> np.ndarray:
    """Return each edge of some polygons once, (n, 4) whole numbers, the lesser end first."""
    places, of = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(geometries)), return_index=True)
    same = of[:-1] == of[1:]
    edges = np.hstack([places[:-1][same], places[1:][same]]).astype(np.int64)
    turned = (edges[:, 0] > edges[:, 2]) | ((edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3]))
    edges[turned] = edges[turned][:, [2, 3, 0, 1]]
    return edges


def _near(edges: np.ndarray, bounds: tuple[float, float, float, float]) -> np.ndarray:
    """Return the edges, each once, whose boxes come within two units of a box."""
    west, south, east, north = bounds
    meets = (
        (edges[:, 2] >= west - 2)
        & (edges[:, 0] <= east + 2)
        & (np.maximum(edges[:, 1], edges[:, 3]) >= south - 2)
        & (np.minimum(edges[:, 1], edges[:, 3]) <= north + 2)
    )
    return np.unique(edges[meets], axis=0)


def crossings(lines: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the places, rounded to the lattice, where segments cross edges between their ends, (n, 2)."""
    found = [np.empty((0, 2), np.int64)]
    for x1, y1, x2, y2 in lines.tolist():
        near = edges[
            (np.maximum(edges[:, 0], edges[:, 2]) >= min(x1, x2))
            & (np.minimum(edges[:, 0], edges[:, 2]) <= max(x1, x2))
            & (np.maximum(edges[:, 1], edges[:, 3]) >= min(y1, y2))
            & (np.minimum(edges[:, 1], edges[:, 3]) <= max(y1, y2))
        ]
        dx, dy = x2 - x1, y2 - y1
        ex, ey = (near[:, 2:] - near[:, :2]).T
        ox, oy = (near[:, :2] - (x1, y1)).T
        from_line = dx * oy - dy * ox
        to_line = from_line + dx * ey - dy * ex
        from_edge = ex * -oy - ey * -ox
        to_edge = from_edge + ex * dy - ey * dx
        cross = (np.sign(from_line) * np.sign(to_line) < 0) & (np.sign(from_edge) * np.sign(to_edge) < 0)
        share = from_line[cross] / (from_line[cross] - to_line[cross]).astype(float)
        along = np.column_stack([ex[cross] * share, ey[cross] * share])
        found.append(near[cross, :2] + np.round(along).astype(np.int64))
    return np.concatenate(found)


def _pixels(edge: list[int], nodes: np.ndarray) -> np.ndarray:
    """Return which nodes' pixels an edge touches, among nodes sorted by x."""
    x1, y1, x2, y2 = edge
    first, last = np.searchsorted(nodes[:, 0], [min(x1, x2), max(x1, x2) + 1])
    near = nodes[first:last]
    dx, dy = x2 - x1, y2 - y1
    off = np.abs(dx * (near[:, 1] - y1) - dy * (near[:, 0] - x1))
    return near[(near[:, 1] >= min(y1, y2)) & (near[:, 1] <= max(y1, y2)) & (2 * off <= abs(dx) + abs(dy))]


def _any_pixel(edges: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Tell of each edge whether the pixel of a node other than its own ends touches it."""
    found = np.zeros(len(edges), bool)
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    way = edges[:, 2:] - edges[:, :2]
    reach = np.abs(way).sum(axis=1)
    for node in nodes:
        some = np.flatnonzero(((low <= node) & (node <= high)).all(axis=1))
        to = node - edges[some, :2]
        hit = 2 * np.abs(way[some, 0] * to[:, 1] - way[some, 1] * to[:, 0]) <= reach[some]
        own = (to == 0).all(axis=1) | (edges[some, 2:] == node).all(axis=1)
        found[some[hit & ~own]] = True
    return found


def _led(edges: np.ndarray, nodes: np.ndarray) -> list[list[Place]]:
    """Return each edge as a chain through all nodes whose pixels it touches, from its first end to its second."""
    chains = []
    for edge in edges.tolist():
        start, end = tuple(edge[:2]), tuple(edge[2:])
        on = _pixels(edge, nodes) - edge[:2]
        along = on[np.argsort(on @ np.array([edge[2] - edge[0], edge[3] - edge[1]]), kind="stable")] + edge[:2]
        between = [place for place in map(tuple, along.tolist()) if place not in (start, end)]
        chains.append([start, *between, end])
    return chains


def _keys(edges: np.ndarray) -> list[Edge]:
    return [((a, b), (c, d)) for a, b, c, d in edges.tolist()]


def _rerouted(geometry: Area, led: dict[Edge, list[Place]], number: int | None) -> Area | None:
    """Return a polygon with its edges led along their chains; None where none of them is."""
    if not led:
        return None
    changed = False
    rings = []
    for ring in rings_of(geometry):
        places = ring[:1]
        for start, end in zip(ring[:-1], ring[1:], strict=True):
            chain = led.get((start, end)) if start < end else led.get((end, start))
            if chain is None:
                places.append(end)
            else:
                changed = True
                places.extend(chain[1:] if start < end else chain[-2::-1])
        rings.append(places)
    if not changed:
        return None
    return _made(geometry, rings, number)


def _made(like: Area, rings: list[list[Place]], number: int | None) -> Area:
    """Return rings as a polygon of the same parts; put together anew where rounding has folded it."""
    parts, at = [], 0
    for part in shapely.get_parts(like):
        count = 1 + shapely.get_num_interior_rings(part)
        shell, *holes = (np.array(ring, float) for ring in rings[at : at + count])
        parts.append(shapely.Polygon(shell, holes))
        at += count
    made = parts[0] if like.geom_type == "Polygon" else shapely.MultiPolygon(parts)
    if made.is_valid:
        return made
    # the outline keeps all its corners: folded, the plan would lose the tip of the community
    again = number and polygon_of(edge for ring in rings for edge in zip(ring[:-1], ring[1:], strict=True))
    if not again:
        raise Refused(
            "too-fine",
            "The line runs so close to a boundary that both fall together on a grid of one millimetre.",
            "Draw it a little further away, or along the boundary's own corners.",
            like,
            [] if number is None else [number],
        )
    return again
