"""What is kept of files that were sent: rejected rows within bounds, none of people, and nothing for ever."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pyogrio
import pytest
from click.testing import CliRunner

from importers import ledger, pipeline, uploaded
from importers.commands.import_ import import_
from importers.report import Report
from importers.request import Request
from spatial import uploads
from spatial.errors import DatabaseUnreachable
from spatial.queries import imports
from tests.fixtures.databases import OwnDatabase
from tests.importers.files import bow_tie, square, write
from tests.importers.test_doubles import doubled


@dataclass
class Sent:
    """A file that was sent and imported, and the worker's connection that holds its run."""

    run: int
    upload: uploads.Upload
    request: Request
    report: Report
    connection: object


@pytest.fixture
def sent(database: OwnDatabase):
    """Return a function that imports a file as the worker does, up to what is kept of it."""

    def carry_out(path: Path, concept: str, **options: str) -> Sent:
        upload = uploads.create(database.settings)
        path.rename(upload.path(path.suffix))
        upload.describe({**options, "ending": path.suffix})
        connection = database.connect("worker", autocommit=True)
        run_id = imports.queue(connection, concept=concept, file=path.name, source=path.stem, account="demo",
                               upload=upload.token, size=1)
        connection.execute("UPDATE import_run SET state = 'running' WHERE id = %s", (run_id,))
        connection.execute("SELECT pg_advisory_lock(%s)", (imports.RUN_LOCKS + run_id,))
        request = uploaded.read_request(database.settings, upload, concept, path.name, "demo")
        run = ledger.Run(connection, run_id, (upload.token, path.stem))
        try:
            report = pipeline.run(request, database.settings, None, run)
        except DatabaseUnreachable:
            connection.close()
            raise
        return Sent(run_id, upload, request, report, connection)

    return carry_out


def broken(path: Path) -> Path:
    return write(path, {"code": ["B1", "B2", "B3"], "备注": ["好", "坏", "坏"]},
                 [square(117, 31), bow_tie(117.1, 31), bow_tie(117.2, 31)])


def lost(database: OwnDatabase, one: Sent) -> str | None:
    return imports.detail(database.connect(autocommit=True), one.run)[1].get("rejects_lost")


def keep(database: OwnDatabase, one: Sent, **settings: int) -> None:
    uploaded.keep_rejects(one.connection, one.run, replace(database.settings, **settings), one.upload, one.request,
                          one.report)


def test_rejected_rows_are_kept_with_their_values_for_their_owner_only(database, sent, tmp_path):
    one = sent(broken(tmp_path / "楼.gpkg"), "buildings", max_rejects="2")
    keep(database, one)
    assert one.upload.rejects.name == "rejects.gpkg"
    assert one.upload.rejects.stat().st_mode & 0o777 == 0o600
    _, table = pyogrio.read_arrow(one.upload.rejects)
    assert table.column("备注").to_pylist() == ["坏", "坏"]
    assert table.column("reject_row").to_pylist() == [2, 3]
    assert lost(database, one) is None


def test_a_table_is_kept_as_a_table_and_rows_of_people_are_not_kept(database, sent, tmp_path):
    (tmp_path / "a.csv").write_text("code,class,name,rank,经度,纬度\nP1,estate,甲,3,117,31\nP2,estate,乙,x,117,31\n")
    places = sent(tmp_path / "a.csv", "places", crs="EPSG:4490")
    assert len(places.report.rejects) == 1
    keep(database, places)
    assert places.upload.rejects.name == "rejects.csv"
    assert "乙" in places.upload.rejects.read_text(encoding="utf-8-sig")
    (tmp_path / "b.csv").write_text("code,building_code,unit_number,room_number,name\nN1,B1,1,101,赵一\n")
    people = sent(tmp_path / "b.csv", "residents")
    assert len(people.report.rejects) == 1
    keep(database, people)
    assert people.upload.rejects is None
    assert lost(database, people) is None


def test_a_reject_file_beyond_its_bounds_is_not_kept_and_the_run_says_why(database, sent, tmp_path, monkeypatch):
    one = sent(broken(tmp_path / "a.gpkg"), "buildings")
    keep(database, one, min_free_mb=10**9)
    assert "MB are free" in lost(database, one)
    keep(database, one, upload_mb=0)
    assert "more than the 0 MB of an upload" in lost(database, one)
    with monkeypatch.context() as patch:
        patch.setattr(uploaded, "MOST_BYTES", 100)
        keep(database, one)
    assert "rejected rows have more than 0 MB" in lost(database, one)
    monkeypatch.setattr(uploaded, "MOST_ROWS", 1)
    keep(database, one)
    assert "More than 1 rows were rejected" in lost(database, one)
    assert one.upload.rejects is None
    assert [path.name for path in one.upload.folder.iterdir() if path.name.startswith(".")] == []


def test_rejects_stay_as_long_as_a_failed_upload_and_what_was_sent_does_not(database, sent, tmp_path):
    one = sent(broken(tmp_path / "a.gpkg"), "buildings", max_rejects="2")
    other = database.connect("worker", autocommit=True)
    uploaded.tidy(other, database.settings)
    assert one.upload.path(".gpkg").exists(), "somebody is still writing its rejects"
    keep(database, one)
    one.connection.close()
    # Other databases of the cluster have locks of their own.
    other.execute("SET statement_timeout = '30s'")
    other.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [imports.RUN_LOCKS + one.run] * 2)
    uploaded.tidy(other, database.settings)
    assert sorted(os.listdir(one.upload.folder)) == ["rejects.gpkg", "request.json"]
    other.execute("UPDATE import_run SET finished_at = now() - interval '8 days'")
    uploaded.tidy(other, database.settings)
    assert not one.upload.folder.exists()
    assert imports.upload(other, one.run) == (None, False)


@pytest.mark.parametrize("ending", [".csv", ".gpkg"])
def test_a_double_that_is_sent_again_uncorrected_is_rejected_again(database, sent, tmp_path, ending):
    crs = {"crs": "EPSG:4490"} if ending == ".csv" else {}
    first = sent(doubled(tmp_path / f"dk{ending}"), "facilities", max_rejects="1", **crs)
    keep(database, first)
    back = first.upload.rejects.rename(tmp_path / f"sent{ending}")
    again = sent(back, "facilities", source="dk", **crs)
    assert (first.report.counts.inserted, again.report.reasons()) == (1, {"double-key": 1})
    keep(database, again)
    assert again.upload.rejects.suffix == ending
    assert database.connect().execute("SELECT name FROM facility").fetchall() == [("甲",)]


def test_a_stopped_upload_that_is_resumed_by_command_keeps_its_rejected_rows(database, sent, tmp_path, monkeypatch):
    def gone(*words):
        raise DatabaseUnreachable("Nothing answers.", "")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.place, "place", gone)
        with pytest.raises(DatabaseUnreachable):
            sent(broken(tmp_path / "楼.gpkg"), "buildings", max_rejects="2")
    connection = database.connect(autocommit=True)
    run, token = connection.execute("SELECT id, upload FROM import_run WHERE state = 'failed'").fetchone()
    upload = uploads.find(database.settings, token)
    assert upload.rejects is None
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(import_, ["resume", str(run)])
    assert (result.exit_code, token in result.output, "楼.gpkg (楼): row 2" in result.output) == (
        1, False, True), result
    _, table = pyogrio.read_arrow(upload.rejects)
    assert table.column("备注").to_pylist() == ["坏", "坏"]
    assert table.column("reject_row").to_pylist() == [2, 3]
    assert upload.rejects.stat().st_mode & 0o777 == 0o600
    assert imports.get(connection, run).state == "done"
