"""Residents (人): households of every common form, in the rooms that are lived in."""

from dataclasses import dataclass, replace

import numpy as np

from sample_gis import chance, codes, names
from sample_gis.housing import Housing
from sample_gis.layer import Layer

POPULATION = 50_000
MOST_HOUSEHOLDS = 480
"""Households in one grid, at most, besides dormitories; the rest of its rooms stay vacant."""

FILLED_BELOW = 400
"""A grid with fewer dwellings than this has none to spare and fills first."""

EMPTY_SHOPS = 0.07
"""Share of rooms without dwellings (shops, offices) that stand empty."""

REFERENCE = np.datetime64("2026-01-01")
"""Ages are those of this day; residents do not change with the day of generation."""

_FORMS = ("young", "alone", "old_couple", "couple", "one_child", "two_children", "adult_child", "single_parent",
          "three_generations", "sharers", "left_behind")
_OWNED = np.array([4, 7, 9, 10, 20, 7, 18, 3, 20, 0, 2.0])
_RENTED = np.array([17, 3, 3, 16, 20, 7, 4, 4, 8, 17, 1.0])
_OLD_ESTATE = np.array([0.8, 1.9, 1.7, 0.6, 0.6, 0.5, 1.2, 1, 1, 1, 2])
_NEW_ESTATE = np.array([1.1, 0.4, 0.6, 1.4, 1.5, 1.8, 0.7, 0.8, 1.1, 1, 0.4])


@dataclass(frozen=True)
class People:
    """Residents with the room and building each lives in (indices into `Housing`).

    Attributes:
        layer: the layer ``residents``.
        rooms: the layer ``rooms`` with the tenure of dwellings left over set to vacant.
        room: room index of each resident; ``age``: years on `REFERENCE`.
    """

    layer: Layer
    rooms: Layer
    room: np.ndarray
    age: np.ndarray


def settle(housing: Housing, grid_of_building: np.ndarray, seed: int, population: int = POPULATION) -> People:
    """Draw households and put them into rooms until the population is reached.

    Args:
        grid_of_building: grid index of each building.
        population: residents wanted; fewer where the rooms do not suffice.
    Returns:
        residents sorted by room, and the rooms with their final tenure.
    """
    rng = chance.stream(seed, "people")
    dwellings = np.flatnonzero(housing.dwelling)
    dorms = np.flatnonzero(housing.dormitory)
    style = housing.room_style[dwellings]
    rented = housing.rooms["tenure"][dwellings] == "rented"
    old = np.isin(style, ("lanes", "slab5"))
    new = np.isin(style, ("tower", "slab11", "villa"))
    form = _forms(rng, rented, old, new)
    household, age, male, role = _members(rng, form)
    size = np.bincount(household, minlength=len(dwellings))

    dorm_size = rng.integers(2, 5, len(dorms))
    keep = _occupied(rng, size, new, grid_of_building[housing.room_building[dwellings]],
                     population - int(dorm_size.sum()))
    inside = keep[household]
    room = np.r_[dwellings[household[inside]], np.repeat(dorms, dorm_size)]
    students = np.isin(housing.room_style[np.repeat(dorms, dorm_size)], ("college", "middle"))
    bunk_age = np.where(students, rng.integers(17, 22, len(students)), rng.integers(19, 48, len(students)))
    bunk_male = np.repeat(rng.random(len(dorms)) < 0.55, dorm_size)
    age = np.r_[age[inside], bunk_age]
    male = np.r_[male[inside], bunk_male]
    role = np.r_[role[inside], np.full(len(students), 3)]
    form_of = np.r_[form[household[inside]], np.full(len(students), -1)]
    order = np.lexsort((-age, room))
    room, age, male, role, form_of = room[order], age[order], male[order], role[order], form_of[order]
    occupied = np.zeros(len(housing.rooms), bool)
    occupied[room] = True
    layer = _layer(rng, housing, room, age, male, role, form_of)
    trade = ~housing.dwelling & ~housing.dormitory
    empty = (housing.dwelling & ~occupied) | (trade & (rng.random(len(occupied)) < EMPTY_SHOPS))
    tenure = np.where(empty, "vacant", housing.rooms["tenure"].astype("U8")).astype(object)
    rooms = replace(housing.rooms, columns={**housing.rooms.columns, "tenure": tenure})
    return People(layer, rooms, room, age)


def _forms(rng, rented, old, new):
    weights = np.where(rented[:, None], _RENTED, _OWNED)
    weights = np.where(old[:, None], weights * _OLD_ESTATE, np.where(new[:, None], weights * _NEW_ESTATE, weights))
    cumulative = np.cumsum(weights / weights.sum(1, keepdims=True), axis=1)
    return (rng.random(len(rented))[:, None] > cumulative).sum(1).clip(0, len(_FORMS) - 1)


def _members(rng, form):
    """Return household, age, male, role of every member.

    Roles: 0 head, 1 spouse of the head, 2 child of the family, 3 with a surname of their own.
    """
    parts = []

    def add(households, age, male, role):
        parts.append((households, np.asarray(age).clip(0, 103), np.broadcast_to(male, len(households)),
                      np.full(len(households), role)))

    def pick(*kinds):
        return np.flatnonzero(np.isin(form, [_FORMS.index(kind) for kind in kinds]))

    def couple(h, age):
        man = rng.random(len(h)) < 0.82
        add(h, age, man, 0)
        add(h, np.round(age + np.where(man, -1, 1) * rng.normal(2, 2.4, len(h))).clip(20), ~man, 1)

    def children(h, mother_age, gap=(23, 36)):
        low, high = gap
        age = mother_age - rng.integers(low, high, len(h))
        here = age >= 0
        add(h[here], age[here], rng.random(int(here.sum())) < 0.525, 2)

    h = pick("young")
    add(h, rng.integers(21, 39, len(h)), rng.random(len(h)) < 0.56, 0)
    h = pick("alone")
    add(h, (61 + rng.gamma(2.6, 4.8, len(h))).astype(int), rng.random(len(h)) < 0.36, 0)
    h = pick("old_couple")
    couple(h, (60 + rng.gamma(2.4, 4.2, len(h))).astype(int))
    h = pick("couple")
    couple(h, rng.integers(24, 62, len(h)))
    h = pick("one_child")
    age = rng.integers(26, 50, len(h))
    couple(h, age)
    children(h, age)
    h = pick("two_children")
    age = rng.integers(30, 51, len(h))
    couple(h, age)
    children(h, age, (23, 30))
    children(h, age, (30, 37))
    h = pick("adult_child")
    age = rng.integers(46, 66, len(h))
    couple(h, age)
    children(h, age, (22, 29))
    h = pick("single_parent")
    age = rng.integers(29, 50, len(h))
    add(h, age, rng.random(len(h)) < 0.28, 0)
    children(h, age, (22, 31))
    h = pick("three_generations")
    age = rng.integers(30, 56, len(h))
    couple(h, age)
    children(h, age, (24, 32))
    second = rng.random(len(h)) < 0.38
    children(h[second], age[second], (31, 38))
    elder = np.minimum(age + rng.integers(22, 31, len(h)), 96)
    both = rng.random(len(h)) < 0.62
    add(h, elder, ~both & (rng.random(len(h)) < 0.3), 3)
    add(h[both], elder[both] + rng.integers(-1, 5, int(both.sum())), True, 2)
    h = pick("sharers")
    first = rng.random(len(h)) < 0.55
    for n in range(4):
        here = h if n < 2 else h[rng.random(len(h)) < 0.4]
        man = np.where(np.isin(here, h[first]), 0.9, 0.1) > rng.random(len(here))
        add(here, rng.integers(19, 46, len(here)), man, 3 if n else 0)
    h = pick("left_behind")
    age = rng.integers(56, 73, len(h))
    couple(h, age)
    children(h, np.clip(age, 56, 66), (51, 57))
    household, age, male, role = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(household, kind="stable")
    return household[order], age[order].astype(int), male[order], role[order]


def _occupied(rng, size, new, grid, wanted):
    """Choose the dwellings that are lived in: new estates stand empty more often."""
    rank = rng.random(len(size)) + 0.12 * new - 1.0 * (np.bincount(grid)[grid] < FILLED_BELOW)
    order = np.argsort(rank, kind="stable")
    keep = np.zeros(len(size), bool)
    by_grid = np.zeros(int(grid.max()) + 1 if len(grid) else 0, int)
    nth = np.empty(len(size), int)
    for place in order:
        nth[place] = by_grid[grid[place]]
        by_grid[grid[place]] += 1
    allowed = order[nth[order] < MOST_HOUSEHOLDS]
    total = np.cumsum(size[allowed])
    keep[allowed[: int(np.searchsorted(total, wanted)) + 1]] = True
    return keep


def _layer(rng, housing, room, age, male, role, form_of) -> Layer:
    count = len(room)
    birth = REFERENCE - ((age + rng.random(count)) * 365.2425).astype("timedelta64[D]")
    year = birth.astype("datetime64[Y]").astype(int) + 1970
    family = names.surnames(rng, len(housing.rooms))[room]
    own = names.surnames(rng, count)
    family = np.where((role == 0) | (role == 2), family, own)
    name = names.people(rng, family, male, year)
    phone = np.where(age >= 12, codes.phones(rng, count), "")
    floating_share = np.where(housing.rooms["tenure"][room] == "rented", 0.72, 0.09)
    home = rng.random(len(housing.rooms))[room]
    abroad = rng.random(len(housing.rooms))[room] < np.where(housing.room_style[room] == "tower", 0.008, 0.002)
    registration = np.where(abroad, "overseas", np.where(home < floating_share, "floating", "registered"))
    collective = housing.dormitory[room]
    registration = np.where(collective & (rng.random(count) < 0.8), "floating", registration)
    number = np.char.zfill(np.arange(1, count + 1).astype(str), 6)
    return Layer("residents", {
        "code": np.char.add("R", number).astype(object),
        "building_code": housing.rooms["building_code"][room],
        "unit_number": housing.rooms["unit_number"][room],
        "room_number": housing.rooms["number"][room],
        "household_number": np.full(count, "1", dtype=object),
        "household_kind": np.where(collective, "collective", "family").astype(object),
        "name": name.astype(object),
        "id_number": codes.identity_numbers(birth, male).astype(object),
        "phone": phone.astype(object),
        "sex": np.where(male, "M", "F").astype(object),
        "birth_year": year.astype("int32"),
        "registration": registration.astype(object),
        "care": _care(rng, housing, room, age, male, form_of),
    })


def _care(rng, housing, room, age, male, form_of):
    """Return care categories (关爱类别) joined by ``;``, empty for most."""
    draw = rng.random((5, len(age)))
    poor = rng.random(len(housing.rooms))[room] < np.where(np.isin(housing.room_style[room], ("lanes", "slab5")),
                                                           0.035, 0.009)
    flags = (
        ("elderly_alone", (form_of == _FORMS.index("alone")) & (age >= 60)),
        ("disabled", draw[0] < 0.012 + 0.0004 * np.maximum(age - 30, 0)),
        ("low_income", poor),
        ("chronic", draw[1] < np.clip((age - 38) * 0.0075, 0, 0.32)),
        ("minor_unattended", (form_of == _FORMS.index("left_behind")) & (age < 16)),
        ("pregnant", ~male & (age >= 21) & (age <= 42) & (draw[2] < 0.022)),
    )
    out = np.full(len(age), "", dtype="U80")
    for code, here in flags:
        out[here] = np.where(out[here] == "", code, np.char.add(out[here], f";{code}"))
    return out.astype(object)
