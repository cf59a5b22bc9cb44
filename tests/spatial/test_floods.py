"""Which alarms belong together, and how the health of alarms is judged."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from spatial.queries.alarms import grouping
from spatial.rules import alarm_health, floods
from spatial.rules.floods import Group, Place

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TO_WEB = Transformer.from_crs(4326, 3857, always_xy=True)

places = st.builds(
    Place, st.none() | st.integers(1, 4), st.sampled_from([None, "1", "2"]),
    st.floats(116.99, 117.01), st.floats(30.995, 31.005))


def place(building: int | None = None, unit: str | None = None, north_m: float = 0.0) -> Place:
    return Place(building, unit, 117.0, 31.0 + north_m / floods.METRES_A_DEGREE)


@given(st.lists(places, max_size=25), st.lists(places, max_size=6))
def test_every_alarm_joins_the_group_that_a_search_of_all_groups_finds(arrivals, heads) -> None:
    groups = [Group(number, head, NOW, NOW) for number, head in enumerate(heads)]
    found = floods.assign([(100 + n, spot) for n, spot in enumerate(arrivals)], groups, NOW)
    known = list(groups)
    for number, (spot, group) in enumerate(zip(arrivals, found, strict=True), 100):
        same = [g for g in known if spot.building_id is not None and g.place.building_id == spot.building_id]
        near = [g for g in known if spot.building_id is None and g.place.building_id is None
                and floods.distance(spot, g.place) <= floods.NEAR_M]
        if same:
            expected = min(same, key=lambda g: (g.place.unit != spot.unit, g.id)).id
        elif near:
            expected = min(near, key=lambda g, spot=spot: (floods.distance(spot, g.place), g.id)).id
        else:
            expected = number
            known.append(Group(number, spot, NOW, NOW))
        assert group.id == expected


@given(places, places)
def test_two_alarms_that_may_share_a_group_share_a_cell_and_so_a_lock(one, other) -> None:
    spots = [grouping.Spot(spot, *TO_WEB.transform(spot.lon, spot.lat)) for spot in (one, other)]
    first, second = floods.assign([(1, one), (2, other)], [], NOW)
    if first.id != second.id:
        return
    locks = [set(grouping.stripes([spot.place.building_id] if spot.place.building_id else [], spot.cells()))
             for spot in spots]
    assert locks[0] & locks[1]
    if one.building_id is None:  # found by its cell
        assert spots[1].cell in spots[0].cells()
        assert spots[0].cell in spots[1].cells()


@given(st.floats(-80, 80), st.floats(-0.003, 0.003), st.floats(-0.003, 0.003))
def test_distances_are_those_of_the_ellipsoid_within_one_in_a_hundred(lat, north, east) -> None:
    metres = floods.distance(Place(None, None, 10.0, lat), Place(None, None, 10.0 + east, lat + north))
    assert metres == pytest.approx(Geod(ellps="GRS80").inv(10.0, lat, 10.0 + east, lat + north)[2], rel=0.01, abs=1e-6)


def test_a_riser_goes_before_its_building_and_no_alarm_joins_what_is_elsewhere() -> None:
    groups = [Group(1, place(9), NOW, NOW), Group(2, place(7, "1"), NOW, NOW), Group(3, place(7, "2"), NOW, NOW),
              Group(4, place(), NOW, NOW)]
    arrivals = [(10, place(7, "2")), (11, place(7, "3", 900)), (12, place(8)), (13, place(None, None, 900)),
                (14, place(None, None, 100))]
    assert [group.id for group in floods.assign(arrivals, groups, NOW)] == [3, 2, 12, 13, 4]


@pytest.mark.parametrize(
    ("first", "last", "joined"), [(30, 5, True), (30, 5.1, False), (30.1, 1, False), (0, -0.1, True)])
def test_a_group_grows_for_half_an_hour_and_not_after_five_quiet_minutes(first, last, joined) -> None:
    group = Group(1, place(7), NOW - timedelta(minutes=first), NOW - timedelta(minutes=last))
    assert (floods.assign([(10, place(7))], [group], NOW)[0].id == 1) is joined


def test_ten_alarms_in_ten_minutes_are_a_flood_for_one_person_and_not_for_two() -> None:
    assert [floods.flooding(9), floods.flooding(10), floods.flooding(10, 2), floods.flooding(10, 0)] == [
        False, True, False, True]


def counted(**values) -> alarm_health.Counted:
    return alarm_health.Counted(**{"new": [0], "operators": 1, "standing": 0, "stale": 0, "chattering": 0,
                                   "late": 0, "top": 0, "severities": {}, "acknowledged_s": None, **values})


@given(st.lists(st.integers(0, 40), min_size=1, max_size=50), st.integers(0, 5))
def test_the_peak_is_no_lower_than_the_mean_and_a_share_is_a_share(new, operators) -> None:
    found = {figure.name: figure for figure in alarm_health.figures(counted(new=new, operators=operators))}
    assert found["rate_peak"].value >= found["rate_mean"].value
    assert 0 <= found["flood_share"].value <= 1
    assert (found["flood_share"].value > 0) is (max(new) >= 10 * max(1, operators))


def test_windows_without_alarms_count_as_none_and_what_cannot_be_judged_is_not() -> None:
    found = {figure.name: figure for figure in alarm_health.figures(counted(new=[12] + [0] * 143))}
    assert found["rate_mean"].value == pytest.approx(12 / 144)
    assert found["rate_mean"].met
    assert found["flood_share"].value == pytest.approx(1 / 144)
    assert found["acknowledge_mean"].met is None
    assert not found["rate_peak"].met
    (peak,) = [figure for figure in alarm_health.figures(counted(new=[10])) if figure.name == "rate_peak"]
    assert not peak.met, "ten are a flood"
    assert alarm_health.windows(NOW, NOW + timedelta(hours=24)) == 144
    assert alarm_health.windows(NOW, NOW + timedelta(minutes=10, seconds=1)) == 2
