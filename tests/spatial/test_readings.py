"""Readings in: once, in any order, into history, state, freshness, rules and the change feed."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from spatial.db import open_connection
from spatial.queries import alarm_rules, device_history, device_states, devices, readings, rule_states
from spatial.rules import measured
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, OTHER_GRID, Objects
from tests.fixtures.readings import NOW, at, state, take, told


def counted(connection: psycopg.Connection) -> dict[str, dict[str, int]]:
    return {kind["kind"]: {name: kind[name] for name in ("fresh", "late", "lost", "unknown") if kind[name]}
            for kind in device_states.counts(connection)}


@pytest.fixture
def gas(objects: Objects) -> psycopg.Connection:
    building_id = objects.building("B1", name="一号楼")
    objects.device("D1", building_id=building_id, kind="gas", floor=5, expected_interval_s=60)
    return objects.connection


def test_a_device_on_record_is_unknown_with_the_interval_of_its_kind_or_its_own(objects: Objects) -> None:
    objects.device("D1", kind="camera")
    objects.device("D2", kind="camera", expected_interval_s=5)
    objects.device("D3", kind="robot")
    connection = objects.connection
    assert [state(connection, code).interval_s for code in ("D1", "D2", "D3")] == [60, 5, 86_400]
    assert counted(connection) == {"camera": {"unknown": 2}, "robot": {"unknown": 1}}


def test_devices_of_a_kind_that_is_listed_changed_or_struck_have_its_interval(objects: Objects) -> None:
    objects.device("D1", kind="robot")
    objects.device("D2", kind="robot", expected_interval_s=5)
    connection = objects.connection

    def after(statement: str) -> list[int]:
        connection.execute(statement)
        return [state(connection, code).interval_s for code in ("D1", "D2")]

    assert after("INSERT INTO device_kind VALUES ('robot', '机器人', 'Robot', 30)") == [30, 5]
    assert after("UPDATE device_kind SET expected_interval_s = 40 WHERE kind = 'robot'") == [40, 5]
    assert after("DELETE FROM device_kind WHERE kind = 'robot'") == [86_400, 5]
    assert after("UPDATE device_kind SET expected_interval_s = 7200 WHERE kind = 'other'") == [7200, 5]


def test_a_device_that_moves_takes_its_state_along_and_one_that_goes_takes_it_away(gas) -> None:
    take(gas, {"at": NOW, "values": {"gas": 9}})
    gas.execute("UPDATE device SET building_id = NULL, area_code = %s, grid_code = %s, kind = 'smoke', "
                "expected_interval_s = NULL", (OTHER_GRID[:12], OTHER_GRID))
    assert (state(gas).grid_code, state(gas).kind, state(gas).interval_s) == (OTHER_GRID, "smoke", 86_400)
    assert gas.execute("SELECT DISTINCT grid_code FROM rule_state").fetchall() == [(OTHER_GRID,)]
    assert counted(gas) == {"smoke": {"fresh": 1}}
    gas.execute("DELETE FROM device")
    assert counted(gas) == {}
    device_states.add_up(gas)
    assert gas.execute("SELECT count(*) FROM device_tally").fetchone()[0] == 0


def test_a_reading_joins_history_and_state_and_is_told_once(gas) -> None:
    before = gas.execute("SELECT count(*) FROM outbox WHERE kind = 'tiles'").fetchone()
    assert take(gas, {"at": NOW, "values": {"gas": 2, "door": "半开"}, "units": {"gas": "%LEL"}}).taken == 1
    assert take(gas, {"at": at(1), "values": {"gas": 3}}, now=at(1)).taken == 1
    card = devices.card(gas, "D1")
    assert (card["freshness"], card["last_seen"], card["floor"]) == ("fresh", at(1), 5)
    assert [(one["quantity"], one["value"], one["unit"]) for one in card["values"]] == [
        ("door", "半开", None), ("gas", 3.0, "%LEL")]
    (change,) = told(gas, "device")
    assert (change["code"], change["freshness"], change["building_id"], change["values"]["gas"][:2]) == (
        "D1", "fresh", card["building_id"], [2.0, "%LEL"])
    assert [(step["was"], step["freshness"]) for step in card["transitions"]] == [("unknown", "fresh")]
    assert gas.execute("SELECT count(*) FROM outbox WHERE kind = 'tiles'").fetchone() == before


def test_a_reading_that_comes_again_changes_nothing_in_the_same_batch_or_later(gas) -> None:
    one = {"at": NOW, "values": {"gas": 2, "battery": 80}}
    assert take(gas, one, one) == readings.Taken(1, 1, [], frozenset({0}))
    assert take(gas, one) == readings.Taken(0, 1, [])
    assert take(gas, {"at": NOW, "values": {"gas": 99, "flow": 1}}) == readings.Taken(1, 0, [], frozenset({0}))
    assert gas.execute("SELECT quantity, value FROM device_reading ORDER BY 1").fetchall() == [
        ("battery", 80.0), ("flow", 1.0), ("gas", 2.0)]


def test_a_wrong_clock_counts_as_the_servers_time_is_marked_and_still_known_again(gas) -> None:
    ahead = {"at": at(86_400), "values": {"gas": 1}}
    assert take(gas, ahead).taken == 1
    assert take(gas, ahead, now=at(10)) == readings.Taken(0, 1, [])
    assert (state(gas).last_seen, state(gas).clock_wrong) == (NOW, True)
    take(gas, {"at": at(20), "values": {"gas": 1}}, now=at(20))
    assert (state(gas).last_seen, state(gas).clock_wrong) == (at(20), False)


def test_an_older_reading_joins_the_history_and_leaves_the_newer_state(gas) -> None:
    take(gas, {"at": NOW, "values": {"gas": 2, "battery": 80}})
    take(gas, {"at": at(-3600), "values": {"gas": 1, "flow": 7}})
    held = state(gas)
    assert (held.last_seen, {name: said[0] for name, said in held.values.items()}) == (
        NOW, {"gas": 2.0, "battery": 80.0, "flow": 7.0})
    series = device_history.series(gas, held.device_id, "gas", at(-7200), at(1), 10)
    assert [point["value"] for point in series.points] == [1.0, 2.0]


def test_a_device_that_is_not_on_record_is_named_and_the_others_are_taken(gas) -> None:
    taken = take(gas, {"at": NOW}, {"at": NOW, "device": "X1"})
    assert (taken.taken, [(fault.index, fault.field, fault.value) for fault in taken.refused]) == (
        1, [(1, "device", "X1")])


def test_values_are_kept_in_the_unit_of_their_kind_and_rules_see_them_so(objects: Objects) -> None:
    connection = objects.connection
    objects.device("D1", kind="water_meter")
    low = {"values": {"pressure": 50, "flow": 2, "strange": 7}, "units": {
        "pressure": "kPa", "flow": "L/s", "strange": "furlong"}}
    assert take(connection, {"at": NOW, **low}, {"at": at(300), **low}, now=at(300)).refused == []
    assert {name: said[:2] for name, said in state(connection).values.items()} == {
        "pressure": [0.05, "MPa"], "flow": [7.2, "m³/h"], "strange": [7.0, "furlong"]}
    assert connection.execute("SELECT DISTINCT quantity, value, unit FROM device_reading ORDER BY 1").fetchall() == [
        ("flow", 7.2, "m³/h"), ("pressure", 0.05, "MPa"), ("strange", 7.0, "furlong")]
    rule_states.fire_due(connection, at(400), 10)
    assert connection.execute("SELECT type, note FROM alarm").fetchall() == [
        ("water_pressure", "水压 0.05 MPa，低于 0.14 MPa 已 5 分钟")]


def test_a_value_that_its_kind_does_not_measure_so_is_named_and_the_others_are_taken(gas) -> None:
    taken = take(
        gas,
        {"at": NOW, "values": {"gas": 2.0, "battery": 80}, "units": {"gas": "%VOL"}, "event_id": "e1"},
        {"at": at(1), "values": {"gas": "60", "door": "半开"}},
        {"at": at(2), "values": {"gas": True}},
        {"at": at(3), "values": {"gas": 60, "battery": "full"}}, now=at(3))
    assert [(one.index, one.field, one.value, one.event_id) for one in taken.refused] == [
        (0, "units.gas", "%VOL", "e1"), (1, "values.gas", "60", None), (2, "values.gas", "true", None),
        (3, "values.battery", "full", None)]
    assert all("%LEL" in one.reason + one.cure for one in taken.refused[:3])
    assert (taken.taken, taken.new) == (3, {0, 1, 3})
    assert gas.execute("SELECT quantity, value, text FROM device_reading ORDER BY at").fetchall() == [
        ("battery", 80.0, None), ("door", None, "半开"), ("gas", 60.0, None)]
    assert gas.execute("SELECT type, active FROM alarm").fetchall() == [("gas", True)]


def test_a_clock_that_fell_back_for_years_is_marked_and_its_values_reach_the_rules(gas) -> None:
    take(gas, {"at": NOW, "values": {"gas": 3}})
    fell = {"at": datetime(2020, 1, 1, tzinfo=UTC), "values": {"gas": 3}}
    take(gas, fell, now=at(10))
    assert (state(gas).last_seen, state(gas).clock_wrong) == (at(10), True)
    # The device starts anew: its clock falls back to the same second.
    assert take(gas, {**fell, "values": {"gas": 60}}, now=at(20)).taken == 1
    assert take(gas, fell, {**fell, "values": {"gas": 60}}, now=at(30)).known == 2
    assert (state(gas).values["gas"][0], gas.execute("SELECT type FROM alarm WHERE active").fetchall()) == (
        60.0, [("gas",)])
    take(gas, {"at": at(-29 * 86_400), "values": {"gas": 1}}, now=at(40))
    assert (state(gas).values["gas"][0], state(gas).last_seen) == (60.0, at(20))


def test_the_oldest_of_too_many_quantities_leave_the_state(gas) -> None:
    for first in range(0, 90, 30):
        take(gas, {"at": at(first), "values": {f"q{n}": n for n in range(first, first + 30)}})
    assert len(state(gas).values) == readings.QUANTITIES_MOST
    assert {"q89", "q30"} <= set(state(gas).values)
    assert sum(name in state(gas).values for name in (f"q{n}" for n in range(30))) == 4


def test_a_jurisdiction_sees_and_moves_its_own_devices_alone(objects: Objects) -> None:
    objects.device("D1")
    objects.device("D2", grid=OTHER_GRID)
    connection = objects.connection
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((COMMUNITY,)).literal()])
    taken = take(connection, {"at": NOW}, {"at": NOW, "device": "D2"})
    assert (taken.taken, [fault.value for fault in taken.refused]) == (1, ["D2"])
    assert counted(connection) == {"smoke": {"fresh": 1}}
    assert [device.code for device in devices.page(connection, devices.Wanted(state="fresh"))] == ["D1"]


def test_much_is_thinned_to_buckets_that_keep_what_stood_out(gas) -> None:
    take(gas, *({"at": at(-n), "values": {"t": 900 if n == 500 else 20, "door": "x"}} for n in range(1000)))
    device_id = state(gas).device_id
    series = device_history.series(gas, device_id, "t", at(-1000), at(1), 100)
    assert (series.bucket_s, len(series.points) <= 100) == (11, True)
    assert sum(point["count"] for point in series.points) == 1000
    assert max(point["max"] for point in series.points) == 900
    texts = device_history.series(gas, device_id, "door", at(-1000), at(1), 100)
    assert (texts.bucket_s, len(texts.points), texts.cut) == (None, 100, True)


def test_the_same_batch_from_many_gateways_at_once_is_taken_once_without_a_deadlock(database: OwnDatabase) -> None:
    objects = Objects(database.connect("worker", autocommit=True))
    for n in range(30):
        objects.device(f"D{n}", kind="gas")
    items = [{"source": "gw", "device": f"D{n}", "at": at(-second).isoformat(), "values": {"gas": 9 - second}}
             for n in range(30) for second in range(3)]

    def send(seed: int) -> int:
        shuffled = random.Random(seed).sample(items, len(items))
        good, _ = measured.read(shuffled, NOW)
        with (open_connection(database.addresses.app, Scope.everything(), autocommit=True) as connection,
              connection.transaction()):
            return readings.take(connection, good, NOW).taken

    with ThreadPoolExecutor(4) as gateways:
        assert sum(gateways.map(send, range(4))) == len(items)
    connection = database.connect("worker", autocommit=True)
    assert connection.execute("SELECT count(*), count(DISTINCT (device_id, at)) FROM device_reading").fetchone() == (
        90, 90)
    assert connection.execute("SELECT count(*), count(*) FILTER (WHERE active) FROM alarm").fetchone() == (30, 30)
    assert counted(connection) == {"gas": {"fresh": 30}}


def test_a_kind_is_not_changed_past_devices_that_are_being_put_on_record(database: OwnDatabase) -> None:
    importer, administrator = database.connect("worker"), database.connect("worker")
    Objects(importer).device("D1", kind="camera")
    watcher = database.connect("superuser", autocommit=True)
    with ThreadPoolExecutor(1) as pool:
        changed = pool.submit(administrator.execute,
                              "UPDATE device_kind SET expected_interval_s = 30 WHERE kind = 'camera'")
        wait_until_blocked(watcher, administrator)
        importer.commit()
        changed.result(10)
    administrator.commit()
    assert state(importer).interval_s == 30


def wait_until_blocked(watcher: psycopg.Connection, waiter: psycopg.Connection) -> None:
    """Wait until a connection waits for a lock of another one; ten seconds at most."""
    deadline = time.monotonic() + 10
    while not watcher.execute("SELECT cardinality(pg_blocking_pids(%s))", [waiter.info.backend_pid]).fetchone()[0]:
        assert time.monotonic() < deadline


def test_who_takes_readings_and_who_changes_a_rule_at_once_never_wait_in_a_circle(database: OwnDatabase) -> None:
    Objects(database.connect("worker", autocommit=True)).device("D1", kind="gas")
    administrator, gateway = database.connect("worker"), database.connect()
    take(gateway, {"at": NOW, "values": {"gas": 9}})
    gateway.commit()
    watcher = database.connect("superuser", autocommit=True)
    alarm_rules.stop_applying(administrator)
    rule = alarm_rules.of_code(administrator, "gas_high")
    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(take, gateway, {"at": at(1), "values": {"gas": 8}}, now=at(1))
        wait_until_blocked(watcher, gateway)
        rule_states.settle(administrator, rule, None, at(2))
        alarm_rules.delete(administrator, rule, "duty")
        administrator.commit()
        assert taken.result(10).taken == 1
    gateway.commit()
    assert gateway.execute("SELECT count(*) FROM alarm WHERE active").fetchone()[0] == 0


def test_months_of_readings_are_dropped_whole_when_they_are_too_old(database: OwnDatabase) -> None:
    owner = database.connect("owner", autocommit=True)
    for months in (1, 2, 14):
        owner.execute("SELECT set_config('test.month', to_char(date_trunc('month', now() AT TIME ZONE 'UTC') "
                      "- make_interval(months => %s), 'YYYY-MM-DD'), false)", (months,))
        owner.execute("""
            DO $$ DECLARE month date := current_setting('test.month')::date; BEGIN
                EXECUTE format('CREATE TABLE device_reading_%s PARTITION OF device_reading '
                               'FOR VALUES FROM (%L) TO (%L)', to_char(month, '"y"YYYY"m"MM'), month || ' 00:00+00',
                               month + interval '1 month' || '+00');
            END $$""")
    worker = database.connect("worker", autocommit=True)
    assert worker.execute("SELECT shapan_forget_readings(13)").fetchone()[0] == 1
    assert worker.execute("SELECT shapan_forget_readings(1)").fetchone()[0] == 1
    with pytest.raises(psycopg.errors.RaiseException, match="at least one month"):
        worker.execute("SELECT shapan_forget_readings(0)")
