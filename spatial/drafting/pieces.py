"""Ground in pieces of one building each (最小划分单元): what a plan is drafted of.

Roads and the lines half way between buildings divide the ground; no line runs through a building. A piece holds a
building, or buildings that overlap, with the ground around it; or ground without any, such as a park between roads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from spatial.coverage.rings import edges_of, polygon_of
from spatial.drafting.territories import between, homes
from spatial.drafting.union import Union
from spatial.geometry import Area, metres_per_unit

BY_ROAD_M = 1.5
"""An edge so near to the centre line of a road runs along it."""

USUAL_M = 10.0
"""Width of a road of which none is on record."""

STREET_M = 20.0
"""A boundary along a road of this width costs least."""

ALONG = 0.2
"""What a metre of boundary along a street costs; where there is no road it costs one, along a lane something between:
a wide street parts neighbourhoods, a lane within an estate does not."""

SMALL_M2 = 1000.0
"""Ground without a building that is smaller than this belongs to a neighbour."""

SHARE_M2 = 0.5
"""Buildings that share more ground than this belong together; as in the rule ``building-cut``."""


@dataclass(frozen=True)
class Pieces:
    """Ground in pieces, and which of them lie beside one another.

    Attributes:
        faces: which of the given faces each piece lies in, (n,).
        holds: rows of the buildings in each piece.
        pairs: neighbours, (m, 2), the lesser first. lengths: metres that they share. costs: what a boundary there
            costs, in metres of one without a road (``ALONG``).
        atoms: what the pieces are made of, lattice units. of: which piece each belongs to.
    """

    faces: np.ndarray
    holds: list[list[int]]
    pairs: np.ndarray
    lengths: np.ndarray
    costs: np.ndarray
    atoms: np.ndarray
    of: np.ndarray

    def __len__(self) -> int:
        return len(self.holds)

    def shape(self, pieces: Iterable[int]) -> Area:
        """Return the ground of some pieces together, lattice units."""
        chosen = np.isin(self.of, list(pieces))
        return polygon_of(edge for atom in self.atoms[chosen] for edge in edges_of(atom))


def pieces_of(faces: Sequence[Area], footprints: np.ndarray, points: np.ndarray, roads: np.ndarray,
              widths: np.ndarray) -> Pieces:
    """Divide the ground of some faces into pieces; none of them lies in two faces.

    Args:
        faces: which do not overlap, lattice units. footprints: of the buildings, lattice units. points: by which each
            building is placed. roads: centre lines. widths: of the roads, metres, NaN where not on record.
    """
    faces = np.array(faces, object)
    ground = shapely.multipolygons(shapely.get_parts(faces))
    low, per = np.array(ground.bounds[:2]), np.array(metres_per_unit(ground))

    def metres(shapes: np.ndarray) -> np.ndarray:
        return shapely.transform(shapes, lambda xy: (xy - low) * per)

    def lattice(shapes: np.ndarray) -> np.ndarray:
        return shapely.transform(shapes, lambda xy: np.round(xy / per + low) + 0.0)

    rims = shapely.boundary(faces)
    here = shapely.STRtree(roads).query(ground, predicate="intersects")
    near = roads[here]
    blocks = np.array(shapely.get_parts(shapely.polygonize(
        shapely.get_parts(shapely.union_all([*rims, *near], grid_size=1)))), object)
    blocks = blocks[_within(blocks, faces) >= 0]
    home = homes(blocks, footprints)
    inner = [between(metres(blocks[block]), metres(footprints[home == block]))
             for block in range(len(blocks)) if np.count_nonzero(home == block) > 1]
    lines = [*rims, *near, *lattice(np.array(inner, object))]
    lines += list(shapely.boundary(_crossed(footprints, lines)))
    noded = shapely.union_all(lines, grid_size=1)
    atoms = shapely.orient_polygons(np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), object))
    face = _within(atoms, faces)
    atoms, face = atoms[face >= 0], face[face >= 0]
    spots = shapely.point_on_surface(atoms)
    owner = _owners(spots, _within(atoms, blocks), footprints, home)
    one, other, length, cost = _edges(atoms, near, widths[here], per)
    same = (face[one] == face[other]) & (owner[one] == owner[other])
    of = Union(len(atoms))
    for a, b in zip(one[same].tolist(), other[same].tolist(), strict=True):
        of.join(a, b)
    of = of.numbers()
    at, row = shapely.STRtree(atoms).query(points, predicate="intersects")[::-1]
    held = np.zeros(of.max() + 1, bool)
    held[of[at]] = True
    m2 = np.bincount(of, shapely.area(atoms) * per.prod())
    of = _without_small(of, held, m2, face, (one, other, length, cost))
    holds: list[list[int]] = [[] for _ in range(of.max() + 1)]
    placed = np.full(len(points), -1)
    placed[row[::-1]] = of[at[::-1]]
    for building, piece in enumerate(placed.tolist()):
        if piece >= 0:
            holds[piece].append(building)
    pairs, lengths, costs = _summed(of, one, other, length, cost)
    where = np.zeros(len(holds), int)
    where[of] = face
    return Pieces(where, holds, pairs, lengths, costs, atoms, of)


def _within(shapes: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Return which area each shape lies in, -1 where in none."""
    found = np.full(len(shapes), -1)
    shape, area = shapely.STRtree(areas).query(shapely.point_on_surface(shapes), predicate="within")
    found[shape[::-1]] = area[::-1]
    return found


def _crossed(footprints: np.ndarray, lines: list[shapely.Geometry]) -> np.ndarray:
    """Return the buildings that a line would run through."""
    parts = np.array(shapely.get_parts(lines), object)
    row, line = shapely.STRtree(parts).query(footprints, predicate="intersects")
    through = shapely.relate_pattern(footprints[row], parts[line], "T********")
    return footprints[np.unique(row[through])]


def _owners(spots: np.ndarray, block: np.ndarray, footprints: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Return what each spot belongs to: the building that it lies in or that is nearest in its block, by row; below
    zero its block. Buildings that share ground count as one."""
    owner = -1 - block
    for one in np.unique(home[home >= 0]).tolist():
        held, here = np.flatnonzero(home == one), np.flatnonzero(block == one)
        owner[here] = held[shapely.STRtree(footprints[held]).nearest(spots[here])]
    together = Union(len(footprints))
    if len(footprints):
        tree = shapely.STRtree(footprints)
        one, other = tree.query(footprints, predicate="intersects")
        one, other = one[one < other], other[one < other]
        per = np.prod(metres_per_unit(footprints[0]))
        much = shapely.area(shapely.intersection(footprints[one], footprints[other])) * per > SHARE_M2
        for a, b in zip(one[much].tolist(), other[much].tolist(), strict=True):
            together.join(a, b)
        spot, building = tree.query(spots, predicate="intersects")
        owner[spot[::-1]] = building[::-1]
        roots = together.numbers()
        owner = np.where(owner >= 0, roots[np.maximum(owner, 0)], owner)
    return owner


def _edges(atoms: np.ndarray, roads: np.ndarray, widths: np.ndarray,
           per: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the edges that two atoms share: one atom, the other, metres, what a boundary costs."""
    places, ring = shapely.get_coordinates(shapely.get_rings(atoms), return_index=True)
    of = shapely.get_rings(atoms, return_index=True)[1][ring]
    same = ring[:-1] == ring[1:]
    start, end, atom = places[:-1][same], places[1:][same], of[:-1][same]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    keys = np.where(turned[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(keys.T)
    keys, atom = keys[order], atom[order]
    twice = np.flatnonzero((keys[:-1] == keys[1:]).all(axis=1))
    keys, one, other = keys[twice], atom[twice], atom[twice + 1]
    way = (keys[:, 2:] - keys[:, :2]) * per
    length = np.hypot(way[:, 0], way[:, 1])
    share = np.ones(len(length))
    if len(roads) and len(keys):
        middle = shapely.points((keys[:, :2] + keys[:, 2:]) / 2)
        edge, road = shapely.STRtree(roads).query(middle, predicate="dwithin", distance=BY_ROAD_M / per.mean())
        width = np.where(np.isnan(widths), USUAL_M, widths)[road]
        np.minimum.at(share, edge, 1 - (1 - ALONG) * np.minimum(width / STREET_M, 1))
    return one, other, length, length * share


def _summed(of: np.ndarray, one: np.ndarray, other: np.ndarray, length: np.ndarray,
            cost: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return neighbouring pieces once each, with the metres that they share and what a boundary there costs."""
    ends = np.sort(np.column_stack([of[one], of[other]]), axis=1)
    apart = ends[:, 0] != ends[:, 1]
    pairs, which = np.unique(ends[apart], axis=0, return_inverse=True)
    which = which.reshape(-1)
    return (pairs.reshape(-1, 2), np.bincount(which, length[apart], len(pairs)),
            np.bincount(which, cost[apart], len(pairs)))


def _without_small(of: np.ndarray, held: np.ndarray, m2: np.ndarray, face: np.ndarray,
                   edges: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the pieces' numbers with small ground that has no building joined to the neighbour where a boundary
    would cost most."""
    pairs, _, costs = _summed(of, *edges)
    where = np.zeros(len(m2), int)
    where[of] = face
    beside: list[dict[int, float]] = [{} for _ in m2]
    for (a, b), cost in zip(pairs.tolist(), costs.tolist(), strict=True):
        if where[a] == where[b]:
            beside[a][b] = beside[b][a] = cost
    together, size = Union(len(m2)), m2.copy()
    for piece in np.argsort(m2, kind="stable").tolist():
        if held[piece] or size[piece] >= SMALL_M2 or not beside[piece]:
            continue
        to = max(beside[piece], key=lambda other: (beside[piece][other], -other))
        together.join(to, piece)
        size[to] += size[piece]
        for other, cost in beside[piece].items():
            del beside[other][piece]
            if other != to:
                beside[other][to] = beside[to][other] = beside[to].get(other, 0.0) + cost
        beside[piece] = {}
    return together.numbers()[of]
