"""How conflicts of surveys end by decision (采集核对): the keeper's values are taken over, or the record stands."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg

from spatial.errors import InvalidInput, NotFound, ShapanError
from spatial.queries import survey_edits, survey_list
from spatial.queries.survey_batch import Sent, Who
from spatial.rules import survey
from spatial.rules.survey import APPLIED, KEPT, TAKEN_OVER

Json = dict[str, Any]

FORM, RECORD = "form", "record"

TAKES = (FORM, RECORD)
"""What somebody decides for: the keeper's values, or what stands on record."""


@dataclass(frozen=True)
class Decision:
    """What somebody decides of a conflict.

    Attributes:
        take: one of ``TAKES``.
        version: of the room that they saw; None where none was on record.
        remark: why, in their words; empty for none.
    """

    take: str
    version: int | None
    remark: str = ""


class ConflictMoved(ShapanError):
    """Somebody settled the conflict, or changed its room, after it was read. ``conflict``: as it stands now."""

    def __init__(self, what: str, conflict: Json) -> None:
        super().__init__(what, "Look at what stands now, then decide.")
        self.members = {"conflict": survey_list.told(conflict)}


# In the order in which forms from the street lock: unit, room, form. Parameters: building, number; id.
LOCK_UNIT = "SELECT id FROM unit WHERE building_id = %s AND number = %s FOR NO KEY UPDATE"
LOCK_ROOM = "SELECT id FROM room WHERE id = %s FOR NO KEY UPDATE"
LOCK_FORM = "SELECT id FROM survey_edit WHERE id = %s FOR NO KEY UPDATE"

# Parameters: how, who, remark, id.
END = """
UPDATE survey_edit SET settled_how = %s, settled_who = %s, remark = %s, settled_at = coalesce(settled_at, now())
WHERE id = %s
"""
AUDIT = """
INSERT INTO audit (action, outcome, account, roles, address, fields, words, area_code, grid_code)
VALUES ('settle', %s, %s, %s, %s, '{}', %s, left(%s, 12), %s)
"""


def settle(connection: psycopg.Connection, who: Who, key: UUID, decision: Decision, zone: ZoneInfo) -> Json:
    """End a conflict, and write down who did; return it as it is afterwards.

    The keeper's values go the way of every form, as one that saw the room as it is: what an import would refuse is
    refused, and the form is on record.

    Args:
        connection: inside the caller's transaction, within the jurisdiction; to be rolled back on an error.
        who: who decides. key: id of the form in conflict. decision: what it comes to. zone: of the command centre.

    Raises:
        NotFound: no such conflict within the jurisdiction.
        ConflictMoved: somebody settled it, or the room is not the one that was seen.
        InvalidInput: the values cannot be taken over, and why.
    """
    found = _locked(connection, str(key))
    if found["settled_at"] is not None:
        raise ConflictMoved("Somebody has settled this conflict.", found)
    if (found["now"] and found["now"]["version"]) != decision.version:
        raise ConflictMoved("The room was changed after you read it.", found)
    if decision.take == FORM:
        _apply(connection, who, found, decision, zone)
    how = TAKEN_OVER if decision.take == FORM else KEPT
    connection.execute(END, (how, who.keeper, decision.remark or None, str(key)))
    connection.execute(AUDIT, (how, who.account, list(who.roles), who.address, str(key), *[found["grid_code"]] * 2))
    return survey_list.conflict(connection, str(key))


def _locked(connection: psycopg.Connection, key: str) -> Json:
    """Return a conflict as it stands, with its room locked."""
    found = survey_list.conflict(connection, key)
    if found is None:
        raise NotFound(f"There is no conflict {key}.", "It may lie outside your area.")
    connection.execute(LOCK_UNIT, (found["building"], found["unit"]))
    connection.execute(LOCK_ROOM, (found["room"],))
    connection.execute(LOCK_FORM, (key,))
    return survey_list.conflict(connection, key)


def _apply(connection: psycopg.Connection, who: Who, found: Json, decision: Decision, zone: ZoneInfo) -> None:
    place = {name: found[name] for name in survey_edits.PLACE_OF} if found["room"] is None else {}
    edit = survey.Edit(str(uuid4()), found["building"], found["room"], found["said"], decision.version,
                       resolves=found["id"], **place)
    sent = Sent(edit, found["done_at"], found["at"])
    answers, _ = survey_edits.take(connection, who, [sent], zone)
    answer = answers.get(edit.id)
    if answer is None or answer.outcome != APPLIED:
        faults = [(fault["field"], fault["words"]) for fault in answer.faults] if answer else []
        raise InvalidInput("The keeper's values cannot be taken over.", faults or [
            ("building", "is not on record any more")], "Let the record stand, and have the room surveyed anew.")


def put_aside(connection: psycopg.Connection, who: Who, key: UUID, zone: ZoneInfo) -> Json:
    """End a conflict about a room that is not on record, as its keeper of now does.

    Raises:
        NotFound, ConflictMoved: as :func:`settle`; the latter also where the room is on record by now.
    """
    return settle(connection, who, key, Decision(RECORD, None), zone)
