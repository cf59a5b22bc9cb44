"""The change feed: numbers without gaps, and no change lost to a slow transaction."""

import threading
import time
from typing import Any

import psycopg
import pytest

from spatial import outbox
from spatial.cells import Touched
from spatial.jobs import forgetting, sequencer
from spatial.queries import cells
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID


def put(connection: psycopg.Connection, name: str) -> None:
    outbox.append(connection, "alarm", name, GRID[:12], GRID, {"name": name})


def test_many_changes_at_once_are_told_in_their_order_with_their_payloads(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    outbox.append_all(writer, [])
    outbox.append_all(writer, [
        ("alarm", str(n), GRID[:12], GRID, {"name": f'"{n}" \\ 烟', "none": None}) for n in range(9, 0, -1)])
    outbox.stamp(job)
    assert [(change.seq, change.object, change.payload) for change in outbox.after(job, 0)] == [
        (10 - n, str(n), {"name": f'"{n}" \\ 烟', "none": None}) for n in range(9, 0, -1)]


def test_a_slow_transaction_is_numbered_after_a_quick_one_and_not_lost(database: OwnDatabase) -> None:
    slow, quick, job = database.connect(), database.connect(), database.connect("worker", autocommit=True)
    put(slow, "slow")
    put(quick, "quick")
    quick.commit()
    assert outbox.stamp(job) == 1
    slow.commit()
    assert outbox.stamp(job) == 2
    assert outbox.stamp(job) is None
    assert [(change.seq, change.object) for change in outbox.after(job, 0)] == [(1, "quick"), (2, "slow")]


def test_a_change_that_is_rolled_back_is_never_told(database: OwnDatabase) -> None:
    writer, job = database.connect(), database.connect("worker", autocommit=True)
    put(writer, "undone")
    writer.rollback()
    assert outbox.stamp(job) is None


def test_a_reader_sees_only_changes_of_its_jurisdiction(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    put(writer, "mine")
    outbox.stamp(job)
    assert list(outbox.after(database.connect(scope=Scope(("998",))), 0)) == []
    assert len(list(outbox.after(database.connect(scope=Scope((GRID,))), 0))) == 1


def test_the_sequencer_numbers_what_many_writers_commit_and_announces_it(database: OwnDatabase) -> None:
    stop = threading.Event()
    job = threading.Thread(target=sequencer.run, args=(database.connect("worker", autocommit=True), stop, 0.01))
    listener = database.connect(autocommit=True)
    listener.execute(f"LISTEN {outbox.CHANNEL}")
    job.start()

    def write(connection: psycopg.Connection) -> None:
        for number in range(50):
            with connection.transaction():
                put(connection, str(number))

    writers = [threading.Thread(target=write, args=(database.connect(autocommit=True),)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    deadline = time.monotonic() + 10
    while outbox.head(listener) < 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    job.join()
    assert [change.seq for change in outbox.after(listener, 0)] == list(range(1, 201))
    announced = [int(note.payload) for note in listener.notifies(timeout=1)]
    assert announced == sorted(announced)
    assert announced[-1] == 200


def test_a_second_sequencer_waits_and_takes_over_when_the_first_dies(database: OwnDatabase) -> None:
    stop = threading.Event()
    first = database.connect("worker", autocommit=True)
    assert first.execute(sequencer.TRY_LOCK, [outbox.SEQUENCER_LOCK]).fetchone()[0]
    second = threading.Thread(target=sequencer.run, args=(database.connect("worker", autocommit=True), stop, 0.01))
    second.start()
    reader = database.connect(autocommit=True)
    put(reader, "waiting")
    time.sleep(0.3)
    assert outbox.head(reader) == 0
    first.close()
    deadline = time.monotonic() + 10
    while outbox.head(reader) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    second.join()
    assert outbox.head(reader) == 1


def test_old_changes_of_tiles_are_forgotten_and_no_others(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    put(writer, "alarm")
    for layer in ("roads", "water"):
        outbox.touched(writer, Touched(layer, 0, 22, 14, ((1, 2),)))
    outbox.stamp(job)
    assert outbox.forget_passing(job, 0, 3) == 0
    for table in cells.TABLES:
        cells.set_done(job, table, 3)
    assert outbox.forget_passing(job, 0, 0) == 0
    put(writer, "later")
    done = outbox.forget_passing(job, 0, 9)
    assert done == 3
    assert [change.object for change in outbox.after(job, 0)] == ["alarm"]
    outbox.stamp(job)
    cells.set_done(job, cells.TABLES[0], 4)
    assert outbox.forget_passing(job, done, 9) == done
    cells.set_done(job, cells.TABLES[1], 4)
    assert outbox.forget_passing(job, done, 9) == 4
    assert [change.object for change in outbox.after(job, 0)] == ["alarm", "later"]


def test_old_changes_of_every_kind_are_forgotten_and_it_is_known_up_to_where(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    for name in ("old", "old", "old", "new"):
        put(writer, name)
    outbox.touched(writer, Touched("roads", 0, 22, 14, ((1, 2),)))
    outbox.stamp(job)
    superuser = database.connect("superuser", autocommit=True)
    superuser.execute("UPDATE outbox SET at = at - interval '8 days' WHERE object IN ('old', 'roads')")
    assert outbox.forget_old(job, 7) == 0, "the sums by cell have not taken them in"
    for table in cells.TABLES:
        cells.set_done(job, table, 5)
    assert outbox.forget_old(job, 9) == 0
    assert outbox.floor(job, []) == 0
    assert [outbox.forget_old(job, 7, 2), outbox.floor(job, [])] == [2, 2]
    # A transaction that began long ago and was numbered after a young one goes with its turn.
    assert [outbox.forget_old(job, 7), outbox.floor(job, [])] == [2, 5]
    assert [change.object for change in outbox.after(job, 0)] == ["new"]
    assert [outbox.forget_old(job, 7), outbox.floor(job, [])] == [0, 5]
    superuser.execute("UPDATE outbox SET at = at - interval '8 days'")
    assert [outbox.forget_old(job, 7), outbox.floor(job, [])] == [1, 5]


@pytest.mark.parametrize("payload", [
    {}, {"layer": "roads"}, {"layer": "roads", "minzoom": 0, "maxzoom": 22, "z": 14, "cells": [[1]]},
    {"layer": "roads", "minzoom": 0, "maxzoom": 22, "z": 14, "cells": [[-1, 2]]},
    {"layer": "roads", "minzoom": 0, "maxzoom": 22, "z": 15, "cells": [[1, 2]]},
    {"layer": 7, "minzoom": 0, "maxzoom": 22, "z": 14, "cells": []},
    {"layer": "roads", "minzoom": 0, "maxzoom": 22, "z": 14, "cells": [["1", 2]]}, None, [], "x"])
def test_a_change_of_tiles_that_says_nothing_does_not_stop_the_numbers(database: OwnDatabase, payload: Any) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    outbox.append(writer, outbox.TILES, "roads", GRID[:12], GRID, payload)
    put(writer, "alarm")
    assert outbox.stamp(job) == 2
    assert [(change.seq, change.kind) for change in outbox.after(job, 0)] == [(1, outbox.UNREADABLE), (2, "alarm")]


def test_a_change_of_tiles_is_kept_for_its_time_after_its_number(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    with writer.transaction():
        outbox.touched(writer, Touched("roads", 0, 22, 14, ((1, 2),)))
        time.sleep(0.5)  # longer than it is kept: the transaction began long before the number
    outbox.stamp(job)
    for table in cells.TABLES:
        cells.set_done(job, table, 1)
    stop = threading.Event()
    forgetting_job = threading.Thread(target=forgetting.run, args=(job, stop, 0.4, 0.05))
    forgetting_job.start()
    time.sleep(0.15)
    kept = outbox.after(writer, 0)
    deadline = time.monotonic() + 10
    while outbox.after(writer, 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    forgetting_job.join()
    assert len(kept) == 1
    assert outbox.after(writer, 0) == []


def test_changes_with_one_missing_are_not_whole(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    put(writer, "alarm")
    outbox.touched(writer, Touched("roads", 0, 22, 14, ((1, 2),)))
    put(writer, "later")
    outbox.stamp(job)
    assert [outbox.whole(outbox.after(job, seq), seq) for seq in range(4)] == [True] * 4
    for table in cells.TABLES:
        cells.set_done(job, table, 3)
    outbox.forget_passing(job, 0, 3)
    assert [outbox.whole(outbox.after(job, seq), seq) for seq in range(4)] == [False, False, True, True]


def test_the_oldest_and_newest_change_without_a_number_are_told(database: OwnDatabase) -> None:
    writer, job = database.connect(autocommit=True), database.connect("worker", autocommit=True)
    assert outbox.waiting(job) is None
    put(writer, "one")
    first = outbox.waiting(job)
    assert first[0] == first[1]
    put(writer, "two")
    assert outbox.waiting(job) == (first[0], first[1] + 1)
    outbox.stamp(job)
    assert outbox.waiting(job) is None


def test_two_sequencers_that_both_believe_to_be_the_one_number_nothing_twice(database: OwnDatabase) -> None:
    writers = [database.connect(autocommit=True) for _ in range(2)]
    rivals = [database.connect("worker", autocommit=True) for _ in range(2)]
    ending = threading.Event()

    def stamp(connection: psycopg.Connection) -> None:
        while not ending.is_set() or outbox.waiting(connection):
            outbox.stamp(connection, 5)

    def write(connection: psycopg.Connection) -> None:
        for number in range(200):
            put(connection, str(number))

    threads = [threading.Thread(target=run, args=(connection,)) for run, connections in
               ((stamp, rivals), (write, writers)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads[2:]:
        thread.join()
    ending.set()
    for thread in threads[:2]:
        thread.join()
    assert [change.seq for change in outbox.after(rivals[0], 0)] == list(range(1, 401))
