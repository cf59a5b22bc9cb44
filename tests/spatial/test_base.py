"""The base of a building: what its file said, else the ground, else nothing."""

import shutil

from spatial import migrate
from tests.fixtures.objects import Objects, square


def test_a_base_of_zero_from_before_was_not_known_and_others_were_given(bare_database, tmp_path):
    for path in migrate.VERSIONS.glob("000[1-5]_*.py"):
        shutil.copy(path, tmp_path)
    migrate.upgrade(bare_database.addresses.owner, versions=tmp_path)
    connection = bare_database.connect("worker")
    objects = Objects(connection)
    objects.room(objects.building("A"), residents=1)
    objects.building("B", base_m=12.5)
    connection.commit()
    migrate.upgrade(bare_database.addresses.owner)
    assert bare_database.connect().execute(
        "SELECT code, base_given_m, ground_m, base_m FROM building ORDER BY code").fetchall() == [
        ("A", None, None, 0), ("B", 12.5, None, 12.5)]


def test_a_building_that_moves_forgets_its_ground_and_one_that_is_renamed_does_not(objects: Objects):
    building, connection = objects.building(ground_m=20.5), objects.connection

    def base() -> tuple:
        return connection.execute("SELECT ground_m, base_m FROM building WHERE id = %s", [building]).fetchone()

    assert base() == (20.5, 20.5)
    connection.execute("UPDATE building SET name = 'x', footprint = ST_GeomFromEWKT(ST_AsEWKT(footprint))")
    assert base() == (20.5, 20.5)
    connection.execute("UPDATE building SET base_given_m = 3")
    assert base() == (20.5, 3)
    connection.execute("UPDATE building SET footprint = ST_Multi(ST_GeomFromText(%s, 4490))", [square(117.1, 31, 0.01)])
    assert base() == (None, 3)
