"""Pages of features: which, in which order, and how they are counted."""

import psycopg
import pytest
from psycopg import sql

from spatial.queries import features
from spatial.queries.features import CRS84, Condition, Source, Wanted
from spatial.types import Box
from tests.fixtures.objects import Objects

BUILDINGS = Source("building", "building", "footprint", (("code", "building.code"), ("height_m", "building.height_m")))


def codes(found: list[features.Feature]) -> list[str]:
    return [feature.properties["code"] for feature in found]


@pytest.mark.parametrize(("box", "expected"), [
    (Box(117.0, 31.0, 117.1, 31.1), ["MIDDLE"]),
    (Box(170.0, -90.0, -170.0, 90.0), ["EAST", "WEST"]),
    (Box(-180.0, -90.0, 180.0, 90.0), ["EAST", "MIDDLE", "WEST"]),
    (Box(-1e300, -1e300, 1e300, 1e300), ["EAST", "MIDDLE", "WEST"]),
    (Box(-200.0, -90.0, -190.0, 90.0), []),
    (Box(0.0, 86.0, 10.0, 90.0), []),
])
def test_a_box_may_cross_the_date_line_and_reach_beyond_the_map(
    connection: psycopg.Connection, objects: Objects, box: Box, expected: list[str]
) -> None:
    for code, west in (("MIDDLE", 117.05), ("EAST", 179.9), ("WEST", -179.95)):
        objects.building(code, west=west, south=31.05, grid="0" * 15)
    found = features.page(connection, BUILDINGS, Wanted((features.in_box(BUILDINGS, box),), order=(("code", False),)))
    assert codes(found) == expected


def test_a_box_is_looked_up_in_the_index_of_what_is_drawn(connection: psycopg.Connection) -> None:
    connection.execute("SET LOCAL enable_seqscan = off")
    condition = features.in_box(BUILDINGS, Box(117.0, 31.0, 117.01, 31.01))
    plan = connection.execute(
        sql.SQL("EXPLAIN SELECT id FROM building WHERE {}").format(condition.text), condition.values).fetchall()
    assert any("building_geom_web_idx" in line for line, in plan)


def test_features_of_one_order_come_by_id_so_that_pages_do_not_overlap(
    connection: psycopg.Connection, objects: Objects
) -> None:
    for number in range(7):
        objects.building(f"B{number}", height_m=9.0)
    pages = [features.page(connection, BUILDINGS, Wanted(order=(("building.height_m", True),), limit=3, offset=offset))
             for offset in (0, 3, 6, 9)]
    assert [codes(page) for page in pages] == [["B0", "B1", "B2"], ["B3", "B4", "B5"], ["B6"], []]


def test_only_what_is_asked_for_is_read(connection: psycopg.Connection, objects: Objects) -> None:
    objects.building("B1")
    plain = features.page(connection, BUILDINGS, Wanted(columns=("height_m",), crs=None))[0]
    assert (plain.geometry, plain.properties) == (None, {"height_m": 18.0})
    drawn = features.page(connection, BUILDINGS, Wanted(crs=CRS84))[0]
    assert drawn.geometry["coordinates"][0][0][0] == [117.005, 31.005]


def test_a_count_that_takes_too_long_is_left_out_and_the_transaction_goes_on(
    connection: psycopg.Connection, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.building("B1")
    assert features.count(connection, BUILDINGS, []) == 1
    none = Condition(sql.SQL("building.code = {}").format(sql.Placeholder()), ("B2",))
    assert features.count(connection, BUILDINGS, [none]) == 0
    monkeypatch.setattr(features, "COUNTS_WITHIN_MS", 50)
    endless = Source("building CROSS JOIN generate_series(1, 1000000000)", "building", "footprint", ())
    assert features.count(connection, endless, []) is None
    assert connection.execute("SELECT count(*) FROM building").fetchone() == (1,)
