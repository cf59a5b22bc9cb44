"""Tours of the wall (巡演): kept, resolved to places on the map, and made where none is on record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError
from spatial.rules import wall_tours as rules
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope

Json = dict[str, Any]

MOST = 100
"""Tours that one jurisdiction may see; a list holds all of them."""


class TourChanged(ShapanError):
    """Somebody else has changed the tour meanwhile."""


class TooManyTours(ShapanError):
    """As many tours are on record as may be."""


@dataclass(frozen=True)
class Tour:
    """A tour as it is on record; ``account``: who wrote it last. One that is made and not on record has no id."""

    id: int | None
    name: str
    stops: list[Json]
    version: int
    account: str | None
    updated_at: datetime | None


_COLUMNS = "SELECT id, name, stops, version, account, updated_at FROM wall_tour "

_LIST = _COLUMNS + "ORDER BY id LIMIT %s"


def every(connection: psycopg.Connection) -> list[Tour]:
    """Return the tours within the jurisdiction, in the order in which they were made."""
    with connection.cursor(row_factory=class_row(Tour)) as cursor:
        return cursor.execute(_LIST, (MOST,)).fetchall()


_ONE = _COLUMNS + "WHERE id = %s"


def get(connection: psycopg.Connection, tour_id: int) -> Tour:
    """Return one tour.

    Raises:
        NotFound: there is none, or it goes beyond the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Tour)) as cursor:
        found = cursor.execute(_ONE, (tour_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no tour {tour_id}.", "It may have been deleted, or go beyond your area.")
    return found


# Parameters: places.
_OF_PLACES = _COLUMNS + "WHERE places @> %(places)s AND places <@ %(places)s ORDER BY id LIMIT 1"


def first_of(connection: psycopg.Connection, scope: Scope) -> Tour | None:
    """Return the oldest tour that was made in exactly a jurisdiction; None where there is none."""
    with connection.cursor(row_factory=class_row(Tour)) as cursor:
        return cursor.execute(_OF_PLACES, {"places": scope.places()}).fetchone()


_COUNT = "SELECT count(*) FROM wall_tour"

_MAKE = """
INSERT INTO wall_tour (name, stops, account, places, area_code, grid_code) VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
"""


def make(connection: psycopg.Connection, scope: Scope, name: str, stops: Sequence[Json], account: str) -> Tour:
    """Put a tour on record.

    Args:
        connection: inside a transaction.
        scope: the transaction's jurisdiction, which the tour belongs to.
        name: of the tour. stops: as ``spatial.rules.wall_tours.read`` returns them. account: whose it is.

    Raises:
        TooManyTours: as many are on record as may be.
    """
    if connection.execute(_COUNT).fetchone()[0] >= MOST:
        raise TooManyTours(f"{MOST} tours are on record, as many as may be.", "Delete one that is not used.")
    row = (name, Jsonb(list(stops)), account, scope.places(), UNPLACED_AREA, UNPLACED_GRID)
    return get(connection, connection.execute(_MAKE, row).fetchone()[0])


_CHANGE = """
UPDATE wall_tour SET name = %s, stops = %s, account = %s, version = version + 1, updated_at = now()
WHERE id = %s AND version = %s
"""


def change(connection: psycopg.Connection, tour_id: int, version: int, name: str, stops: Sequence[Json], account: str,
           ) -> Tour:
    """Change a tour that is as whoever changes it has seen it; it stays in the jurisdiction that it was made in.

    Raises:
        NotFound: as of :func:`get`.
        TourChanged: it has another version by now; nothing was changed.
    """
    done = connection.execute(_CHANGE, (name, Jsonb(list(stops)), account, tour_id, version)).rowcount
    found = get(connection, tour_id)
    if not done:
        raise TourChanged(
            f"Tour {tour_id} has version {found.version} since {found.updated_at.isoformat()}, by {found.account}, and "
            f"you changed version {version}.", "Nothing was changed. Read it again, and change that.")
    return found


_DELETE = "DELETE FROM wall_tour WHERE id = %s"


def delete(connection: psycopg.Connection, tour_id: int) -> None:
    """Delete a tour.

    Raises:
        NotFound: as of :func:`get`.
    """
    if not connection.execute(_DELETE, (tour_id,)).rowcount:
        get(connection, tour_id)


@dataclass(frozen=True)
class There:
    """A place or building that is on record within the jurisdiction; ``bounds``: west, south, east, north, degrees,
    EPSG:4490."""

    name: str
    bounds: list[float]


Key = tuple[str, str | int]
"""Level and code of a place; ``building`` and its id."""

# Rows: level, code, name, corners. Parameters: codes of areas and grids.
_PLACES = """
SELECT level, code, name, ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
FROM area WHERE code = ANY(%(codes)s)
UNION ALL
SELECT 'grid', code, name, ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
FROM grid WHERE code = ANY(%(codes)s) AND valid_to IS NULL
"""

# Rows as of _PLACES. Parameters: ids.
_BUILDINGS = """
SELECT 'building', id, coalesce(name, address, code), ST_XMin(footprint), ST_YMin(footprint), ST_XMax(footprint),
       ST_YMax(footprint)
FROM building WHERE id = ANY(%s)
"""


def key_of(target: Json) -> Key | None:
    """Return what a stop's target names; None where it names nothing on record but a view."""
    if target["kind"] == "view":
        return None
    return ("building", target["id"]) if target["kind"] == "building" else (target["level"], target["code"])


def there(connection: psycopg.Connection, targets: Iterable[Json]) -> dict[Key, There]:
    """Return which of some targets are on record within the jurisdiction, and where they are: two statements."""
    keys = {key for target in targets if (key := key_of(target))}
    codes = sorted(code for level, code in keys if level != "building")
    ids = sorted(code for level, code in keys if level == "building")
    rows = [*(connection.execute(_PLACES, {"codes": codes}) if codes else ()),
            *(connection.execute(_BUILDINGS, (ids,)) if ids else ())]
    return {(level, code): There(name, [round(corner, 7) for corner in corners])
            for level, code, name, *corners in rows}


def resolved(connection: psycopg.Connection, tours: Sequence[Tour]) -> list[Json]:
    """Return tours as the interface sends them, each stop with where it is.

    A stop has ``bounds`` (west, south, east, north; degrees, EPSG:4490) and ``name`` of what it names, or ``camera``;
    ``gone`` is true where its place is on record no more, or beyond the jurisdiction.
    """
    found = there(connection, (stop["target"] for tour in tours for stop in tour.stops))
    return [{**vars(tour), "updated_at": tour.updated_at and tour.updated_at.isoformat(),
             "stops": [_stop(stop, found) for stop in tour.stops]} for tour in tours]


def _stop(stop: Json, found: dict[Key, There]) -> Json:
    key = key_of(stop["target"])
    place = found.get(key)
    return {**stop, "name": place and place.name, "bounds": place and place.bounds,
            "camera": stop["target"].get("camera"), "gone": key is not None and place is None}


def faults(connection: psycopg.Connection, stops: Sequence[Json], was: Sequence[Json] = ()) -> list[rules.Fault]:
    """Return what stops name that is not on record within the jurisdiction.

    Args:
        connection: inside a transaction.
        stops: as ``spatial.rules.wall_tours.read`` returns them.
        was: stops of before: what they named and is gone may stay, so that a tour can be changed around it.
    """
    known = {key_of(stop["target"]) for stop in was}
    found = there(connection, (stop["target"] for stop in stops))
    missing = [(index, key) for index, stop in enumerate(stops)
               if (key := key_of(stop["target"])) and key not in found and key not in known]
    return [((index, "target"), f"there is no {level} {code} on record within your area")
            for index, (level, code) in missing]
