"""What operations on a plan work on, and what they answer with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg

from spatial.coverage import Edit
from spatial.geometry import Area
from spatial.queries.plans.judgement import Ground
from spatial.queries.plans.record import Face, Plan

CODES_MOST = 999


@dataclass(frozen=True)
class Change:
    """What an operation would change.

    Attributes:
        faces: those that change, None for one that is gone. outline: None where it stays.
        notes: what a planner should hear of it, as numbers.
        next_face: number of the next new face afterwards.
    """

    faces: Mapping[int, Face | None]
    outline: Area | None
    notes: Mapping[str, Any]
    next_face: int


@dataclass
class Desk:
    """What an operation works on.

    Attributes:
        plan: as on record. around: what lies in its community. in_force: codes of grids in force there.
        keepers: id of each keeper that may be named, by code.
    """

    plan: Plan
    around: Ground
    in_force: frozenset[str]
    keepers: Mapping[str, int]
    _given: set[str] = field(default_factory=set)
    _leaving: set[int] = field(default_factory=set)

    def leave(self, faces: Iterable[int]) -> None:
        """Let the codes of faces go that are about to vanish: others may have those that no grid ever had."""
        self._leaving.update(faces)

    def code(self) -> str | None:
        """Return a code that no grid ever had; None when the community has used up all 999."""
        used = {face.code for number, face in self.plan.faces.items() if number not in self._leaving}
        used |= self.around.retired | self.in_force | self._given
        for number in range(1, CODES_MOST + 1):
            code = f"{self.plan.community}{number:03d}"
            if code not in used:
                self._given.add(code)
                return code
        return None

    def fresh(self, shape: Area, like: Face | None = None) -> Face:
        """Return a new face with a code and a name of its own and the kind of another one."""
        code = self.code()
        name = f"第{int(code[-3:])}网格" if code else "新网格"
        return Face(code, name, like.kind if like else "basic", None, shape)

    def change(self, edit: Edit, like: Face | None = None, notes: Mapping[str, Any] | None = None) -> Change:
        """Return what an edit of the coverage changes of the faces.

        Args:
            edit: lattice units. like: face whose kind new ones get. notes: more than the edit's own.
        """
        faces: dict[int, Face | None] = {}
        for number, shape in edit.faces.items():
            known = self.plan.faces.get(number)
            if shape is None:
                faces[number] = None
            else:
                faces[number] = replace(known, geometry=shape) if known else self.fresh(shape, like)
        return Change(faces, edit.outline, {**edit.notes, **(notes or {})},
                      max([self.plan.next_face, *(number + 1 for number in faces)]))


# Rows: keepers of a community, or of none yet: code, id, name, grid. Parameter: community.
_KEEPERS = """
SELECT code, id, name, grid_code FROM keeper WHERE area_code IN (%s, '000000000000') ORDER BY code
"""
# Rows: codes of the grids in force in a community. Parameter: it.
_IN_FORCE = "SELECT code FROM grid WHERE area_code = %s AND valid_to IS NULL"


def desk(connection: psycopg.Connection, plan: Plan, around: Ground) -> Desk:
    """Return what operations on a plan need to know."""
    return Desk(plan, around, frozenset(row[0] for row in connection.execute(_IN_FORCE, (plan.community,))),
                {code: number for code, number, *_ in connection.execute(_KEEPERS, (plan.community,))})


def keepers(connection: psycopg.Connection, community: str) -> list[dict[str, Any]]:
    """Return who may be named in a plan: id, code, name, code of the grid kept now."""
    return [{"id": number, "code": code, "name": name, "grid_code": grid}
            for code, number, name, grid in connection.execute(_KEEPERS, (community,))]
