"""Keepers: where they are, where they were on a day, and how much of their grid they walked."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg
import shapely
from psycopg.rows import class_row

from spatial.errors import NotFound
from spatial.rules import coverage as coverage_rules
from spatial.rules import tracks
from spatial.rules.coverage import BUFFER_M, Covered
from spatial.rules.tracks import Track


@dataclass(frozen=True)
class Keeper:
    """A keeper and the last believed position: degrees, EPSG:4490; null when never seen."""

    code: str
    name: str
    phone: str | None
    lon: float | None
    lat: float | None
    at: datetime | None
    duty_since: datetime | None
    area_code: str
    grid_code: str
    grid_name: str | None


COLUMNS = """
SELECT keeper.code, keeper.name, keeper.phone, ST_X(position) AS lon, ST_Y(position) AS lat, position_at AS at,
       duty_since, keeper.area_code, keeper.grid_code, grid.name AS grid_name
FROM keeper
LEFT JOIN grid ON grid.code = keeper.grid_code AND grid.valid_to IS NULL
"""

# Rows: keepers by code, after a code. Parameters: after, limit.
LIST = COLUMNS + "WHERE keeper.code > %s ORDER BY keeper.code LIMIT %s"


def page(connection: psycopg.Connection, after: str = "", limit: int = 1000) -> list[Keeper]:
    """List keepers by code, beginning after a code."""
    with connection.cursor(row_factory=class_row(Keeper)) as cursor:
        return cursor.execute(LIST, (after, limit)).fetchall()


ONE = COLUMNS + "WHERE keeper.code = %s"


def get(connection: psycopg.Connection, code: str) -> Keeper:
    """Return one keeper.

    Raises:
        NotFound: no such keeper, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Keeper)) as cursor:
        keeper = cursor.execute(ONE, (code,)).fetchone()
    if keeper is None:
        raise NotFound(f"There is no keeper {code!r}.", "It may have been deleted, or keep a grid outside your area.")
    return keeper


# Rows: positions in the order of their time, each time once. Parameters: code, from when, until before when.
TRACK = """
SELECT DISTINCT ON (t.at) ST_X(t.position), ST_Y(t.position), extract(epoch FROM t.at)::float8
FROM keeper JOIN keeper_track AS t ON t.keeper_id = keeper.id
WHERE keeper.code = %s AND t.at >= %s AND t.at < %s
ORDER BY t.at
"""


def track(connection: psycopg.Connection, code: str, begin: datetime, end: datetime) -> Track:
    """Return a keeper's positions from an instant until before another."""
    rows = connection.execute(TRACK, (code, begin, end)).fetchall()
    return Track(*np.array(rows, float).reshape(-1, 3).T)


# One row: the outline that a grid had last before an instant, or else the first that it ever had. Parameters: instant,
# twice, and code.
OUTLINE = """
SELECT ST_AsBinary(geom) FROM grid WHERE code = %(code)s
ORDER BY valid_from < %(end)s DESC, abs(extract(epoch FROM valid_from - %(end)s)) LIMIT 1
"""


def outline(connection: psycopg.Connection, grid_code: str, end: datetime) -> shapely.Geometry | None:
    """Return a grid's outline, degrees, as it was at the end of a time; None where there is no such grid."""
    row = connection.execute(OUTLINE, {"code": grid_code, "end": end}).fetchone()
    return shapely.from_wkb(bytes(row[0])) if row else None


def outside_share(positions: Track, grid: shapely.Geometry) -> float | None:
    """Return the share of the time, gaps left out, that was spent outside a grid; None where there is no time.

    Args:
        positions: those that are believed. grid: its outline, degrees, EPSG:4490.
    """
    shapely.prepare(grid)
    inside = shapely.intersects_xy(grid, positions.lon, positions.lat)[:-1]
    seconds = np.diff(positions.at)
    known = seconds <= tracks.GAP_S
    whole = float(seconds[known].sum())
    return float(seconds[known & ~inside].sum()) / whole if whole else None


KEPT_BY = "SELECT code FROM keeper WHERE grid_code = %s ORDER BY code"

BUILDINGS = "SELECT ST_AsBinary(footprint) FROM building WHERE grid_code = %s"


@dataclass(frozen=True)
class Coverage(Covered):
    """How much of a grid was walked in a time, by whom: ``keepers``, their codes; ``metres``: walked by all of them."""

    keepers: tuple[str, ...] = ()
    metres: float = 0.0


def coverage(connection: psycopg.Connection, grid_code: str, begin: datetime, end: datetime,
             buffer_m: float = BUFFER_M) -> Coverage:
    """Return how much of a grid its keepers of now have walked from an instant until before another.

    Args:
        connection: within a jurisdiction that holds the grid.
        grid_code: 15 digits.
        begin, end: such as a day of the command centre.
        buffer_m: metres to either side of a track that count.

    Raises:
        NotFound: no such grid, or none within the jurisdiction.
    """
    grid = outline(connection, grid_code, end)
    if grid is None:
        raise NotFound(f"There is no grid {grid_code!r}.", "It may have been deleted, or lie outside your area.")
    codes = tuple(row[0] for row in connection.execute(KEPT_BY, (grid_code,)))
    walks = [tracks.walk(track(connection, code, begin, end)) for code in codes]
    walls = shapely.from_wkb([bytes(row[0]) for row in connection.execute(BUILDINGS, (grid_code,))])
    found = coverage_rules.covered(grid, walls, [piece for walk in walks for piece in walk.pieces], buffer_m)
    return Coverage(**vars(found), keepers=codes, metres=sum(walk.metres for walk in walks))
