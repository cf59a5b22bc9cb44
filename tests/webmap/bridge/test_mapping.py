"""What becomes of a message: fields, values, times, what makes it known again, and all that may be wrong with it."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.queries.bridge_rejects import WHOLE
from spatial.rules import alarm_messages
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
    ({"id": {}}, "event_id: {} is not text"),
    ({"id": "a\0"}, "event_id: a\\u0000 holds the control character U+0000"),
    ({"id": "\ud800"}, "event_id: \\ud800 holds the control character U+D800"),
    ({"id": "x" * 201}, f"event_id: {'x' * 100} has 201 characters"),
    ({"state": "maybe"}, "cleared: no meaning is given for 'maybe'"),
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


SAME = ("source", "event_id", "device", "severity", "type", "occurred_at", "cleared", "note")
MESSAGE = {"source": "gw", "event_id": "m1", "device": "D1", "severity": "major", "type": "smoke",
           "occurred_at": "2026-11-01T08:00:00+08:00", "cleared": True, "note": "第二行\n"}
SCALARS = (st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
           | st.text("ab \t\n\r\0\u202e\ud800", max_size=3))
ODD = (
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS, max_size=2)
    | st.sampled_from([1, 60, 61, 100, 101, 200, 201, 500, 501]).map("x".__mul__)
    | st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=8))])).map(datetime.isoformat)
    | st.sampled_from(["critical", "2026-11-01T08:00:00Z", " 2026-11-01T08:00:00Z", "2026-11-01 08:00+08",
                       "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "20261101T080000Z"])
)


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> config.Config:
    """Return a file whose fields are called as by HTTP."""
    path = tmp_path_factory.mktemp("same") / "bridge.yaml"
    path.write_text("broker: {host: h}\nroutes: [{topic: a, kind: alarms, fields: "
                    f"{json.dumps({name: name for name in SAME})}}}]")
    return config.load(path)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(SAME, ODD)))
def test_an_alarm_message_is_taken_and_read_by_mqtt_as_by_http(
    same: config.Config, changes: dict[str, Any]
) -> None:
    item = {**MESSAGE, **changes}
    # By MQTT null is nothing said, and a number is a text where a text is wanted.
    sent = {name: key(value) if name not in ("cleared", "occurred_at") and type(value) in (int, float) else value
            for name, value in item.items() if value is not None}
    by_http = alarm_messages.read(sent)
    (by_mqtt,) = become(same, "a", json.dumps(item).encode())
    if isinstance(by_http, alarm_messages.Message):
        assert by_mqtt == Thing("alarms", 0, {name: getattr(by_http, name) for name in SAME})
    else:
        assert isinstance(by_mqtt, Refused)
        assert by_mqtt.reason.split(":")[0] in {fault.field for fault in by_http}


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
    assert [route.topic.text for route in example.routes if route.counts_twice] == [
        "button/{device}", "sensor/{device}/temperature"]


def test_a_number_of_a_topic_and_members_of_a_message_become_readings(example: config.Config) -> None:
    (single,) = become(example, "sensor/T1/temperature", b"21.5")
    assert single == Thing("readings", 0, {
        "source": "gateways", "device": "T1", "at": NOW.isoformat(), "values": {"temperature": 21.5},
        "units": {"temperature": "°C"}})
    (some,) = become(example, "climate/T2", {"t": "215", "rh": "damp", "door": 7, "ts": 1793520000})
    assert (some.values["values"], some.lost) == ({"temperature": 21.5, "humidity": "damp", "door": 7}, "")
    (part,) = become(example, "climate/T2", {"t": "warm", "rh": [48], "door": "open", "ts": 1793520000})
    assert part.values["values"] == {"door": "open"}
    assert part.lost.startswith("values.temperature: 'warm' is not a number; values.humidity: [48] is neither")
    (nothing,) = become(example, "climate/T2", {"t": "warm", "ts": 1793520000})
    assert nothing == Refused(0, "values.temperature: 'warm' is not a number")
    (alive,) = become(example, "climate/T2", {"ts": 1793520000})
    assert alive.values["values"] == {}


def test_an_empty_message_deletes_a_retained_one_and_is_nothing(example: config.Config) -> None:
    assert become(example, TOPIC, b"") == []


def test_a_topic_that_no_route_takes_is_kept_all_the_same(example: config.Config) -> None:
    (refused,) = become(example, "elsewhere", ALARM)
    assert refused.reason.startswith("no route takes this topic")


NAMES = [*ALARM, "data", "items", "list", "dev", "x", "t"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)


TOPICS = (TOPIC, "station/1/batch", "button/7", "hotline/events", "keeper/a/position", "climate/D1", "readings/a",
          "sensor/D1/temperature")


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
