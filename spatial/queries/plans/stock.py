"""What lies in a community (底数): buildings with their households, and everything else that a plan counts."""

from dataclasses import dataclass

import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from spatial.geometry import PER_DEGREE, to_degrees

COUNTED = ("households", "residents", "floating", "cared", "rooms")
"""What is counted in each building: households, residents, those who are not registered here (流动 and 境外), those in
a category of care (重点关爱), rooms."""

EVENT_DAYS = 90

_DRAWN = "ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857)"
# Rows: buildings whose box meets a box, by id: id, footprint, the point by which they are placed, counts.
# Parameters: west, south, east, north.
_BUILDINGS = f"""
SELECT b.id, ST_AsBinary(b.footprint), ST_X(spot.point), ST_Y(spot.point), coalesce(t.households, 0),
       coalesce(t.residents, 0), coalesce(people.floating, 0), coalesce(people.cared, 0), coalesce(t.rooms, 0)
FROM building AS b
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.footprint) AS point) AS spot
LEFT JOIN building_tally AS t ON t.building_id = b.id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE registration <> 'registered')::int4 AS floating,
           count(*) FILTER (WHERE care <> '{{}}')::int4 AS cared
    FROM resident WHERE building_id = b.id AND t.residents > 0
) AS people ON true
WHERE b.geom_web && {_DRAWN}
ORDER BY b.id
"""
# Rows: the point of everything else in a box, and the building that it is in, if any: what it is, longitude, latitude,
# building. Parameters: as above, and days.
_OTHERS = f"""
SELECT 'facilities' AS kind, ST_X(spot), ST_Y(spot), NULL::int8
FROM (SELECT ST_PointOnSurface(geom) AS spot FROM facility WHERE geom_web && {_DRAWN}) AS f
UNION ALL
SELECT 'devices', ST_X(geom), ST_Y(geom), building_id FROM device WHERE geom_web && {_DRAWN}
UNION ALL
SELECT 'events', ST_X(geom), ST_Y(geom), building_id FROM event
WHERE geom_web && {_DRAWN} AND occurred_at > now() - make_interval(days => %(days)s)
"""
# Rows: roads in a box: centre line, width or null. Parameters: west, south, east, north.
_ROADS = f"SELECT ST_AsBinary(geom), width_m FROM road WHERE geom_web && {_DRAWN} ORDER BY id"


@dataclass(frozen=True)
class Buildings:
    """Buildings in columns; those of one row belong together.

    Attributes:
        ids: as on record. footprints: lattice units. points: lattice units, of the place that decides about the grid.
        counts: name of ``COUNTED`` → how many.
    """

    ids: np.ndarray
    footprints: np.ndarray
    points: np.ndarray
    counts: dict[str, np.ndarray]


def buildings(connection: psycopg.Connection, ground: BaseGeometry) -> Buildings:
    """Return the buildings whose boxes meet the box of some ground.

    Args:
        connection: inside a transaction; its jurisdiction decides.
        ground: lattice units.
    """
    rows = connection.execute(_BUILDINGS, _box(ground), binary=True).fetchall()
    ids, wkb, lon, lat, *counts = zip(*rows, strict=True) if rows else [()] * (4 + len(COUNTED))
    return Buildings(
        np.array(ids, np.int64), _lattice(wkb),
        shapely.points(np.round(np.column_stack([lon, lat]).reshape(-1, 2).astype(float) * PER_DEGREE)),
        {name: np.array(column, np.int64) for name, column in zip(COUNTED, counts, strict=True)})


@dataclass(frozen=True)
class Others:
    """Facilities, devices and events of ``EVENT_DAYS`` days in columns.

    Attributes:
        kinds: ``facilities``, ``devices`` or ``events``. points: lattice units. buildings: id of the building that it
            is in, else 0.
    """

    kinds: np.ndarray
    points: np.ndarray
    buildings: np.ndarray


def others(connection: psycopg.Connection, ground: BaseGeometry) -> Others:
    """Return what else is counted in the box of some ground; see ``buildings``."""
    rows = connection.execute(_OTHERS, {**_box(ground), "days": EVENT_DAYS}, binary=True).fetchall()
    kinds, lon, lat, building = zip(*rows, strict=True) if rows else [()] * 4
    return Others(np.array(kinds, object),
                  shapely.points(np.round(np.column_stack([lon, lat]).reshape(-1, 2).astype(float) * PER_DEGREE)),
                  np.array([one or 0 for one in building], np.int64))


@dataclass(frozen=True)
class Roads:
    """Roads in columns.

    Attributes:
        lines: centre lines, lattice units. widths: metres, NaN where not on record.
    """

    lines: np.ndarray
    widths: np.ndarray


def roads(connection: psycopg.Connection, ground: BaseGeometry) -> Roads:
    """Return the roads in the box of some ground; see ``buildings``."""
    rows = connection.execute(_ROADS, _box(ground), binary=True).fetchall()
    return Roads(_lattice(row[0] for row in rows),
                 np.array([np.nan if row[1] is None else row[1] for row in rows], float))


def _lattice(wkb) -> np.ndarray:
    shapes = np.array(shapely.from_wkb([bytes(one) for one in wkb]), object)
    return shapely.transform(shapes, lambda xy: np.round(xy * PER_DEGREE))


def _box(ground: BaseGeometry) -> dict[str, float]:
    return dict(zip(("west", "south", "east", "north"), to_degrees(ground).bounds, strict=True))
