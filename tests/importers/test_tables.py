"""Tables as clerks keep them: titles above the names, odd ways to write a position, formulas, no names at all."""

import csv
import io
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers import concepts, mapping
from importers.formats import coordinates, formulas, heads
from importers.formats.coordinates import Axis
from importers.source import layer_names, open_source
from spatial.errors import MappingError, SourceError
from tests.importers import made

NAMES = ["编号", "名称", "经度", "纬度"]
ROWS = [["D1", "东门", "117.0005", "31.0005"], ["D2", "西门", "117.0006", "31.0006"], ["D3", "南门", "117.0007", "31"]]


def text(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "gb18030") -> Path:
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter).writerows(rows)
    path.write_bytes(content.getvalue().encode(encoding))
    return path


def table(path: Path) -> tuple[tuple[str, ...], list[tuple], list[str]]:
    """Return names of the columns, rows, and the reasons of faults by row."""
    source = open_source(path)
    batches = list(source.batches())
    rows = [row for one in batches for row in zip(*(column.to_pylist() for column in one.columns.values()),
                                                  strict=True)]
    return source.layer.fields, rows, [f"{fault.row} {fault.reason}" for one in batches for fault in one.faults]


ABOVE = [
    [], [["望江街道设备一览表"]], [["望江街道设备一览表", "", "", ""], ["单位：望江街道", "", "", "日期：2026-05-01"]],
    [["设备，2026"], [""], ["填报人：", "网格中心", "日期：", "五月"]], [["基本信息", "", "位置", ""]],
]


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "workbook"])
def test_titles_above_the_names_are_left_out_and_rows_count_from_the_first_one_of_data(tmp_path, above, delimiter):
    bad = [*ROWS, ["D4", "北门", "east", "31"]]
    path = made.workbook(tmp_path / "a.xlsx", {"a": [*above, NAMES, *bad]}) if delimiter == "workbook" else \
        text(tmp_path / "a.csv", [*above, NAMES, *bad], delimiter)
    names, rows, faults = table(path)
    assert list(names) == NAMES
    assert rows == [tuple(row) for row in bad]
    assert faults == ["4 not-a-number"]
    noted = [note for note in open_source(path).notes if "titles or remarks" in note]
    assert len(noted) == bool([row for row in above if any(row)])


@pytest.mark.parametrize(("rows", "at"), [
    ([["code"], ["a"], ["b"]], 0), ([["code", "name", "", ""], ["1", "2", "3", "4"]], 1),
    ([["code", "name", "use", "year"], ["1"], ["2"]], 0), ([["addr:street", "addr:housenumber"], ["a", "b"]], 0),
    ([[""], ["", ""]], None), ([], None), ([["code", "name"]], 0), ([["title"], ["code", "name"]], 1),
])
def test_the_names_stand_in_the_first_row_that_is_half_as_full_as_those_below(rows, at):
    assert heads.line(rows) == at


@pytest.mark.parametrize("rows", [["code;wkt", "B1;LINESTRING(1 2,3 4,5 6)", "B2;LINESTRING(1 2,3 4,5 7)"],
                                  ["一览表,五月", "code;wkt", "B1;LINESTRING(1 2,3 4)", "B2;LINESTRING(1 2,3 4)"]])
def test_commas_inside_a_geometry_divide_nothing(tmp_path, rows):
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    assert table(tmp_path / "a.csv")[0] == ("code", "wkt")


@pytest.mark.parametrize(("text", "degrees", "number"), [
    ("114,057306", True, 114.057306), ("-0,5", True, -0.5), ("505123,45", False, 505123.45),
    ("505,12", False, 505.12), ("3505,123", False, 3505.123), ("1,505,123.5", False, 1505123.5),
    ("38,505,123", False, 38505123.0), ("505,123.45", False, 505123.45),
    ("114°03'26.3\"E", True, 114 + 3 / 60 + 26.3 / 3600), ("114度3分26.3秒", True, 114 + 3 / 60 + 26.3 / 3600),
    ("东经114°3′26,3″", True, 114 + 3 / 60 + 26.3 / 3600), ("114°03.5'", True, 114 + 3.5 / 60),
    ("E114.057", True, 114.057), ("114.057°W", False, -114.057), ("西经 114度", True, -114.0),
    ("-114°30'", True, -114.5), ("114°03'26''", True, 114 + 3 / 60 + 26 / 3600),
])
def test_forms_with_one_meaning_are_read(text, degrees, number):
    assert coordinates.read(text, Axis.X, degrees) == pytest.approx(number, abs=1e-12)


@pytest.mark.parametrize(("text", "degrees", "reason"), [
    ("505,123", False, "ambiguous-number"), ("505,123", True, "ambiguous-number"), ("1,2,3", False, "not-a-number"),
    ("114°60'", True, "not-an-angle"), ("114.5°30'", True, "not-an-angle"), ("-114°30'W", True, "not-an-angle"),
    ("31°12'N", True, "wrong-axis"), ("北纬31.2", True, "wrong-axis"), ("东经114°W", True, "wrong-axis"),
    ("east", True, "not-a-number"), ("114 03 26", True, "not-a-number"), ("114°03'26\"7", True, "not-a-number"),
])
def test_forms_with_two_meanings_or_none_are_refused_by_name_and_not_by_value(text, degrees, reason):
    found, words = coordinates.read(text, Axis.X, degrees)
    assert found == reason
    assert text not in words


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_999), st.sampled_from("EW"))
def test_minutes_and_seconds_come_back_as_the_degrees_they_were_made_of(degrees, minutes, thousandths, side):
    expected = (degrees + minutes / 60 + thousandths / 3_600_000) * (1 if side == "E" else -1)
    for written in (f"{degrees}°{minutes:02}'{thousandths / 1000:06.3f}\"{side}",
                    f"{'东' if side == 'E' else '西'}经{degrees}度{minutes}分{thousandths / 1000:.3f}秒"):
        assert coordinates.read(written, Axis.X, True) == pytest.approx(expected, abs=1e-11)


@given(st.text(max_size=30))
def test_whatever_a_cell_holds_it_is_a_number_or_a_fault(text):
    found = coordinates.read(text, Axis.Y, True)
    assert isinstance(found, float) or (found[0], bool(found[1])) == (found[0], True)


def test_degrees_minutes_and_seconds_of_a_file_become_points(tmp_path):
    path = text(tmp_path / "a.csv", [["code", "经度", "纬度"], ["a", "１１７º03′36″", "31,5"],
                                     ["b", "117°E", "31°30'S"], ["c", "31°N", "117"]])
    (batch,) = open_source(path).batches()
    assert [shape and shapely.from_wkb(shape).wkt for shape in batch.wkb.to_pylist()] == [
        "POINT (117.06 31.5)", "POINT (117 -31.5)", None]
    assert [(fault.row, fault.reason) for fault in batch.faults] == [(3, "wrong-axis")]


@given(st.text(max_size=20))
def test_every_cell_comes_back_from_a_guarded_one(cell):
    assert formulas.plain(formulas.guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["=1+1", "+86 139", "-x", "@a", "\t=1", "\r=1", "＝1", "'=1", "''@"])
def test_no_guarded_cell_begins_a_formula(cell):
    assert formulas.guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.5", "+3", "望江苑", "'quoted'", ""])
def test_numbers_and_words_are_not_guarded(cell):
    assert formulas.guarded(cell) == cell


def test_only_a_reject_file_loses_its_guards(tmp_path):
    rows = [["code", *formulas.REJECT_COLUMNS], ["'=A1", "1", "x", "y"], ["'B", "2", "x", "y"]]
    assert [row[0] for row in table(text(tmp_path / "a.csv", rows))[1]] == ["=A1", "'B"]
    assert [row[0] for row in table(made.workbook(tmp_path / "a.xlsx", {"a": rows}))[1]] == ["=A1", "'B"]
    rows[0][1] = "row"
    assert [row[0] for row in table(text(tmp_path / "b.csv", rows))[1]] == ["'=A1", "'B"]


NAMELESS = [["尉迟密名", "13912345678", "望江苑1号"], ["尉迟匿名", "13912345679", "望江苑2号"]]


@pytest.mark.parametrize("rows", [NAMELESS, [["居民一览表"], *NAMELESS], [["D1", "117.00051", "31.0005"]] * 2,
                                  [["D1", "POINT (117 31)"]] * 2])
def test_a_table_without_names_has_columns_by_position_and_is_not_imported(tmp_path, rows):
    path = text(tmp_path / "a.csv", rows)
    names, read, _ = table(path)
    data = [row for row in rows if len(row) > 1]
    assert names == tuple(f"column {n}" for n in range(1, len(data[0]) + 1))
    assert read == [tuple(row) for row in data]
    layer = open_source(path).layer
    with pytest.raises(MappingError, match="Write a first line with the name of each column") as caught:
        mapping.build(concepts.find("residents"), layer)
    assert not [cell for row in rows for cell in row if cell in str(caught.value)]


def test_cells_that_name_their_direction_stand_before_the_names_of_their_columns(tmp_path):
    path = text(tmp_path / "a.csv", [["code", "经度", "纬度"], ["a", "北纬31.5度", "东经117度"],
                                     ["b", "31°N", "117°E"]])
    (batch,) = open_source(path).batches()
    assert [shapely.from_wkb(shape).wkt for shape in batch.wkb.to_pylist()] == ["POINT (117 31.5)", "POINT (117 31)"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_in_which_every_cell_is_empty_are_none_and_are_not_counted(tmp_path, kind):
    empty = ["", "", "", ""]
    rows = [NAMES, ROWS[0], empty, [" ", "　", "", ""], [*ROWS[1][:2], "east", "31"], *[empty] * 5]
    path = text(tmp_path / "a.csv", rows) if kind == "csv" else made.workbook(tmp_path / "a.xlsx", {"a": rows})
    _, read, faults = table(path)
    assert [row[0] for row in read] == ["D1", "D2"]
    assert faults == ["2 not-a-number"]


@pytest.mark.parametrize(("line", "reason"), [
    (["合计", "3", "", ""], "line-of-totals"), (["", "总 计：", "", "12"], "line-of-totals"),
    (["小计", "", "", ""], "line-of-totals"), (["备注：坐标为国家2000", "", "", ""], "line-of-remarks"),
    (["制表人：", "", "", ""], "line-of-remarks"), (["注1：见附表", "", "", ""], "line-of-remarks")])
def test_lines_of_totals_and_remarks_below_the_data_are_rejected_as_what_they_are(tmp_path, line, reason):
    _, read, faults = table(text(tmp_path / "a.csv", [NAMES, *ROWS, line]))
    assert len(read) == 4
    assert faults == [f"4 {reason}"]


def test_names_that_begin_alike_are_rows(tmp_path):
    rows = [["D1", "合计", "117", "31"], ["单位：甲", "x", "117", "31"], ["合计路", "x", "117", "31"],
            ["小计划", "", "1", ""]]
    assert table(text(tmp_path / "a.csv", [NAMES, *rows]))[2] == []


@pytest.mark.parametrize(("upper", "lower"), [
    (["编号", "名称", "位置", ""], ["", "", "经度", "纬度"]), (["编号", "名称", "坐标", "坐标"], ["", "", "X", "Y"]),
    (["编号", "名称", "位置"], ["", "", "经度", "纬度"]), (["", "名称", "位置", ""], ["编号", "", "经度", "纬度"])])
def test_names_in_two_lines_are_read_where_the_lower_one_says_the_position(tmp_path, upper, lower):
    (tmp_path / "x").mkdir()
    for path in (text(tmp_path / "a.csv", [upper, lower, *ROWS]),
                 made.workbook(tmp_path / "a.xlsx", {"a": [["设备一览表"], upper, lower, *ROWS]})):
        names, read, faults = table(path)
        assert list(names) == ["编号", "名称", *lower[2:]]
        assert (read, faults) == ([tuple(row) for row in ROWS], [])
        source = open_source(path)
        assert source.layer.geometry is not None
        assert "The names of the columns stand in two lines; the lower one counts." in source.notes


def test_few_names_above_many_belong_to_them(tmp_path):
    rows = [["设备一览表"], ["编号", "位置", "", "", ""], ["", "经度", "纬度", "高程", "备注"]]
    data = [["D1", "117.5", "31.5", "3", "x"], ["D2", "117.6", "31.6", "4", "y"]]
    names, read, _ = table(text(tmp_path / "a.csv", [*rows, *data]))
    assert names == ("编号", "经度", "纬度", "高程", "备注")
    assert read == [tuple(row) for row in data]
    assert "a line of titles or remarks is left out" in " ".join(open_source(tmp_path / "a.csv").notes)


def test_a_row_of_data_is_no_second_line_of_names(tmp_path):
    rows = [["编号", "名称", "甲", "乙"], ["D1", "经度", "x", "y"], ["D2", "b", "x", "y"]]
    assert table(text(tmp_path / "a.csv", rows))[1] == [tuple(row) for row in rows[1:]]


def test_of_columns_with_the_same_name_none_is_taken_by_it(tmp_path):
    path = text(tmp_path / "a.csv", [["code", "class_code", "name", "name", "name (2)"], ["1", "2", "3", "4", "5"]])
    source = open_source(path)
    assert source.layer.fields == ("code", "class_code", "name (1)", "name (2)", "name (2) (2)")
    assert [note for note in source.notes if "Several columns are called name: they are name (1), name (2)" in note]
    concept = concepts.find("keepers")
    with pytest.raises(MappingError, match="name .* is needed and the file has no such column"):
        mapping.build(concept, source.layer, assigned={"grid_code": "code"})
    with pytest.raises(MappingError, match="has no column 'name'; did you mean name"):
        mapping.build(concept, source.layer, assigned={"grid_code": "code", "name": "name"})
    taken = mapping.build(concept, source.layer, assigned={"grid_code": "code", "name": "name (2)"})
    assert taken.fields["name"].columns == {"name (2)"}


def test_a_bad_byte_in_a_table_in_utf_8_is_named_by_its_line(tmp_path):
    path = text(tmp_path / "a.csv", [NAMES, *ROWS * 10], encoding="utf-8")
    lines = path.read_bytes().split(b"\r\n")
    lines[4], lines[9] = lines[4].replace("东".encode(), b"\xe4\xb8"), lines[9] + b"\xff"
    path.write_bytes(b"\r\n".join(lines))
    with pytest.raises(SourceError, match=r"^Lines 5, 10 of a\.csv hold bytes that are no text in UTF-8") as caught:
        open_source(path)
    assert "东" not in str(caught.value)


@pytest.mark.parametrize("sheets", [{"Sheet1": [NAMES, *ROWS], "Sheet2": [], "Sheet3": [[""], [" "]]},
                                    {"Sheet1": [], "设备": [NAMES, *ROWS]}])
def test_empty_sheets_are_no_layers(tmp_path, sheets):
    path = made.workbook(tmp_path / "a.xlsx", sheets)
    (filled,) = [name for name, rows in sheets.items() if len(rows) > 2]
    assert layer_names(path) == [filled]
    assert len(table(path)[1]) == 3


def test_a_workbook_of_empty_sheets_says_so(tmp_path):
    with pytest.raises(SourceError, match="the sheet Sheet1 is empty"):
        open_source(made.workbook(tmp_path / "a.xlsx", {"Sheet1": []}))


def test_of_layers_the_only_one_with_rows_is_taken(tmp_path):
    point = "<Placemark><name>东门</name><Point><coordinates>117,31</coordinates></Point></Placemark>"
    path = made.zipped(tmp_path / "a.kmz", {"doc.kml": (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>doc</name>'
        f"<Folder><name>空</name></Folder><Folder><name>设备</name>{point}</Folder></Document></kml>").encode()})
    assert len(layer_names(path)) > 1
    assert open_source(path).layer.name == "设备"
