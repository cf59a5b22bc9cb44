"""Floods of alarms (告警洪水): which alarms belong together, and when there are too many for one person.

ISA-18.2 (IEC 62682) calls it a flood when ten or more new alarms reach one operator within ten
minutes; it ends when fewer than five do. The standard was read through secondary sources, which
agree on these numbers. How alarms are put into groups is our own practice: the same riser or
building, in the open close by, soon after one another. Alarms of two buildings are never one group:
who acknowledges a group has seen one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import asin, cos, floor, radians, sin, sqrt

from spatial.types import Meters

WINDOW = timedelta(minutes=10)
FLOOD = 10
"""New alarms for one operator within ``WINDOW`` from which on it is a flood."""

QUIET = timedelta(minutes=5)
"""Longest time between two alarms of a group."""

LONGEST = timedelta(minutes=30)
"""Longest time from the first alarm of a group to a later one."""

NEAR_M: Meters = 200.0
"""Farthest that an alarm of no building lies from the first one of its group."""

EARTH_M: Meters = 6_371_008.8
"""Mean radius of the earth (IUGG). On a sphere 200 m are right to a metre."""

METRES_A_DEGREE: Meters = EARTH_M * radians(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alarm is: building and unit where it is in one, degrees EPSG:4490."""

    building_id: int | None
    unit: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Group:
    """Alarms that belong together. ``id`` and ``place`` are those of the first one; times are the server's."""

    id: int
    place: Place
    first_at: datetime
    last_at: datetime


def distance(a: Place, b: Place) -> Meters:
    """Return the distance of two places along a great circle, in metres."""
    north, east = radians(b.lat - a.lat) / 2, radians(b.lon - a.lon) / 2
    h = sin(north) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(east) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(h)))


def grows(group: Group, now: datetime) -> bool:
    """Tell whether an alarm of now may still join a group."""
    return now - group.last_at <= QUIET and now - group.first_at <= LONGEST


def assign(arrivals: Sequence[tuple[int, Place]], groups: Sequence[Group], now: datetime) -> list[Group]:
    """Find the group of each new alarm; one that belongs to none is the first of its own (首出).

    An alarm joins the group whose first alarm is on its riser (building and unit), else one of its building; an alarm
    of no building the nearest one of such within ``NEAR_M``; among equals the oldest.

    Args:
        arrivals: id and place of new alarms, in order.
        groups: those that they may join.
        now: the server's time of all arrivals.

    Returns:
        The group of each arrival as it is with it, in order.
    """
    known = _Known()
    for group in sorted(groups, key=lambda group: group.id):
        if grows(group, now):
            known.add(group)
    joined = []
    for alarm_id, place in arrivals:
        group = known.of(place)
        if group is None:
            group = Group(alarm_id, place, now, now)
            known.add(group)
        joined.append(replace(group, last_at=max(group.last_at, now)))
    return joined


class _Known:
    """Groups of buildings by building, others by place."""

    def __init__(self) -> None:
        self._by_building: dict[int, list[Group]] = {}
        self._by_cell: dict[tuple[int, int], list[Group]] = {}

    def add(self, group: Group) -> None:
        if group.place.building_id is not None:
            self._by_building.setdefault(group.place.building_id, []).append(group)
            return
        row = _row(group.place.lat)
        self._by_cell.setdefault((row, _column(group.place.lon, row)), []).append(group)

    def of(self, place: Place) -> Group | None:
        if place.building_id is not None:
            same = self._by_building.get(place.building_id, ())
            return min(same, key=lambda group: (group.place.unit != place.unit, group.id), default=None)
        near = []
        for row in range(_row(place.lat) - 1, _row(place.lat) + 2):
            column = _column(place.lon, row)
            for group in (g for c in (column - 1, column, column + 1) for g in self._by_cell.get((row, c), ())):
                metres = distance(place, group.place)
                if metres <= NEAR_M:
                    near.append((metres, group.id, group))
        return min(near, default=(0.0, 0, None))[2]


def _row(lat: float) -> int:
    return floor(lat * METRES_A_DEGREE / NEAR_M)


def _column(lon: float, row: int) -> int:
    # A little wider than NEAR_M at the edge of the row that lies nearer to the pole, where degrees are shortest.
    edge = max(abs(row), abs(row + 1)) * NEAR_M / METRES_A_DEGREE
    return floor(lon * METRES_A_DEGREE * cos(radians(min(edge, 89.0))) / (1.01 * NEAR_M))


def flooding(new: int, operators: int = 1) -> bool:
    """Tell whether so many new alarms within ``WINDOW`` are a flood for so many operators."""
    return new >= FLOOD * max(1, operators)
