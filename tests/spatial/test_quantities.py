"""What a kind measures: values in its unit, numbers where numbers are compared, and signals never lost to a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.measured import LARGEST, Measured, Reading
from spatial.rules.quantities import Expected, fit
from spatial.rules.units import UNITS, conversion
from tests.fixtures.readings import NOW

known_units = st.sampled_from([*sorted(UNITS), "ppm", "furlong", ""])
values = st.builds(Measured, st.floats(-LARGEST, LARGEST), st.none(), st.none() | known_units.filter(bool)) | st.builds(
    Measured, st.none(), st.text(min_size=1), st.none()) | st.builds(
    Measured, st.sampled_from([0.0, 1.0]), st.none(), st.none(), st.just(True))


@given(st.dictionaries(st.sampled_from("abcd"), values), st.dictionaries(
    st.sampled_from("abc"), st.builds(Expected, known_units, st.booleans(), st.booleans())))
def test_every_value_is_kept_in_its_kinds_unit_or_named(said: dict[str, Measured], wanted: dict[str, Expected]) -> None:
    found, refused = fit(Reading(7, "D1", NOW, values=said), wanted)
    kept = {} if found is None else dict(found.values)
    named = [fault.field.partition(".")[2] for fault in refused]
    assert sorted([*kept, *named]) == sorted(said)
    assert (found is None) == (bool(said) and not kept)
    assert all(fault.index == 7 and fault.reason and fault.cure for fault in refused)
    for quantity, one in kept.items():
        before, unit = said[quantity], wanted[quantity].unit if quantity in wanted else None
        if unit and one.value is not None and one.unit is not None:
            assert one == Measured(conversion(before.unit, unit)(before.value), None, unit)
        else:
            assert one == before
        if quantity in wanted and one.text is not None:
            assert wanted[quantity].word or not (unit or wanted[quantity].number)


@pytest.mark.parametrize(("unit", "taken"), [("bool", True), ("层", True), ("kPa", False), ("%", False)])
def test_a_word_beside_a_signal_loses_no_signal_and_a_unit_of_something_else_does(unit: str, taken: bool) -> None:
    found, refused = fit(Reading(0, "D1", NOW, values={"trapped": Measured(1.0, None, unit)}),
                         {"trapped": Expected("", number=True)})
    assert ((found is not None), len(refused)) == (taken, 1 - taken)
