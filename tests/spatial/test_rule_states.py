"""Rules over what devices say: raised, cleared, told once, whatever the order, and when a rule itself changes."""

import itertools
import random
from collections.abc import Iterable
from typing import Any

import psycopg
import pytest

from spatial.jobs import alarms as job
from spatial.queries import alarm_rules, alarms, device_history, rule_states
from spatial.queries.alarms import steps
from spatial.queries.alarms.steps import Wanted
from tests.fixtures.objects import GRID, OTHER_GRID, Objects
from tests.fixtures.readings import NOW, at, state, take, told


@pytest.fixture
def gas(objects: Objects) -> psycopg.Connection:
    building_id = objects.building("B1", name="一号楼")
    objects.device("D1", building_id=building_id, kind="gas", floor=5, expected_interval_s=60)
    return objects.connection


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


def handle(connection: psycopg.Connection, *words: str) -> None:
    """Let a person take steps with the alarm that is active."""
    (alarm_id,) = connection.execute("SELECT id FROM alarm WHERE active").fetchone()
    for step in words:
        steps.take_step(connection, alarm_id, Wanted(step), "duty")


def test_a_value_that_stays_wrong_raises_again_after_somebody_has_cleared_its_alarm(gas) -> None:
    take(gas, {"at": NOW, "values": {"gas": 60}})
    handle(gas, "acknowledge")
    take(gas, {"at": at(1), "values": {"gas": 61}}, now=at(1))
    assert raised(gas) == [("gas", "active")], "one that is acknowledged stands"
    handle(gas, "clear", "close")
    take(gas, {"at": at(2), "values": {"gas": 75}}, {"at": at(3), "values": {"gas": 80}}, now=at(3))
    assert raised(gas) == [("gas", "over"), ("gas", "active")]
    assert alarms.open_alarms(gas)[0].note == "可燃气体浓度 80 ，超过 5 "
    handle(gas, "clear")
    # What is neither beyond the threshold nor right again is not wrong.
    take(gas, {"at": at(4), "values": {"gas": 4}}, now=at(4))
    take(gas, {"at": at(5), "values": {"gas": 90}}, {"at": at(6), "values": {"gas": 1}}, now=at(6))
    assert raised(gas) == [("gas", "over")] * 3
    take(gas, {"at": at(7), "values": {"gas": 2}}, now=at(7))
    assert raised(gas) == [("gas", "over")] * 3


def test_after_a_clear_by_hand_the_duration_counts_anew_and_what_is_older_does_not(gas) -> None:
    rule_set(gas, for_s=60)
    take(gas, {"at": NOW, "values": {"t": 70}}, {"at": at(60), "values": {"t": 70}}, now=at(60))
    handle(gas, "clear")
    take(gas, {"at": at(30), "values": {"t": 90}}, now=at(70))
    assert (rule_states.fire_due(gas, at(1000), 10), raised(gas)) == (0, [("temperature", "over")])
    take(gas, {"at": at(100), "values": {"t": 70}}, now=at(100))
    take(gas, {"at": at(80), "values": {"t": 70}}, {"at": at(31), "values": {"t": 70}}, now=at(101))
    assert (rule_states.fire_due(gas, at(139), 10), len(raised(gas))) == (0, 1)
    rule_states.fire_due(gas, at(141), 10)
    assert raised(gas) == [("temperature", "over"), ("temperature", "active")]


def test_a_door_that_stays_forced_raises_again_after_its_type_has_cleared_it(objects: Objects) -> None:
    connection = objects.connection
    objects.device("D1", kind="access_control")
    rule_set(connection, device_kind="access_control", quantity="door", comparison="equals", threshold=None,
             clear_threshold=None, word="forced", type="door_forced")
    take(connection, {"at": NOW, "values": {"door": "forced"}})
    connection.execute("UPDATE alarm SET last_received_at = now() - interval '1 h', clears_at = now()")
    job.due(connection)
    assert raised(connection) == [("door_forced", "over")]
    for n in (1, 2):
        take(connection, {"at": at(n), "values": {"door": "forced"}}, now=at(n))
    assert raised(connection) == [("door_forced", "over"), ("door_forced", "active")]


def test_a_late_reading_counts_after_an_alarm_of_a_gateway_has_come_and_gone(gas) -> None:
    rule_set(gas)
    said = {"source": "gw", "device": "D1", "severity": "major", "type": "temperature"}
    alarms.take_all(gas, [alarms.Message(event_id="1", occurred_at=at(-9), **said),
                          alarms.Message(event_id="2", occurred_at=at(-8), cleared=True, **said)], "gw")
    take(gas, {"at": at(2), "values": {"t": 55}}, now=at(2))
    take(gas, {"at": at(1), "values": {"t": 70}}, now=at(3))
    assert raised(gas) == [("temperature", "over"), ("temperature", "active")]


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


def test_a_rule_that_was_switched_off_by_hand_raises_nothing_and_stops_nobody(gas) -> None:
    rule_set(gas, for_s=60)
    take(gas, {"at": NOW, "values": {"t": 70}})
    gas.execute("UPDATE alarm_rule SET enabled = false")
    assert (rule_states.fire_due(gas, at(90), 10), raised(gas)) == (0, [])


def test_a_device_that_became_another_kind_while_a_duration_ran_raises_nothing(gas) -> None:
    rule_set(gas, for_s=60)
    take(gas, {"at": NOW, "values": {"t": 70}})
    gas.execute("UPDATE device SET kind = 'smoke'")
    assert (rule_states.fire_due(gas, at(90), 10), raised(gas)) == (1, [])
    assert rule_states.fire_due(gas, at(90), 10) == 0


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
