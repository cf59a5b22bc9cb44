"""What a building holds: the tally, and moving it."""

import psycopg
import pytest

from spatial.errors import NotFound
from spatial.queries import buildings, residents
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects


def tally(connection: psycopg.Connection, building_id: int) -> tuple[int, int, int] | None:
    return connection.execute(
        "SELECT rooms, households, residents FROM building_tally WHERE building_id = %s", [building_id]
    ).fetchone()


def test_the_tally_follows_rooms_households_and_residents(objects: Objects) -> None:
    connection, first, second = objects.connection, objects.building("B1"), objects.building("B2", west=117.006)
    objects.room(first, residents=3, number="101")
    objects.room(first, residents=2, number="102")
    objects.room(second, residents=1)
    assert tally(connection, first) == (2, 2, 5)
    assert tally(connection, second) == (1, 1, 1)
    connection.execute("DELETE FROM resident WHERE id = (SELECT min(id) FROM resident)")
    assert tally(connection, first) == (2, 2, 4)
    connection.execute("DELETE FROM unit WHERE building_id = %s AND number = '102'", [first])
    assert tally(connection, first) == (1, 1, 2)
    connection.execute("DELETE FROM building WHERE id = %s", [first])
    assert tally(connection, first) is None
    assert tally(connection, second) == (1, 1, 1)


def test_rooms_loaded_in_one_statement_count_like_rooms_loaded_one_by_one(objects: Objects) -> None:
    building_id = objects.building()
    unit_id = objects.put("unit", building_id=building_id, number="1", area_code=GRID[:12], grid_code=GRID)
    objects.connection.execute(
        "INSERT INTO room (unit_id, building_id, floor, number, area_code, grid_code, source, source_key, "
        "content_hash) "
        "SELECT %s, %s, n, n, %s, %s, 'test', 'r' || n, '' FROM generate_series(1, 100) AS n",
        [unit_id, building_id, GRID[:12], GRID],
    )
    assert tally(objects.connection, building_id) == (100, 0, 0)


def test_moving_a_building_to_another_grid_moves_everything_in_it(objects: Objects) -> None:
    building_id = objects.building()
    objects.room(building_id, residents=2)
    objects.device(building_id=building_id)
    connection = objects.connection
    connection.execute(
        "UPDATE building SET area_code = %s, grid_code = %s WHERE id = %s", [OTHER_GRID[:12], OTHER_GRID, building_id]
    )
    for table in ("unit", "room", "household", "resident", "device", "building_tally"):
        codes = connection.execute(f"SELECT DISTINCT area_code, grid_code FROM {table}").fetchall()
        assert codes == [(OTHER_GRID[:12], OTHER_GRID)], table
    assert tally(connection, building_id) == (1, 1, 2)


def test_the_card_names_grid_community_keeper_and_counts(objects: Objects) -> None:
    objects.community()
    objects.grid()
    objects.keeper()
    building_id = objects.building("B7", name="三号楼", address="望江路 3 号")
    objects.room(building_id, residents=3, care=["elderly_alone"])
    card = buildings.get(objects.connection, building_id)
    assert (card.code, card.name, card.address) == ("B7", "三号楼", "望江路 3 号")
    assert (card.area_name, card.grid_name, card.keeper_name) == ("望江社区", "第一网格", "周网格")
    assert (card.units, card.rooms, card.households, card.residents) == (1, 1, 1, 3)
    assert card.geometry["type"] == "MultiPolygon"
    assert "crs" not in card.geometry
    counts = residents.of_building(objects.connection, building_id)
    assert counts.registration == {"registered": 3}
    assert counts.care == {"elderly_alone": 3}


def test_a_building_outside_the_jurisdiction_is_not_found(objects: Objects) -> None:
    building_id = objects.building(grid=OTHER_GRID)
    objects.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    with pytest.raises(NotFound, match=str(building_id)):
        buildings.get(objects.connection, building_id)


def test_an_unplaced_building_has_a_card_without_grid_and_keeper(objects: Objects) -> None:
    building_id = objects.building(grid="0" * 15)
    card = buildings.get(objects.connection, building_id)
    assert (card.grid_name, card.keeper_name, card.area_name, card.residents) == (None, None, None, 0)


def test_an_outline_comes_with_the_height_that_is_drawn(objects: Objects) -> None:
    known, storeys = (objects.building(code, west=west, **values) for code, west, values in (
        ("B1", 117.005, {"height_m": 21.5}), ("B2", 117.006, {"height_m": None, "floors_above": 5})))
    found = buildings.footprints(objects.connection, [storeys, known, -1])
    assert [(one.id, one.drawn_height_m) for one in found] == [(known, 21.5), (storeys, 15.0)]
    assert buildings.get(objects.connection, storeys).height_m is None
