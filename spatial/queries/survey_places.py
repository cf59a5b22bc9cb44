"""Where rooms are still to visit (待采集户室), grid by grid or community by community: how many, and how far it is.

Sums of the tallies of buildings (``building_tally``), which triggers keep, so that a city is not read room by room; and
of the surveys (tasks) that are open or were done of late. The rooms themselves: ``spatial/queries/survey.py``.
"""

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from spatial.queries.building_metrics import EXPECTED_ROOMS

LEVELS = {"community": 12, "grid": 15}
"""社区, 网格: digits of their codes."""


@dataclass(frozen=True)
class Place:
    """A grid or community with its rooms.

    Attributes:
        code, name, name_en: the place; of what lies in no grid or community, ``name`` is None.
        area_name, area_name_en: of a grid, its community.
        keeper, keepers: name of the first keeper by code, and how many there are.
        buildings: with rooms on record or declared. rooms: on record.
        incomplete: of these, without a required field; None where it is not known.
        missing: at least so many are declared and not on record.
        assigned, overdue: open surveys, and those past their day. done: surveys done in the last thirty days.
    """

    code: str
    name: str | None
    name_en: str | None
    area_name: str | None
    area_name_en: str | None
    keeper: str | None
    keepers: int
    buildings: int
    rooms: int
    incomplete: int | None
    missing: int
    assigned: int
    overdue: int
    done: int


# Rows: places of a level with buildings or surveys, by code. Parameters: digits of a code, first digits of a grid code.
_PLACES = f"""
WITH rooms AS (
    SELECT left(building.grid_code, %(digits)s) AS code, count(*)::int AS buildings, sum(tally.rooms)::int AS rooms,
           CASE WHEN bool_and(tally.rooms_entered IS NOT NULL) THEN sum(tally.rooms - tally.rooms_entered)::int
           END AS incomplete,
           sum(greatest({EXPECTED_ROOMS} - tally.rooms, 0))::int AS missing
    FROM building JOIN building_tally AS tally ON tally.building_id = building.id
    WHERE building.grid_code >= %(within)s AND building.grid_code < %(within)s || ':'
      AND (tally.rooms > 0 OR {EXPECTED_ROOMS} > 0)
    GROUP BY 1
), open AS (
    SELECT left(grid_code, %(digits)s) AS code, count(*)::int AS assigned,
           count(*) FILTER (WHERE due_at < now())::int AS overdue
    FROM task WHERE state = 'due' AND kind = 'survey' AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
    GROUP BY 1
), over AS (
    SELECT left(grid_code, %(digits)s) AS code, count(*)::int AS done FROM task
    WHERE state = 'done' AND kind = 'survey' AND done_at > now() - interval '30 days'
      AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
    GROUP BY 1
), kept AS (
    SELECT left(grid_code, %(digits)s) AS code, (array_agg(name ORDER BY code))[1] AS keeper, count(*)::int AS keepers
    FROM keeper WHERE grid_code >= %(within)s AND grid_code < %(within)s || ':' GROUP BY 1
), found AS (
    SELECT code FROM rooms UNION SELECT code FROM open
)
SELECT found.code, coalesce(grid.name, own.name) AS name, own.name_en, area.name AS area_name,
       area.name_en AS area_name_en, kept.keeper, coalesce(kept.keepers, 0) AS keepers,
       coalesce(rooms.buildings, 0) AS buildings, coalesce(rooms.rooms, 0) AS rooms,
       CASE WHEN rooms.code IS NULL THEN 0 ELSE rooms.incomplete END AS incomplete, coalesce(missing, 0) AS missing,
       coalesce(assigned, 0) AS assigned, coalesce(overdue, 0) AS overdue, coalesce(done, 0) AS done
FROM found LEFT JOIN rooms USING (code) LEFT JOIN open USING (code) LEFT JOIN over USING (code)
LEFT JOIN kept USING (code)
LEFT JOIN grid ON grid.code = found.code AND grid.valid_to IS NULL
LEFT JOIN area AS own ON own.code = found.code
LEFT JOIN area ON area.code = left(found.code, 12) AND %(digits)s = 15
ORDER BY found.code
"""


def places(connection: psycopg.Connection, level: str, within: str = "") -> list[Place]:
    """Return the grids or communities that hold rooms or open surveys, by code.

    Args:
        connection: inside a transaction; its jurisdiction decides what is counted.
        level: a key of ``LEVELS``. within: first digits of a grid code; empty for all.
    """
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        return cursor.execute(_PLACES, {"digits": LEVELS[level], "within": within}).fetchall()
