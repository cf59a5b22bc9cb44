"""What a wall may be told about itself."""

import pytest

from spatial.rules.access_links import display_faults


@pytest.mark.parametrize("display", [
    {}, {"height_m": 2.4, "distance_m": 8, "tour": 3, "sound": True, "low_power": False}, {"height_m": 30}])
def test_a_wall_that_is_described_well_has_no_fault(display: dict) -> None:
    assert display_faults(display) == []


def test_every_fault_is_named_at_once() -> None:
    faults = display_faults({
        "height_m": 0, "distance_m": "8", "tour": 0, "sound": 1, "colour": "red", "low_power": None})
    assert [member for member, _ in faults] == ["height_m", "distance_m", "tour", "sound", "colour", "low_power"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, None, [], 10**400])
def test_no_measure_is_anything_but_metres(value: object) -> None:
    assert [member for member, _ in display_faults({"height_m": value})] == ["height_m"]
