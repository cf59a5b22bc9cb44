"""Placing again: as by hand, once, with all that follows, and told to the map."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers import concepts, resettle
from importers.concepts.declare import Placing
from importers.guard import wait_for_turn
from spatial.queries import alarms, placing
from spatial.types import UNPLACED_GRID
from tests.fixtures.objects import Objects
from tests.importers.files import square, write
from tests.importers.town import COMMUNITY, EAST_GRID, WEST_GRID

BY_NAME = {table.name: table for table in placing.TABLES}

# Degrees that binary numbers hold exactly, so that points fall on shared edges and ties are ties.
STEPS = st.integers(0, 24)


def box(corner: tuple[int, int], size: tuple[int, int]) -> shapely.Polygon:
    west, south = 117 + corner[0] / 1024, 31 + corner[1] / 1024
    return shapely.box(west, south, west + size[0] / 1024, south + size[1] / 1024)


BOXES = st.builds(box, st.tuples(STEPS, STEPS), st.tuples(*[st.integers(1, 12)] * 2))
POINTS = st.builds(lambda x, y: shapely.Point(117 + x / 1024, 31 + y / 1024), STEPS, STEPS)


def by_hand(point: shapely.Point, grids: list[shapely.Polygon], communities: list[shapely.Polygon]) -> str:
    """Return the code of the first grid, else the first community, that has the point in it or on its edge."""
    for code, shapes in ((grid_code, grids), (community_code, communities)):
        for number, shape in enumerate(shapes):
            if shape.intersects(point):
                return code(number)
    return UNPLACED_GRID


def grid_code(number: int) -> str:
    return f"999001001001{number + 1:03d}"


def community_code(number: int) -> str:
    return f"999001001{number + 1:03d}000"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grids=st.lists(BOXES, max_size=4), communities=st.lists(BOXES, max_size=2), ended=BOXES,
       buildings=st.lists(BOXES, max_size=4), hydrants=st.lists(POINTS, max_size=4))
def test_everything_is_placed_as_by_hand(objects: Objects, grids, communities, ended, buildings, hydrants):
    connection = objects.connection
    with connection.transaction(force_rollback=True):
        # The last come first, so that the order of rows does not decide a tie.
        for number, shape in reversed(list(enumerate(grids))):
            put_boundary(objects, "grid", shape, grid_code(number), code=grid_code(number), name="网格")
        for number, shape in reversed(list(enumerate(communities))):
            code = community_code(number)
            put_boundary(objects, "area", shape, code, code=code[:12], name="社区", level="community")
        put_boundary(objects, "grid", ended, grid_code(-1), code=grid_code(-1), name="旧网格",
                     valid_from="2020-01-01", valid_to="2021-01-01")
        lost = {"area_code": UNPLACED_GRID[:12], "grid_code": UNPLACED_GRID}
        houses = {objects.put("building", geometry=shapely.MultiPolygon([shape]).wkt, column="footprint", code=f"B{n}",
                              **lost): shape.centroid for n, shape in enumerate(buildings)}
        points = {objects.put("facility", geometry=point.wkt, code=f"F{n}", class_code="0113", **lost): point
                  for n, point in enumerate(hydrants)}
        for table, spots in (("building", houses), ("facility", points)):
            wanted = {row: by_hand(point, grids, communities) for row, point in spots.items()}
            moved = sum(code != UNPLACED_GRID for code in wanted.values())
            counted = resettle.settle(connection, BY_NAME[table], write=False)
            settled = resettle.settle(connection, BY_NAME[table])
            assert settled == counted
            assert (settled.moved, settled.unchanged, settled.outside) == (
                moved, len(spots) - moved, len(spots) - moved)
            assert dict(connection.execute(f"SELECT id, grid_code FROM {table}").fetchall()) == wanted
            assert resettle.settle(connection, BY_NAME[table]).moved == 0


def put_boundary(objects: Objects, table: str, shape: shapely.Polygon, place: str, **values: object) -> None:
    objects.put(table, geometry=shapely.MultiPolygon([shape]).wkt, area_code=place[:12], grid_code=place, **values)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_batches_of_any_size_come_to_the_same(objects: Objects, monkeypatch, size):
    monkeypatch.setattr(resettle, "FIRST_BATCH", size)
    monkeypatch.setattr(resettle, "LARGEST_BATCH", size)
    objects.grid()
    for number in range(3):
        objects.building(f"B{number}", west=117.001 + number / 1000, grid=UNPLACED_GRID)
    seen = []
    assert resettle.settle(objects.connection, BY_NAME["building"], progress=seen.append).moved == 3
    assert seen[-1] == 3


def moved_grids(tmp_path):
    """Write the town's grids with their common edge moved from 117.01 to 117.014: B2 and D3 change sides."""
    return write(tmp_path / "town.gpkg", {"code": [WEST_GRID, EAST_GRID], "name": ["西网格", "东网格"]},
                 [shapely.box(117.0, 31.0, 117.014, 31.01), shapely.box(117.014, 31.0, 117.02, 31.01)], layer="grids")


def test_new_boundaries_say_what_lies_elsewhere_and_the_command_they_name_mends_it(town, importing, tmp_path, shapan):
    camera, lift = raise_alarms(town, "D2", "D3")
    report = importing("grids", moved_grids(tmp_path), source="town")
    lines = "\n".join(report.lines())
    # B2, the camera D2 and the pond lie west of the new edge; what is in B2 follows it and is not counted.
    assert report.displaced == report.facts()["displaced"] == 3
    assert "3 objects on record lie in another grid now" in lines
    assert "type: shapan place" in lines
    dry = shapan("place", "--dry-run", "--json", settings=town.database.settings)
    said = json.loads(dry.stdout)
    assert (said["moved"], said["dry_run"]) == (3, True)
    assert town.rows("SELECT grid_code FROM building WHERE code = 'B2'") == [(EAST_GRID,)]
    before = town.rows("SELECT coalesce(max(id), 0) FROM outbox")[0][0]

    ran = shapan("place", "--json", settings=town.database.settings)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["tables"]["building"] == {"moved": 1, "unchanged": 3, "outside": 1}
    assert (said["moved"], said["tables"]["device"]["moved"], said["tables"]["water"]["moved"]) == (3, 1, 1)
    for table in ("unit", "room", "household", "resident", "building_tally", "device"):
        assert town.rows(f"SELECT count(*) FROM {table} AS t JOIN building AS b ON b.id = t.building_id "
                         "WHERE t.grid_code <> b.grid_code") == [(0,)], table
    assert town.rows("SELECT grid_code FROM resident JOIN building USING (grid_code) WHERE code = 'B2'") != []
    assert set(town.rows("SELECT grid_code FROM search_entry WHERE label = '二号楼'")) == {(WEST_GRID,)}
    told = town.rows("SELECT object FROM outbox WHERE kind = 'tiles' AND id > %s", before)
    # The entrances of B2 go with it.
    assert {name for (name,) in told} == {"buildings", "units", "water", "devices"}
    # And the alarm of the lift; that of the camera goes with the camera.
    for table, column in (("alarm", "id"), ("alarm_step", "alarm_id")):
        assert set(town.rows(f"SELECT {column}, grid_code FROM {table}")) == {(camera, WEST_GRID), (lift, WEST_GRID)}
    told = town.rows("SELECT object, grid_code FROM outbox WHERE kind = 'alarm' AND id > %s", before)
    assert (str(camera), WEST_GRID) in told
    again = shapan("place", settings=town.database.settings)
    assert "building: 0 moved, 4 unchanged, 1 outside every known area (未落位)." in again.stdout


def raise_alarms(town, *devices):
    connection = town.database.connect("worker", autocommit=True)
    return [outcome.alarm_id for outcome in alarms.take_all(connection, [
        alarms.Message("gw", code, code, "major", "fault", datetime.now(UTC)) for code in devices], "gw")]


def test_an_import_that_moves_a_device_takes_its_active_alarm_along(town, importing, tmp_path):
    (alarm_id,) = raise_alarms(town, "D1")
    path = write(tmp_path / "devices.gpkg", {
        "code": ["D1"], "kind": ["smoke"], "building_code": ["B2"], "unit_number": ["1"], "room_number": ["101"],
        "floor": [2]}, [shapely.Point(117.0125, 31.0025)], layer="devices")
    assert importing("devices", path, source="town").counts.updated == 1
    assert town.rows("SELECT alarm.grid_code, building.code, floor, ST_X(alarm.geom) FROM alarm "
                     "JOIN building ON building.id = building_id") == [(EAST_GRID, "B2", 2, 117.0125)]
    told = town.rows("SELECT grid_code, payload ->> 'building_code' FROM outbox WHERE kind = 'alarm' AND object = %s "
                     "ORDER BY id DESC LIMIT 1", str(alarm_id))
    assert told == [(EAST_GRID, "B2")]


def test_a_running_import_of_the_same_table_is_waited_for(town):
    importer, placer = town.database.connect("worker"), town.database.connect("worker")
    wait_for_turn(importer, concepts.find("buildings"))
    with ThreadPoolExecutor(1) as threads:
        placing = threads.submit(resettle.settle, placer, BY_NAME["building"])
        waiting = town.database.connect("superuser", autocommit=True)
        for _ in range(200):
            if waiting.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                               "AND pid = %s", [placer.info.backend_pid]).rowcount:
                break
            waiting.execute("SELECT pg_sleep(0.02)")
        else:
            pytest.fail("placing did not wait for the import")
        assert not placing.done()
        importer.rollback()
        assert placing.result(20).unchanged == 4


def test_a_report_says_the_share_outside_and_what_to_do(importing, tmp_path, town):
    shapes = [square(117.003, 31.003, 0.0005), *(square(118.5 + n / 100, 31.5, 0.0005) for n in range(3))]
    far = write(tmp_path / "far.gpkg", {"code": ["X1", "X2", "X3", "X4"]}, shapes, layer="buildings")
    report = importing("buildings", far)
    assert report.facts()["unplaced_share"] == 0.75
    line = next(line for line in report.lines() if "未落位" in line)
    assert "3 (75.0%) lie outside every known area" in line
    assert "shapan place" in line
    assert town.rows("SELECT DISTINCT area_code FROM building WHERE code = 'X1'") == [(COMMUNITY,)]


def test_placing_that_is_stopped_keeps_what_is_done_and_the_next_run_does_the_rest(town, monkeypatch):
    monkeypatch.setattr(resettle, "FIRST_BATCH", 1)
    monkeypatch.setattr(resettle, "LARGEST_BATCH", 1)
    owner = town.database.connect("superuser", autocommit=True)
    owner.execute("UPDATE building SET area_code = %s, grid_code = %s", [UNPLACED_GRID[:12], UNPLACED_GRID])

    def stop(looked: int) -> None:
        if looked == 2:
            raise KeyboardInterrupt

    placer = town.database.connect("worker")
    with pytest.raises(KeyboardInterrupt):
        resettle.settle(placer, BY_NAME["building"], progress=stop)
    assert town.rows("SELECT count(*) FROM building WHERE grid_code <> %s", UNPLACED_GRID) == [(2,)]
    settled = resettle.settle(placer, BY_NAME["building"])
    assert (settled.moved, settled.unchanged, settled.outside) == (1, 3, 1)


def test_alarms_that_get_another_grid_are_told_because_no_tile_tells(town):
    worker = town.database.connect("worker", autocommit=True)
    worker.execute("INSERT INTO alarm (source, event_id, severity, type, geom, occurred_at, area_code, grid_code) "
                   "VALUES ('test', '1', 'minor', 'gas', ST_SetSRID(ST_MakePoint(117.005, 31.005), 4490), now(), "
                   "%s, %s)",
                   [UNPLACED_GRID[:12], UNPLACED_GRID])
    settled = resettle.settle(worker, BY_NAME["alarm"])
    assert (settled.moved, town.rows("SELECT grid_code FROM alarm")) == (1, [(WEST_GRID,)])
    assert town.rows("SELECT object, payload FROM outbox WHERE kind = 'placed'") == [("alarm", {"moved": 1})]
    resettle.settle(worker, BY_NAME["alarm"])
    assert len(town.rows("SELECT FROM outbox WHERE kind = 'placed'")) == 1


def test_every_concept_that_is_placed_by_its_geometry_is_placed_again():
    placed = {(one.table, one.geometry_column, one.name) for one in concepts.CONCEPTS
              if one.placing is Placing.GEOMETRY}
    assert {(table.name, table.geometry, table.concept) for table in placing.TABLES if table.concept} == placed
