"""What a violation is, and what a rule may look at."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from spatial.coverage import Coverage

ERROR, WARNING, INFORMATION = "error", "warning", "information"
"""Severities (错误, 警告, 提示). Only errors keep a plan from being submitted."""

PLACE_STEP = 10_000
"""Lattice units: pieces of ground whose boxes begin in the same ten metres are one and the same to a violation's id."""


@dataclass(frozen=True)
class Fix:
    """An operation that ends a violation.

    Attributes:
        kind: of the operation. args: its arguments; geometries in lattice units, faces by number, buildings by id.
    """

    kind: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Violation:
    """Something that a rule does not allow or a planner should know.

    Attributes:
        rule: its id, such as ``gap``. severity: of ``ERROR``, ``WARNING``, ``INFORMATION``.
        message: what is wrong with its numbers, one English sentence.
        numbers: what the message says, for other languages; lengths in metres, areas in square metres.
        faces: numbers of the faces concerned. objects: ids of buildings.
        geometry: where, lattice units; None where it has no place of its own.
        fixes: what would end it, the best first.
    """

    rule: str
    severity: str
    message: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    faces: tuple[int, ...] = ()
    objects: tuple[int, ...] = ()
    geometry: BaseGeometry | None = None
    fixes: tuple[Fix, ...] = ()
    of_place: bool = False

    @property
    def id(self) -> str:
        """A name that stays the same between runs as long as it is the same violation.

        Made of the rule, the faces and buildings, and for a piece of ground (``of_place``) of where it lies.
        """
        west, south = (int(edge // PLACE_STEP) for edge in self.geometry.bounds[:2]) if self.of_place else (0, 0)
        words = f"{self.rule}:{sorted(self.faces)}:{sorted(self.objects)}:{west}:{south}"
        return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Member:
    """What a rule may know of a face besides its ground.

    Attributes:
        code: 15 digits, any other text of a file, or None. kind: ``basic`` or ``special``. kept: somebody keeps it.
        households, buildings: how many lie in it.
    """

    code: str | None
    kind: str
    kept: bool
    households: int
    buildings: int


@dataclass(frozen=True)
class Facts:
    """What rules hold a plan against.

    Attributes:
        community: its code of 12 digits.
        members: by face.
        ids, footprints, homes: buildings in columns: id, outline (lattice units), number of households.
        roads: centre lines, lattice units.
        retired: codes that grids of the past had and none has now.
    """

    community: str
    members: Mapping[int, Member]
    ids: np.ndarray
    footprints: np.ndarray
    homes: np.ndarray
    roads: np.ndarray
    retired: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """One plan as every rule gets it.

    Attributes:
        coverage: the faces. facts: what they are held against. limits: thresholds of one rule, by name.
        severity: of the rule.
    """

    coverage: Coverage
    facts: Facts
    limits: Mapping[str, float]
    severity: str
