"""Who sees and writes which rows."""

import psycopg
import pytest

from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, OTHER_GRID, Objects

SEEN = "SELECT code FROM building ORDER BY code"


def set_scope(connection: psycopg.Connection, scope: Scope) -> None:
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [scope.literal()])


@pytest.fixture
def two_places(objects: Objects) -> Objects:
    objects.building("HERE", grid=GRID)
    objects.building("THERE", west=117.5, grid=OTHER_GRID)
    objects.building("NOWHERE", west=118.5, grid="0" * 15)
    return objects


@pytest.mark.parametrize(
    ("prefixes", "codes"),
    [
        ((), []),
        (("*",), ["HERE", "NOWHERE", "THERE"]),
        (("999001",), ["HERE", "THERE"]),
        (("999001001001",), ["HERE"]),
        ((GRID,), ["HERE"]),
        ((GRID, OTHER_GRID), ["HERE", "THERE"]),
        (("999001001001002",), []),
        (("998",), []),
    ],
)
def test_a_jurisdiction_sees_exactly_its_own_buildings(two_places: Objects, prefixes, codes) -> None:
    set_scope(two_places.connection, Scope(prefixes))
    assert [row[0] for row in two_places.connection.execute(SEEN)] == codes


def test_a_setting_left_empty_by_an_earlier_transaction_sees_nothing(database: OwnDatabase) -> None:
    writer = Objects(database.connect("worker", autocommit=True))
    writer.building()
    connection = database.connect("app", scope=Scope.nothing(), autocommit=True)
    connection.execute("RESET shapan.scope")
    with connection.transaction():
        set_scope(connection, Scope.everything())
        assert connection.execute("SELECT count(*) FROM building").fetchone()[0] == 1
    assert connection.execute("SELECT current_setting('shapan.scope', true)").fetchone()[0] == ""
    assert connection.execute("SELECT count(*) FROM building").fetchone()[0] == 0


def test_a_row_outside_the_jurisdiction_cannot_be_written(objects: Objects) -> None:
    set_scope(objects.connection, Scope((GRID,)))
    objects.building("MINE", grid=GRID)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        objects.building("THEIRS", grid=OTHER_GRID)


def test_a_unit_cannot_be_attached_to_a_building_outside_the_jurisdiction(two_places: Objects) -> None:
    connection = two_places.connection
    theirs = connection.execute("SELECT id FROM building WHERE code = 'THERE'").fetchone()[0]
    set_scope(connection, Scope((GRID,)))
    with pytest.raises(psycopg.errors.ForeignKeyViolation), connection.transaction():
        two_places.put("unit", building_id=theirs, number="1", area_code=GRID[:12], grid_code=GRID)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        two_places.put("unit", building_id=theirs, number="1", area_code=OTHER_GRID[:12], grid_code=OTHER_GRID)


def test_the_spatial_index_serves_a_tile_under_row_security(objects: Objects) -> None:
    connection = objects.connection
    connection.execute(
        "INSERT INTO building (code, footprint, area_code, grid_code, source, source_key, content_hash) "
        "SELECT 'B' || n, ST_Multi(ST_MakeEnvelope(117 + n * 1e-4, 31, 117.00005 + n * 1e-4, 31.001, 4490)), "
        "%s, %s, 'test', n::text, '' FROM generate_series(1, 5000) AS n", [GRID[:12], GRID],
    )
    connection.execute("ANALYZE building")
    set_scope(connection, Scope((GRID[:12],)))
    plan = "\n".join(
        row[0] for row in connection.execute(
            "EXPLAIN SELECT id FROM building WHERE geom_web && "
            "ST_Transform(ST_MakeEnvelope(117.1, 31, 117.11, 31.01, 4326), 3857)"
        )
    )
    assert "building_geom_web_idx" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("wkt", "why"),
    [
        ("MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))", "crosses itself"),
        ("MULTIPOLYGON EMPTY", "is empty"),
        ("MULTIPOLYGON(((0 86, 1 86, 1 87, 0 86)))", "is beyond Web Mercator"),
        ("MULTIPOLYGON(((181 0, 182 0, 182 1, 181 0)))", "is beyond the date line"),
        ("MULTIPOLYGON(((NaN 0, 1 0, 1 1, NaN 0)))", "is not a number"),
        ("MULTIPOLYGON(((Infinity 0, 1 0, 1 1, Infinity 0)))", "is infinite"),
    ],
)
def test_the_database_refuses_a_footprint_that(objects: Objects, wkt: str, why: str) -> None:
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.InternalError)):
        objects.put("building", geometry=wkt, column="footprint", code="B1", area_code=GRID[:12], grid_code=GRID)


def test_a_grid_code_of_another_community_is_refused(objects: Objects) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="place"):
        objects.put("building", geometry="MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))", column="footprint", code="B1",
                    area_code=GRID[:12], grid_code=OTHER_GRID)


def test_two_versions_of_a_grid_cannot_be_in_force_at_once(objects: Objects) -> None:
    first = objects.grid()
    objects.connection.execute(
        "UPDATE grid SET valid_from = '2026-01-01', valid_to = '2026-06-01' WHERE id = %s", [first]
    )
    second = objects.grid()
    objects.connection.execute("UPDATE grid SET valid_from = '2026-06-01' WHERE id = %s", [second])
    with pytest.raises(psycopg.errors.ExclusionViolation):
        objects.grid()
