"""The rooms of one building with the state of each, and what its picture needs: outline, units, storeys."""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from spatial.queries import entry_rate
from spatial.queries.buildings import DRAWN_HEIGHT, not_found
from spatial.rules.occupancy import state

ROOMS_MOST = 2_500
"""Rooms of one building that are told: their layer of the scene is below 200 kB, and few buildings have more."""


@dataclass(frozen=True)
class Building:
    """A building: outline (WKB, EPSG:4490), metres that are drawn above its base, the base above the datum, storeys."""

    id: int
    code: str
    outline: bytes
    drawn_height_m: float
    base_m: float | None
    floors_above: int | None
    floors_below: int | None


@dataclass(frozen=True)
class Unit:
    """A unit. ``lon``, ``lat``: its entrance, degrees, EPSG:4490; None where not known."""

    id: int
    number: str
    floors: int | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Room:
    """A room. ``floor``: storey, negative below ground; ``area_m2``: square metres; ``state``: of
    :data:`spatial.rules.occupancy.STATES`."""

    id: int
    unit: int
    floor: int
    number: str
    use: str
    tenure: str
    area_m2: float | None
    surveyed_at: date | None
    state: str


@dataclass(frozen=True)
class Contents:
    """What is in a building. ``left_out``: rooms beyond :data:`ROOMS_MOST`, of the highest units and storeys."""

    building: Building
    units: list[Unit]
    rooms: list[Room]
    left_out: int


# One row. Parameters: id.
BUILDING = f"""
SELECT id, code, ST_AsBinary(footprint) AS outline, {DRAWN_HEIGHT} AS drawn_height_m, base_m, floors_above, floors_below
FROM building WHERE id = %s
"""

# Rows: by number. Parameters: building id.
UNITS = """
SELECT id, number, floors, ST_X(entrance) AS lon, ST_Y(entrance) AS lat
FROM unit WHERE building_id = %s ORDER BY number COLLATE "C", id
"""

# Rows: rooms with the count of their residents, whether all that a survey asks for is there ({complete}), whether
# somebody needs care, and how many rooms there are in all. Parameters: building, limit.
ROOMS = """
SELECT one.id, unit_id, floor, number, use, tenure, area_m2, surveyed_at,
       coalesce(people.residents, 0), {complete}, coalesce(people.care, false), count(*) OVER ()
FROM room AS one
LEFT JOIN (
    SELECT household.room_id, count(*) AS residents, bool_or(resident.care <> '{{}}') AS care
    FROM household JOIN resident ON resident.household_id = household.id
    WHERE household.building_id = %(building)s GROUP BY household.room_id
) AS people ON people.room_id = one.id
WHERE one.building_id = %(building)s
ORDER BY unit_id, floor, number COLLATE "C", one.id LIMIT %(most)s
"""


def contents(connection: psycopg.Connection, building_id: int, care: bool) -> Contents:
    """Return what is in a building.

    Args:
        connection: within the account's jurisdiction.
        building_id: the building.
        care: whether the account may know who needs care; without it such a room is what it is besides.

    Raises:
        NotFound: no such building, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Building)) as cursor:
        building = cursor.execute(BUILDING, (building_id,)).fetchone()
    if building is None:
        raise not_found(building_id)
    with connection.cursor(row_factory=class_row(Unit)) as cursor:
        units = cursor.execute(UNITS, (building_id,)).fetchall()
    complete = entry_rate.complete(entry_rate.required(connection, "housing"))
    statement = sql.SQL(ROOMS).format(complete=complete)
    rows = connection.execute(statement, {"building": building_id, "most": ROOMS_MOST}).fetchall()
    rooms = [Room(*row[:8], state(row[4], row[5], surveyed=row[9], residents=row[8], care=care and row[10]))
             for row in rows]
    return Contents(building, units, rooms, rows[0][-1] - len(rows) if rows else 0)
