"""Check digits by the standards, on published examples and on everything the sample makes."""

import numpy as np
import pytest

from sample_gis import codes


def test_the_example_of_gb_11643_is_valid_and_its_neighbours_are_not():
    assert codes.identity_number_is_valid("11010519491231002X")
    assert not codes.identity_number_is_valid("110105194912310021")
    assert not codes.identity_number_is_valid("11010519491231002")


def test_the_check_character_of_a_published_credit_code_is_found():
    assert codes.credit_check("91350100M000100Y4") == "3"


def test_a_credit_code_carries_the_check_character_of_its_organisation_code():
    # GB 11714: the organisation code D2143569 has the check character X; ours are digits only.
    code = codes.credit_code("91", 12345678)
    assert code[8:16] == "12345678"
    weighted = sum(int(c) * w for c, w in zip("12345678", (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    assert code[16] == "0123456789X0"[11 - weighted % 11]


def test_over_five_hundred_births_of_one_sex_on_one_day_are_refused():
    births = np.full(501, np.datetime64("1990-05-05"))
    with pytest.raises(ValueError, match="no identity number is left"):
        codes.identity_numbers(births, np.ones(501, bool))


def test_every_identity_number_is_valid_unique_and_says_birth_and_sex(city):
    residents = city.layers["residents"]
    numbers = residents["id_number"]
    assert len(set(numbers)) == len(numbers)
    assert all(codes.identity_number_is_valid(number) for number in numbers)
    assert all(number.startswith("999001") for number in numbers)
    assert [int(number[6:10]) for number in numbers] == residents["birth_year"].tolist()
    assert [("M" if int(number[16]) % 2 else "F") for number in numbers] == list(residents["sex"])


def test_telephones_are_in_a_range_that_nobody_has(city):
    for layer in ("residents", "keepers"):
        phones = [phone for phone in city.layers[layer]["phone"] if phone]
        assert all(len(phone) == 11 and phone.startswith("100") and phone.isdigit() for phone in phones)
        assert len(set(phones)) == len(phones)


def test_every_organisation_has_a_valid_unique_credit_code_and_a_unique_name(city):
    organisations = city.layers["organisations"]
    found = organisations["code"]
    assert len(set(found)) == len(found) > 1_500
    assert len(set(organisations["name"])) == len(found)
    assert all(len(code) == 18 and code[2:8] == "999001" for code in found)
    assert all(code[17] == codes.credit_check(code[:17]) for code in found)
    assert {code[:2] for code in found} == {"91", "92", "11", "12", "52"}
