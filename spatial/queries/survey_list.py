"""A keeper's list of rooms to survey (采集清单), and the forms that were sent: what the survey page shows."""

from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from spatial.queries import entry_rate, survey
from spatial.rules import rooms as rules
from spatial.rules import survey as survey_rules
from spatial.types import UNPLACED_GRID, Scope

Json = dict[str, Any]

BUILDINGS_MOST = 50
"""Buildings looked at for a page."""

ROOMS_MOST = 4000
"""Rooms of a page; beyond that the page says that it is cut."""

# Rows: buildings within the jurisdiction, by code, with their units. {within}: of some grids, which have an index; row
# security has none. Parameters: code after, limit, grids.
_BUILDINGS = """
SELECT building.id, code, coalesce(name, address, code) AS name, grid_code, ST_X(spot) AS lon, ST_Y(spot) AS lat,
       ARRAY(SELECT number FROM unit WHERE unit.building_id = building.id ORDER BY length(number), number) AS units
FROM building, ST_PointOnSurface(footprint) AS spot
WHERE code > %(after)s {within} ORDER BY code LIMIT %(most)s
"""
_OF_GRIDS = "AND grid_code = ANY(%(grids)s)"

# Rows: rooms that lack a required field, have an open survey, or were surveyed today by this keeper; by unit, storey,
# number. {lacks}: names of required fields that are not filled. Parameters: buildings, keeper, since when, limit.
_ROOMS = """
SELECT one.id, one.building_id, unit.number AS unit, one.floor, one.number, one.use, one.tenure, one.area_m2,
       one.surveyed_at, one.version, array_remove(ARRAY[{lacks}]::text[], NULL) AS missing, task.due_at,
       done.at IS NOT NULL AS done
FROM room AS one
JOIN unit ON unit.id = one.unit_id
LEFT JOIN task ON task.target_kind = 'room' AND task.target_id = one.id AND task.kind = 'survey' AND task.state = 'due'
LEFT JOIN LATERAL (
    SELECT at FROM survey_edit
    WHERE room_id = one.id AND keeper = %(keeper)s AND outcome = 'applied' AND at >= %(since)s LIMIT 1
) AS done ON true
WHERE one.building_id = ANY(%(buildings)s) AND (NOT ({complete}) OR task.id IS NOT NULL OR done.at IS NOT NULL)
ORDER BY one.building_id, length(unit.number), unit.number, one.floor, length(one.number), one.number LIMIT %(most)s
"""

# Buildings that a keeper was shown; written again once an hour at most. Parameters: keeper, ids.
GIVE = """
INSERT INTO survey_given AS given (keeper, building_id, area_code, grid_code)
SELECT %s, id, area_code, grid_code FROM building WHERE id = ANY(%s) ORDER BY id
ON CONFLICT (keeper, building_id) DO UPDATE SET given_at = now() WHERE given.given_at < now() - interval '1 hour'
"""


def page(connection: psycopg.Connection, keeper: str, scope: Scope, since: datetime, after: str = "",
         most: int = BUILDINGS_MOST) -> Json:
    """Return what there is to survey, building by building, and remember that this keeper was shown it.

    Args:
        connection: inside a transaction that may write, within the keeper's jurisdiction.
        keeper: code of the keeper; the account's name where it is none.
        scope: the jurisdiction.
        since: the beginning of today.
        after: code of the building after which the page begins.
        most: buildings looked at.

    Returns:
        ``buildings`` in which there is something to do or was done today, each with ``rooms`` and ``gaps`` (storeys, or
        the whole, with fewer rooms than were declared); ``next``: code to go on after, None on the last page;
        ``cut``: rooms were left out.
    """
    fields = entry_rate.required(connection, survey.KIND)
    lacks = [sql.SQL("CASE WHEN NOT ({}) THEN {} END").format(entry_rate.filled(field), sql.Literal(field))
             for field in fields]
    with connection.cursor(row_factory=dict_row) as cursor:
        of_grids = all(len(prefix) == len(UNPLACED_GRID) for prefix in scope.prefixes)
        statement = _BUILDINGS.format(within=_OF_GRIDS if of_grids else "")
        buildings = cursor.execute(
            statement, {"after": after, "most": most, "grids": list(scope.prefixes)}).fetchall()
        ids = [one["id"] for one in buildings]
        found = cursor.execute(
            sql.SQL(_ROOMS).format(lacks=sql.SQL(", ").join(lacks), complete=entry_rate.complete(fields)),
            {"buildings": ids, "keeper": keeper, "since": since, "most": ROOMS_MOST + 1}).fetchall()
        gaps = cursor.execute(survey.GAPS, (ids,)).fetchall()
    rooms: dict[int, list[Json]] = {}
    for room in found[:ROOMS_MOST]:
        rooms.setdefault(room.pop("building_id"), []).append(_shown(room))
    missing: dict[int, list[Json]] = {}
    for gap in gaps:
        missing.setdefault(gap["building_id"], []).append(
            {name: gap[name] for name in ("floor", "expected", "recorded")})
    shown = [{**one, "rooms": rooms.get(one["id"], []), "gaps": missing.get(one["id"], [])} for one in buildings
             if one["id"] in rooms or one["id"] in missing]
    connection.execute(GIVE, (keeper, [one["id"] for one in shown]))
    return {"buildings": shown, "next": buildings[-1]["code"] if len(buildings) == most else None,
            "cut": len(found) > ROOMS_MOST}


def _shown(room: Json) -> Json:
    values = {one.name: room.pop(one.name) for one in rules.SURVEYED}
    return {**room, "values": values, "surveyed_at": room["surveyed_at"] and room["surveyed_at"].isoformat(),
            "due_at": room["due_at"] and room["due_at"].isoformat()}


def form(connection: psycopg.Connection) -> list[Json]:
    """Return the fields of the form, required ones first, with their limits and words in both languages."""
    required = set(entry_rate.required(connection, survey.KIND))
    fields = [{"name": one.name, "label": {"zh-CN": one.label, "en": one.label_en}, "kind": one.kind, "unit": one.unit,
               "required": one.name in required, "low": one.low, "high": one.high, "above": one.above,
               "choices": [{"value": word, "zh-CN": zh, "en": en} for word, (zh, en) in one.allowed.items()]
               if one.allowed else None} for one in (*rules.SURVEYED, *rules.PLACE)]
    return sorted(fields, key=lambda one: not one["required"])


# Rows: forms with the room as it stands now, the newest first. {which}: whose, or which. Of a conflict about a room
# that is not on record, or not any more, the room is the one of that number, should somebody have entered it since.
# Parameters: keeper, first digits of a grid code, id of one, end of the page before, limit.
_EDITS = """
SELECT edit.id::text, edit.keeper, room.id AS room, edit.building_id AS building, place, edit.base, said, theirs,
       edit.outcome, reason, faults, edit.version, done_at, edit.at, received_at,
       settled_by::text, settled_at, settled_how, settled_who, remark,
       building.code AS building_code, coalesce(building.name, building.address, building.code) AS building_name,
       edit.grid_code, coalesce(unit.number, place ->> 'unit') AS unit, coalesce(room.floor, CASE WHEN jsonb_typeof(
           place -> 'floor') = 'number' THEN CASE WHEN (place ->> 'floor')::numeric BETWEEN -1000 AND 1000
           THEN (place ->> 'floor')::numeric::int END END) AS floor,
       coalesce(room.number, place ->> 'number') AS number,
       CASE WHEN room.id IS NOT NULL THEN jsonb_build_object('version', room.version, 'floor', room.floor,
           'use', room.use, 'tenure', room.tenure, 'area_m2', room.area_m2, 'surveyed_at', room.surveyed_at) END AS now,
       ARRAY(SELECT photo.id::text FROM survey_photo AS photo WHERE edit_id = edit.id ORDER BY received_at) AS photos
       {more}
FROM survey_edit AS edit
LEFT JOIN building ON building.id = edit.building_id
LEFT JOIN LATERAL (
    SELECT * FROM room WHERE room.id = coalesce(edit.room_id, (
        SELECT one.id FROM unit AS within JOIN room AS one ON one.unit_id = within.id
        WHERE edit.outcome = 'conflict' AND within.building_id = edit.building_id
          AND within.number = place ->> 'unit' AND one.number = place ->> 'number' ORDER BY one.id LIMIT 1))
    LIMIT 1
) AS room ON true
LEFT JOIN unit ON unit.id = room.unit_id
WHERE {which}
"""
_PAGE = """
  AND (edit.received_at, edit.id) < (%(at)s, %(id)s) ORDER BY edit.received_at DESC, edit.id DESC LIMIT %(most)s
"""
OPEN = "edit.outcome = 'conflict' AND edit.settled_at IS NULL"
MINE = "edit.keeper = %(keeper)s"

End = tuple[datetime, str]


def edits(connection: psycopg.Connection, end: End, most: int, keeper: str | None = None, unsettled: bool = False,
          ) -> list[Json]:
    """Return forms within the jurisdiction, the newest first.

    Args:
        connection: inside a transaction.
        end: when the last form of the page before was received, and its id. most: forms at most.
        keeper: of one keeper; None for all.
        unsettled: only conflicts that nobody has settled.
    """
    which = " AND ".join([*([MINE] if keeper is not None else []), *([OPEN] if unsettled else [])]) or "true"
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EDITS.format(which=which, more="") + _PAGE, {
            "keeper": keeper, "at": end[0], "id": end[1], "most": most}).fetchall()


def told(form: Json) -> Json:
    """Return a form as JSON tells it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in form.items()}


# --- conflicts, for operators --------------------------------------------------------------------------------------

# Names of keepers, for whoever may know them.
_NAMED = ", (SELECT name FROM keeper WHERE keeper.code = edit.keeper ORDER BY id LIMIT 1) AS keeper_name"
_WITHIN = "edit.grid_code >= %(within)s AND edit.grid_code < %(within)s || ':'"
_SETTLED = """edit.outcome = 'conflict' AND edit.settled_at > now() - make_interval(days => %(days)s) AND
"""
_NEWEST = " ORDER BY edit.settled_at DESC, edit.id DESC LIMIT %(most)s"


def conflicts(connection: psycopg.Connection, within: str, end: End, most: int) -> list[Json]:
    """Return conflicts that nobody has settled, the newest first. ``within``: first digits of a grid code."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EDITS.format(which=f"{OPEN} AND {_WITHIN}", more=_NAMED) + _PAGE, {
            "within": within, "at": end[0], "id": end[1], "most": most}).fetchall()


def settled(connection: psycopg.Connection, within: str, most: int) -> list[Json]:
    """Return conflicts that somebody settled in the last ``rules.SHOWN_DAYS`` days, those settled last first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EDITS.format(which=_SETTLED + _WITHIN, more=_NAMED) + _NEWEST, {
            "within": within, "days": survey_rules.SHOWN_DAYS, "most": most}).fetchall()


def conflict(connection: psycopg.Connection, key: str) -> Json | None:
    """Return one conflict, settled or not; None where there is none within the jurisdiction."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_EDITS.format(which="edit.outcome = 'conflict' AND edit.id = %(key)s", more=_NAMED),
                              {"key": key}).fetchone()


_COUNT = f"SELECT count(*) FROM survey_edit AS edit WHERE {OPEN} AND {_WITHIN}"


def count(connection: psycopg.Connection, within: str) -> int:
    """Return how many conflicts nobody has settled. ``within``: first digits of a grid code."""
    return connection.execute(_COUNT, {"within": within}).fetchone()[0]
