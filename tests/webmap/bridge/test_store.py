"""What the bridge writes: each kind by its own intake, a bad thing without loss of the others, its reason kept."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import sentinel

import psycopg
import pytest

from spatial.queries import alarm_rules, bridge_rejects
from spatial.queries.alarms import strays
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.mqtt import count
from tests.webmap.bridge.traffic import AT, alarm, on_record
from webmap.bridge import config, mapping, store
from webmap.bridge.kinds import deliver
from webmap.bridge.link import Received
from webmap.bridge.store import Prepared, Store

NOW = datetime.now(UTC).replace(microsecond=0)

FILE = """
broker: {host: unused}
source: test
jurisdiction: ["999001001001"]
routes:
- topic: gateway/{vendor}/device/{device}/alarm
  kind: alarms
  fields:
    source: {text: "{vendor}"}
    event_id: id
    device: {text: "{device}"}
    severity: {path: level, values: {1: critical, 2: major}}
    type: kind
    occurred_at: at
    cleared: {path: over, default: false}
- topic: events
  kind: events
  fields: {code: code, class_code: class, title: title, lon: x, lat: y, occurred_at: at}
- topic: keeper/{keeper}
  kind: positions
  fields: {keeper: {text: "{keeper}"}, lon: x, lat: y, at: at}
- topic: climate/{device}
  kind: readings
  fields:
    device: {text: "{device}"}
    at: at
    values.temperature: {path: t, factor: 0.1}
    units.temperature: {value: "°C"}
    values.door: door
- topic: whole/{device}
  kind: readings
  fields: {device: {text: "{device}"}, at: at, values: values, units: units}
- topic: heat/{device}
  kind: readings
  format: number
  fields: {device: {text: "{device}"}, at: {time: received}, values.temperature: value}
"""

Send = Callable[..., Counter[str]]


@pytest.fixture
def send(database: OwnDatabase, worker: psycopg.Connection, tmp_path: Path) -> Iterator[Send]:
    """Return a function that commits messages as one batch, and returns what became of the things in them."""
    path = tmp_path / "bridge.yaml"
    path.write_text(FILE, encoding="utf-8")
    said = config.load(path)
    kept = Store(database.settings, said)

    def commit(*messages: tuple[str, Any], at: datetime = NOW) -> Counter[str]:
        prepared = []
        for topic, message in messages:
            payload = message if isinstance(message, bytes) else json.dumps(message).encode()
            received = Received(sentinel.link, 1, topic, payload, len(payload), None, at)
            prepared.append(Prepared(received, mapping.things(said.routes, topic, payload, at)))
        return +kept.commit(prepared)

    yield commit
    kept.close()


def reasons(connection: psycopg.Connection) -> dict[tuple[str, int], str]:
    return {(reject.topic, reject.item): reject.reason for reject in bridge_rejects.recent(connection, 100)}


def measured(connection: psycopg.Connection) -> list[tuple[str, float, str, str]]:
    return connection.execute(
        "SELECT quantity, value, text, unit FROM device_reading ORDER BY at, quantity").fetchall()


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


def test_each_outcome_of_an_alarm_message_counts_as_what_it_is(
    send: Send, worker: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(id_: str, minute: int, **more: Any) -> dict[str, Any]:
        when = datetime.fromisoformat(AT) + timedelta(minutes=minute)
        return {"id": id_, "level": 1, "kind": "smoke", "at": when.isoformat(), **more}

    topic, unknown = "gateway/hk/device/D1/alarm", "gateway/hk/device/nobody/alarm"
    for message, word, alarms in (
        (one("raised", 5), "taken", 1), (one("repeated", 6), "taken", 1), (one("repeated", 6), "known", 1),
        (one("cleared", 7, over=True), "taken", 1), (one("late", 4, over=True), "taken", 1),
        (one("again", 9), "taken", 2),
    ):
        assert send((topic, message)) == {word: 1}, message
        assert count(worker, "alarm") == alarms
    monkeypatch.setattr(strays, "WAITING_MOST", 1)
    assert send((unknown, one("kept", 5)), (unknown, one("too many", 5))) == {"taken": 1, "rejected": 1}
    assert [waiting.count for waiting in strays.waiting(worker, 10)] == [1]
    assert list(reasons(worker).values()) == [
        "No device 'nobody' is on record. It is not kept: 1 of 'hk', or 100,000 of your account, wait already."]


def test_one_thing_that_only_the_database_refuses_loses_itself_and_nothing_else(
    send: Send, database: OwnDatabase, worker: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    database.connect("owner", autocommit=True).execute("ALTER TABLE alarm ADD CHECK (type <> 'poison')")
    topic, payload = alarm(1)
    poison = {**json.loads(payload), "id": "p", "kind": "poison"}
    event = {"code": "E1", "class": "0301", "title": "x", "x": 117.001, "y": 31.001, "at": AT}
    with caplog.at_level(logging.WARNING, "psycopg"):
        assert send(alarm(1), (topic, poison), alarm(2), ("events", event)) == {"taken": 3, "rejected": 1}
    assert caplog.text == ""
    assert on_record(worker) == (2, 2, 2)
    assert count(worker, "event") == 1
    ((where, reason),) = reasons(worker).items()
    assert where == (topic, 0)
    assert reason.startswith("the database refused it: new row for relation \"alarm\"")


def test_many_things_in_few_messages_have_several_transactions(
    send: Send, worker: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(store, "THINGS_MOST", 3)
    monkeypatch.setattr(store, "deliver", lambda kind, things, *more: sizes.append(len(things)) or deliver(
        kind, things, *more))
    messages = [alarm(number) for number in range(7)] + [("heat/D1", f"hot {number}".encode()) for number in range(7)]
    assert send(*messages) == {"taken": 7, "rejected": 7}
    assert sizes == [3, 3, 1]
    assert on_record(worker) == (7, 7, 7)
    assert bridge_rejects.count(worker) == 7


def test_events_outside_the_jurisdiction_and_positions_of_nobody_are_rejected_and_the_others_taken(
    send: Send, worker: psycopg.Connection
) -> None:
    event = {"code": "E1", "class": "0301", "title": "x", "x": 117.001, "y": 31.001, "at": AT}
    position = {"x": 117.002, "y": 31.002, "at": AT}
    assert send(("events", event), ("events", {**event, "code": "E2", "x": 110.0}), ("keeper/nobody", position)) == {
        "taken": 1, "rejected": 2}
    assert reasons(worker) == {("events", 0): "lon: lies outside your area",
                               ("keeper/nobody", 0): "its keeper is not on record"}


def test_readings_come_by_members_as_a_whole_and_as_a_single_number(send: Send, worker: psycopg.Connection) -> None:
    messages = (
        ("climate/D1", {"at": at(-3), "t": 215, "door": "open"}),
        ("whole/D1", {"at": at(-2), "values": {"gas": 7, "ok": True}, "units": {"gas": "%LEL"}}),
        ("heat/D1", b" 21.75 "),
    )
    assert send(*messages) == {"taken": 3}
    assert measured(worker) == [
        ("door", None, "open", None), ("temperature", 21.5, None, "°C"), ("gas", 7.0, None, "%LEL"),
        ("ok", 1.0, None, None), ("temperature", 21.75, None, None)]
    assert send(*messages) == {"known": 3}
    assert len(measured(worker)) == 5


def test_a_reading_without_values_is_a_sign_of_life(send: Send, worker: psycopg.Connection) -> None:
    assert send(("climate/D1", {"at": at(-2)}), ("whole/D2", {"at": at(-1), "values": {}})) == {"taken": 2}
    assert count(worker, "device_reading") == 0
    seen = worker.execute("SELECT device.code, last_seen FROM device JOIN device_state ON device_id = device.id "
                          "WHERE last_seen IS NOT NULL ORDER BY 1").fetchall()
    assert [(code, when.isoformat()) for code, when in seen] == [("D1", at(-2)), ("D2", at(-1))]


def test_a_bad_value_of_a_reading_loses_itself_and_its_reason_is_kept(
    send: Send, worker: psycopg.Connection
) -> None:
    assert send(
        ("climate/D1", {"at": at(-3), "t": "warm", "door": "open"}),
        ("climate/D2", {"at": at(-3), "t": "warm"}),
        ("whole/D3", {"at": at(-2), "values": {"gas": 7, "t": [1]}}),
        ("whole/nobody", {"at": at(-2), "values": {"gas": 7, "t": [1]}}),
        ("heat/D4", b"hot"),
        ("whole/D5", {"at": at(-1), "values": {"temperature": 212, "battery": 5}, "units": {
            "temperature": "°F", "battery": "V"}}),
    ) == {"taken": 3, "rejected": 6}
    assert measured(worker) == [
        ("door", None, "open", None), ("gas", 7.0, None, None), ("temperature", 100.0, None, "°C")]
    value = "is neither a number nor true or false nor a text of 1 to 200 characters without control characters"
    assert reasons(worker) == {
        ("climate/D1", 0): "values.temperature: 'warm' is not a number",
        ("climate/D2", 0): "values.temperature: 'warm' is not a number",
        ("whole/D3", 0): f"values.t: [1] {value}",
        ("whole/nobody", 0): f"device: nobody is on record nowhere in your area; values.t: [1] {value}",
        ("heat/D4", bridge_rejects.WHOLE): "'hot' is not a number (route heat/{device})",
        ("whole/D5", 0): "units.battery: V cannot be converted exactly to %",
    }
    assert worker.execute("SELECT count(*) FROM device_state JOIN device ON device_id = device.id "
                          "WHERE code = 'D2' AND last_seen IS NOT NULL").fetchone() == (0,), "no sign of life"


def test_a_reading_raises_an_alarm_by_a_rule(send: Send, worker: psycopg.Connection) -> None:
    alarm_rules.add(worker, {
        **dict.fromkeys(alarm_rules.OWN), "code": "hot", "name": "热", "name_en": "Hot", "enabled": True,
        "device_code": "D1", "within": "", "quantity": "temperature", "comparison": "above", "threshold": 60.0,
        "for_s": 0, "severity": "major", "type": "temperature", "note": "{value} {unit}"}, "duty")
    # An alarm of the same device in the same batch: its intake and that of the rule have a transaction each.
    hot = [("climate/D1", {"at": at(seconds), "t": t}) for seconds, t in ((-7, 500), (-5, 700))]
    assert send(alarm(1), *hot) == {"taken": 3}
    assert worker.execute("SELECT source, type, note FROM alarm ORDER BY type").fetchall() == [
        ("hk", "smoke-1", None), ("rule:hot", "temperature", "70 °C")]
