"""Features of a layer, as departments read them: a page of them, one of them, how many there are.

The tables, the columns and their expressions come from the declaration of a layer, never from
a request; every value of a request is bound. Rows outside the jurisdiction are not there,
because row security is in force on each table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from spatial.types import Box

COUNTS_WITHIN_MS = 1000
"""How long an exact count may take; beyond, it is left out. A page of features must not wait for it:
a million rows are counted in about 0.3 s."""

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""WGS 84 longitude, latitude. CGCS2000, as stored, is taken as the same (decision 4)."""

EPSG_4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
EPSG_4490 = "http://www.opengis.net/def/crs/EPSG/0/4490"
EPSG_3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"

GEOMETRY = {
    CRS84: "ST_AsGeoJSON({table}.{geometry}, 9, 0)::json",
    EPSG_4326: "ST_AsGeoJSON(ST_FlipCoordinates({table}.{geometry}), 9, 0)::json",
    EPSG_4490: "ST_AsGeoJSON(ST_FlipCoordinates({table}.{geometry}), 9, 0)::json",
    EPSG_3857: "ST_AsGeoJSON({table}.geom_web, 3, 0)::json",
}
"""GeoJSON of a feature by coordinate system, in its own axis order: the EPSG register has latitude first
for 4326 and 4490. 9 decimals of a degree are 0.1 mm; 3 decimals of a metre 1 mm."""

NO_GEOMETRY = "NULL::json"

EDGE = 85.06
"""Latitude, just beyond the last that is stored, at which boxes are cut."""


@dataclass(frozen=True)
class Source:
    """Where the features of a layer come from.

    Attributes:
        tables: FROM clause; its first table has ``id``, ``geom_web`` and the row security.
        table: that first table, or its alias.
        geometry: its stored geometry column, EPSG:4490, longitude and latitude.
        columns: property names with the expression of each.
        where: further condition on rows; empty for none.
        filled: expressions that are never null, which are columns declared so.
    """

    tables: str
    table: str
    geometry: str
    columns: tuple[tuple[str, str], ...]
    where: str = ""
    filled: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Condition:
    """A condition on rows: SQL with a placeholder for each value, and the values in their order."""

    text: sql.Composable
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which features are asked for, and in which form.

    Attributes:
        conditions: all of them must hold.
        columns: names of the properties that come along; all of the source when None.
        order: expressions, each with True for descending; nulls come last, the id decides ties.
        limit: features at most.
        offset: how many are left out before them.
        crs: URI of the coordinate system of the geometries, one of ``GEOMETRY``; None: no geometry.
    """

    conditions: tuple[Condition, ...] = ()
    columns: tuple[str, ...] | None = None
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = 10
    offset: int = 0
    crs: str | None = CRS84


@dataclass(frozen=True)
class Feature:
    """One feature: id, geometry as GeoJSON in the coordinate system asked for, properties."""

    id: int
    geometry: dict[str, Any] | None
    properties: dict[str, Any] = field(default_factory=dict)


# Rows: a page of features. The ids are found first, so that rows which an offset passes over cost no
# geometry. Parameters: those of the conditions, limit, offset.
PAGE = """
WITH page AS (
    SELECT {table}.id FROM {tables} WHERE {conditions} ORDER BY {order}{table}.id LIMIT {slot} OFFSET {slot}
)
SELECT {table}.id, {shape} AS geometry{columns}
FROM {tables} JOIN page ON page.id = {table}.id
ORDER BY {order}{table}.id
"""

# One row. Parameters: those of the conditions.
COUNT = "SELECT count(*) FROM {tables} WHERE {conditions}"

# A geometry drawn as the tables are: EPSG:3857 from longitude and latitude.
IN_BOX = "{table}.geom_web && ST_Transform(ST_MakeEnvelope({slot}, {slot}, {slot}, {slot}, 4326), 3857)"


def in_box(source: Source, box: Box) -> Condition:
    """Return the condition that a feature's box reaches a box.

    Args:
        source: whose features.
        box: longitude and latitude; one whose west lies east of its east crosses the date line.
    """
    parts = [box] if box.west <= box.east else [box._replace(east=180.0), box._replace(west=-180.0)]
    texts, values = [], []
    for part in parts:
        texts.append(sql.SQL(IN_BOX).format(table=sql.Identifier(source.table), slot=sql.Placeholder()))
        # PROJ would carry what lies beyond the date line to the other side, and Web Mercator has no poles.
        values += [min(max(part.west, -180.0), 180.0), min(max(part.south, -EDGE), EDGE),
                   min(max(part.east, -180.0), 180.0), min(max(part.north, -EDGE), EDGE)]
    return Condition(sql.SQL("({})").format(sql.SQL(" OR ").join(texts)), tuple(values))


def with_id(source: Source, feature_id: int) -> Condition:
    """Return the condition that a feature has an id."""
    return Condition(sql.SQL("{}.id = {}").format(sql.Identifier(source.table), sql.Placeholder()), (feature_id,))


def page(connection: psycopg.Connection, source: Source, wanted: Wanted) -> list[Feature]:
    """Return a page of features within the jurisdiction.

    Args:
        connection: inside a transaction with the jurisdiction set.
        source: whose features.
        wanted: which of them and in which form.

    Returns:
        Features by the order asked for, then by id.
    """
    text, values = page_statement(source, wanted)
    names = _names(source, wanted)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(text, values).fetchall()
    return [Feature(row["id"], row["geometry"], {name: row[f"p_{name}"] for name in names}) for row in rows]


def page_statement(source: Source, wanted: Wanted) -> tuple[sql.Composed, list[Any]]:
    """Return the statement of a page, and its values."""
    expressions = dict(source.columns)
    columns = [sql.SQL(", {} AS {}").format(sql.SQL(expressions[name]), sql.Identifier(f"p_{name}"))
               for name in _names(source, wanted)]
    # A plain index, read backwards, has nulls first: NULLS LAST where there are none would cost a sort of all rows.
    order = [sql.SQL(f"{{}} DESC{'' if text in source.filled else ' NULLS LAST'}, " if down else "{}, ").format(
        sql.SQL(text)) for text, down in wanted.order]
    shape = sql.SQL(GEOMETRY[wanted.crs] if wanted.crs else NO_GEOMETRY)
    text, values = _filtered(PAGE, source, wanted.conditions, columns=sql.SQL("").join(columns),
                             order=sql.SQL("").join(order), slot=sql.Placeholder(),
                             shape=shape.format(table=sql.Identifier(source.table),
                                                geometry=sql.Identifier(source.geometry)))
    return text, [*values, wanted.limit, wanted.offset]


def _names(source: Source, wanted: Wanted) -> list[str]:
    return [name for name, _ in source.columns if wanted.columns is None or name in wanted.columns]


def count(connection: psycopg.Connection, source: Source, conditions: Sequence[Condition]) -> int | None:
    """Count features exactly, within a second.

    Args:
        connection: inside a transaction with the jurisdiction set. It is to be the transaction's last
            statement, because the time limit of a count stays in force.
        source: whose features.
        conditions: all of them must hold.

    Returns:
        How many there are; None where counting took too long.
    """
    text, values = _filtered(COUNT, source, conditions)
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('statement_timeout', %s, true)", (str(COUNTS_WITHIN_MS),))
            return connection.execute(text, values).fetchone()[0]
    except psycopg.errors.QueryCanceled:
        return None


def _filtered(template: str, source: Source, conditions: Sequence[Condition],
              **parts: sql.Composable) -> tuple[sql.Composed, list[Any]]:
    texts = [condition.text for condition in conditions]
    if source.where:
        texts.append(sql.SQL(source.where))
    statement = sql.SQL(template).format(
        table=sql.Identifier(source.table), tables=sql.SQL(source.tables),
        conditions=sql.SQL(" AND ").join(texts) if texts else sql.SQL("true"), **parts,
    )
    return statement, [value for condition in conditions for value in condition.values]


# One row: the first and the last instant of a column, null where there is no row.
SPAN = "SELECT min({column}), max({column}) FROM {table}"


def span(connection: psycopg.Connection, table: str, column: str) -> tuple[Any, Any]:
    """Return the first and the last instant of a table's column within the jurisdiction; None where it is empty."""
    statement = sql.SQL(SPAN).format(column=sql.Identifier(column), table=sql.Identifier(table))
    return connection.execute(statement).fetchone()


# One row: the box of what reaches beyond a box, all null where nothing does. The conditions are strips around that
# box, by which the index finds those few rows; the box of all would take the whole table.
BEYOND = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent({table}.{geometry}) AS box FROM {tables} WHERE {conditions}) AS found
"""


def around(connection: psycopg.Connection, source: Source, box: Box | None) -> Box | None:
    """Return a box widened to all features of a source that reach beyond it, such as unplaced ones (未落位).

    Args:
        connection: inside a transaction with the jurisdiction set.
        source: whose features.
        box: longitude and latitude, inside which most of them lie; None for that of the features alone, which takes
            the whole table.

    Returns:
        Longitude and latitude; None where there is neither a box nor a feature.
    """
    text, values = _filtered(BEYOND, source, [] if box is None else [_beyond(source, box)],
                             geometry=sql.Identifier(source.geometry))
    row = connection.execute(text, values).fetchone()
    if row[0] is None:
        return box
    found = Box(*row)
    return found if box is None else Box(min(box.west, found.west), min(box.south, found.south),
                                         max(box.east, found.east), max(box.north, found.north))


def _beyond(source: Source, box: Box) -> Condition:
    """Return the condition that a feature's box reaches one of the strips around a box."""
    world = Box(-180.0, -EDGE, 180.0, EDGE)
    strips = [in_box(source, strip) for strip in (
        world._replace(east=box.west), world._replace(west=box.east),
        world._replace(north=box.south), world._replace(south=box.north))]
    return Condition(sql.SQL("({})").format(sql.SQL(" OR ").join([one.text for one in strips])),
                     tuple(value for one in strips for value in one.values))
