"""Every room of a building is on its storey, or is said to be on none."""

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.rules import occupancy
from spatial.rules.storeys import NO_FLOOR, NO_UNIT, TOO_HIGH, TOO_LOW, Room, Unit, natural, stack
from tests.spatial.test_slices import L_SHAPE, TWO_BLOCKS, covers

SLAB = shapely.box(0, 0, 60, 12)
UNITS = [Unit(1, "1"), Unit(2, "2"), Unit(10, "10")]


def tower(floors=range(1, 19), per_floor=4, units=UNITS[:1]) -> list[Room]:
    return [Room(unit.id * 10_000 + floor * 100 + n, unit.id, floor, f"{floor}{n:02d}")
            for unit in units for floor in floors for n in range(1, per_floor + 1)]


def on(found, floor) -> list:
    return [cell for cell in found.cells if cell.floor == floor]


NUMBERS = st.text(st.sampled_from("0123456789AB-室 甲"), max_size=6)
ROOMS = st.lists(st.builds(Room, st.integers(1, 10**6), st.sampled_from([1, 2, 10, 99, None]), st.integers(-6, 30),
                           NUMBERS, st.none() | st.floats(1, 500)), max_size=40, unique_by=lambda one: one.id)


@given(st.sampled_from([SLAB, L_SHAPE, TWO_BLOCKS]), st.lists(st.sampled_from(UNITS), unique=True), ROOMS,
       st.none() | st.integers(0, 20), st.none() | st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_every_storey_is_covered_and_no_room_is_lost(shape, units, rooms, above, below) -> None:
    found = stack(shape, units, rooms, above, below)
    placed = [cell.room for cell in found.cells if cell.room is not None]
    assert sorted(placed + [room for room, _ in found.unplaced]) == sorted(room.id for room in rooms)
    where = {room.id: (room.floor, room.unit) for room in rooms}
    assert all(where[cell.room] == (cell.floor, cell.unit) for cell in found.cells if cell.room is not None)
    for floor in found.floors:
        covers(shape, [found.shapes[cell.shape] for cell in on(found, floor)])
    assert 0 not in found.floors
    assert found.floors == tuple(sorted(found.floors))


def test_rooms_of_one_riser_lie_above_one_another_also_where_one_is_not_on_record() -> None:
    rooms = [room for room in tower() if room.number not in ("702", "801", "802", "803")]
    found = stack(SLAB, UNITS[:1], rooms, 18, 2)
    assert found.floors == (-2, -1, *range(1, 19))
    usual = [cell.shape for cell in on(found, 1)]
    assert [cell.shape for cell in on(found, 7)] == usual
    assert [cell.room for cell in on(found, 7)] == [10_701, None, 10_703, 10_704]
    # One room alone is a storey's own plan: it is as likely a large flat.
    assert [cell.room for cell in on(found, 8)] == [10_804]
    assert [cell.room for cell in on(found, -1)] == [None]


def test_a_storey_without_rooms_on_record_shows_its_units() -> None:
    found = stack(SLAB, UNITS, tower([1, 2], units=UNITS), 6, None)
    assert [(cell.unit, cell.room) for cell in on(found, 5)] == [(1, None), (2, None), (10, None)]
    west = [found.shapes[found.units[unit]].centroid.x for unit in (1, 2, 10)]
    assert west == sorted(west)  # 10 comes after 2


def test_rooms_that_cannot_be_where_they_are_said_to_be_are_listed_with_the_reason() -> None:
    rooms = [Room(1, 1, 0, "1"), Room(2, 1, 60, "6001"), Room(3, 1, -9, "B901"), Room(4, 77, 1, "101"),
             Room(5, 1, 21, "2101")]
    found = stack(SLAB, UNITS[:1], rooms, 18, 1)
    assert dict(found.unplaced) == {1: NO_FLOOR, 2: TOO_HIGH, 3: TOO_LOW, 4: NO_UNIT}
    assert found.floors[-1] == 21  # numbers leave out the 4th, 13th and 14th


def test_rooms_are_as_large_in_proportion_as_they_are_on_record() -> None:
    rooms = [Room(n, 1, floor, f"{floor}0{n % 10}", {1: 120.0, 2: 60.0}[n % 10]) for floor in (1, 2)
             for n in (floor * 10 + 1, floor * 10 + 2)]
    found = stack(SLAB, UNITS[:1], rooms, 2, None)
    large, small = (found.shapes[cell.shape].area for cell in on(found, 1))
    assert round(large / small, 6) == 2
    mistyped = [room._replace(area_m2=99_999.0) if room.number.endswith("1") else room for room in rooms]
    large, small = (stack(SLAB, UNITS[:1], mistyped, 2, None).shapes[cell.shape].area for cell in on(found, 1))
    assert round(large / small, 6) == 1


def test_entrances_tell_where_units_are_and_numbers_where_they_are_not_known() -> None:
    doors = [Unit(1, "1", (50.0, 0.0)), Unit(2, "2", (10.0, 0.0))]
    found = stack(SLAB, doors, [], 3, None)
    assert found.by_entrances
    assert found.shapes[found.units[1]].centroid.x > found.shapes[found.units[2]].centroid.x
    assert not stack(SLAB, [doors[0], Unit(2, "2")], [], 3, None).by_entrances


def test_numbers_sort_as_people_count() -> None:
    assert sorted(["10", "2", "1A", "1", "B1", "甲"], key=natural) == ["1", "1A", "2", "10", "B1", "甲"]


def test_a_room_is_in_the_first_state_that_is_true_of_it() -> None:
    for told, state in (
        (("residential", "owner", True, 2, True), "care"), (("residential", "owner", True, 2, False), "occupied"),
        (("office", "rented", True, 0, False), "business"), (("residential", "rented", False, 2, False), "unsurveyed"),
        (("residential", "unknown", True, 0, False), "unsurveyed"),
        (("residential", "unknown", True, 1, False), "occupied"),
        (("residential", "vacant", True, 0, False), "vacant"), (("residential", "vacant", True, 1, False), "occupied"),
        (("residential", "rented", True, 0, False), "rented"),
    ):
        assert occupancy.state(*told) == state
        assert state in occupancy.STATES
