"""The feed of a running service under faults: its sequencer killed, its listeners cut, a client that does not read."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.types.json import Jsonb

from benchmarks.live_stream.clients import KINDS, Clients
from spatial import outbox
from tests.fixtures.homes import REPOSITORY
from tests.fixtures.objects import GRID
from tests.fixtures.services import Service, StartService
from tests.fixtures.waiting import until
from tests.webmap.test_live import ready

STREAMS = 5
ALARM = KINDS.index("alarm")

# One row: jobs that wait for another one's lock.
WAITING_JOBS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_lock%'
"""

# The connections of hubs: the only ones of the service that keep a LISTEN, and those that just asked for changes.
TERMINATE_LISTENERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND usename = 'shapan_app' AND backend_type = 'client backend'
AND (query LIKE 'LISTEN%' OR query LIKE '%FROM outbox%' OR query LIKE '%cell_sum%')
"""

WRITE = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
SELECT 'alarm', n::text, left(%(grid)s, 12), %(grid)s, %(payload)s FROM generate_series(1, %(rows)s) AS n
"""


class Listening:
    """Streams of a service, read by a thread of their own until the block ends."""

    def __init__(self, service: Service) -> None:
        self._url, self._log = service.url, service.log
        self.clients = Clients(service.url, STREAMS)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Listening":
        until(self._opened, log=self._log)
        self._thread.start()
        return self

    def _opened(self) -> bool:
        """Whether all have their snapshot. A busy service refuses some (503), and a page asks again."""
        self.clients.read(0.05)
        if self.clients.ready and any(each.ended for each in self.clients.received):
            self.clients.close()
            self.clients = Clients(self._url, STREAMS)
        return self.clients.ready

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self.clients.close()

    def _read(self) -> None:
        while not self._ending.is_set():
            self.clients.read(0.05)

    def alarms(self) -> list[list[int]]:
        """Return the numbers of the alarms that each stream was told, in the order of their coming."""
        return [[seq for seq, kind in zip(list(each.seqs), list(each.kinds), strict=False) if kind == ALARM]
                for each in self.clients.received]


@contextmanager
def writing(service: Service, rows: int = 3, every_s: float = 0.01) -> Iterator[list[int]]:
    """Commit changes all the time; the list holds how many, when the block has ended."""
    written: list[int] = []
    ending = threading.Event()

    def write() -> None:
        with service.database.connect("worker", autocommit=True) as connection:
            while not ending.wait(every_s):
                connection.execute(WRITE, {"grid": GRID, "payload": Jsonb({"id": len(written)}), "rows": rows})
                written.append(rows)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        ending.set()
        writer.join()


def alarms_on_record(connection: psycopg.Connection) -> list[int]:
    """Return the numbers of all changes of alarms, in order; jobs tell of other things between them."""
    return [row[0] for row in connection.execute("SELECT seq FROM outbox WHERE kind = 'alarm' ORDER BY seq")]


def jobs_of(service: Service) -> list[int]:
    """Return the numbers of the processes that run the jobs of a service."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"spatial.jobs" in words and str(service.process.pid).encode() in words:
                found.append(int(entry.name))
    return found


def test_a_sequencer_that_is_killed_is_replaced_within_two_seconds_without_loss_or_double(
        start_service: StartService) -> None:
    service = start_service()
    reader = service.database.connect("worker", autocommit=True)
    superuser = service.database.connect("superuser", autocommit=True)
    until(lambda: ready(service)[0] == 200)
    # Jobs of another service on the same database: they wait for the lock.
    other = subprocess.Popen([sys.executable, "-m", "spatial.jobs", str(os.getpid())], env=service.environment,
                             cwd=REPOSITORY)
    try:
        with Listening(service) as streams:
            with writing(service) as written:
                for kill in (lambda: [os.kill(process, signal.SIGKILL) for process in jobs_of(service)], other.kill):
                    until(lambda: superuser.execute(WAITING_JOBS).fetchone()[0] >= 2)
                    kill()
                    killed, head = time.monotonic(), outbox.head(reader)
                    until(lambda head=head: outbox.head(reader) > head)
                    assert time.monotonic() - killed < 2
            until(lambda: min(map(len, streams.alarms())) >= sum(written))
            expected = alarms_on_record(reader)
            assert streams.alarms() == [expected] * STREAMS
            assert len(expected) == sum(written)
    finally:
        other.kill()
        other.wait()
    # Jobs go on telling of other things, which are numbered in a moment.
    numbers = [row[0] for row in reader.execute("SELECT seq FROM outbox WHERE seq IS NOT NULL ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_listener_that_is_cut_ten_times_under_load_tells_each_client_everything(
        start_service: StartService) -> None:
    service = start_service()
    superuser = service.database.connect("superuser", autocommit=True)
    with Listening(service) as streams:
        with writing(service) as written:
            cut = 0
            deadline = time.monotonic() + 20
            while cut < 10 and time.monotonic() < deadline:
                cut += superuser.execute(TERMINATE_LISTENERS).fetchone()[0]
                time.sleep(0.1)
            assert cut >= 10
        until(lambda: min(len(set(told)) for told in streams.alarms()) >= sum(written))
        expected = alarms_on_record(superuser)
        assert [sorted(set(told)) for told in streams.alarms()] == [expected] * STREAMS
        assert len(expected) == sum(written)
        assert [each.ended for each in streams.clients.received] == [None] * STREAMS


def resident_mb(service: Service) -> float:
    """Return the memory of the process that listens on the service's port: megabytes."""
    children = [int(number) for task in Path(f"/proc/{service.process.pid}/task").iterdir()
                for number in (task / "children").read_text().split()]
    return max(int((Path("/proc") / str(child) / "statm").read_text().split()[1]) for child in children) * 4096 / 1e6


@pytest.mark.slow
def test_a_client_that_never_reads_is_given_up_while_others_hear_everything(start_service: StartService) -> None:
    service = start_service(SHAPAN_STREAMS="8")
    address = urlsplit(service.url)
    with Listening(service) as streams, socket.create_connection((address.hostname, address.port)) as stuck:
        stuck.sendall(b"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        until(lambda: open_streams(service) == STREAMS + 1)
        began, before = time.monotonic(), resident_mb(service)
        with service.database.connect("worker", autocommit=True) as connection:
            for _ in range(20):
                connection.execute(WRITE, {"grid": GRID, "payload": Jsonb({"note": "x" * 1000}), "rows": 500})
        until(lambda: min(map(len, streams.alarms())) == 10_000)
        assert resident_mb(service) - before < 60
        assert not any(each.resyncs for each in streams.clients.received)
        until(lambda: open_streams(service) == STREAMS, within_s=40)
        assert time.monotonic() - began < 40
        assert ready(service)[0] == 200


def open_streams(service: Service) -> int:
    """Return how many streams the service says are open."""
    with urllib.request.urlopen(service.url + "/health/ready", timeout=10) as answer:
        return json.load(answer)["streams"]
