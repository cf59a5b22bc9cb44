"""What a coverage is, what changes one, and how a change is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.errors import ShapanError
from spatial.geometry import Area


@dataclass(frozen=True, eq=False)
class Coverage:
    """Faces that divide an outline, in lattice units.

    Args:
        outline: what the faces have to fill: the community with the nodes that boundaries have put on its edges.
        faces: grids of a plan by their numbers.
    """

    outline: Area
    faces: Mapping[int, Area]

    @cached_property
    def numbers(self) -> list[int]:
        """The faces' numbers, in the order of ``tree``."""
        return list(self.faces)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The faces by their boxes."""
        return shapely.STRtree(list(self.faces.values()))

    def near(self, geometry: BaseGeometry, by: float = 1.0) -> list[int]:
        """Return the faces whose boxes come within ``by`` units of the box of a geometry, in rising order."""
        west, south, east, north = geometry.bounds
        found = self.tree.query(shapely.box(west - by, south - by, east + by, north + by))
        return sorted(self.numbers[one] for one in found)

    def touching(self, boxes: np.ndarray) -> list[int]:
        """Return the faces whose boxes meet any of some boxes, (n, 4) as west, south, east, north."""
        found = self.tree.query(shapely.box(*np.asarray(boxes, float).T))[1]
        return sorted({self.numbers[one] for one in found})


@dataclass(frozen=True)
class Edit:
    """What an operation changes: how things are after it.

    Args:
        faces: the faces that change, None for one that is gone.
        outline: the outline with its new nodes, None where it stays.
        notes: what a planner should hear of it, as numbers, such as ``extended_m``.
    """

    faces: dict[int, Area | None]
    outline: Area | None = None
    notes: dict[str, float] = field(default_factory=dict)


def apply(coverage: Coverage, edit: Edit) -> Coverage:
    """Return the coverage after an edit; the one before stays as it is."""
    faces = {**coverage.faces, **edit.faces}
    left = {number: faces[number] for number in sorted(faces) if faces[number] is not None}
    return Coverage(coverage.outline if edit.outline is None else edit.outline, left)


def inverse(before: Coverage, edit: Edit) -> Edit:
    """Return the edit that takes back another one.

    Args:
        before: the coverage that the edit was made for. What the inverse brings back is what stands there, byte by
        byte.
    """
    return Edit(
        {number: before.faces.get(number) for number in edit.faces}, None if edit.outline is None else before.outline
    )


class Refused(ShapanError):
    """An operation cannot be done as it was asked for; nothing has changed.

    Args:
        reason: a slug for programs and translations.
        message: what is wrong, one sentence.
        cure: what to do about it, one sentence.
        geometry: where it is wrong, lattice units, to be drawn on the map.
        faces: the numbers of the faces concerned.
    """

    def __init__(
        self, reason: str, message: str, cure: str, geometry: BaseGeometry | None = None, faces: Iterable[int] = ()
    ) -> None:
        super().__init__(message, cure)
        self.reason = reason
        self.message = message
        self.geometry = geometry
        self.faces = list(faces)
