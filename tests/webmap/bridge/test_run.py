"""A bridge in this process: other bridges, other clients, retained messages, encryption, a database that is busy."""

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from spatial.queries import bridge_rejects
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.mqtt import Broker, MakeBroker, count
from tests.fixtures.services import free_port
from tests.fixtures.waiting import until
from tests.webmap.bridge.traffic import alarm, file, on_record
from webmap.bridge import config, link, run
from webmap.bridge.link import BrokerRefused
from webmap.bridge.run import Bridge
from webmap.bridge.status import Status


@dataclasses.dataclass
class Running:
    """A bridge in a thread; ``error``: what it ended with."""

    status: Status
    stop: threading.Event
    thread: threading.Thread
    error: Exception | None = None

    def end(self) -> None:
        """Tell it to end, and wait for it."""
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


    def end_connected(self) -> None:
        """End it as soon as it is connected."""
        connected(self)
        self.end()


Start = Callable[[str], Running]


@pytest.fixture
def start(database: OwnDatabase, tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts a bridge over the test's database; all are ended."""
    started: list[Running] = []

    def begin(text: str) -> Running:
        path = tmp_path / f"bridge-{len(started)}.yaml"
        path.write_text(text, encoding="utf-8")
        status, stop = Status(), threading.Event()
        bridge = Bridge(database.settings, config.load(path), stop, status)

        def work() -> None:
            try:
                bridge.run()
            except BrokerRefused as error:
                running.error = error

        running = Running(status, stop, threading.Thread(target=work))
        started.append(running)
        running.thread.start()
        return running

    yield begin
    for running in started:
        running.end()


def connected(bridge: Running) -> None:
    until(lambda: bridge.status.connected)


def test_a_second_bridge_of_the_same_session_stands_by_and_takes_over(
    broker: Broker, worker: psycopg.Connection, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STANDS_BY_S", 0.1)
    first = start(file(broker))
    connected(first)
    second = start(file(broker))
    until(lambda: second.status.standing_by)
    broker.publish([alarm(1)])
    until(lambda: first.status.messages == 1)
    first.end()
    connected(second)
    broker.publish([alarm(2)])
    until(lambda: second.status.messages == 1)
    assert not second.status.standing_by
    assert first.status.taken_over == second.status.taken_over == 0
    assert on_record(worker)[0] == 2


def test_another_client_with_the_same_id_that_always_comes_back_is_told_and_not_fought(
    broker: Broker, worker: psycopg.Connection, start: Start
) -> None:
    bridge = start(file(broker))
    connected(bridge)
    other = paho.Client(CallbackAPIVersion.VERSION2, "bridge", protocol=paho.MQTTv5)
    other.reconnect_delay_set(0.1, 0.1)
    ends = []
    other.on_disconnect = lambda *_: ends.append(1)
    other.connect("127.0.0.1", broker.port, clean_start=False)
    other.loop_start()
    until(lambda: bridge.status.taken_over == 1)
    before = len(ends)
    time.sleep(0.5)  # five times as long as the other waits
    assert len(ends) == before <= 3, "the bridge lets the other be"
    other.disconnect()
    other.loop_stop()


def test_a_broker_that_says_who_came_is_believed_at_once(
    worker: psycopg.Connection, start: Start, broker: Broker
) -> None:
    # Debian's mosquitto does not say it; these are the bytes of MQTT 5: CONNACK, SUBACK, DISCONNECT with 142.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        bridge = start(file(broker, port=listening.getsockname()[1]))
        with listening.accept()[0] as session:
            assert session.recv(4096)[0] == 0x10
            session.sendall(b"\x20\x03\x00\x00\x00")
            subscribe = session.recv(4096)
            session.sendall(b"\x90\x07" + subscribe[2:4] + b"\x00" + b"\x01" * 4)
            connected(bridge)
            session.sendall(b"\xe0\x02\x8e\x00")
            until(lambda: bridge.status.taken_over == 1)


def test_a_retained_alarm_that_comes_with_each_subscription_counts_once(
    broker: Broker, worker: psycopg.Connection, start: Start
) -> None:
    said = b'{"t": 1793520000, "data": {"items": [{"dev": "D1", "what": "water"}]}}'
    broker.publish([("batch/1", said)], retain=True)
    for _ in range(2):
        bridge = start(file(broker, "protocol: 3.1.1"))
        until(lambda bridge=bridge: bridge.status.messages == 1)
        bridge.end()
    assert bridge.status.things == {"known": 1}
    assert on_record(worker) == (1, 1, 1)
    broker.publish([("batch/1", b"")], retain=True)
    bridge = start(file(broker, "protocol: 3.1.1"))
    broker.publish([alarm(1)])
    until(lambda: count(worker, "alarm_message") == 2)
    assert bridge_rejects.count(worker) == 0


def test_while_a_table_is_locked_nothing_is_acknowledged_and_no_more_than_the_window_is_kept(
    broker: Broker, database: OwnDatabase, worker: psycopg.Connection, start: Start
) -> None:
    bridge = start(file(broker, in_flight=10))
    connected(bridge)
    owner = database.connect("owner")
    owner.execute("LOCK TABLE alarm_message")
    broker.publish([alarm(number) for number in range(100)])
    broker.publish([alarm(number) for number in range(100, 200)], qos=0)
    time.sleep(0.2)
    assert bridge.status.messages == 0
    owner.rollback()
    until(lambda: set(range(100)) <= {int(row[0][1:]) for row in worker.execute("SELECT event_id FROM alarm_message")})
    until(lambda: bridge.status.messages + bridge.status.dropped == 200)
    assert bridge.status.dropped > 50, "who wants no acknowledgement cannot be held back"
    assert on_record(worker)[0] == 200 - bridge.status.dropped


def test_more_than_may_wait_comes_with_the_next_connections(
    broker: Broker, worker: psycopg.Connection, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "KEPT_MOST", 60)
    monkeypatch.setattr(run, "AGAIN_AFTER_S", (0.02,))
    start(file(broker, "client_id: bridge, protocol: 3.1.1")).end_connected()
    # The broker sends at once what it kept for a session, however much it is.
    broker.publish(alarm(number) for number in range(300))
    bridge = start(file(broker, "client_id: bridge, protocol: 3.1.1"))
    until(lambda: count(worker, "alarm_message") == 300)
    bridge.end()
    assert bridge.status.connections > 1
    assert bridge.status.taken_over == 0
    assert on_record(worker) == (300, 300, 300)


def test_told_to_end_it_acknowledges_what_is_committed(
    broker: Broker, worker: psycopg.Connection, start: Start
) -> None:
    bridge = start(file(broker))
    connected(bridge)
    sending = threading.Thread(target=broker.publish, args=([alarm(number) for number in range(600)],))
    sending.start()
    until(lambda: bridge.status.messages > 100)
    bridge.end()
    sending.join()
    again = start(file(broker))
    until(lambda: bridge.status.messages + again.status.messages == 600)
    assert (bridge.status.things["known"], again.status.things["known"]) == (0, 0)
    assert on_record(worker) == (600, 600, 600)


# The library leaves a socket to the garbage collector when a handshake fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_encryption_with_the_right_authority_works_and_with_another_one_does_not(
    make_broker: MakeBroker, worker: psycopg.Connection, start: Start, certificate: tuple[Path, Path]
) -> None:
    cert, key = certificate
    port = free_port()
    broker = make_broker(more=f"listener {port} 127.0.0.1\ncertfile {cert}\nkeyfile {key}")
    bridge = start(file(broker, f"tls: {{ca: {cert}}}", port=port))
    connected(bridge)
    broker.publish([alarm(1)])
    until(lambda: bridge.status.messages == 1)
    bridge.end()
    distrustful = start(file(broker, "tls: {}", port=port))
    distrustful.thread.join(0.6)
    assert not distrustful.status.connected
    assert distrustful.thread.is_alive(), "it tries again"


def test_a_broker_that_refuses_the_password_is_named_with_the_cure(
    make_broker: MakeBroker, worker: psycopg.Connection, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "passwords").write_text("")
    broker = make_broker(more=f"password_file {tmp_path / 'passwords'}")
    (tmp_path / "secret").write_text("wrong\n")
    bridge = start(file(broker, "username: shapan, password_file: secret"))
    bridge.thread.join(10)
    assert isinstance(bridge.error, BrokerRefused)
    assert "Not authorized" in bridge.error.what
    assert "password" in bridge.error.cure
    assert "wrong" not in str(bridge.error)
