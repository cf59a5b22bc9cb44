"""The forms of one request (采集批次): what they are about, locked and read by a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.rules import survey
from spatial.rules.survey import CONFLICT, REDRAWN, Judged
from spatial.types import Scope


@dataclass(frozen=True)
class Who:
    """Who sends forms. ``keeper``: code, or the account's name where it is none. ``address``: of the device."""

    keeper: str
    account: str
    roles: tuple[str, ...]
    address: str | None
    scope: Scope


@dataclass(frozen=True)
class Sent:
    """A form, with what its device says of it.

    Attributes:
        edit: the form.
        done_at: by the device's clock. at: the same as the server believes it.
        lon, lat, accuracy_m: where the device was: degrees, EPSG:4490; metres; None where it does not know.
    """

    edit: survey.Edit
    done_at: datetime
    at: datetime
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


# Rows: units of new rooms, locked first, then rooms, each in the order of their ids. Parameters: buildings, numbers.
UNITS = """
SELECT unit.id, unit.building_id, unit.number, unit.area_code, unit.grid_code
FROM unit JOIN (SELECT DISTINCT * FROM unnest(%s::int8[], %s::text[]) AS asked (building, number)) AS asked
  ON unit.building_id = asked.building AND unit.number = asked.number
ORDER BY unit.id FOR NO KEY UPDATE OF unit
"""

# Parameters: ids of rooms; units and numbers of new ones.
ROOMS = """
SELECT room.id, building_id, unit_id, floor, number, use, tenure, area_m2, surveyed_at, version, area_code, grid_code,
       (SELECT number FROM unit WHERE unit.id = room.unit_id) AS unit
FROM room
WHERE id = ANY(%s) OR (unit_id, number) IN (SELECT * FROM unnest(%s::int8[], %s::text[]))
ORDER BY id FOR NO KEY UPDATE
"""

BUILDINGS = "SELECT id, area_code, grid_code FROM building WHERE id = ANY(%s)"

# Rows: forms on record. Parameters: ids.
KNOWN = """
SELECT survey_edit.id::text, keeper, outcome, reason, room_id, survey_edit.version, theirs, faults
FROM survey_edit WHERE id = ANY(%s::uuid[])
"""
OWN = "SELECT id::text, grid_code FROM shapan_survey_own(%s, %s::uuid[])"
MOVED = "SELECT room_id, area_code, grid_code FROM shapan_survey_moved(%s, %s, %s)"

Place = tuple[str, str]
Row = dict[str, Any]

Written = tuple[str, str, str, str]
"""A form that was written down: id, outcome, area and grid."""

MovedTo = tuple[int | None, str, str]
"""Room, area and grid where a form's building lies now."""


@dataclass(frozen=True)
class Ending:
    """An applied form that may end conflicts.

    Attributes:
        at: how many forms were written before it. edit: the form. room: internal key.
        seen: the forms that it answers. own: whether it ends its keeper's other conflicts about the room.
    """

    at: int
    edit: survey.Edit
    room: int
    seen: list[str]
    own: bool


class Batch:
    """What the forms of one request are about, locked and read by a constant number of statements."""

    def __init__(self, connection: psycopg.Connection, who: Who, sent: Sequence[Sent]) -> None:
        self.connection, self.who = connection, who
        self.written: list[Written] = []
        self.ends: list[Ending] = []
        edits = [one.edit for one in sent]
        with connection.cursor(row_factory=dict_row) as cursor:
            new = [edit for edit in edits if edit.room is None and isinstance(edit.unit, str)]
            found = cursor.execute(UNITS, ([edit.building for edit in new],
                                           [edit.unit.strip() for edit in new])).fetchall()
            self.units = {(row["building_id"], row["number"]): row for row in found}
            slots = [(unit["id"], number) for edit in new if (unit := self.unit(edit)) and (number := number_of(edit))]
            self.rooms: dict[int, Row] = {}
            self.by_number: dict[tuple[int, str], int] = {}
            for row in cursor.execute(ROOMS, ([edit.room for edit in edits if edit.room is not None],
                                              [unit for unit, _ in slots], [number for _, number in slots])):
                self.hold(row)
            self.buildings = {row["id"]: row for row in cursor.execute(
                BUILDINGS, ([edit.building for edit in edits],))}
            ids = [one for edit in edits for one in (edit.id, edit.follows) if one]
            self.known = {row["id"]: row for row in cursor.execute(KNOWN, (ids,)) if row["keeper"] == who.keeper}
        elsewhere = [one for one in ids if one not in self.known]
        # On record in a grid that is not the keeper's any more.
        self.gone = {row[0] for row in connection.execute(OWN, (who.keeper, elsewhere))} if elsewhere else set()
        self.judged = {one: Judged(row["outcome"], row["reason"], row["version"]) for one, row in self.known.items()}
        self.judged |= {one: Judged(CONFLICT, REDRAWN) for one in self.gone}

    def hold(self, row: Row) -> None:
        """Keep a room as it stands now."""
        self.rooms[row["id"]] = row
        self.by_number[row["unit_id"], row["number"]] = row["id"]

    def unit(self, edit: survey.Edit) -> Row | None:
        """Return the unit that the form of a new room names."""
        return self.units.get((edit.building, edit.unit.strip())) if isinstance(edit.unit, str) else None

    def room(self, edit: survey.Edit) -> Row | None:
        """Return the room of a form, where it is one of the form's building."""
        key = edit.room
        if key is None and (unit := self.unit(edit)):
            key = self.by_number.get((unit["id"], number_of(edit)))
        row = self.rooms.get(key)
        return row if row and row["building_id"] == edit.building else None


def number_of(edit: survey.Edit) -> str | None:
    """Return the number that the form of a new room gives it; None where that is no text."""
    return edit.number.strip() if isinstance(edit.number, str) else None
