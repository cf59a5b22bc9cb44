"""Events: taking them in, and their points for the heat map."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial import outbox
from spatial.queries import placement


@dataclass(frozen=True)
class Points:
    """Points of events as columns of equal length: degrees (EPSG:4490), class, epoch seconds."""

    lon: list[float]
    lat: list[float]
    class_code: list[str]
    at: list[int]
    total: int


# Rows: events of a time window within the jurisdiction, thinned by a hash of the id that
# does not depend on the window, so that the same points stay while it moves.
# Parameters: from, to (half-open), class prefix, share of 2^31 kept.
POINTS = """
SELECT round(ST_X(geom)::numeric, 6)::float8, round(ST_Y(geom)::numeric, 6)::float8, class_code,
       extract(epoch FROM occurred_at)::bigint
FROM event
WHERE occurred_at >= %s AND occurred_at < %s AND starts_with(class_code, %s)
  AND (hashint8(id) & 2147483647) < %s
ORDER BY occurred_at, id
"""

COUNT = """
SELECT count(*) FROM event
WHERE occurred_at >= %s AND occurred_at < %s AND starts_with(class_code, %s)
"""


def points(
    connection: psycopg.Connection, start: datetime, end: datetime, class_prefix: str = "",
    most: int = 50_000,
) -> Points:
    """Return the points of the events that occurred in a time window.

    Args:
        start, end: half-open window.
        class_prefix: beginning of the class code; empty for all.
        most: about this many at most; above it each event is kept with the same chance in
            every window. ``total`` tells how many there are.
    """
    total = connection.execute(COUNT, (start, end, class_prefix)).fetchone()[0]
    share = 2**31 if total <= most else int(2**31 * most / total)
    rows = connection.execute(POINTS, (start, end, class_prefix, share)).fetchall()
    lon, lat, class_code, at = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    return Points(lon, lat, class_code, at, total)


@dataclass(frozen=True)
class Report:
    """An event as it comes in. ``lon``, ``lat``: degrees, EPSG:4490."""

    source: str
    code: str
    class_code: str
    origin: str
    title: str
    place: str | None
    lon: float
    lat: float
    occurred_at: datetime


# No row when the event is already on record.
TAKE = """
INSERT INTO event (source, source_key, content_hash, code, class_code, origin, title, place, geom,
                   occurred_at, area_code, grid_code)
VALUES (%s, %s, decode(md5(%s), 'hex'), %s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490), %s, %s, %s)
ON CONFLICT DO NOTHING
RETURNING id
"""


def take(connection: psycopg.Connection, report: Report) -> int | None:
    """Put one event on record in the grid that holds its point, and tell the change feed.

    Returns:
        Its id; None when it was on record already.
    """
    place = placement.at_point(connection, report.lon, report.lat)
    row = connection.execute(
        TAKE,
        (report.source, report.code, repr(report), report.code, report.class_code, report.origin,
         report.title, report.place, report.lon, report.lat, report.occurred_at, *place),
    ).fetchone()
    if row is None:
        return None
    payload = {
        "id": row[0], "class_code": report.class_code, "lon": report.lon, "lat": report.lat,
        "occurred_at": report.occurred_at.isoformat(),
    }
    outbox.append(connection, "event", str(row[0]), place.area_code, place.grid_code, payload)
    return row[0]
