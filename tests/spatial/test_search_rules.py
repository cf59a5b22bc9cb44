"""How words are cut, and which questions must not travel in an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import search
from tests.importers.town import identity_number

TEXTS = st.text(st.sampled_from("望江苑三号楼ABab12３号 -（）_·é"), max_size=20)


@given(TEXTS, st.data())
def test_every_piece_of_a_word_asks_for_nothing_that_the_whole_does_not_have(text: str, data: st.DataObject) -> None:
    whole = search.words(text)
    if not whole:
        return
    word = data.draw(st.sampled_from(whole))
    start = data.draw(st.integers(0, len(word) - 1))
    piece = word[start:data.draw(st.integers(start + 1, len(word)))]
    assert set(search.wanted_grams(piece)) <= search.grams(whole)


@given(TEXTS)
def test_a_gram_is_a_character_or_a_pair_and_holds_no_blank(text: str) -> None:
    for gram in search.grams(search.words(text)):
        assert len(gram) in (1, 2)
        assert " " not in gram
        assert search.MARK not in gram


def test_width_and_case_make_no_difference() -> None:
    assert search.sought("Ａ座 ３号楼") == search.sought("a座3号楼") == "a座3号楼"


def test_digits_are_not_taken_for_initials() -> None:
    assert search.wanted_initials("12") == []
    assert search.wanted_initials("望j") == []
    assert search.wanted_initials("W J y") == ["~jy", "~wj"]


@pytest.mark.parametrize("question", [
    identity_number("99900119600101001"), identity_number("99900119600101001")[:6] + " 19600101 "
    + identity_number("99900119600101001")[14:], "张三" + identity_number("99900119850228002").lower(),
    "13812348000", "138-1234-8000", "+86 138 1234 8000", "电话：13812348000", "１３８１２３４８０００",
])
def test_identity_and_telephone_numbers_are_seen_in_any_grouping(question: str) -> None:
    assert search.looks_personal(question)


@pytest.mark.parametrize("question", [
    "望江路138号", "999001001001001", "99900100100100100B1", "B1380000", "12345", "138123480001234",
    "91999001MA00000011", "340102196001010010000",
])
def test_codes_and_house_numbers_may_be_asked_for(question: str) -> None:
    assert search.looks_personal(question) is None
