"""Rules of who lives and serves where: buildings, households, keepers, the balance between grids."""

from collections.abc import Iterator

import numpy as np
import shapely

from spatial.geometry import area_m2
from spatial.rules.grid_rules.model import Case, Fix, Violation


def building_cut(case: Case) -> Iterator[Violation]:
    """Yield buildings that lie in several grids (楼栋被切割), each to be assigned to one of them."""
    facts, numbers = case.facts, case.coverage.numbers
    if not len(facts.footprints) or not numbers:
        return
    row, face = case.coverage.tree.query(facts.footprints, predicate="intersects")
    several = np.flatnonzero(np.bincount(row, minlength=len(facts.footprints)) > 1)
    for one in several:
        shares = {numbers[at]: facts.footprints[one].intersection(case.coverage.faces[numbers[at]])
                  for at in face[row == one]}
        m2 = {number: sum(area_m2(part) for part in shapely.get_parts(share) if part.geom_type == "Polygon")
              for number, share in shares.items()}
        held = sorted((number for number in m2 if m2[number] > case.limits.get("share_m2", 0.5)), key=lambda n: -m2[n])
        if len(held) > 1:
            building = int(facts.ids[one])
            yield Violation(
                "building-cut", case.severity,
                f"A building of {facts.homes[one]} households lies in {len(held)} grids.",
                {"households": int(facts.homes[one]), "grids": len(held), "m2": {str(n): m2[n] for n in held}},
                tuple(sorted(held)), (building,), facts.footprints[one],
                tuple(Fix("assign", {"buildings": [building], "face": number}) for number in held))


def households(case: Case) -> Iterator[Violation]:
    """Yield basic grids with too few or too many households (户数超出范围)."""
    least, most = case.limits["least"], case.limits["most"]
    for number, member in case.facts.members.items():
        count = member.households
        if member.kind == "basic" and member.buildings and not least <= count <= most:
            yield Violation(
                "households", case.severity, f"Grid {number} has {count} households, not {least} to {most}.",
                {"households": count, "least": least, "most": most}, (number,),
                geometry=case.coverage.faces[number], fixes=(Fix("rebalance", {}),))


def empty(case: Case) -> Iterator[Violation]:
    """Yield basic grids without a building (无楼栋)."""
    for number, member in case.facts.members.items():
        if member.kind == "basic" and not member.buildings:
            yield Violation("empty", case.severity, f"Grid {number} has no building.", {}, (number,),
                            geometry=case.coverage.faces[number])


def keeper(case: Case) -> Iterator[Violation]:
    """Yield grids that nobody keeps (无网格员)."""
    for number, member in case.facts.members.items():
        if not member.kept:
            yield Violation("keeper", case.severity, f"Grid {number} has no keeper.", {}, (number,),
                            geometry=case.coverage.faces[number])


def imbalance(case: Case) -> Iterator[Violation]:
    """Yield a plan whose largest basic grid has many times the households of its smallest (户数不均衡)."""
    counts = [member.households for member in case.facts.members.values()
              if member.kind == "basic" and member.buildings]
    if len(counts) > 1 and max(counts) > case.limits["ratio"] * max(min(counts), 1):
        yield Violation(
            "imbalance", case.severity, f"Grids have from {min(counts)} to {max(counts)} households.",
            {"least": min(counts), "most": max(counts)}, fixes=(Fix("rebalance", {}),))
