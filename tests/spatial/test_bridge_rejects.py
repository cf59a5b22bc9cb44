"""What a bridge could not take is kept once, bounded, and out of sight of who may not see everything."""

import threading
import time

import psycopg

from spatial.jobs import forgetting
from spatial.queries import bridge_rejects
from spatial.queries.bridge_rejects import Reject
from spatial.rules.bridge_rejects import PAYLOAD_BYTES
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase


def reject(payload: bytes, topic: str = "gateway/1", item: int = bridge_rejects.WHOLE) -> Reject:
    return Reject(topic, payload, len(payload), item, "not JSON")


def test_the_same_reject_again_raises_its_count_instead_of_a_row(connection: psycopg.Connection) -> None:
    for _ in range(3):
        bridge_rejects.keep(connection, "b", [reject(b"x"), reject(b"x"), reject(b"y")])
    found = bridge_rejects.recent(connection, 10)
    assert {(kept.payload, kept.times) for kept in found} == {(b"x", 3), (b"y", 3)}


def test_two_things_of_one_message_are_two_rejects(connection: psycopg.Connection) -> None:
    bridge_rejects.keep(connection, "b", [reject(b"x", item=0), reject(b"x", item=1)])
    assert bridge_rejects.count(connection) == 2


def test_the_beginning_of_a_long_message_is_kept_with_its_size(connection: psycopg.Connection) -> None:
    bridge_rejects.keep(connection, "b", [reject(b"a" * 100_000), reject(b"a" * 100_001)])
    found = bridge_rejects.recent(connection, 10)
    assert sorted((len(kept.payload), kept.bytes) for kept in found) == [
        (PAYLOAD_BYTES, 100_000), (PAYLOAD_BYTES, 100_001)]


def test_a_topic_and_a_reason_that_no_table_could_hold_are_kept_all_the_same(connection: psycopg.Connection) -> None:
    bridge_rejects.keep(connection, "b", [Reject("a\0b\ud800", b"\0", 1, 0, "value '\0' " + "x" * 5000)])
    (kept,) = bridge_rejects.recent(connection, 10)
    assert kept.topic == "a␀b?"
    assert len(kept.reason) == bridge_rejects.REASON_MOST


def test_the_oldest_beyond_the_bounds_are_forgotten(connection: psycopg.Connection) -> None:
    bridge_rejects.keep(connection, "b", [reject(bytes([number])) for number in range(10)])
    connection.execute("UPDATE bridge_reject SET last_at = now() - get_byte(payload, 0) * interval '1 day'")
    bridge_rejects.forget(connection, days=6, most=100)
    assert [kept.payload[0] for kept in bridge_rejects.recent(connection, 20)] == [0, 1, 2, 3, 4, 5, 6]
    bridge_rejects.forget(connection, days=6, most=2)
    assert [kept.payload[0] for kept in bridge_rejects.recent(connection, 20)] == [0, 1]


def test_old_rejects_go_also_when_no_bridge_runs_any_more(database: OwnDatabase) -> None:
    worker, stop = database.connect("worker", autocommit=True), threading.Event()
    bridge_rejects.keep(worker, "b", [reject(b"old"), reject(b"new")])
    worker.execute("UPDATE bridge_reject SET last_at = now() - interval '31 days' WHERE payload = 'old'")
    job = threading.Thread(target=forgetting.run, args=(database.connect("worker", autocommit=True), stop))
    job.start()
    deadline = time.monotonic() + 10
    while bridge_rejects.count(worker) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    job.join()
    assert [kept.payload for kept in bridge_rejects.recent(worker, 10)] == [b"new"]


def test_who_sees_one_county_sees_no_reject(connection: psycopg.Connection) -> None:
    bridge_rejects.keep(connection, "b", [reject(b"x")])
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope(("999001",)).literal()])
    assert bridge_rejects.recent(connection, 10) == []
