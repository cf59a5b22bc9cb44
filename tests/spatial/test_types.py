"""Jurisdictions: text for the database and the test in Python agree on what they hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.types import Scope

CODES = st.text("0123456789", min_size=15, max_size=15)
PREFIXES = st.text("0123456789", min_size=2, max_size=15)


@given(CODES, st.lists(PREFIXES, max_size=4))
def test_a_scope_covers_exactly_the_codes_that_begin_with_a_prefix(code: str, prefixes: list[str]) -> None:
    assert Scope(tuple(prefixes)).covers(code) is any(code.startswith(prefix) for prefix in prefixes)


@given(CODES, PREFIXES)
def test_the_half_open_range_of_a_prefix_holds_exactly_its_codes(code: str, prefix: str) -> None:
    low, high = Scope((prefix,)).literal()[2:-2].split(",")
    assert (low <= code < high.strip('"')) is code.startswith(prefix)


def test_the_scope_without_limits_is_the_unbounded_range() -> None:
    assert Scope.everything().literal() == "{(,)}"
    assert Scope(("999001", "*")).literal() == "{(,)}"


def test_the_scope_of_nobody_is_empty() -> None:
    assert Scope.nothing().literal() == "{}"
    assert not Scope.nothing().covers("999001001001001")


@pytest.mark.parametrize("prefix", ["", "9", "99x", "９９", "1234567890123456", "99)"])
def test_a_prefix_that_is_not_2_to_15_digits_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Scope((prefix,))
