"""All rules of a profile, asked of one plan."""

from collections.abc import Callable, Iterator

from spatial.coverage import Coverage, proof
from spatial.rules.grid_rules import codes, form, households, shape
from spatial.rules.grid_rules.model import ERROR, INFORMATION, WARNING, Case, Facts, Violation
from spatial.rules.grid_rules.profiles import Profile

RULES: dict[str, Callable[[Case], Iterator[Violation]]] = {
    "ring": shape.ring,
    "overlap": shape.overlap,
    "gap": shape.gap,
    "outside": shape.outside,
    "parts": shape.parts,
    "building-cut": households.building_cut,
    "code-form": codes.code_form,
    "code-repeated": codes.code_repeated,
    "code-reused": codes.code_reused,
    "households": households.households,
    "empty": households.empty,
    "keeper": households.keeper,
    "sliver": form.sliver,
    "order": codes.order,
    "away-from-roads": form.away_from_roads,
    "imbalance": households.imbalance,
    "compactness": form.compactness,
}
"""Every rule by its id, besides ``edge``, which is asked what the others leave."""

OF_GROUND = ("ring", "overlap", "gap", "outside")
"""Rules that find nothing in what is proved exact."""

_RANK = {ERROR: 0, WARNING: 1, INFORMATION: 2}


def violations(coverage: Coverage, facts: Facts, profile: Profile) -> list[Violation]:
    """Return everything that the rules of a profile find, errors first.

    Args:
        coverage: the plan. facts: what it is held against. profile: which rules there are.
    """
    found: list[Violation] = []
    wrong = proof(coverage)
    for rule, setting in profile.rules.items():
        if rule not in RULES or not wrong and rule in OF_GROUND:
            continue
        found += RULES[rule](Case(coverage, facts, setting.limits, setting.severity))
    if wrong and "edge" in profile.rules:
        ground = [one.geometry for one in found if one.rule in OF_GROUND]
        found += shape.edge(Case(coverage, facts, {}, profile.rules["edge"].severity), ground, wrong)
    return sorted(found, key=lambda one: _RANK[one.severity])
