"""What a run does with rows that are new, changed, doubled, wrong or without parent."""

import json
import threading

import pyogrio
import pytest
import shapely

from importers import mapping
from importers.guard import guarded
from importers.report import Allowance
from importers.source import open_source
from spatial.errors import DatabaseError, DatabaseUnreachable, MappingError, SchemaOutOfDate, SourceError
from spatial.types import UNPLACED_GRID
from tests.importers.conftest import importer
from tests.importers.files import bow_tie, buildings, square, write
from tests.importers.town import COMMUNITY, EAST_GRID, STREET, WEST_GRID, identity_number, write_town


def table(database, statement, *parameters):
    return database.connect().execute(statement, parameters).fetchall()


def messages(report):
    return [f"{fault.row} {fault.reason}: {fault.message}" for fault in report.rejects.faults]


def test_only_changed_rows_are_written_again(importing, database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 5)
    importing("buildings", path)
    before = dict(table(database, "SELECT code, xmin::text FROM building"))
    counts = importing("buildings", path, source="a", set_={"height_m": "choose(code, 'B2', '21', '18')"}).counts
    assert (counts.inserted, counts.updated, counts.unchanged) == (0, 1, 4)
    after = dict(table(database, "SELECT code, xmin::text FROM building"))
    assert [code for code in before if before[code] != after[code]] == ["B2"]
    assert table(database, "SELECT height_m FROM building WHERE code = 'B2'") == [(21.0,)]


def test_a_field_that_the_file_does_not_bring_is_left_alone(importing, database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    importing("buildings", path, set_={"name": "'一号楼'"})
    importing("buildings", path, set_={"height_m": "20"})
    assert table(database, "SELECT name, height_m FROM building") == [("一号楼", 20.0)]


def test_two_files_of_one_source_with_other_columns_do_not_rewrite_each_other(importing, database, tmp_path):
    heights = write(tmp_path / "h.gpkg", {"code": ["B1", "B2"], "height_m": [18.0, 21.0]},
                    [square(117, 31), square(118, 31)])
    names = write(tmp_path / "n.gpkg", {"code": ["B1", "B2"], "name": ["一", None]}, [square(117, 31), square(118, 31)])
    assert importing("buildings", heights, source="s").counts.inserted == 2
    counts = importing("buildings", names, source="s").counts
    assert (counts.updated, counts.unchanged) == (1, 1)
    for path in (heights, names, heights):
        assert importing("buildings", path, source="s").counts.unchanged == 2
    assert table(database, "SELECT name, height_m FROM building ORDER BY code") == [("一", 18.0), (None, 21.0)]


def test_the_same_number_in_another_field_is_a_change(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1"], "x": [6]}, [square(117, 31)])
    importing("buildings", path, set_={"floors_above": "x"})
    assert importing("buildings", path, set_={"floors_below": "x"}).counts.updated == 1


def test_one_rejected_row_keeps_everything_out(importing, database, tmp_path):
    path = write(tmp_path / "blocks.gpkg", {"code": ["B1", "B2"]}, [square(117, 31), bow_tie(114.057, 22.543)])
    report = importing("buildings", path)
    assert not report.committed
    assert report.exit_code == 1
    assert messages(report) == [
        "2 invalid-geometry: footprint crosses itself at 114.05750, 22.54350 (EPSG:4490)"]
    assert table(database, "SELECT count(*) FROM building") == [(0,)]
    assert "--max-rejects 1" in report.lines()[-1]
    assert table(database, "SELECT state, rows_read, rejected FROM import_run") == [("failed", 2, 1)]
    assert table(database, "SELECT row_number, field, reason_code FROM import_reject") == [
        (2, "geometry", "invalid-geometry")]


@pytest.mark.parametrize(("allowed", "committed"), [("0", False), ("1", True), ("24%", False), ("25%", True)])
def test_as_many_rows_as_allowed_are_left_out(importing, tmp_path, allowed, committed):
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B2", "B3", "B4"]},
                 [square(117, 31), square(117.1, 31), square(117.2, 31), None])
    report = importing("buildings", path, max_rejects=allowed)
    assert report.committed is committed
    assert report.counts.inserted == (3 if committed else 0)
    assert messages(report) == ["4 no-geometry: footprint is missing"]


def test_a_reject_file_takes_columns_that_its_format_has_names_for_itself(importing, tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [{
        "type": "Feature", "geometry": shapely.geometry.mapping(bow_tie(114.057, 22.543)),
        "properties": {"code": "B1", "fid": "7", "Name": "甲", "name": "乙", "geom": "x"}}]}))
    report = importing("buildings", path, rejects=tmp_path / "a.rejects.gpkg")
    assert report.rejects_file is not None
    _, table_ = pyogrio.read_arrow(tmp_path / "a.rejects.gpkg")
    row = table_.to_pylist()[0]
    assert (row["fid"], row["Name"], row["name_2"], row["geom"]) == ("7", "甲", "乙", "x")


def test_all_faults_of_a_row_are_said_at_once(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1"], "height_m": ["high"], "use": ["residental"],
                                       "floors_above": [2.5], "built_year": [3000]}, [square(117, 31)])
    assert messages(importing("buildings", path)) == [
        "1 not-allowed: use: 'residental' is none of residential, commercial, office, school, hospital, market, "
        "industrial, public, other; did you mean residential?",
        "1 not-a-number: height_m: 'high' is not a number",
        "1 not-a-number: floors_above: '2.5' is not a whole number",
        "1 out-of-range: built_year: '3000' is not from 1000 to 2200"]


def test_rows_that_the_mapping_does_not_want_are_left_out_and_no_rejects(importing, database, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B2", "B3", "B4"], "tag": ["yes", "", None, " "],
                                       "height_m": ["6", "x", "9", "12"]},
                 [square(117, 31), bow_tie(117.1, 31), None, square(117.3, 31)])
    (tmp_path / "only.yaml").write_text("only: tag\n")
    report = importing("buildings", path, mapping=mapping.read(tmp_path / "only.yaml"))
    assert (report.committed, report.counts.inserted, len(report.rejects), report.rejects.left_out) == (True, 1, 0, 3)
    assert table(database, "SELECT code FROM building") == [("B1",)]
    assert "1 inserted, 0 updated, 0 unchanged, 0 rejected, 3 left out by the mapping" in report.lines()[-3]
    assert table(database, "SELECT mapping ->> '(only)' FROM import_run") == [("tag",)]


def test_faults_are_listed_by_row_and_not_by_check(importing, database, tmp_path):
    # Fields are checked before outlines, and both before doubles.
    columns = {"code": [f"B{n}" for n in range(24)], "height_m": ["1"] * 22 + ["high", "low"]}
    shapes = [square(117, 31)] + [bow_tie(117 + n / 100, 31) for n in range(1, 24)]
    report = importing("buildings", write(tmp_path / "a.gpkg", columns, shapes))
    expected = list(range(2, 22))
    assert [line.split("row ")[1].split(":")[0] for line in report.lines()[:20]] == [str(row) for row in expected]
    assert [fault["row"] for fault in report.facts()["rejects"]] == expected
    columns = {"code": ["B1", "B1", "B2"], "height_m": ["1", "2", "high"]}
    report = importing("buildings", write(tmp_path / "c.gpkg", columns, [square(117 + n, 31) for n in range(3)]))
    assert [(fault["row"], fault["reason"]) for fault in report.facts()["rejects"]] == [
        (2, "double-key"), (2, "double-code"), (3, "not-a-number")]
    assert [row for (row,) in table(database, "SELECT row_number FROM import_reject WHERE run_id = %s ORDER BY ordinal",
                                    report.run)] == [2, 2, 3]


def test_rows_without_a_key_are_found_again_by_what_they_say(importing, database, tmp_path):
    path = write(tmp_path / "a.gpkg", {"Id": [0, 0, 0]}, [square(117, 31), square(117.1, 31), square(117.2, 31)])
    assert importing("buildings", path).counts.inserted == 3
    counts = importing("buildings", path, set_={"height_m": "9"}).counts
    assert (counts.inserted, counts.updated) == (0, 3)
    codes = [code for (code,) in table(database, "SELECT code FROM building")]
    assert all(code.startswith("a:") for code in codes)
    assert len(set(codes)) == 3


def test_a_row_repeated_word_for_word_is_stored_once_and_counted(importing, database, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B1", "B2"]}, [square(117, 31), square(117, 31), square(118, 31)])
    report = importing("buildings", path)
    assert (report.counts.inserted, report.repeated, len(report.rejects)) == (2, 1, 0)


def test_a_key_with_two_contents_is_rejected_with_the_row_it_contradicts(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B2", "B1"]}, [square(117, 31), square(118, 31), square(119, 31)])
    report = importing("buildings", path)
    assert not report.committed
    assert messages(report)[0] == "3 double-key: key 'B1' stands already in row 1, with other content"


def test_a_code_of_another_source_is_not_taken_over(importing, tmp_path):
    importing("buildings", buildings(tmp_path / "a.gpkg", 1), source="survey")
    report = importing("buildings", buildings(tmp_path / "b.gpkg", 1))
    assert messages(report) == ["1 code-taken: code: 'B1' is on record from the source 'survey' (key 'B1'); "
                                "to change that row, import with --source survey"]


def test_two_rows_of_one_file_cannot_have_one_code(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B1", None, None], "Id": [1, 2, 3, 4]},
                 [square(117 + number, 31) for number in range(4)])
    report = importing("buildings", path, key="Id", max_rejects="1")
    assert messages(report) == ["2 double-code: code: 'B1' stands already in row 1"]
    assert report.counts.inserted == 3


def test_a_child_of_nobody_is_rejected_and_its_parent_named(importing, tmp_path):
    importing("buildings", buildings(tmp_path / "a.gpkg", 1))
    path = write(tmp_path / "units.gpkg", {"code": ["u1", "u2"], "building_code": ["B1", "B99"], "number": ["1", "1"]})
    report = importing("units", path, max_rejects="1")
    assert messages(report) == ["2 no-parent: building_code: 'B99' is not among the buildings on record; "
                                "import its buildings first, or correct it"]
    assert report.counts.inserted == 1


def test_a_grid_of_an_unknown_community_is_rejected(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": [WEST_GRID], "name": ["西"]}, [square(117, 31)])
    assert "is not among the areas on record" in messages(importing("grids", path))[0]


def test_an_area_whose_level_does_not_fit_its_code_is_rejected(importing, tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": [STREET], "level": ["community"], "name": ["沙盘"]}, [square(117, 31)])
    assert messages(importing("areas", path))[0].startswith("1 level-and-code: level: 'community' does not fit")


def test_a_building_on_the_edge_of_two_grids_goes_to_the_lowest_code(town, importing, tmp_path):
    # The point on the surface of a square is its middle: here on the shared edge at 117.01.
    path = write(tmp_path / "edge.gpkg", {"code": ["EDGE"]}, [shapely.box(117.009, 31.004, 117.011, 31.005)])
    importing("buildings", path)
    point = town.rows("SELECT ST_X(ST_PointOnSurface(footprint)) FROM building WHERE code = 'EDGE'")
    assert point == [(pytest.approx(117.01, abs=1e-12),)]
    assert town.rows("SELECT grid_code FROM building WHERE code = 'EDGE'") == [(WEST_GRID,)]


def test_where_no_grid_lies_the_lowest_area_is_the_place(town, importing, tmp_path):
    path = write(tmp_path / "areas.gpkg", {"code": [COMMUNITY, STREET], "level": ["community", "street"],
                 "name": ["望江社区", "沙盘街道"], "parent_code": [STREET, "999001000000"]},
                 [shapely.box(117.0, 31.0, 117.04, 31.01), shapely.box(117.0, 31.0, 117.08, 31.01)])
    importing("areas", path, source="town")
    path = write(tmp_path / "new.gpkg", {"code": ["X", "Y"]}, [square(117.03, 31.005), square(117.06, 31.005)])
    importing("buildings", path)
    assert town.rows("SELECT grid_code FROM building WHERE code IN ('X', 'Y') ORDER BY code") == [
        (COMMUNITY + "000",), (STREET + "000",)]


def test_what_is_inside_moves_with_its_building(town, importing, tmp_path):
    moved = write(tmp_path / "moved.gpkg", {"code": ["B1"]}, [square(117.014, 31.004)])
    assert importing("buildings", moved, source="town").counts.updated == 1
    for name in ("unit", "room", "household", "resident", "building_tally", "device"):
        assert town.rows(f"SELECT DISTINCT t.grid_code FROM {name} t JOIN building b ON b.id = t.building_id "
                         "WHERE b.code = 'B1'") == [(EAST_GRID,)], name


def test_grids_that_came_later_place_the_rows_of_the_same_file_again(importing, database, tmp_path):
    town_file = write_town(tmp_path / "town.gpkg")
    importing("buildings", town_file)
    assert table(database, "SELECT DISTINCT grid_code FROM building") == [(UNPLACED_GRID,)]
    importing("areas", town_file)
    importing("grids", town_file)
    counts = importing("buildings", town_file).counts
    assert (counts.updated, counts.unchanged, counts.unplaced) == (3, 1, 1)


def test_a_resident_who_moves_is_counted_in_the_new_building(town, importing, tmp_path):
    path = write(tmp_path / "moves.gpkg", {
        "code": ["N2"], "building_code": ["B2"], "unit_number": ["1"], "room_number": ["101"],
        "household_kind": ["collective"], "name": ["钱二"]})
    assert importing("residents", path, source="town").counts.updated == 1
    assert town.rows("SELECT b.code, residents FROM building_tally JOIN building b ON b.id = building_id "
                     "ORDER BY 1") == [("B1", 1), ("B2", 2)]


def test_a_household_of_two_kinds_is_rejected(town, importing, tmp_path):
    path = write(tmp_path / "r.gpkg", {
        "code": ["X1", "X2"], "building_code": ["B2"] * 2, "unit_number": ["1"] * 2, "room_number": ["101"] * 2,
        "household_number": ["7"] * 2, "household_kind": ["family", "collective"], "name": ["甲", "乙"]})
    assert [fault.reason for fault in importing("residents", path).rejects.faults] == ["household-kind"] * 2


def test_messages_records_and_reports_never_show_a_personal_value(town, importing, tmp_path):
    wrong = identity_number("99900119600101001")[:-1] + "-"
    path = write(tmp_path / "r.gpkg", {
        "code": ["X1", "X2"], "building_code": ["B1"] * 2, "unit_number": ["1"] * 2, "room_number": ["101"] * 2,
        "name": ["密名", "密名"], "id_number": [wrong, None], "phone": ["密号", None]})
    report = importing("residents", path, rejects=tmp_path / "rejects.gpkg")
    assert messages(report) == ["1 not-valid: id_number: (hidden) is not 17 digits and a check digit",
                                "1 not-valid: phone: (hidden) is not a telephone number"]
    said = "\n".join([*report.lines(), str(report.facts()), str(town.rows("SELECT * FROM import_reject")),
                      str(town.rows("SELECT * FROM import_run"))])
    assert not [value for value in (wrong, "密名", "密号") if value in said]


def test_an_identity_number_that_passed_through_a_spreadsheet_is_rejected(town, importing, tmp_path):
    path = write(tmp_path / "r.gpkg", {
        "code": ["X1"], "building_code": ["B1"], "unit_number": ["1"], "room_number": ["101"], "name": ["甲"],
        "id_number": [999001196001010016.0]})
    assert messages(importing("residents", path)) == [
        "1 digits-lost: id_number: (hidden) was stored as a number and has lost its last digits; "
        "store the column as text"]


def test_a_dry_run_says_the_same_and_leaves_nothing(importing, database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 3)
    dry = importing("buildings", path, dry_run=True)
    for name in ("building", "import_run", "outbox"):
        assert table(database, f"SELECT count(*) FROM {name}") == [(0,)]
    real = importing("buildings", path)
    same = ("read", "inserted", "updated", "unchanged", "rejected", "unplaced", "crs", "reasons")
    assert {name: dry.facts()[name] for name in same} == {name: real.facts()[name] for name in same}
    assert (dry.committed, real.committed) == (False, True)


@pytest.mark.parametrize(("mode", "height", "code"), [("update", 20.0, 0), ("skip", 18.0, 0), ("fail", 18.0, 1)])
def test_conflicts_are_handled_as_asked(importing, database, tmp_path, mode, height, code):
    path = buildings(tmp_path / "a.gpkg", 2)
    importing("buildings", path)
    report = importing("buildings", path, set_={"height_m": "20"}, on_conflict=mode, max_rejects="100%")
    assert report.exit_code == code
    assert report.committed is (mode != "fail")
    assert table(database, "SELECT DISTINCT height_m FROM building") == [(height,)]
    assert report.counts.skipped == (2 if mode == "skip" else 0)


def test_a_reject_file_is_corrected_and_imported_again(importing, database, tmp_path):
    path = write(tmp_path / "blocks.gpkg", {"code": ["B1", "B2"], "height_m": ["18", "high"], "名称": ["甲", "乙"]},
                 [square(117, 31), square(118, 31)], crs="EPSG:4326")
    rejects = tmp_path / "blocks.rejects.gpkg"
    report = importing("buildings", path, max_rejects="1", rejects=rejects)
    assert report.rejects_file == str(rejects)
    assert rejects.stat().st_mode & 0o777 == 0o600
    batch = next(open_source(rejects).batches())
    said = {name: column.to_pylist() for name, column in batch.columns.items()}
    assert said == {"code": ["B2"], "height_m": ["high"], "名称": ["乙"], "reject_row": [2],
                    "reject_reason": ["not-a-number"], "reject_message": ["height_m: 'high' is not a number"]}
    counts = importing("buildings", rejects, set_={"height_m": "21"}).counts
    assert (counts.inserted, counts.updated) == (1, 0)
    assert table(database, "SELECT source, height_m FROM building WHERE code = 'B2'") == [("blocks", 21.0)]


def test_a_table_of_rejects_holds_no_formula_and_its_own_columns_say_where_its_rows_are(importing, database, tmp_path):
    path, rejects = tmp_path / "a.csv", tmp_path / "a.rejects.csv"
    path.write_text("code,name,kind,x,y\nD1,=东门,camera,0,0\nD2,'+1,camera,east,31\nD3,-2,camera,117,31\n")
    report = importing("devices", path, crs="EPSG:4490", max_rejects="2", rejects=rejects)
    assert report.reasons() == {"not-a-number": 1, "null-island": 1}
    said = rejects.read_text("utf-8-sig").splitlines()
    assert said[0] == "code,name,kind,x,y,reject_row,reject_reason,reject_message"
    assert [line.split(",")[:5] for line in said[1:]] == [["D1", "'=东门", "camera", "0", "0"],
                                                         ["D2", "''+1", "camera", "east", "31"]]
    rejects.write_text(rejects.read_text("utf-8").replace("camera,0,0", "camera,117,31").replace("east", "118"))
    assert importing("devices", rejects, crs="EPSG:4490").counts.inserted == 2
    assert table(database, "SELECT code, name, ST_X(geom), source FROM device ORDER BY code") == [
        ("D1", "=东门", 117.0, "a"), ("D2", "'+1", 118.0, "a"), ("D3", "-2", 117.0, "a")]


def test_a_reject_file_of_rows_without_geometry_and_with_broken_ones(importing, tmp_path):
    path = write(tmp_path / "units.gpkg", {"building_code": ["X"], "number": ["1"]})
    importing("units", path, rejects=tmp_path / "u.gpkg")
    assert pyogrio.read_info(tmp_path / "u.gpkg")["geometry_type"] is None
    importing("units", path, rejects=tmp_path / "u.csv")
    assert (tmp_path / "u.csv").read_text("utf-8-sig").splitlines()[0] == (
        "building_code,number,reject_row,reject_reason,reject_message")
    with pytest.raises(MappingError, match="something stands there already"):
        importing("units", path, rejects=tmp_path / "u.csv")


def test_a_gbk_shapefile_in_metres_without_a_system_arrives_in_two_steps(importing, database, tmp_path):
    x, y = 521_400.0, 3_526_000.0
    path = write(tmp_path / "楼栋.shp", {"楼名": ["望江苑一号楼"], "层数": [6]}, [shapely.box(x, y, x + 40, y + 12)],
                 crs=None, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    fields = {"name": "楼名", "floors_above": "层数", "height_m": "层数 * 3"}
    with pytest.raises(SourceError, match="EPSG:4548 for 117°E"):
        importing("buildings", path, set_=fields)
    report = importing("buildings", path, set_=fields, crs="EPSG:4548")
    assert (report.committed, report.route.accuracy_m) == (True, 0)
    found = table(database, "SELECT name, floors_above, height_m, round(ST_Area(footprint::geography)::numeric), "
                  "round(ST_X(ST_Centroid(footprint))::numeric, 2), round(ST_Y(ST_Centroid(footprint))::numeric, 2) "
                  "FROM building")
    assert [tuple(map(str, row)) for row in found] == [("望江苑一号楼", "6", "18.0", "480", "117.23", "31.86")]


def test_an_empty_layer_is_no_fault(importing, tmp_path):
    report = importing("buildings", write(tmp_path / "a.gpkg", {"code": []}, [], kind="Polygon"))
    assert (report.committed, report.read) == (True, 0)


def test_the_run_is_recorded_with_who_what_and_how(importing, database, tmp_path):
    report = importing("buildings", buildings(tmp_path / "a.gpkg", 2), set_={"floors_above": "2 * 3"})
    assert table(database, "SELECT id, concept, file_name, length(file_sha256), source, mapping->>'floors_above', "
                 "mapping->>'(key)', account, state, rows_read, inserted, unplaced, finished_at > started_at "
                 "FROM import_run") == [
        (report.run, "buildings", "a.gpkg (buildings)", 64, "a", "2 * 3", "code", "test", "done", 2, 2, 2, True)]


def test_two_imports_of_one_concept_take_turns(importing, database, tmp_path):
    path = buildings(tmp_path / "a.gpkg", 400)
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(importing("buildings", path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((report.counts.inserted, report.counts.unchanged) for report in reports) == [(0, 400), (400, 0)]


def test_an_unmigrated_database_is_refused_with_the_cure(bare_database, tmp_path):
    with pytest.raises(SchemaOutOfDate, match="shapan db migrate"):
        importer(bare_database)("buildings", buildings(tmp_path / "a.gpkg", 1))


def test_a_database_that_does_not_answer_is_said_so(database, tmp_path, importing):
    settings = database.settings
    object.__setattr__(settings, "database_url", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnreachable):
        importing("buildings", buildings(tmp_path / "a.gpkg", 1))


def test_errors_of_the_database_never_quote_the_values_of_rows(database):
    connection = database.connect()
    statements = {
        "refused the rows by its rule area_level_check": "INSERT INTO area (code, level, name, geom, area_code, "
        "grid_code, source, source_key, content_hash) VALUES ('999001000000', 'secret', 'x', ST_GeomFromText("
        "'MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4490), '999001000000', '999001000000000', 's', 'k', '')",
        'the database refused: relation "nothing" does not exist': "SELECT * FROM nothing",
        "the database refused: InvalidTextRepresentation": "SELECT 'secret'::int",
        "changed the same rows": "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = 'deadlock_detected'; END $$",
        "went away": "SELECT pg_terminate_backend(pg_backend_pid())",
    }
    for words, statement in statements.items():
        with pytest.raises(DatabaseError, match=words) as caught, guarded("a.gpkg"):
            connection.execute(statement)
        assert "secret" not in str(caught.value)
        if not connection.closed:
            connection.rollback()


def test_allowances_are_numbers_or_percentages():
    assert Allowance.parse("5%").exceeded(6, 100)
    assert not Allowance.parse("5%").exceeded(5, 100)
    assert not Allowance.parse("0").exceeded(0, 0)
    for text in ("-1", "x", "101%", "1.5", "nan%"):
        with pytest.raises(ValueError):  # noqa: PT011 - any will do
            Allowance.parse(text)


def test_rows_outside_every_area_are_listed_and_rejected_where_that_is_asked_for(town, importing, tmp_path):
    points = [shapely.Point(117.004, 31.004), shapely.Point(118.5, 31.0), shapely.Point(118.6, 31.0),
              shapely.Point(117.0045, 31.004)]
    path = write(tmp_path / "d.gpkg", {"code": ["X1", "X2", "X3", "X4"], "kind": ["camera"] * 4}, points)
    kept = importing("devices", path, dry_run=True)
    assert messages(kept) == []
    assert (kept.counts.unplaced, kept.facts()["unplaced_rows"]) == (2, [2, 3])
    assert "  Their rows: 2, 3; to get them as rejected rows, add --outside reject." in kept.lines()
    rest = tmp_path / "rest.gpkg"
    report = importing("devices", path, outside="reject", max_rejects="2", rejects=rest)
    assert (report.reasons(), report.counts.inserted) == ({"outside": 2}, 2)
    assert [fault.row for fault in report.rejects.faults] == [2, 3]
    assert pyogrio.read_info(rest)["features"] == 2
    assert "--outside reject" in report.again[-1]
    everywhere = importing("devices", town.file, layer="devices", dry_run=True)
    assert not any("Their rows" in line for line in everywhere.lines())
