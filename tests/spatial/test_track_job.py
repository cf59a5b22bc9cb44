"""Old tracks of keepers are dropped, by whole months; and the list of keepers on the command line."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from spatial.commands import keepers as command
from spatial.jobs import tracks
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, Objects


def months(database: OwnDatabase) -> list[str]:
    rows = database.connect("owner").execute(
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid "
        "WHERE inhparent = 'keeper_track'::regclass AND relname <> 'keeper_track_default' ORDER BY 1")
    return [row[0] for row in rows]


def test_months_that_ended_before_the_days_kept_are_dropped_and_no_younger_one(database: OwnDatabase) -> None:
    owner = database.connect("superuser", autocommit=True)
    for name, begin, end in (("2020m01", "2020-01-01", "2020-02-01"), ("2020m02", "2020-02-01", "2020-03-01")):
        owner.execute(f"CREATE TABLE keeper_track_y{name} PARTITION OF keeper_track "
                      f"FOR VALUES FROM ('{begin} 00:00+00') TO ('{end} 00:00+00')")
        owner.execute(f"SELECT shapan_protect('keeper_track_y{name}')")
    objects = Objects(database.connect("worker", autocommit=True))
    keeper = objects.keeper()
    for received in ("2019-06-01", "2020-01-15", "2020-02-15", "now"):
        objects.connection.execute(
            "INSERT INTO keeper_track (keeper_id, at, received_at, position, area_code, grid_code) "
            "VALUES (%s, now(), %s, ST_SetSRID(ST_MakePoint(117, 31), 4490), %s, %s)",
            [keeper, received, GRID[:12], GRID])
    present = months(database)
    job = database.connect("worker", autocommit=True)
    assert tracks.forget(job, datetime(2020, 2, 20, tzinfo=UTC)) == 1
    assert months(database) == [name for name in present if name != "keeper_track_y2020m01"]
    # Whoever asks for more gets what is older than 30 days, and no more.
    assert tracks.forget(job, datetime.now(UTC) + timedelta(days=365)) == 1
    assert months(database) == present[2:]
    assert objects.connection.execute("SELECT count(*) FROM keeper_track").fetchone()[0] == 1


@pytest.fixture
def listed(database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> OwnDatabase:
    for name, value in database.environment.items():
        if name.startswith("SHAPAN_"):
            monkeypatch.setenv(name, value)
    objects = Objects(database.connect("worker", autocommit=True))
    objects.keeper()
    seen = objects.keeper(GRID[:12] + "002")
    objects.connection.execute(
        "UPDATE keeper SET position = ST_SetSRID(ST_MakePoint(117.5, 31.25), 4490), position_at = now() WHERE id = %s",
        [seen])
    return database


def test_the_command_lists_keepers_as_text_and_as_json(listed: OwnDatabase) -> None:
    text = CliRunner().invoke(command.keepers, [], catch_exceptions=False).output.splitlines()
    assert text == [f"K{GRID} 周网格, grid {GRID}: never seen",
                    f"K{GRID[:12]}002 周网格, grid {GRID[:12]}002: fresh, 117.500000 31.250000, 0 min ago"]
    lines = CliRunner().invoke(command.keepers, ["--within", GRID[:12] + "002", "--json"]).output.splitlines()
    assert [(one["code"], one["lon"], one["freshness"]) for one in map(json.loads, lines)] == [
        (f"K{GRID[:12]}002", 117.5, "fresh")]
    assert CliRunner().invoke(command.keepers, ["--within", "x"]).exit_code == 2
