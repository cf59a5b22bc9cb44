"""What a building is coloured by (楼栋指标), as expressions over ``building`` and its ``tally``: tiles, cells and
counts by class say the same.

A share is whole per cent, rounded down, so that 100 means all of them and 60 means at least 60. Density is residents
per 1,000 square metres of floor area, the footprint on the ground by the storeys above it: a floor area as registered
(建筑面积) would be better, but no file of buildings brings one.
"""

import psycopg

MEASURABLE = "building.floor_area_m2 >= 1"
"""A footprint of nearly nothing, as files hold them, has no density: no number in a tile would be large enough."""

EXPECTED_ROOMS = "nullif(coalesce(tally.rooms_declared, tally.rooms_per_floor * building.floors_above), 0)"
"""Rooms that there should be, as declared (``expected``); null where nobody has declared any."""

DENSITY = (f"CASE WHEN {MEASURABLE} THEN "
           "floor(coalesce(tally.residents, 0) * 1000::float8 / building.floor_area_m2)::bigint END")
"""居住密度; null where storeys are not on record."""

ENTRY_RATE = f"tally.rooms_entered * 100::bigint / {EXPECTED_ROOMS}"
"""房屋录入率: rooms with all required fields by rooms declared; null where nobody has declared any. Above 100 the
declaration is out of date."""

VACANCY = "tally.vacant * 100 / nullif(tally.dwellings, 0)"
"""空置率: dwellings without a household on record by dwellings on record; null where none is."""

CELL_SUMS: dict[str, tuple[str, str]] = {
    "floor_area_m2": (f"CASE WHEN {MEASURABLE} THEN building.floor_area_m2 ELSE 0 END", "float8"),
    "residents_by_area": (f"CASE WHEN {MEASURABLE} THEN coalesce(tally.residents, 0) ELSE 0 END", "int4"),
    "dwellings": ("coalesce(tally.dwellings, 0)", "int4"),
    "vacant": ("coalesce(tally.vacant, 0)", "int4"),
    "rooms_entered": (f"CASE WHEN {EXPECTED_ROOMS} > 0 THEN coalesce(tally.rooms_entered, 0) ELSE 0 END", "int4"),
    "rooms_expected": (f"CASE WHEN tally.rooms_entered IS NOT NULL THEN coalesce({EXPECTED_ROOMS}, 0) ELSE 0 END",
                       "float8"),
}
"""Columns of ``building_cell`` from which the same are worked out for a cell: a rate of a cell is sum by sum."""

CELL_ENTRY_RATE = "floor(sum(cell.rooms_entered) * 100 / nullif(sum(cell.rooms_expected), 0))::bigint"
CELL_VACANCY = "sum(cell.vacant) * 100 / nullif(sum(cell.dwellings), 0)"


def cell_density(residents: str) -> str:
    """Return the density of a cell, of residents as an aggregate over ``cell.residents_by_area`` says them."""
    return f"floor({residents} * 1000::float8 / nullif(sum(cell.floor_area_m2), 0))::bigint"


# Rows: buildings whose next declaration is of today or before; the index holds nothing else than those that have one.
_DUE = "SELECT building_id FROM building_tally WHERE declared_anew_on <= shapan_today() ORDER BY 1 LIMIT 1000"
_COUNT = "SELECT shapan_count_declared(%s)"


def take_up_declared(connection: psycopg.Connection) -> list[int]:
    """Have declared totals count from their day on, of a thousand buildings at most.

    Args:
        connection: of the worker role, inside a transaction, jurisdiction everything.

    Returns:
        Ids of the buildings whose denominator is another one now.
    """
    due = [row[0] for row in connection.execute(_DUE)]
    if due:
        connection.execute(_COUNT, [due])
    return due
