"""Tiles while things break, on a running service: stated statuses, and no connection lost from the pool."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.fixtures.objects import Objects
from tests.fixtures.services import Service, StartService

URL = "/tiles/buildings/{z}/{x}/{y}.mvt"
HERE = (15, 27034, 13413)


@pytest.fixture
def service(start_service: StartService) -> Service:
    # No memory for tiles: each request needs the database.
    made = start_service(SHAPAN_TILE_CACHE_MB="0")
    writer = Objects(made.database.connect("worker", autocommit=True))
    for number in range(30):
        writer.building(f"B{number:02}", west=117.005 + number * 0.0001)
    return made


def get(service: Service, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def here(service: Service) -> int:
    return get(service, URL.format(z=HERE[0], x=HERE[1], y=HERE[2]))[0]


def pool(service: Service) -> dict[str, int]:
    return json.loads(get(service, "/tiles/stat")[1])["pool"]


def settled(service: Service) -> bool:
    """Tell whether every connection of the pool is back within a few seconds."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        found = pool(service)
        if found["pool_available"] == found["pool_size"] and not found["requests_waiting"]:
            return True
        time.sleep(0.1)
    return False


def test_a_lost_database_during_a_hundred_requests_is_a_stated_status_and_costs_no_connection(service: Service) -> None:
    superuser = service.database.connect("superuser", autocommit=True)
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.05):
            superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                              "WHERE datname = current_database() AND pid <> pg_backend_pid()")

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(8) as threads:
        statuses = Counter(threads.map(lambda _: here(service), range(100)))
    stop.set()
    killer.join()
    assert set(statuses) <= {200, 503, 504}  # 504: no answer of the database in time, on a busy machine
    deadline = time.monotonic() + 10
    while here(service) != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert here(service) == 200
    assert settled(service)


def test_clients_that_go_away_leave_the_pool_whole(service: Service) -> None:
    locked = service.database.connect("owner")
    locked.execute("LOCK TABLE building IN ACCESS EXCLUSIVE MODE")
    place = urlsplit(service.url)
    for number in range(12):
        with socket.create_connection((place.hostname, place.port), 5) as client:
            path = URL.format(z=15, x=HERE[1] + number, y=HERE[2])
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
    locked.rollback()
    assert settled(service)
    assert here(service) == 200


def test_a_locked_table_is_504_and_too_many_who_wait_for_it_are_503(service: Service) -> None:
    locked = service.database.connect("owner")
    locked.execute("LOCK TABLE building IN ACCESS EXCLUSIVE MODE")
    with ThreadPoolExecutor(96) as threads:
        statuses = Counter(threads.map(
            lambda number: get(service, URL.format(z=15, x=HERE[1] + number, y=HERE[2]))[0], range(96)))
    locked.rollback()
    assert set(statuses) == {503, 504}
    assert settled(service)
    assert here(service) == 200


def test_tiles_of_other_tables_are_built_while_many_ask_for_those_of_a_locked_one(service: Service) -> None:
    locked = service.database.connect("owner")
    locked.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    stop = threading.Event()

    def ask(number: int) -> set[int]:
        found = set()
        while not stop.is_set():
            found.add(get(service, f"/tiles/events/15/{HERE[1] + number}/{HERE[2]}.mvt")[0])
        return found

    with ThreadPoolExecutor(12) as threads:
        waiting = [threads.submit(ask, number) for number in range(12)]
        time.sleep(0.5)
        statuses = {here(service) for _ in range(3)}
        stop.set()
        refused = set().union(*(future.result() for future in waiting))
    locked.rollback()
    assert statuses == {200}
    assert refused <= {503, 504}
    assert settled(service)


def test_cells_are_not_vouched_for_while_their_sums_are_late(service: Service) -> None:
    def cells() -> tuple[str | None, str | None, str]:
        connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=20)
        connection.request("GET", URL.format(z=12, x=HERE[1] >> 3, y=HERE[2] >> 3))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return (answer.headers["X-Cache"], answer.headers["ETag"],
                json.loads(get(service, "/health/ready")[1])["checks"]["cell_sums"])

    def until(how: str) -> tuple[str | None, str | None, str]:
        deadline = time.monotonic() + 15
        while (found := cells())[0] != how and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    how, tag, sums = until("MISS")
    assert (how, sums) == ("MISS", "kept")
    assert tag
    locked = service.database.connect("owner")
    locked.execute("LOCK TABLE building_cell IN SHARE ROW EXCLUSIVE MODE")
    writer = service.database.connect("worker", autocommit=True)
    writer.execute("UPDATE building SET height_m = height_m + 1")
    assert until("BYPASS") == ("BYPASS", None, "late")
    locked.rollback()
    how, later, sums = until("MISS")
    assert (how, sums) == ("MISS", "kept")
    assert later != tag


def test_other_requests_are_answered_while_tiles_wait(service: Service) -> None:
    locked = service.database.connect("owner")
    locked.execute("LOCK TABLE building IN ACCESS EXCLUSIVE MODE")
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(get, service, URL.format(z=15, x=HERE[1] + number, y=HERE[2])) for number in range(8)]
        time.sleep(0.3)
        started = time.monotonic()
        assert get(service, "/api/imports")[0] == 200
        assert time.monotonic() - started < 1.5
        locked.rollback()
        assert all(future.result()[0] in (200, 204, 503, 504) for future in waiting)
