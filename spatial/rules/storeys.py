"""Where the rooms of a building lie in it, where no plan is on record (示意): on which storey, and which part of it.

A building is cut into its units along its long axis, by their entrances where all are known, else into even parts in
the order of their numbers; each unit's storey into its rooms, in the same order, as large in proportion as they are on
record. Rooms of one riser lie above one another: a storey takes on the plan of its unit's usual storey where its
rooms fit into it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import numpy as np

from spatial.rules import slices
from spatial.rules.risers import REACH, level, position
from spatial.rules.slices import Shape

NO_FLOOR, TOO_HIGH, TOO_LOW, NO_UNIT = "no_floor", "above_the_roof", "below_the_ground", "no_unit"

FITS_BEYOND = 0.5
"""Of the rooms of a usual storey: with fewer, a storey has a plan of its own, as one of shops or large flats has."""

EVEN_BEYOND = 8.0
"""Rooms that differ in area by more than this are drawn as if they did not: one of them may have been mistyped."""

Key = tuple[str, ...]


class Unit(NamedTuple):
    """A unit of a building. ``entrance``: metres in the outline's plane; None where not known."""

    id: int
    number: str
    entrance: tuple[float, float] | None = None


class Room(NamedTuple):
    """A room as on record. ``floor``: storey, negative below ground, 0 for not known; ``area_m2``: square metres."""

    id: int
    unit: int | None
    floor: int | None
    number: str
    area_m2: float | None = None


class Cell(NamedTuple):
    """A part of a storey. ``room``: None where no room is on record; ``unit``: None for a storey without units;
    ``shape``: index of :attr:`Stack.shapes`."""

    floor: int
    unit: int | None
    room: int | None
    shape: int


@dataclass(frozen=True)
class Stack:
    """A building's storeys.

    Attributes:
        floors: from the lowest; there is no storey 0.
        cells: of all storeys; those of one cover the outline.
        shapes: what cells look like from above, metres.
        units: shape of each unit, index of ``shapes`` by id.
        by_entrances: whether entrances told where the units are.
        unplaced: rooms that are not in the picture, and why.
    """

    floors: tuple[int, ...]
    cells: tuple[Cell, ...]
    shapes: tuple[Shape, ...]
    units: dict[int, int]
    by_entrances: bool
    unplaced: tuple[tuple[int, str], ...]


def stack(outline: Shape, units: Sequence[Unit], rooms: Iterable[Room], above: int | None, below: int | None) -> Stack:
    """Return the storeys of a building and what lies on them.

    Args:
        outline: the building from above, metres: valid and with an area.
        units: in any order; may be none.
        rooms: in any order.
        above, below: storeys on record above and below ground; None where not known.
    """
    known = {unit.id for unit in units}
    placed, unplaced = [], []
    for room in rooms:
        why = _why_not(room, known, above, below)
        if why is None:
            placed.append(room)
        else:
            unplaced.append((room.id, why))
    shapes: list[Shape] = [outline]
    ordered, parts, by_entrances = _units(outline, units)
    of_unit = {}
    for unit, part in zip(ordered, parts, strict=True):
        of_unit[unit.id] = len(shapes) if len(ordered) > 1 else 0
        if len(ordered) > 1:
            shapes.append(part)
    floors = _floors(placed, above, below)
    cells = _cells(floors, ordered, placed, of_unit, shapes)
    return Stack(floors, tuple(cells), tuple(shapes), of_unit, by_entrances, tuple(unplaced))


def _why_not(room: Room, units: set[int], above: int | None, below: int | None) -> str | None:
    """Return why a room has no place. Numbers of storeys run ahead of the count where the 4th or 13th is left out."""
    if room.unit not in units:
        return NO_UNIT
    if not room.floor:
        return NO_FLOOR
    if above and room.floor > above + REACH:
        return TOO_HIGH
    if below and room.floor < -below - REACH:
        return TOO_LOW
    return None


def _floors(rooms: list[Room], above: int | None, below: int | None) -> tuple[int, ...]:
    top = max([above or 0, 1, *(room.floor for room in rooms)])
    bottom = min([-(below or 0), *(room.floor for room in rooms)])
    return tuple(floor for floor in range(bottom, top + 1) if floor != 0)


def _units(outline: Shape, units: Sequence[Unit]) -> tuple[list[Unit], list[Shape], bool]:
    """Return the units in the order of their parts, the parts, and whether entrances told them."""
    ordered = sorted(units, key=lambda unit: (natural(unit.number), unit.id))
    if len(ordered) < 2:
        return ordered, [outline] * len(ordered), bool(ordered and ordered[0].entrance)
    if all(unit.entrance for unit in ordered):
        points = np.array([unit.entrance for unit in ordered])
        parts = slices.by_points(outline, points)
        if parts is not None:
            return ordered, parts, True
        ordered = [ordered[index] for index in slices.order(outline, points)]
    return ordered, slices.even(outline, [1.0] * len(ordered)), False


def _cells(floors: Sequence[int], units: Sequence[Unit], rooms: list[Room], of_unit: dict[int, int],
           shapes: list[Shape]) -> Iterable[Cell]:
    on_floor: dict[tuple[int, int], dict[str, Room]] = defaultdict(dict)
    for room, key in zip(rooms, _keys(rooms), strict=True):
        on_floor[room.unit, room.floor][key] = room
    plans = {unit.id: _Plans(unit.id, on_floor, shapes[of_unit[unit.id]], shapes) for unit in units}
    inhabited = {floor for _, floor in on_floor}
    cells = []
    for floor in floors:
        # What lies under all units, such as a garage, is one.
        if not units or floor < 0 and floor not in inhabited:
            cells.append(Cell(floor, None, None, 0))
            continue
        for unit in units:
            here = on_floor.get((unit.id, floor), {})
            if not here:
                cells.append(Cell(floor, unit.id, None, of_unit[unit.id]))
                continue
            for key, shape in plans[unit.id].of(tuple(sorted(here, key=natural))):
                room = here.get(key)
                cells.append(Cell(floor, unit.id, room and room.id, shape))
    return cells


def _keys(rooms: list[Room]) -> Iterable[str]:
    """Yield by what each room is known on its storey: its position, and where two have it, its number and id."""
    places = [position(room.number, room.floor) for room in rooms]
    often = Counter((room.unit, room.floor, place) for room, place in zip(rooms, places, strict=True))
    for room, place in zip(rooms, places, strict=True):
        alone = place is not None and often[room.unit, room.floor, place] == 1
        yield place if alone else f"{place or '~'} {room.number} {room.id}"


class _Plans:
    """Plans of one unit's storeys, each cut once and drawn on every storey that has it."""

    def __init__(self, unit: int, on_floor: dict[tuple[int, int], dict[str, Room]], outline: Shape,
                 shapes: list[Shape]) -> None:
        mine = [here for (owner, _), here in on_floor.items() if owner == unit]
        self._outline, self._shapes = outline, shapes
        self._known: dict[Key, list[int]] = {}
        self._areas: dict[str, list[float]] = defaultdict(list)
        for here in mine:
            for key, room in here.items():
                if room.area_m2:
                    self._areas[key].append(room.area_m2)
        storeys = Counter(tuple(sorted(here, key=natural)) for here in mine)
        # Of those that are as frequent, the one with most rooms, and then any, but always the same.
        self._usual: Key = max(storeys, key=lambda keys: (storeys[keys], len(keys), keys), default=())

    def of(self, keys: Key) -> list[tuple[str, int]]:
        """Return the positions of a storey with these rooms, and the shape of each."""
        if set(keys) < set(self._usual) and len(keys) > FITS_BEYOND * len(self._usual):
            keys = self._usual
        if keys not in self._known:
            parts = [self._outline] if len(keys) == 1 else slices.even(self._outline, self._weights(keys))
            first = len(self._shapes)
            self._shapes.extend(parts)
            self._known[keys] = list(range(first, first + len(parts)))
        return list(zip(keys, self._known[keys], strict=True))

    def _weights(self, keys: Key) -> list[float]:
        areas = [median(self._areas[key]) if self._areas[key] else None for key in keys]
        if None in areas or max(areas) > EVEN_BEYOND * min(areas):
            return [1.0] * len(keys)
        return areas


def natural(number: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which numbers sort as people count: 2 before 10, A before B."""
    return tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
                 for part in re.findall(r"\d+|\D+", number))


def height_above(floor: int) -> int:
    """Return how many storeys above the ground floor's a storey's floor lies: -1 for the first basement."""
    return level(floor)
