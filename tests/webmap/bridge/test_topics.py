"""Topic filters with names, and paths into a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from webmap.bridge.paths import Missing, Path
from webmap.bridge.topics import Topic

LEVELS = st.lists(st.sampled_from(["a", "b", "", "ü", "a.b", "$x"]), min_size=1, max_size=4)
FILTER = st.lists(st.sampled_from(["a", "b", "", "+", "{x}", "ü", "a.b"]), min_size=1, max_size=4)


def numbered(levels: list[str]) -> list[str]:
    return [f"{{x{position}}}" if level == "{x}" else level for position, level in enumerate(levels)]


@given(FILTER, st.booleans(), LEVELS)
def test_a_filter_takes_what_the_broker_would_send_for_it(levels: list[str], rest: bool, topic: list[str]) -> None:
    text = "/".join([*numbered(levels), *(["#"] if rest else [])])
    name = "/".join(topic)
    if not text or not name:
        return
    parsed = Topic.parse(text)
    assert (parsed.match(name) is not None) == topic_matches_sub(parsed.subscription, name)


def test_names_stand_for_their_levels() -> None:
    topic = Topic.parse("gateway/{vendor}/+/{device}/#")
    assert topic.subscription == "gateway/+/+/+/#"
    assert topic.match("gateway/hk/x/D-7") == topic.match("gateway/hk/x/D-7/a/b") == {"vendor": "hk", "device": "D-7"}
    assert topic.match("gateway/hk/x") is None


@pytest.mark.parametrize("text", [
    "", "a/#/b", "a+", "a/b#", "{a}/{a}", "{A}", "a/{", "dev-{id}", "$SYS/#", "$share/g/a", "a\0", "x" * 1001,
])
def test_a_filter_that_mqtt_would_not_take_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Topic.parse(text)


MESSAGE = {"a": {"b.c": [{"d": 1}, {"d": 2}], "e f": None}, "n": {"t": 20, "h": 40}}


@pytest.mark.parametrize(("text", "found"), [
    ("$", MESSAGE), ("n.t", 20), ("$.n.t", 20), ('a["b.c"][1].d', 2), ("a.e f", None), ('["n"].h', 40),
    ('$["n"].h', 40),
])
def test_a_path_leads_to_a_value(text: str, found: object) -> None:
    assert Path.parse(text).find(MESSAGE, MESSAGE) == found


@pytest.mark.parametrize("text", ["x", "a.b", "n[0]", 'a["b.c"][2]', "n.t.u"])
def test_a_path_that_leads_nowhere_says_so(text: str) -> None:
    with pytest.raises(Missing):
        Path.parse(text).find(MESSAGE, MESSAGE)


def test_one_path_leads_to_many() -> None:
    assert list(Path.parse('a["b.c"][*].d', many=True).every(MESSAGE)) == [1, 2]
    assert list(Path.parse("n[*]", many=True).every(MESSAGE)) == [{"key": "t", "value": 20}, {"key": "h", "value": 40}]
    for text in ("[*]", "$[*]"):
        assert list(Path.parse(text, many=True).every([1, 2])) == [1, 2]
    assert list(Path.parse("x[*]", many=True).every(MESSAGE)) == []


@pytest.mark.parametrize("text", [
    "", ".a", "a..b", "a.", "a[", "a[-1]", "a[x]", "ab]", "a[*]", "$a", "a.$", " a", "a." * 30 + "a",
])
def test_a_path_that_cannot_be_read_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Path.parse(text)
