"""``shapan inspect`` as a clerk uses it: two commands from a strange file to the map."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from importers import concepts, mapping
from importers.source import open_source
from spatial import cli, crs_numbers
from tests.importers import geotiffs
from tests.importers.files import square, write
from tests.importers.town import identity_number, write_town

SHAPAN = str(Path(sys.executable).parent / "shapan")
NAMES = ["望江苑一号楼", "望江苑二号楼", "沙盘小学教学楼", "街道办事处"]


def run(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess:
    result = subprocess.run([SHAPAN, *map(str, words)], env=environment, capture_output=True, text=True, check=False,
                            stdin=subprocess.DEVNULL)
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture
def here(monkeypatch, capfd, tmp_path):
    """Return the command in this process, in an environment without a database."""
    monkeypatch.setenv("SHAPAN_HOME", str(tmp_path / "home"))

    def inspect(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(["inspect", *map(str, words)])
        return (left.value.code, *capfd.readouterr())

    return inspect


def gauss_krueger(path: Path, code: str = "EPSG:4548") -> tuple[Path, np.ndarray]:
    """Write 40 buildings of the town as a clerk gets them: GBK, metres, neither .prj nor .cpg.

    Returns:
        The file, and the south-west corners of the buildings, degrees.
    """
    corners = np.array([(117.0005 + 0.00095 * (n % 20), 31.001 + 0.004 * (n // 20)) for n in range(40)])
    forward = pyproj.Transformer.from_crs(4490, code, always_xy=True)
    shapes = [shapely.transform(square(x, y, 0.0005), lambda points: np.column_stack(forward.transform(*points.T)))
              for x, y in corners]
    write(path, {"楼栋编号": [f"W{n}" for n in range(40)], "楼名": [NAMES[n % 4] for n in range(40)],
                 "层数": [n % 30 + 1 for n in range(40)], "用途": ["住宅", "办公", "小学", "其它"] * 10},
          shapes, crs=None, encoding="GBK")
    for ending in (".prj", ".cpg"):
        path.with_suffix(ending).unlink(missing_ok=True)
    return path, corners


def last_command(printed: str) -> list[str]:
    """Return the words of the command that stands at the end."""
    return shlex.split(printed.splitlines()[-1])[1:]


def test_a_gbk_shapefile_in_gauss_krueger_without_prj_is_on_the_map_in_two_commands(town, tmp_path):
    path, corners = gauss_krueger(tmp_path / "城区 楼栋.shp")
    found = run(town.database.environment, "inspect", path)
    assert (found.returncode, found.stderr) == (0, "")
    assert "type --crs EPSG:4548" in found.stdout
    assert "100% of the rows lie inside the areas on record" in found.stdout
    assert "Encoding: GB18030, certain" in found.stdout
    command = last_command(found.stdout)
    assert command[:2] == ["import", "buildings"]
    imported = run(town.database.environment, *command)
    assert (imported.returncode, imported.stderr) == (0, ""), imported.stdout
    rows = town.rows("SELECT code, name, floors_above, use, area_code <> repeat('0', 12), ST_XMin(footprint), "
                     "ST_YMin(footprint) FROM building WHERE code LIKE 'W%%' ORDER BY substr(code, 2)::int")
    assert [row[:5] for row in rows] == [
        (f"W{n}", NAMES[n % 4], n % 30 + 1, ["residential", "office", "other", "other"][n % 4], True)
        for n in range(40)]
    metres = (np.array([row[5:] for row in rows], float) - corners) * crs_numbers.METRES_OF_A_DEGREE
    assert np.abs(metres).max() < 1


def test_the_import_alone_tells_the_same_in_its_refusal(town, tmp_path):
    path, _ = gauss_krueger(tmp_path / "blocks.shp")
    refused = run(town.database.environment, "import", "buildings", path)
    assert refused.returncode == 3
    assert "does not say in which coordinate system it is" in refused.stderr
    assert "Probably CGCS2000 3° Gauss–Krüger, 117°E: 100% of the rows lie inside the areas" in refused.stderr
    assert refused.stderr.rstrip().endswith("Type --crs EPSG:4548.")


def test_a_written_mapping_is_what_the_next_command_takes(here, tmp_path):
    path, _ = gauss_krueger(tmp_path / "blocks.shp", "EPSG:4527")
    written = tmp_path / "blocks.yaml"
    code, said, _ = here(path, "--write-map", written)
    assert code == 0
    assert last_command(said) == ["import", "buildings", str(path), "--map", str(written)]
    assert "crs: EPSG:4527    # CGCS2000 3° Gauss–Krüger, zone 39" in written.read_text(encoding="utf-8")
    assert "# height_m: 层数 * 3" in written.read_text(encoding="utf-8")
    read = mapping.read(written)
    assert (read.concept, read.crs) == ("buildings", "EPSG:4527")
    assert set(mapping.build(concepts.find("buildings"), open_source(path).layer, read).fields) == {
        "code", "name", "floors_above", "use"}
    code, _, fault = here(path, "--write-map", written)
    assert (code, "exists" in fault) == (2, True)


def test_without_a_database_it_works_and_says_so(here, tmp_path):
    path, _ = gauss_krueger(tmp_path / "blocks.shp")
    code, said, _ = here(path)
    assert code == 0
    assert "Nothing was compared with what is on record: No database answers" in said
    assert "the numbers do not tell the central meridian" in said
    assert said.splitlines()[-1].startswith(f"  shapan import buildings {path} --crs EPSG:… --set ")


def test_a_table_with_latitude_in_the_place_of_longitude_is_on_the_map_in_two_commands(town, tmp_path):
    path, written = tmp_path / "设备.csv", tmp_path / "map.yaml"
    path.write_text("code,name,kind,X坐标,Y坐标\nD91,东门,camera,31.001,117.001\nD92,西门,camera,31.002,117.002\n")
    environment = town.database.environment
    refused = run(environment, "import", "devices", path)
    assert (refused.returncode, "exchange x and y with --swap-axes" in refused.stderr) == (3, True), refused.stderr
    found = run(environment, "inspect", path, "--write-map", written)
    assert "type --swap-axes" in found.stdout
    assert mapping.read(written).swap_axes is True
    for command in (last_command(found.stdout), last_command(run(environment, "inspect", path).stdout)):
        imported = run(environment, *command)
        assert (imported.returncode, imported.stderr) == (0, ""), imported.stdout
        rows = town.rows("SELECT ST_X(geom), ST_Y(geom) FROM device WHERE code LIKE 'D9_' ORDER BY code")
        assert rows == [(117.001, 31.001), (117.002, 31.002)]


def test_values_of_people_are_never_shown(here, tmp_path):
    numbers = [identity_number("99900119600101001"), identity_number("99900119850228002")]
    path = write(tmp_path / "people.gpkg", {
        "xm": ["尉迟密名", "尉迟匿名"], "备注": ["13912345678", "无"], "证件": numbers, "栋": ["B1", "B2"],
        "身份证号": numbers, "性别": ["男", "女"]})
    for words in (["--json"], [], ["--concept", "residents"], ["--concept", "buildings", "--json"]):
        said = here(path, *words)[1]
        assert said
        assert not [value for value in ("尉迟", "13912345678", *numbers) if value in said]
    said = json.loads(here(path, "--concept", "residents", "--json")[1])["layers"][0]
    assert all(column["personal"] and column["samples"] == [] for column in said["columns"])
    assert said["fields"] == {"name": "xm", "id_number": "身份证号", "sex": "choose(性别, '女', 'F', '男', 'M', 性别)"}
    assert said["missing"] == ["building_code", "unit_number", "room_number"]


@pytest.mark.parametrize("terminal", [False, True])
def test_what_stands_in_a_file_does_not_steer_the_terminal(here, tmp_path, monkeypatch, terminal):
    path = write(tmp_path / "a.gpkg", {"[/bold]\x1b[2J": ["[red]x[/]", "\x1b]0;owned\x07"]},
                 [square(117, 31), square(118, 31)])
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    code, said, _ = here(path)
    assert (code, "[/bold]" in said, "[red]x[/]" in said, "│" in said) == (0, True, True, terminal)
    assert "\x1b]0" not in said
    assert "\x1b[2J" not in said


def test_a_file_of_all_concepts_is_imported_by_one_command(here, tmp_path):
    path = write_town(tmp_path / "town.gpkg")
    code, said, _ = here(path)
    assert (code, last_command(said)) == (0, ["import", "all", str(path)])
    code, said, _ = here(path, "--layer", "devices")
    assert last_command(said) == ["import", "devices", str(path)]
    assert "buildings" not in said


@pytest.mark.parametrize(("words", "code", "message"), [
    (["nothing.shp"], 3, "does not exist"), (["{file}", "--layer", "x"], 2, "has no layer 'x'"),
    (["{file}", "--concept", "buildigs"], 2, "Did you mean buildings"), (["{file}", "--map", "x"], 2, "No such option"),
])
def test_faults_end_with_the_codes_of_the_import(here, tmp_path, words, code, message):
    path = write(tmp_path / "a.gpkg", {"code": ["B1"]}, [square(117, 31)])
    left, _, said = here(*[word.format(file=path) for word in words])
    assert left == code
    assert message in said


def test_rows_at_zero_and_titles_are_said(here, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("一览表\ncode,经度,纬度\nD1,117,31\nD2,0,0\n", encoding="utf-8")
    said = here(path)[1]
    assert "Rows with a position or corner of 0, far from the others: 1; an import rejects them (null-island)" in said
    assert "Above the names of the columns a line of titles or remarks is left out." in said


def test_people_of_a_table_without_names_are_neither_values_nor_names_of_columns(here, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("尉迟密名,13912345678\n尉迟匿名,13912345679\n", encoding="utf-8")
    for words in ([], ["--json"], ["--concept", "residents"]):
        said = here(path, *words)[1]
        assert "column 1" in said
        assert not [one for one in ("尉迟", "139123") if one in said]
    assert last_command(here(path)[1]) == ["inspect", str(path)]


@pytest.mark.parametrize(("pixels", "options", "said", "command"), [
    (geotiffs.picture(), {}, "3 bands (red, green, blue) of uint8", "imagery {}"),
    (geotiffs.slope(), {}, "pixels of 10", "terrain {}"),
    (geotiffs.picture().astype("uint16"), {}, "such as --stretch 0,3000", "imagery {} --stretch …"),
    (np.concatenate([geotiffs.picture()] * 2), {}, "red, green and blue is not clear", "imagery {} --bands …"),
    (geotiffs.slope(), {"crs": None}, "does not say in which coordinate system it is", "terrain {} --crs …"),
    (geotiffs.slope(), {"unit": "ft"}, "has heights in ft; they must be metres", "terrain {}"),
])
def test_a_raster_is_looked_at_as_what_it_will_be_imported_as(here, tmp_path, pixels, options, said, command):
    path = geotiffs.write(tmp_path / "正射 影像.tif", pixels, **options)
    code, out, _ = here(path)
    assert code == 0
    assert said in out
    assert last_command(out) == shlex.split("import " + command.format(shlex.quote(str(path))))
    assert json.loads(here(path, "--json")[1])["command"].startswith("shapan import ")


def test_a_raster_of_one_band_is_a_picture_where_a_person_says_so(here, tmp_path):
    path = geotiffs.write(tmp_path / "a.tif", geotiffs.slope())
    assert "imagery has red, green and blue" in here(path, "--concept", "imagery")[1]
    assert here(path, "--concept", "buildings")[0] == 2
    assert here(path, "--layer", "a")[0] == 2


def test_a_tileset_is_looked_at_as_a_folder_as_its_entry_and_as_a_zip_and_nothing_is_left_behind(
        here, tmp_path, monkeypatch):
    folder = geotiffs.tileset(tmp_path / "模型")
    packed = shutil.make_archive(str(tmp_path / "模型"), "zip", tmp_path, "模型")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    for path in (folder, folder / "tileset.json", Path(packed)):
        code, out, _ = here(path)
        assert code == 0
        assert "3D Tiles 1.0" in out
        assert "Coordinates: 116.9" in out or "Coordinates: 117.0" in out
        assert last_command(out) == ["import", "model3d", str(path)]
        assert json.loads(here(path, "--json")[1])["kind"] == "model3d"
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_tileset_without_a_place_is_told_how_to_give_it_one(here, tmp_path):
    folder = geotiffs.tileset(tmp_path / "t", {"boundingVolume": {"sphere": [0, 0, 0, 100]}, "geometricError": 1}, {})
    code, _, said = here(folder)
    assert code == 3
    assert "--at LON,LAT" in said
