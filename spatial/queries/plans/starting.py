"""A new plan (新建方案): of the grids in force, of nothing, of a former plan, or of an imported file."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import psycopg
import shapely

from spatial.coverage import Coverage, apply, match
from spatial.errors import NotFound, ShapanError
from spatial.geometry import Area, to_lattice
from spatial.queries.plans import record
from spatial.queries.plans.record import Face, Plan
from spatial.rules.grid_rules.profiles import STANDARD, load_profile

# Row: name and outline of a community that lies wholly inside the jurisdiction. Parameter: its code.
_COMMUNITY = """
SELECT name, ST_AsBinary(geom) FROM area
WHERE code = %(code)s AND level = 'community' AND code_range(code, code || ':') <@ (SELECT shapan_scope())
"""
# Rows: grids in force, by code, each with its first keeper. Parameter: community.
IN_FORCE = """
SELECT g.code, g.name, g.kind, ST_AsBinary(g.geom), (SELECT min(k.id) FROM keeper AS k WHERE k.grid_code = g.code)
FROM grid AS g WHERE g.area_code = %s AND g.valid_to IS NULL ORDER BY g.code
"""
# Rows: grids of an imported file that lie in a community or reach into it, in the order of the file.
# Parameters: source, community.
_OF_FILE = """
SELECT p.code, p.name, p.kind, ST_AsBinary(p.geom), NULL::int8
FROM planned_grid AS p, area AS a
WHERE p.source = %(source)s AND a.code = %(community)s AND p.geom_web && a.geom_web
  AND (ST_Intersects(a.geom, ST_PointOnSurface(p.geom)) OR p.area_code = a.code) ORDER BY p.id
"""
# Row: the open plan of a community. Parameter: it.
_OPEN = """
SELECT id FROM grid_plan WHERE area_code = %s AND state IN ('draft', 'submitted', 'approved', 'scheduled')
"""
# Row: the new plan. Parameters by name.
_NEW = """
INSERT INTO grid_plan (title, profile, outline, origin, based_on, created_by, changed_by, next_face, area_code,
                       grid_code)
VALUES (%(title)s, %(profile)s, ST_Multi(ST_SetSRID(ST_GeomFromWKB(%(outline)s), 4490)), %(origin)s, %(based_on)s,
        %(account)s, %(account)s, %(next)s, %(community)s, %(community)s || '000') RETURNING id
"""
_STEP = """
INSERT INTO plan_step (plan_id, kind, revision, account, remark, area_code, grid_code)
SELECT id, 'created', revision, %s, origin, area_code, grid_code FROM grid_plan WHERE id = %s
"""
# One plan of a community is made at a time. Parameter: community.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('shapan plan ' || %s, 0))"


class PlanOpen(ShapanError):
    """The community has a plan on its way. ``members``: its id."""

    def __init__(self, community: str, plan: int) -> None:
        super().__init__(f"Community {community} has plan {plan} on its way.", "Go on with that one, or discard it.")
        self.members = {"plan": plan}


def start(connection: psycopg.Connection, community: str, *, account: str, origin: str = "published",
          title: str | None = None, profile: str = STANDARD, plan: int | None = None, source: str | None = None,
          ) -> Plan:
    """Begin a plan.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        community: its code of 12 digits. account: who begins it.
        origin: ``published``: the grids in force; ``empty``: one grid of the whole; ``plan``: another plan of the
            community, by ``plan``; ``file``: the grids of an import, by the name of its ``source``.
        title: None gives the community's name. profile: rules that hold for it.

    Returns:
        The plan.

    Raises:
        NotFound: no such community, profile, plan or source, or the jurisdiction does not hold all of it.
        PlanOpen: the community has a plan on its way.
    """
    load_profile(profile)
    connection.execute(_TURN, (community,))
    name, ground = outline(connection, community)
    if row := connection.execute(_OPEN, (community,)).fetchone():
        raise PlanOpen(community, row[0])
    faces, ground, based_on = _beginning(connection, community, origin, ground, plan, source)
    made = connection.execute(_NEW, {
        "title": title or f"{name}网格规划", "profile": profile, "outline": record.wkb_of(ground), "origin": origin,
        "based_on": based_on, "account": account, "next": max(faces, default=0) + 1, "community": community,
    }).fetchone()[0]
    connection.execute(_STEP, (account, made))
    record.write(connection, record.get(connection, made), faces, None, account)
    return record.get(connection, made)


def outline(connection: psycopg.Connection, community: str) -> tuple[str, Area]:
    """Return name and outline, in lattice units, of a community that lies wholly inside the jurisdiction.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(_COMMUNITY, {"code": community}).fetchone()
    if row is None:
        raise NotFound(f"There is no community {community} that is wholly yours to plan.",
                       "Look at the list of communities.")
    return row[0], to_lattice(shapely.from_wkb(bytes(row[1])))


def _beginning(connection: psycopg.Connection, community: str, origin: str, ground: Area, plan: int | None,
               source: str | None) -> tuple[dict[int, Face], Area, int | None]:
    """Return the first faces, the outline with their corners, and the plan that they are from."""
    if origin == "empty":
        return {1: Face(None, "第1网格", "basic", None, ground)}, ground, None
    if origin == "plan":
        former = record.get(connection, plan or 0)
        if former.community != community:
            raise NotFound(f"Plan {plan} is not one of community {community}.", "Look at the list of plans.")
        faces = {number: replace(face, revision=0) for number, face in former.faces.items()}
        if former.outline.equals(ground):
            return faces, former.outline, former.id
        return *_matched(faces, ground), former.id
    rows = connection.execute(
        _OF_FILE if origin == "file" else IN_FORCE,
        {"source": source, "community": community} if origin == "file" else (community,)).fetchall()
    if not rows and origin == "file":
        raise NotFound(f"No imported plan {source!r} has grids in community {community}.", "Import a file first.")
    return *_matched(faces_of(rows), ground), None


def faces_of(rows: Iterable[tuple[Any, ...]]) -> dict[int, Face]:
    """Return faces of rows of code, name, kind, outline (WKB, EPSG:4490) and keeper, numbered from 1."""
    faces = {}
    for number, (code, name, kind, wkb, keeper) in enumerate(rows, 1):
        shape = to_lattice(shapely.from_wkb(bytes(wkb)))
        if not shape.is_empty:
            faces[number] = Face(code, name or code or f"第{number}网格", kind, keeper, shape)
    return faces


def _matched(faces: dict[int, Face], ground: Area) -> tuple[dict[int, Face], Area]:
    """Return faces with the corners of one another, and the outline with theirs."""
    coverage = Coverage(ground, {number: face.geometry for number, face in faces.items()})
    matched = apply(coverage, match(coverage))
    return {number: replace(faces[number], geometry=shape) for number, shape in matched.faces.items()}, matched.outline
