"""Runs that end before their end: the process killed, the database gone."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spatial.errors import DatabaseError
from tests.importers.files import buildings

ROWS = 30_000


def table(database, statement, *parameters):
    return database.connect().execute(statement, parameters).fetchall()


@pytest.mark.parametrize("waits", [
    (0.05, 0.5), pytest.param([0.05 * number for number in range(20)], marks=pytest.mark.slow)])
def test_a_killed_import_leaves_the_database_as_it_was_or_as_finished(database, tmp_path, waits):
    path = buildings(tmp_path / "a.gpkg", ROWS)
    command = [str(Path(sys.executable).parent / "shapan"), "import", "buildings", str(path)]
    watching = database.connect(autocommit=True)
    for number, wait in enumerate(waits, start=1):
        process = subprocess.Popen(command, env=database.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        # Counted from the moment that the run is on record, so that a slow start does not spare it.
        while process.poll() is None and watching.execute("SELECT count(*) FROM import_run").fetchone()[0] < number:
            time.sleep(0.01)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        count = table(database, "SELECT count(*) FROM building")[0][0]
        done = table(database, "SELECT count(*) FROM import_run WHERE state = 'done'")[0][0]
        assert count == (ROWS if done else 0)
    result = subprocess.run(command, env=database.environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert table(database, "SELECT count(*) FROM building") == [(ROWS,)]
    assert table(database, "SELECT count(*) FROM import_run WHERE state = 'running'") == [(0,)]
    assert "stopped before the end" in str(table(database, "SELECT detail FROM import_run WHERE state = 'failed'"))


def test_a_database_that_goes_away_in_the_middle_leaves_nothing(database, importing, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 60_000)
    killed = threading.Event()

    def kill() -> None:
        connection = database.connect("superuser", autocommit=True)
        while not killed.is_set():
            found = connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                       "WHERE datname = current_database() AND query LIKE 'COPY staging%'").fetchall()
            if found:
                killed.set()
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        with pytest.raises(DatabaseError, match="Nothing was imported"):
            importing("buildings", path)
    finally:
        killed.set()
        thread.join()
    assert table(database, "SELECT count(*) FROM building") == [(0,)]
    assert table(database, "SELECT state FROM import_run") == [("failed",)]
