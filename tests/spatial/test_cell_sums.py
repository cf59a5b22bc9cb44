"""Sums by cell follow the objects, on every level."""

import random

import pytest

from spatial import outbox
from spatial.cells import DEEPEST, MAX_CELLS, Touched
from spatial.jobs import cell_sums
from spatial.queries import cells
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, OTHER_GRID, Objects

BUILDINGS, EVENTS = cells.TABLES

# What the finest level must be: one row for a cell and grid.
TRUTH = """
SELECT floor((20037508.342789244 + ST_X(c)) / 40075016.685578488 * 2 ^ %(z)s)::int,
       floor((20037508.342789244 - ST_Y(c)) / 40075016.685578488 * 2 ^ %(z)s)::int, grid_code, count(*),
       sum(people), sum(people) FILTER (WHERE floors_above > 0), sum(homes), sum(empty), sum(entered), sum(declared)
FROM (SELECT ST_Centroid(ST_Envelope(b.geom_web)) AS c, b.grid_code, b.floors_above,
             (SELECT count(*) FROM resident WHERE building_id = b.id) AS people,
             (SELECT count(*) FROM room WHERE building_id = b.id) AS homes,
             (SELECT count(*) FROM room WHERE building_id = b.id
              AND id NOT IN (SELECT room_id FROM household)) AS empty,
             (SELECT count(area_m2) FROM room WHERE building_id = b.id AND b.id IN (SELECT building_id FROM expected))
                 AS entered,
             (SELECT coalesce(sum(value), 0) FROM expected WHERE building_id = b.id) AS declared
      FROM building AS b) AS b GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
FOUND = """
SELECT x, y, grid_code, buildings, residents, residents_by_area, dwellings, vacant, rooms_entered, rooms_expected
FROM building_cell WHERE z = %(z)s ORDER BY 1, 2, 3
"""


@pytest.fixture
def town(database: OwnDatabase) -> Objects:
    return Objects(database.connect("worker", autocommit=True))


def follow(town: Objects) -> None:
    outbox.stamp(town.connection)
    cell_sums.follow(town.connection, BUILDINGS)
    cell_sums.follow(town.connection, EVENTS)
    outbox.stamp(town.connection)


def compare(town: Objects) -> None:
    for z in cells.LEVELS:
        assert (town.connection.execute(FOUND, {"z": z}).fetchall()
                == town.connection.execute(TRUTH, {"z": z}).fetchall())


def test_sums_are_true_after_any_sequence_of_changes(town: Objects):
    chance = random.Random(7)
    ids: list[int] = []
    follow(town)
    for number in range(60):
        ids.append(town.building(f"B{number}", west=chance.uniform(116.9, 117.1), south=chance.uniform(30.9, 31.1),
                                 grid=(grid := chance.choice([GRID, OTHER_GRID]))))
        if number % 3 == 0:
            town.room(ids[-1], residents=number % 4, grid=grid)
            town.connection.execute("UPDATE room SET tenure = 'owner', area_m2 = 70 WHERE building_id = %s", [ids[-1]])
        if number % 4 == 0:
            town.declare(ids[-1], value=number + 1, grid=grid)
        if number % 5 != 4:
            continue
        gone = ids.pop(chance.randrange(len(ids)))
        town.connection.execute("DELETE FROM building WHERE id = %s", [gone])
        moved = chance.choice(ids)
        town.connection.execute(
            "UPDATE building SET footprint = ST_Translate(footprint, 0.05, -0.03) WHERE id = %s", [moved])
        town.connection.execute("UPDATE building SET area_code = %s, grid_code = %s WHERE id = %s",
                                [OTHER_GRID[:12], OTHER_GRID, chance.choice(ids)])
        town.connection.execute("DELETE FROM household WHERE building_id = %s", [chance.choice(ids)])
        follow(town)
        compare(town)
    assert all(town.connection.execute(
        "SELECT sum(residents), sum(vacant), sum(rooms_entered), sum(rooms_expected) FROM building_cell").fetchone())


def test_storeys_are_summed_of_buildings_where_they_are_on_record(town: Objects):
    for code, floors in (("B1", 6), ("B2", None), ("B3", 0)):
        town.connection.execute("UPDATE building SET floors_above = %s WHERE id = %s", [floors, town.building(code)])
    follow(town)
    found = town.connection.execute("SELECT DISTINCT buildings, floors_sum, floors_known FROM building_cell").fetchall()
    assert found == [(3, 6, 2)]


def test_what_was_there_before_the_sums_is_in_them(town: Objects):
    town.building("B1")
    town.room(town.building("B2", west=117.03), residents=3)
    follow(town)
    compare(town)
    assert town.connection.execute("SELECT sum(residents) FROM building_cell WHERE z = 5").fetchone()[0] == 3


def test_only_cells_whose_sums_changed_are_told(town: Objects):
    town.building("B1")
    town.building("B2", west=117.065)
    follow(town)
    before = outbox.head(town.connection)
    town.connection.execute("UPDATE building SET name = 'x'")
    follow(town)
    assert [change.payload["minzoom"] for change in outbox.after(town.connection, before)] == [13]
    before = outbox.head(town.connection)
    town.connection.execute("UPDATE building SET height_m = 40 WHERE code = 'B2'")
    follow(town)
    rows, sums = [change.payload for change in outbox.after(town.connection, before)]
    assert (sums["layer"], sums["minzoom"], sums["maxzoom"], sums["cells"]) == ("buildings", 0, 12, [[13519, 6706]])
    assert rows["minzoom"] == 13


def test_sums_that_change_in_very_many_cells_are_told_in_coarser_ones(town: Objects):
    # One in each of 40 by 40 cells of zoom 14, which are 0.022 degrees wide.
    town.connection.execute(
        "INSERT INTO building (code, footprint, area_code, grid_code, source, source_key, content_hash) "
        "SELECT 'B' || x || '-' || y, ST_Multi(ST_MakeEnvelope(e, n, e + 0.0001, n + 0.0001, 4490)), %s, %s, 'test', "
        "x || '-' || y, '' FROM generate_series(1, 40) AS x, generate_series(1, 40) AS y, "
        "LATERAL (SELECT 117 + x * 0.022 AS e, 31 + y * 0.022 AS n) AS corner", [GRID[:12], GRID])
    follow(town)
    town.connection.execute("DELETE FROM building_cell")
    outbox.touched(town.connection, Touched("buildings", 13, DEEPEST, 0, ((0, 0),)))
    before = outbox.stamp(town.connection)
    follow(town)
    (sums,) = [Touched.of(change.payload) for change in outbox.after(town.connection, before)]
    assert (sums.layer, sums.minzoom, sums.maxzoom, sums.z) == ("buildings", 0, 12, 13)
    assert 400 <= len(sums.cells) <= MAX_CELLS


def test_events_are_counted_with_those_that_are_open(town: Objects):
    for number, state in enumerate(["open", "dispatched", "done"]):
        town.put("event", geometry="POINT(117.005 31.005)", code=f"E{number}", class_code="0101", title="t",
                 state=state, occurred_at="2026-11-01T00:00:00Z", area_code=GRID[:12], grid_code=GRID)
    follow(town)
    rows = town.connection.execute("SELECT z, events, open FROM event_cell ORDER BY z").fetchall()
    assert rows == [(z, 3, 2) for z in sorted(cells.LEVELS)]


def test_a_jurisdiction_sees_the_sums_of_its_own_grids_only(database: OwnDatabase, town: Objects):
    town.building("B1", grid=GRID)
    town.building("B2", grid=OTHER_GRID)
    follow(town)
    mine = database.connect(scope=Scope((GRID,)))
    assert mine.execute("SELECT grid_code, buildings FROM building_cell WHERE z = 17").fetchall() == [(GRID, 1)]
