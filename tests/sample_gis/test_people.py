"""Residents are plausible: how many, how old, who lives with whom."""

from collections import Counter

import numpy as np
import pytest

from sample_gis.people import REFERENCE

CARE = {"elderly_alone", "disabled", "low_income", "chronic", "minor_unattended", "pregnant"}


@pytest.fixture(scope="module")
def residents(city):
    return city.layers["residents"]


@pytest.fixture(scope="module")
def age(residents):
    return REFERENCE.astype("datetime64[Y]").astype(int) + 1970 - residents["birth_year"]


@pytest.fixture(scope="module")
def home(residents):
    """Return the household number of each resident, from 0."""
    keys = np.array(["/".join(key) for key in zip(
        residents["building_code"], residents["unit_number"], residents["room_number"], strict=True)])
    return np.unique(keys, return_inverse=True)[1]


def test_fifty_thousand_people_live_here(residents):
    assert len(residents) == pytest.approx(50_000, rel=0.03)


def test_ages_make_a_pyramid_of_today(age):
    share = np.bincount(np.clip(age // 10, 0, 9), minlength=10) / len(age)
    assert age.min() >= 0
    assert age.max() <= 104
    assert all(0.05 < part < 0.25 for part in share[:7])
    assert share[7] > share[8] > share[9]
    assert 0.12 < (age >= 65).mean() < 0.28
    assert 0.1 < (age < 15).mean() < 0.2


def test_women_and_men_are_about_as_many(residents):
    assert (residents["sex"] == "M").mean() == pytest.approx(0.5, abs=0.03)


def test_households_are_of_common_sizes(residents, home):
    family = residents["household_kind"] == "family"
    size = np.bincount(home[family])
    size = size[size > 0]
    assert 2.5 < size.mean() < 3.1
    assert size.max() <= 7
    assert 0.08 < (size == 1).mean() < 0.3


def test_no_child_lives_without_an_adult(residents, age, home):
    adults = np.bincount(home, weights=age >= 16)
    assert (adults[home[age < 16]] > 0).all()


def test_old_people_on_their_own_are_on_their_own_and_old(residents, age, home):
    alone = np.array(["elderly_alone" in care for care in residents["care"]])
    assert alone.sum() > 500
    assert (np.bincount(home)[home[alone]] == 1).all()
    assert age[alone].min() >= 60


def test_care_categories_are_of_the_list_and_not_for_most(residents):
    found = Counter(word for care in residents["care"] if care for word in care.split(";"))
    assert set(found) == CARE
    assert all(100 < count < 5_000 for count in found.values())


def test_pregnant_residents_are_women_of_an_age(residents, age):
    pregnant = np.array(["pregnant" in care for care in residents["care"]])
    assert set(residents["sex"][pregnant]) == {"F"}
    assert age[pregnant].min() >= 20
    assert age[pregnant].max() <= 43


def test_registration_kinds_are_mixed(residents):
    share = {kind: count / len(residents) for kind, count in Counter(residents["registration"]).items()}
    assert 0.6 < share["registered"] < 0.85
    assert 0.15 < share["floating"] < 0.35
    assert 0.001 < share["overseas"] < 0.01


def test_children_carry_the_name_of_one_of_their_family(residents, age, home):
    family_names = {}
    for household, name, years in zip(home, residents["name"], age, strict=True):
        if years >= 18:
            family_names.setdefault(household, set()).add(name[0])
    children = [(h, n) for h, n, years in zip(home, residents["name"], age, strict=True) if years < 12]
    assert np.mean([name[0] in family_names[household] for household, name in children]) > 0.97


def test_basic_grids_have_three_to_five_hundred_households(city, residents):
    grid_of = {code: city.built.sites[draft.site].grid
               for code, draft in zip(city.layers["buildings"]["code"], city.built.drafts, strict=True)}
    homes = set(zip(residents["building_code"], residents["unit_number"], residents["room_number"], strict=True))
    count = Counter(grid_of[building] for building, _, _ in homes)
    for grid, face in enumerate(city.division.faces):
        if face.kind == "basic":
            assert 300 <= count[grid] <= 500, face.name


def test_vacant_rooms_are_empty_and_others_exist_too(city, residents):
    rooms = city.layers["rooms"]
    lived = set(zip(residents["building_code"], residents["unit_number"], residents["room_number"], strict=True))
    tenure = Counter()
    for key, state, use in zip(zip(rooms["building_code"], rooms["unit_number"], rooms["number"], strict=True),
                               rooms["tenure"], rooms["use"], strict=True):
        if use == "residential":
            tenure[state] += 1
            assert (key in lived) == (state != "vacant")
    total = sum(tenure.values())
    assert 0.05 < tenure["vacant"] / total < 0.25
    assert 0.15 < tenure["rented"] / total < 0.45
