"""Which rooms lie above and below one another (上下楼同位户): the same unit, the same position on the floor.

The position is what is left of a room's number without its storey: 1203 on storey 12 is position 3, 0301 on storey 3
is position 1, B102 on storey -1 is position 2. A number that does not begin with its storey (where the 4th or 13th
is left out of the numbers) has its position in its last two digits; one of two digits or fewer is the position itself.
Letters at the end belong to the position: 1203A is another one than 1203.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

REACH = 3
"""Storeys over which a neighbour is looked for: duplexes, and storeys that no number has, lie between."""

NUMBER = re.compile(r"(\d+)[\s\-_#/.]*(\d*)([A-Z]?)$")
WORDS = re.compile(r"(室|号|房|户|ROOM|RM)+$")


@dataclass(frozen=True)
class Place:
    """Where a room is. ``floor``: storey, negative below ground, without a storey 0; ``unit``: any key of its unit."""

    id: int
    unit: int
    floor: int
    number: str


def level(floor: int) -> int:
    """Return how many storeys above the ground floor a storey lies: there is none between 1 and -1."""
    return floor - 1 if floor > 0 else floor


def position(number: str, floor: int) -> str | None:
    """Return which position of its storey a room's number names; None where it has no digit and no letter.

    Args:
        number: as written, such as ``1203``, ``12-03``, ``0301室``, ``B102``, ``A``.
        floor: its storey.
    """
    text = WORDS.sub("", unicodedata.normalize("NFKC", number).upper().strip())
    found = NUMBER.search(text)
    if found is None:
        last = re.search(r"([A-Z])$", text)
        return last and last[1]
    first, second, letter = found.groups()
    # Divided, what comes last is the position, as in 12-03 and 2-1203.
    return _without_storey(second or first, floor, letter) + letter


def _without_storey(digits: str, floor: int, letter: str) -> str:
    storeys = (f"{abs(floor):02d}", str(abs(floor)))
    if letter and digits in storeys:
        return ""
    if len(digits) > 2:
        for storey in storeys:
            rest = digits.removeprefix(storey)
            if 0 < len(rest) <= 2:
                return rest.lstrip("0") or "0"
    return digits[-2:].lstrip("0") or "0"


@dataclass(frozen=True)
class Neighbours:
    """Rooms around one: ``above`` and ``below`` on the same riser, ``beside`` on the same storey of the unit,
    ``riser``: all of its riser, itself not."""

    above: tuple[Place, ...] = ()
    below: tuple[Place, ...] = ()
    beside: tuple[Place, ...] = ()
    riser: tuple[Place, ...] = ()


def neighbours(room: Place, rooms: Iterable[Place]) -> Neighbours:
    """Return which rooms lie around one.

    Args:
        room: the one.
        rooms: of its building, in any order; itself and rooms of other units may be among them.
    """
    others = [one for one in rooms if one.unit == room.unit and one.id != room.id]
    own = position(room.number, room.floor)
    riser = [one for one in others if own is not None and one.floor != room.floor
             and position(one.number, one.floor) == own]
    return replace(column(room.floor, riser), beside=storey(room.floor, others))


def storey(floor: int, rooms: Iterable[Place]) -> tuple[Place, ...]:
    """Return which of some rooms lie on a storey, by number."""
    return tuple(sorted((one for one in rooms if one.floor == floor), key=lambda one: (one.number, one.id)))


def column(floor: int, riser: Iterable[Place]) -> Neighbours:
    """Return which rooms lie above and below a storey, among those of one riser."""
    rooms = tuple(sorted((one for one in riser if one.floor != floor),
                         key=lambda one: (level(one.floor), one.number, one.id)))
    return Neighbours(_nearest(floor, [one for one in rooms if level(one.floor) > level(floor)]),
                      _nearest(floor, [one for one in rooms if level(one.floor) < level(floor)]), riser=rooms)


def _nearest(floor: int, candidates: list[Place]) -> tuple[Place, ...]:
    """Return the rooms of the nearest storey within reach; several where a number stands twice on it."""
    apart = min((abs(level(one.floor) - level(floor)) for one in candidates), default=REACH + 1)
    if apart > REACH:
        return ()
    return tuple(one for one in candidates if abs(level(one.floor) - level(floor)) == apart)
