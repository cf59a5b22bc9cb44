"""Which group a new alarm belongs to, so that transactions at the same time agree on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from zlib import crc32

import psycopg

from spatial import db
from spatial.rules import floods

LOCK_CLASS = 0x5347
"""First half of the advisory locks that transactions take which make new alarms; the second is one of ``STRIPES``."""

STRIPES = 256
"""Neighbourhoods share so many locks: a batch all over a city must not fill the server's table of locks."""

CELL = 500.0
"""Side of the cells by which neighbours are found and locked, units of EPSG:3857: metres at the equator."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a new alarm is: its place, and the same in EPSG:3857."""

    place: floods.Place
    x: float
    y: float

    @property
    def cell(self) -> int:
        """Number of the cell that it lies in."""
        return _number(int(self.x // CELL), int(self.y // CELL))

    def cells(self) -> list[int]:
        """Return the cells of groups that it may join: none in a building, else all within ``floods.NEAR_M``.

        A little more than that, as the earth is no sphere.
        """
        if self.place.building_id is not None:
            return []
        reach = 1.01 * floods.NEAR_M / cos(radians(self.place.lat))
        west, east = int((self.x - reach) // CELL), int((self.x + reach) // CELL)
        south, north = int((self.y - reach) // CELL), int((self.y + reach) // CELL)
        return [_number(column, row) for column in range(west, east + 1) for row in range(south, north + 1)]


def _number(column: int, row: int) -> int:
    return column << 32 | row & 0xFFFF_FFFF


# In the order given. Parameters: class, stripes.
LOCK = "SELECT pg_advisory_xact_lock(%s, stripe) FROM unnest(%b::int[]) AS stripe"

# Rows: groups that some new alarms may join: those of their buildings, and those of none in a cell nearby.
# Numbers of cells and no boxes: the table grows from nothing to thousands of rows in a minute, and a join of boxes that
# was planned for its first rows took 300 ms. Parameters: building ids, cells, time after which its last alarm came.
CANDIDATES = """
SELECT id, building_id, unit, lon, lat, first_at, last_at FROM alarm_group
WHERE (building_id = ANY(%b::bigint[]) OR building_id IS NULL AND cell = ANY(%b::bigint[])) AND last_at >= %s
"""

NEW_IDS = "SELECT nextval(pg_get_serial_sequence('alarm', 'id')) FROM generate_series(1, %s)"


@dataclass(frozen=True, slots=True)
class Settled:
    """Id and group of a new alarm."""

    id: int
    group: floods.Group


def settle(connection: psycopg.Connection, spots: Sequence[Spot], now: datetime) -> list[Settled]:
    """Give new alarms their ids and their groups.

    From here to the end of the transaction no other one does so in the same neighbourhood: of two at the same time
    the second sees the groups of the first.

    Args:
        connection: inside the transaction that will insert the alarms, and then call :func:`write`.
        spots: of the new alarms, in the order in which they count as first.
        now: the server's time.

    Returns:
        Id and group of each, in order.
    """
    if not spots:
        return []
    buildings = sorted({spot.place.building_id for spot in spots} - {None})
    cells = sorted({cell for spot in spots for cell in spot.cells()})
    with db.pipelined(connection):
        connection.execute(LOCK, (LOCK_CLASS, stripes(buildings, cells)))
        found = connection.execute(CANDIDATES, (buildings, cells, now - floods.QUIET))
        numbers = connection.execute(NEW_IDS, (len(spots),))
    groups = [floods.Group(id_, floods.Place(building, unit, lon, lat), first, last)
              for id_, building, unit, lon, lat, first, last in found]
    ids = [row[0] for row in numbers]
    assigned = floods.assign([(id_, spot.place) for id_, spot in zip(ids, spots, strict=True)], groups, now)
    return [Settled(id_, group) for id_, group in zip(ids, assigned, strict=True)]


def stripes(buildings: Sequence[int], cells: Sequence[int]) -> list[int]:
    """Return the numbers of the locks for some new alarms, sorted, each once.

    Two alarms that may share a group share a lock: that of their building, or those of all cells within reach.
    """
    names = {f"building {building}" for building in buildings} | {f"cell {cell}" for cell in cells}
    return sorted({crc32(name.encode()) % STRIPES for name in names})


# Parameters, columns: id of the first alarm, building_id, unit, lon, lat, cell, area_code, grid_code.
BEGIN = """
INSERT INTO alarm_group (id, building_id, unit, lon, lat, cell, area_code, grid_code)
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::float8[], %b::float8[], %b::bigint[], %b::text[],
                     %b::text[])
"""

GROW = "UPDATE alarm_group SET last_at = greatest(last_at, now()) WHERE id = ANY(%s)"


def write(connection: psycopg.Connection, settled: Sequence[tuple[Settled, Spot, str, str]]) -> None:
    """Write the groups of new alarms: each with its spot, area code and grid code."""
    begun = [(alarm.id, spot.place.building_id, spot.place.unit, spot.place.lon, spot.place.lat, spot.cell, area, grid)
             for alarm, spot, area, grid in settled if alarm.group.id == alarm.id]
    if begun:
        connection.execute(BEGIN, [list(column) for column in zip(*begun, strict=True)])
    grown = {alarm.group.id for alarm, *_ in settled} - {row[0] for row in begun}
    if grown:
        connection.execute(GROW, (sorted(grown),))


FORGET = "DELETE FROM alarm_group WHERE last_at < now() - %s OR first_at < now() - %s"


def forget(connection: psycopg.Connection) -> None:
    """Delete the groups that can grow no more. The alarms keep the id of theirs."""
    # A transaction that began before them may still be looking for its group.
    connection.execute(FORGET, (2 * floods.QUIET, 2 * floods.LONGEST))
