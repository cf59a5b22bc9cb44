"""Units: converted where that is exact, and in no other case."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import units
from spatial.rules.measured import LARGEST

names = st.sampled_from(sorted(units.UNITS))
numbers = st.floats(-LARGEST, LARGEST)


def same(one: str, other: str) -> bool:
    return units.UNITS[one].dimension == units.UNITS[other].dimension


pairs = st.sampled_from([(one, other) for one in units.UNITS for other in units.UNITS if same(one, other)])


@given(pairs, numbers)
def test_there_and_back_again_is_where_it_was(pair: tuple[str, str], value: float) -> None:
    one, other = pair
    there, back = units.conversion(one, other), units.conversion(other, one)
    # A float has 53 bits; near the zero of one scale, it is the 273 or 460 degrees to the other's that lose them.
    shifted = units.UNITS[one].shift or units.UNITS[other].shift
    assert back(there(value)) == pytest.approx(value, rel=1e-15, abs=2e-13 if shifted else 1e-300)


@given(pairs, st.lists(numbers, min_size=2, max_size=5))
def test_more_stays_more(pair: tuple[str, str], values: list[float]) -> None:
    convert = units.conversion(*pair)
    assert all(low <= high for low, high in pairwise(map(convert, sorted(values))))


@given(names, names)
def test_what_is_measured_in_one_is_not_converted_to_something_else(one: str, other: str) -> None:
    assert (units.conversion(one, other) is None) is not same(one, other)


@pytest.mark.parametrize(("value", "given_", "wanted", "expected"), [
    (140, "kPa", "MPa", 0.14), (140.1, "kPa", "MPa", 0.1401), (1.4, "bar", "MPa", 0.14), (50, "KPa", "MPa", 0.05),
    (212, "°F", "℃", 100.0), (-40, "°F", "°C", -40.0), (0, "K", "°C", -273.15), (21.5, "℃", "°C", 21.5),
    (1, "L/s", "m³/h", 3.6), (7, "m3/h", "m³/h", 7), (3, "% LEL", "%LEL", 3), (1, "GJ", "MWh", 1 / 3.6),
    (36, "km/h", "m/s", 10), (5, "％", "%", 5), (1.2, "kW", "W", 1200), (30, "cm", "m", 0.3), (3.3, "V", "mV", 3300),
])
def test_values_that_somebody_can_check(value: float, given_: str, wanted: str, expected: float) -> None:
    assert units.conversion(given_, wanted)(value) == expected


@pytest.mark.parametrize(("given_", "wanted"), [
    ("%VOL", "%LEL"), ("ppm", "%LEL"), ("%", "%LEL"), ("mPa", "MPa"), ("mpa", "MPa"), ("C", "°C"), ("1", "%"),
    ("m³", "m³/h"), ("psi", "MPa"), ("kW", "kWh"), ("%", "%RH"), ("°", "°C"), ("rad", "°"), ("M", "m"), ("", "m"),
])
def test_what_may_mean_several_things_is_not_converted(given_: str, wanted: str) -> None:
    assert units.conversion(given_, wanted) is None


@pytest.mark.parametrize("unit", [*units.UNITS, *units.SPELLINGS])
def test_the_plain_spelling_is_plain_and_known(unit: str) -> None:
    assert units.plain(units.plain(unit)) == units.plain(unit)
    assert units.known(unit)


def test_a_unit_that_nobody_listed_is_the_same_as_itself() -> None:
    assert units.conversion("dBm", "dBm")(-70) == -70
