"""A plan as it is on record: its own row, its faces on the lattice, and how both are written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import psycopg
import shapely
from psycopg.rows import dict_row

from spatial import outbox
from spatial.coverage import Coverage
from spatial.errors import NotFound
from spatial.geometry import PER_DEGREE, Area, to_degrees

CHANGE = "plan"
"""Kind of a change that says that a plan is another one now."""


@dataclass(frozen=True)
class Face:
    """One grid of a plan.

    Attributes:
        code: 15 digits, or None. name, kind: as a grid's.
        keeper: id of who shall keep it, or None.
        geometry: lattice units.
        revision: that of the plan since which it is as it is; 0 before it is written.
    """

    code: str | None
    name: str
    kind: str
    keeper: int | None
    geometry: Area
    revision: int = 0

    def same(self, other: "Face | None") -> bool:
        """Tell whether it is as another one, whenever that was; outlines are compared corner by corner."""
        return other is not None and replace(self, geometry=None, revision=0) == replace(
            other, geometry=None, revision=0) and shapely.equals_exact(self.geometry, other.geometry)


@dataclass(frozen=True)
class Plan:
    """A plan with its faces by number; see ``spatial/models/plans.py`` for the columns."""

    id: int
    community: str
    title: str
    profile: str
    state: str
    revision: int
    outline: Area
    next_face: int
    head: int
    origin: str
    based_on: int | None
    created_by: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    submitted_by: str | None
    submitted_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    publish_at: datetime | None
    published_by: str | None
    published_at: datetime | None
    remark: str | None
    trouble: str | None
    lease_by: str | None
    lease_until: datetime | None
    faces: Mapping[int, Face]

    @cached_property
    def coverage(self) -> Coverage:
        """Its faces as a coverage; lattice units."""
        return Coverage(self.outline, {number: face.geometry for number, face in self.faces.items()})

    @property
    def etag(self) -> str:
        """The tag of this revision."""
        return f"{self.id}-{self.revision}"


_COLUMNS = """
id, area_code AS community, title, profile, state, revision, ST_AsBinary(outline) AS outline, next_face, head, origin,
based_on, created_by, created_at, changed_by, changed_at, submitted_by, submitted_at, approved_by, approved_at,
publish_at, published_by, published_at, remark, trouble, lease_by, lease_until
"""
# Row: one plan. Parameter: its id.
_ONE = f"SELECT {_COLUMNS} FROM grid_plan WHERE id = %s"
_LOCKED = f"{_ONE} FOR UPDATE"
# Rows: the faces of a plan by number. Parameter: its id.
_FACES = """
SELECT face, code, name, kind, keeper_id, ST_AsBinary(geom), revision FROM plan_face WHERE plan_id = %s ORDER BY face
"""
# A keeper who is no longer on record, as after doing an old operation again, is nobody.
# Parameters: number, code, name, kind, keeper, WKB, revision of each; plan.
_WRITE_FACES = """
INSERT INTO plan_face (plan_id, face, code, name, kind, keeper_id, geom, revision, area_code, grid_code)
SELECT plan.id, one.face, one.code, one.name, one.kind, (SELECT id FROM keeper WHERE id = one.keeper),
       ST_Multi(ST_SetSRID(ST_GeomFromWKB(one.wkb), 4490)), one.revision, plan.area_code, plan.grid_code
FROM grid_plan AS plan,
     unnest(%b::int[], %b::text[], %b::text[], %b::text[], %b::int8[], %b::bytea[], %b::int[])
         AS one (face, code, name, kind, keeper, wkb, revision)
WHERE plan.id = %b
ON CONFLICT (plan_id, face) DO UPDATE SET code = EXCLUDED.code, name = EXCLUDED.name, kind = EXCLUDED.kind,
    keeper_id = EXCLUDED.keeper_id, geom = EXCLUDED.geom, revision = EXCLUDED.revision
"""
_REMOVE_FACES = "DELETE FROM plan_face WHERE plan_id = %s AND face = ANY(%s)"
_WRITE_OUTLINE = "UPDATE grid_plan SET outline = ST_Multi(ST_SetSRID(ST_GeomFromWKB(%s), 4490)) WHERE id = %s"
_STATE = "SELECT state FROM grid_plan WHERE id = %s"
# Parameters: account, plan. Row: the new revision.
_TOUCH = """
UPDATE grid_plan SET revision = revision + 1, changed_by = %s, changed_at = clock_timestamp() WHERE id = %s
RETURNING revision
"""


def get(connection: psycopg.Connection, plan_id: int, *, lock: bool = False) -> Plan:
    """Return one plan with its faces.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        plan_id: its number.
        lock: nobody else changes it before the transaction ends.

    Raises:
        NotFound: no such plan within the jurisdiction.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        row = cursor.execute(_LOCKED if lock else _ONE, (plan_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no plan {plan_id} here.", "Look at the list of plans.")
    rows = connection.execute(_FACES, (plan_id,), binary=True).fetchall()
    shapes = areas([row["outline"], *(wkb for *_, wkb, _ in rows)])
    faces = {number: Face(code, name, kind, keeper, shape, revision)
             for (number, code, name, kind, keeper, _, revision), shape in zip(rows, shapes[1:], strict=True)}
    return Plan(**(row | {"outline": shapes[0], "faces": faces}))


def areas(wkb: Iterable[bytes]) -> list[Area]:
    """Return polygons of the database in lattice units, a multipolygon of one part as that part.

    Args:
        wkb: degrees, EPSG:4490, on the lattice.
    """
    found = np.array(shapely.from_wkb([bytes(one) for one in wkb]), object)
    found = shapely.transform(found, lambda xy: np.round(xy * PER_DEGREE) + 0.0)
    single = shapely.get_num_geometries(found) == 1
    found[single] = shapely.get_geometry(found[single], 0)
    return list(found)


def wkb_of(shape: Area) -> bytes:
    """Return a polygon of the lattice as the database takes it: WKB in degrees."""
    return shapely.to_wkb(to_degrees(shape))


def write(connection: psycopg.Connection, before: Plan, faces: Mapping[int, Face | None], outline: Area | None,
          account: str) -> int:
    """Write down faces that have changed, and tell everybody.

    Args:
        connection: holds the plan's lock.
        before: the plan as it is on record.
        faces: by number; None for one that is gone. outline: None where it stays.
        account: whose change it is.

    Returns:
        The new revision.
    """
    revision = touch(connection, before, account)
    gone = [number for number, face in faces.items() if face is None]
    if gone:
        connection.execute(_REMOVE_FACES, (before.id, gone))
    kept = [(number, face.code, face.name, face.kind, face.keeper, wkb_of(face.geometry), revision)
            for number, face in faces.items() if face is not None]
    if kept:
        connection.execute(_WRITE_FACES, (*(list(column) for column in zip(*kept, strict=True)), before.id))
    if outline is not None:
        connection.execute(_WRITE_OUTLINE, (wkb_of(outline), before.id))
    return revision


def touch(connection: psycopg.Connection, plan: Plan, account: str, **told: Any) -> int:
    """Give a plan its next revision and tell everybody who may read plans.

    Args:
        connection: holds the plan's lock.
        plan: as it is on record. account: whose change it is.
        told: members of the change besides its revision.

    Returns:
        The new revision.
    """
    revision = connection.execute(_TOUCH, (account, plan.id)).fetchone()[0]
    tell(connection, plan, {"revision": revision, "by": account, **told})
    return revision


def tell(connection: psycopg.Connection, plan: Plan, payload: dict[str, Any]) -> None:
    """Append a change of a plan to the feed."""
    payload = {"id": plan.id, "community": plan.community, "state": plan.state, "revision": plan.revision, **payload}
    outbox.append(connection, CHANGE, str(plan.id), plan.community, plan.community + "000", payload)


def state(connection: psycopg.Connection, plan_id: int) -> str:
    """Return the state that is on record for a plan that there is."""
    return connection.execute(_STATE, (plan_id,)).fetchone()[0]
