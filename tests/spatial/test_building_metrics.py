"""What buildings are coloured by: tallies that equal a count from scratch, whatever happened before."""

import random
import threading
from datetime import date, timedelta

import pytest

from spatial.errors import InvalidInput
from spatial.queries import building_metrics, entry_rate
from spatial.queries.building_metrics import DENSITY, ENTRY_RATE, VACANCY
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, OTHER_GRID, Objects

METRICS = f"""
SELECT building.code, {DENSITY}, {ENTRY_RATE}, {VACANCY}
FROM building LEFT JOIN building_tally AS tally ON tally.building_id = building.id ORDER BY 1
"""

# Counted from the rows, building by building; nothing that the triggers keep is read.
TRUTH = """
SELECT b.code, floor((SELECT count(*) FROM resident WHERE building_id = b.id) * 1000
                     / (ST_Area(b.footprint::geography) * nullif(b.floors_above, 0)))::int,
       (SELECT count(*) FROM room WHERE building_id = b.id AND use <> 'unknown' AND tenure <> 'unknown'
        AND area_m2 IS NOT NULL) * 100 / nullif(declared.rooms, 0)::bigint,
       count(home.id) FILTER (WHERE NOT EXISTS (SELECT FROM household WHERE room_id = home.id)) * 100
           / nullif(count(home.id), 0)
FROM building AS b
LEFT JOIN room AS home ON home.building_id = b.id AND home.use = 'residential'
LEFT JOIN LATERAL (
    SELECT CASE basis WHEN 'total' THEN value ELSE value * b.floors_above END AS rooms FROM expected
    WHERE building_id = b.id AND kind = 'housing' AND as_of <= shapan_today() ORDER BY as_of DESC, id DESC LIMIT 1
) AS declared ON true
GROUP BY b.id, b.code, declared.rooms ORDER BY 1
"""
COUNTS = "SELECT building_id, rooms, households, residents FROM building_tally ORDER BY 1"
COUNTS_TRUTH = """
SELECT building_id, (SELECT count(*) FROM room WHERE room.building_id = tally.building_id),
       (SELECT count(*) FROM household WHERE household.building_id = tally.building_id),
       (SELECT count(*) FROM resident WHERE resident.building_id = tally.building_id)
FROM building_tally AS tally ORDER BY 1
"""


def today(objects: Objects) -> date:
    return objects.connection.execute("SELECT shapan_today()").fetchone()[0]


def rows(objects: Objects, statement: str) -> list[tuple]:
    return objects.connection.execute(statement).fetchall()


def metrics(objects: Objects, code: str = "B1") -> tuple:
    return next(row[1:] for row in rows(objects, METRICS) if row[0] == code)


def at_random(objects: Objects, chance: random.Random) -> None:
    """Change something of one building, or of many by one statement."""
    def run(statement: str, *values: object) -> None:
        objects.connection.execute(statement, values)

    def pick(table: str) -> int:
        return chance.choice([row[0] for row in rows(objects, f"SELECT id FROM {table} ORDER BY id")] or [0])

    def code() -> str:
        return chance.choice([GRID, OTHER_GRID])

    def grid_of(one: int) -> str:
        return objects.connection.execute("SELECT grid_code FROM building WHERE id = %s", [one]).fetchone()[0]

    def place(table: str, row: int) -> dict:
        found = objects.connection.execute(
            f"SELECT building_id, area_code, grid_code FROM {table} WHERE id = %s", [row]).fetchone()
        return dict(zip(("building_id", "area_code", "grid_code"), found, strict=True))

    building, room, number = pick("building"), pick("room"), str(chance.randrange(10**9))
    use, tenure = chance.choice(["residential", "office"]), chance.choice(["owner", "unknown"])
    area, floors = chance.choice([None, 60]), chance.choice([None, 0, 3, 6])
    add = [
        lambda: objects.building(f"B{number}", west=chance.uniform(117, 117.02), grid=code(), floors_above=floors),
        lambda: objects.room(building, residents=chance.randrange(4), number=number, grid=grid_of(building)),
        lambda: objects.declare(building, value=chance.randrange(9), grid=grid_of(building),
                                basis=chance.choice(["total", "rooms_per_floor"]),
                                as_of=today(objects) + timedelta(chance.randrange(-9, 3))),
        lambda: room and objects.put("household", room_id=room, number=number, **place("room", room)),
        lambda: run("UPDATE room SET use = %s, tenure = %s, area_m2 = %s WHERE id = %s", use, tenure, area, room),
        lambda: run("UPDATE room SET tenure = 'rented', area_m2 = 50 WHERE id %% 2 = %s", chance.randrange(2)),
    ]
    change = [
        lambda: run("UPDATE room SET use = %s WHERE building_id %% 3 = %s", use, chance.randrange(3)),
        lambda: run("DELETE FROM household WHERE id = %s", pick("household")),
        lambda: run("DELETE FROM household WHERE building_id %% 4 = %s", chance.randrange(4)),
        lambda: run("DELETE FROM unit WHERE building_id = %s", building),
        lambda: run("DELETE FROM room WHERE id = %s", room),
        lambda: run("DELETE FROM resident WHERE id %% 5 = %s", chance.randrange(5)),
        lambda: run("DELETE FROM building WHERE id = %s", building),
        lambda: run("UPDATE building SET area_code = %s, grid_code = %s WHERE id = %s",
                    (to := code())[:12], to, building),
        lambda: run("UPDATE building SET floors_above = %s WHERE id = %s", floors, building),
        lambda: run("UPDATE building SET footprint = ST_Multi(ST_Expand(footprint, 0.0001)) WHERE id = %s", building),
        lambda: run("UPDATE expected SET as_of = as_of - 1, value = value + 1 WHERE id = %s", pick("expected")),
        lambda: run("DELETE FROM expected WHERE id = %s", pick("expected")),
        lambda: run("UPDATE household SET number = %s WHERE id = %s", number, pick("household")),
    ]
    chance.choice(add if chance.random() < 0.7 else change)()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_sequence_of_changes_tallies_and_metrics_equal_a_count_from_scratch(objects: Objects, seed: int):
    chance = random.Random(seed)
    for number in range(6):
        objects.building(f"A{number}", west=117 + number * 0.001)
    objects.connection.execute("UPDATE building SET footprint = ST_Multi(ST_Expand(footprint, -0.0002))")
    seen = [set(), set(), set()]
    for _ in range(180):
        at_random(objects, chance)
        found = rows(objects, METRICS)
        assert found == rows(objects, TRUTH)
        for values, column in zip(seen, list(zip(*found, strict=True))[1:], strict=True):
            values.update(column)
    assert rows(objects, COUNTS) == rows(objects, COUNTS_TRUTH)
    assert all(any(values - {None, 0}) for values in seen), seen


@pytest.mark.parametrize("south", [-45.0, 0.0, 18.2, 31.0, 53.5, 70.0])
def test_floor_area_is_the_footprint_on_the_ellipsoid_by_the_storeys(objects: Objects, south: float):
    building_id = objects.building(south=south, floors_above=7)
    found, ground = objects.connection.execute(
        "SELECT floor_area_m2, ST_Area(footprint::geography) FROM building WHERE id = %s", [building_id]).fetchone()
    assert found == pytest.approx(7 * ground, rel=1e-4)


def test_what_is_not_known_has_no_metric_and_is_never_a_hundred_per_cent(objects: Objects):
    building_id = objects.building(floors_above=None)
    assert metrics(objects) == (None, None, None)
    objects.declare(building_id, basis="rooms_per_floor", value=4)
    assert metrics(objects) == (None, None, None)
    objects.declare(building_id, value=0, as_of="2026-02-01")
    objects.room(building_id, residents=2)
    assert metrics(objects) == (None, None, 0)
    objects.declare(building_id, value=8, as_of="2026-03-01")
    assert metrics(objects) == (None, 0, 0)


def test_a_building_with_four_hundred_rooms_is_counted_and_rates_are_rounded_down(objects: Objects):
    building_id = objects.building(floors_above=40)
    objects.room(building_id, residents=3)
    unit_id = objects.put("unit", building_id=building_id, number="9", area_code=GRID[:12], grid_code=GRID)
    objects.connection.execute(
        "INSERT INTO room (unit_id, building_id, floor, number, area_code, grid_code, tenure, area_m2, source, "
        "source_key, content_hash) SELECT %s, %s, n / 10, n, %s, %s, 'owner', 50, 'test', 'r' || n, '' "
        "FROM generate_series(1, 399) AS n", [unit_id, building_id, GRID[:12], GRID])
    objects.declare(building_id, basis="rooms_per_floor", value=10)
    assert metrics(objects) == (0, 99, 99)


def test_a_footprint_of_nearly_nothing_breaks_no_metric(objects: Objects):
    objects.room(objects.building(), residents=1)
    objects.connection.execute("UPDATE building SET footprint = ST_Multi(ST_GeomFromText("
                               "'POLYGON((117 31, 117.0000000001 31, 117 31.0000000001, 117 31))', 4490))")
    assert rows(objects, "SELECT floor_area_m2 > 0, floor_area_m2 < 1e-9 FROM building") == [(True, True)]
    assert metrics(objects)[0] is None


def test_the_entry_rate_of_tiles_is_that_of_the_worklist(objects: Objects):
    for number in range(4):
        building_id = objects.building(f"B{number}", west=117 + number * 0.001)
        for room in range(number):
            objects.room(building_id, number=str(room))
        objects.declare(building_id, value=3)
    objects.connection.execute("UPDATE room SET tenure = 'owner', area_m2 = 70 WHERE number <> '1'")
    expected = [int(rate.rate * 100) for rate in entry_rate.rates(objects.connection, "building", "housing")]
    assert [row[2] for row in rows(objects, METRICS)] == expected == [0, 33, 33, 66]


def test_other_requirements_count_all_rooms_anew_and_one_that_rooms_cannot_meet_makes_rates_unknown(objects: Objects):
    objects.declare(objects.building(), value=1)
    objects.room(rows(objects, "SELECT id FROM building")[0][0])
    assert metrics(objects)[1] == 0
    run = objects.connection.execute
    run("DELETE FROM entry_requirement WHERE kind = 'housing' AND field <> 'use'")
    assert metrics(objects)[1] == 100
    run("INSERT INTO entry_requirement (kind, field) VALUES ('housing', 'mood')")
    assert metrics(objects)[1] is None
    with pytest.raises(InvalidInput, match="does not have"), objects.connection.transaction():
        entry_rate.rates(objects.connection, "building", "housing")
    objects.room(rows(objects, "SELECT id FROM building")[0][0], number="102")
    run("DELETE FROM entry_requirement WHERE field = 'mood'")
    assert metrics(objects)[1] == 200


def test_a_declaration_counts_from_its_day_on(objects: Objects):
    building_id = objects.building()
    objects.declare(building_id, value=10)
    objects.declare(building_id, value=20, as_of=today(objects) + timedelta(1))
    (before,) = rows(objects, "SELECT rooms_declared, declared_anew_on FROM building_tally")
    assert before == (10, today(objects) + timedelta(1))
    assert building_metrics.take_up_declared(objects.connection) == []
    # As it stands when that day was today at last.
    objects.connection.execute("UPDATE building_tally SET declared_anew_on = shapan_today(), rooms_declared = 7")
    assert building_metrics.take_up_declared(objects.connection) == [building_id]
    assert rows(objects, "SELECT rooms_declared, declared_anew_on FROM building_tally") == [before]


def test_two_households_that_come_into_one_room_at_once_take_it_from_the_vacant_ones_once(database: OwnDatabase):
    town = Objects(database.connect("worker", autocommit=True))
    room_id = town.room(town.building())
    town.connection.execute("DELETE FROM household")
    first, second = (Objects(database.connect("worker")) for _ in range(2))
    place = {"room_id": room_id, "building_id": 1, "area_code": GRID[:12], "grid_code": GRID}
    place["building_id"] = rows(town, "SELECT id FROM building")[0][0]
    first.put("household", number="1", source_key="a", **place)
    other = threading.Thread(target=lambda: (
        second.put("household", number="2", source_key="b", **place), second.connection.commit()))
    other.start()
    other.join(0.3)
    assert other.is_alive()
    first.connection.commit()
    other.join(5)
    assert rows(town, "SELECT dwellings, vacant, households FROM building_tally") == [(1, 0, 2)]


def test_rooms_that_come_while_requirements_change_are_counted_by_the_new_ones(database: OwnDatabase):
    town = Objects(database.connect("worker", autocommit=True))
    building_id = town.building()
    town.declare(building_id, value=1)
    writer, administrator = Objects(database.connect("worker")), database.connect("owner")
    administrator.execute("DELETE FROM entry_requirement WHERE kind = 'housing'")
    other = threading.Thread(target=lambda: (writer.room(building_id), writer.connection.commit()))
    other.start()
    other.join(0.3)
    assert other.is_alive()
    administrator.commit()
    other.join(5)
    assert metrics(town)[1] == 100
