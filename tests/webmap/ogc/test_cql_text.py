"""CQL2 text is read as the standard says, whatever is joined with what."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmap.ogc import cql_text
from webmap.ogc.faults import BadRequest

NAMES = st.sampled_from(["use", "name", "height_m", "楼名"])
VALUES = st.one_of(st.text(max_size=8).filter(lambda text: "\0" not in text), st.booleans(),
                   st.integers(-10**6, 10**6).map(float), st.floats(-1e6, 1e6, allow_nan=False))


def leaf() -> st.SearchStrategy[dict[str, Any]]:
    left = NAMES.map(lambda name: {"property": name})
    compared = st.builds(lambda sign, name, value: {"op": sign, "args": [name, value]},
                         st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), left, VALUES)
    between = st.builds(lambda name, low, high: {"op": "between", "args": [name, low, high]}, left, VALUES, VALUES)
    listed = st.builds(lambda name, values: {"op": "in", "args": [name, values]}, left,
                       st.lists(VALUES, min_size=1, max_size=3))
    null = left.map(lambda name: {"op": "isNull", "args": [name]})
    return st.one_of(compared, between, listed, null)


def node() -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(leaf(), lambda inner: st.one_of(
        st.builds(lambda word, parts: {"op": word, "args": parts}, st.sampled_from(["and", "or"]),
                  st.lists(inner, min_size=2, max_size=3)),
        inner.map(lambda one: {"op": "not", "args": [one]}),
    ), max_leaves=8)


def literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return repr(value) if isinstance(value, float) else "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def written(one: dict[str, Any], inside: str = "") -> str:
    """Write CQL2 JSON as text, with parentheses only where the precedence of AND and OR needs them."""
    operator, args = one["op"], one["args"]
    if operator in ("and", "or"):
        text = f" {operator} ".join(written(arg, operator) for arg in args)
        return f"({text})" if inside in ("not", operator) or (inside, operator) == ("and", "or") else text
    if operator == "not":
        return f"NOT {written(args[0], 'not')}"
    left = f'"{args[0]["property"]}"' if inside else args[0]["property"]
    match operator:
        case "isNull":
            return f"{left} IS NULL"
        case "between":
            return f"{left} BETWEEN {literal(args[1])} AND {literal(args[2])}"
        case "in":
            return f"{left} IN ({', '.join(literal(value) for value in args[1])})"
        case _:
            return f"{left} {operator} {literal(args[1])}"


@given(node())
def test_what_is_written_is_read_back(one: dict[str, Any]) -> None:
    assert cql_text.parse(written(one)) == one


@pytest.mark.conformance("cql2/cql2-text/escaping")
@pytest.mark.parametrize(("written", "value"), [
    ("it''s", "it's"), (r"it\'s", "it's"), (r"\a\b\t\n\v\f\r", "\a\b\t\n\v\f\r"), ("\a\b\t\n\v\f\r", "\a\b\t\n\v\f\r"),
    (r"C:\\new", r"C:\new"), (r"100\%", r"100\%"), (r"\\", "\\"),
])
def test_what_is_escaped_in_a_text_is_recovered(written: str, value: str) -> None:
    assert cql_text.parse(f"use = '{written}' AND floors = 1")["args"][0]["args"][1] == value


def test_and_binds_closer_than_or() -> None:
    first, second, third = ({"op": "=", "args": [{"property": name}, 1.0]} for name in "abc")
    both = {"op": "and", "args": [second, third]}
    assert cql_text.parse("a = 1 OR b = 1 AND c = 1") == {"op": "or", "args": [first, both]}


@pytest.mark.parametrize(("text", "value"), [
    ("POINT(117 31)", {"type": "Point", "coordinates": (117.0, 31.0)}),
    ("MULTIPOINT((1 2), (3 4))", {"type": "MultiPoint", "coordinates": ((1.0, 2.0), (3.0, 4.0))}),
    ("BBOX(1, -2, 3.5, 4e1)", {"bbox": [1.0, -2.0, 3.5, 40.0]}),
])
def test_geometries_are_wkt_or_boxes(text: str, value: dict[str, Any]) -> None:
    assert cql_text.parse(f"S_INTERSECTS(geometry, {text})") == {
        "op": "s_intersects", "args": [{"property": "geometry"}, value]}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadRequest):
        found = cql_text.parse(text)
        assert found in (True, False) or "op" in found


@pytest.mark.parametrize("text", [
    "", "   ", "use", "use =", "= 'a'", "use = 'a' AND", "use = 'a' use = 'b'", "use = 'a", r"use = 'a\'",
    "(use = 'a'", "use IN ()",
    "use NOT = 'a'", "use = upper('a')", "S_INTERSECTS(geometry)", "S_INTERSECTS(geometry, POINT(1))", "use = 'a'; --",
    "NOT " * 60 + "use = 'a'", "(" * 60 + "use = 'a'" + ")" * 60,
    "A(" * 2000, "use = " + "BBOX(" * 60 + "1" + ")" * 60, "use = '" + "a" * 9000 + "'",
])
def test_what_is_not_cql2_is_refused_with_the_cure(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        cql_text.parse(text)
    assert caught.value.cure
