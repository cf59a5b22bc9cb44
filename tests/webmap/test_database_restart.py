"""The database server is stopped hard and started again under a running service: stated answers, nothing old after."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import mapbox_vector_tile
import pytest

from spatial import embedded, migrate, server
from spatial.settings import Settings
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import environment_for, stop_hard
from tests.fixtures.objects import Objects
from tests.fixtures.services import Service, start
from tests.fixtures.waiting import until

TILE = "/tiles/buildings/15/27034/13413.mvt"
ASKED = (TILE, "/tiles/buildings,grids,events/15/27035/13413.mvt", "/tiles/buildings/12/3379/1676.mvt",
         "/tiles/buildings.json", "/api/scenes/sandbox", "/api/counts", "/api/live", "/health/ready", "/tiles/stat")

HANGS_AFTER_S = 8
"""The longest deadline of these requests is 3 s; the rest is for a machine that is busy with other tests."""

LATE_S = 2.0
"""Within which a change that no tile shows is known to be missing: two looks of the listener, half a second apart, and
the same again for a busy machine."""

KEPT_UP_S = 0.5
"""How long after the recovery everything is still asked."""

RECOVERED_WITHIN_S = 20.0


class Answered(NamedTuple):
    path: str
    began: float
    status: int
    how: str | None
    body: bytes


@pytest.fixture
def service(home: Settings, tmp_path: Path) -> Iterator[Service]:
    """Yield a service over a private cluster of its own."""
    migrate.bring_up_to_date(home)
    database = OwnDatabase(embedded.DATABASE, home, server.addresses(home), environment_for(home, {}))
    running = start(database, tmp_path)
    yield running
    running.stop(signal.SIGKILL)
    database.close()


def ask(service: Service, path: str) -> Answered:
    """Ask once, of a stream what it begins with; that no answer comes in time is an error."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=HANGS_AFTER_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = _beginning(answer) if path == "/api/live" else answer.read()
        return Answered(path, began, answer.status, answer.headers["X-Cache"], body)
    finally:
        connection.close()


def _beginning(stream: http.client.HTTPResponse) -> bytes:
    """Return a stream's lines up to its snapshot; fewer where the database took the snapshot with it."""
    lines = []
    try:
        while line := stream.readline():
            lines.append(line)
            if line.startswith(b"event: snapshot"):
                break
    except http.client.IncompleteRead:
        lines.append(b"broken off")
    return b"".join(lines)


def buildings(answer: Answered) -> int:
    return len(mapbox_vector_tile.decode(answer.body)["buildings"]["features"])


def put(service: Service, code: str, west: float) -> None:
    Objects(service.database.connect("worker", autocommit=True)).building(code, west=west, source_key=code)


@pytest.fixture
def page(service: Service) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection that is closed whatever happens: one left open would fail whichever test comes next."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=RECOVERED_WITHIN_S)
    yield connection
    connection.close()


def test_a_restart_of_the_database_server_is_503_meanwhile_and_leaves_nothing_old_or_lost(
    service: Service, page: http.client.HTTPConnection,
) -> None:
    home = service.database.settings
    put(service, "BEFORE", 117.005)
    until(lambda: (found := ask(service, TILE)).how == "HIT" and buildings(found) == 1, RECOVERED_WITHIN_S)
    page.request("GET", "/api/live")
    stream = page.getresponse()
    while not stream.readline().startswith(b"event: snapshot"):
        pass

    ended, answers = threading.Event(), []

    def visit(number: int) -> None:
        while not ended.is_set():
            answers.append(ask(service, ASKED[number]))

    with ThreadPoolExecutor(len(ASKED)) as visitors:
        try:
            visits = [visitors.submit(visit, number) for number in range(len(ASKED))]
            time.sleep(0.3)
            stop_hard(home)
            until(lambda: 503 in {answer.status for answer in list(answers) if answer.path == TILE}, RECOVERED_WITHIN_S)
            embedded.start(home)
            put(service, "AFTER", 117.006)
            changed = time.monotonic()
            until(lambda: (found := ask(service, TILE)).how == "HIT" and buildings(found) == 2, RECOVERED_WITHIN_S)
            time.sleep(max(KEPT_UP_S, changed + LATE_S + KEPT_UP_S - time.monotonic()))
        finally:
            ended.set()
        for asked in visits:
            # Raises where an answer did not come in time.
            asked.result()

    assert {answer.path for answer in answers if answer.status == 500} == set(), service.log.read_text()
    assert {answer.status for answer in answers} == {200, 204, 503}
    later = [answer for answer in answers if answer.path == TILE and answer.began > changed + LATE_S]
    assert {(answer.status, buildings(answer)) for answer in later} == {(200, 2)}

    # The listener heard of the change, and so did the page that was open all the time.
    while not (line := stream.readline()).startswith(b'data: {"changes"'):
        assert line, "the stream ended"
    assert "buildings" in {change["layer"] for change in json.loads(line[6:])["changes"]}

    def whole() -> bool:
        pool = json.loads(ask(service, "/tiles/stat").body)["pool"]
        return pool["pool_available"] == pool["pool_size"] > 0 and not pool["requests_waiting"]

    until(whole, RECOVERED_WITHIN_S)
    assert ask(service, "/health/ready").status == 200
