"""Stops of tours: what they may be, all faults at once; cameras that look at a whole place."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.rules import wall_tours as rules

PLACE = {"kind": "place", "level": "street", "code": "999001001000"}
VIEW = {"kind": "view", "camera": {"lon": 117.0, "lat": 31, "zoom": 14.5, "pitch": 50, "bearing": -18}}
STOP = {"title": "望江街道", "seconds": 15, "target": PLACE, "show": "alarms"}

numbers = {name: st.floats(low, high) | st.integers(math.ceil(low), math.floor(high))
           for name, (low, high) in rules.CAMERA.items()}
codes = st.tuples(st.sampled_from(sorted(rules.LEVELS)), st.integers(1, 999)).map(lambda one: {
    "kind": "place", "level": one[0], "code": {
        "county": "999001000000", "street": f"999001{one[1]:03}000", "community": f"999001001{one[1]:03}",
        "grid": f"999001001001{one[1]:03}"}[one[0]]})
targets = codes | st.builds(lambda number: {"kind": "building", "id": number}, st.integers(1, rules.LARGEST_ID)) | (
    st.fixed_dictionaries(numbers).map(lambda camera: {"kind": "view", "camera": camera}))
titles = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=list(rules.OVERRIDES)), max_size=200)
good = st.fixed_dictionaries({"title": titles, "seconds": st.integers(*rules.SECONDS), "target": targets,
                              "show": st.sampled_from(rules.SHOWS)})
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
        ["place", "building", "view", "street", *rules.SHOWS]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["title", "seconds", "target", "show", "kind", "level", "code", "id", "camera", *rules.CAMERA, "other"]), inner,
        max_size=6), max_leaves=30)


@given(st.lists(good, min_size=1, max_size=rules.STOPS_MOST))
def test_good_stops_are_read_as_they_are(stops: list[Any]) -> None:
    assert rules.read(stops) == (stops, [])


def shaped(stop: Any) -> bool:
    """Tell in other words whether something is a stop."""
    if set(stop) != set(STOP) or type(stop["seconds"]) is not int or not 3 <= stop["seconds"] <= 3600:
        return False
    target = stop["target"]
    members = {"place": {"kind", "level", "code"}, "building": {"kind", "id"}, "view": {"kind", "camera"}}
    return isinstance(stop["title"], str) and stop["show"] in rules.SHOWS and set(target) == members[target["kind"]]


@settings(max_examples=50)
@given(st.lists(anything, min_size=1, max_size=4) | anything)
def test_whatever_comes_is_read_or_refused_and_never_breaks(stops: Any) -> None:
    read, faults = rules.read(stops)
    if not faults:
        assert read == stops
        assert all(shaped(stop) for stop in stops)
    for path, message in faults:
        assert message
        assert not path or 0 <= path[0] < len(stops)


@given(st.lists(good, min_size=1, max_size=5), st.lists(anything, min_size=1, max_size=5))
def test_each_stop_is_refused_for_its_own_faults_and_all_at_once(stops: list[Any], bad: list[Any]) -> None:
    _, alone = rules.read(bad)
    _, together = rules.read([*stops, *bad])
    assert together == [((path[0] + len(stops), *path[1:]), message) for path, message in alone]


@pytest.mark.parametrize(("stop", "where"), [
    ({**STOP, "seconds": 2}, ("seconds",)), ({**STOP, "seconds": 3601}, ("seconds",)),
    ({**STOP, "seconds": True}, ("seconds",)), ({**STOP, "seconds": 15.0}, ("seconds",)),
    ({**STOP, "title": "字" * 201}, ("title",)), ({**STOP, "title": "a\nb"}, ("title",)),
    ({**STOP, "title": "a\u202eb"}, ("title",)), ({**STOP, "title": "\ud800"}, ("title",)),
    ({**STOP, "show": "all"}, ("show",)), ({**STOP, "show": ["alarms"]}, ("show",)),
    ({**STOP, "more": 1}, ("more",)), ({name: STOP[name] for name in ("title", "seconds", "show")}, ("target",)),
    ({**STOP, "target": {"kind": "room", "id": 1}}, ("target", "kind")),
    ({**STOP, "target": {**PLACE, "code": "999001001"}}, ("target", "code")),
    ({**STOP, "target": {**PLACE, "code": "999001001001"}}, ("target", "code")),
    ({**STOP, "target": {**PLACE, "code": "99900100100０"}}, ("target", "code")),
    ({**STOP, "target": {**PLACE, "level": "grid"}}, ("target", "code")),
    ({**STOP, "target": {**PLACE, "level": "room"}}, ("target", "level")),
    ({**STOP, "target": {"kind": "building", "id": 2**63}}, ("target", "id")),
    ({**STOP, "target": {"kind": "building", "id": "1"}}, ("target", "id")),
    *(({**STOP, "target": {"kind": "view", "camera": {**VIEW["camera"], name: value}}}, ("target", "camera", name))
      for name, value in (("lon", 181), ("lat", -86), ("zoom", 25), ("pitch", math.nan), ("bearing", math.inf),
                          ("lat", 10**400), ("zoom", True), ("lon", "117"))),
])
def test_a_fault_is_told_with_its_place(stop: dict[str, Any], where: tuple[str, ...]) -> None:
    _, faults = rules.read([STOP, stop])
    assert [path for path, _ in faults] == [(1, *where)]


@pytest.mark.parametrize("stops", [[], [STOP] * 61, {}, None, "stops", 7])
def test_a_tour_has_one_to_sixty_stops(stops: Any) -> None:
    assert [path for path, _ in rules.read(stops)[1]] == [()]


def test_a_title_may_be_empty_or_two_hundred_characters_of_markup_and_a_name_says_something() -> None:
    markup = '<script>alert("1")</script>'.ljust(200, "字")
    assert rules.read([{**STOP, "title": markup}, {**STOP, "title": ""}])[1] == []
    assert rules.text_fault(markup, needed=True) is None
    assert [rules.text_fault(name, needed=True) is None for name in ("", " \u200b", "巡演", None)] == [
        False, False, True, False]


@given(st.tuples(st.floats(-179, 178), st.floats(-70, 69), st.floats(0.0001, 1), st.floats(0.0001, 1)),
       st.lists(st.floats(0, 360), min_size=1, max_size=4))
def test_made_cameras_hold_the_whole_place_and_are_good_stops(corner: tuple[float, ...], bearings: list[float]) -> None:
    west, south, width, height = corner
    cameras = rules.around((west, south, west + width, south + height), bearings)
    assert [camera["bearing"] for camera in cameras] == bearings
    _, faults = rules.read([{**STOP, "target": {"kind": "view", "camera": camera}} for camera in cameras])
    assert faults == []
    for camera in cameras:
        pixels = 512 * 2 ** camera["zoom"] * width / 360
        assert pixels <= min(rules.WINDOW) * 1.01
        assert west <= camera["lon"] <= west + width
        assert south - 1e-5 <= camera["lat"] <= south + height + 1e-5
