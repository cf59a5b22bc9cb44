"""The roll-up (态势汇总): counts of each grid, counted anew where something changed; wider places are their sums.

Counts and not differences: whatever a change said, or said twice, the count after it is right. Nobody but the jobs
writes here, so that nobody waits. Wider places stand nowhere: they are summed within the reader's jurisdiction, so that
nobody learns of what lies outside it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from spatial.queries import entry_rate
from spatial.queries.measures import ENTERED, KEPT, LIVE, Family
from spatial.rules import rollup as rules
from spatial.rules.alarms import SEVERITIES
from spatial.types import UNPLACED_GRID

LEVELS = {"county": 6, "street": 9, "community": 12, "grid": 15}
"""区县, 街道, 社区, 网格: digits of their codes."""

# Rows: grids whose counts are others now, after they were written. {among}: the grids in hand, or true. Only what
# differs is written: a conflict that changes nothing would still lock its row. Parameters: grids, unless all.
_RECOUNT = """
WITH fresh AS MATERIALIZED (
    SELECT one.grid_code, {values} FROM {source} AS one WHERE {where} AND {among} GROUP BY one.grid_code
), target AS MATERIALIZED (
    {target}
)
INSERT INTO rollup (grid_code, area_code, {columns})
SELECT target.grid_code, left(target.grid_code, 12), {found}
FROM target LEFT JOIN fresh USING (grid_code) LEFT JOIN rollup AS was USING (grid_code)
WHERE was.grid_code IS NULL OR ({kept}) IS DISTINCT FROM ({found})
ORDER BY target.grid_code
ON CONFLICT (grid_code) DO UPDATE SET {assignments}
RETURNING grid_code
"""
_SOME = "SELECT DISTINCT grid_code FROM unnest(%(grids)s::text[]) AS given (grid_code)"

# Every grid in force and every community has a row, also where nothing is.
_ALL = """
    SELECT grid_code FROM rollup UNION SELECT grid_code FROM fresh UNION SELECT %(unplaced)s
    UNION SELECT grid_code FROM grid WHERE valid_to IS NULL
    UNION SELECT code || '000' FROM area WHERE level = 'community'
"""

MANY = 200
"""Grids beyond which the planner may not walk through all of them for each: it takes row security for a filter that
leaves one row."""

_LOOPS = "SET LOCAL enable_nestloop = {}"


@contextmanager
def _without_loops(connection: psycopg.Connection, many: bool) -> Iterator[None]:
    if many:
        connection.execute(_LOOPS.format("off"))
    yield
    if many:
        connection.execute(_LOOPS.format("on"))


def recount(connection: psycopg.Connection, family: Family, grids: Collection[str] | None) -> set[str]:
    """Count the measures of a family anew.

    Args:
        connection: the worker's, inside a transaction, jurisdiction everything.
        family: kept in the roll-up.
        grids: codes of grids; None for all.

    Returns:
        The grids of which a count is another one now.
    """
    if grids is not None and not grids:
        return set()
    names = [sql.Identifier(measure.name) for measure in family.measures]
    found = sql.SQL(", ").join(sql.SQL("coalesce(fresh.{}, 0)").format(name) for name in names)
    where = sql.SQL(family.where)
    if family.required:
        where = entry_rate.complete(entry_rate.required(connection, family.required))
    statement = sql.SQL(_RECOUNT).format(
        values=sql.SQL(", ").join(sql.SQL("{}::int AS {}").format(sql.SQL(measure.value), name)
                                  for measure, name in zip(family.measures, names, strict=True)),
        source=sql.Identifier(family.source), where=where,
        among=sql.SQL("true" if grids is None else "one.grid_code = ANY(%(grids)s)"),
        target=sql.SQL(_ALL if grids is None else _SOME), columns=sql.SQL(", ").join(names), found=found,
        kept=sql.SQL(", ").join(sql.SQL("was.{}").format(name) for name in names),
        assignments=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names))
    with _without_loops(connection, grids is None or len(grids) > MANY):
        rows = connection.execute(statement, {"grids": sorted(grids or ()), "unplaced": UNPLACED_GRID})
        return {grid for grid, in rows}


# Rows of grids that are gone and of which nothing is left. {nothing}: every count is 0.
_FORGET = """
DELETE FROM rollup WHERE {nothing} AND grid_code <> %(unplaced)s
  AND NOT EXISTS (SELECT FROM grid WHERE grid.code = rollup.grid_code AND valid_to IS NULL)
  AND NOT EXISTS (SELECT FROM area WHERE area.code || '000' = rollup.grid_code AND level = 'community')
"""


def forget(connection: psycopg.Connection) -> None:
    """Delete the rows of grids that are no longer in force once nothing is left in them; inside a transaction."""
    nothing = sql.SQL("({}) = ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, KEPT)), sql.SQL(", ").join([sql.SQL("0")] * len(KEPT)))
    with _without_loops(connection, True):
        connection.execute(sql.SQL(_FORGET).format(nothing=nothing), {"unplaced": UNPLACED_GRID})


_STATE = "SELECT seq, counted_at FROM rollup_state"
_SET_STATE = """
INSERT INTO rollup_state (seq) VALUES (%s) ON CONFLICT (singleton) DO UPDATE SET seq = excluded.seq, counted_at = now()
"""


def state(connection: psycopg.Connection) -> tuple[int, datetime] | None:
    """Return the number of the last change that is in the counts, and when they were counted; None before the first."""
    return connection.execute(_STATE).fetchone()


def set_state(connection: psycopg.Connection, seq: int) -> None:
    """Write down that the counts hold every change up to a number."""
    connection.execute(_SET_STATE, [seq])


_TOLD = f"SELECT grid_code, {', '.join((*LIVE, *ENTERED))} FROM rollup"
_OF_GRIDS = f"{_TOLD} WHERE grid_code = ANY(%(grids)s) ORDER BY grid_code"
_ANYTHING = f"{_TOLD} WHERE {' + '.join(LIVE)} > 0 ORDER BY grid_code"


def grids(connection: psycopg.Connection, codes: Collection[str]) -> list[dict[str, Any]]:
    """Return the live counts of some grids as the feed tells them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_told(row) for row in cursor.execute(_OF_GRIDS, {"grids": sorted(codes)})]


def snapshot(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the live counts of every grid within the jurisdiction in which something is open, for a stream's snapshot.

    Returns:
        One object for each, in the form of the feed's ``kpi``; all counts of a grid that is not among them are 0.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_told(row) for row in cursor.execute(_ANYTHING)]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: row[name] for name in LIVE if row[name]}
    entered = {name.removeprefix("entered_"): row[name] for name in ENTERED}
    return {"code": row["grid_code"], **severities(counts), "counts": counts, "entered": entered}


def severities(counts: Mapping[str, int]) -> dict[str, str | None]:
    """Return the worst severity of counts, of all open alarms and of those that nobody has seen."""
    return {"worst": rules.worst(counts), "worst_unacknowledged": rules.worst(counts, "unacknowledged")}


@dataclass(frozen=True)
class Place:
    """One place of the roll-up.

    Attributes:
        code: of the area (12 digits), grid (15 digits) or building; ``name``, ``name_en``: None where there is none,
            or where the place itself lies beyond the jurisdiction.
        grid_code: of a building. id: of a building.
        worst, worst_unacknowledged: severities.
        counts: measure to count.
    """

    code: str
    name: str | None
    name_en: str | None
    worst: str | None
    worst_unacknowledged: str | None
    counts: dict[str, int]
    id: int | None = None
    grid_code: str | None = None

    @property
    def end(self) -> "End":
        """The end of a page whose last place it is."""
        return *rules.rank(self.counts), self.code


End = tuple[int, int, int, str]
"""Where a page ends: rank (``spatial.rules.rollup.rank``) and code of its last place.

The rank of then, and not that of the place as it is now: its alarms may be closed before the next page is asked for.
"""


def _rank(kind: str) -> str:
    cases = " ".join(f"WHEN {kind}_{severity} > 0 THEN {place}" for place, severity in enumerate(SEVERITIES))
    return f"CASE {cases} ELSE {len(SEVERITIES)} END"


# Rows: the places of one level, the worst first, and how many there are. {counted}: their code and counts.
# Parameters: rank and code after which, most.
_RANKED = """
WITH counted AS MATERIALIZED ({counted}),
ranked AS MATERIALIZED (
    SELECT *, {worst} AS worst_rank, {unseen} AS unseen_rank, -({alarms}) AS fewer FROM counted
)
SELECT ranked.*, (SELECT count(*) FROM ranked) AS total FROM ranked
WHERE (worst_rank, unseen_rank, fewer, code) > (%(worst)s, %(unseen)s, %(fewer)s, %(code)s)
ORDER BY worst_rank, unseen_rank, fewer, code LIMIT %(most)s
"""
_RANKS = {"worst": _rank("alarms"), "unseen": _rank("unacknowledged"),
          "alarms": " + ".join(f"alarms_{severity}" for severity in SEVERITIES)}

# Parameters: digits of a code, first digits.
_PLACES = _RANKED.format(counted=f"""
    SELECT rpad(left(grid_code, %(digits)s), greatest(12, %(digits)s), '0') AS code,
           {", ".join(f"sum({name})::int AS {name}" for name in LIVE)}
    FROM rollup WHERE grid_code >= %(within)s AND grid_code < %(within)s || ':' GROUP BY 1
""", **_RANKS)

# All of the level: to look each code of a page up takes longer.
_NAMES = {
    "area": "SELECT code, name, name_en FROM area WHERE level = %(level)s",
    "grid": "SELECT code, name, NULL FROM grid WHERE valid_to IS NULL AND starts_with(code, %(within)s)",
}


_BEGINNING: End = -1, -1, 0, ""


def _page(after: End | None, most: int) -> dict[str, int | str]:
    return {**dict(zip(("worst", "unseen", "fewer", "code"), after or _BEGINNING, strict=True)), "most": most}


def places(connection: psycopg.Connection, level: str, within: str = "", after: End | None = None, most: int = 1000,
           ) -> tuple[list[Place], int]:
    """Return the places of one level, those with the worst open alarm first, then those where more are open.

    Args:
        connection: inside a transaction; what is counted is what its jurisdiction holds.
        level: a key of ``LEVELS``.
        within: first digits of a grid code; empty for all.
        after: end of the page before.
        most: places at most.

    Returns:
        The places, and how many there are on all pages.
    """
    parameters = {"digits": LEVELS[level], "within": within, **_page(after, most)}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_PLACES, parameters).fetchall()
    found = connection.execute(_NAMES["grid" if level == "grid" else "area"], {"level": level, "within": within})
    names = {code: words for code, *words in found}
    return [_place(row, LIVE, *names.get(row["code"], (None, None))) for row in rows], rows[0]["total"] if rows else 0


# Only buildings with open alarms that are not put aside. Parameters: first digits.
_ALARMED = ", ".join(f"count(*) FILTER (WHERE severity = '{severity}')::int AS alarms_{severity}, "
                     f"count(*) FILTER (WHERE severity = '{severity}' AND acknowledged_at IS NULL)::int "
                     f"AS unacknowledged_{severity}" for severity in SEVERITIES)
_BUILDINGS = _RANKED.format(counted=f"""
    SELECT building.code, building.id, building.grid_code, coalesce(building.name, building.address) AS name, alarmed.*
    FROM (
        SELECT building_id, {_ALARMED} FROM alarm
        WHERE closed_at IS NULL AND shelved_until IS NULL AND building_id IS NOT NULL
          AND grid_code >= %(within)s AND grid_code < %(within)s || ':'
        GROUP BY building_id
    ) AS alarmed, LATERAL (SELECT id, code, grid_code, name, address FROM building WHERE id = building_id OFFSET 0
    ) AS building
""", **_RANKS)


def buildings(connection: psycopg.Connection, within: str = "", after: End | None = None, most: int = 1000,
              ) -> tuple[list[Place], int]:
    """Return the buildings with open alarms, the worst first; arguments and result as of :func:`places`."""
    names = [f"{kind}_{severity}" for kind in ("alarms", "unacknowledged") for severity in SEVERITIES]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_BUILDINGS, {"within": within, **_page(after, most)}).fetchall()
    return ([_place(row, names, row["name"], None, row["id"], row["grid_code"]) for row in rows],
            rows[0]["total"] if rows else 0)


def _place(row: dict[str, Any], names: Collection[str], name: str | None, name_en: str | None, id: int | None = None,
           grid_code: str | None = None) -> Place:
    counts = {name: row[name] for name in names}
    return Place(row["code"], name, name_en, **severities(counts), counts=counts, id=id, grid_code=grid_code)
