"""A plan held against what is in force (对比): what would change hands, and which grids would change keepers."""

from typing import Any

import numpy as np
import psycopg
import shapely

from spatial.geometry import Area, area_m2
from spatial.queries.plans import starting, stock
from spatial.queries.plans.numbers import homes
from spatial.queries.plans.record import Face, Plan

# Rows: keepers by id. Parameter: ids.
_NAMES = "SELECT id, code, name FROM keeper WHERE id = ANY(%s)"


def compare(connection: psycopg.Connection, plan: Plan) -> dict[str, Any]:
    """Return what would change if a plan were published now.

    ``moved``: buildings, households and residents that get another grid; ``faces``: for each face where its buildings
    come from, by code of the grid in force (None: none), and its keeper now and then; ``grids``: what becomes of each
    grid in force (``kept`` as it is, ``changed``, ``gone``), and ``new``; ``ground``: pieces that change hands, lattice
    units, each with the codes from and to.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        plan: of which the faces count.
    """
    force = starting.faces_of(connection.execute(starting.IN_FORCE, (plan.community,)).fetchall())
    held = stock.buildings(connection, plan.outline)
    before, after = homes(force, held.points), homes(plan.faces, held.points)
    old = [None, *sorted(force[number].code for number in force)]
    new = [None, *(plan.faces[number].code for number in sorted(
        plan.faces, key=lambda number: (plan.faces[number].code or "~", number)))]
    was, will = np.array(old, object)[before + 1], np.array(new, object)[after + 1]
    moved = was != will
    flows: dict[tuple[str | None, str | None], list[int]] = {}
    for one in np.flatnonzero(moved):
        flow = flows.setdefault((was[one], will[one]), [0, 0, 0])
        flow[0] += 1
        flow[1] += int(held.counts["households"][one])
        flow[2] += int(held.counts["residents"][one])
    return {
        "moved": {name: sum(flow[at] for flow in flows.values())
                  for at, name in enumerate(("buildings", "households", "residents"))},
        "flows": [{"from": source, "to": target, "buildings": flow[0], "households": flow[1], "residents": flow[2]}
                  for (source, target), flow in sorted(flows.items(), key=lambda one: -one[1][1])],
        "buildings": [int(one) for one in held.ids[moved]],
        "grids": _grids(force, plan),
        "keepers": _keepers(connection, force, plan),
        "ground": [{"from": source, "to": target, "m2": area_m2(piece), "geometry": piece}
                   for source, target, piece in _ground(force, plan)],
    }


def _grids(force: dict[int, Face], plan: Plan) -> list[dict[str, Any]]:
    old = {face.code: face for face in force.values()}
    new = {face.code: face for face in plan.faces.values()}
    found = []
    for code in sorted({*old, *new}, key=str):
        before, after = old.get(code), new.get(code)
        state = "new" if before is None else "gone" if after is None else "kept" if same(before, after) else "changed"
        found.append({"code": code, "state": state, "name": (after or before).name,
                      "was": before.name if before and after and before.name != after.name else None})
    return found


def same(one: Face, other: Face) -> bool:
    """Tell whether two grids have the same name, kind and ground, whatever corners lie on their straight edges."""
    return (one.name, one.kind) == (other.name, other.kind) and bool(
        one.geometry.symmetric_difference(other.geometry).area <= max(one.geometry.length, 1))


def _keepers(connection: psycopg.Connection, force: dict[int, Face], plan: Plan) -> list[dict[str, Any]]:
    was = {face.code: face.keeper for face in force.values()}
    will = {face.code: face.keeper for face in plan.faces.values()}
    ids = [one for one in {*was.values(), *will.values()} if one is not None]
    names = {number: {"code": code, "name": name} for number, code, name in connection.execute(_NAMES, (ids,))}
    return [{"code": code, "was": names.get(was.get(code)), "will": names.get(will.get(code))}
            for code in sorted({*was, *will}, key=str) if was.get(code) != will.get(code)]


def _ground(force: dict[int, Face], plan: Plan) -> list[tuple[str | None, str | None, Area]]:
    """Return pieces of ground that lie in a grid of another code in the plan."""
    numbers = list(plan.faces)
    tree = shapely.STRtree([plan.faces[number].geometry for number in numbers])
    pieces = []
    for face in force.values():
        for at in tree.query(face.geometry, predicate="intersects"):
            other = plan.faces[numbers[at]]
            if other.code != face.code:
                pieces += [(face.code, other.code, part) for part in shapely.get_parts(face.geometry & other.geometry)
                           if part.geom_type == "Polygon" and part.area > part.length]
    return pieces

