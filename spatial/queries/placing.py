"""Placing (落位): where a row with a geometry lies, and what of a community lies in another grid than it did.

A row inside a building takes the building's place. Another is where the point on its surface is: the grid there, on a
shared edge the one with the lowest code; without a grid the lowest area, with ``000`` for the grid; outside every
known area all zeros (未落位).
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from spatial.types import UNPLACED_AREA, UNPLACED_GRID

CONCEPT_LOCKS = 0x5348_4943
"""First key of the advisory locks of concepts ("SHIC"); the second one is made of the name."""

_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_SHARE = "SELECT pg_advisory_xact_lock_shared(%s, %s)"


@dataclass(frozen=True)
class Table:
    """A table whose rows are placed by where they lie.

    Attributes:
        name: table. geometry: its column, EPSG:4490.
        concept: whose imports fill it; None where none does.
        own: SQL condition of the rows that follow nothing else: others are left alone here.
    """

    name: str
    geometry: str
    concept: str | None
    own: str = "true"


TABLES: tuple[Table, ...] = (
    Table("road", "geom", "roads"),
    Table("water", "geom", "water"),
    Table("green", "geom", "green"),
    Table("place", "geom", "places"),
    Table("building", "footprint", "buildings"),
    Table("organisation", "geom", "organisations", "building_id IS NULL"),
    Table("facility", "geom", "facilities"),
    Table("device", "geom", "devices", "building_id IS NULL"),
    Table("event", "geom", "events", "building_id IS NULL"),
    Table("planned_grid", "geom", "planned_grids"),
    # Active ones go with their device.
    Table("alarm", "geom", None, "building_id IS NULL AND (device_id IS NULL OR NOT active)"),
)
"""Every table that is placed by geometry. Buildings stand before what is in them, as in the order of imports."""

MOVE_ALARMS = frozenset({"building", "device"})
"""Tables whose rows take active alarms with them."""

# Known places: the grids in force; communities, streets, counties; the box of all of them. Copies without row
# security, so that the planner may use their indexes for every spatial function, and two, because nearly every row
# lies in a grid and needs no look at three areas more.
_KNOWN_PLACES = (
    """
    CREATE TEMPORARY TABLE known_grid ON COMMIT DROP AS
    SELECT code AS grid_code, area_code, geom
    FROM grid WHERE valid_from <= now() AND (valid_to IS NULL OR valid_to > now())
    """,
    "CREATE INDEX ON known_grid USING gist (geom)",
    "ANALYZE known_grid",
    """
    CREATE TEMPORARY TABLE known_area ON COMMIT DROP AS
    SELECT code || '000' AS grid_code, code AS area_code, geom,
           CASE level WHEN 'community' THEN 1 WHEN 'street' THEN 2 ELSE 3 END AS depth
    FROM area
    """,
    "CREATE INDEX ON known_area USING gist (geom)",
    "ANALYZE known_area",
    """
    CREATE TEMPORARY TABLE known_box ON COMMIT DROP AS
    SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) AS box
    FROM (SELECT geom FROM known_grid UNION ALL SELECT geom FROM known_area) AS known
    """,
)
_FORGET_PLACES = "DROP TABLE known_grid, known_area, known_box"

_ANYTHING_KNOWN = "SELECT box IS NOT NULL FROM known_box"

# The point that decides where a row `s` with a `geom` is, and its place as `spot`; NULL outside the box
# of everything known, where nothing needs to be computed. OFFSET keeps the planner from computing it
# once for each candidate.
SPOT = """
LEFT JOIN LATERAL (
    SELECT CASE WHEN s.geom && (SELECT box FROM known_box) THEN ST_PointOnSurface(s.geom) END AS point
    OFFSET 0
) AS surface ON true
LEFT JOIN LATERAL (
    SELECT k.grid_code, k.area_code FROM known_grid AS k
    WHERE k.geom && surface.point AND ST_Intersects(k.geom, surface.point)
    ORDER BY k.grid_code LIMIT 1
) AS in_grid ON true
LEFT JOIN LATERAL (
    SELECT k.grid_code, k.area_code FROM known_area AS k
    WHERE in_grid.grid_code IS NULL AND k.geom && surface.point AND ST_Intersects(k.geom, surface.point)
    ORDER BY k.depth, k.grid_code LIMIT 1
) AS in_area ON true
CROSS JOIN LATERAL (
    SELECT coalesce(in_grid.grid_code, in_area.grid_code) AS grid_code,
           coalesce(in_grid.area_code, in_area.area_code) AS area_code
) AS spot
"""

# How many rows of a table that lie within a community have got another grid. Parameters: community, zeros.
_WITHIN = """
WITH ground AS MATERIALIZED (SELECT geom_web FROM area WHERE code = %(community)s),
spotted AS MATERIALIZED (
    SELECT s.id, spot.area_code, spot.grid_code
    FROM (SELECT id, grid_code, {geometry} AS geom FROM {table}
          WHERE geom_web && (SELECT geom_web FROM ground) AND {own}) AS s {spot}
    WHERE coalesce(spot.grid_code, %(no_grid)s) <> s.grid_code
), moved AS (
    UPDATE {table} AS t
    SET area_code = coalesce(p.area_code, %(no_area)s), grid_code = coalesce(p.grid_code, %(no_grid)s)
    FROM spotted AS p WHERE t.id = p.id RETURNING 1
)
SELECT count(*) FROM moved
"""


def lock(connection: psycopg.Connection, concept: str, *, shared: bool = False) -> None:
    """Wait until no other run fills the table of a concept, and keep others waiting until the transaction ends.

    Args:
        connection: inside the transaction. concept: its name.
        shared: others may share it: the table is only looked at.
    """
    connection.execute(_SHARE if shared else _LOCK, (CONCEPT_LOCKS, zlib.crc32(concept.encode()) - 2**31))


def know_places(connection: psycopg.Connection) -> None:
    """Create the temporary tables that ``SPOT`` looks in.

    Args:
        connection: inside a transaction, jurisdiction everything.
    """
    for statement in _KNOWN_PLACES:
        connection.execute(statement)


def forget_places(connection: psycopg.Connection) -> None:
    """Drop the tables of ``know_places`` before the transaction ends."""
    connection.execute(_FORGET_PLACES)


def anything_known(connection: psycopg.Connection) -> bool:
    """Tell whether there is any area or grid; after ``know_places``."""
    return connection.execute(_ANYTHING_KNOWN).fetchone()[0]


def settle(connection: psycopg.Connection, community: str, tables: Iterable[Table] = TABLES) -> dict[str, int]:
    """Place everything again that lies within a community.

    Args:
        connection: inside a transaction, jurisdiction everything; its time limits are lifted.
        community: code of 12 digits.
        tables: of ``TABLES``, in their order.

    Returns:
        Table → rows that got another grid, without what followed them.
    """
    know_places(connection)
    values = {"community": community, "no_area": UNPLACED_AREA, "no_grid": UNPLACED_GRID}
    moved = {}
    for table in tables:
        statement = _WITHIN.format(table=table.name, geometry=table.geometry, own=table.own, spot=SPOT)
        moved[table.name] = connection.execute(statement, values).fetchone()[0]
    forget_places(connection)
    return moved
