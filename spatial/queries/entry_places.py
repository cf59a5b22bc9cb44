"""Entry rates of a place and of the places right below it, all four kinds at once, as a page drills down through them.

What is entered comes from the roll-up, a minute old at most after a change, so that a city of a million rows is not
counted for each look; of single buildings it is counted as it is now. Denominators are those declared for that very
place (``spatial/queries/entry_rate.py``), never sums of those below it.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.queries import entry_rate
from spatial.queries.entry_rate import CODE_DIGITS, LEVELS, Rate
from spatial.rules.entry_rate import ENTRY_KINDS

# Rows: places of one level that lie wholly inside the jurisdiction, by code: names, a point inside, the box (degrees,
# EPSG:4490), rows entered. {places}: one table. Parameters: digits of a code of the level, first digits, level.
_PLACES = f"""
WITH held AS MATERIALIZED (
    SELECT place.id, place.code, place.name, {{name_en}} AS name_en, place.geom, place.grid_code,
           left(place.code, %(digits)s) AS prefix, ST_PointOnSurface(place.geom) AS middle
    FROM {{places}} AS place
    WHERE {{of_level}} AND starts_with(place.code, %(within)s)
      AND code_range(left(place.code, %(digits)s), left(place.code, %(digits)s) || ':') <@ (SELECT shapan_scope())
), counted AS (
    SELECT left(grid_code, %(digits)s) AS prefix,
           {", ".join(f"sum(entered_{kind})::int8 AS {kind}" for kind in ENTRY_KINDS)}
    FROM rollup WHERE grid_code >= %(within)s AND grid_code < %(within)s || ':' GROUP BY 1
)
SELECT held.id, held.code, held.name, held.name_en, held.grid_code,
       round(ST_X(middle)::numeric, 6)::float8 AS lon, round(ST_Y(middle)::numeric, 6)::float8 AS lat,
       ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)] AS bounds,
       {", ".join(f"coalesce(counted.{kind}, 0) AS {kind}" for kind in ENTRY_KINDS)}
FROM held LEFT JOIN counted USING (prefix) ORDER BY held.code
"""
_TABLES = {
    "area": {"places": "area", "name_en": "place.name_en", "of_level": "place.level = %(level)s"},
    "grid": {"places": "grid", "name_en": "NULL::text", "of_level": "place.valid_to IS NULL"},
}

# Rows: the latest declared total of some places, by kind. Parameters: grid codes.
_DECLARED = """
SELECT DISTINCT ON (grid_code, kind) grid_code, kind, basis, value, declared_by, as_of FROM expected
WHERE building_id IS NULL AND grid_code = ANY(%s) AND as_of <= shapan_today()
ORDER BY grid_code, kind, as_of DESC, id DESC
"""

# Rows: names of areas, and of one grid, above a place, the widest first. Parameters: codes of areas; code of a grid.
_TRAIL = """
SELECT level, code, name, name_en FROM area WHERE code = ANY(%(areas)s)
UNION ALL SELECT 'grid', code, name, NULL FROM grid WHERE code = %(grid)s AND valid_to IS NULL
"""

# Rows: a point on each of some buildings, degrees, EPSG:4490. Parameters: ids.
_POINTS = """
SELECT id, round(ST_X(middle)::numeric, 6)::float8, round(ST_Y(middle)::numeric, 6)::float8
FROM building CROSS JOIN LATERAL (SELECT ST_PointOnSurface(footprint) AS middle) AS one WHERE id = ANY(%s)
"""


@dataclass(frozen=True)
class Place:
    """A place with its four entry rates.

    Attributes:
        level, code, name, name_en: the place; ``id`` of the area, grid or building.
        lon, lat: a point inside, degrees. bounds: west, south, east, north; None of a building.
        rates: one of each kind, in the order of ``ENTRY_KINDS``. ``recorded`` is None but for buildings: the roll-up
            keeps what is entered only.
    """

    level: str
    id: int
    code: str
    name: str | None
    name_en: str | None
    lon: float
    lat: float
    bounds: tuple[float, float, float, float] | None
    rates: list[Rate]


def level_of(code: str) -> str | None:
    """Return the level of a place by the digits of its code; None for no digits.

    Raises:
        ValueError: no level has so many.
    """
    found = {digits: level for level, digits in CODE_DIGITS.items()}
    if code and len(code) not in found:
        raise ValueError("write 6, 9, 12 or 15 digits")
    return found.get(len(code))


def below(connection: psycopg.Connection, within: str) -> tuple[str, list[Place]]:
    """Return the level of the places right below a place, and these: by code, those wholly within the jurisdiction.

    Where there are none of the next level, those of the one after it: an account of one street begins at its
    communities. Buildings are not among them (:func:`buildings`): the last level is ``building`` without places.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        within: 6, 9 or 12 digits of a code; empty for the whole jurisdiction.
    """
    above = level_of(within)
    first = LEVELS.index(above) + 1 if above else 0
    for level in LEVELS[first:-1]:
        if found := places(connection, level, within):
            return level, found
    return LEVELS[-1], []


def places(connection: psycopg.Connection, level: str, within: str) -> list[Place]:
    """Return the places of one level that begin with some digits; all digits of one find that place alone."""
    statement = _PLACES.format(**_TABLES["grid" if level == "grid" else "area"])
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement, {"digits": CODE_DIGITS[level], "within": within, "level": level}).fetchall()
    declared = {}
    for grid_code, kind, *words in connection.execute(_DECLARED, ([row["grid_code"] for row in rows],)):
        declared[grid_code, kind] = words
    return [_place(level, row, declared) for row in rows]


def _place(level: str, row: dict[str, Any], declared: dict[tuple[str, str], list[Any]]) -> Place:
    rates = []
    for kind in ENTRY_KINDS:
        basis, value, declared_by, as_of = declared.get((row["grid_code"], kind), (None,) * 4)
        rates.append(Rate(level, row["id"], row["code"], row["name"], kind, None, row[kind], value, basis, declared_by,
                          as_of))
    return Place(level, row["id"], row["code"], row["name"], row["name_en"], row["lon"], row["lat"],
                 tuple(round(edge, 6) for edge in row["bounds"]), rates)


def buildings(connection: psycopg.Connection, within: str, after: str, most: int) -> list[Place]:
    """Return a page of the buildings of a place, by code, with their rates as they are at this moment.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        within: first digits of a grid code. after: code after which the page begins. most: buildings at most.
    """
    by_kind = [entry_rate.rates(connection, "building", kind, within, after, most) for kind in ENTRY_KINDS]
    points = {one: (lon, lat) for one, lon, lat in connection.execute(_POINTS, ([rate.id for rate in by_kind[0]],))}
    # A building that came or went between the statements is on the next page that is asked for.
    found = [{rate.code: rate for rate in rates} for rates in by_kind]
    return [Place("building", rate.id, rate.code, rate.name, None, *points[rate.id], None,
                  [rates[rate.code] for rates in found])
            for rate in by_kind[0] if rate.id in points and all(rate.code in rates for rates in found)]


def trail(connection: psycopg.Connection, within: str) -> list[dict[str, Any]]:
    """Return level, code and names of the places around and at a code, the widest first, as far as they may be seen."""
    areas = [within[:digits].ljust(12, "0") for level, digits in CODE_DIGITS.items()
             if level != "grid" and len(within) >= digits]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_TRAIL, {"areas": areas, "grid": within}).fetchall()
    for row in rows:
        row["code"] = row["code"][:CODE_DIGITS[row["level"]]]
    return sorted(rows, key=lambda row: LEVELS.index(row["level"]))
