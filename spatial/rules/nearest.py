"""What is nearest to an alarm, storeys considered: a camera two doors away beats one on another storey."""

from collections.abc import Iterable
from math import cos, hypot, radians
from typing import NamedTuple, Protocol, TypeVar

from spatial.rules.risers import level

ROLES = ("hydrant", "shelter")
"""What a class of facilities is to rescuers: 消火栓, 避难场所."""

RADIUS_M = 2000.0
"""How far is looked: beyond, nothing is near, and an index would be walked for a long time to find nothing."""

STOREY_M = 3.0
"""Metres that a storey counts."""


class Found(Protocol):
    """Something at a distance on the ground, metres, with its storey where it is inside."""

    metres: float
    floor: int | None


Thing = TypeVar("Thing", bound=Found)


def storeys_apart(one: int | None, other: int | None) -> int:
    """Return how many storeys lie between two; what has none, outdoors, is on the ground floor."""
    return abs(level(1 if one is None else one) - level(1 if other is None else other))


def metres_3d(thing: Found, floor: int | None) -> float:
    """Return the distance to a thing from a storey above the place it was measured from, metres."""
    return hypot(thing.metres, STOREY_M * storeys_apart(thing.floor, floor))


def nearest(things: Iterable[Thing], floor: int | None, count: int, radius_m: float = RADIUS_M) -> list[Thing]:
    """Return the nearest of some things, the nearest first; none beyond the radius on the ground.

    Args:
        things: candidates.
        floor: storey that is asked from; None for the ground.
        count: how many at most.
        radius_m: metres on the ground.
    """
    near = [thing for thing in things if thing.metres <= radius_m]
    return sorted(near, key=lambda thing: metres_3d(thing, floor))[:count]


class Reach(NamedTuple):
    """Half sides of the box that holds a radius: metres of EPSG:3857; degrees of longitude and of latitude."""

    web_m: float
    lon: float
    lat: float


def reach(lat: float, radius_m: float = RADIUS_M) -> Reach:
    """Return how far a radius reaches at a latitude (degrees), and a hundredth more: the Earth is no sphere."""
    shrink = cos(radians(lat))
    return Reach(1.01 * radius_m / shrink, 1.01 * radius_m / (111_000 * shrink), 1.01 * radius_m / 110_500)
