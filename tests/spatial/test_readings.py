"""Readings in: once, in any order, into history, state, freshness, rules and the change feed."""

import itertools
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from spatial.db import open_connection
from spatial.queries import alarm_rules, alarms, device_history, device_states, devices, readings, rule_states
from spatial.rules import measured
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

NOW = datetime.now(UTC).replace(microsecond=0)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def take(connection: psycopg.Connection, *items: dict[str, Any], now: datetime = NOW) -> readings.Taken:
    good, refused = measured.read([{"source": "gw", "device": "D1", **item, "at": item["at"].isoformat()}
                                   for item in items], now)
    assert refused == []
    return readings.take(connection, good, now)


def told(connection: psycopg.Connection, kind: str) -> list[dict]:
    return [row[0] for row in connection.execute("SELECT payload FROM outbox WHERE kind = %s ORDER BY id", (kind,))]


def counted(connection: psycopg.Connection) -> dict[str, dict[str, int]]:
    return {kind["kind"]: {name: kind[name] for name in ("fresh", "late", "lost", "unknown") if kind[name]}
            for kind in device_states.counts(connection)}


def state(connection: psycopg.Connection, code: str = "D1") -> device_states.State:
    return device_states.lock(connection, [code])[0]


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
    assert take(gas, one, one) == readings.Taken(1, 1, [])
    assert take(gas, one) == readings.Taken(0, 1, [])
    assert take(gas, {"at": NOW, "values": {"gas": 99, "flow": 1}}) == readings.Taken(1, 0, [])
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


def rule_set(connection: psycopg.Connection, **said: Any) -> alarm_rules.Rule:
    connection.execute("DELETE FROM alarm_rule")
    values = {**dict.fromkeys(alarm_rules.OWN), "code": "hot", "name": "热", "name_en": "Hot", "enabled": True,
              "device_kind": "gas", "within": "", "quantity": "t", "comparison": "above", "threshold": 60.0,
              "clear_threshold": 50.0, "for_s": 0, "severity": "major", "type": "temperature",
              "note": "{value} > {threshold} {unit}{", **said}
    return alarm_rules.add(connection, values, "duty")


def raised(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT type, CASE WHEN active THEN 'active' ELSE 'over' END FROM alarm ORDER BY id"
                              ).fetchall()


def test_a_value_raises_an_alarm_at_the_devices_place_and_another_one_ends_it(gas) -> None:
    take(gas, {"at": NOW, "values": {"gas": 8}, "units": {"gas": "%LEL"}})
    (alarm,) = alarms.open_alarms(gas)
    assert (alarm.source, alarm.type, alarm.severity, alarm.state, alarm.floor, alarm.grid_code, alarm.note) == (
        "rule:gas_high", "gas", "critical", "active_unack", 5, GRID, "可燃气体浓度 8 %LEL，超过 5 %LEL")
    take(gas, {"at": at(1), "values": {"gas": 4}}, {"at": at(2), "values": {"gas": 6}}, now=at(2))
    assert [alarm.state for alarm in alarms.open_alarms(gas)] == ["active_unack"]
    take(gas, {"at": at(3), "values": {"gas": 3}}, now=at(3))
    assert [alarm.state for alarm in alarms.open_alarms(gas)] == ["cleared_unack"]
    assert [change["state"] for change in told(gas, "alarm")] == ["active_unack", "cleared_unack"]


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_comes_to_the_same_alarm(gas, seed: int) -> None:
    rule_set(gas, for_s=3)
    chance = random.Random(seed)
    said = [{"at": at(n), "values": {"t": chance.choice((40, 55, 61, 70))}} for n in range(12)]
    expected = _after(gas, [said])
    shuffled = chance.sample(said, len(said))
    cut = sorted(chance.sample(range(1, 12), 3))
    parts = [shuffled[low:high] for low, high in itertools.pairwise([0, *cut, 12])]
    assert _after(gas, parts) == expected


def _after(connection: psycopg.Connection, batches: Iterable[list[dict]]) -> tuple:
    """Return state and alarm after some batches, on a clean slate that is put back."""
    with connection.transaction(force_rollback=True):
        for batch in batches:
            take(connection, *batch, now=at(60))
        rule_states.fire_due(connection, at(120), 100)
        rows = connection.execute("SELECT since, active FROM rule_state WHERE since IS NOT NULL").fetchall()
        active = connection.execute("SELECT count(*) FROM alarm WHERE active").fetchone()[0]
        assert active == sum(row[1] for row in rows)
        return rows, active


def test_a_duration_runs_out_without_another_reading_and_the_job_raises_the_alarm_once(gas) -> None:
    rule_set(gas, for_s=60)
    take(gas, {"at": NOW, "values": {"t": 70}})
    assert (rule_states.fire_due(gas, at(59), 10), raised(gas)) == (0, [])
    assert (rule_states.fire_due(gas, at(60), 10), raised(gas)) == (1, [("temperature", "active")])
    assert rule_states.fire_due(gas, at(61), 10) == 0
    # A late one from before does not end it.
    take(gas, {"at": at(-5), "values": {"t": 65}}, now=at(70))
    assert raised(gas) == [("temperature", "active")]
    assert alarms.open_alarms(gas)[0].note == "70 > 60 {"


def test_a_rule_that_is_changed_keeps_what_it_still_means_and_ends_the_rest(objects: Objects) -> None:
    connection = objects.connection
    for code in ("D1", "D2"):
        objects.device(code, kind="gas")
    rule = rule_set(connection)
    take(connection, *({"device": code, "at": NOW, "values": {"t": value}} for code, value in (("D1", 70), ("D2", 90))))
    said = {name: getattr(rule, name) for name in alarm_rules.OWN}
    changed = alarm_rules.change(connection, rule, {**said, "threshold": 80.0}, "duty")
    rule_states.settle(connection, rule, changed, at(1))
    assert [(alarm.device_code, alarm.state) for alarm in alarms.open_alarms(connection)] == [
        ("D2", "active_unack"), ("D1", "cleared_unack")]
    rule_states.settle(connection, changed, None, at(2))
    alarm_rules.delete(connection, changed, "duty")
    assert {alarm.state for alarm in alarms.open_alarms(connection)} == {"cleared_unack"}
    steps = connection.execute("SELECT step, account, before->>'threshold', after->>'threshold' FROM rule_step "
                               "WHERE rule_id = %s ORDER BY id", (rule.id,)).fetchall()
    assert steps == [("created", "duty", None, "60.0"), ("changed", "duty", "60.0", "80.0"),
                     ("deleted", "duty", "80.0", None)]


def test_rules_that_come_with_the_product_have_a_type_of_their_own_each_and_say_where_thresholds_come_from(
    connection: psycopg.Connection,
) -> None:
    rules = alarm_rules.in_force(connection)
    # A clear ends whatever is active of a device and type.
    assert len({(rule.device_kind, rule.type) for rule in rules}) == len(rules) >= 13
    assert all(rule.basis and not alarm_rules.strange_placeholders(rule.note or "") for rule in rules)


def test_a_rule_holds_for_one_device_or_one_area_only(objects: Objects) -> None:
    connection = objects.connection
    objects.device("D1", kind="gas")
    objects.device("D2", kind="gas", grid=OTHER_GRID)
    hot = [{"device": code, "at": NOW, "values": {"t": 70}} for code in ("D1", "D2")]
    rule_set(connection, within=OTHER_GRID[:12])
    take(connection, *hot)
    assert [alarm.device_code for alarm in alarms.open_alarms(connection)] == ["D2"]
    rule_set(connection, device_kind=None, device_code="D1", type="other")
    take(connection, *({**one, "at": at(1)} for one in hot), now=at(1))
    assert [alarm.device_code for alarm in alarms.open_alarms(connection) if alarm.type == "other"] == ["D1"]


def test_a_trial_says_when_a_rule_would_have_raised_alarms_and_raises_none(gas) -> None:
    take(gas, *({"at": at(n), "values": {"t": value}} for n, value in enumerate((10, 70, 55, 40, 80))), now=at(9))
    tried = device_history.try_rule(gas, rule_set(gas).condition, state(gas).device_id, "t", at(-10), at(10))
    assert (tried.looked, tried.cut) == (5, False)
    assert tried.fired == [{"since": at(1), "raised_at": at(1), "cleared_at": at(3)},
                           {"since": at(4), "raised_at": at(4), "cleared_at": None}]
    assert raised(gas) == []


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
