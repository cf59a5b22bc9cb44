"""The live stream of a running service: snapshot, changes, replay, loss and recovery."""

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from spatial import outbox
from tests.fixtures.objects import Objects
from tests.fixtures.services import Service, StartService


@dataclass
class Event:
    name: str
    data: dict[str, Any]
    seq: int | None


class Listener:
    """One open stream, read event by event."""

    def __init__(self, url: str, last_seen: int | None = None) -> None:
        headers = {} if last_seen is None else {"Last-Event-ID": str(last_seen)}
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        self.connection.request("GET", "/api/live", headers=headers)
        self.answer = self.connection.getresponse()

    def next(self, *names: str) -> Event:
        """Return the next event with one of some names."""
        while True:
            fields: dict[str, str] = {}
            while line := self.answer.readline().decode().rstrip("\n"):
                key, _, value = line.partition(": ")
                fields[key] = value
            if fields.get("event") in names:
                return Event(fields["event"], json.loads(fields["data"]), int(fields["id"]) if "id" in fields else None)
            assert fields, "the stream ended"


@contextmanager
def listening(service: Service, last_seen: int | None = None) -> Iterator[Listener]:
    listener = Listener(service.url, last_seen)
    try:
        yield listener
    finally:
        listener.connection.close()


def post(service: Service, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=10)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def alarm(event_id: str) -> dict[str, Any]:
    return {"alarms": [{"source": "gw", "event_id": event_id, "device": "D1", "severity": "major", "type": event_id,
                        "occurred_at": "2026-11-01T08:00:00Z"}]}


@pytest.fixture
def service(start_service: StartService) -> Service:
    made = start_service()
    writer = Objects(made.database.connect("worker", autocommit=True))
    writer.device("D1", building_id=writer.building("B1"))
    return made


def test_a_stream_begins_with_what_is_open_and_goes_on_with_what_changes(service: Service) -> None:
    post(service, "/api/alarms", alarm("before"))
    with listening(service) as listener:
        assert listener.answer.headers["Content-Type"].startswith("text/event-stream")
        snapshot = listener.next("snapshot")
        assert [entry["type"] for entry in snapshot.data["alarms"]] == ["before"]
        assert snapshot.data["counts"]["buildings"] == 1
        started = time.monotonic()
        alarm_id = post(service, "/api/alarms", alarm("after"))[1]["ids"][0]
        event = listener.next("alarm")
        while event.data["type"] != "after":
            event = listener.next("alarm")
        assert time.monotonic() - started < 5
        assert (event.data["id"], event.data["state"]) == (alarm_id, "active_unack")
        post(service, f"/api/alarms/{alarm_id}/acknowledge", {})
        assert listener.next("alarm").data["state"] == "active_ack"


def test_a_listener_that_comes_back_hears_exactly_what_it_missed(service: Service) -> None:
    with listening(service) as listener:
        listener.next("snapshot")
        post(service, "/api/alarms", alarm("one"))
        seen = listener.next("alarm").seq
    for name in ("two", "three"):
        post(service, "/api/alarms", alarm(name))
    # The sequencer needs a moment; a change that is numbered later arrives as a change.
    with listening(service, last_seen=seen) as listener:
        missed = [listener.next("alarm", "snapshot") for _ in range(2)]
    assert [event.data["type"] for event in missed] == ["two", "three"]
    assert seen < missed[0].seq < missed[1].seq


def test_a_number_from_another_database_gets_a_snapshot(service: Service) -> None:
    with listening(service, last_seen=10**9) as listener:
        assert listener.next("alarm", "snapshot").name == "snapshot"


def test_a_heartbeat_with_the_servers_time_comes_within_six_seconds(service: Service) -> None:
    with listening(service) as listener:
        started = time.monotonic()
        beat = listener.next("heartbeat")
        assert time.monotonic() - started < 8
        assert set(beat.data) == {"seq", "now"}


def test_one_stream_too_many_is_503_and_says_when_to_come_back(start_service: StartService) -> None:
    service = start_service(SHAPAN_STREAMS="1")
    with listening(service) as first:
        first.next("snapshot")
        with listening(service) as second:
            assert second.answer.status == 503
            assert int(second.answer.headers["Retry-After"]) > 0
            assert "SHAPAN_STREAMS" in json.loads(second.answer.read())["detail"]


def test_streams_and_the_sequencer_survive_the_loss_of_every_database_connection(service: Service) -> None:
    with listening(service) as listener:
        listener.next("snapshot")
        superuser = service.database.connect("superuser", autocommit=True)
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'test'"
        )
        deadline = time.monotonic() + 15
        status = 0
        while status != 201 and time.monotonic() < deadline:
            status = post(service, "/api/alarms", alarm("again"))[0]
        assert listener.next("alarm").data["type"] == "again"


def heard_s(service: Service) -> float | None:
    """Return how long ago the service knew that it had heard of everything: seconds."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=10)
    connection.request("GET", "/health/ready")
    found = json.loads(connection.getresponse().read())["feed"]["heard_s"]
    connection.close()
    return found


def ready(service: Service) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=10)
    connection.request("GET", "/health/ready")
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())["checks"]["change_feed"]
    connection.close()
    return found


def test_without_its_sequencer_a_service_vouches_for_no_tile_and_is_not_ready(service: Service) -> None:
    deadline = time.monotonic() + 10
    while ready(service) != (200, "kept") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ready(service) == (200, "kept")
    assert heard_s(service) < 5
    # Whoever holds the lock is the sequencer, and this one does nothing.
    superuser = service.database.connect("superuser", autocommit=True)
    idle = service.database.connect("worker", autocommit=True)
    while not idle.execute("SELECT pg_try_advisory_lock(%s)", [outbox.SEQUENCER_LOCK]).fetchone()[0]:
        superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                          "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
    Objects(service.database.connect("worker", autocommit=True)).building("B9", source_key="b9")
    changed = time.monotonic()
    while ready(service)[0] == 200 and time.monotonic() - changed < 5:
        time.sleep(0.05)
    assert time.monotonic() - changed < 3
    assert ready(service) == (503, "broken")
    assert heard_s(service) is None
    idle.close()
    while ready(service)[0] != 200 and time.monotonic() - changed < 15:
        time.sleep(0.1)
    assert ready(service) == (200, "kept")
