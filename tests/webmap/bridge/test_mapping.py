"""What becomes of a message: fields, values, times, what makes it known again, and all that may be wrong with it."""

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.queries.bridge_rejects import WHOLE
from webmap.bridge import config
from webmap.bridge.mapping import ITEMS_MOST, Refused, Thing, things
from webmap.bridge.rules import EPOCH, instant, key, number

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXAMPLE = config.load(Path(__file__).parents[3] / "docs/examples/bridge.yaml")


@pytest.fixture
def example() -> config.Config:
    return EXAMPLE


def become(said: config.Config, topic: str, message: Any, received: datetime = NOW) -> list[Thing | Refused]:
    payload = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
    return things(said.routes, topic, payload, received)


ALARM = {"id": "a-17", "level": 2, "kind": "SMOKE", "ts": 1793520000000, "state": "on", "text": "3F corridor"}
TOPIC = "gateway/hk/device/D-7/alarm"


def test_names_of_the_topic_values_and_times_become_fields(example: config.Config) -> None:
    (thing,) = become(example, TOPIC, ALARM)
    assert (thing.kind, thing.item) == ("alarms", 0)
    assert thing.values == {
        "source": "gateway-hk", "event_id": "a-17", "device": "D-7", "severity": "major", "type": "smoke",
        "occurred_at": datetime(2026, 11, 1, 8, tzinfo=UTC), "cleared": False, "note": "3F corridor",
    }


@pytest.mark.parametrize(("change", "field", "value"), [
    ({"level": "1"}, "severity", "critical"),
    ({"level": 5.0}, "severity", "info"),
    ({"kind": "WATER"}, "type", "other"),
    ({"state": "off"}, "cleared", True),
    ({"state": False}, "cleared", True),
    ({"state": "ON"}, "cleared", False),
    ({"id": 17}, "event_id", "17"),
    ({"text": "x" * 900}, "note", "x" * 500),
    ({"text": "<script>"}, "note", "<script>"),
    ({"text": None}, "note", None),
])
def test_a_value_is_known_however_a_gateway_writes_it(
    example: config.Config, change: dict[str, Any], field: str, value: object
) -> None:
    (thing,) = become(example, TOPIC, ALARM | change)
    assert thing.values[field] == value


@pytest.mark.parametrize(("change", "reason"), [
    ({"level": 6}, "severity: no meaning is given for 6"),
    ({"level": [1]}, "severity: a list is not a single value"),
    ({"ts": "yesterday"}, "occurred_at: 'yesterday' is not a number"),
    ({"ts": 1e300}, "occurred_at: 1e+300 is not a time of the form epoch_ms"),
    ({"ts": 9e12}, "occurred_at: Lies outside 1970 to 2200."),
    ({"id": {}}, "event_id: Not a valid string."),
    ({"id": "a\0"}, "event_id: Holds a character that cannot be stored"),
    ({"id": "\ud800"}, "event_id: Holds a character that cannot be stored"),
    ({"id": "x" * 201}, "event_id: Length must be between 1 and 200."),
])
def test_what_cannot_be_used_is_refused_with_field_and_value(
    example: config.Config, change: dict[str, Any], reason: str
) -> None:
    payload = json.dumps(ALARM | change).encode()
    (refused,) = things(example.routes, TOPIC, payload, NOW)
    assert isinstance(refused, Refused)
    assert refused.reason.startswith(reason)


def test_all_faults_of_a_thing_are_told_at_once(example: config.Config) -> None:
    (refused,) = become(example, TOPIC, {"level": 9, "ts": "x"})
    named = [part.split(":")[0] for part in refused.reason.split("; ")]
    assert named == ["severity", "occurred_at", "event_id", "type"]


@pytest.mark.parametrize(("payload", "reason"), [
    (b"\xff", "not text in UTF-8 (byte 0)"),
    (b"<p>", "not JSON"),
    (b'{"a": Infinity}', "not JSON: Infinity is not a number of JSON"),
    (b"[" * 100_000, "nested too deep"),
    (b"[" * 990 + b"]" * 990, "nested too deep"),
    (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
])
def test_a_message_that_is_none_is_refused_as_a_whole(example: config.Config, payload: bytes, reason: str) -> None:
    (refused,) = become(example, TOPIC, payload)
    assert refused.item == WHOLE
    assert refused.reason.startswith(reason)


def test_one_message_with_many_things_keeps_the_good_ones(example: config.Config) -> None:
    item = {"dev": 4711, "level": "高", "what": "水位", "at": "2026-11-01 08:00:00"}
    found = become(example, "station/1/batch", {"station": "S1", "data": {"items": [item, {"dev": 1}, item]}})
    assert [type(thing).__name__ for thing in found] == ["Thing", "Refused", "Thing"]
    assert found[0].values["occurred_at"] == datetime(2026, 11, 1, tzinfo=UTC)
    assert (found[0].values["source"], found[0].values["device"]) == ("S1", "4711")
    assert found[0].values["event_id"] != found[2].values["event_id"], "the same twice in one message is two things"
    (refused,) = become(example, "station/1/batch", {"station": "S1", "data": {"items": []}})
    assert "nothing stands at data.items[*]" in refused.reason
    (refused,) = become(example, "station/1/batch", {"data": {"items": [item] * (ITEMS_MOST + 1)}})
    assert f"more than {ITEMS_MOST}" in refused.reason


@given(st.permutations(["a", "b", "c"]), st.sampled_from([None, 2]))
def test_a_message_is_known_again_however_its_json_is_written(order: list[str], indent: int | None) -> None:
    said = EXAMPLE
    item = {"dev": "D1", "level": "中", "what": "x", "at": "2026-11-01 08:00:00"}
    message = {"station": "S", "data": {"items": [item]}, **dict.fromkeys("abc", 1)}
    plain = become(said, "station/1/batch", message)[0].values["event_id"]
    shuffled = {**dict.fromkeys(order, 1), **{name: message[name] for name in ("data", "station")}}
    again = become(said, "station/1/batch", json.dumps(shuffled, indent=indent).encode(), NOW + timedelta(days=1))
    assert again[0].values["event_id"] == plain
    for other in (become(said, "station/2/batch", message), become(said, "station/1/batch", {**message, "a": 2})):
        assert other[0].values["event_id"] != plain


def test_a_message_that_names_neither_itself_nor_its_time_is_a_new_one_each_time(example: config.Config) -> None:
    first, second = (become(example, "button/7", b"ON", NOW + timedelta(seconds=seconds))[0] for seconds in (0, 1))
    assert first.values["event_id"] != second.values["event_id"]
    assert [route.counts_twice for route in example.routes] == [False, False, True, False, False]


def test_an_empty_message_deletes_a_retained_one_and_is_nothing(example: config.Config) -> None:
    assert become(example, TOPIC, b"") == []


def test_a_topic_that_no_route_takes_is_kept_all_the_same(example: config.Config) -> None:
    (refused,) = become(example, "elsewhere", ALARM)
    assert refused.reason.startswith("no route takes this topic")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*ALARM, "data", "items", "dev", "x"]), inner),
)


TOPICS = (TOPIC, "station/1/batch", "button/7", "hotline/events", "keeper/a/position")


@given(JSON | st.binary(), st.sampled_from(TOPICS))
def test_no_message_whatsoever_makes_it_raise(message: Any, topic: str) -> None:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    for thing in things(EXAMPLE.routes, topic, payload, NOW):
        assert isinstance(thing, Thing) or thing.reason


@given(st.integers(0, 7_000_000_000))
def test_seconds_and_milliseconds_since_1970_are_the_same_instant(seconds: int) -> None:
    expected = EPOCH + timedelta(seconds=seconds)
    assert instant(seconds, "epoch_s", None) == instant(str(seconds * 1000), "epoch_ms", None) == expected
    assert instant(expected.isoformat(), "iso", None) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_and_its_text_are_the_same_number(value: float) -> None:
    assert math.isclose(number(str(value)), number(value), rel_tol=1e-15)


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_whole_number_is_looked_up_by_its_digits(value: int) -> None:
    assert key(value) == key(float(value)) == str(value)
