"""The benchmark's gateway keeps its schedule, sends until it is acknowledged, and says what it was refused."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.live_stream.gateway import Gateway


class Door:
    """A server that acknowledges batches, or answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: list[dict] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = door.answers.pop(0) if door.answers else 201
                if status == 201:
                    door.taken += body["alarms"]
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def door() -> Iterator[Door]:
    one = Door()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_messages_come_at_the_rate_each_once_and_are_all_acknowledged(door: Door) -> None:
    with Gateway(door.url, ["A", "B"], 200, 10, 2, "run") as gateway:
        time.sleep(0.5)
    sent = [event_id for batch in gateway.batches for event_id in batch.ids]
    assert 80 <= len(sent) <= 130
    assert sorted(message["event_id"] for message in door.taken) == sorted(sent)
    assert gateway.unacknowledged == 0
    assert [batch.attempts for batch in gateway.batches] == [1] * len(gateway.batches)


def test_a_batch_is_sent_again_until_it_is_acknowledged_and_counts_from_its_first_attempt(door: Door) -> None:
    door.answers = [503, 500, 201]
    with Gateway(door.url, ["A"], 100, 100, 1, "run") as gateway:
        time.sleep(0.1)
    (batch,) = gateway.batches
    assert batch.attempts == 3
    assert batch.acknowledged - batch.sent >= 0.2
    assert len(door.taken) == 100


def test_what_is_refused_for_its_content_is_said_and_not_sent_again(door: Door) -> None:
    door.answers = [422]
    with Gateway(door.url, ["A"], 100, 100, 1, "run") as gateway:
        time.sleep(0.1)
    assert gateway.refused == ["422 {}"]
    assert gateway.batches[0].attempts == 1


def test_what_raises_a_new_alarm_is_known_beforehand(door: Door) -> None:
    with Gateway(door.url, ["A", "B"], 2000, 100, 1, "run") as gateway:
        time.sleep(0.3)
    active: set[tuple[str, str]] = set()
    raising = []
    for message in door.taken:
        key = (message["device"], message["type"])
        if message["cleared"]:
            active.remove(key)
        elif key not in active:
            active.add(key)
            raising.append(message["event_id"])
    assert raising == [event_id for batch in gateway.batches for event_id in batch.raising]
    assert 0.2 < len(raising) / len(door.taken) < 0.6
