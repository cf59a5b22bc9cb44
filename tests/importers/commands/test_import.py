"""The command line as a clerk uses it: what it prints and how it exits."""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from click.testing import CliRunner

from importers import concepts
from importers.commands.import_ import import_
from spatial import cli
from tests.fixtures.databases import copy_template, drop
from tests.importers.files import bow_tie, buildings, square, write
from tests.importers.hostile import damaged, disguised, packed, tabular  # noqa: F401 - fill the table
from tests.importers.hostile.table import CASES
from tests.importers.town import write_town

SHAPAN = str(Path(sys.executable).parent / "shapan")


@pytest.fixture
def shapan(database):
    def run(*words: object) -> subprocess.CompletedProcess:
        result = subprocess.run([SHAPAN, "import", *map(str, words)], env=database.environment, capture_output=True,
                                text=True, check=False)
        assert "Traceback" not in result.stderr
        return result

    return run


@pytest.fixture(scope="module")
def empty_database(cluster, tmp_path_factory):
    made = copy_template(cluster, tmp_path_factory.mktemp("empty") / "home")
    yield made
    drop(cluster, made)


@pytest.fixture
def here(empty_database, monkeypatch, capfd):
    """Return the command in this process, on a database that stays empty: what it says without a start of its own."""
    for name, value in empty_database.environment.items():
        monkeypatch.setenv(name, value)

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(["import", *map(str, words)])
        assert empty_database.connect().execute("SELECT count(*) FROM building").fetchone() == (0,)
        return (left.value.code, *capfd.readouterr())

    return run


def test_a_file_of_all_concepts_arrives_in_one_command(shapan, database, tmp_path):
    path = write_town(tmp_path / "town.gpkg")
    result = shapan("all", path, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    said = json.loads(result.stdout)
    assert [run["concept"] for run in said["runs"]] == [concept.name for concept in concepts.CONCEPTS]
    assert said["total"]["inserted"] == said["total"]["rows_read"] == 47
    result = shapan("all", path)
    assert result.returncode == 0
    assert "18 of 18 layers" in result.stdout
    assert "0 inserted, 0 updated, 47 unchanged, 0 rejected" in result.stdout


def test_all_stops_at_the_first_layer_that_is_refused(shapan, database, tmp_path):
    path = tmp_path / "a.gpkg"
    write(path, {"code": ["R1"]}, None, layer="readme")
    write(path, {"building_code": ["B9"], "number": ["1"]}, layer="units", append=True)
    write(path, {"code": ["E1"], "class_code": ["0101"], "title": ["x"], "occurred_at": ["2026-05-01"]},
          [square(117, 31).centroid], layer="events", append=True)
    result = shapan("all", path)
    assert result.returncode == 1
    assert "building_code: 'B9' is not among the buildings on record" in result.stdout
    assert "1 of 2 layers" in result.stdout
    assert database.connect().execute("SELECT count(*) FROM event").fetchone() == (0,)


def test_a_rejected_row_is_named_with_file_row_place_and_cure(shapan, tmp_path):
    path = write(tmp_path / "blocks.gpkg", {"code": ["B1", "B2"]}, [square(117, 31), bow_tie(114, 22)],
                 crs="EPSG:4326")
    result = shapan("buildings", path)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "blocks.gpkg: row 2: footprint crosses itself at 114.00050, 22.00050 (EPSG:4326)."
    assert "1 good, 1 rejected" in result.stdout
    assert lines[-1].strip() == (
        "Nothing was imported. Use --repair to mend broken outlines, or --max-rejects 1 to leave the rejected rows out "
        "and import the rest, or --rejects FILE.gpkg to get them as a file to correct.")


@pytest.mark.parametrize(("words", "code", "said"), [
    (("buildings", "{}/no.gpkg"), 3, "does not exist"),
    (("buildings", "{}/a.gpkg", "--layer", "x"), 2, "has no layer 'x'"),
    (("buildings", "{}/a.gpkg", "--crs", "EPSG:1"), 2, "is not a coordinate system"),
    (("buildings", "{}/a.gpkg", "--crs", "EPSG:4547"), 3, "EPSG:4547 has metres on a plane"),
    (("buildings", "{}/a.gpkg", "--override-crs"), 2, "Name the coordinate system with --crs"),
    (("buildings", "{}/a.gpkg", "--crs", "EPSG:4214"), 3, "stands on the datum Beijing 1954"),
    (("buildings", "{}/a.gpkg", "--crs", "EPSG:9999999"), 2, "is not a coordinate system"),
    (("buildings", "{}/a.gpkg", "--set", "height_m=Floor*3"), 2, "the file has no column 'Floor'"),
    (("buildings", "{}/a.gpkg", "--set", "hight=1"), 2, "did you mean height_m?"),
    (("buildings", "{}/a.gpkg", "--map", "{}/no.yaml"), 2, "Check the path after --map"),
    (("buildings", "{}/a.gpkg", "--max-rejects", "few"), 2, "neither a number of rows nor a percentage"),
    (("buildings", "{}/a.gpkg", "--rejects", "{}/no/x.gpkg"), 2, "the folder does not exist"),
    (("buildings", "{}/no crs.gpkg"), 3, "`shapan inspect '{}/no crs.gpkg'` shows"),
    (("buildings", "{}/a.gpkg", "--rejects", "/proc/x.csv"), 2, "no file can be written there"),
    (("buildings", "{}/a.gpkg", "--source", ""), 2, "the name of a source cannot be empty"),
    (("buildings", "{}/a.gpkg", "--source", "　"), 2, "the name of a source cannot be empty"),
    (("buildings", "{}/a.gpkg", "--source", "a\nb"), 2, "holds a line break or another control character"),
    (("show", "999999"), 2, "There is no import run 999999"),
    (("resume", "999999"), 2, "There is no import run 999999"),
    (("units", "{}/a.gpkg"), 2, "building_code (code of the building) is needed"),
    (("houses", "{}/a.gpkg"), 2, "No such command 'houses'"),
    (("all", "{}/b.gpkg"), 2, "has no layer that is called as a concept"),
    (("buildings", "{}/fake.geojson"), 3, "is not GeoJSON but a GDAL virtual data set"),
])
def test_wrong_usage_ends_in_one_message_and_its_exit_code(here, tmp_path, words, code, said):
    buildings(tmp_path / "a.gpkg", 1)
    write(tmp_path / "b.gpkg", {"a": ["x"]}, None)
    buildings(tmp_path / "no crs.gpkg", 1, crs=None)
    (tmp_path / "fake.geojson").write_text("<OGRVRTDataSource></OGRVRTDataSource>")
    found, out, err = here(*(word.format(tmp_path) for word in words))
    assert (found, said.format(tmp_path) in err) == (code, True), err
    assert out == ""


@pytest.mark.parametrize(("name", "code", "said"), [
    ("virtual data set called .gpkg", 3, "not a GeoPackage but a GDAL virtual data set"),
    ("archive that unpacks to 1000 times its size", 3, "unpacks to more than 100 times its size"),
    ("billion laughs in KML", 3, "declares a document type or entities"),
    ("ring of a million vertices", 1, "row 1: the geometry has a ring or line of 1,000,001 vertices"),
    ("CityJSON whose vertices are missing", 1, "points to vertices or surfaces that are not there"),
    ("GeoParquet with bytes that are no geometry", 1, "row 1: footprint cannot be read"),
])
def test_a_hostile_file_changes_nothing_and_says_why(here, tmp_path, name, code, said):
    path = CASES[name].build(tmp_path, "http://127.0.0.1:1")
    found, out, err = here("buildings", path)
    assert (found, bool(re.search(said, out + err))) == (code, True), out + err
    assert "Traceback" not in err


def test_a_spreadsheet_in_chinese_is_imported_and_says_how_it_was_read(shapan, database, tmp_path):
    path = tmp_path / "设备.csv"
    path.write_bytes("编号,名称,类别,经度,纬度\nD1,东门摄像机,camera,117.0005,31.0005\n".encode("gbk"))
    words = ("devices", path, "--set", "code=编号", "--set", "name=名称", "--set", "kind=类别")
    refused = shapan(*words)
    assert (refused.returncode, "--crs EPSG:4490" in refused.stderr) == (3, True), refused.stderr
    done = shapan(*words, "--crs", "EPSG:4490")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Positions are read from the columns 经度 and 纬度." in done.stdout
    assert "Text is read as GB18030 (very likely" in done.stdout
    assert database.connect().execute("SELECT code, name FROM device").fetchall() == [("D1", "东门摄像机")]


def test_a_database_that_does_not_answer_is_exit_code_four(database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    environment = {**database.environment, "SHAPAN_DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}
    result = subprocess.run([SHAPAN, "import", "buildings", str(path)], env=environment, capture_output=True,
                            text=True, check=False)
    assert result.returncode == 4
    assert "database" in result.stderr
    assert "answer" in result.stderr


def test_each_concept_says_which_fields_it_takes():
    for concept in concepts.CONCEPTS:
        said = CliRunner().invoke(import_, [concept.name, "--help"]).output
        for one in concept.fields:
            assert f"  {one.name}{' (needed)' if one.required else ''}: {one.help}" in said


def test_the_name_of_a_source_can_come_from_the_mapping_file(shapan, database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    mapped = tmp_path / "map.yaml"
    mapped.write_text("source: survey\nfields: {height_m: 12}\n")
    assert shapan("buildings", path, "--map", mapped).returncode == 0
    assert shapan("buildings", path, "--map", mapped, "--source", "other", "--key", "code + '-2'", "--set",
                  "code=code + '-2'").returncode == 0
    assert database.connect().execute("SELECT source, source_key FROM building ORDER BY 1").fetchall() == [
        ("other", "B1-2"), ("survey", "B1")]


@pytest.mark.parametrize("rejects", ["rest.csv", "rest.gpkg"])
def test_the_commands_that_stand_behind_a_reject_file_bring_all_rows_when_typed(shapan, database, tmp_path, rejects):
    shapes = [shapely.box(x, 2_500_000, x + 20, 2_500_020) for x in (500_000, 500_100)]
    path = write(tmp_path / "blocks.gpkg", {"编号": ["B1", "B2"], "层 数": ["6", "six"]}, shapes, crs="EPSG:4547")
    (tmp_path / "map.yaml").write_text("layer: blocks\nfields: {code: 编号}\n", encoding="utf-8")
    rest = tmp_path / rejects
    first = shapan("buildings", path, "--map", tmp_path / "map.yaml", "--set", "floors_above=column('层 数')",
                   "--rejects", rest)
    assert first.returncode == 1
    commands = [shlex.split(line) for line in first.stdout.splitlines() if line.startswith("    shapan import ")]
    assert [command[3] for command in commands] == [str(path), str(rest)]
    good = shapan(*commands[0][2:])
    assert (good.returncode, "1 inserted" in good.stdout) == (1, True), good.stdout + good.stderr
    if rest.suffix == ".csv":
        rest.write_text(rest.read_text("utf-8-sig").replace("six", "7"), encoding="utf-8")
    else:
        with sqlite3.connect(rest) as file:
            # GeoPackage's triggers call functions that only its own library has.
            triggers = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
            for name in triggers:
                file.execute(f'DROP TRIGGER "{name}"')
            file.execute("UPDATE blocks SET \"层 数\" = '7'")
        file.close()
    corrected = shapan(*commands[1][2:])
    assert (corrected.returncode, corrected.stderr) == (0, ""), corrected.stdout
    rows = database.connect().execute("SELECT code, floors_above, source, "
                                      "round(ST_X(ST_Centroid(footprint))::numeric, 3) FROM building "
                                      "ORDER BY code").fetchall()
    assert [(*row[:3], float(row[3])) for row in rows] == [("B1", 6, "blocks", 114.0), ("B2", 7, "blocks", 114.001)]


def test_whoever_imports_residents_is_told_that_the_files_name_is_kept(here, tmp_path):
    path = tmp_path / "尉迟密名.csv"
    path.write_text("name,id_number,building_code,unit_number,room_number\n", encoding="utf-8")
    told = "尉迟密名 as the source of every row. If it holds somebody's name: rename the file"
    assert [told in here("residents", path, *more)[1] for more in ((), ("--source", "望江社区"))] == [True, False]
