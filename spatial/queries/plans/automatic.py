"""Operations that find boundaries themselves: a draft from nothing (自动划分), the fewest changes (均衡调整)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from spatial import coverage as ground
from spatial.coverage import Refused, reading_order
from spatial.drafting.draft import drafted
from spatial.drafting.graph import graph
from spatial.drafting.pieces import Pieces, pieces_of
from spatial.drafting.rebalance import rebalanced
from spatial.geometry import Area
from spatial.queries.plans.desk import Change, Desk
from spatial.queries.plans.numbers import homes
from spatial.rules.grid_rules import load_profile

USUAL = 300, 500
"""Households of a grid where the profile has no rule about them."""

ABOUT = 0.2
"""So far from the mean a grid may be where so many grids are asked for that the rule cannot be kept."""


@dataclass(frozen=True)
class _Range:
    least: float
    most: float


def auto_draft(desk: Desk, method: str = "metis", count: int | None = None, target: int | None = None, seed: int = 1,
               faces: Sequence[int] | None = None) -> Change:
    """Divide ground into grids of alike numbers of households, along roads and between buildings.

    A grid that shares more than half of its households with a former one, and that with it, keeps its number, code,
    name and keeper.

    Args:
        desk: the plan and what lies there. method: of ``drafting.methods.METHODS``.
        count: how many grids that have buildings. target: households of each, where no count is given; without it the
            middle of what the profile allows. seed: the same one gives the same grids.
        faces: which are divided anew; all basic ones without them.

    Raises:
        Refused: ``no-building``, ``no-households``, ``too-few``, ``too-many``, ``nothing-new``; see ``divide``.
    """
    gone = list(faces or [number for number, face in desk.plan.faces.items() if face.kind == "basic"]
                or desk.plan.faces)
    coverage = desk.plan.coverage
    area = ground.ground_of(coverage, gone)
    held = desk.around.buildings
    here = np.flatnonzero(shapely.intersects(area, held.points)) if len(held.ids) else np.empty(0, int)
    if not len(here):
        raise Refused("no-building", "There is no building on record here: nothing tells where grids should be.",
                      "Import buildings, or draw the grids by hand.", area, gone)
    homes_of = held.counts["households"][here]
    if not homes_of.any():
        if count is None:
            raise Refused("no-households", "There are no households on record here: they cannot be balanced.",
                          "Say how many grids it shall be; they are then balanced by buildings.", area, gone)
        homes_of = np.ones(len(here), np.int64)
    pieces = _pieces(desk, [area], here)
    held_by = graph(pieces, _sums(pieces, homes_of))
    limits = _limits(desk)
    total = int(homes_of.sum())
    if count is None:
        count = max(_count(total, target or (limits.least + limits.most) / 2, limits if target is None else None),
                    sum(bool(held_by.weights[group].any()) for group in held_by.connected()))
        count = min(count, int(np.count_nonzero(held_by.weights)))
    mean = total / count
    if not limits.least <= mean <= limits.most:
        limits = _Range(mean * (1 - ABOUT), mean * (1 + ABOUT))
    made = drafted(held_by, count, method, limits.least, limits.most, seed)
    heirs = _heirs(desk, pieces, made.parts, here, homes_of, gone)
    fresh = iter(range(desk.plan.next_face, desk.plan.next_face + len(made.parts)))
    numbers = [heirs[part] if part in heirs else next(fresh) for part in range(len(made.parts))]
    edit = ground.divide(coverage, gone, [pieces.shape(part) for part in made.parts], numbers)
    weights = [int(held_by.weights[part].sum()) for part in made.parts[: len(made.parts) - made.apart]]
    notes = {"grids": len(made.parts), "fewest": min(weights), "most": max(weights),
             "outside": sum(not limits.least <= weight <= limits.most for weight in weights),
             "kept": len(heirs), "apart": made.apart}
    desk.leave(set(gone) - set(numbers))
    after = ground.apply(coverage, edit)
    named = {number: desk.fresh(edit.faces[number]) for number in reading_order(after)
             if number in edit.faces and number not in desk.plan.faces}
    kept = {number: replace(desk.plan.faces[number], geometry=shape) if shape is not None else None
            for number, shape in edit.faces.items() if number in desk.plan.faces}
    return Change({**kept, **named}, edit.outline, notes, max([desk.plan.next_face, *(one + 1 for one in named)]))


def rebalance(desk: Desk) -> Change:
    """Bring the households of all basic grids that have buildings into their range, with the fewest buildings moved.

    Where they are in it already, bring the largest within the profile's ratio of the smallest.

    Raises:
        Refused: ``nothing-new`` where they are; ``cannot-balance`` where so many grids cannot share so many households;
            ``nothing-better`` where no building can be moved to good effect; see ``divide``.
    """
    held = desk.around.buildings
    order = sorted(desk.plan.faces, key=lambda number: (desk.plan.faces[number].code or "~", number))
    home = homes(desk.plan.faces, held.points)
    basic = [number for at, number in enumerate(order)
             if desk.plan.faces[number].kind == "basic" and (home == at).any()]
    sums = [int(held.counts["households"][home == order.index(number)].sum()) for number in basic]
    limits = _wanted(desk, sums)
    total = sum(sums)
    if not limits.least * len(basic) <= total <= limits.most * len(basic):
        raise Refused("cannot-balance", f"The {len(basic)} grids have {total} households together, which is "
                      f"{total / len(basic):.0f} each: not {limits.least:.0f} to {limits.most:.0f}.",
                      "Merge grids that have few households, or split one that has many.", None, basic)
    ground.ground_of(desk.plan.coverage, basic)
    here = np.flatnonzero(np.isin(home, [order.index(number) for number in basic]))
    pieces = _pieces(desk, [desk.plan.faces[number].geometry for number in basic], here)
    found = rebalanced(graph(pieces, _sums(pieces, held.counts["households"][here])), pieces.faces.tolist(),
                       [len(one) for one in pieces.holds], limits.least, limits.most)
    if not found.moved:
        raise Refused("nothing-better", "No way was found to balance the grids better by moving buildings.",
                      "Split a building's grid, or move boundaries by hand.", None, basic)
    part = pieces.faces.copy()
    part[list(found.moved)] = list(found.moved.values())
    changed = sorted({*found.moved.values(), *pieces.faces[list(found.moved)].tolist()})
    edit = ground.divide(desk.plan.coverage, [basic[one] for one in changed],
                         [pieces.shape(np.flatnonzero(part == one)) for one in changed],
                         [basic[one] for one in changed])
    return desk.change(edit, notes={"buildings": found.buildings, "outside": found.outside, "proved": found.proved})


def _pieces(desk: Desk, areas: list[Area], here: np.ndarray) -> Pieces:
    held, roads = desk.around.buildings, desk.around.roads
    return pieces_of(areas, held.footprints[here], held.points[here], roads.lines, roads.widths)


def _sums(pieces: Pieces, weights: np.ndarray) -> np.ndarray:
    return np.array([weights[held].sum() for held in pieces.holds], np.int64)


def _limits(desk: Desk) -> _Range:
    """Return how many households the profile wants in a grid."""
    rule = load_profile(desk.plan.profile).rules.get("households")
    return _Range(*((rule.limits["least"], rule.limits["most"]) if rule else USUAL))


def _wanted(desk: Desk, sums: list[int]) -> _Range:
    """Return the range that grids are to be brought into: the profile's; or a narrower one for the ratio's sake."""
    limits = _limits(desk)
    if not sums or min(sums) < limits.least or max(sums) > limits.most:
        return limits
    rule = load_profile(desk.plan.profile).rules.get("imbalance")
    if not rule or max(sums) <= rule.limits["ratio"] * max(min(sums), 1):
        raise Refused("nothing-new", "The households of all grids are in balance already.", "Nothing needs to be done.")
    mean, ratio = sum(sums) / len(sums), rule.limits["ratio"]
    return _Range(np.ceil(max(limits.least, 2 * mean / (1 + ratio))),
                  np.floor(min(limits.most, 2 * mean * ratio / (1 + ratio))))


def _count(total: int, target: float, limits: _Range | None) -> int:
    """Return the number of grids whose mean is nearest to a target, within the range where some number is."""
    count = max(1, round(total / target))
    if limits:
        low, high = int(np.ceil(total / limits.most)), int(total // limits.least)
        if low <= high:
            count = min(max(count, low), high)
    return max(count, 1)


def _heirs(desk: Desk, pieces: Pieces, parts: list[list[int]], here: np.ndarray, weights: np.ndarray,
           gone: list[int]) -> dict[int, int]:
    """Return which new part takes over which former face: they share more than half of the households of both."""
    order = sorted(desk.plan.faces, key=lambda number: (desk.plan.faces[number].code or "~", number))
    former = homes(desk.plan.faces, desk.around.buildings.points)[here]
    part_of = np.full(len(here), -1)
    for part, members in enumerate(parts):
        for piece in members:
            part_of[pieces.holds[piece]] = part
    shared = np.zeros((len(parts), len(order)), np.int64)
    both = (former >= 0) & (part_of >= 0)
    np.add.at(shared, (part_of[both], former[both]), weights[both])
    found = {}
    for part, face in np.argwhere(2 * shared > np.maximum(shared.sum(axis=1)[:, None], shared.sum(axis=0)[None])):
        if order[face] in gone and (desk.plan.faces[order[face]].code or "").startswith(desk.plan.community):
            found[int(part)] = order[face]
    return found
