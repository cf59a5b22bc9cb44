"""What a gateway may say, and how everything else is refused by name."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import measured

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def item(**values: Any) -> dict[str, Any]:
    return {"source": "gw", "device": "D1", "at": "2026-11-01T15:59:00+08:00", "values": {"gas": 3}, **values}


def test_a_reading_is_read_with_its_units_and_its_instant() -> None:
    values = {"gas": 3, "open": True, "door": "半开"}
    readings, refused = measured.read([item(values=values, units={"gas": "%LEL"})], NOW)
    assert refused == []
    assert readings[0].at == NOW - timedelta(minutes=1)
    assert {name: (one.value, one.text, one.unit) for name, one in readings[0].values.items()} == {
        "gas": (3.0, None, "%LEL"), "open": (1.0, None, None), "door": (None, "半开", None)}


def test_a_reading_without_values_is_a_sign_of_life() -> None:
    bare = item()
    del bare["values"]
    readings, refused = measured.read([bare, item(values={}), item(values=None)], NOW)
    assert ([one.values for one in readings], refused) == ([{}, {}, {}], [])


@pytest.mark.parametrize(("field", "value"), [
    ("device", ""), ("device", None), ("device", 7), ("device", "x" * 101), ("device", "a\0"), ("device", "a\nb"),
    ("source", "\ud800"), ("source", ""), ("at", "yesterday"), ("at", "2026-11-01T08:00:00"), ("at", 5), ("at", None),
    ("at", "0001-01-01T00:00:00+14:00"), ("at", "9999-12-31T23:59:59-12:00"), ("values", [1]), ("values", "gas"),
    ("values", {f"q{n}": 1 for n in range(41)}), ("units", []), ("event_id", ""), ("event_id", 4), ("stranger", 1),
])
def test_a_faulty_field_loses_its_reading_and_no_other(field: str, value: Any) -> None:
    readings, refused = measured.read([item(), item(**{field: value}), item()], NOW)
    assert [one.index for one in readings] == [0, 2]
    assert [(fault.index, fault.field) for fault in refused] == [(1, field)]
    assert refused[0].cure


@pytest.mark.parametrize("value", [
    float("nan"), float("inf"), -float("inf"), 1e16, -1e300, 10**400, None, [1], {"v": 1}, "", "x" * 201, "a\x07",
    "a\u202eb", "\udcff"])
def test_a_value_that_nobody_can_have_measured_loses_itself_alone(value: Any) -> None:
    readings, refused = measured.read([item(values={"gas": value, "battery": 80})], NOW)
    assert set(readings[0].values) == {"battery"}
    assert [fault.field for fault in refused] == ["values.gas"]
    assert measured.read([item(values={"gas": value})], NOW)[0] == []


@pytest.mark.parametrize("name", ["", "1st", "a b", "气体", "x" * 41, "a\0", "a'b"])
def test_a_quantity_has_a_plain_name(name: str) -> None:
    readings, refused = measured.read([item(values={name: 1})], NOW)
    assert (readings, len(refused)) == ([], 1)


def test_html_is_text_like_any_other() -> None:
    readings, _ = measured.read([item(values={"state": "<script>alert(1)</script>"})], NOW)
    assert readings[0].values["state"].text == "<script>alert(1)</script>"


def test_a_clock_that_is_ahead_is_not_believed_and_what_it_says_stays_apart() -> None:
    ahead = [item(at=(NOW + timedelta(minutes=minutes)).isoformat()) for minutes in (4, 6, 7)]
    readings, refused = measured.read(ahead, NOW)
    assert refused == []
    assert [one.said_at for one in readings] == [None, NOW + timedelta(minutes=6), NOW + timedelta(minutes=7)]
    assert readings[0].at == NOW + timedelta(minutes=4)
    assert NOW < readings[1].at < readings[2].at < NOW + timedelta(seconds=1)


def test_a_clock_that_was_never_set_is_not_believed_either() -> None:
    (reading,), refused = measured.read([item(at="1970-01-01T00:00:10Z")], NOW)
    assert (refused, reading.at, reading.said_at) == ([], NOW, datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC))


@given(st.timedeltas(timedelta(days=-300_000), timedelta(days=300_000)), st.integers(0, 999))
def test_a_time_counts_between_a_month_ago_and_five_minutes_ahead_and_else_the_servers_does(
    ahead: timedelta, index: int,
) -> None:
    servers = NOW + timedelta(microseconds=index)
    at, doubt = measured.counts_at(servers + ahead, NOW, index)
    assert doubt is not (-measured.BEHIND_MOST <= ahead <= timedelta(minutes=5))
    assert at == (servers if doubt else servers + ahead)


def test_a_clock_that_fell_back_by_years_is_not_believed_and_a_backlog_is() -> None:
    fell, backlog = "2020-01-01T00:00:10+08:00", (NOW - timedelta(days=29)).isoformat()
    readings, refused = measured.read([item(at=fell), item(at=backlog)], NOW)
    assert (refused, [(one.at, one.said_at is not None) for one in readings]) == (
        [], [(NOW, True), (NOW - timedelta(days=29), False)])


def test_a_value_that_is_nested_without_end_loses_itself_alone() -> None:
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    (reading,), refused = measured.read([item(values={"gas": deep, "battery": 80})], NOW)
    assert (set(reading.values), [(fault.field, fault.value) for fault in refused]) == (
        {"battery"}, [("values.gas", "list")])


def test_of_very_many_unknown_fields_some_are_named() -> None:
    readings, refused = measured.read([item(**{f"f{n}": n for n in range(10_000)})], NOW)
    assert (readings, len(refused)) == ([], 10)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8)


@given(st.lists(json_values | st.fixed_dictionaries({}, optional=dict.fromkeys(measured.FIELDS, json_values)),
                max_size=4))
def test_whatever_json_comes_is_taken_or_named_and_the_answer_is_text(items: list[Any]) -> None:
    readings, refused = measured.read(items, NOW)
    assert {one.index for one in readings} | {fault.index for fault in refused} == set(range(len(items)))
    for fault in refused:
        json.dumps([fault.value, fault.field, fault.reason]).encode()
        fault.value.encode()
        fault.field.encode()
