"""Doubles of a file, what becomes of them when their reject file comes back, and one that cannot be written."""

import csv
import sqlite3

import pytest

from importers import concepts, pipeline
from importers.progress import Silent
from importers.report import Allowance
from spatial.errors import DatabaseUnreachable
from tests.importers.files import square, write
from tests.importers.test_pipeline import table


def doubled(path):
    """Write two rows of one code at different places, the later one called 乙."""
    if path.suffix == ".csv":
        path.write_text("code,class_code,name,经度,纬度\nDK1,0101,甲,117,31\nDK1,0101,乙,118,32\n", encoding="utf-8")
        return path
    return write(path, {"code": ["DK1", "DK1"], "class_code": ["0101"] * 2, "name": ["甲", "乙"]},
                 [square(117, 31), square(118, 32)])


def corrected(path, column, value):
    """Write a value into one column of every row of a reject file."""
    if path.suffix == ".csv":
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows({**row, column: value} for row in rows)
        return
    with sqlite3.connect(path) as file:
        # GeoPackage's triggers call functions that only its own library has.
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        (layer,) = file.execute("SELECT table_name FROM gpkg_contents").fetchone()
        file.execute(f'UPDATE "{layer}" SET {column} = ?', [value])
    file.close()


@pytest.mark.parametrize("ending", ["csv", "gpkg"])
def test_a_double_out_of_its_reject_file_never_writes_over_the_row_that_it_contradicts(
        importing, database, tmp_path, ending):
    options = {"crs": "EPSG:4490"} if ending == "csv" else {}
    path, rejects = doubled(tmp_path / f"dk.{ending}"), tmp_path / f"dk.rejects.{ending}"
    importing("facilities", path, max_rejects="1", rejects=rejects, **options)
    record = "SELECT code, name, ST_X(ST_Centroid(geom)) < 118 FROM facility ORDER BY code"
    for more in ({}, {"dry_run": True}, {"on_conflict": "skip"}, {"max_rejects": "1"}):
        report = importing("facilities", rejects, **options, **more)
        assert (report.reasons(), report.counts.updated, report.counts.inserted) == ({"double-key": 1}, 0, 0)
        assert "correct its key" in report.rejects.faults[0].message
        assert table(database, record) == [("DK1", "甲", True)]
    again = tmp_path / f"dk.2.rejects.{ending}"
    importing("facilities", rejects, rejects=again, **options)
    assert importing("facilities", again, source="dk", **options).reasons() == {"double-key": 1}
    corrected(rejects, "code", "DK2")
    for inserted, unchanged in ((1, 0), (0, 1)):
        counts = importing("facilities", rejects, **options).counts
        assert (counts.inserted, counts.updated, counts.unchanged) == (inserted, 0, unchanged)
    assert table(database, record) == [("DK1", "甲", True), ("DK2", "乙", False)]
    corrected(again, "reject_reason", "")
    assert importing("facilities", again, source="dk", **options).counts.updated == 1
    assert table(database, record) == [("DK1", "乙", False), ("DK2", "乙", False)]


def test_a_double_is_rejected_again_by_a_run_that_was_stopped_and_goes_on(importing, database, tmp_path, monkeypatch):
    rejects = tmp_path / "dk.rejects.gpkg"
    importing("facilities", doubled(tmp_path / "dk.gpkg"), max_rejects="1", rejects=rejects)

    def gone(*words):
        raise DatabaseUnreachable("Nothing answers.", "")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.place, "place", gone)
        with pytest.raises(DatabaseUnreachable):
            importing("facilities", rejects)
    run = table(database, "SELECT max(id) FROM import_run")[0][0]
    assert pipeline.resume(run, database.settings).reasons() == {"double-key": 1}
    assert table(database, "SELECT name FROM facility") == [("甲",)]


def test_a_double_resident_is_rejected_again_without_a_word_about_them(town, importing, tmp_path):
    columns = {"code": ["N9", "N9"], "building_code": ["B1"] * 2, "unit_number": ["1"] * 2, "room_number": ["101"] * 2,
               "household_number": ["1", "77"], "name": ["尉迟甲", "尉迟乙"]}
    rejects = tmp_path / "people.rejects.csv"
    importing("residents", write(tmp_path / "people.gpkg", columns), max_rejects="1", rejects=rejects)
    report = importing("residents", rejects, max_rejects="1")
    assert (report.reasons(), report.counts.updated) == ({"double-key": 1}, 0)
    assert "key (hidden) is on record" in report.rejects.faults[0].message
    assert town.rows("SELECT count(*) FROM household WHERE number = '77'") == [(0,)], "made for a row that was refused"


class Clearing(Silent):
    """Takes away a folder as soon as all rows are staged."""

    def __init__(self, folder):
        self.folder = folder

    def step(self, name):
        if self.folder.exists():
            self.folder.rmdir()


@pytest.mark.parametrize(("allowed", "said"), [("1", "The other rows are in"), ("0", "Nothing was imported")])
def test_a_reject_file_that_fails_after_the_run_hides_nothing_of_what_the_run_did(database, tmp_path, allowed, said):
    place = tmp_path / "place"
    place.mkdir()
    request = pipeline.Request(concepts.find("facilities"), doubled(tmp_path / "dk.gpkg"), "test",
                               allowed=Allowance.parse(allowed), rejects=place / "r.csv")
    report = pipeline.run(request, database.settings, Clearing(place))
    assert report.exit_code == 5
    assert (report.rejects_file, report.facts()["rejects_lost"]) == (None, report.rejects_lost)
    text = "\n".join(report.lines())
    assert "r.csv cannot be written: No such file or directory. " in text
    assert said in text
    assert f"`shapan import show {report.run}` lists the rejected ones" in text
    assert table(database, "SELECT count(*) FROM facility") == [(int(allowed),)]
