"""Give buildings to a face; the boundary follows half way to the next building."""

from collections.abc import Sequence

import numpy as np
import shapely

from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import edges_of, polygon_of
from spatial.coverage.taking import take
from spatial.geometry import Area, metres_per_unit

MARGIN_M = 3.0
"""So far beyond the nearest edge of the face the ground reaches that comes along with a building."""

BESIDE_M = 150.0
"""Buildings further away than this from those that are given have no say in where the boundary runs."""

STEP_M = 4.0
"""Outlines of buildings are looked at as points so far apart, to find what lies half way."""


def assign(coverage: Coverage, buildings: Sequence[Area], face: int, others: Sequence[Area] = ()) -> Edit:
    """Give buildings to a face, with the ground around them up to half way to the next building.

    What this cuts off another face and has no building goes along with them.

    Args:
        buildings: footprints, lattice units.
        others: the footprints of all other buildings nearby; the boundary runs between those and these.

    Raises:
        Refused: ``unknown-face``, ``no-building``, ``outside``, ``nothing-new``, ``not-neighbours`` where the
        buildings do not
            come to lie beside the face, ``would-split`` where another face would fall apart.
    """
    if face not in coverage.faces:
        raise Refused("unknown-face", "The plan has no such grid (any more).", "Load the plan again.", None, [face])
    if not buildings:
        raise Refused("no-building", "No building was chosen.", "Choose one building at least.")
    goal = coverage.faces[face]
    moving = [one for one in buildings if not shapely.covers(goal, one)]
    if not moving:
        raise Refused(
            "nothing-new",
            "The buildings lie in this grid already.",
            "Choose buildings of another grid.",
            _together(buildings),
            [face],
        )
    ground = _ground(moving, [*others, *(one for one in buildings if shapely.covers(goal, one))], goal)
    ground = _polygons(shapely.intersection(ground, coverage.outline, grid_size=1))
    if ground.is_empty:
        raise Refused(
            "outside",
            "The buildings lie outside the community.",
            "Choose buildings inside its outline.",
            _together(moving),
        )
    edit = take(coverage, ground, face)
    edit = _with_left_over(coverage, edit, face, others)
    if len(shapely.get_parts(edit.faces[face])) > len(shapely.get_parts(goal)):
        raise Refused(
            "not-neighbours",
            "The buildings do not come to lie beside the grid: others stand between.",
            "Give it the buildings between as well.",
            _together(moving),
            [face],
        )
    return edit


def _together(buildings: Sequence[Area]) -> Area:
    """Return buildings as one geometry to be drawn."""
    return _polygons(shapely.union_all(list(buildings), grid_size=1))


def _ground(buildings: list[Area], others: list[Area], goal: Area) -> Area:
    """Return what lies nearer to some buildings than to others, and no further from them than the face reaches."""
    mine = _polygons(shapely.union_all(buildings, grid_size=1))
    per = np.mean(metres_per_unit(mine))
    reach = (shapely.distance(buildings, goal).max() * 1.2) + MARGIN_M / per
    around = shapely.buffer(mine, reach, quad_segs=1, join_style="mitre", mitre_limit=2)
    near = [one for one in others if shapely.dwithin(one, mine, max(BESIDE_M / per, 2 * reach))]
    if not near:
        return _polygons(shapely.union_all([around], grid_size=1))
    step = STEP_M / per
    outlines = [shapely.segmentize(shapely.boundary(one), step) for one in (mine, *near)]
    places, of = shapely.get_coordinates(outlines, return_index=True)
    places, first = np.unique(np.round(places), axis=0, return_index=True)
    low = places.min(axis=0)
    points = shapely.multipoints(places - low)
    extent = shapely.transform(around, lambda xy: xy - low)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=extent, ordered=True))
    cells = shapely.transform(cells[of[first] == 0], lambda xy: np.round(xy + low))
    nearer = shapely.simplify(shapely.union_all(shapely.make_valid(cells), grid_size=1), step / 2)
    rest = _polygons(shapely.union_all(near, grid_size=1))
    ground = shapely.intersection(_polygons(nearer), around, grid_size=1)
    ground = shapely.difference(_polygons(shapely.union(_polygons(ground), mine, grid_size=1)), rest, grid_size=1)
    parts = [part for part in shapely.get_parts(_polygons(ground)) if part.intersects(mine)]
    return shapely.orient_polygons(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))


def _with_left_over(coverage: Coverage, edit: Edit, face: int, others: Sequence[Area]) -> Edit:
    """Return the edit with what it cuts off other faces: without a building it goes along, with one it is refused."""
    changed = dict(edit.faces)
    for number, after in edit.faces.items():
        if number == face or after is None:
            continue
        parts = sorted(shapely.get_parts(after), key=lambda part: -part.area)
        most = len(shapely.get_parts(coverage.faces[number]))
        for part in parts[most:]:
            if any(part.intersects(one.representative_point()) for one in others):
                raise Refused(
                    "would-split",
                    "Another grid would fall into two parts with buildings in both.",
                    "Give the buildings of the smaller part as well, or choose fewer.",
                    part,
                    [number],
                )
            changed[face] = polygon_of([*edges_of(changed[face]), *edges_of(part)])
        if len(parts) > most:
            changed[number] = polygon_of(edge for part in parts[:most] for edge in edges_of(part))
    return Edit(changed, edit.outline, edit.notes)


def _polygons(geometry: shapely.Geometry) -> Area:
    """Return the polygons of what an overlay leaves, oriented."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    return shapely.orient_polygons(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
