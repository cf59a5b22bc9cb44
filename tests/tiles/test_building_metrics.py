"""What tiles say of a building's people and homes, and what roles get who may not count them."""

import pytest

from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects
from tests.tiles.drawn import address, features
from tiles import class_counts
from tiles.classed import FEWEST_DWELLINGS, VACANCY_BREAKS
from tiles.layers import CLASSED, EXACT
from tiles.legends import legend

METRICS = ("residents", "density", "entry_rate", "vacancy")


def shown(objects: Objects, field_class: str, z: int = 16) -> dict:
    (found,) = features(objects.connection, "buildings", address(117.00525, 31.00525, z), field_class)
    return {name: found["properties"][name] for name in METRICS if name in found["properties"]}


def homes(objects: Objects, building_id: int, dwellings: int, vacant: int = 0) -> None:
    """Put dwellings on record, the first of them without a household."""
    unit_id = objects.put("unit", building_id=building_id, number="1", area_code=GRID[:12], grid_code=GRID)
    objects.connection.execute(
        "WITH room AS (INSERT INTO room (unit_id, building_id, floor, number, area_code, grid_code, source, "
        "source_key, content_hash) SELECT %(unit)s, %(building)s, 1, n, %(area)s, %(grid)s, 'test', 'r' || n, '' "
        "FROM generate_series(1, %(dwellings)s) AS n RETURNING id, number) "
        "INSERT INTO household (room_id, building_id, area_code, grid_code, source, source_key, content_hash) "
        "SELECT id, %(building)s, %(area)s, %(grid)s, 'test', 'h' || number, '' FROM room "
        "WHERE number::int > %(vacant)s",
        {"unit": unit_id, "building": building_id, "area": GRID[:12], "grid": GRID, "dwellings": dwellings,
         "vacant": vacant})


@pytest.mark.parametrize("z", [13, 16])
def test_a_tile_has_the_metrics_of_its_buildings_from_the_first_zoom_on(objects: Objects, z: int) -> None:
    building_id = objects.building(floors_above=1)
    homes(objects, building_id, dwellings=30, vacant=8)
    objects.room(building_id, residents=40, number="999")
    objects.declare(building_id, value=50)
    objects.connection.execute("UPDATE room SET tenure = 'owner', area_m2 = 50 WHERE number <> '1'")
    # 40 residents on 2,650 square metres; 30 of 50 rooms; 8 of 31 dwellings.
    assert shown(objects, EXACT, z) == {"residents": 40, "density": 15, "entry_rate": 60, "vacancy": 25}
    assert shown(objects, CLASSED, z) == {"residents": 10, "entry_rate": 60, "vacancy": 20}


def test_what_is_not_known_is_not_in_a_tile(objects: Objects) -> None:
    objects.building(floors_above=None)
    assert shown(objects, EXACT) == shown(objects, CLASSED) == {"residents": 0}


def test_in_classes_a_density_is_that_of_nobody_or_not_there(objects: Objects) -> None:
    building_id = objects.building()
    assert shown(objects, CLASSED) == {"residents": 0, "density": 0}
    for residents in (1, 5, 40):
        objects.room(building_id, residents=residents, number=str(residents))
        assert "density" not in shown(objects, CLASSED)


@pytest.mark.parametrize("dwellings", range(FEWEST_DWELLINGS, 70))
def test_a_class_of_vacancy_leaves_more_than_one_number_of_vacant_dwellings(dwellings: int) -> None:
    found = dict.fromkeys(VACANCY_BREAKS, 0)
    for vacant in range(dwellings + 1):
        found[max(low for low in VACANCY_BREAKS if low <= vacant * 100 // dwellings)] += 1
    assert min(found.values()) >= 2


def test_the_vacancy_of_few_dwellings_is_told_to_those_alone_who_may_count(objects: Objects) -> None:
    building_id = objects.building()
    homes(objects, building_id, dwellings=FEWEST_DWELLINGS - 1, vacant=FEWEST_DWELLINGS - 1)
    assert shown(objects, CLASSED) == {"residents": 0, "density": 0}
    assert shown(objects, EXACT)["vacancy"] == 100
    objects.room(building_id, number="999")
    assert shown(objects, CLASSED)["vacancy"] == 90


def test_classes_are_counted_as_tiles_are_coloured_within_the_jurisdiction(objects: Objects) -> None:
    for number, residents in enumerate([0, 0, 3, 12, 40]):
        building_id = objects.building(f"B{number}", west=117 + number * 0.001, use="office" if number else "school")
        objects.room(building_id, residents=residents)
    objects.building("B9", grid=OTHER_GRID, floors_above=None)

    def counted(metric: str, field_class: str = EXACT) -> tuple:
        found = class_counts.count(objects.connection, legend("buildings", metric, field_class), field_class)
        return found.classes, found.none

    assert counted("residents") == ((3, 1, 1, 1, 0, 0, 0), 0)
    assert counted("residents", CLASSED) == ((3, 1, 0, 2), 0)
    assert counted("floors") == ((0, 0, 5, 0, 0, 0, 0), 1)
    assert counted("density") == ((4, 1, 0, 0, 0, 0, 0), 1)
    assert counted("density", CLASSED) == ((2,), 4)
    assert counted("entry_rate") == ((0,) * 7, 6)
    assert counted("use") == ((1, 0, 4, 1, 0, 0, 0, 0, 0), 0)
    objects.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((OTHER_GRID,)).literal()])
    assert counted("residents") == ((1, 0, 0, 0, 0, 0, 0), 0)
