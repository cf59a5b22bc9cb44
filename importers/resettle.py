"""Placing again (重新落位): what is on record gets the grid that it lies in now.

Needed after areas or grids have changed. Rows inside a building follow it through their foreign key
(decision 1); everything else with a geometry is placed as an import would place it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from importers import concepts
from importers.guard import guarded, wait_for_turn
from importers.staging import quoted
from spatial import db, outbox
from spatial.queries import alarms
from spatial.queries.placing import MOVE_ALARMS, SPOT, TABLES, Table, forget_places, know_places
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Box, Scope

FIRST_BATCH, LARGEST_BATCH, SMALLEST_BATCH = 2_000, 100_000, 500
"""Rows placed by the first transaction, and the limits within which the next ones are larger or smaller."""

BATCH_S = 0.7
"""Seconds that a batch should take: an alarm in a building that is just being moved waits for so long, and
the service gives up after two."""

BOUNDARIES = tuple(concept.name for concept in concepts.CONCEPTS if concept.boundary)
"""Concepts whose import changes where others lie."""


@dataclass(frozen=True)
class Settled:
    """What became of one table.

    Attributes:
        table: its name.
        moved: rows that got another place. unchanged: rows that lie where they lay.
        outside: of both, rows outside every known area (未落位).
    """

    table: str
    moved: int
    unchanged: int
    outside: int


# One row for a batch of rows in the order of their id: last id, rows, moved, outside.
# Parameters: after, size, area and grid of what is outside.
_PLACE = """
WITH batch AS MATERIALIZED (
    SELECT id, grid_code, {geometry} AS geom FROM {table} WHERE id > %(after)s AND {own} ORDER BY id LIMIT %(size)s
), spotted AS MATERIALIZED (
    SELECT s.id, s.grid_code AS before, coalesce(spot.area_code, %(no_area)s) AS area_code,
           coalesce(spot.grid_code, %(no_grid)s) AS grid_code
    FROM batch AS s {spot}
), moved AS ({change})
SELECT (SELECT max(id) FROM batch), (SELECT count(*) FROM batch), count(*),
       (SELECT count(*) FROM spotted WHERE area_code = %(no_area)s)
FROM moved
"""
_WRITE = """
    UPDATE {table} AS t SET area_code = p.area_code, grid_code = p.grid_code
    FROM spotted AS p WHERE t.id = p.id AND p.grid_code <> p.before RETURNING p.id
"""
_COUNT = "SELECT id FROM spotted WHERE grid_code <> before"

# How many rows within a box lie elsewhere than their codes say. Parameters: box, grid of what is outside.
_DISPLACED = """
SELECT count(*) FROM (
    SELECT id, grid_code, {geometry} AS geom FROM {table}
    WHERE geom_web && ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857) AND {own}
) AS s {spot}
WHERE coalesce(spot.grid_code, %(no_grid)s) <> s.grid_code
"""

_TOTAL = "SELECT count(*) FROM {table} WHERE {own}"

def settle(connection: psycopg.Connection, table: Table, *, write: bool = True,
           progress: Callable[[int], None] = lambda rows: None) -> Settled:
    """Place every row of a table again, batch by batch, each in a transaction of its own.

    Each waits until no import fills the table and none changes areas or grids, and keeps them waiting in
    turn. Stopped half way, what is done stays, and another run does the rest.

    Args:
        connection: the worker's, jurisdiction everything; in a transaction, all batches are part of it.
        table: whose rows.
        write: False only counts.
        progress: is told how many rows were looked at so far.

    Returns:
        The counts.
    """
    after, size, looked, moved, outside = 0, FIRST_BATCH, 0, 0, 0
    while True:
        start = time.monotonic()
        with connection.transaction():
            last, rows, changed, lost = _batch(connection, table, after, size, write)
        if not rows:
            return Settled(table.name, moved, looked - moved, outside)
        after, looked, moved, outside = last, looked + rows, moved + changed, outside + lost
        progress(looked)
        size = min(size * 2, LARGEST_BATCH) if time.monotonic() - start < BATCH_S / 2 else (
            max(size // 2, SMALLEST_BATCH) if time.monotonic() - start > BATCH_S else size)


def _batch(connection: psycopg.Connection, table: Table, after: int, size: int, write: bool,
           ) -> tuple[int, int, int, int]:
    """Place the next rows; return the last id, and how many were looked at, moved, and lie outside."""
    for name in BOUNDARIES:
        wait_for_turn(connection, concepts.find(name))
    if table.concept is not None:
        wait_for_turn(connection, concepts.find(table.concept))
    know_places(connection)
    change = (_WRITE if write else _COUNT).format(table=table.name)
    parameters = {"after": after, "size": size, "no_area": UNPLACED_AREA, "no_grid": UNPLACED_GRID}
    last, rows, changed, lost = connection.execute(
        _PLACE.format(change=change, **_words(table)), parameters).fetchone()
    forget_places(connection)
    if write and changed and table.name in MOVE_ALARMS:
        alarms.follow(connection)
    if write and changed and table.name == "alarm":
        # Alarms are in no tile that would tell.
        outbox.append(connection, outbox.PLACED, table.name, UNPLACED_AREA, UNPLACED_GRID, {"moved": changed})
    return last, rows, changed, lost


def total(connection: psycopg.Connection, table: Table) -> int:
    """Return how many rows of a table ``settle`` will look at."""
    return connection.execute(_TOTAL.format(**_words(table))).fetchone()[0]


def displaced(address: str, box: Box) -> int:
    """Count the objects within a box that lie in another grid than the one on record. Changes nothing.

    Args:
        address: of the worker's role.
        box: where boundaries have changed, EPSG:4490.
    """
    parameters = {**box._asdict(), "no_grid": UNPLACED_GRID}
    found = 0
    with guarded("counting what lies elsewhere", "The import itself is done."), \
            db.open_connection(address, Scope.everything()) as connection, connection.transaction():
        know_places(connection)
        for table in TABLES:
            found += connection.execute(_DISPLACED.format(**_words(table)), parameters).fetchone()[0]
    return found


def _words(table: Table) -> dict[str, str]:
    return {"table": table.name, "geometry": quoted(table.geometry), "spot": SPOT,
            "own": table.own}
