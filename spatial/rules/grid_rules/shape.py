"""Rules of ground: rings, overlaps, gaps, what lies outside, edges, parts. Sought only where the proof finds faults."""

from collections.abc import Iterator

import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from spatial.coverage import Fault
from spatial.geometry import Area, area_m2
from spatial.rules.grid_rules.model import Case, Fix, Violation


def ring(case: Case) -> Iterator[Violation]:
    """Yield faces that are no valid polygons (图形无效)."""
    for number, shape in case.coverage.faces.items():
        if not shape.is_valid:
            why = shapely.is_valid_reason(shape).split("[")[0]
            yield Violation("ring", case.severity, f"Grid {number} is no valid polygon: {why}.", {"why": why},
                            (number,), geometry=shape)


def overlap(case: Case) -> Iterator[Violation]:
    """Yield ground that two faces have (重叠), to be given to one of them."""
    numbers, faces = case.coverage.numbers, case.coverage.faces
    shapes = np.array(list(faces.values()), object)
    for one, other in case.coverage.tree.query(shapes, predicate="intersects").T:
        if one < other:
            for piece in _pieces(_clean(shapes[one]) & _clean(shapes[other])):
                pair = (numbers[one], numbers[other])
                m2 = area_m2(piece)
                yield Violation(
                    "overlap", case.severity, f"Grids {pair[0]} and {pair[1]} both have {_m2(m2)} m².", {"m2": m2},
                    pair, geometry=piece, of_place=True,
                    fixes=tuple(Fix("give", {"piece": piece, "to": to}) for to in _by_border(case, piece, pair)))


def gap(case: Case) -> Iterator[Violation]:
    """Yield ground of the community that no face has (缝隙), to be given to a neighbour."""
    covered = shapely.union_all([_clean(shape) for shape in case.coverage.faces.values()])
    for piece in _pieces(case.coverage.outline - covered):
        near = _by_border(case, piece, case.coverage.near(piece))
        m2 = area_m2(piece)
        yield Violation(
            "gap", case.severity, f"No grid has {_m2(m2)} m² of the community.", {"m2": m2}, tuple(sorted(near)),
            geometry=piece, of_place=True, fixes=tuple(Fix("give", {"piece": piece, "to": to}) for to in near))


def outside(case: Case) -> Iterator[Violation]:
    """Yield ground of faces that is not the community's (越界), to be cut off."""
    for number, shape in case.coverage.faces.items():
        for piece in _pieces(_clean(shape) - case.coverage.outline):
            m2 = area_m2(piece)
            yield Violation(
                "outside", case.severity, f"Grid {number} has {_m2(m2)} m² outside the community.", {"m2": m2},
                (number,), geometry=piece, of_place=True, fixes=(Fix("trim", {"face": number}),))


def edge(case: Case, elsewhere: list[BaseGeometry], faults: list[Fault]) -> Iterator[Violation]:
    """Yield edges that neighbours do not have in common although no ground lies between them (接边不一致).

    Args:
        elsewhere: gaps, overlaps and what lies outside: edges along those are those violations'.
        faults: what the proof found.
    """
    told = shapely.union_all(elsewhere).buffer(2) if elsewhere else None
    for fault in faults:
        if fault.kind == "unmatched" and fault.faces:
            line = fault.geometry if told is None else fault.geometry - told
            if line.length > 4:
                yield Violation(
                    "edge", case.severity, f"Grid {fault.faces[0]} has edges that its neighbours do not have.", {},
                    fault.faces, geometry=line, fixes=(Fix("match", {}),))


def parts(case: Case) -> Iterator[Violation]:
    """Yield faces of several parts (飞地), each smaller one to be given to a neighbour."""
    for number, shape in case.coverage.faces.items():
        if isinstance(shape, MultiPolygon) and len(shape.geoms) > 1:
            small = sorted(shape.geoms, key=lambda part: part.area)[:-1]
            near = [_by_border(case, part, set(case.coverage.near(part)) - {number}) for part in small]
            yield Violation(
                "parts", case.severity, f"Grid {number} has {len(shape.geoms)} parts.", {"parts": len(shape.geoms)},
                (number,), geometry=MultiPolygon(small),
                fixes=tuple(Fix("give", {"piece": small[0], "to": to}) for to in near[0]) if len(small) == 1 else ())


def _clean(shape: Area) -> Area:
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _pieces(shape: BaseGeometry) -> list[Area]:
    """Return the polygons of an overlay, rounded to the lattice, that are more than a thread of rounding."""
    found = [shapely.set_precision(part, 1) for part in shapely.get_parts(shape) if part.area > 0]
    return [piece for part in found for piece in shapely.get_parts(part)
            if piece.geom_type == "Polygon" and piece.area > piece.length]


def _by_border(case: Case, piece: Area, numbers) -> list[int]:
    """Return faces that have an edge along a piece, the one with the longest first."""
    around = piece.boundary.buffer(2)
    along = {number: (case.coverage.faces[number].boundary & around).length for number in numbers}
    return sorted((number for number in along if along[number] > 8), key=lambda number: (-along[number], number))


def _m2(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
