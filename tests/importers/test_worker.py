"""The import worker as a process: takes what is queued, survives what kills it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from shapely import transform

from importers import catalogue, concepts, formats, ledger
from importers import stopped as stopped_runs
from importers.commands.import_ import import_
from spatial import uploads
from spatial.queries import imports
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.waiting import until
from tests.importers.files import bow_tie, buildings, square, write

SHAPAN = str(Path(sys.executable).parent / "shapan")
ENDS_WITHIN_S = 60
NEVER_POLLS = "import sys; from importers import worker; worker.SAFETY_POLL_S = 3600; worker.main(int(sys.argv[1]))"
ROWS = 40_000


@pytest.fixture
def worker(database: OwnDatabase) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Return a function that starts a worker of this process; all are killed at the end.

    ``polls=False`` for one that hears of what is queued by the announcement or not at all.
    """
    started: list[subprocess.Popen[bytes]] = []

    def start(polls: bool = True) -> subprocess.Popen[bytes]:
        command = ["-m", "importers.worker"] if polls else ["-c", NEVER_POLLS]
        started.append(subprocess.Popen([sys.executable, *command, str(os.getpid())], env=database.environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def queue(database: OwnDatabase) -> Callable[..., int]:
    """Return a function that stores a file and queues its run as the web room does."""

    def send(path: Path, concept: str = "buildings", mapping: str = "", **options: object) -> int:
        upload = uploads.create(database.settings)
        path.rename(upload.path(path.suffix))
        upload.describe({**options, "ending": path.suffix}, mapping)
        connection = database.connect(autocommit=True)
        return imports.queue(connection, concept=concept, file=path.name, source=path.stem, account="demo",
                             upload=upload.token, size=1)

    return send


def wait_for(database: OwnDatabase, run_id: int, *states: str) -> imports.Run:
    connection = database.connect(autocommit=True)
    deadline = time.monotonic() + ENDS_WITHIN_S
    while (run := imports.get(connection, run_id)).state not in states:
        assert time.monotonic() < deadline, f"run {run_id} is still {run}"
        time.sleep(0.02)
    return run


def reads(database: OwnDatabase, run_id: int) -> None:
    """Wait until a run has read its first rows."""
    connection = database.connect(autocommit=True)
    eventually(lambda: imports.get(connection, run_id).rows_read > 0)


def count(database: OwnDatabase) -> int:
    # Autocommit: a reader that stays in its transaction holds up the first load of a table.
    return database.connect(autocommit=True).execute("SELECT count(*) FROM building").fetchone()[0]


def folders(database: OwnDatabase) -> list[str]:
    return os.listdir(database.settings.home / "uploads")


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ENDS_WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_queued_is_imported_told_about_and_deleted(database, worker, queue, tmp_path):
    waiting = queue(buildings(tmp_path / "楼栋.gpkg", 4), mapping="source: survey\nfields: {height_m: 12}\n")
    worker(polls=False)
    run = wait_for(database, waiting, "done")
    assert (run.inserted, run.rows_expected, run.source, run.file) == (4, 4, "survey", "楼栋.gpkg")
    eventually(lambda: folders(database) == [])
    connection = database.connect(autocommit=True)
    assert imports.worker_lives(connection)
    assert imports.catalogue(connection) == catalogue.content()
    dry = wait_for(database, queue(buildings(tmp_path / "b.gpkg", 2), source="survey", dry_run=True), "done")
    assert (dry.dry_run, dry.updated) == (True, 2)
    assert database.connect(autocommit=True).execute("SELECT DISTINCT height_m FROM building").fetchall() == [(12,)]


def test_what_is_wrong_is_told_with_the_name_that_the_owner_gave(database, worker, queue, tmp_path):
    (tmp_path / "假的.geojson").write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    disguised = queue(tmp_path / "假的.geojson")
    broken = queue(write(tmp_path / "a.gpkg", {"code": ["B1", "B2", "B3"]}, [
        square(117, 31), bow_tie(117.1, 31), bow_tie(117.2, 31)]))
    allowed = queue(write(tmp_path / "b.gpkg", {"code": ["B4", "B5"]}, [square(117, 32), bow_tie(117.1, 32)]),
                    max_rejects="50%")
    mended = queue(write(tmp_path / "e.gpkg", {"code": ["B6"]}, [bow_tie(117.3, 32)]), repair="100%")
    turned = write(tmp_path / "g.gpkg", {"code": ["B7"]}, [transform(square(117.3, 32), lambda at: at[:, ::-1])])
    turned = queue(turned, swap_axes=True)
    mapped = queue(buildings(tmp_path / "c.gpkg"), mapping="fields: [")
    long = queue(buildings(tmp_path / "f.gpkg"), mapping=f"concept: {'x' * 9000}\n")
    gone = queue(buildings(tmp_path / "d.gpkg"))
    connection = database.connect(autocommit=True)
    token = connection.execute("SELECT upload FROM import_run WHERE id = %s", (gone,)).fetchone()[0]
    uploads.find(database.settings, token).remove()
    worker()
    run = wait_for(database, disguised, "failed")
    assert run.error == "假的.geojson is not GeoJSON but a GDAL virtual data set."
    assert run.cure
    run = wait_for(database, broken, "failed")
    assert (run.rejected, run.inserted, run.error) == (2, 0, None)
    assert [fault.row for fault in imports.faults(database.connect(autocommit=True), broken)] == [2, 3]
    run = wait_for(database, allowed, "done")
    assert (run.rejected, run.inserted) == (1, 1)
    assert wait_for(database, mended, "done").inserted == 1
    assert wait_for(database, turned, "done").inserted == 1
    assert "mapping.yaml" in wait_for(database, mapped, "failed").error
    run = wait_for(database, long, "failed")
    assert (len(run.error), run.error[-3:]) == (ledger.LONGEST_ERROR, "xxx")
    assert wait_for(database, gone, "failed").cure.endswith("Send it again.")
    assert count(database) == 3


def test_a_killed_worker_leaves_nothing_half_done_and_the_next_one_goes_on(database, worker, queue, tmp_path):
    big = queue(buildings(tmp_path / "big.gpkg", ROWS))
    small = queue(buildings(tmp_path / "small.gpkg", 3, south=33), mapping="fields: {code: \"'S' + code\"}\n")
    first = worker()
    wait_for(database, big, "running")
    reads(database, big)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert count(database) == 0
    worker()
    stopped = wait_for(database, big, "failed")
    assert "stopped before the end" in stopped.error
    assert f"shapan import resume {big}" in stopped.cure
    assert stopped.resumable
    assert wait_for(database, small, "done").inserted == 3
    assert count(database) == 3
    again = subprocess.run([SHAPAN, "import", "resume", str(big)], env=database.environment, capture_output=True,
                           text=True, check=False)
    assert again.returncode == 0, again
    assert again.stdout.startswith("buildings (楼栋) from big.gpkg (buildings): 40,000 rows read")
    run = imports.get(database.connect(autocommit=True), big)
    assert (run.state, run.inserted, run.file, count(database)) == ("done", ROWS, "big.gpkg", ROWS + 3)
    _, report, _ = imports.detail(database.connect(autocommit=True), big)
    assert report["file"] == "big.gpkg (buildings)"
    eventually(lambda: folders(database) == [])


@pytest.fixture
def stopped(database, worker, queue, tmp_path) -> int:
    """Return the number of a run whose worker was killed after its first chunk, and that another one marked."""
    run_id = queue(buildings(tmp_path / "big.gpkg", ROWS))
    first = worker()
    reads(database, run_id)
    first.send_signal(signal.SIGKILL)
    first.wait()
    undertaker, watcher = database.connect("worker", autocommit=True), database.connect(autocommit=True)

    def buried() -> bool:
        ledger.bury(undertaker)
        return imports.get(watcher, run_id).resumable

    until(buried)  # what the database still does for the dead one ends first
    return run_id


def test_a_stopped_run_that_is_queued_again_goes_on_from_its_last_chunk(database, worker, stopped):
    connection = database.connect(autocommit=True)
    reached = imports.get(connection, stopped).rows_read
    run = imports.resume(connection, stopped)
    assert (run.state, run.rows_read, run.error, run.resumable) == ("queued", reached, None, False)
    with pytest.raises(imports.NotResumable, match="was not stopped: queued"):
        imports.resume(connection, stopped)
    waits = subprocess.run([SHAPAN, "import", "resume", str(stopped)], env=database.environment, capture_output=True,
                           text=True, check=False)
    assert (waits.returncode, "waits for the import worker" in waits.stderr) == (2, True)
    worker()
    run = wait_for(database, stopped, "done", "failed")
    assert (run.state, run.rows_read, run.inserted, count(database)) == ("done", ROWS, ROWS, ROWS)
    with pytest.raises(imports.NotResumable, match="was not stopped: done"):
        imports.resume(connection, stopped)


def test_a_stopped_run_that_is_queued_again_and_cancelled_leaves_nothing(database, worker, stopped):
    connection = database.connect(autocommit=True)
    with connection.transaction():
        imports.resume(connection, stopped)
        imports.cancel(connection, stopped, "demo")
    worker()
    eventually(lambda: folders(database) == [])
    left = "SELECT count(*) FROM pg_class WHERE relname LIKE 'run\\_%' AND relnamespace = 'staging'::regnamespace"
    assert connection.execute(left).fetchone() == (0,)
    assert (imports.get(connection, stopped).state, count(database)) == ("cancelled", 0)


def test_a_run_that_somebody_goes_on_with_is_not_queued_again(database, stopped):
    connection = database.connect(autocommit=True)
    with (stopped_runs.take_up(database.addresses.worker, stopped),
          pytest.raises(imports.NotResumable, match="Somebody is going on")):
        imports.resume(connection, stopped)
    # The server lets go of a closed connection's lock a moment later.
    eventually(lambda: not imports.upload(connection, stopped)[1])
    assert folders(database) == [imports.upload(connection, stopped)[0]]


def test_a_dry_run_that_was_killed_begins_again(database, worker, queue, tmp_path):
    run_id = queue(buildings(tmp_path / "big.gpkg", ROWS), dry_run=True)
    first = worker()
    reads(database, run_id)
    first.send_signal(signal.SIGKILL)
    first.wait()
    ledger.bury(database.connect("worker", autocommit=True))
    run = imports.get(database.connect(autocommit=True), run_id)
    assert (run.state, run.cure, run.resumable) == ("failed", "Import the file again.", True)
    assert imports.resume(database.connect(autocommit=True), run_id).rows_read == 0
    worker()
    run = wait_for(database, run_id, "done", "failed")
    assert (run.state, run.dry_run, run.inserted, count(database)) == ("done", True, ROWS, 0)


def test_a_worker_that_is_told_to_stop_puts_its_run_back(database, worker, queue, tmp_path):
    run_id = queue(buildings(tmp_path / "big.gpkg", ROWS))
    first = worker()
    wait_for(database, run_id, "running")
    first.terminate()
    assert first.wait(ENDS_WITHIN_S) == 0
    assert (wait_for(database, run_id, "queued").rows_read, count(database)) == (0, 0)
    worker(), worker()
    assert wait_for(database, run_id, "done").inserted == ROWS
    assert count(database) == ROWS


def test_a_run_that_is_cancelled_while_it_reads_imports_nothing(database, worker, queue, tmp_path):
    run_id = queue(buildings(tmp_path / "big.gpkg", ROWS))
    worker()
    wait_for(database, run_id, "running")
    imports.cancel(database.connect(autocommit=True), run_id, "demo")
    assert wait_for(database, run_id, "cancelled").error == "Cancelled by demo."
    assert count(database) == 0
    eventually(lambda: folders(database) == [])


def test_files_of_failed_runs_and_files_of_nobody_go_after_their_time(database, worker, queue, tmp_path):
    run_id = queue(buildings(tmp_path / "a.gpkg"), layer="x")
    orphan = uploads.create(database.settings)
    os.utime(orphan.folder, (0, 0))
    worker()
    wait_for(database, run_id, "failed")
    eventually(lambda: orphan.token not in folders(database))
    assert len(folders(database)) == 1, "kept, so that a person can look at it"
    database.connect("worker", autocommit=True).execute("UPDATE import_run SET finished_at = now() - interval '8 days'")
    queue(buildings(tmp_path / "b.gpkg"))
    eventually(lambda: folders(database) == [])


def test_the_catalogue_names_every_concept_and_ending():
    content = catalogue.content()
    assert [concept["name"] for concept in content["concepts"]] == [concept.name for concept in concepts.CONCEPTS]
    assert set(content["endings"]) == {ending for one in formats.FORMATS for ending in one.suffixes}


def test_the_command_line_lists_runs_and_shows_one(database, importing, tmp_path, monkeypatch):
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)

    def shapan(*words: str) -> str:
        result = CliRunner().invoke(import_, words)
        assert result.exit_code == 0, result
        return result.output

    assert "No import has been run yet" in shapan("runs")
    importing("buildings", write(tmp_path / "a.gpkg", {"code": ["B1", "B2"]}, [square(117, 31), bow_tie(117.1, 31)]))
    assert "failed     buildings      a.gpkg  2 read, 1 rejected" in shapan("runs")
    assert '"rejected": 1' in shapan("runs", "--json")
    assert "row 2: footprint crosses itself" in shapan("show", "1")
    assert '"faults_recorded": 1' in shapan("show", "1", "--json")
    # Both lists say the time of the settings' zone.
    database.connect("owner", autocommit=True).execute(
        "UPDATE import_run SET request_sealed = 'x', started_at = '2026-05-01T20:30Z'")
    assert "begun 2026-05-02 04:30 by test" in shapan("resume")
    assert "2026-05-02 04:30:00  failed" in shapan("runs")
