"""Prove that faces fill their outline exactly: no tolerance, and no overlay.

The boundary of a polygon is its directed edges, its inside on their left. Where every edge of every face is undone by
the reverse edge of another face, or is one of the outline, the faces' boundaries add up to the outline's. Valid
polygons with the same boundary cover the same ground the same number of times: each place within the outline lies in
one face, each place without in none. So the proof compares whole numbers only, and a step of the lattice too much is
found.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.coverage.model import Coverage
from spatial.geometry import doubled_area


@dataclass(frozen=True)
class Fault:
    """What keeps a coverage from being exact.

    Args:
        kind: ``off-lattice``, ``invalid``, ``clockwise``, ``unmatched`` or ``area``.
        faces: the faces' numbers; none where the fault is the outline's.
        geometry: where; lattice units.
    """

    kind: str
    faces: tuple[int, ...]
    geometry: BaseGeometry


def proof(coverage: Coverage) -> list[Fault]:
    """Return what keeps a coverage from being exact: nothing where it fills its outline without gap and overlap."""
    shapes = np.array([*coverage.faces.values(), coverage.outline], object)
    names = [*((number,) for number in coverage.faces), ()]
    rings, of_shape, shell = _rings(shapes)
    places, of_ring = shapely.get_coordinates(rings, return_index=True)
    faults = [Fault("invalid", names[one], shapes[one]) for one in np.flatnonzero(~shapely.is_valid(shapes))]
    off = np.unique(of_shape[of_ring[(places != np.round(places)).any(axis=1)]])
    faults += [Fault("off-lattice", names[one], shapes[one]) for one in off]
    wrong = np.unique(of_shape[shapely.is_ccw(rings) != shell])
    faults += [Fault("clockwise", names[one], shapes[one]) for one in wrong]
    faults += _unmatched(places, of_ring, of_shape, names)
    if not faults and sum(map(doubled_area, coverage.faces.values())) != doubled_area(coverage.outline):
        faults.append(
            Fault("area", (), coverage.outline)
        )  # what the rest says cannot be; the sum is counted all the same
    return faults


def _rings(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all rings, the shape of each, and whether it is a shell."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    shell = np.ones(len(rings), bool)
    shell[1:] = of_part[1:] != of_part[:-1]
    return rings, of_shape[of_part], shell


def _unmatched(
    places: np.ndarray, of_ring: np.ndarray, of_shape: np.ndarray, names: list[tuple[int, ...]]
) -> list[Fault]:
    """Return for each shape its edges that no other shape has in the opposite direction; the outline's count turned
    round."""
    if not len(places):
        return []
    node = _numbered(places)
    same = of_ring[:-1] == of_ring[1:]
    start, end, shape = node[:-1][same], node[1:][same], of_shape[of_ring[:-1]][same]
    turned = (start > end) != (shape == len(names) - 1)
    low, high = np.minimum(start, end), np.maximum(start, end)
    edge = low * (int(node.max()) + 1) + high
    order = np.argsort(edge, kind="stable")
    begins = np.flatnonzero(np.diff(edge[order], prepend=-1))
    sums = np.add.reduceat(np.where(turned, -1, 1)[order], begins)
    bad = np.repeat(sums != 0, np.diff(begins, append=len(edge)))
    if not bad.any():
        return []
    lines = np.stack([places[:-1][same], places[1:][same]], axis=1)
    guilty = order[bad]
    return [
        Fault("unmatched", names[one], shapely.MultiLineString(list(lines[guilty[shape[guilty] == one]])))
        for one in np.unique(shape[guilty])
    ]


def _numbered(places: np.ndarray) -> np.ndarray:
    """Return a small number for each place, the same for the same place."""
    low = places.min(axis=0)
    whole = places - low
    wide, high = whole.max(axis=0)
    if (wide + 1) * (high + 1) < 2**62 and (whole == np.round(whole)).all():
        key = whole[:, 0].astype(np.int64) * (int(high) + 1) + whole[:, 1].astype(np.int64)
        return np.unique(key, return_inverse=True)[1]
    return np.unique(places, axis=0, return_inverse=True)[1]
