"""Runs that end before their end: the process killed, the database gone; and how they go on."""

import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
import shapely

from importers import concepts, pipeline
from importers import stopped as stopped_runs
from importers.guard import wait_for_turn
from spatial.errors import DatabaseError, MappingError, SourceError
from tests.importers.files import bow_tie, buildings, square, write
from tests.importers.town import EAST_GRID, credit_code

ROWS = 60_000
SHAPAN = str(Path(sys.executable).parent / "shapan")

# Everything about a building but its number.
CONTENT = ("SELECT count(*), md5(string_agg(code || height_m || footprint::text || grid_code || source || source_key "
           "|| content_hash::text, ',' ORDER BY code)) FROM building")

# One row: how many wait for an advisory lock of this database.
WAITING = ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
           "(SELECT oid FROM pg_database WHERE datname = current_database())")


def table(database, statement, *parameters):
    return database.connect(autocommit=True).execute(statement, parameters).fetchall()


def start(database, *words):
    return subprocess.Popen([SHAPAN, "import", *map(str, words)], env=database.environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stages(database):
    return [name for (name,) in table(database, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> "
                                      "'index_put_aside' AND relnamespace = 'staging'::regnamespace ORDER BY 1")]


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def killed_when(database, process, condition):
    """Kill a process as soon as a query on the running import finds something; False when it was faster."""
    watching = database.connect("superuser", autocommit=True)
    while process.poll() is None:
        if watching.execute(condition).fetchone():
            kill(process)
            return True
    return False


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])])
def test_killed_anywhere_and_resumed_an_import_ends_as_if_nobody_had_stopped_it(database, tmp_path, times):
    path = buildings(tmp_path / "a.gpkg", ROWS)
    chance, kills, contents = random.Random(times), 0, []
    watching, owner = database.connect(autocommit=True), database.connect("owner", autocommit=True)

    def until_the_end(kill_before=0.0):
        """Import, kill, resume, kill … until there were kills enough or it is done; return what is on record then."""
        nonlocal kills
        owner.execute("TRUNCATE building, import_run CASCADE")
        words = ["buildings", path]
        while True:
            process = start(database, *words)
            try:
                again = kill_before and kills < times
                out, _ = process.communicate(timeout=chance.uniform(0.5, kill_before) if again else None)
                assert process.returncode == 0, out
            except subprocess.TimeoutExpired:
                kill(process)
                kills += 1
            # A backend whose client is gone still ends its statement, and then gives back its locks.
            while watching.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = "
                                   "(SELECT oid FROM pg_database WHERE datname = current_database())").fetchone():
                time.sleep(0.02)
            run, state = watching.execute("SELECT max(id), max(state) FROM import_run").fetchone()
            assert watching.execute("SELECT count(*) FROM building").fetchone() == (ROWS if state == "done" else 0,)
            if state == "done":
                return watching.execute(CONTENT).fetchone()
            words = ["resume", run] if run else words

    while kills < times:
        contents.append(until_the_end(kill_before=2.5))
        assert stages(database) == []
    assert set(contents) == {until_the_end()}


def test_a_resumed_run_begins_after_its_last_chunk_and_keeps_what_was_rejected(database, tmp_path, monkeypatch):
    shapes = [square(117 + n % 100 / 100, 31 + n // 100 / 1000) for n in range(45_000)]
    shapes[7] = shapes[44_000] = bow_tie(117, 31)
    path = write(tmp_path / "a.gpkg", {"code": [f"B{n}" for n in range(45_000)]}, shapes)
    process = start(database, "buildings", path, "--max-rejects", "2", "--rejects", tmp_path / "rejects.gpkg")
    assert killed_when(database, process, "SELECT 1 FROM import_run WHERE rows_read >= 20000")
    run, reached = table(database, "SELECT id, rows_read FROM import_run")[0]
    assert reached in (20_000, 40_000, 45_000)
    assert [one.id for one in stopped_runs.stopped(database.addresses.app)] == [run]
    staged = []
    add = pipeline.Stage.add
    monkeypatch.setattr(pipeline.Stage, "add", lambda stage, rows, *rest: (staged.append(rows.num_rows),
                                                                            add(stage, rows, *rest))[1])
    report = pipeline.resume(run, database.settings)
    assert sum(staged) < 45_000 - reached + 1
    assert (report.run, report.read, report.counts.inserted) == (run, 45_000, 44_998)
    assert [fault.row for fault in report.rejects.by_row()] == [8, 44_001]
    assert (tmp_path / "rejects.gpkg").exists()
    assert table(database, "SELECT state, request_sealed, rejected FROM import_run") == [("done", None, 2)]
    with pytest.raises(MappingError, match="is done"):
        pipeline.resume(run, database.settings)


@pytest.fixture
def stopped(database, tmp_path):
    """Yield the number and the file of a run that was killed after its first chunk."""
    path = buildings(tmp_path / "a.gpkg", ROWS)
    process = start(database, "buildings", path)
    assert killed_when(database, process, "SELECT 1 FROM import_run WHERE rows_read > 0 AND state = 'running'")
    while not stopped_runs.stopped(database.addresses.app):
        time.sleep(0.02)
    return stopped_runs.stopped(database.addresses.app)[0].id, path


def test_a_run_whose_file_has_changed_does_not_go_on(database, stopped):
    run, path = stopped
    before = path.read_bytes()
    path.write_bytes(before + b"\0")
    with pytest.raises(SourceError, match="no longer the file of run"):
        pipeline.resume(run, database.settings)
    path.write_bytes(before)
    assert pipeline.resume(run, database.settings).counts.inserted == ROWS


def test_after_a_crash_of_the_server_the_run_begins_again(database, stopped):
    run, _ = stopped
    owner = database.connect("owner", autocommit=True)
    # What recovery does with unlogged tables.
    owner.execute(f"TRUNCATE staging.run_{run}, staging.faults_{run}")
    report = pipeline.resume(run, database.settings)
    assert (report.read, report.counts.inserted) == (ROWS, ROWS)


def test_a_run_that_is_alive_or_dropped_or_unknown_does_not_go_on(database, stopped):
    run, _ = stopped
    with (stopped_runs.take_up(database.addresses.app, run), pytest.raises(MappingError, match="is alive")):
        pipeline.resume(run, database.settings)
    with pytest.raises(MappingError, match="There is no import run 99"):
        pipeline.resume(99, database.settings)
    listed = start(database, "resume").communicate()[0]
    assert re.match(rf"{run}: buildings from a.gpkg \(buildings\), \d0,000 rows read", listed)
    assert "nothing was imported" in start(database, "resume", run, "--drop").communicate()[0]
    assert stages(database) == []
    assert start(database, "resume").communicate()[0] == "No import was stopped.\n"
    with pytest.raises(MappingError, match="have been dropped"):
        pipeline.resume(run, database.settings)


def test_what_a_dead_run_has_staged_is_dropped_by_the_first_import_after_a_week(database, stopped, importing, tmp_path):
    run, _ = stopped
    other = buildings(tmp_path / "b.gpkg", 1)
    importing("buildings", other)
    assert f"run_{run}" in stages(database)
    database.connect("owner", autocommit=True).execute(
        "UPDATE import_run SET finished_at = now() - interval '8 days' WHERE id = %s", [run])
    importing("buildings", other)
    assert stages(database) == []


def test_a_database_that_goes_away_in_the_middle_leaves_nothing_and_the_run_goes_on(database, importing, tmp_path):
    path = buildings(tmp_path / "a.gpkg", ROWS)
    killed = threading.Event()

    def cut() -> None:
        connection = database.connect("superuser", autocommit=True)
        while not killed.is_set():
            found = connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       "WHERE datname = current_database() AND query LIKE 'COPY staging%'").fetchall()
            if found:
                killed.set()
            time.sleep(0.01)

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        with pytest.raises(DatabaseError, match="Nothing was imported") as caught:
            importing("buildings", path)
    finally:
        killed.set()
        thread.join()
    assert table(database, "SELECT count(*) FROM building") == [(0,)]
    ((run, state),) = table(database, "SELECT id, state FROM import_run")
    assert state == "failed"
    assert f"shapan import resume {run}" in caught.value.cure
    assert pipeline.resume(run, database.settings).counts.inserted == ROWS


def test_two_imports_of_one_concept_at_once_both_arrive(database, tmp_path):
    paths = [buildings(tmp_path / f"{name}.gpkg", 3000) for name in "ab"]
    running = [start(database, "buildings", path, "--set", f"code='{path.stem}'+code") for path in paths]
    for process in running:
        out, _ = process.communicate()
        assert process.returncode == 0, out
    assert table(database, "SELECT source, count(*) FROM building GROUP BY 1 ORDER BY 1") == [("a", 3000), ("b", 3000)]


def test_of_two_imports_at_once_one_is_killed_and_the_other_neither_waits_for_it_nor_loses_a_row(database, tmp_path):
    holding = database.connect("worker")
    wait_for_turn(holding, concepts.find("buildings"))
    paths = [buildings(tmp_path / f"{name}.gpkg", 3000) for name in "ab"]
    doomed, other = (start(database, "buildings", path, "--set", f"code='{path.stem}'+code") for path in paths)
    # Both have staged their rows and wait for their turn to write.
    while holding.execute(WAITING).fetchone()[0] != 2:
        assert (doomed.poll(), other.poll()) == (None, None)
        time.sleep(0.05)
    kill(doomed)
    holding.commit()
    out, _ = other.communicate()
    assert other.returncode == 0, out
    assert table(database, "SELECT source, count(*) FROM building GROUP BY 1") == [("b", 3000)]
    while not stopped_runs.stopped(database.addresses.app):
        time.sleep(0.02)
    (left,) = stopped_runs.stopped(database.addresses.app)
    assert left.file.startswith("a.gpkg")
    assert stages(database) == [f"faults_{left.id}", f"run_{left.id}"]
    assert pipeline.resume(left.id, database.settings).counts.inserted == 3000
    assert table(database, "SELECT source, count(*) FROM building GROUP BY 1 ORDER BY 1") == [("a", 3000), ("b", 3000)]
    assert stages(database) == []


def test_imports_of_different_concepts_and_twice_the_same_at_once_all_arrive_with_their_counts(database, tmp_path):
    # The first load of buildings locks its table while organisations look for theirs there.
    shops = 5000
    places = write(tmp_path / "shops.gpkg", {
        "code": [credit_code(f"91999001MA{number:07}") for number in range(shops)], "name": ["铺"] * shops},
        [shapely.Point(117 + number % 100 / 100, 31 + number // 100 / 1000) for number in range(shops)])
    sites = buildings(tmp_path / "a.gpkg", ROWS)
    running = [start(database, *words, "--json") for words in (
        ("buildings", sites), ("organisations", places), ("buildings", sites), ("organisations", places))]
    reports = []
    for process in running:
        out, _ = process.communicate()
        assert process.returncode == 0, out
        reports.append(json.loads(out.splitlines()[-1]))
    for first, second, rows in ((0, 2, ROWS), (1, 3, shops)):
        twice = [(reports[one]["inserted"], reports[one]["unchanged"]) for one in (first, second)]
        assert sorted(twice) == [(0, rows), (rows, 0)]
    assert table(database, "SELECT (SELECT count(*) FROM building), (SELECT count(*) FROM organisation), "
                           "(SELECT count(DISTINCT object_id) FROM search_entry)") == [(ROWS, shops, shops)]
    assert table(database, "SELECT state, count(*) FROM import_run GROUP BY 1") == [("done", 4)]
    assert stages(database) == []


def test_what_hangs_on_buildings_waits_until_those_that_move_are_there(town, tmp_path):
    moving = town.database.connect("worker")
    wait_for_turn(moving, concepts.find("buildings"))
    moving.execute("UPDATE building SET grid_code = %s WHERE code = 'B1'", [EAST_GRID])
    code = credit_code("91999001MA0000009")
    shop = start(town.database, "organisations", write(
        tmp_path / "shop.gpkg", {"code": [code], "name": ["铺"], "building_code": ["B1"]}, [shapely.Point(117, 31)]))
    watching = town.database.connect("superuser", autocommit=True)
    while not watching.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").rowcount:
        assert shop.poll() is None, shop.communicate()
        time.sleep(0.02)
    moving.commit()
    out, _ = shop.communicate()
    assert shop.returncode == 0, out
    assert town.rows("SELECT grid_code FROM organisation WHERE code = %s", code) == [(EAST_GRID,)]


def test_the_first_load_of_a_table_leaves_its_indexes_and_rules_as_they_were(database, importing, tmp_path):
    definitions = ("SELECT indexdef FROM pg_indexes WHERE tablename = 'building' UNION ALL SELECT conname || "
                   "pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'building'::regclass ORDER BY 1")
    before = table(database, definitions)
    importing("buildings", buildings(tmp_path / "a.gpkg", ROWS))
    assert table(database, definitions) == before


def test_indexes_put_aside_and_not_built_again_keep_a_transaction_from_committing(database):
    worker = database.connect()
    assert worker.execute("SELECT shapan_indexes_off('building')").fetchone() == (True,)
    with pytest.raises(psycopg.errors.RaiseException, match="were not built again"):
        worker.commit()
    assert worker.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'building'").fetchone() == (6,)


@pytest.mark.parametrize(("kept", "aside"), [(0, False), (1, False), (2, True)])
def test_indexes_are_put_aside_while_no_more_than_the_kept_rows_stand_there(database, importing, tmp_path, kept, aside):
    importing("buildings", buildings(tmp_path / "a.gpkg", 2))
    with database.connect() as worker:
        assert worker.execute("SELECT shapan_indexes_off('building', %s)", (kept,)).fetchone() == (aside,)
        worker.rollback()


def test_indexes_of_a_table_that_somebody_reads_stay(database):
    with database.connect() as reader, database.connect() as worker:
        reader.execute("SELECT count(*) FROM building")
        assert worker.execute("SELECT shapan_indexes_off('building')").fetchone() == (False,)
        worker.commit()
        reader.rollback()


def test_a_request_is_kept_sealed(database, stopped):
    ((sealed,),) = table(database, "SELECT request_sealed FROM import_run")
    assert b"a.gpkg" not in sealed
