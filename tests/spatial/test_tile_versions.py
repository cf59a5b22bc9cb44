"""What changed where: each write names the cells it touched, and the sequencer makes versions of them."""

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from spatial import migrate, outbox
from spatial.cells import Touched
from spatial.queries import tile_versions
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects, square

HERE = [13517, 6706]
"""The cell of zoom 14 around 117.012, 31.005."""

EAST = [13518, 6706]


def told(connection: psycopg.Connection, after: int = 0) -> list[Touched]:
    rows = connection.execute("SELECT payload FROM outbox WHERE kind = 'tiles' AND id > %s ORDER BY id", [after])
    return [Touched.of(payload) for (payload,) in rows]


def last(connection: psycopg.Connection) -> int:
    return connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]


DRAWN = {
    "area": ("areas", square(117.012, 31.005, 0.001),
             {"code": COMMUNITY, "level": "community", "name": "a", "grid_code": COMMUNITY + "000"}),
    "grid": ("grids", square(117.012, 31.005, 0.001), {"code": GRID, "name": "a"}),
    "road": ("roads", "MULTILINESTRING((117.012 31.005, 117.013 31.005))", {"class": "inner"}),
    "water": ("water", square(117.012, 31.005, 0.001), {"class": "lake"}),
    "green": ("green", square(117.012, 31.005, 0.001), {"class": "park"}),
    "place": ("places", "POINT(117.012 31.005)", {"class": "school", "name": "a"}),
    "building": ("buildings", square(117.012, 31.005, 0.001), {"code": "B"}),
    "organisation": ("organisations", "POINT(117.012 31.005)", {"code": "91330000000000000X", "name": "a"}),
    "facility": ("facilities", "POINT(117.012 31.005)", {"code": "F", "class_code": "0101"}),
    "device": ("devices", "POINT(117.012 31.005)", {"code": "D", "kind": "smoke"}),
    "event": ("events", "POINT(117.012 31.005)",
              {"code": "E", "class_code": "0101", "title": "t", "occurred_at": "2026-11-01T00:00:00Z"}),
}


def column_of(table: str) -> str:
    return "footprint" if table == "building" else "geom"


@pytest.mark.parametrize("table", DRAWN)
def test_inserting_moving_and_deleting_a_drawn_row_name_where_it_was_and_where_it_is(objects: Objects, table: str):
    layer, wkt, values = DRAWN[table]
    connection = objects.connection
    objects.put(table, geometry=wkt, column=column_of(table), **{"area_code": GRID[:12], "grid_code": GRID, **values})
    (change,) = told(connection)
    assert (change.layer, change.z, [list(cell) for cell in change.cells]) == (layer, 14, [HERE])
    before = last(connection)
    connection.execute(sql.SQL("UPDATE {} SET {geom} = ST_Translate({geom}, 0.0219, 0)").format(
        sql.Identifier(table), geom=sql.Identifier(column_of(table))))
    (change,) = told(connection, before)
    assert [list(cell) for cell in change.cells] == [HERE, EAST]
    before = last(connection)
    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    (change,) = told(connection, before)
    assert [list(cell) for cell in change.cells] == [EAST]


def test_one_statement_over_many_rows_is_one_change_with_each_cell_once(objects: Objects):
    for number in range(20):
        objects.building(f"B{number}", west=117.012 + number * 0.0001)
    before = last(objects.connection)
    objects.connection.execute("UPDATE building SET name = 'x'")
    (change,) = told(objects.connection, before)
    assert [list(cell) for cell in change.cells] == [HERE]


def test_what_no_tile_shows_touches_none(objects: Objects):
    objects.device()
    objects.building()
    before = last(objects.connection)
    objects.connection.execute("UPDATE device SET stream_url = 'rtsp://x.invalid'")
    objects.connection.execute("UPDATE building SET name = name, address = 'x', content_hash = 'y'")
    objects.connection.execute("UPDATE building SET name = 'x' WHERE false")
    objects.connection.execute("DELETE FROM building WHERE false")
    assert told(objects.connection, before) == []


def test_residents_that_come_and_go_touch_the_tiles_of_their_building(objects: Objects):
    building_id = objects.building()
    before = last(objects.connection)
    objects.room(building_id, residents=2)
    assert {(change.layer, change.minzoom) for change in told(objects.connection, before)} == {("buildings", 13)}
    before = last(objects.connection)
    objects.connection.execute("DELETE FROM resident")
    assert {change.layer for change in told(objects.connection, before)} == {"buildings"}
    objects.connection.execute("UPDATE building_tally SET residents = 3")
    before = last(objects.connection)
    objects.connection.execute("DELETE FROM building_tally")
    assert {change.layer for change in told(objects.connection, before)} == {"buildings"}


def test_rooms_and_declared_totals_touch_the_tiles_of_their_building_and_moves_within_it_do_not(objects: Objects):
    building_id = objects.building()
    room_id = objects.room(building_id)
    for statement in ("UPDATE room SET area_m2 = 60, tenure = 'owner'", "DELETE FROM household",
                      "UPDATE room SET use = 'office'"):
        before = last(objects.connection)
        objects.connection.execute(statement)
        assert {change.layer for change in told(objects.connection, before)} == {"buildings"}, statement
    before = last(objects.connection)
    objects.connection.execute("UPDATE room SET number = '102', floor = 2 WHERE id = %s", [room_id])
    assert told(objects.connection, before) == []
    for statement in ("UPDATE expected SET basis = 'rooms_per_floor'", "UPDATE expected SET value = 3",
                      "DELETE FROM expected"):
        objects.declare(building_id)
        before = last(objects.connection)
        objects.connection.execute(statement)
        assert {change.layer for change in told(objects.connection, before)} == {"buildings"}, statement


def test_a_unit_without_an_entrance_touches_nothing_and_one_with_it_does(objects: Objects):
    place = {"building_id": objects.building(), "area_code": GRID[:12], "grid_code": GRID}
    before = last(objects.connection)
    objects.put("unit", number="1", **place)
    assert told(objects.connection, before) == []
    objects.put("unit", number="2", geometry="POINT(117.012 31.005)", column="entrance", **place)
    assert [change.layer for change in told(objects.connection, before)] == ["units"]


def test_a_table_that_is_emptied_at_once_touches_every_tile_of_its_layer(database: OwnDatabase):
    owner = database.connect("owner")
    Objects(owner).device()
    before = last(owner)
    owner.execute("TRUNCATE device CASCADE")
    (change,) = told(owner, before)
    assert (change.layer, change.z, len(change.cells)) == ("devices", 5, 1024)
    before = last(owner)
    owner.execute("TRUNCATE building_tally")
    assert [change.layer for change in told(owner, before)] == ["buildings"]


def test_a_row_near_the_edge_of_a_cell_touches_its_neighbour(objects: Objects):
    # The reach is 1/16 of 0.02197 degrees.
    edge = 360 / 2**14 * HERE[0] - 180
    objects.device("D1", lon=edge + 0.0013, lat=31.005)
    objects.device("D2", lon=edge + 0.0015, lat=31.005)
    near, far = told(objects.connection)
    assert [list(cell) for cell in near.cells] == [[HERE[0] - 1, HERE[1]], HERE]
    assert [list(cell) for cell in far.cells] == [HERE]


def test_a_change_over_a_whole_province_names_coarser_cells(objects: Objects):
    objects.put("area", geometry=square(110, 25, 8), code=COMMUNITY, level="county", name="a", area_code=COMMUNITY,
                grid_code=COMMUNITY + "000")
    (change,) = told(objects.connection)
    assert change.z < 14
    assert 100 < len(change.cells) <= 1024


def test_a_writer_of_one_grid_may_tell_of_its_change(objects: Objects):
    objects.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    objects.building()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        objects.building("B2", grid=OTHER_GRID)


def versions(job: psycopg.Connection) -> dict[tuple[str, int, int, int, bool], int]:
    return {(row.layer, row.z, row.x, row.y, row.whole): row.seq for row in tile_versions.every(job)}


def test_versions_are_the_numbers_of_the_last_change_in_each_cell_and_above(database: OwnDatabase):
    writer, job = Objects(database.connect("worker", autocommit=True)), database.connect("worker", autocommit=True)
    for code, west in (("1", 117.012), ("2", 117.034)):
        writer.put("road", geometry=f"MULTILINESTRING(({west} 31.005, {west + 0.001} 31.005))", name=code,
                   **{"class": "inner", "area_code": GRID[:12], "grid_code": GRID})
    assert outbox.stamp(job) == 2
    found = versions(job)
    assert found["roads", 14, *HERE, True] == 1
    assert found["roads", 14, *EAST, True] == 2
    assert found["roads", 10, 844, 419, False] == found["roads", 9, 422, 209, False] == 2
    writer.connection.execute("UPDATE road SET width_m = 4 WHERE name = '1'")
    outbox.stamp(job)
    found = versions(job)
    assert (found["roads", 14, *HERE, True], found["roads", 14, *EAST, True],
            found["roads", 9, 422, 209, False]) == (3, 2, 3)


def test_tiles_that_are_too_coarse_to_show_a_row_have_no_version(database: OwnDatabase):
    writer, job = Objects(database.connect("worker", autocommit=True)), database.connect("worker", autocommit=True)
    writer.device(lon=117.012)
    writer.grid()
    outbox.stamp(job)
    found = versions(job)
    assert {key for key in found if key[0] == "devices"} == {("devices", 14, *HERE, True)}
    assert min(z for layer, z, *_ in found if layer == "grids") == 11


def test_versions_of_tiles_that_were_too_coarse_are_forgotten(bare_database: OwnDatabase, tmp_path: Path):
    for file in migrate.VERSIONS.glob("*.py"):
        if file.name < "0013":
            (tmp_path / file.name).write_text(file.read_text())
    migrate.upgrade(bare_database.addresses.owner, versions=tmp_path)
    owner = bare_database.connect("owner", autocommit=True)
    owner.execute("INSERT INTO tile_version (layer, z, x, y, whole, seq) VALUES ('devices', 13, 1, 1, false, 1), "
                  "('devices', 5, 1, 1, true, 1), ('buildings', 12, 1, 1, false, 1), ('grids', 11, 1, 1, false, 1), "
                  "('grids', 10, 1, 1, false, 1)")
    assert "0013" in migrate.upgrade(bare_database.addresses.owner)
    assert sorted((layer, z) for layer, z, *_ in versions(owner)) == [("buildings", 12), ("devices", 5), ("grids", 11)]


def test_the_epoch_is_one_for_all_connections_to_a_database_and_another_elsewhere(database: OwnDatabase, connection):
    assert tile_versions.epoch(database.connect()) == tile_versions.epoch(database.connect("worker"))
    assert tile_versions.epoch(database.connect()) != tile_versions.epoch(connection)


@pytest.mark.parametrize(("table", "statement"), [
    ("building", "UPDATE building SET name = code || 'x'"),
    ("building_tally", "UPDATE building_tally SET residents = 7")])
def test_an_update_of_many_rows_is_quick_in_a_session_that_began_with_one_of_a_row(
        database: OwnDatabase, table: str, statement: str):
    # In a database of its own: in the shared one the planner may know, from rows that were rolled back, of pages
    # without rows, and then PostgreSQL itself checks each reference by reading all of them.
    connection = database.connect()
    connection.execute(
        "INSERT INTO building (code, footprint, area_code, grid_code, source, source_key, content_hash) "
        "SELECT 'B' || n, ST_Multi(ST_MakeEnvelope(117 + n * 1e-5, 31, 117.00001 + n * 1e-5, 31.001, 4490)), "
        "%s, %s, 'test', n::text, '' FROM generate_series(1, 6000) AS n", [GRID[:12], GRID])
    connection.execute("INSERT INTO building_tally (building_id, area_code, grid_code, residents) "
                       "SELECT id, area_code, grid_code, 1 FROM building")
    key = "id" if table == "building" else "building_id"
    connection.execute(f"{statement} WHERE {key} = (SELECT min({key}) FROM {table})")
    before = last(connection)
    plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}").fetchone()[0][0]
    (trigger,) = [one for one in plan["Triggers"] if one["Trigger Name"] == "tiles_update"]
    assert len(told(connection, before)) == 1
    # As a loop in a loop it took more than seven seconds.
    assert trigger["Time"] < 2500


def test_tallies_tell_quickly_where_the_planner_believes_that_no_building_is_in_its_pages(database: OwnDatabase):
    connection = database.connect("worker", autocommit=True)
    connection.execute(
        "INSERT INTO building (code, footprint, area_code, grid_code, source, source_key, content_hash) "
        "SELECT 'B' || n, ST_Multi(ST_MakeEnvelope(117 + n * 1e-5, 31, 117.00001 + n * 1e-5, 31.001, 4490)), "
        "%s, %s, 'test', n::text, '' FROM generate_series(1, 6000) AS n", [GRID[:12], GRID])
    connection.execute("INSERT INTO building_tally (building_id, area_code, grid_code, residents) "
                       "SELECT id, area_code, grid_code, 1 FROM building")
    # As after rows that were rolled back, before the next look of autovacuum.
    superuser = database.connect("superuser", autocommit=True)
    superuser.execute("ALTER TABLE building SET (autovacuum_enabled = off)")
    superuser.execute("UPDATE pg_class SET relpages = 10, reltuples = 0 WHERE oid = 'building'::regclass")
    connection = database.connect("worker", autocommit=True)
    connection.execute("UPDATE building_tally SET residents = 7 WHERE building_id = (SELECT min(id) FROM building)")
    before = last(connection)
    plan = connection.execute("EXPLAIN (ANALYZE, FORMAT JSON) UPDATE building_tally SET residents = 7").fetchone()[0][0]
    (trigger,) = [one for one in plan["Triggers"] if one["Trigger Name"] == "tiles_update"]
    assert len(told(connection, before)) == 1
    # With the whole table read for each row it took three seconds, and a hundred times as long for ten times as many.
    assert trigger["Time"] < 1000
