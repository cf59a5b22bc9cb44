"""Batches at the same time, in any order, and cut off in the middle: every message counts once."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial.jobs import alarms as job
from spatial.queries import alarms
from spatial.queries.alarms import steps
from spatial.queries.alarms.steps import Wanted
from spatial.rules.alarms import SEVERITIES
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, OTHER_COMMUNITY, OTHER_GRID, Objects

EARLIER = datetime.now(UTC) - timedelta(hours=2)
THREADS = 4

STANDING = """
SELECT count(*), coalesce(sum(1 + repeats), 0), count(*) FILTER (WHERE active) FROM alarm
"""


def message(event_id: str, device: str, minute: int = 0, **values: object) -> alarms.Message:
    return alarms.Message(**{"source": "gw", "event_id": event_id, "device": device, "severity": "major",
                             "type": "smoke", "occurred_at": EARLIER + timedelta(minutes=minute), **values})


@pytest.fixture
def house(database: OwnDatabase) -> OwnDatabase:
    objects = Objects(database.connect("worker", autocommit=True))
    building_id = objects.building("B1")
    for number in range(20):
        objects.device(f"D{number}", building_id=building_id)
    return database


def at_once(database: OwnDatabase, work: Callable[[int, psycopg.Connection], object]) -> list:
    """Run work in threads of their own connections, which begin together."""
    connections = [database.connect() for _ in range(THREADS)]
    together = threading.Barrier(THREADS)

    def run(number: int) -> object:
        together.wait()
        return work(number, connections[number])

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_the_same_batch_from_four_sides_counts_once_and_all_hear_the_same_alarms(house: OwnDatabase) -> None:
    batch = [message(f"m{n}", f"D{n % 20}", n) for n in range(60)]

    def send(number: int, connection: psycopg.Connection) -> list[alarms.Outcome]:
        shuffled = random.Random(number).sample(batch, len(batch))
        with connection.transaction():
            found = alarms.take_all(connection, shuffled, "gw")
        return sorted((said.event_id, outcome.taken, outcome.alarm_id)
                      for said, outcome in zip(shuffled, found, strict=True))

    answers = at_once(house, send)
    assert house.connect().execute(STANDING).fetchone() == (20, 60, 20)
    assert house.connect().execute("SELECT count(*) FROM alarm_message").fetchone()[0] == 60
    assert sum(taken != "known" for answer in answers for _, taken, _ in answer) == 60
    assert len({tuple((event, alarm) for event, _, alarm in answer) for answer in answers}) == 1


def test_batches_over_the_same_devices_and_operators_beside_them_never_wait_in_a_circle(house: OwnDatabase) -> None:
    seed = house.connect(autocommit=True)
    known = [outcome.alarm_id for outcome in alarms.take_all(
        seed, [message(f"s{n}", f"D{n}", type="gas") for n in range(20)], "gw")]

    def work(number: int, connection: psycopg.Connection) -> None:
        chance = random.Random(number)
        for turn in range(12):
            with connection.transaction():
                if number == 0:
                    ids = chance.sample(known, 12)
                    steps.take_steps(connection, ids, Wanted(chance.choice(["acknowledge", "clear"])), "duty")
                else:
                    alarms.take_all(connection, [
                        message(f"{number}-{turn}-{n}", f"D{chance.randrange(20)}", chance.randrange(30),
                                type=chance.choice(["smoke", "gas"]), cleared=chance.random() < 0.3)
                        for n in range(15)], "gw")

    at_once(house, work)
    raises = house.connect().execute(
        "SELECT count(*) FROM alarm_step WHERE step IN ('raised', 'repeated', 'escalated')").fetchone()[0]
    assert house.connect().execute(STANDING).fetchone()[1] == raises
    assert house.connect().execute("SELECT count(*) FROM alarm_message").fetchone()[0] == 20 + 3 * 12 * 15


def test_two_batches_in_one_building_agree_on_the_first_alarm_of_the_group(house: OwnDatabase) -> None:
    def send(number: int, connection: psycopg.Connection) -> None:
        with connection.transaction():
            alarms.take_all(connection, [message(f"{number}-{n}", f"D{number * 5 + n}", n) for n in range(5)], "gw")

    at_once(house, send)
    groups = house.connect().execute("SELECT DISTINCT group_id FROM alarm").fetchall()
    assert groups == house.connect().execute("SELECT min(id) FROM alarm").fetchall()


def test_a_connection_cut_in_the_middle_leaves_nothing_and_the_batch_is_taken_when_it_comes_again(house) -> None:
    batch = [message(f"m{n}", f"D{n}") for n in range(10)]
    cut = house.connect()
    alarms.take_all(cut, batch, "gw")
    house.connect("superuser", autocommit=True).execute("SELECT pg_terminate_backend(%s)", [cut.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        cut.commit()
    watcher = house.connect(autocommit=True)
    for table in ("alarm", "alarm_message", "alarm_step", "alarm_mark", "alarm_group"):
        assert watcher.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
    assert watcher.execute("SELECT count(*) FROM outbox WHERE kind = 'alarm'").fetchone()[0] == 0
    assert {outcome.taken for outcome in alarms.take_all(watcher, batch, "gw")} == {"raised"}


@given(st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_cut_into_batches_of_a_history_ends_alike(objects: Objects, data: st.DataObject) -> None:
    history = data.draw(st.lists(
        st.tuples(st.sampled_from(SEVERITIES), st.booleans(), st.integers(0, 9)), min_size=1, max_size=8))
    said = [message(f"m{n}", "H1", minute, severity=severity, cleared=cleared)
            for n, (severity, cleared, minute) in enumerate(history)]
    sent = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=4))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    with objects.connection.transaction(force_rollback=True):
        objects.device("H1")
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            alarms.take_all(objects.connection, sent[start:end], "gw")
        raises = [minute for _, cleared, minute in history if not cleared]
        clears = [minute for _, cleared, minute in history if cleared]
        active = bool(raises) and (not clears or max(raises) > max(clears))
        found = objects.connection.execute(STANDING).fetchone()
        assert found[1:] == (len(raises), int(active))


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_people_who_clear_in_between_no_order_of_what_came_meanwhile_changes_the_end(
    objects: Objects, data: st.DataObject,
) -> None:
    said = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=4)
    rounds = data.draw(st.lists(said, min_size=1, max_size=3))
    # A clock that is some minutes or hours behind, and always as much.
    behind = data.draw(st.sampled_from([0, 3, 480, 1200]))

    def run(order: Callable[[list], list]) -> tuple:
        with objects.connection.transaction(force_rollback=True):
            objects.device("H1")
            for turn, history in enumerate(rounds):
                alarms.take_all(objects.connection, order([
                    message(f"{turn}-{n}", "H1", minute - behind, cleared=cleared)
                    for n, (cleared, minute) in enumerate(history)]), "gw")
                ids = [alarm.id for alarm in alarms.open_alarms(objects.connection) if alarm.active]
                steps.take_steps(objects.connection, ids, Wanted("clear"), "duty")
            (newer,) = alarms.take_all(objects.connection, [message("new", "H1", 10 - behind)], "gw")
            assert newer.taken == "raised"
            return objects.connection.execute(STANDING).fetchone()[1:]

    raises = sum(not cleared for history in rounds for cleared, _ in history)
    assert run(list) == run(lambda history: data.draw(st.permutations(history))) == (raises + 1, 1)


def test_of_operators_who_acknowledge_at_once_one_does_and_the_others_hear_who_it_was(house: OwnDatabase) -> None:
    (raised,) = alarms.take_all(house.connect(autocommit=True), [message("m", "D1")], "gw")

    def acknowledge(number: int, connection: psycopg.Connection) -> str:
        with connection.transaction():
            (outcome,) = steps.take_steps(connection, [raised.alarm_id], Wanted("acknowledge"), f"operator {number}")
        return str(outcome.refusal or "")

    answers = at_once(house, acknowledge)
    first = answers.index("")
    assert all(f"operator {first} acknowledged it at" in answer for n, answer in enumerate(answers) if n != first)


def meanwhile(house: OwnDatabase, holder: psycopg.Connection, work: Callable[[psycopg.Connection], object]) -> object:
    """Do work that waits for a lock of another transaction, which commits then; return what the work returned."""
    waiter = house.connect()
    watcher = house.connect("superuser", autocommit=True)
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(work, waiter)
        wait_for(lambda: result.done() or watcher.execute(
            "SELECT cardinality(pg_blocking_pids(%s)) > 0", [waiter.info.backend_pid]).fetchone()[0])
        assert not result.done()
        holder.commit()
        return result.result(10)


@pytest.mark.parametrize("cleared", [True, False])
def test_a_message_that_waits_for_an_import_which_takes_its_device_away_is_kept(house, cleared: bool) -> None:
    (raised,) = alarms.take_all(house.connect(autocommit=True), [message("m", "D1")], "gw")
    importer = house.connect("worker")
    importer.execute("UPDATE device SET building_id = NULL, area_code = %s, grid_code = %s WHERE code = 'D1'",
                     [OTHER_COMMUNITY, OTHER_GRID])
    alarms.follow(importer)

    def send(connection: psycopg.Connection) -> alarms.Outcome:
        connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((COMMUNITY,)).literal()])
        (outcome,) = alarms.take_all(connection, [message("c", "D1", 1, cleared=cleared)], "narrow")
        connection.commit()
        return outcome

    outcome = meanwhile(house, importer, send)
    assert (outcome.taken, outcome.kept) == ("refused", True)
    (over,) = alarms.take_all(house.connect(autocommit=True), [message("d", "D1", 1, cleared=True)], "wide")
    assert (over.taken, over.alarm_id) == ("cleared", raised.alarm_id)


def test_an_alarm_that_is_put_aside_for_longer_while_the_job_brings_it_back_stays_aside(house: OwnDatabase) -> None:
    (raised,) = alarms.take_all(house.connect(autocommit=True), [message("m", "D1")], "gw")
    operator = house.connect()
    operator.execute("UPDATE alarm SET shelved_until = now() - interval '1 s'")
    operator.commit()
    until = datetime.now(UTC) + timedelta(hours=1)
    steps.take_step(operator, raised.alarm_id, Wanted("shelve", note="x", until=until), "duty")

    def bring_back(connection: psycopg.Connection) -> int:
        looked = steps.return_shelved(connection, 10)
        connection.commit()
        return looked

    assert meanwhile(house, operator, bring_back) == 1
    assert alarms.get(house.connect(), raised.alarm_id).shelved_until == until


def test_the_job_brings_alarms_back_at_their_time_and_takes_in_what_waited(house: OwnDatabase, monkeypatch) -> None:
    monkeypatch.setattr(job, "STRAYS_S", 0.05)
    web = house.connect(autocommit=True)
    raised, _ = alarms.take_all(web, [message("m", "D1"), message("s", "N1")], "gw")
    until = datetime.now(UTC) + timedelta(seconds=0.8)
    steps.take_step(web, raised.alarm_id, Wanted("shelve", note="x", until=until), "duty")
    stop = threading.Event()
    worker = threading.Thread(target=job.run, args=(house.connect("worker", autocommit=True), stop))
    worker.start()
    try:
        Objects(house.connect("worker", autocommit=True)).device("N1")
        wait_for(lambda: alarms.count_open(web) == 2)
        wait_for(lambda: alarms.get(web, raised.alarm_id).shelved_until is None)
    finally:
        stop.set()
        worker.join(5)
    back = web.execute("SELECT at FROM alarm_step WHERE step = 'unshelved'").fetchone()[0]
    assert timedelta(0) <= back - until < timedelta(seconds=0.5)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
