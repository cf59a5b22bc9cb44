"""What lies in each face of a plan (实时数据): counts, area, compactness, the load of its keeper."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from spatial.geometry import area_m2
from spatial.queries.plans.record import Face
from spatial.queries.plans.stock import COUNTED, Buildings, Others
from spatial.rules.grid_rules.form import polsby_popper

OTHERS = ("facilities", "devices", "events")


def numbers(faces: Mapping[int, Face], buildings: Buildings, others: Others) -> dict[int, dict[str, Any]]:
    """Return the numbers of each face by its own number.

    ``area_m2``; ``compactness`` by Polsby and Popper; ``keeper_load``: households in all faces that its
    keeper has in this plan, None without a keeper; counts of buildings, of what is in them (``stock.COUNTED``), of
    facilities, devices and events (``stock.EVENT_DAYS``).

    Args:
        faces: all of a plan.
        buildings, others: what lies around them. Things in a building go with it; what lies on a shared edge goes to
            the face with the lowest code, as placing does it.
    """
    order = _by_code(faces)
    home = homes(faces, buildings.points)
    counts = {"buildings": _sums(order, home, np.ones(len(home), np.int64))}
    counts |= {name: _sums(order, home, buildings.counts[name]) for name in COUNTED}
    place = homes(faces, others.points)
    inside = np.searchsorted(buildings.ids, others.buildings)
    known = inside < len(buildings.ids)
    known[known] = buildings.ids[inside[known]] == others.buildings[known]
    place[known] = home[inside[known]]
    counts |= {name: _sums(order, place[others.kinds == name]) for name in OTHERS}
    load: dict[int, int] = {}
    for position, number in enumerate(order):
        keeper = faces[number].keeper
        if keeper is not None:
            load[keeper] = load.get(keeper, 0) + int(counts["households"][position])
    return {
        number: {name: int(column[position]) for name, column in counts.items()}
        | {"area_m2": round(area_m2(faces[number].geometry), 1),
           "compactness": round(polsby_popper(faces[number].geometry), 3),
           "keeper_load": load.get(faces[number].keeper)}
        for position, number in enumerate(order)}


def homes(faces: Mapping[int, Face], points: np.ndarray) -> np.ndarray:
    """Return the position, in the order of codes, of the face that each point lies in; -1 where it lies in none."""
    order = _by_code(faces)
    found = np.full(len(points), -1)
    if not order or not len(points):
        return found
    at, face = shapely.STRtree([faces[number].geometry for number in order]).query(points, predicate="intersects")
    first = np.lexsort((face, at))
    at, face = at[first], face[first]
    lowest = np.flatnonzero(np.diff(at, prepend=-1))
    found[at[lowest]] = face[lowest]
    return found


def _by_code(faces: Mapping[int, Face]) -> list[int]:
    return sorted(faces, key=lambda number: (faces[number].code or "~", number))


def _sums(order: list[int], home: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    held = home >= 0
    weights = None if weights is None else weights[held]
    return np.bincount(home[held], weights=weights, minlength=len(order)).astype(np.int64)
