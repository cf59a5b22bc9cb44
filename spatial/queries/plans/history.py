"""The log of a plan (历史): what was done, undone and done again; each entry holds its faces before and after."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError
from spatial.geometry import Area
from spatial.queries.plans import record
from spatial.queries.plans.record import Face, Plan

_FORGET_UNDONE = "DELETE FROM plan_operation WHERE plan_id = %s AND seq > %s"
_ADD = """
INSERT INTO plan_operation (plan_id, seq, kind, args, before, after, summary, account, area_code, grid_code)
SELECT id, head + 1, %s, %s, %s, %s, %s, %s, area_code, grid_code FROM grid_plan WHERE id = %s
"""
_HEAD = "UPDATE grid_plan SET head = %s, next_face = greatest(next_face, %s) WHERE id = %s"
# Row: one entry. Parameters: plan, number.
_ENTRY = "SELECT kind, before, after, summary FROM plan_operation WHERE plan_id = %s AND seq = %s"
# Rows: the log, in order. Parameter: plan.
_LISTED = """
SELECT seq, kind, summary, account, at FROM plan_operation WHERE plan_id = %s ORDER BY seq
"""
# Rows: what entries changed, the last first. Parameters: plan, number after which.
_BACK = "SELECT before FROM plan_operation WHERE plan_id = %s AND seq > %s AND seq <= %s ORDER BY seq DESC"
_FORTH = "SELECT after FROM plan_operation WHERE plan_id = %s AND seq > %s AND seq <= %s ORDER BY seq"
_COUNT = "SELECT coalesce(max(seq), 0) FROM plan_operation WHERE plan_id = %s"


class NothingToUndo(ShapanError):
    """There is no operation to be undone, or to be done again."""


def add(connection: psycopg.Connection, plan: Plan, kind: str, args: Mapping[str, Any],
        faces: Mapping[int, Face | None], outline: Area | None, summary: Mapping[str, Any], account: str,
        next_face: int) -> int:
    """Write down one operation; what was undone before it is forgotten.

    Args:
        connection: holds the plan's lock.
        plan: before it. kind: of it. args: as they were sent, which hold no personal data.
        faces, outline: what it changed. summary: numbers for who reads the log. account: whose it is.
        next_face: number of the next new face afterwards.

    Returns:
        Its number.
    """
    connection.execute(_FORGET_UNDONE, (plan.id, plan.head))
    before = {number: plan.faces.get(number) for number in faces}
    connection.execute(_ADD, (
        kind, Jsonb(dict(args)), Jsonb(_kept(before, None if outline is None else plan.outline)),
        Jsonb(_kept(faces, outline)), Jsonb(dict(summary)), account, plan.id))
    connection.execute(_HEAD, (plan.head + 1, next_face, plan.id))
    return plan.head + 1


def undo(connection: psycopg.Connection, plan: Plan) -> tuple[int, str, dict[int, Face | None], Area | None]:
    """Take the last operation back; the caller writes the faces.

    Returns:
        Its number and kind, the faces as they were before it, and the outline where that changed.

    Raises:
        NothingToUndo: there is none.
    """
    return _step(connection, plan, plan.head, plan.head - 1, "before", "Nothing is left to undo.")


def redo(connection: psycopg.Connection, plan: Plan) -> tuple[int, str, dict[int, Face | None], Area | None]:
    """Do the operation again that was undone last; see ``undo``."""
    return _step(connection, plan, plan.head + 1, plan.head + 1, "after", "Nothing is left to do again.")


def _step(connection: psycopg.Connection, plan: Plan, seq: int, head: int, side: str, why: str,
          ) -> tuple[int, str, dict[int, Face | None], Area | None]:
    row = connection.execute(_ENTRY, (plan.id, seq)).fetchone()
    if row is None:
        raise NothingToUndo(why, "Look at the plan's history.")
    kind, before, after, _ = row
    faces, outline = _read(before if side == "before" else after)
    connection.execute(_HEAD, (head, plan.next_face, plan.id))
    return seq, kind, faces, outline


def ends(connection: psycopg.Connection, plan: Plan) -> tuple[bool, bool]:
    """Tell whether there is something to undo, and something to do again."""
    return plan.head > 0, connection.execute(_COUNT, (plan.id,)).fetchone()[0] > plan.head


def listed(connection: psycopg.Connection, plan: Plan) -> list[dict[str, Any]]:
    """Return the log: number, kind, summary, account, time, and whether each is undone."""
    return [{"seq": seq, "kind": kind, "summary": summary, "by": account, "at": at.isoformat(),
             "undone": seq > plan.head}
            for seq, kind, summary, account, at in connection.execute(_LISTED, (plan.id,))]


def at(connection: psycopg.Connection, plan: Plan, seq: int) -> dict[int, Face]:
    """Return the faces as they were after an operation; 0 is the beginning.

    Raises:
        NotFound: there is no such operation.
    """
    if not 0 <= seq <= connection.execute(_COUNT, (plan.id,)).fetchone()[0]:
        raise NotFound(f"Plan {plan.id} has no operation {seq}.", "Look at its history.")
    faces: dict[int, Face | None] = dict(plan.faces)
    for row in connection.execute(_BACK, (plan.id, seq, plan.head)) if seq <= plan.head else \
            connection.execute(_FORTH, (plan.id, plan.head, seq)):
        faces |= _read(row[0])[0]
    return {number: face for number, face in sorted(faces.items()) if face is not None}


def _kept(faces: Mapping[int, Face | None], outline: Area | None) -> dict[str, Any]:
    kept = {str(number): None if face is None else {
        "code": face.code, "name": face.name, "kind": face.kind, "keeper": face.keeper,
        "wkb": record.wkb_of(face.geometry).hex()} for number, face in faces.items()}
    return {"faces": kept} | ({} if outline is None else {"outline": record.wkb_of(outline).hex()})


def _read(kept: Mapping[str, Any]) -> tuple[dict[int, Face | None], Area | None]:
    faces: dict[int, Face | None] = {int(number): None for number in kept["faces"]}
    there = {int(number): words for number, words in kept["faces"].items() if words is not None}
    shapes = record.areas([bytes.fromhex(words["wkb"]) for words in there.values()]) if there else []
    for (number, words), shape in zip(there.items(), shapes, strict=True):
        faces[number] = Face(words["code"], words["name"], words["kind"], words["keeper"], shape)
    outline = record.areas([bytes.fromhex(kept["outline"])])[0] if "outline" in kept else None
    return faces, outline
