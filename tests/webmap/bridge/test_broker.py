"""The bridge against a real broker: what is acknowledged is on record, once, whatever dies meanwhile."""

import json
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from spatial import embedded, migrate, server
from spatial.queries import bridge_rejects
from spatial.queries.alarms import strays
from spatial.settings import Settings
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import environment_for, stop_hard
from tests.fixtures.mqtt import Bridge, Broker, MakeBridge, count
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.waiting import until
from tests.webmap.bridge.traffic import AT, alarm, file, furnish, on_record, send


def test_messages_of_every_kind_reach_the_database_and_the_change_feed(
    broker: Broker, make_bridge: MakeBridge, database: OwnDatabase, worker: psycopg.Connection
) -> None:
    bridge = make_bridge(database, file(broker)).start()
    items = [{"dev": "D1", "what": "water"}, {"dev": "D2", "what": "water"}, {"dev": "nobody", "what": "water"}]
    event = {"code": "E1", "class": "0301", "title": "<b>井盖</b>", "x": 117.001, "y": 31.001, "at": AT}
    reading = json.dumps({"t": 21.5, "at": datetime.now(UTC).isoformat()}).encode()
    broker.publish([
        alarm(1), alarm(1),
        ("batch/a/b", json.dumps({"t": 1793520000, "data": {"items": items}}).encode()),
        ("events", json.dumps(event).encode()),
        (f"keeper/K{GRID}", json.dumps({"x": 117.002, "y": 31.002, "at": AT}).encode()),
        ("climate/D1", reading), ("climate/nobody", reading),
    ])
    until(lambda: bridge_rejects.count(worker) == 1, log=bridge.log)
    figures = bridge.stop()
    assert (figures["messages"], figures["taken"], figures["known"], figures["rejected"]) == (7, 7, 1, 1)
    assert [waiting.device for waiting in strays.waiting(worker, 10)] == ["nobody"]
    assert on_record(worker) == (3, 3, 3)
    assert worker.execute("SELECT source, severity, type, grid_code FROM alarm ORDER BY id").fetchall() == [
        ("hk", "major", "smoke-1", GRID), ("test", "minor", "water", GRID), ("test", "minor", "water", GRID)]
    assert {row[0] for row in worker.execute("SELECT account FROM alarm_step")} == {"bridge"}
    told = worker.execute("SELECT kind, area_code, count(*) FROM outbox WHERE kind IN ('alarm', 'device', 'event') "
                          "GROUP BY 1, 2 ORDER BY 1").fetchall()
    assert told == [("alarm", COMMUNITY, 3), ("device", COMMUNITY, 1), ("event", COMMUNITY, 1)]
    assert worker.execute("SELECT title FROM event").fetchone()[0] == "<b>井盖</b>"
    assert count(worker, "keeper_track") == 1
    (reject,) = bridge_rejects.recent(worker, 10)
    assert (reject.topic, reject.item, reject.reason) == (
        "climate/nobody", 0, "device: nobody is on record nowhere in your area")


def test_bad_messages_are_kept_and_hold_up_nothing(
    broker: Broker, make_bridge: MakeBridge, database: OwnDatabase, worker: psycopg.Connection
) -> None:
    bridge = make_bridge(database, file(broker)).start()
    topic = alarm(0)[0]
    good = json.loads(alarm(0)[1])
    wrong = [{**good, "level": 9}, {**good, "kind": {"a": 1}}, {**good, "kind": "a\0b"}, {"id": "x"}, None,
             {**good, "id": "p", "kind": "poison"}]
    bad = [(topic, payload) for payload in (
        b"\xff\xfe", b"<b>no JSON</b>", b'{"level": NaN}', b"[" * 100_000, b"x" * 10_000_000,
        *(json.dumps(said).encode() for said in wrong),
    )]
    # One that only the database refuses, and with it the whole batch in which it stands.
    database.connect("owner", autocommit=True).execute("ALTER TABLE alarm ADD CHECK (type <> 'poison')")
    messages = [message for number, each in enumerate(bad) for message in (each, alarm(100 + number))]
    broker.publish(messages)
    broker.publish([bad[0]])
    until(lambda: count(worker, "alarm_message") == len(bad), log=bridge.log)
    until(lambda: bridge_rejects.count(worker) == len(bad), log=bridge.log)
    figures = bridge.stop()
    assert all(line.startswith("{") for line in bridge.log.read_text().splitlines()), "nothing but JSON in the log"
    assert (figures["taken"], figures["rejected"]) == (len(bad), len(bad) + 1)
    kept = {reject.payload[:20]: reject for reject in bridge_rejects.recent(worker, 100)}
    assert kept[b"\xff\xfe"].times == 2
    assert sum(reject.reason.startswith("the database refused it") for reject in kept.values()) == 1
    assert (kept[b"x" * 20].bytes, len(kept[b"x" * 20].payload)) == (10_000_000, 4096)
    assert "no JSON" not in bridge.log.read_text(), "payloads are no matter for logs"


MESSAGES, FEWER = 800, 200


def kill_now_and_then(bridge: Bridge, worker: psycopg.Connection, messages: int, kills: int, seed: int) -> None:
    """Kill a bridge each time when about so much more is on record, at whatever it is doing then."""
    chance = random.Random(seed)
    for kill in range(1, kills + 1):
        least = messages * kill // (kills + 1)
        until(lambda least=least: count(worker, "alarm_message") >= least, log=bridge.log)
        time.sleep(chance.random() * 0.05)
        bridge.stop(signal.SIGKILL)
        bridge.start()


def test_nothing_is_lost_or_counted_twice_when_the_bridge_is_killed(
    broker: Broker, make_bridge: MakeBridge, database: OwnDatabase, worker: psycopg.Connection
) -> None:
    bridge = make_bridge(database, file(broker)).start()
    sending = send(broker, range(MESSAGES))
    kill_now_and_then(bridge, worker, MESSAGES, kills=1, seed=1)
    sending.join()
    until(lambda: count(worker, "alarm_message") == MESSAGES, log=bridge.log)
    bridge.stop()
    assert on_record(worker) == (MESSAGES, MESSAGES, MESSAGES)
    assert bridge_rejects.count(worker) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_nothing_is_lost_when_the_bridge_is_killed_again_and_again(
    broker: Broker, make_bridge: MakeBridge, database: OwnDatabase, worker: psycopg.Connection, seed: int
) -> None:
    bridge = make_bridge(database, file(broker, ["protocol: 5", "protocol: 3.1.1"][seed % 2])).start()
    sending = send(broker, range(5_000))
    kill_now_and_then(bridge, worker, 5_000, kills=10, seed=seed)
    sending.join()
    until(lambda: count(worker, "alarm_message") == 5_000, 120, bridge.log)
    bridge.stop()
    assert on_record(worker) == (5_000, 5_000, 5_000)


def test_a_broker_that_is_killed_and_comes_back_with_an_older_state_costs_nothing(
    broker: Broker, make_bridge: MakeBridge, database: OwnDatabase, worker: psycopg.Connection
) -> None:
    bridge = make_bridge(database, file(broker)).start()
    bridge.stop()
    broker.publish(alarm(number) for number in range(FEWER))
    broker.save()
    bridge.start()
    until(lambda: count(worker, "alarm_message") > 0, log=bridge.log)
    broker.stop(signal.SIGKILL)
    assert broker.start()
    until(lambda: bridge.told("connected to the broker") == 3, log=bridge.log)
    # It comes behind everything that the broker believes not to have delivered.
    broker.publish([alarm(FEWER)])
    until(lambda: count(worker, "alarm_message") == FEWER + 1, log=bridge.log)
    figures = bridge.stop()
    assert figures["known"] > 0, "what was on record came again"
    assert on_record(worker) == (FEWER + 1, FEWER + 1, FEWER + 1)


@pytest.fixture
def own_cluster(home: Settings) -> Iterator[OwnDatabase]:
    """Yield a database in a private cluster of its own, with some devices on record."""
    migrate.bring_up_to_date(home)
    database = OwnDatabase(embedded.DATABASE, home, server.addresses(home), environment_for(home, {}))
    furnish(database.connect("worker", autocommit=True))
    yield database
    database.close()


def test_a_restart_of_the_database_server_loses_nothing_and_keeps_the_connection_to_the_broker(
    broker: Broker, make_bridge: MakeBridge, own_cluster: OwnDatabase
) -> None:
    bridge = make_bridge(own_cluster, file(broker)).start()
    sending = send(broker, range(FEWER))
    worker = own_cluster.connect("worker", autocommit=True)
    until(lambda: count(worker, "alarm_message") > 0, log=bridge.log)
    stop_hard(own_cluster.settings)
    broker.publish(alarm(number) for number in range(FEWER, 2 * FEWER))
    until(lambda: bridge.told("the database is away"), log=bridge.log)
    embedded.start(own_cluster.settings)
    worker = own_cluster.connect("worker", autocommit=True)
    until(lambda: count(worker, "alarm_message") == 2 * FEWER, log=bridge.log)
    sending.join()
    bridge.stop()
    assert on_record(worker) == (2 * FEWER, 2 * FEWER, 2 * FEWER)
    assert bridge.told("connected to the broker") == 1
