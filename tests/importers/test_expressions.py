"""The mapping language: what it computes, what it refuses, and that it never runs anything."""

import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import expressions
from importers.expressions import Unusable, parse
from importers.functions import FUNCTIONS

COLUMNS = {"层数": pa.array([3, None, 7]), "height": pa.array([9.5, 12.0, None]),
           "用途": pa.array(["住宅", "商业", None]), "Id": pa.array([0, 1, 2]),
           "text_floor": pa.array(["6", "x", ""]), "楼 名": pa.array(["甲", "乙", "丙"]),
           "ＮＡＭＥ": pa.array(["a", "b", "c"])}
KINDS = {"层数": "number", "height": "number", "用途": "text", "Id": "number", "text_floor": "text", "楼 名": "text",
         "ＮＡＭＥ": "text"}


def compute(text: str) -> list:
    result, faults = parse(text, KINDS).evaluate(COLUMNS, 3, 1, "field")
    assert faults == []
    return result.to_pylist()


@pytest.mark.parametrize(("text", "result"), [
    ("层数", [3, None, 7]),
    ("层数*3", [9, None, 21]),
    ("(层数 + 1) * 3 - 0.5", [11.5, None, 23.5]),
    ("height / 2", [4.75, 6, None]),
    ("-层数", [-3, None, -7]),
    ("'B' + Id", ["B0", "B1", "B2"]),
    ("'B' + pad(Id, 5)", ["B00000", "B00001", "B00002"]),
    ("text(height)", ["9.5", "12", None]),
    ("round(height)", [10, 12, None]),
    ("max(层数, 5)", [5, None, 7]),
    ("min(层数, height, 4)", [3, None, None]),
    ("coalesce(height, 层数 * 3)", [9.5, 12, 21]),
    ("coalesce(用途, '不明')", ["住宅", "商业", "不明"]),
    ("coalesce(text_floor, '0')", ["6", "x", "0"]),
    ("choose(用途, '住宅', 'residential', '商业', 'commercial')", ["residential", "commercial", None]),
    ("choose(Id, '0', 'zero', 'more')", ["zero", "more", "more"]),
    ("column('楼 名')", ["甲", "乙", "丙"]),
    ("楼 名", ["甲", "乙", "丙"]),
    ("upper(ＮＡＭＥ)", ["A", "B", "C"]),
    ("replace(lower('X号楼'), '号楼', '')", ["x", "x", "x"]),
    ("trim('  甲　')", ["甲"] * 3),
    ("time('02/17/2020 01:19:00 PM', '%m/%d/%Y %I:%M:%S %p')", ["2020-02-17T13:19:00"] * 3),
    ("time('2020年2月17日', '%Y年%m月%d日')", ["2020-02-17T00:00:00"] * 3),
    ("time('17.02.2020 +0800', '%d.%m.%Y %z')", ["2020-02-17T00:00:00+08:00"] * 3),
    ("'constant'", ["constant"] * 3),
    ("42", [42] * 3),
])
def test_expressions_compute(text, result):
    assert compute(text) == result


def test_a_text_that_is_no_number_is_a_fault_of_its_row():
    result, faults = parse("number(text_floor) * 3", KINDS).evaluate(COLUMNS, 3, 11, "height_m")
    assert result.to_pylist() == [18, None, None]
    assert [(fault.row, fault.field, fault.reason, fault.message) for fault in faults] == [
        (12, "height_m", "not-a-number", "height_m: 'x' is not a number")]


def test_a_time_that_is_written_otherwise_is_a_fault_of_its_row():
    result, faults = parse("time(text_floor, '%d')", KINDS).evaluate(COLUMNS, 3, 11, "at")
    assert result.to_pylist() == ["1900-01-06T00:00:00", None, None]
    assert [(fault.row, fault.reason, fault.message) for fault in faults] == [
        (12, "not-a-time", "at: 'x' is not written as %d")]


def test_division_by_nothing_gives_no_number():
    assert math.isinf(compute("height / 0")[0])


@pytest.mark.parametrize(("text", "words"), [
    ("hight", "no column 'hight'; did you mean height?"),
    ("用途 * 3", "用途 is text; write number(用途)"),
    ("round(用途)", "round needs a number"),
    ("foo(1)", "there is no function 'foo'"),
    ("pad(Id)", "pad takes 2, not 1 arguments"),
    ("pad(Id, 1000000000)", "the width of pad is from 1 to 1000"),
    ("replace(用途, '', 'z')", "replace needs a text to look for"),
    ("pad(Id, Id)", "argument 2 of pad must be written out"),
    ("choose(用途, Id, 'x')", "argument 2 of choose must be written out"),
    ("height ** 2", "is not allowed"),
    ("height if Id else 1", "is not allowed"),
    ("[x for x in Id]", "is not allowed"),
    ("(lambda: 1)()", "is not allowed"),
    ("height.real", "is not allowed"),
    ("__import__('os').system('true')", "is not allowed"),
    ("text(x=1)", "is not allowed"),
    ("f'{height}'", "is not allowed"),
    ("True", "neither a text nor a number"),
    ("9223372036854775808", "too large for a whole number"),
    ("height + * 2", "is not an expression at character"),
    ("", "is not an expression"),
    ("(" * 900 + "1" + ")" * 900, "at most 1000 characters"),
    ("(" * 400 + "1" + ")" * 400, "is not an expression"),
    ("\0", "is not an expression"),
])
def test_what_is_wrong_is_said_before_any_row_is_read(text, words):
    with pytest.raises(Unusable) as caught:
        parse(text, KINDS)
    assert words in "; ".join(caught.value.messages)


def test_all_faults_are_said_at_once():
    with pytest.raises(Unusable) as caught:
        parse("hight * floors + 用途 * foo(1)", KINDS)
    assert len(caught.value.messages) == 4


@given(st.text(max_size=60))
def test_no_text_does_anything_but_be_an_expression_or_be_refused(text):
    try:
        parsed = parse(text, KINDS)
    except Unusable:
        return
    result, _ = parsed.evaluate(COLUMNS, 3, 1, "field")
    assert len(result) == 3


trees = st.recursive(
    st.one_of(st.integers(0, 999).map(str), st.floats(0, 999).map(lambda number: f"{number:.3f}"),
              st.sampled_from(["a", "b"])),
    lambda inner: st.one_of(st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({' '.join(parts)})"),
                            inner.map(lambda part: f"(-{part})")), max_leaves=8)


@given(trees, st.integers(-1000, 1000), st.floats(-1000, 1000))
def test_arithmetic_is_what_arithmetic_is(text, first, second):
    parsed = parse(text, {"a": "number", "b": "number"})
    result, _ = parsed.evaluate({"a": pa.array([first]), "b": pa.array([second])}, 1, 1, "field")
    expected = eval(text, {"__builtins__": {}}, {"a": first, "b": second})  # noqa: S307 - of our own making
    assert result[0].as_py() == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_the_manual_lists_every_function_as_it_is():
    manual = (Path(expressions.__file__).parent.parent / "docs" / "importing.md").read_text()
    for name, function in FUNCTIONS.items():
        assert f"| `{name}` | {function.help} |" in manual


def test_constants_of_a_mapping_file_need_no_quotes():
    result, _ = expressions.constant(9).evaluate({}, 2, 1, "field")
    assert result.to_pylist() == [9, 9]


def test_a_tag_is_taken_out_of_the_other_tags_of_openstreetmap():
    column = pa.array(['"roof:shape"=>"flat","name:en"=>"The \\"Old\\" Mill"', None, '"x"=>"y"'])
    for wanted, found in (("roof:shape", ["flat", None, None]), ("name:en", ['The "Old" Mill', None, None])):
        expression = parse(f"tag(other_tags, '{wanted}')", {"other_tags": "text"})
        assert expression.evaluate({"other_tags": column}, 3, 1, "name")[0].to_pylist() == found
