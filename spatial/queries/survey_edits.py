"""Forms of surveys (采集记录): taken in, once each, whatever becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from spatial import outbox
from spatial.queries.survey_batch import KNOWN, MOVED, Batch, Ending, MovedTo, Place, Row, Sent, Who, Written, number_of
from spatial.rules import rooms, survey
from spatial.rules.survey import APPLIED, CONFLICT, NOT_FOUND, REDRAWN, REFUSED, Fault, Judged
from spatial.types import UNPLACED_GRID

SOURCE = "survey"
"""Source of rooms that a survey has found; their key there is the form's id."""


@dataclass(frozen=True)
class Answer:
    """What became of a form. ``room``, ``version``, ``theirs``: the room as it stands; None where it is not known."""

    id: str
    outcome: str
    reason: str | None = None
    room: int | None = None
    version: int | None = None
    theirs: dict[str, Any] | None = None
    faults: tuple[dict[str, Any], ...] = ()


UPDATE = """
UPDATE room SET use = coalesce(%(use)s, use), tenure = coalesce(%(tenure)s, tenure),
    area_m2 = CASE WHEN %(area_said)s THEN %(area_m2)s ELSE area_m2 END, surveyed_at = greatest(surveyed_at, %(day)s)
WHERE id = %(id)s RETURNING *
"""
INSERT = """
INSERT INTO room (unit_id, building_id, floor, number, use, tenure, area_m2, surveyed_at, area_code, grid_code, source,
                  source_key, content_hash)
VALUES (%(unit_id)s, %(building_id)s, %(floor)s, %(number)s, %(use)s, %(tenure)s, %(area_m2)s, %(day)s, %(area_code)s,
        %(grid_code)s, %(source)s, %(key)s, '')
RETURNING *
"""
# The conflicts that forms end: the one that each resolves, those that this one was the answer to, and so on, also where
# an answer became a conflict itself or was refused; and those of the same keeper about the room, if the form saw that
# as it is: who did has seen them all. Of the others only such as are about this room, or about one that is not on
# record; none that became one after the form. Parameters: what _ends says of each form, keeper.
SETTLE = """
WITH RECURSIVE ending AS (
    SELECT * FROM jsonb_to_recordset(%(ends)s) AS one (n int, form uuid, building bigint, room bigint, own boolean,
                                                       seen uuid[], later uuid[])
), chain (n, id) AS (
    SELECT n, unnest(seen) FROM ending
    UNION
    SELECT chain.n, before.id FROM chain JOIN survey_edit AS one ON one.id = chain.id,
        LATERAL (VALUES (one.resolves), (one.follows)) AS before (id) WHERE before.id IS NOT NULL
), meant AS (
    SELECT n, edit.id FROM chain JOIN ending USING (n) JOIN survey_edit AS edit ON edit.id = chain.id
    WHERE edit.building_id = building AND (edit.room_id IS NULL OR edit.room_id = room)
    UNION
    SELECT n, edit.id FROM ending JOIN survey_edit AS edit ON edit.room_id = room
    WHERE own AND edit.keeper = %(keeper)s
), over AS (
    SELECT DISTINCT ON (meant.id) meant.id, form FROM meant JOIN ending USING (n)
    WHERE meant.id <> ALL (later) ORDER BY meant.id, n
)
UPDATE survey_edit AS edit SET settled_by = over.form, settled_at = now(), settled_how = 'form',
    settled_who = %(keeper)s
FROM over WHERE edit.id = over.id AND outcome = 'conflict' AND settled_at IS NULL
"""
RECORD = """
INSERT INTO survey_edit (id, keeper, account, room_id, building_id, place, base, follows, resolves, said, theirs,
                         done_at, at, lon, lat, accuracy_m, outcome, reason, faults, version, area_code, grid_code)
VALUES (%(id)s, %(keeper)s, %(account)s, %(room_id)s, %(building_id)s, %(place)s, %(base)s, %(follows)s, %(resolves)s,
        %(said)s, %(theirs)s, %(done_at)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(outcome)s, %(reason)s,
        %(faults)s, %(version)s, %(area_code)s, %(grid_code)s)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
# Of a form that is written down already, once its room is. Parameters: room, version, id.
PLACE = "UPDATE survey_edit SET room_id = %s, version = %s WHERE id = %s"
AUDIT = """
INSERT INTO audit (action, outcome, account, roles, address, fields, words, area_code, grid_code)
VALUES ('survey', %(outcome)s, %(account)s, %(roles)s, %(address)s, '{}', %(id)s, %(area_code)s, %(grid_code)s)
"""
PLACE_OF = ("unit", "floor", "number")
NAMED = """
SELECT room.id, unit.number AS unit, floor, room.number FROM room JOIN unit ON unit.id = unit_id WHERE room.id = ANY(%s)
"""
HOME = "SELECT area_code, grid_code FROM keeper WHERE code = %s"

def values_of(room: Mapping[str, Any]) -> Row:
    """Return of a row of ``room`` what a form may say, and its storey."""
    return {name: room[name] for name in ("floor", *(one.name for one in rooms.SURVEYED))}


def take(connection: psycopg.Connection, who: Who, sent: Sequence[Sent], zone: ZoneInfo,
         ) -> tuple[dict[str, Answer], list[Sent]]:
    """Take in forms, each once, and write down what became of each, and that in the audit log.

    Args:
        connection: inside the caller's transaction, within the keeper's jurisdiction.
        who: who sends them. sent: the forms, in any order.
        zone: of the command centre, whose day ``surveyed_at`` is.

    Returns:
        What became of each, by id; and those whose rooms are in none of the keeper's grids any more, of which
        nothing is written yet: they go to :func:`take_moved`.
    """
    batch = Batch(connection, who, sent)
    by_id = {one.edit.id: one for one in reversed(sent)}
    answers: dict[str, Answer] = {}
    moved: list[Sent] = []
    touched: set[Place] = set()
    # Building by building: triggers hold the tally of each, and two batches must not wait for each other crosswise.
    for edit in sorted(survey.in_order([one.edit for one in sent]), key=lambda edit: edit.building):
        one = by_id[edit.id]
        if edit.id in batch.known:
            answers[edit.id] = _recorded(batch.known[edit.id])
        elif edit.id in batch.gone:
            answers[edit.id] = Answer(edit.id, CONFLICT, REDRAWN)
        elif edit.building not in batch.buildings and _moved_to(connection, who, edit):
            moved.append(one)
        else:
            answers[edit.id] = _take(batch, one, zone, touched)
    if batch.ends:
        connection.execute(SETTLE, {"ends": Jsonb(_ends(batch)), "keeper": who.keeper})
    # After all rooms: the end of the log's chain is held from its first row on.
    _audit(connection, who, batch.written)
    # Whoever counts rooms of a grid hears of it: the roll-up, within a second.
    outbox.append_all(connection, [(outbox.SURVEY, grid, area, grid, {"grid_code": grid})
                                   for area, grid in sorted(touched)])
    return answers, moved


def _recorded(row: Row) -> Answer:
    return Answer(row["id"], row["outcome"], row["reason"], row["room_id"], row["version"], row["theirs"],
                  tuple(row["faults"]))


def _take(batch: Batch, one: Sent, zone: ZoneInfo, touched: set[Place]) -> Answer:
    edit, row = one.edit, batch.room(one.edit)
    judged = _judge(batch, edit, row)
    if judged.outcome == survey.WAITING:
        return Answer(edit.id, survey.WAITING)
    building = batch.buildings.get(edit.building)
    place = (row or building or _home(batch))
    theirs = values_of(row) if row and judged.outcome == CONFLICT else None
    where = place["area_code"], place["grid_code"]
    # First the form, then its room: a room changes only by a form that is on record.
    if not _record(batch.connection, batch.who, one, judged, row, where, theirs, building is not None):
        return _taken(batch.connection, batch.who, edit)
    if judged.outcome == APPLIED:
        saw = row is not None and edit.base == row["version"]
        row = _write(batch, one, row, zone)
        batch.connection.execute(PLACE, (row["id"], row["version"], edit.id))
        judged = Judged(APPLIED, version=row["version"])
        touched.add((row["area_code"], row["grid_code"]))
        seen = [one for one in (edit.resolves, edit.follows) if one]
        batch.ends.append(Ending(len(batch.written), edit, row["id"], seen, own=bool(seen) or saw))
    batch.judged[edit.id] = judged
    batch.written.append((edit.id, judged.outcome, *where))
    return Answer(edit.id, judged.outcome, judged.reason, row and row["id"], judged.version, theirs,
                  tuple(asdict(fault) for fault in judged.faults))


def _ends(batch: Batch) -> list[dict[str, Any]]:
    """Return what each applied form ends, for SETTLE: in one statement for all, which a batch of fifty needs."""
    conflicts = [(at, one[0]) for at, one in enumerate(batch.written) if one[1] == CONFLICT]
    return [{"n": one.at, "form": one.edit.id, "building": one.edit.building, "room": one.room, "own": one.own,
             "seen": one.seen, "later": [key for at, key in conflicts if at > one.at]} for one in batch.ends]


def _taken(connection: psycopg.Connection, who: Who, edit: survey.Edit) -> Answer:
    """Return what to say of a form whose id is on record: it came twice at once, or it is somebody else's id."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(KNOWN, ([edit.id],)).fetchone()
    return _recorded(row) if row and row["keeper"] == who.keeper else Answer(edit.id, REFUSED, survey.ID_TAKEN)


def _judge(batch: Batch, edit: survey.Edit, row: Row | None) -> Judged:
    if edit.building not in batch.buildings:
        return Judged(REFUSED, NOT_FOUND)
    room = survey.Room(row["id"], row["version"], values_of(row)) if row else None
    judged = survey.judge(edit, room, batch.judged)
    if edit.room is None and not rooms.empty(edit.unit) and batch.unit(edit) is None:
        fault = Fault("unit", "no-parent", "no unit of this number is on record in the building")
        return Judged(REFUSED, survey.FAULTY, faults=(*judged.faults, fault))
    return judged


def _write(batch: Batch, one: Sent, row: Row | None, zone: ZoneInfo) -> Row:
    said = survey.said(one.edit)
    values: Row = {field.name: said.get(field.name) for field in rooms.SURVEYED}
    values["day"] = one.at.astimezone(zone).date()
    with batch.connection.cursor(row_factory=dict_row) as cursor:
        if row is not None:
            written = cursor.execute(UPDATE, {**values, "area_said": "area_m2" in said, "id": row["id"]}).fetchone()
            written["unit"] = row["unit"]
        else:
            unit = batch.unit(one.edit)
            values |= {field.name: rooms.cleaned(field, values[field.name]) for field in rooms.SURVEYED}
            written = cursor.execute(INSERT, {
                **values, "unit_id": unit["id"], "building_id": one.edit.building, "floor": int(one.edit.floor),
                "number": number_of(one.edit), "source": SOURCE, "key": one.edit.id,
                "area_code": unit["area_code"], "grid_code": unit["grid_code"]}).fetchone()
            written["unit"] = unit["number"]
    batch.hold(written)
    return written


def _home(batch: Batch) -> Row:
    """Return where a form lies whose room nobody found: in the keeper's grid."""
    found = batch.connection.execute(HOME, (batch.who.keeper,)).fetchone()
    if found is None:
        first = min(batch.who.scope.prefixes, default="")
        grid = first.ljust(15, "0") if first.isdigit() else UNPLACED_GRID
        found = grid[:12], grid
    return dict(zip(("area_code", "grid_code"), found, strict=True))


def _record(connection: psycopg.Connection, who: Who, one: Sent, judged: Judged, room: Row | None, place: Place,
            theirs: Row | None, known_building: bool = True) -> bool:
    """Write a form down. False, and nothing is written, where another has its id."""
    edit = one.edit
    # Should the room go from the record one day, this says which one it was.
    said = {"unit": edit.unit, "floor": edit.floor, "number": edit.number} if edit.room is None else room or {}
    asked = {"building": edit.building, "room": edit.room, **{name: said.get(name) for name in PLACE_OF}}
    values = {
        "id": edit.id, "keeper": who.keeper, "account": who.account, "room_id": room and room["id"],
        "building_id": edit.building if known_building else None, "place": Jsonb(asked), "base": edit.base,
        "follows": edit.follows, "resolves": edit.resolves, "said": Jsonb(dict(edit.values)),
        "theirs": theirs and Jsonb(theirs), "done_at": one.done_at, "at": one.at, "lon": one.lon, "lat": one.lat,
        "accuracy_m": one.accuracy_m, "outcome": judged.outcome, "reason": judged.reason,
        "faults": Jsonb([asdict(fault) for fault in judged.faults]), "version": judged.version,
        "area_code": place[0], "grid_code": place[1]}
    return connection.execute(RECORD, values).fetchone() is not None


def _audit(connection: psycopg.Connection, who: Who, written: Sequence[Written]) -> None:
    for key, outcome, area, grid in written:
        connection.execute(AUDIT, {"outcome": outcome, "account": who.account, "roles": list(who.roles),
                                   "address": who.address, "id": key, "area_code": area, "grid_code": grid})


def _moved_to(connection: psycopg.Connection, who: Who, edit: survey.Edit) -> MovedTo | None:
    return connection.execute(MOVED, (who.keeper, edit.room, edit.building)).fetchone()


def moved_places(connection: psycopg.Connection, who: Who, sent: Sequence[Sent]) -> dict[str, MovedTo]:
    """Return room, area and grid of forms whose building was on the keeper's list and lies elsewhere now, by id."""
    found = ((one.edit.id, _moved_to(connection, who, one.edit)) for one in sent)
    return {key: place for key, place in found if place}


def take_moved(connection: psycopg.Connection, who: Who, sent: Sequence[Sent],
               places: Mapping[str, MovedTo]) -> dict[str, Answer]:
    """Write forms down for whoever has their grid now; the rooms stay as they are.

    Args:
        connection: inside a transaction whose jurisdiction is those grids, and no more.
        who: who sends them. sent: the forms. places: what :func:`moved_places` says of them.
    """
    answers: dict[str, Answer] = {}
    written: list[Written] = []
    with connection.cursor(row_factory=dict_row) as cursor:
        # Should the room go from the record, the form says which one it was.
        named = {row["id"]: row for row in cursor.execute(NAMED, ([room for room, _, _ in places.values()],))}
    for one in sent:
        wrong = survey.faults(one.edit)
        judged = Judged(REFUSED, survey.FAULTY, faults=wrong) if wrong else Judged(CONFLICT, REDRAWN)
        room, area, grid = places[one.edit.id]
        if not _record(connection, who, one, judged, named.get(room), (area, grid), None):
            answers[one.edit.id] = _taken(connection, who, one.edit)
            continue
        written.append((one.edit.id, judged.outcome, area, grid))
        answers[one.edit.id] = Answer(one.edit.id, judged.outcome, judged.reason,
                                      faults=tuple(asdict(fault) for fault in judged.faults))
    _audit(connection, who, written)
    return answers
