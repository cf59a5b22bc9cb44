"""Rooms above and below one another, by their numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.rules.risers import REACH, Place, column, level, neighbours, position

FLOORS = st.sets(st.integers(-3, 60).filter(bool), min_size=1, max_size=40)

STYLES = (
    lambda floor, n: f"{abs(floor)}{n:02d}",
    lambda floor, n: f"{abs(floor):02d}{n:02d}室",
    lambda floor, n: f"{abs(floor)}-{n:02d}",
    lambda floor, n: f"2-{abs(floor)}{n:02d}",
    lambda floor, n: f"{'B' if floor < 0 else ''}{abs(floor)}{n:02d}",
    lambda floor, n: f"{abs(floor)}{chr(64 + n)}",
    lambda floor, n: f"{abs(floor)}{n:02d}A号",
    lambda floor, n: chr(64 + n),
    lambda floor, n: str(n),
    # The storey that the number names is another one: 4, 13 and 14 are left out.
    lambda floor, n: f"{abs(floor) + 61}{n:02d}",
)


@st.composite
def units(draw) -> tuple[list[Place], int]:
    """Return the rooms of a unit, in any order, and how many there are on each storey."""
    style, wide = draw(st.sampled_from(STYLES)), draw(st.integers(1, 20))
    places = [(floor, n) for floor in draw(FLOORS) for n in range(1, wide + 1)]
    rooms = [Place(index, 7, floor, style(floor, n)) for index, (floor, n) in enumerate(sorted(places))]
    return draw(st.permutations(rooms)), wide


@given(units(), st.data())
def test_above_is_the_same_place_of_the_next_storey_there_is(made, data) -> None:
    rooms, wide = made
    room = data.draw(st.sampled_from(rooms))
    found = neighbours(room, rooms)
    nth = room.id % wide
    floors = sorted({one.floor for one in rooms})
    at = floors.index(room.floor)
    for side, step in ((found.above, 1), (found.below, -1)):
        there = 0 <= at + step < len(floors)
        if there and abs(level(floors[at + step]) - level(room.floor)) <= REACH:
            assert [(one.floor, one.id % wide) for one in side] == [(floors[at + step], nth)]
        else:
            assert side == ()
    assert {one.id for one in found.beside} == {one.id for one in rooms if one.floor == room.floor} - {room.id}
    assert {one.id for one in found.riser} == {one.id for one in rooms if one.id % wide == nth} - {room.id}


@given(st.lists(st.builds(Place, st.integers(0, 10**6), st.integers(1, 3), st.integers(-5, 40),
                          st.text(st.sampled_from("0123456789AB-室负 甲"), max_size=6)), unique_by=lambda one: one.id))
def test_who_is_above_me_has_me_below_whatever_the_numbers_are(rooms: list[Place]) -> None:
    for room in rooms:
        found = neighbours(room, rooms)
        for one in found.above:
            assert room in neighbours(one, rooms).below
            assert one.unit == room.unit
        assert room not in found.beside + found.riser


@pytest.mark.parametrize(("number", "floor", "place"), [
    ("1203", 12, "3"), ("0301", 3, "1"), ("１２０３", 12, "3"), ("B102", -1, "2"), ("负101", -1, "1"),
    ("1110", 11, "10"), ("110", 1, "10"), ("2-1203", 12, "3"), ("12-03", 12, "3"), ("12A", 12, "A"),
    ("1203A", 12, "3A"), ("12", 1, "12"), ("1101", 1, "1"), ("3A02", 4, "2"), ("1501室", 14, "1"), ("C", 3, "C"),
    ("大厅", 1, None), ("", 1, None),])
def test_a_number_names_a_position(number: str, floor: int, place: str | None) -> None:
    assert position(number, floor) == place


def test_there_is_no_storey_0_between_the_ground_floor_and_the_basement() -> None:
    assert [level(floor) for floor in (-2, -1, 1, 2)] == [-2, -1, 0, 1]
    ground, basement = Place(1, 1, 1, "101"), Place(2, 1, -1, "B101")
    assert neighbours(ground, [ground, basement]).below == (basement,)


def test_a_duplex_is_below_the_room_two_storeys_up_and_nothing_is_near_beyond_three() -> None:
    rooms = [Place(floor, 1, floor, f"{floor}01") for floor in (5, 7, 11)]
    assert neighbours(rooms[0], rooms).above == (rooms[1],)
    assert neighbours(rooms[1], rooms).above == ()
    assert column(6, rooms).above == (rooms[1],)
