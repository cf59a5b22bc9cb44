"""What of a person's values leaves the server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import masks


@pytest.mark.parametrize(("text", "masked"), [("张三", "张**"), ("欧阳修文", "欧**"), (" 李四 ", "李**"), ("王", "**"),
                                              ("", "**"), ("John Smith", "J**")])
def test_of_a_name_the_first_character_stays(text: str, masked: str) -> None:
    assert masks.name(text) == masked


@pytest.mark.parametrize(("text", "masked"), [("13812348000", "138****8000"), ("138 1234 8000", "138****8000"),
                                              ("0512-65231234", "****34"), ("110", "****"), ("", "****")])
def test_of_a_telephone_the_ends_stay(text: str, masked: str) -> None:
    assert masks.phone(text) == masked


@given(st.text())
def test_no_mask_holds_the_name_nor_tells_its_length(text: str) -> None:
    bare = text.strip()
    assert not bare or bare == "*" * len(bare) or bare not in masks.name(text)
    assert len(masks.name(text)) <= 3


@given(st.from_regex(r"\+?[0-9 -]{5,20}", fullmatch=True))
def test_no_mask_holds_a_telephone(text: str) -> None:
    digits = "".join(character for character in text if character.isdigit())
    shown = "".join(character for character in masks.phone(text) if character.isdigit())
    assert len(shown) <= 7
    assert not digits or len(shown) < len(digits)


@given(st.integers(0, 10**6))
def test_a_class_is_never_more_than_there_are(count: int) -> None:
    assert masks.at_least(count) <= count
    assert (masks.at_least(count) == 0) == (count == 0)
