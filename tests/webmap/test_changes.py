"""Changes for other platforms: each once, in order, within area and permissions, or told that some are gone."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from spatial import outbox
from spatial.cells import Touched
from spatial.jobs import sequencer
from spatial.queries import cells, changes
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity

KINDS = ["alarm", "event"]


def put(connection: psycopg.Connection, name: str, kind: str = "alarm", grid: str = GRID) -> None:
    outbox.append(connection, kind, name, grid[:12], grid, {"name": name})


def be(monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...], *prefixes: str) -> None:
    monkeypatch.setattr(identity, "DEMO", identity.Identity("platform", roles, Scope(prefixes)))


def ask(web: Web, **query: Any) -> Any:
    return web.client.get("/api/changes", query_string=query)


def names(answer: Any) -> list[str]:
    return [change["object"] for change in answer.json["changes"]]


def test_a_consumer_gets_each_change_of_its_area_once_in_order_while_many_write(database: OwnDatabase) -> None:
    """Writers commit late, roll back and touch other places while the real sequencer numbers; no reader loses any."""
    stop, written, chance = threading.Event(), set(), random.Random(5)
    job = threading.Thread(target=sequencer.run, args=(database.connect("worker", autocommit=True), stop, 0.005))
    job.start()

    def write(writer: int, connection: psycopg.Connection, dice: random.Random) -> None:
        for number in range(60):
            name, kind = f"{writer}-{number}", dice.choice([*KINDS, "kpi"])
            grid = dice.choice([GRID, GRID, OTHER_GRID])
            put(connection, name, kind, grid)
            if dice.random() < 0.2:
                outbox.append_widely(connection, "event", f"wide-{name}", [COMMUNITY, OTHER_COMMUNITY], {})
                wide = {f"wide-{name}"}
            else:
                wide = set()
            time.sleep(dice.random() * 0.01)
            if dice.random() < 0.2:
                connection.rollback()
                continue
            connection.commit()
            written.update(wide, {name} if kind in KINDS and grid == GRID else set())

    def read(connection: psycopg.Connection, dice: random.Random) -> list[tuple[int, str]]:
        got, after = [], 0
        while True:
            ended = stop.is_set()
            page = changes.page(connection, after, KINDS, dice.randint(1, 20))
            got += [(change.seq, change.object) for change in page.changes]
            assert page.next >= after
            assert len(page.changes) <= 20
            if ended and page.next == page.head:
                return got
            after = page.next
            time.sleep(dice.random() * 0.01)

    with ThreadPoolExecutor(7) as pool:
        readers = [pool.submit(read, database.connect(scope=Scope((GRID,)), autocommit=True), random.Random(number))
                   for number in range(2)]
        writers = [pool.submit(write, number, database.connect(), random.Random(chance.random()))
                   for number in range(4)]
        for writer in writers:
            writer.result()
        watch = database.connect(autocommit=True)
        deadline = time.monotonic() + 10
        while outbox.waiting(watch) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        stop.set()
        for reader in readers:
            got = reader.result()
            assert [seq for seq, _ in got] == sorted({seq for seq, _ in got})
            assert sorted(name for _, name in got) == sorted(written)
    job.join()
    assert len(written) > 100


def test_changes_come_in_pages_within_area_and_permissions(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = web.objects.connection
    for number in range(5):
        put(writer, f"a{number}")
    put(writer, "e", "event")
    put(writer, "theirs", "alarm", OTHER_GRID)
    put(writer, "moved", "keeper")
    outbox.append_widely(writer, "warning", "w", [COMMUNITY, OTHER_COMMUNITY], {"id": 1})
    web.sequence()
    whole = ask(web).json
    assert (whole["next"], whole["head"]) == (whole["head"], whole["head"])
    assert whole["changes"][-1]["places"] == [COMMUNITY, OTHER_COMMUNITY]
    assert "keeper" not in {change["kind"] for change in whole["changes"]}

    be(monkeypatch, ("platform",), GRID)
    first = ask(web, limit=3)
    assert (names(first), first.json["next"], first.json["head"]) == (["a0", "a1", "a2"], 3, 9)
    assert first.headers["Cache-Control"] == "no-store"
    assert names(ask(web, after=3)) == ["a3", "a4", "e", "w"]
    assert names(ask(web, kinds="event,warning")) == ["e", "w"]
    assert ask(web, kinds="event").json["next"] == 9
    assert ask(web, kinds="keeper").status_code == 403
    assert ask(web, kinds="nothing").status_code == 422
    be(monkeypatch, ("viewer",), GRID)
    assert ask(web).status_code == 403


def test_a_reader_of_tiles_waits_for_no_second_connection_and_sees_no_more_than_before(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, ("platform",), GRID)
    outbox.touched(web.objects.connection, Touched("roads", 0, 22, 14, ((1, 2),)))
    put(web.objects.connection, "mine")
    put(web.objects.connection, "theirs", grid=OTHER_GRID)
    web.sequence()
    pool = web.app.extensions["shapan"].database
    with ExitStack() as busy:
        for _ in range(pool.size - 1):
            busy.enter_context(pool.transaction(Scope.nothing()))
        answer = ask(web, kinds="alarm,tiles")
    assert (answer.status_code, names(answer)) == (200, ["roads", "mine"])
    with web.database.connect(scope=Scope((GRID,))) as connection:
        changes.page(connection, 0, ["alarm", "tiles"], 10)
        assert [change.object for change in outbox.after(connection, 0)] == ["mine"]


def test_rare_changes_are_reached_in_bounded_steps(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOKED_AT", 4)
    for number in range(10):
        put(web.objects.connection, str(number), "event")
    put(web.objects.connection, "rare")
    web.sequence()
    steps = [ask(web, kinds="alarm").json]
    while steps[-1]["next"] < steps[-1]["head"]:
        steps.append(ask(web, kinds="alarm", after=steps[-1]["next"]).json)
    assert [step["next"] for step in steps] == [4, 8, 11]
    assert [change["object"] for step in steps for change in step["changes"]] == ["rare"]


def test_whoever_comes_too_late_for_what_was_forgotten_is_told_and_holes_are_no_loss(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = web.objects.connection
    put(writer, "a")
    outbox.touched(writer, Touched("roads", 0, 22, 14, ((1, 2),)))
    put(writer, "b")
    web.sequence()
    assert [change["kind"] for change in ask(web, kinds="tiles,alarm").json["changes"]] == ["alarm", "tiles", "alarm"]
    be(monkeypatch, ("platform",), GRID)
    assert [change["kind"] for change in ask(web, kinds="tiles,alarm").json["changes"]] == ["alarm", "tiles", "alarm"]
    for table in cells.TABLES:
        cells.set_done(writer, table, 3)
    outbox.forget_passing(writer, 0, 2)
    # Number 2 is gone, and nobody who did not ask for tiles has lost anything.
    assert names(ask(web, after=1)) == ["b"]
    gone = ask(web, kinds="tiles,alarm", after=1)
    assert (gone.status_code, gone.mimetype) == (410, "application/problem+json")
    assert "after=3" in gone.json["detail"]
    assert names(ask(web, kinds="tiles,alarm", after=2)) == ["b"]
    writer.execute(outbox.RAISE_FLOOR, (outbox.EVERY_KIND, 2))
    assert ask(web, after=1).status_code == 410
    assert names(ask(web, after=2)) == ["b"]
    early = ask(web, after=99)
    assert early.status_code == 410
    assert "number 99 yet" in early.json["detail"]


def test_a_request_waits_for_a_change_and_only_so_many_do(web: Web) -> None:
    head = ask(web).json["head"]
    started = time.monotonic()
    assert ask(web, after=head, wait=0.3).json["changes"] == []
    assert 0.3 <= time.monotonic() - started < 1.5
    waiters = web.app.extensions["shapan"].waiters
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, web, after=head, wait=10)
        time.sleep(0.2)
        put(web.objects.connection, "other", "event", "0" * 15)
        put(web.objects.connection, "new")
        web.sequence()
        assert names(waiting.result(5)) == ["other", "new"]
    taken = []
    while len(taken) < 8:
        taken.append(waiters.__enter__())
    assert ask(web, after=head, wait=0.1).json["changes"]
    busy = ask(web, after=ask(web).json["head"], wait=5)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "3")
    for one in taken:
        one.__exit__()
    assert ask(web, after=99, wait=26).status_code == 422
