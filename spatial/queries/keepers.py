"""Keepers: where they are now, and the track they leave."""

from datetime import datetime

import psycopg

# The latest position wins by the device's time; an older one still joins the track.
MOVE = """
WITH moved AS (
    SELECT id, area_code, grid_code, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS position
    FROM keeper WHERE code = %(code)s
), latest AS (
    UPDATE keeper SET position = moved.position, position_at = %(at)s
    FROM moved
    WHERE keeper.id = moved.id AND (keeper.position_at IS NULL OR keeper.position_at < %(at)s)
)
INSERT INTO keeper_track (keeper_id, at, position, area_code, grid_code)
SELECT id, %(at)s, position, area_code, grid_code FROM moved
RETURNING keeper_id
"""


def move(connection: psycopg.Connection, code: str, lon: float, lat: float, at: datetime) -> bool:
    """Record a keeper's position (degrees, EPSG:4490) at the device's time.

    Returns:
        False when no such keeper is within the jurisdiction.
    """
    values = {"code": code, "lon": lon, "lat": lat, "at": at}
    return connection.execute(MOVE, values).fetchone() is not None
