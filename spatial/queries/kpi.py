"""Figures of a place (指标): what they are now, what they were, and the taking down of what has no other history."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from spatial.queries.measures import FAMILIES, HOURLY, KEPT
from spatial.rules.days import LAST
from spatial.rules.entry_rate import ENTRY_KINDS

DIGITS = (0, 6, 9, 12, 15)
"""Digits of the codes of places whose figures are taken down: everything, county, street, community, grid."""

_KEPT = sql.SQL("SELECT {} FROM rollup WHERE grid_code >= %(within)s AND grid_code < %(within)s || ':'").format(
    sql.SQL(", ").join(sql.SQL("coalesce(sum({0}), 0)::bigint AS {0}").format(sql.Identifier(name)) for name in KEPT))
_WITHIN = sql.SQL(" AND grid_code >= %(within)s AND grid_code < %(within)s || ':'")
_DAY = [sql.SQL("SELECT {} FROM {} WHERE {}").format(
    sql.SQL(", ").join(sql.SQL("coalesce({}, 0)::bigint AS {}").format(sql.SQL(measure.value), sql.Identifier(
        measure.name)) for measure in family.measures), sql.Identifier(family.source), sql.SQL(family.where))
    for family in FAMILIES if family.kept == "day"]


def now(connection: psycopg.Connection, within: str, start: datetime, end: datetime) -> dict[str, int]:
    """Return every measure of a place as it is now, as far as the jurisdiction holds the place.

    Args:
        connection: inside a transaction.
        within: first digits of a grid code; empty for all.
        start, end: bounds of the day of today.
    """
    parameters = {"within": within, "start": start, "end": end}
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_KEPT, parameters).fetchone()
        for statement in _DAY:
            found |= cursor.execute(statement + _WITHIN, parameters).fetchone()
    return found


# Rows: level and code of the widest places that lie wholly in the jurisdiction and in a prefix.
_PLACE = """
SELECT level, code, name, name_en FROM (
    SELECT level, code, name, name_en, grid_code,
           CASE level WHEN 'county' THEN 6 WHEN 'street' THEN 9 ELSE 12 END AS digits FROM area
    UNION ALL SELECT 'grid', code, name, NULL, grid_code, 15 FROM grid WHERE valid_to IS NULL
) AS place
WHERE starts_with(code, %(within)s)
  AND code_range(left(code, digits), left(code, digits) || ':') <@ (SELECT shapan_scope())
ORDER BY digits, code LIMIT 2
"""


@dataclass(frozen=True)
class Named:
    """The one place that some digits and the jurisdiction together mean."""

    level: str
    code: str
    name: str
    name_en: str | None


def place(connection: psycopg.Connection, within: str) -> Named | None:
    """Return the widest place within a prefix that the jurisdiction holds wholly; None where there are several or none.

    It is the place whose declared totals are the denominators of the entry rates (decision 10).
    """
    rows = [Named(*row) for row in connection.execute(_PLACE, {"within": within})]
    return rows[0] if rows and (len(rows) == 1 or rows[0].level != rows[1].level) else None


@dataclass(frozen=True)
class Entry:
    """The entry rate of one kind in a place: as in :class:`spatial.queries.entry_rate.Rate`."""

    kind: str
    numerator: int
    denominator: int | None
    declared_by: str | None
    as_of: date | None

    @property
    def rate(self) -> float | None:
        """Numerator by denominator; None where nobody has declared one."""
        return self.numerator / self.denominator if self.denominator else None


# Rows: the latest declared total of each kind. Parameters: the place's code, with 000 for an area.
_DECLARED = """
SELECT DISTINCT ON (kind) kind, value, declared_by, as_of FROM expected
WHERE grid_code = %s AND building_id IS NULL AND as_of <= shapan_today() ORDER BY kind, as_of DESC, id DESC
"""


def entry(connection: psycopg.Connection, named: Named | None, counts: Mapping[str, int]) -> list[Entry]:
    """Return the entry rates of a place from the numerators that are kept; unknown where it is no place of its own.

    Args:
        connection: inside a transaction.
        named: the place.
        counts: its measures, as :func:`now` returns them.
    """
    declared: dict[str, tuple] = {}
    if named is not None:
        rows = connection.execute(_DECLARED, (named.code.ljust(15, "0"),))
        declared = {kind: words for kind, *words in rows}
    return [Entry(kind, counts[f"entered_{kind}"], *declared.get(kind, (None, None, None))) for kind in ENTRY_KINDS]


def by_place(grids: Iterable[tuple[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Sum counts of grids up to every place above them.

    Returns:
        First digits (``DIGITS``) to measure to number; without those that are 0.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for grid, counts in grids:
        there = {name: number for name, number in counts.items() if number}
        for digits in DIGITS if there else ():
            found[grid[:digits]].update(there)
    return {code: dict(sums) for code, sums in found.items()}


def of_grids(connection: psycopg.Connection, start: datetime, end: datetime, measures: Collection[str],
             ) -> list[tuple[str, dict[str, int]]]:
    """Return some measures of every grid: those kept as they are now, those of a day between its bounds."""
    kept = [name for name in KEPT if name in measures]
    found = []
    with connection.cursor(row_factory=dict_row) as cursor:
        columns = sql.SQL(", ").join(map(sql.Identifier, ["grid_code", *kept]))
        found += cursor.execute(sql.SQL("SELECT {} FROM rollup").format(columns)).fetchall()
        for family in FAMILIES:
            wanted = [measure for measure in family.measures if family.kept == "day" and measure.name in measures]
            if wanted:
                statement = sql.SQL("SELECT grid_code, {} FROM {} WHERE {} GROUP BY grid_code").format(
                    sql.SQL(", ").join(sql.SQL("{}::bigint AS {}").format(sql.SQL(one.value), sql.Identifier(one.name))
                                       for one in wanted), sql.Identifier(family.source), sql.SQL(family.where))
                found += cursor.execute(statement, {"start": start, "end": end}).fetchall()
    return [(row.pop("grid_code"), row) for row in found]


# Parameters: day, places, figures of the day, figures of the hour.
_PUT = """
INSERT INTO kpi_day AS old (day, grid_code, area_code, values, hours)
SELECT %(day)s, code, left(code, 12), day_values::jsonb, hour_values::jsonb
FROM unnest(%(codes)s::text[], %(values)s::text[], %(hours)s::text[]) AS new (code, day_values, hour_values)
ORDER BY code
ON CONFLICT (grid_code, day) DO UPDATE SET values = excluded.values, hours = old.hours || excluded.hours
"""
# What was there and is no more is 0 now. Parameters: day, places.
_NOTHING = "UPDATE kpi_day SET values = '{}' WHERE day = %(day)s AND grid_code <> ALL(%(codes)s::text[])"
_TAKEN = """
INSERT INTO kpi_taken (day, hour, measures) VALUES (%(day)s, %(hour)s, %(measures)s)
ON CONFLICT (day, hour) DO UPDATE SET measures = excluded.measures, taken_at = now()
"""


def put(connection: psycopg.Connection, day: date, hour: int, measures: Collection[str],
        places: Mapping[str, Mapping[str, int]]) -> None:
    """Take down the figures of a day.

    Args:
        connection: the worker's, inside a transaction, jurisdiction everything.
        day, hour: in the zone of the command centre; hour 24 for the end of the day.
        measures: which were counted; the others are not known.
        places: their figures, as :func:`by_place` returns them.
    """
    def of_hour(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
        return {} if hour == LAST else {str(hour): {name: counts[name] for name in counts if name in HOURLY}}

    words = [(code, json.dumps(counts), json.dumps(of_hour(counts))) for code, counts in places.items()]
    codes, values, hours = (list(column) for column in zip(*words, strict=True)) if words else ([], [], [])
    connection.execute(_NOTHING, {"day": day, "codes": codes})
    connection.execute(_PUT, {"day": day, "codes": codes, "values": values, "hours": hours})
    connection.execute(_TAKEN, {"day": day, "hour": hour, "measures": sorted(measures)})


_HOURS = "SELECT day, hour FROM kpi_taken WHERE day BETWEEN %s AND %s"
_FIRST = "SELECT min(day) FROM kpi_taken"
_FIRST_EVER = "SELECT least((SELECT min(received_at) FROM alarm), (SELECT min(received_at) FROM event))"


def taken(connection: psycopg.Connection, first: date, last: date) -> set[tuple[date, int]]:
    """Return the hours of some days at which figures were taken down; 24 is the end of a day."""
    return set(connection.execute(_HOURS, (first, last)).fetchall())


def first_day(connection: psycopg.Connection) -> date | None:
    """Return the first day of which there are figures, in any jurisdiction."""
    return connection.execute(_FIRST).fetchone()[0]


def first_record(connection: psycopg.Connection) -> datetime | None:
    """Return when the first alarm or event within the jurisdiction came in."""
    return connection.execute(_FIRST_EVER).fetchone()[0]


_FORGET_HOURS = (
    "UPDATE kpi_day SET hours = '{}' WHERE day < %s AND hours <> '{}'",
    "DELETE FROM kpi_taken AS hour WHERE day < %s AND hour < 24 "
    "AND EXISTS (SELECT FROM kpi_taken AS whole WHERE whole.day = hour.day AND whole.hour = 24)",
)


def forget_hours(connection: psycopg.Connection, before: date) -> None:
    """Forget the figures by the hour of the days before one; the caller commits. Those of whole days stay for good."""
    for statement in _FORGET_HOURS:
        connection.execute(statement, (before,))


@dataclass(frozen=True)
class Figures:
    """What is known of a place at an hour, or of a whole day (``hour`` None). What is missing is not known."""

    day: date
    hour: int | None
    taken_at: datetime
    values: dict[str, int]


# Rows: of each day the last taking with its sums over some places that have no grid in common. {parts}: the places.
_DAYS = """
SELECT last.day, NULL AS hour, last.taken_at, last.measures, sums.values
FROM (SELECT DISTINCT ON (day) day, taken_at, measures FROM kpi_taken
      WHERE day BETWEEN %(first)s AND %(last)s ORDER BY day, hour DESC) AS last
LEFT JOIN (
    SELECT day, jsonb_object_agg(key, number) AS values
    FROM (SELECT kpi.day, each.key, sum(each.value::bigint) AS number
          FROM kpi_day AS kpi, jsonb_each_text(kpi.values) AS each
          WHERE kpi.day BETWEEN %(first)s AND %(last)s AND {parts} GROUP BY 1, 2) AS summed
    GROUP BY day
) AS sums USING (day)
ORDER BY last.day
"""
_HOURLY = """
SELECT taken.day, taken.hour, taken.taken_at, taken.measures, sums.values
FROM kpi_taken AS taken LEFT JOIN (
    SELECT day, hour, jsonb_object_agg(key, number) AS values
    FROM (SELECT kpi.day, hourly.key::int AS hour, each.key, sum(each.value::bigint) AS number
          FROM kpi_day AS kpi, jsonb_each(kpi.hours) AS hourly, jsonb_each_text(hourly.value) AS each
          WHERE kpi.day BETWEEN %(first)s AND %(last)s AND {parts} GROUP BY 1, 2, 3) AS summed
    GROUP BY day, hour
) AS sums USING (day, hour)
WHERE taken.day BETWEEN %(first)s AND %(last)s AND taken.hour < 24
ORDER BY taken.day, taken.hour
"""


def figures(connection: psycopg.Connection, parts: Collection[str], first: date, last: date) -> list[Figures]:
    """Return the figures of some days, of those of which there are any, summed over parts of a place.

    Args:
        connection: inside a transaction.
        parts: first digits of codes that have nothing in common, as ``Scope.inside`` returns them.
        first, last: days, both with.
    """
    return _figures(connection, _DAYS, parts, first, last)


def hourly(connection: psycopg.Connection, parts: Collection[str], first: date, last: date) -> list[Figures]:
    """Return the figures of the hours of some days, as :func:`figures` does."""
    return [replace(one, values={name: number for name, number in one.values.items() if name in HOURLY})
            for one in _figures(connection, _HOURLY, parts, first, last)]


def _figures(connection: psycopg.Connection, statement: str, parts: Collection[str], first: date, last: date,
             ) -> list[Figures]:
    wanted = [_part(part) for part in parts] or [sql.SQL("false")]
    rows = connection.execute(
        sql.SQL(statement).format(parts=sql.SQL("({})").format(sql.SQL(" OR ").join(wanted))),
        {"first": first, "last": last})
    return [_known(*row) for row in rows]


def _part(part: str) -> sql.Composable:
    """Return the condition that a row of figures is a piece of a place: the place itself where its figures are kept."""
    digits = next(digits for digits in DIGITS if digits >= len(part))
    if digits == len(part):
        return sql.SQL("kpi.grid_code = {}").format(sql.Literal(part))
    return sql.SQL("(kpi.grid_code > {} AND kpi.grid_code < {} AND length(kpi.grid_code) = {})").format(
        sql.Literal(part), sql.Literal(part + ":"), sql.Literal(digits))


def _known(day: date, hour: int | None, at: datetime, measures: list[str], values: dict[str, Any] | None) -> Figures:
    return Figures(day, hour, at, {name: (values or {}).get(name, 0) for name in measures})
