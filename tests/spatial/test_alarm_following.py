"""Active alarms go where their device goes, with their steps, whoever may see them."""

from datetime import UTC, datetime

import pytest

from spatial.jobs import alarms as job
from spatial.queries import alarms
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, Objects

PLACE = "SELECT grid_code, building_id, floor FROM alarm WHERE id = %s"
STEPS = "SELECT DISTINCT grid_code FROM alarm_step WHERE alarm_id = %s"
TOLD = "SELECT area_code, payload ->> 'state' FROM outbox WHERE kind = 'alarm' AND object = %s ORDER BY id DESC LIMIT 1"


def message(event_id: str, device: str = "D1", **values: object) -> alarms.Message:
    return alarms.Message(**{"source": "gw", "event_id": event_id, "device": device, "severity": "major",
                             "type": "smoke", "occurred_at": datetime.now(UTC), **values})


@pytest.fixture
def moved(objects: Objects) -> tuple[Objects, int]:
    """Put an active alarm on record whose device was placed in another grid and building since, by hand."""
    old = objects.building("B1")
    new = objects.building("B2", west=117.025, grid=OTHER_GRID)
    objects.device("D1", building_id=old, floor=3)
    objects.device("D2", lon=117.0252, grid=OTHER_GRID)
    alarm_id = alarms.take_all(objects.connection, [message("a")], "gw")[0].alarm_id
    objects.connection.execute(
        "UPDATE device SET building_id = %s, floor = 5, area_code = %s, grid_code = %s, "
        "geom = ST_SetSRID(ST_MakePoint(117.0252, 31.0052), 4490) WHERE code = 'D1'",
        [new, OTHER_COMMUNITY, OTHER_GRID])
    return objects, new, alarm_id


def test_a_gateway_that_sees_only_the_new_grid_repeats_the_alarm_and_loses_nothing_of_its_batch(moved) -> None:
    objects, new, alarm_id = moved
    connection = objects.connection
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((OTHER_COMMUNITY,)).literal()])
    assert connection.execute("SELECT count(*) FROM alarm").fetchone()[0] == 0
    found = alarms.take_all(connection, [message("b", "D2"), message("c"), message("d", "D3")], "narrow")
    assert [outcome.taken for outcome in found] == ["raised", "repeated", "refused"]
    assert found[1].alarm_id == alarm_id
    assert connection.execute(PLACE, [alarm_id]).fetchone() == (OTHER_GRID, new, 5)
    assert connection.execute(STEPS, [alarm_id]).fetchall() == [(OTHER_GRID,)]
    assert connection.execute(TOLD, [str(alarm_id)]).fetchone() == (OTHER_COMMUNITY, "active_unack")
    again = alarms.take_all(connection, [message("c"), message("e", cleared=True)], "narrow")
    assert [outcome.taken for outcome in again] == ["known", "cleared"]


def test_a_gateway_that_sees_only_the_new_grid_clears_the_alarm_that_lies_in_the_old_one(moved) -> None:
    objects, _, alarm_id = moved
    objects.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((OTHER_COMMUNITY,)).literal()])
    clears = [message("b", "D2", cleared=True), message("c", cleared=True)]
    found = alarms.take_all(objects.connection, clears, "narrow")
    assert [(outcome.taken, outcome.alarm_id) for outcome in found] == [("late", None), ("cleared", alarm_id)]
    assert alarms.get(objects.connection, alarm_id).state == "cleared_unack"


def test_a_device_that_was_given_another_room_takes_its_alarm_there(objects: Objects) -> None:
    connection, building = objects.connection, objects.building("B1")
    rooms = [objects.room(building, number=number) for number in ("101", "102")]
    objects.device("D1", building_id=building, room_id=rooms[0])
    alarm_id = alarms.take_all(connection, [message("a")], "gw")[0].alarm_id
    connection.execute("UPDATE device SET room_id = %s", [rooms[1]])
    assert alarms.follow(connection) == 1
    assert alarms.get(connection, alarm_id).room == "102"
    connection.execute("UPDATE device SET room_id = NULL")
    assert alarms.follow(connection) == 0


def test_the_job_brings_alarms_to_their_devices_and_tells(moved) -> None:
    objects, new, alarm_id = moved
    job.tidy(objects.connection)
    assert objects.connection.execute(PLACE, [alarm_id]).fetchone() == (OTHER_GRID, new, 5)
    assert objects.connection.execute(TOLD, [str(alarm_id)]).fetchone() == (OTHER_COMMUNITY, "active_unack")
    placed = "SELECT count(*) FROM outbox WHERE kind = 'placed' AND object = 'alarm'"
    assert objects.connection.execute(placed).fetchone() == (1,)
    assert alarms.follow(objects.connection) == 0
    assert objects.connection.execute(placed).fetchone() == (1,)


def test_an_alarm_that_is_over_and_one_whose_device_was_deleted_stay_where_they_were(objects: Objects) -> None:
    connection, building = objects.connection, objects.building("B1")
    objects.device("D1", building_id=building)
    objects.device("D2", building_id=building)
    over, gone = (outcome.alarm_id for outcome in alarms.take_all(
        connection, [message("a"), message("b", "D2"), message("c", cleared=True)], "gw")[:2])
    connection.execute("DELETE FROM device WHERE code = 'D2'")
    connection.execute("UPDATE device SET building_id = NULL, area_code = %s, grid_code = %s",
                       [OTHER_COMMUNITY, OTHER_GRID])
    assert alarms.follow(connection) == 0
    assert [connection.execute(PLACE, [one]).fetchone()[:2] for one in (over, gone)] == [(GRID, building)] * 2


def test_steps_go_with_an_alarm_that_its_building_takes_along(objects: Objects) -> None:
    connection, building = objects.connection, objects.building("B1")
    objects.device("D1", building_id=building)
    alarm_id = alarms.take_all(connection, [message("a")], "gw")[0].alarm_id
    connection.execute("UPDATE building SET area_code = %s, grid_code = %s", [COMMUNITY, COMMUNITY + "002"])
    for table, column in (("alarm", "id"), ("alarm_step", "alarm_id"), ("alarm_group", "id")):
        assert connection.execute(f"SELECT grid_code FROM {table} WHERE {column} = %s", [alarm_id]).fetchall() == [
            (COMMUNITY + "002",)], table
