"""Columns of strange files: what they hold, what may not be shown, and how their text is encoded."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import concepts
from importers.inspection import columns, encodings, proposal, words
from importers.inspection.sample import Sample
from importers.source import open_source
from spatial.errors import MappingError
from tests.importers.files import square, write
from tests.importers.town import identity_number

WORDS = words.load()
NAMES = ["望江苑一号楼", "金桥花园二期", "沙盘小学", "街道办事处"]


def described(**values: list) -> list[columns.Column]:
    return [columns.describe(name, pa.chunked_array([pa.array(column)]), WORDS) for name, column in values.items()]


def proposed(wanted: str | None = "buildings", name: str = "x", kind: str = "Polygon", **values: list):
    rows = len(next(iter(values.values())))
    geometries = np.array([square(117, 31) if kind == "Polygon" else square(117, 31).centroid] * rows, object)
    sample = Sample(rows, True, {one: pa.chunked_array([pa.array(column)]) for one, column in values.items()},
                    geometries if kind else None, None)
    concept = concepts.find(wanted) if wanted else None
    return proposal.propose((name, name), concept, described(**values), sample, WORDS)


def test_a_column_is_described_by_kind_emptiness_and_range():
    found = described(a=[1, 2, None, 2], b=["x", "", " ", None], c=["1", "2.5", None, "3"], d=[0.5, 1.0, 2.0, 2.0],
                      e=[None, None, None, None], f=[True, False, True, True], g=["6层", "11层", "1层", "6层"])
    assert [one.kind for one in found] == ["whole numbers", "text", "numbers as text", "numbers", "empty",
                                           "yes or no", "text"]
    assert [one.empty for one in found[:3]] == [0.25, 0.75, 0.25]
    assert (found[0].low, found[0].high, found[0].different, found[0].unique) == (1, 2, 2, False)
    assert (found[6].suffix, found[6].low, found[6].high, found[6].numeric) == ("层", 1, 11, True)


@pytest.mark.parametrize("name", ["姓名", "户主姓名", "联系电话", "身份证号", "NAME", "Phone", "id_number"])
def test_a_column_with_a_personal_name_shows_nothing(name):
    (found,) = described(**{name: ["望江", "金桥"]})
    assert (found.personal, found.samples, found.low, found.suffix) == (True, (), None, None)


@given(st.one_of(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
                 st.from_regex(r"0[1-9][0-9]{1,2}-[0-9]{8}", fullmatch=True),
                 st.from_regex(r"电话：1[3-9][0-9]{9}，王", fullmatch=True),
                 st.from_regex(r"[0-9]{17}", fullmatch=True).map(identity_number), st.just("990101650228001")))
def test_one_value_that_looks_personal_hides_its_column(value):
    for column in ([value, "x"], ["x"] * 50 + [value]):
        (found,) = described(备注=column)
        assert (found.personal, found.samples) == (True, ())


def test_names_of_objects_are_not_personal():
    found = described(楼名=["A"], 名称=["A"], 层数=[6], 地址=["A"], 网格编码=["999001001001001"],
                      lat=["42.310268910354935"], lon=[-71.13912345678], area=[0.990101650228001])
    assert not [one.name for one in found if one.personal]


@pytest.mark.parametrize(("values", "storeys"), [
    ([1, 2, 6, 6, 11, 18, 33], True), ([6, 6, 5, 6], True), ([18.0, 33.0, 54.0, 99.0], False), ([3.5, 6.2], False),
    ([1, 2, 150], False), ([0, 0, 0], False), ([], False)])
def test_a_height_that_counts_storeys_is_told_by_its_numbers(values, storeys):
    assert columns.counts_storeys(np.array(values, float)) is storeys


def test_a_height_of_storeys_is_proposed_as_storeys_and_said():
    found = proposed(楼高=[1, 2, 6, 11], 楼名=NAMES)
    assert found.fields == {"name": "楼名", "floors_above": "楼高"}
    assert "these look like storeys" in found.remarks[0]
    assert found.hints == ("height_m: 楼高 * 3    # if 3 m for each storey is good enough",)
    assert proposed(height_m=[1, 2, 6, 11]).fields == {"height_m": "height_m"}


def test_computed_heights_and_equal_columns_are_said():
    assert "height is 3 × Floor in every row: computed" in proposed(Floor=[1, 2, 6], height=[3, 6, 18]).remarks[0]
    assert "hold the same numbers" in proposed(Floor=[1, 2, 6], height=[1, 2, 6]).remarks[0]
    assert proposed(Floor=[1, 2, 6], height=[3.5, 6.1, 19.0]).remarks == ()


def test_chinese_and_english_columns_find_their_fields():
    found = proposed(None, "blocks", 楼栋编号=["B1", "B2"], 楼名=["甲", "乙"], 层数=["6层", "11层"],
                     建筑高度=[18.5, 33.1], 备注=["", ""], 地址=["a", "b"], 用途=["住宅", "商业"],
                     建成年份=[1998, 2015])
    assert found.concept.name == "buildings"
    assert found.fields == {"code": "楼栋编号", "name": "楼名", "address": "地址", "height_m": "建筑高度",
                            "use": "choose(用途, '住宅', 'residential', '商业', 'commercial', 'other')",
                            "floors_above": "replace(层数, '层', '')", "built_year": "建成年份"}
    assert found.missing == ()


@pytest.mark.parametrize(("name", "kind", "values", "concept"), [
    ("道路", "Polygon", {"路名": ["a"]}, None),
    ("网格2026", "Polygon", {"网格编码": ["1"], "网格名称": ["a"]}, "grids"),
    ("people", "", {"姓名": ["a"], "身份证号": ["x"], "室号": ["101"]}, "residents"),
    ("camera", "Point", {"设备编码": ["D1"], "设备类型": ["camera"]}, "devices"), ("x", "Polygon", {"foo": [1]}, None),
    ("LandUse", "Polygon", {"height": [1.5, 2.5]}, None),
    ("Building", "Polygon", {"height": [9.5, 12.5]}, "buildings")])
def test_a_concept_is_proposed_where_names_and_geometry_point_to_it(name, kind, values, concept):
    found = proposed(None, name, kind, **values)
    assert (found.concept.name if found.concept else None) == concept


def test_a_code_that_repeats_is_left_out_and_said():
    found = proposed(编号=[0, 0, 0], 楼名=["a", "b", "c"])
    assert found.fields == {"name": "楼名"}
    assert found.remarks[0] == "编号 looks like a code, but repeats: it cannot tell rows apart and is left out."


def test_a_name_that_a_shapefile_cut_is_recognised():
    assert words.fits("建筑物统一", words.normal("建筑物统一编号"))
    assert words.fits("BUILDING_I", words.normal("building_id"))
    assert not words.fits("建筑", words.normal("建筑物统一编号"))


def test_every_field_and_concept_of_the_word_list_exists():
    assert set(WORDS.concepts) == {one.name for one in concepts.CONCEPTS}
    for name, fields in WORDS.fields.items():
        known = {field.name for one in concepts.CONCEPTS for field in one.fields} if name == "any" \
            else {field.name for field in concepts.find(name).fields}
        assert set(fields) <= known, name
    allowed = {(field.name, word) for one in concepts.CONCEPTS for field in one.fields for word in field.allowed}
    assert {(name, ours) for name, values in WORDS.values.items() for ours in values} <= allowed


@pytest.mark.parametrize(("bytes_", "declared", "name", "certainty", "says"), [
    ("GBK", None, "GB18030", "certain", "is missing"), ("GBK", "UTF-8", "GB18030", "certain", "'UTF-8' is wrong"),
    ("GBK", "ANSI 936", "GB18030", "certain", "ANSI 936"),
    ("UTF-8", "UTF-8", "UTF-8", "certain", "all bytes are UTF-8"),
    ("UTF-8", None, "UTF-8", "certain", "is missing")])
def test_the_encoding_of_a_shapefile_is_told_with_both_readings(tmp_path, bytes_, declared, name, certainty, says):
    path = write(tmp_path / "a.shp", {"楼名": NAMES, "户主": NAMES}, [square(117 + n, 31) for n in range(4)],
                 encoding=bytes_, crs="EPSG:4490")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if declared:
        path.with_suffix(".cpg").write_text(declared)
    found = encodings.judge(open_source(path), {"楼名": NAMES}, frozenset({"户主"}))
    assert (found.name, found.certainty) == (name, certainty)
    assert says in found.why
    assert found.compared[0][0 if name == "GB18030" else 1] == NAMES[0]
    assert found.compared[0][0] != found.compared[0][1]
    assert encodings.judge(open_source(path), {}, frozenset({"户主", "楼名"})).compared == ()


@pytest.mark.parametrize("text", NAMES)
def test_text_that_an_earlier_program_spoilt_is_suspected(text):
    assert not encodings.is_spoilt([text])
    assert encodings.is_spoilt([text.encode("gb18030").decode("latin-1")])
    assert encodings.is_spoilt([text.encode().decode("latin-1")])
    assert encodings.is_spoilt([text.encode("gb18030").decode("utf-8", "replace")])
    assert encodings.is_spoilt(["锟斤拷锟斤拷"])


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30).filter(lambda text: "???" not in text))
def test_plain_latin_text_is_not_suspected(text):
    assert not encodings.is_spoilt([text])
    assert not encodings.is_spoilt(["Café Résumé", "Größe", "São Paulo", text])


@pytest.mark.parametrize("name", ["业主", "承租人", "法定代表人", "户主姓名", "联系人", "联 系 人", "单位负责人",
                                  "OWNER", "lxr", "紧急联系人电话"])
def test_columns_called_after_people_are_personal(name):
    assert WORDS.is_personal(name)


@pytest.mark.parametrize("name", ["楼名", "地址", "建筑面积", "用途", "单位名称", "building", "ownership", "单元",
                                  "部件名称"])
def test_columns_called_after_things_are_not(name):
    assert not WORDS.is_personal(name)


def test_a_citys_own_words_stand_before_ours(tmp_path):
    own = tmp_path / "words.yaml"
    own.write_text("concepts: {buildings: [栋籍]}\nfields: {buildings: {height_m: [檐高]}, any: {code: [流水号]}}\n"
                   "values: {use: {school: [学塾]}}\npersonal: [业户]\npositions: {longitude: [东经]}\n",
                   encoding="utf-8")
    known = words.load(own)
    assert known.columns_of("buildings", "height_m")[:2] == ["heightm", "檐高"]
    assert "流水号" in known.columns_of("roads", "code")
    assert (known.concepts["buildings"][0], known.values["use"]["school"][0]) == ("栋籍", "学塾")
    assert known.is_personal("业户") > WORDS.is_personal("业户")
    assert known.positions["longitude"][0] == "东经"
    for name in ("concepts", "fields", "values", "positions"):
        assert set(getattr(known, name)) == set(getattr(WORDS, name))
    assert words.load(tmp_path / "none.yaml") is WORDS
    own.write_text("")
    assert words.load(own) == WORDS


@pytest.mark.parametrize(("content", "said"), [
    ("field: {}", "field: means nothing here; did you mean fields?"),
    ("fields: {building: {}}", "fields.building: means nothing here; did you mean buildings?"),
    ("fields: {buildings: {hight_m: [x]}}", "fields.buildings.hight_m: means nothing here; did you mean height_m?"),
    ("fields: {buildings: {height_m: x}}", "fields.buildings.height_m: is no list of words"),
    ("fields: [a]", "fields: is not a set"), ("personal: {a: b}", "personal: is no list of words"),
    ("values: {use: {skool: [x]}}", "values.use.skool: means nothing here; did you mean school?"),
    ("personal: [no]", "personal: each word is a text"), ("personal: ['']", "personal: each word is a text"),
    ("personal: [[a]]", "personal: each word is a text"),
    ("positions: {height: [x]}", "positions.height: means nothing"),
    ("a: [", "line 2"), ("- a", "is not a set of names"), ("a: &a [x]\nb: *a", "an alias (*) has no place here"),
    ("\udcff", "not a text in UTF-8"),
])
def test_a_broken_list_of_words_names_file_and_key(tmp_path, content, said):
    own = tmp_path / "words.yaml"
    own.write_bytes(content.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(MappingError) as caught:
        words.load(own)
    assert said in str(caught.value)
    assert "words.yaml" in str(caught.value)
