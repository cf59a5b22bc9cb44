"""Operations on a plan (操作): each cut, merge or new name is one transaction: lock, apply, judge, log."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import shapely

from spatial import coverage as ground
from spatial.coverage import Coverage, Refused
from spatial.geometry import Area
from spatial.queries.plans.automatic import auto_draft, rebalance
from spatial.queries.plans.desk import CODES_MOST, Change, Desk
from spatial.queries.plans.record import Face, Plan


def create(desk: Desk, polygon: Area) -> Change:
    """Cut a new face out of those under a polygon."""
    return desk.change(ground.create(desk.plan.coverage, polygon, desk.plan.next_face))


def split(desk: Desk, line: shapely.LineString, faces: list[int] | None = None) -> Change:
    """Split faces by a line; without ``faces`` all that it crosses."""
    edit = ground.split(desk.plan.coverage, line, desk.plan.next_face, faces)
    cut = [desk.plan.faces[number] for number in edit.faces if number in desk.plan.faces]
    return desk.change(edit, cut[0] if cut else None)


def merge(desk: Desk, faces: list[int], into: int | None = None) -> Change:
    """Make one face of neighbours; without ``into`` the first of them stays."""
    return desk.change(ground.merge(desk.plan.coverage, faces, faces[0] if into is None else into))


def move_vertex(desk: Desk, at: shapely.Point, to: shapely.Point) -> Change:
    """Move a corner that faces share."""
    return desk.change(ground.move_vertex(desk.plan.coverage, at, to))


def move_edge(desk: Desk, a: shapely.Point, b: shapely.Point, to_a: shapely.Point, to_b: shapely.Point) -> Change:
    """Move an edge that faces share."""
    return desk.change(ground.move_edge(desk.plan.coverage, a, b, to_a, to_b))


def assign(desk: Desk, buildings: list[int], face: int) -> Change:
    """Give buildings to a face; its boundary follows between them and the others."""
    held = desk.around.buildings
    chosen = np.isin(held.ids, buildings)
    if missing := sorted(set(buildings) - set(held.ids.tolist())):
        raise Refused("no-building", f"Building {missing[0]} is not in this community (any more).",
                      "Choose buildings on the map.")
    edit = ground.assign(desk.plan.coverage, list(held.footprints[chosen]), face, list(held.footprints[~chosen]))
    return desk.change(edit, notes={"buildings": len(buildings)})


def straighten(desk: Desk, faces: list[int], line: shapely.LineString) -> Change:
    """Lay the boundary between two faces on a line, such as a road's."""
    return desk.change(ground.straighten(desk.plan.coverage, faces, line))


def give(desk: Desk, piece: Area, to: int) -> Change:
    """Give a gap or an overlap to one face."""
    return desk.change(ground.give(desk.plan.coverage, piece, to))


def trim(desk: Desk, face: int) -> Change:
    """Cut off what of a face lies outside the community."""
    return desk.change(ground.trim(desk.plan.coverage, face))


def match(desk: Desk) -> Change:
    """Give neighbours the corners of one another."""
    return desk.change(ground.match(desk.plan.coverage))


def renumber(desk: Desk) -> Change:
    """Give codes from west to east and north to south; none that only a former grid had."""
    order = ground.reading_order(desk.plan.coverage)
    codes = [code for number in range(1, CODES_MOST + 1)
             if (code := f"{desk.plan.community}{number:03d}") not in desk.around.retired]
    if len(codes) < len(order):
        raise Refused("no-code", f"The community has {len(codes)} codes left for {len(order)} grids.",
                      "Merge grids, or keep the codes that they have.")
    changed = {number: replace(desk.plan.faces[number], code=code)
               for number, code in zip(order, codes, strict=False) if desk.plan.faces[number].code != code}
    if not changed:
        raise Refused("nothing-new", "The codes run from west to east and north to south already.",
                      "Nothing needs to be done.")
    return Change(changed, None, {"codes": len(changed)}, desk.plan.next_face)


def rename(desk: Desk, face: int, name: str | None = None, grid_kind: str | None = None) -> Change:
    """Give a face another name or kind."""
    before = _known(desk, face)
    after = replace(before, name=name or before.name, kind=grid_kind or before.kind)
    return Change({face: after}, None, {}, desk.plan.next_face)


def keeper(desk: Desk, face: int, keeper: str | None) -> Change:
    """Name who shall keep a face, by the keeper's code; None for nobody."""
    before = _known(desk, face)
    if keeper is not None and keeper not in desk.keepers:
        raise Refused("no-keeper", f"There is no keeper {keeper} here.", "Choose one from the list.", None, [face])
    return Change({face: replace(before, keeper=None if keeper is None else desk.keepers[keeper])}, None, {},
                  desk.plan.next_face)


OPERATIONS: dict[str, Callable[..., Change]] = {
    "create": create, "split": split, "merge": merge, "move_vertex": move_vertex, "move_edge": move_edge,
    "assign": assign, "straighten": straighten, "give": give, "trim": trim, "match": match, "renumber": renumber,
    "rename": rename, "keeper": keeper, "auto_draft": auto_draft, "rebalance": rebalance,
}
"""Operations by kind."""


def after(plan: Plan, change: Change) -> tuple[dict[int, Face], Coverage]:
    """Return the faces of a plan after a change, and their coverage."""
    faces = {number: face for number, face in {**plan.faces, **change.faces}.items() if face is not None}
    faces = dict(sorted(faces.items()))
    outline = plan.outline if change.outline is None else change.outline
    return faces, Coverage(outline, {number: face.geometry for number, face in faces.items()})


def _known(desk: Desk, face: int) -> Face:
    if face not in desk.plan.faces:
        raise Refused("unknown-face", "The plan has no such grid (any more).", "Load the plan again.", None, [face])
    return desk.plan.faces[face]
