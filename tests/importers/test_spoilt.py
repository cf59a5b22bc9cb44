"""What a spreadsheet has spoilt is told and never stored: lost digits, errors of formulas."""

from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from importers import concepts, fields, mapping, spoilt
from importers.source import open_source
from tests.importers import made, made_xls

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(concept: str, path, assigned: dict[str, str], key: str | None = None) -> list[str]:
    """Return row, field and reason of every fault of a file's cells."""
    source, one = open_source(path), concepts.find(concept)
    mapped = mapping.build(one, source.layer, None, assigned, key)
    found = []
    for batch in source.batches():
        values, _, faults = mapped.apply(batch)
        found += faults + fields.check(one, values, batch.first, SHANGHAI)[1]
    return [f"{fault.row} {fault.field} {fault.reason}" for fault in found]


@pytest.mark.parametrize("cell", ["3.40102E+15", "3.40102010100001E+15", "1E+09", " 3.4e+17 ", "3.40102E15",
                                  "-3.4E+11"])
def test_a_number_that_a_spreadsheet_has_shortened_is_known(cell):
    assert spoilt.lost_digits(pa.array([cell])).tolist() == [True]


@pytest.mark.parametrize("cell", ["1E5座", "1E12", "E+12", "3.4", "340102010100001", "1E+8", "B1E+10", "", None,
                                  "1.5e3"])
def test_codes_and_names_with_an_e_are_none(cell):
    assert spoilt.lost_digits(pa.array([cell], pa.string())).tolist() == [False]


CODES = [("facilities", "code"), ("facilities", "class_code"), ("expected", "place_code"), ("rooms", "building_code"),
         ("rooms", "unit_number"), ("rooms", "number"), ("keeper_tracks", "keeper_code"), ("areas", "parent_code"),
         ("residents", "household_number"), ("organisations", "code"), ("buildings", "code")]


@pytest.mark.parametrize(("concept", "field"), CODES)
@pytest.mark.parametrize("cells", [["3.40102E+15"], [3401020101000010.0]])
def test_every_code_and_number_of_a_thing_is_looked_at(concept, field, cells):
    checked, found = fields.check(concepts.find(concept), {field: pa.array(cells)}, 1, SHANGHAI)
    assert "digits-lost" in [fault.reason for fault in found]
    assert checked[field].to_pylist() in ([None], [concepts.find(concept).find(field).default])


def test_names_are_no_codes():
    checked, found = fields.check(concepts.find("buildings"), {"name": pa.array(["1E5座", "2.5E+10"])}, 1, SHANGHAI)
    assert (checked["name"].to_pylist(), found) == (["1E5座", "2.5E+10"], [])


def test_a_code_or_key_made_of_a_shortened_number_rejects_its_row(tmp_path):
    path = made.workbook(tmp_path / "a.xlsx", {"a": [
        ["编号", "类", "经度", "纬度"], [3401020101000010, "1", 117, 31], ["A2", "1", 117, 31]]})
    assigned = {"class_code": "类", "code": "编号"}
    assert told("facilities", path, assigned) == ["1 code digits-lost"]
    assert told("facilities", path, {**assigned, "code": "'F' + 编号"}) == ["1 code digits-lost"]
    assert told("facilities", path, {**assigned, "code": "类"}, key="编号") == ["1 key digits-lost"]


def test_the_error_of_a_formula_rejects_the_rows_whose_mapped_cells_have_one(tmp_path):
    path = made.workbook(tmp_path / "a.xlsx", {"a": [
        ["code", "class_code", "name", "remark", "经度", "纬度"], ["A1", "1", "#REF!", "x", 117, 31],
        ["A2", "1", "x", "#N/A", 117, 31], ["A3", "1", "#DIV/0!", None, 117, 31], [None, None, "#VALUE!"]]})
    assert [fault for fault in told("facilities", path, {}) if "missing" not in fault] == [
        "1 name formula-error", "3 name formula-error", "4 name formula-error"]
    assert told("facilities", path, {"name": "remark"}) == ["2 name formula-error", "4 code missing",
                                                            "4 class_code missing"]


def test_an_old_workbook_has_the_errors_of_its_sheet(tmp_path):
    path = made_xls.old_workbook(tmp_path / "a.xls", {
        "封面": [["望江苑", "#REF!"]],
        "部件": [["code", "class_code", "name"], ["A1", "1", "#N/A"], ["A2", "1", "x"], ["A3", "1", ("=", "#DIV/0!")],
               ["A4", "1", None]]})
    (batch,) = open_source(path, "部件").batches()
    assert batch.columns["name"].to_pylist() == ["#N/A", "x", "#DIV/0!", None]
    assert spoilt.errors(batch.columns["name"]).tolist() == [True, False, True, False]


def test_a_table_in_text_that_a_workbook_was_saved_as_has_its_errors_too(tmp_path):
    (tmp_path / "a.csv").write_text("code,class_code,name\nA1,1,#N/A\nA2,1,#5 gate\n", encoding="utf-8")
    source = open_source(tmp_path / "a.csv")
    (batch,) = source.batches()
    assert spoilt.errors(batch.columns["name"]).tolist() == [True, False]


def test_cells_that_do_not_say_where_they_are_keep_their_place(tmp_path):
    sheet = ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="inline'
             'Str"><is><t>code</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row><row><c><v>1</v></c>'
             '<c t="e"><v>#REF!</v></c></row></sheetData></worksheet>')
    path = made.workbook(tmp_path / "a.xlsx", {"a": []}, {"a": sheet})
    (batch,) = open_source(path).batches()
    assert {name: column.to_pylist() for name, column in batch.columns.items()} == {"code": ["1"], "name": ["#REF!"]}
