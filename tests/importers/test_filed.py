"""Imagery, terrain and 3D models from file to record: once, whole, replaced, removed, killed."""

import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from importers import filed
from importers.filed_report import IMAGERY, KINDS, MODEL3D, TERRAIN, Report
from importers.models3d import run as models3d
from importers.models3d import tileset
from importers.models3d.placing import Place
from importers.rasters import run as rasters
from importers.stored import FOLDER
from spatial import cli
from spatial.errors import DiskNearlyFull, MappingError, NotFound, SourceError
from spatial.queries import imagery, model3d, terrain
from tests.fixtures.databases import OwnDatabase, copy_template, drop
from tests.importers import geotiffs as made

QUERIES = {IMAGERY: imagery, TERRAIN: terrain, MODEL3D: model3d}


class Keeping:
    """Imports into one database and looks at what is kept there."""

    def __init__(self, database: OwnDatabase) -> None:
        self.database = database
        self.settings = database.settings
        self._looking = database.connect(autocommit=True)

    def rows(self, statement: str) -> list[tuple]:
        """Return what a query finds."""
        return self._looking.execute(statement).fetchall()

    def run(self, kind, path: Path, **options: object) -> Report:
        """Import one file."""
        if kind is MODEL3D:
            return models3d.run(models3d.Request(path, "test", **options), self.settings)
        return rasters.run(kind, rasters.Request(path, "test", **options), self.settings)

    def find(self, kind, name: str):
        """Return the row of a name, or None."""
        return QUERIES[kind].find(self._looking, name)

    def files(self) -> set[str]:
        """Return every file and folder of the data directory's sources, two levels deep."""
        root = self.settings.home / FOLDER
        return {path.relative_to(self.settings.home).as_posix() for path in root.glob("*/*")}

    def consistent(self) -> None:
        """Check that what lies in the data directory is what is on record."""
        paths = {row.path for kind in KINDS for row in QUERIES[kind].every(self._looking)}
        assert self.files() == paths

    def last_run(self) -> tuple:
        """Return concept, state, counts and error of the last run on record."""
        return self.rows("SELECT concept, state, inserted, updated, unchanged, detail->>'error' FROM import_run "
                         "ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture(scope="module")
def kept(cluster, tmp_path_factory) -> Iterator[Keeping]:
    """Return a database and data directory that the tests of this file share, each with names of its own."""
    database = copy_template(cluster, tmp_path_factory.mktemp("kept") / "home")
    yield Keeping(database)
    drop(cluster, database)


def test_a_picture_is_kept_once_and_found_again(kept, tmp_path):
    path = made.write(tmp_path / "正射 2026.tif", made.picture())
    report = kept.run(IMAGERY, path, attribution="测绘院")
    assert (report.outcome, report.name) == ("inserted", "正射-2026")
    row = kept.find(IMAGERY, "正射-2026")
    assert (row.width, row.height, row.bands, row.crs) == (80, 60, ["red", "green", "blue"], "EPSG:4490")
    assert row.box == pytest.approx((117.0, 31.014, 117.008, 31.02))
    assert row.attribution == "测绘院"
    assert (kept.settings.home / row.path).stat().st_size == row.bytes
    assert kept.last_run() == ("imagery", "done", 1, 0, 0, None)
    again = kept.run(IMAGERY, path, attribution="测绘院")
    assert (again.outcome, kept.find(IMAGERY, "正射-2026")) == ("unchanged", row)
    assert kept.last_run() == ("imagery", "done", 0, 0, 1, None)
    kept.consistent()


def test_another_file_of_the_same_name_replaces_it_and_a_bad_one_does_not(kept, tmp_path):
    kept.run(IMAGERY, made.write(tmp_path / "a.tif", made.picture()), name="city")
    old = kept.find(IMAGERY, "city")
    report = kept.run(IMAGERY, made.write(tmp_path / "b.tif", made.picture(90, 90)), name="city")
    new = kept.find(IMAGERY, "city")
    assert (report.outcome, new.file_name, new.width) == ("updated", "b.tif", 90)
    assert not (kept.settings.home / old.path).exists()
    noise = np.random.default_rng(1).integers(0, 255, (3, 200, 200), dtype="uint8")
    bad = made.write(tmp_path / "c.tif", noise, compress="deflate")
    bad.write_bytes(bad.read_bytes()[:60_000])
    with pytest.raises(SourceError):
        kept.run(IMAGERY, bad, name="city")
    assert kept.find(IMAGERY, "city") == new
    kept.consistent()


def test_a_file_that_turns_out_wrong_while_it_is_read_leaves_a_failed_run_and_nothing_else(kept, tmp_path):
    heights = made.slope()
    heights[100, 100] = 30_000
    with pytest.raises(SourceError, match="no heights in metres"):
        kept.run(TERRAIN, made.write(tmp_path / "a.tif", heights), name="wrong")
    concept, state, *_, error = kept.last_run()
    assert (concept, state) == ("terrain", "failed")
    assert "1 pixels are no heights" in error
    assert kept.find(TERRAIN, "wrong") is None
    kept.consistent()


def test_a_dry_run_says_the_same_and_keeps_nothing(kept, tmp_path):
    before = kept.files(), kept.last_run()
    report = kept.run(IMAGERY, made.write(tmp_path / "dry.tif", made.picture()), dry_run=True)
    assert (report.outcome, report.run, report.facts()["committed"]) == ("inserted", None, False)
    assert report.facts_of_row["width"] == 80
    assert kept.find(IMAGERY, "dry") is None
    assert (kept.files(), kept.last_run()) == before


def test_a_folder_and_a_zip_of_a_tileset_are_kept_whole(kept, tmp_path):
    folder = made.tileset(tmp_path / "town", files={"a.b3dm": made.b3dm(), "notes.txt": b"private"})
    report = kept.run(MODEL3D, folder)
    row = kept.find(MODEL3D, "town")
    assert (report.outcome, row.version, row.files, row.crs) == ("inserted", "1.0", 2, "EPSG:4978")
    assert {path.name for path in (kept.settings.home / row.path).iterdir()} == {"tileset.json", "a.b3dm"}
    assert kept.run(MODEL3D, folder / "tileset.json", name="town").outcome == "unchanged"
    with zipfile.ZipFile(tmp_path / "town.zip", "w") as file:
        for path in folder.iterdir():
            file.write(path, f"town/{path.name}")
        # What macOS adds on its own is no second folder.
        file.writestr("__MACOSX/town/._a.b3dm", b"x")
    assert kept.run(MODEL3D, tmp_path / "town.zip").outcome == "updated"
    assert not (kept.settings.home / row.path).exists()
    (folder / "a.b3dm").unlink()
    with pytest.raises(SourceError, match="which is not there"):
        kept.run(MODEL3D, folder)
    assert kept.find(MODEL3D, "town").file_name == "town.zip"
    kept.consistent()


def test_a_tileset_without_a_place_is_kept_with_the_one_that_is_said(kept, tmp_path):
    root = made.tile("a.b3dm", boundingVolume={"box": [0, 0, 5, 50, 0, 0, 0, 50, 0, 0, 0, 5]})
    folder = made.tileset(tmp_path / "nowhere", root)
    with pytest.raises(SourceError, match="so that its place is not known"):
        kept.run(MODEL3D, folder)
    before = (folder / "tileset.json").read_bytes()
    assert kept.run(MODEL3D, folder, at=Place(117.3, 31.2)).outcome == "inserted"
    assert kept.run(MODEL3D, folder, at=Place(117.3, 31.2)).outcome == "unchanged"
    assert kept.run(MODEL3D, folder, at=Place(117.4, 31.2, 30, 45)).outcome == "updated"
    row = kept.find(MODEL3D, "nowhere")
    assert ((row.box.west + row.box.east) / 2, (row.box.south + row.box.north) / 2) == pytest.approx(
        (117.4, 31.2), abs=1e-6)
    # What is kept says it itself, and may be imported as it is; the file that was given is as it was.
    stored = kept.settings.home / row.path
    assert tileset.read(stored).footprint.bounds == pytest.approx(row.box, abs=1e-9)
    assert (folder / "tileset.json").read_bytes() == before
    assert sum(path.stat().st_size for path in stored.iterdir()) == row.bytes
    kept.consistent()


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "x" * 81, ".hidden", "a?b", "a\n"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(tmp_path, name):
    with pytest.raises(MappingError, match="cannot be the name of a source"):
        filed.source_name(filed.Request(tmp_path / "a.tif", "test", name))


def test_what_is_removed_is_gone_with_its_files(kept, tmp_path):
    kept.run(IMAGERY, made.write(tmp_path / "gone.tif", made.picture()))
    row = kept.find(IMAGERY, "gone")
    filed.remove(IMAGERY, "gone", kept.settings)
    assert kept.find(IMAGERY, "gone") is None
    assert not (kept.settings.home / row.path).exists()
    with pytest.raises(NotFound, match="No imagery is called 'gone'"):
        filed.remove(IMAGERY, "gone", kept.settings)
    kept.consistent()


def test_nothing_is_begun_without_room_for_it(kept, tmp_path):
    before = kept.files(), kept.last_run()
    path = made.write(tmp_path / "a.tif", made.picture())
    with pytest.raises(DiskNearlyFull, match="the import of a.tif was not started"):
        rasters.run(IMAGERY, rasters.Request(path, "test"), replace(kept.settings, min_free_mb=10**9))
    assert (kept.files(), kept.last_run()) == before


def test_a_file_that_has_gone_from_the_data_directory_is_made_again(kept, tmp_path):
    path = made.write(tmp_path / "lost.tif", made.picture())
    kept.run(IMAGERY, path)
    (kept.settings.home / kept.find(IMAGERY, "lost").path).unlink()
    assert kept.run(IMAGERY, path).outcome == "updated"
    kept.consistent()


@pytest.mark.parametrize("waits", [
    (0.3, 0.9), pytest.param([0.1 * number for number in range(25)], marks=pytest.mark.slow)])
def test_a_killed_import_leaves_the_old_or_the_new_and_no_half_file(kept, tmp_path, waits):
    old = made.write(tmp_path / "old.tif", made.picture())
    new = made.write(tmp_path / "new.tif", np.random.default_rng(1).integers(0, 255, (3, 1500, 1500), dtype="uint8"))
    kept.run(IMAGERY, old, name="killed")
    count = "SELECT count(*) FROM import_run"
    for wait in waits:
        before = kept.rows(count)
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "shapan"), "import", "imagery", str(new), "--name", "killed"],
            env=kept.database.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Counted from the moment that the run is on record, so that a slow start does not spare it.
        while process.poll() is None and kept.rows(count) == before:
            time.sleep(0.02)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        row = kept.find(IMAGERY, "killed")
        assert row.file_name in ("old.tif", "new.tif")
        assert (kept.settings.home / row.path).stat().st_size == row.bytes
    assert kept.run(IMAGERY, old, name="killed").outcome in ("unchanged", "updated")
    kept.consistent()


@pytest.fixture
def shapan(kept, monkeypatch, capfd) -> Callable[..., tuple[int, str, str]]:
    """Return the command in this process: its exit code, what it said, and what it said about errors."""
    for name, value in kept.database.environment.items():
        monkeypatch.setenv(name, value)

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(["import", *map(str, words)])
        return (left.value.code or 0, *capfd.readouterr())

    return run


def test_the_commands_import_list_and_remove(shapan, tmp_path):
    path = made.write(tmp_path / "dem.tif", made.slope())
    code, out, err = shapan("terrain", path, "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert (said["outcome"], said["crs"]["source"], said["lowest_m"]) == ("inserted", "EPSG:4490", 20)
    assert [one["name"] for one in json.loads(shapan("list", "--json")[1])["terrain"]] == ["dem"]
    assert "terrain dem: dem.tif" in shapan("list")[1]
    assert shapan("model3d", made.tileset(tmp_path / "block"))[0] == 0
    assert shapan("remove", "model3d", "block")[0] == 0
    code, _, err = shapan("model3d", tmp_path / "block", "--at", "31.2,117.3")
    assert (code, "latitude 117.3 is beyond" in err) == (2, True)
    assert shapan("model3d", tmp_path / "block", "--at", "117.3")[0] == 2
    code, _, err = shapan("model3d", tmp_path / "block", "--at", "117.3,31.2,20,-45")
    assert (code, "Leave out --at" in err) == (3, True)
    assert shapan("remove", "terrain", "dem")[0] == 0
    assert shapan("remove", "terrain", "dem")[0] == 1
    code, _, err = shapan("imagery", path)
    assert (code, "If it holds heights: shapan import terrain" in err) == (3, True)
    assert shapan("imagery", path, "--bands", "1,2")[0] == 2
    assert shapan("imagery", path, "--stretch", "9,1")[0] == 2
