"""Buildings: the card of one, and footprints of some."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial.errors import NotFound


@dataclass(frozen=True)
class Building:
    """One building with its place and counts. Heights are metres; geometry is EPSG:4490.

    ``geometry``: GeoJSON of the footprint. ``lon``, ``lat``: a point on it.
    """

    id: int
    code: str
    name: str | None
    address: str | None
    use: str
    height_m: float | None
    base_m: float
    floors_above: int | None
    floors_below: int | None
    built_year: int | None
    area_code: str
    area_name: str | None
    area_name_en: str | None
    grid_code: str
    grid_name: str | None
    keeper_name: str | None
    keeper_phone: str | None
    units: int
    rooms: int
    households: int
    residents: int
    lon: float
    lat: float
    geometry: dict[str, Any]


# One row. Parameters: id.
CARD = """
SELECT building.id, building.code, building.name, building.address, building.use, building.height_m,
       building.base_m, building.floors_above, building.floors_below, building.built_year,
       building.area_code, area.name AS area_name, area.name_en AS area_name_en,
       building.grid_code, grid.name AS grid_name,
       keeper.name AS keeper_name, keeper.phone AS keeper_phone,
       (SELECT count(*) FROM unit WHERE unit.building_id = building.id) AS units,
       coalesce(tally.rooms, 0) AS rooms, coalesce(tally.households, 0) AS households,
       coalesce(tally.residents, 0) AS residents,
       ST_X(ST_PointOnSurface(footprint)) AS lon, ST_Y(ST_PointOnSurface(footprint)) AS lat,
       ST_AsGeoJSON(footprint, 9, 0)::json AS geometry
FROM building
LEFT JOIN building_tally AS tally ON tally.building_id = building.id
LEFT JOIN area ON area.code = building.area_code
LEFT JOIN grid ON grid.code = building.grid_code AND grid.valid_to IS NULL
LEFT JOIN LATERAL (
    SELECT name, phone FROM keeper WHERE keeper.grid_code = building.grid_code
    AND building.grid_code <> '000000000000000' ORDER BY code LIMIT 1
) AS keeper ON true
WHERE building.id = %s
"""


def get(connection: psycopg.Connection, building_id: int) -> Building:
    """Return one building.

    Raises:
        NotFound: no such building, or none within the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Building)) as cursor:
        building = cursor.execute(CARD, (building_id,)).fetchone()
    if building is None:
        raise not_found(building_id)
    return building


def not_found(building_id: int) -> NotFound:
    """Return what to raise where no such building is within the jurisdiction."""
    return NotFound(f"There is no building {building_id}.", "It may have been deleted, or lie outside your area.")


@dataclass(frozen=True)
class Footprint:
    """A building's outline: GeoJSON, EPSG:4490; metres that are drawn above its base, and of the base; residents."""

    id: int
    drawn_height_m: float
    base_m: float
    residents: int
    geometry: dict[str, Any]


DRAWN_HEIGHT = "coalesce(building.height_m, nullif(building.floors_above, 0) * 3.0, 3.0)"
"""Height in metres that is drawn: the known one, else 3 m a storey, else one storey."""

# Rows: the buildings among some ids, by id. Parameters: array of ids.
FOOTPRINTS = f"""
SELECT id, {DRAWN_HEIGHT} AS drawn_height_m, base_m, coalesce(residents, 0) AS residents,
       ST_AsGeoJSON(footprint, 7, 0)::json AS geometry
FROM building LEFT JOIN building_tally ON building_id = id WHERE id = ANY(%s) ORDER BY id
"""


def footprints(connection: psycopg.Connection, ids: list[int]) -> list[Footprint]:
    """Return the outlines of some buildings, by id; unknown ids are left out."""
    with connection.cursor(row_factory=class_row(Footprint)) as cursor:
        return cursor.execute(FOOTPRINTS, (ids,)).fetchall()


