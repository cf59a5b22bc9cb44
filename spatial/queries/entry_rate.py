"""Entry rate (录入率): how much of what should be on record is on record.

Numerator: rows with every required field filled (table ``entry_requirement``; empty, blank and ``unknown``
are not filled). Denominator: the latest declared total (table ``expected``) of that very place; nothing is
summed up from the places inside it, because a sum over some of them would pass for the whole. Without one
the rate is unknown.
"""

from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from spatial.errors import InvalidInput
from spatial.rules.entry_rate import ENTRY_KINDS

LEVELS = ("county", "street", "community", "grid", "building")
"""区县, 街道, 社区, 网格, 楼栋."""

TABLES = {"population": "resident", "housing": "room", "legal_entities": "organisation", "geography": "building"}
"""Kind → table whose rows are counted."""

CODE_DIGITS = {"county": 6, "street": 9, "community": 12, "grid": 15}


@dataclass(frozen=True)
class Rate:
    """The entry rate of one kind in one place.

    Attributes:
        level, code, name: the place; ``id`` of the area, grid or building.
        kind: one of ``ENTRY_KINDS``.
        recorded: rows on record; None where only those entered are known.
        numerator: of these, with all required fields.
        denominator: how many there should be; None where nobody has declared it.
        basis, declared_by, as_of: how, by whom and for which day it was declared.
    """

    level: str
    id: int
    code: str
    name: str | None
    kind: str
    recorded: int | None
    numerator: int
    denominator: int | None
    basis: str | None
    declared_by: str | None
    as_of: date | None

    @property
    def rate(self) -> float | None:
        """Numerator by denominator; None where it is unknown. Above 1 the declaration is out of date."""
        return self.numerator / self.denominator if self.denominator else None


# Rows: places of one level that lie wholly inside the jurisdiction, by code, with what is on record there.
# A place that is seen in part would have a part of the rows under the whole denominator.
# Parameters: level, kind, within (first digits of codes, may be empty), digits of a code of this level, after, most.
_PLACES = """
WITH held AS MATERIALIZED (
    SELECT place.id, place.code, place.name, left(place.code, %(digits)s) AS prefix, place.grid_code
    FROM {places} AS place
    WHERE {of_level} AND place.code > %(after)s AND starts_with(place.code, %(within)s)
      AND code_range(left(place.code, %(digits)s), left(place.code, %(digits)s) || ':') <@ (SELECT shapan_scope())
    ORDER BY place.code LIMIT %(most)s
), counted AS (
    SELECT left(one.grid_code, %(digits)s) AS prefix, count(*) AS recorded,
           count(*) FILTER (WHERE {complete}) AS numerator
    FROM {table} AS one
    WHERE one.grid_code >= (SELECT min(prefix) FROM held) AND one.grid_code < (SELECT max(prefix) FROM held) || ':'
    GROUP BY 1
), declared AS (
    SELECT DISTINCT ON (grid_code) grid_code, basis, value, declared_by, as_of FROM expected
    WHERE kind = %(kind)s AND building_id IS NULL AND as_of <= shapan_today() ORDER BY grid_code, as_of DESC, id DESC
)
SELECT %(level)s AS level, held.id, held.code, held.name, %(kind)s AS kind, coalesce(recorded, 0) AS recorded,
       coalesce(numerator, 0) AS numerator, value AS denominator, basis, declared_by, as_of
FROM held LEFT JOIN counted USING (prefix) LEFT JOIN declared USING (grid_code)
ORDER BY held.code
"""

# Rows: buildings within the jurisdiction, by code. Parameters: level, kind, within, after, most.
_BUILDINGS = """
SELECT %(level)s AS level, held.id, held.code, held.name, %(kind)s AS kind, counted.recorded, counted.numerator,
       CASE basis WHEN 'rooms_per_floor' THEN value * held.floors_above ELSE value END AS denominator,
       basis, declared_by, as_of
FROM (SELECT id, code, coalesce(name, address) AS name, floors_above FROM building
      WHERE code > %(after)s AND (%(within)s = '' OR grid_code >= %(within)s AND grid_code < %(within)s || ':')
      ORDER BY code LIMIT %(most)s) AS held
CROSS JOIN LATERAL (
    SELECT count(*) AS recorded, count(*) FILTER (WHERE {complete}) AS numerator
    FROM {table} AS one WHERE one.{building} = held.id
) AS counted
LEFT JOIN LATERAL (
    SELECT basis, value, declared_by, as_of FROM expected
    WHERE building_id = held.id AND kind = %(kind)s AND as_of <= shapan_today() ORDER BY as_of DESC, id DESC LIMIT 1
) AS declared ON true
ORDER BY held.code
"""

# Rows: required fields of a kind, and whether its table has them. Parameters: table, kind.
_REQUIRED = """
SELECT field, EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = field AND attnum > 0
                      AND NOT attisdropped)
FROM entry_requirement WHERE kind = %s ORDER BY field
"""


def rates(connection: psycopg.Connection, level: str, kind: str, within: str = "", after: str = "",
          most: int = 1000) -> list[Rate]:
    """Return the entry rates of one kind in the places of one level, by code.

    Args:
        connection: inside a transaction; its jurisdiction decides which places are returned.
        level: one of ``LEVELS``.
        kind: one of ``ENTRY_KINDS``.
        within: first digits of a grid code, such as those of a street; empty for all.
        after: code after which the page begins.
        most: places at most.

    Raises:
        InvalidInput: no such level or kind; or a required field that the table does not have.
    """
    wrong = [(name, f"must be one of {', '.join(allowed)}") for name, value, allowed in
             (("level", level, LEVELS), ("kind", kind, ENTRY_KINDS)) if value not in allowed]
    if wrong:
        raise InvalidInput("There is no such entry rate.", wrong)
    words = {"table": sql.Identifier(TABLES[kind]), "complete": _complete(connection, kind)}
    values = {"level": level, "kind": kind, "within": within, "after": after, "most": most}
    if level == "building":
        statement = sql.SQL(_BUILDINGS).format(
            building=sql.Identifier("id" if kind == "geography" else "building_id"), **words)
    else:
        of_level = "place.valid_to IS NULL" if level == "grid" else "place.level = %(level)s"
        statement = sql.SQL(_PLACES).format(
            places=sql.Identifier("grid" if level == "grid" else "area"), of_level=sql.SQL(of_level), **words)
        values["digits"] = CODE_DIGITS[level]
    with connection.cursor(row_factory=class_row(Rate)) as cursor:
        return cursor.execute(statement, values).fetchall()


def required(connection: psycopg.Connection, kind: str) -> list[str]:
    """Return the fields that must be filled for a row of a kind to count as entered.

    Raises:
        InvalidInput: one that the kind's table does not have.
    """
    found = connection.execute(_REQUIRED, (TABLES[kind], kind)).fetchall()
    if unknown := [field for field, there in found if not there]:
        raise InvalidInput(f"The table entry_requirement asks of {kind} for fields that {TABLES[kind]} does not have.",
                           [(f"{kind}.{field}", "no such field") for field in unknown], "Correct the table.")
    return [field for field, _ in found]


def filled(field: str) -> sql.Composable:
    """Return SQL that is true where a field of the row ``one`` is filled: not empty, not ``unknown``."""
    return sql.SQL("nullif(nullif(one.{}::text, ''), 'unknown') IS NOT NULL").format(sql.Identifier(field))


def complete(fields: list[str]) -> sql.Composable:
    """Return SQL that is true where all of some fields of the row ``one`` are filled."""
    return sql.SQL(" AND ").join(map(filled, fields)) if fields else sql.SQL("true")


def _complete(connection: psycopg.Connection, kind: str) -> sql.Composable:
    return complete(required(connection, kind))
