"""Cells: sums over squares, at zooms where single objects would be too many."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from shapely.geometry import box, shape

from spatial.queries.cells import LEVELS
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.tiles.drawn import decoded
from tiles import layers, vector
from tiles.layers import CLASSED, EXACT
from tiles.vector import Address

PLACE = (108135, 53601)
"""Column and row of a cell of level 17, beside a corner of tiles of many zooms."""

BUILDINGS = {"buildings": 1, "residents": 4, "height_sum_m": 20.0, "floors_sum": 7, "floors_known": 1,
             "floor_area_m2": 500.0, "residents_by_area": 4, "dwellings": 10, "vacant": 1, "rooms_entered": 6,
             "rooms_expected": 10.0}

MANY = {**BUILDINGS, "buildings": 3}
"""Enough for tens of residents not to be those of one building."""

Put = Callable[..., None]


@pytest.fixture
def put(connection: psycopg.Connection) -> Put:
    """Return a function that puts the sums of one cell of level 17, and those above it, on record."""

    def run(table: str, x: int, y: int, grid: str = GRID, **sums: Any) -> None:
        names = ", ".join(sums)
        adds = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
        for level in LEVELS:
            up = 17 - level
            connection.execute(
                f"INSERT INTO {table} (z, x, y, area_code, grid_code, {names}) "
                f"VALUES (%s, %s, %s, %s, %s{', %s' * len(sums)}) "
                f"ON CONFLICT (z, x, y, grid_code) DO UPDATE SET {adds}",
                [level, x >> up, y >> up, grid[:12], grid, *sums.values()])

    return run


def tile(connection: psycopg.Connection, z: int, field_class: str = EXACT, name: str = "buildings") -> list[dict]:
    level = min(z + 5, 17)
    up = 17 - level + level - z
    body = vector.build(connection, [name], Address(z, PLACE[0] >> up, PLACE[1] >> up), field_class).body
    return decoded(body).get(layers.layer(name).cells.name, [])


@pytest.mark.parametrize("z", range(13))
def test_a_cell_is_a_32nd_of_its_tile_at_its_place_with_the_sums_of_all_it_holds(connection, put: Put, z: int) -> None:
    x, y = PLACE
    put("building_cell", x, y, **BUILDINGS)
    put("building_cell", x, y, OTHER_GRID, **{**BUILDINGS, "height_sum_m": 41.0, "rooms_entered": 1, "vacant": 9})
    (found,) = tile(connection, z)
    level = z + 5
    column, row = x >> (17 - level), y >> (17 - level)
    west, north = (column % 32) * 128, (row % 32) * 128
    assert shape(found["geometry"]).equals(box(west, north, west + 128, north + 128))
    assert found["id"] == column * 2**level + row
    assert found["properties"] == {
        "buildings": 2, "residents": 8, "drawn_height_m": 30.5, "floors": 7.0, "density": 8, "entry_rate": 35,
        "vacancy": 50}


def test_mean_storeys_are_those_of_buildings_where_they_are_on_record(connection, put: Put) -> None:
    put("building_cell", *PLACE, **BUILDINGS)
    put("building_cell", *PLACE, **{**BUILDINGS, "buildings": 3, "floors_sum": 0, "floors_known": 0})
    (known,) = tile(connection, 12)
    assert known["properties"]["floors"] == 7.0
    connection.execute("UPDATE building_cell SET floors_sum = 0, floors_known = 0")
    (unknown,) = tile(connection, 12)
    assert "floors" not in unknown["properties"]


@pytest.mark.parametrize("z", range(13))
def test_nothing_is_lost_or_doubled_from_level_to_level(connection, put: Put, z: int) -> None:
    for number in range(40):
        put("building_cell", PLACE[0] + number * 37, PLACE[1] + number * 23, **{**BUILDINGS, "residents": number})
    side = 2 ** (17 - z)
    places = {((PLACE[0] + n * 37) // side, (PLACE[1] + n * 23) // side) for n in range(40)}
    found = [feature["properties"] for x, y in places for feature in decoded(
        vector.build(connection, ["buildings"], Address(z, x, y), EXACT).body)["building_cells"]]
    assert sum(cell["buildings"] for cell in found) == 40
    assert sum(cell["residents"] for cell in found) == sum(range(40))


@pytest.mark.parametrize(("residents", "shown"), [(0, 0), (1, 1), (9, 1), (10, 10), (37, 30), (1239, 1230)])
def test_roles_without_exact_counts_get_the_residents_of_a_cell_in_tens(
    connection, put: Put, residents: int, shown: int
) -> None:
    put("building_cell", *PLACE, **{**MANY, "residents": residents, "residents_by_area": residents})
    for field_class, said in ((CLASSED, shown), (EXACT, residents)):
        found = tile(connection, 12, field_class)[0]["properties"]
        assert (found["residents"], found["density"]) == (said, said * 2), field_class


def test_tens_of_residents_are_not_told_where_they_would_be_those_of_one_building(connection, put: Put) -> None:
    put("building_cell", *PLACE, **{**MANY, "buildings": 2, "residents": 37, "residents_by_area": 37})
    found = tile(connection, 12, CLASSED)[0]["properties"]
    assert (found["residents"], found["density"]) == (10, 20)


@pytest.mark.parametrize(("dwellings", "vacant", "shown"), [(19, 19, None), (20, 1, 0), (20, 2, 10), (40, 39, 90)])
def test_roles_without_exact_counts_get_the_vacancy_of_a_cell_in_classes(
    connection, put: Put, dwellings: int, vacant: int, shown: int | None
) -> None:
    put("building_cell", *PLACE, **{**MANY, "dwellings": dwellings, "vacant": vacant})
    assert tile(connection, 12, CLASSED)[0]["properties"].get("vacancy") == shown
    assert tile(connection, 12, EXACT)[0]["properties"]["vacancy"] == vacant * 100 // dwellings


def test_a_cell_has_no_rate_where_nothing_was_declared_or_is_on_record(connection, put: Put) -> None:
    put("building_cell", *PLACE, **{**BUILDINGS, "floor_area_m2": 0, "residents_by_area": 0, "dwellings": 0,
                                    "vacant": 0, "rooms_entered": 0, "rooms_expected": 0})
    for field_class in (EXACT, CLASSED):
        assert {"density", "entry_rate", "vacancy"}.isdisjoint(tile(connection, 12, field_class)[0]["properties"])


@pytest.mark.parametrize(("z", "units"), [(11, 128), (12, 128), (13, 256)])
def test_events_are_cells_up_to_zoom_13_where_the_finest_level_is_16_to_a_tile(connection, put: Put, z, units) -> None:
    put("event_cell", *PLACE, events=5, open=2)
    (found,) = tile(connection, z, name="events")
    assert found["properties"] == {"events": 5, "open": 2}
    west, north, east, south = shape(found["geometry"]).bounds
    assert (east - west, south - north) == (units, units)


def test_cells_outside_the_jurisdiction_are_neither_shown_nor_summed(connection, put: Put) -> None:
    put("building_cell", *PLACE, **BUILDINGS)
    put("building_cell", *PLACE, OTHER_GRID, **BUILDINGS)
    assert tile(connection, 8)[0]["properties"]["buildings"] == 2
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    assert tile(connection, 8)[0]["properties"]["buildings"] == 1


def test_the_codes_of_cells_are_their_communities_so_that_a_jurisdiction_can_be_asked_whether_it_covers_them(
    connection, put: Put
) -> None:
    put("building_cell", *PLACE, **BUILDINGS)
    put("building_cell", *PLACE, OTHER_GRID, **BUILDINGS)
    built = vector.build(connection, ["buildings"], Address(4, PLACE[0] >> 13, PLACE[1] >> 13), EXACT)
    assert built.codes == {COMMUNITY, OTHER_COMMUNITY}
    assert built.features == 1


def test_a_ring_of_a_cell_runs_as_the_specification_asks(connection, put: Put) -> None:
    put("building_cell", *PLACE, **BUILDINGS)
    (ring,) = tile(connection, 12)[0]["geometry"]["coordinates"]
    twice = sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))
    assert twice > 0  # surveyor's formula with y to the south, MVT 2.1, 4.3.3.3
