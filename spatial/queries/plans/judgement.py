"""A plan with its live numbers and its violations: what every answer about a plan holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from spatial.coverage import Coverage
from spatial.queries.plans import stock
from spatial.queries.plans.numbers import numbers
from spatial.queries.plans.record import Face, Plan
from spatial.rules.grid_rules import Facts, Member, Violation, load_profile, violations

# Rows: codes that grids of a community had and none has now. Parameters: community, the character after any digit.
_RETIRED = """
SELECT DISTINCT code FROM grid WHERE code >= %(community)s AND code < %(community)s || ':' AND valid_to IS NOT NULL
EXCEPT
SELECT code FROM grid WHERE code >= %(community)s AND code < %(community)s || ':' AND valid_to IS NULL
"""


@dataclass(frozen=True)
class Ground:
    """What lies in a community, as far as a plan is judged by it; read once for a request.

    Attributes:
        buildings, others: in columns. roads: in columns. retired: codes of grids of the past.
    """

    buildings: stock.Buildings
    others: stock.Others
    roads: stock.Roads
    retired: frozenset[str]


@dataclass(frozen=True)
class Judged:
    """Attributes: numbers: of each face. violations: errors first."""

    numbers: Mapping[int, dict[str, Any]]
    violations: list[Violation]


def ground(connection: psycopg.Connection, plan: Plan) -> Ground:
    """Read what lies in a plan's community.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        plan: of which the outline counts.
    """
    retired = frozenset(row[0] for row in connection.execute(_RETIRED, {"community": plan.community}))
    return Ground(stock.buildings(connection, plan.outline), stock.others(connection, plan.outline),
                  stock.roads(connection, plan.outline), retired)


def judge(plan: Plan, faces: Mapping[int, Face], coverage: Coverage, around: Ground) -> Judged:
    """Count what lies in each face and hold all of them against the rules of the plan's profile.

    Args:
        plan: whose community and profile count.
        faces: as they are or would be. coverage: the same faces.
        around: what lies there.
    """
    counted = numbers(faces, around.buildings, around.others)
    return Judged(counted, violations(coverage, facts(plan, faces, counted, around), load_profile(plan.profile)))


def facts(plan: Plan, faces: Mapping[int, Face], counted: Mapping[int, dict[str, Any]], around: Ground) -> Facts:
    """Return what the rules may look at."""
    members = {number: Member(face.code, face.kind, face.keeper is not None, counted[number]["households"],
                              counted[number]["buildings"]) for number, face in faces.items()}
    held = around.buildings
    return Facts(plan.community, members, held.ids, held.footprints, held.counts["households"], around.roads.lines,
                 around.retired)
