"""Grids and communities as a map of figures needs them: all of one level in columns, and one grid in full.

What changes by the second is not here: the stream tells it (``kpi``). Entered rows are those of the roll-up, a minute
old at most after a change; the totals against which they stand are those declared for that very place (decision 10).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import class_row, dict_row

from spatial.errors import NotFound
from spatial.queries import entry_rate
from spatial.queries.entry_rate import Rate
from spatial.rules.entry_rate import ENTRY_KINDS

LEVELS = {"community": 12, "grid": 15}
"""社区, 网格: digits of their codes."""

_COUNTS = ("buildings", "households", "residents", *(f"entered_{kind}" for kind in ENTRY_KINDS))

# Rows: places of one level that lie wholly inside the jurisdiction, by code: a place that is seen in part would have a
# part of the counts. Fields: names, a point inside, the box (degrees, EPSG:4490), sums of the roll-up, the first keeper
# and how many there are. {places}: one table. Parameters: level, digits of its codes.
_MAP = f"""
WITH held AS MATERIALIZED (
    SELECT place.code, place.name, {{name_en}} AS name_en, place.geom, place.grid_code,
           ST_PointOnSurface(place.geom) AS middle
    FROM {{places}} AS place
    WHERE {{of_level}} AND code_range(place.code, place.code || ':') <@ (SELECT shapan_scope())
), counted AS (
    SELECT left(rollup.grid_code, %(digits)s) AS code,
           {", ".join(f"sum({name})::int AS {name}" for name in _COUNTS)}
    FROM rollup GROUP BY 1
), kept AS (
    SELECT grid_code AS code, (array_agg(name ORDER BY code))[1] AS keeper, count(*)::int AS keepers
    FROM keeper GROUP BY 1
)
SELECT code, held.name, held.name_en, round(ST_X(middle)::numeric, 6)::float8 AS lon,
       round(ST_Y(middle)::numeric, 6)::float8 AS lat,
       ARRAY[ST_XMin(held.geom), ST_YMin(held.geom), ST_XMax(held.geom), ST_YMax(held.geom)] AS bounds,
       {", ".join(f"coalesce({name}, 0) AS {name}" for name in _COUNTS)},
       kept.keeper, coalesce(kept.keepers, 0) AS keepers
FROM held LEFT JOIN counted USING (code) LEFT JOIN kept USING (code) ORDER BY code
"""
_TABLES = {
    "community": {"places": "area", "name_en": "place.name_en", "of_level": "place.level = 'community'"},
    "grid": {"places": "grid", "name_en": "NULL::text", "of_level": "place.valid_to IS NULL"},
}

# Rows: the latest declared total of each place of a level and kind. Parameters: what of a code is all zeros.
_DECLARED = """
SELECT DISTINCT ON (grid_code, kind) grid_code, kind, value FROM expected
WHERE building_id IS NULL AND as_of <= shapan_today() AND (right(grid_code, 3) = '000') = %(areas)s
ORDER BY grid_code, kind, as_of DESC, id DESC
"""


@dataclass(frozen=True)
class Place:
    """A community or grid on a map of figures.

    Attributes:
        code, name, name_en: the place. lon, lat: a point inside, degrees. bounds: west, south, east, north.
        buildings, households, residents: on record. entered: by kind of the entry rate, rows with all required fields.
        declared: by kind, how many there should be; kinds of which nobody has declared a total are missing.
        keeper: name of the first keeper by code; ``keepers``: how many keep it.
    """

    code: str
    name: str | None
    name_en: str | None
    lon: float
    lat: float
    bounds: tuple[float, float, float, float]
    buildings: int
    households: int
    residents: int
    entered: dict[str, int]
    declared: dict[str, int]
    keeper: str | None
    keepers: int


def on_map(connection: psycopg.Connection, level: str) -> list[Place]:
    """Return every place of a level that lies wholly inside the jurisdiction, by code.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        level: a key of ``LEVELS``.
    """
    declared: dict[str, dict[str, int]] = {}
    for grid_code, kind, value in connection.execute(_DECLARED, {"areas": level != "grid"}):
        declared.setdefault(grid_code[:LEVELS[level]], {})[kind] = value
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_MAP.format(**_TABLES[level]), {"digits": LEVELS[level]}).fetchall()
    return [_place(row, declared.get(row["code"], {})) for row in rows]


def _place(row: dict[str, Any], declared: dict[str, int]) -> Place:
    return Place(
        row["code"], row["name"], row["name_en"], row["lon"], row["lat"],
        tuple(round(edge, 6) for edge in row["bounds"]),
        row["buildings"], row["households"], row["residents"],
        {kind: row[f"entered_{kind}"] for kind in ENTRY_KINDS}, declared, row["keeper"], row["keepers"])


@dataclass(frozen=True)
class Keeper:
    """Who keeps a grid."""

    code: str
    name: str
    phone: str | None


@dataclass(frozen=True)
class Grid:
    """One grid in force.

    Attributes:
        since: first day of its outline.
        geometry: the outline, GeoJSON, EPSG:4490. bounds: west, south, east, north, degrees.
    """

    code: str
    name: str | None
    kind: str
    since: date
    area_code: str
    area_name: str | None
    area_name_en: str | None
    street_name: str | None
    street_name_en: str | None
    geometry: dict[str, Any]
    bounds: tuple[float, float, float, float]
    buildings: int
    households: int
    residents: int


# One row. Parameters: code.
_ONE = """
SELECT grid.code, grid.name, grid.kind, grid.valid_from::date AS since, grid.area_code,
       area.name AS area_name, area.name_en AS area_name_en,
       street.name AS street_name, street.name_en AS street_name_en,
       ST_AsGeoJSON(grid.geom, 7, 0)::json AS geometry,
       ARRAY[ST_XMin(grid.geom), ST_YMin(grid.geom), ST_XMax(grid.geom), ST_YMax(grid.geom)] AS bounds,
       coalesce(rollup.buildings, 0) AS buildings, coalesce(rollup.households, 0) AS households,
       coalesce(rollup.residents, 0) AS residents
FROM grid
LEFT JOIN area ON area.code = grid.area_code
LEFT JOIN area AS street ON street.code = area.parent_code
LEFT JOIN rollup ON rollup.grid_code = grid.code
WHERE grid.code = %s AND grid.valid_to IS NULL
"""
_KEEPERS = "SELECT code, name, phone FROM keeper WHERE grid_code = %s ORDER BY code"


def get(connection: psycopg.Connection, code: str) -> tuple[Grid, list[Keeper], list[Rate]]:
    """Return a grid in force, its keepers by code, and its entry rates as they are at this moment.

    Raises:
        NotFound: no such grid, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Grid)) as cursor:
        grid = cursor.execute(_ONE, (code,)).fetchone()
    if grid is None:
        raise NotFound(f"There is no grid {code!r}.", "It may have been redrawn, or lie outside your area.")
    with connection.cursor(row_factory=class_row(Keeper)) as cursor:
        keepers = cursor.execute(_KEEPERS, (code,)).fetchall()
    rates = [rate for kind in ENTRY_KINDS for rate in entry_rate.rates(connection, "grid", kind, code)]
    return grid, keepers, rates
