"""What is nearest: the same as looking at everything, by an index, and only within the jurisdiction."""

import re
from datetime import UTC, datetime, timedelta
from math import hypot

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from spatial.queries import nearest
from spatial.rules import ellipsoid
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

GEOD = Geod(a=ellipsoid.SEMI_MAJOR_M, f=ellipsoid.FLATTENING)
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

# Some 4 by 4 km: the radius matters.
lon, lat = st.floats(117.0, 117.04).map(lambda x: round(x, 6)), st.floats(31.0, 31.036).map(lambda y: round(y, 6))
thing = st.tuples(lon, lat, st.booleans(), st.one_of(st.none(), st.integers(-2, 30).filter(bool)))


def within(connection: psycopg.Connection, *prefixes: str) -> None:
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope(prefixes).literal()])


def level(floor: int | None) -> int:
    return 0 if floor is None else floor if floor < 0 else floor - 1


@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(thing, max_size=40), st.tuples(lon, lat), st.one_of(st.none(), st.integers(1, 30)))
def test_the_nearest_are_those_that_looking_at_all_would_find(objects: Objects, things, here, floor) -> None:
    connection = objects.connection
    connection.execute("SAVEPOINT example")
    within(connection, "*")
    for n, (x, y, mine, storey) in enumerate(things):
        grid = GRID if mine else OTHER_GRID
        objects.device(f"C{n}", lon=x, lat=y, grid=grid, kind="camera", floor=storey)
        objects.device(f"S{n}", lon=x, lat=y, grid=grid, kind="smoke", floor=storey)
        objects.put("facility", geometry=f"POINT({x} {y})", code=f"H{n}", class_code="0113", area_code=grid[:12],
                    grid_code=grid)
    within(connection, COMMUNITY)
    flat = {n: GEOD.inv(*here, x, y)[2] for n, (x, y, mine, _) in enumerate(things) if mine}
    near = {n: metres for n, metres in flat.items() if metres <= 2000}
    high = {n: hypot(metres, 3 * abs(level(things[n][3]) - level(floor))) for n, metres in near.items()}
    cameras = nearest.cameras(connection, *here, floor, 3)
    hydrants = nearest.facilities(connection, "hydrant", *here, 3)
    for found, code, metres in ((cameras, "C", high), (hydrants, "H", near)):
        expected = sorted(metres.values())[:3]
        assert [metres[int(one.code.removeprefix(code))] for one in found] == pytest.approx(expected, abs=1e-3)
        for one in found:
            assert one.metres == pytest.approx(near[int(one.code[1:])], abs=1e-3)
    for one in hydrants:
        azimuth = GEOD.inv(*here, one.lon, one.lat)[0] % 360
        assert one.bearing_deg is None or min(abs(one.bearing_deg - azimuth), 360 - abs(one.bearing_deg - azimuth)) < .1
    connection.execute("ROLLBACK TO SAVEPOINT example")


def test_a_shelter_is_as_far_as_its_nearest_edge(objects: Objects) -> None:
    ring = shapely.box(117.010, 31.0, 117.020, 31.010)
    objects.put("facility", geometry=ring.wkt, code="P1", class_code="0501", area_code=GRID[:12], grid_code=GRID)
    outside, inside = (nearest.facilities(objects.connection, "shelter", x, 31.005, 3)[0] for x in (117.005, 117.015))
    assert outside.metres == pytest.approx(GEOD.inv(117.005, 31.005, 117.010, 31.005)[2], abs=0.1)
    assert (outside.lon, outside.lat) == pytest.approx((117.010, 31.005), abs=1e-6)
    assert outside.bearing_deg == pytest.approx(90, abs=0.1)
    assert (inside.metres, inside.bearing_deg) == (0, None)


def test_a_hydrant_that_is_damaged_or_missing_helps_nobody(objects: Objects) -> None:
    for n, state in enumerate(("damaged", "missing", "normal")):
        objects.put("facility", geometry=f"POINT({117.001 + n / 1000} 31.0)", code=f"H{n}", class_code="0113",
                    state=state, area_code=GRID[:12], grid_code=GRID)
    found = nearest.facilities(objects.connection, "hydrant", 117.0, 31.0, 3)
    assert [one.code for one in found] == ["H2"]


def test_a_city_says_which_of_its_classes_are_hydrants(shared_database, objects: Objects) -> None:
    owner = shared_database.connect("owner")
    owner.execute("INSERT INTO facility_class (code, name, name_en, role) "
                  "VALUES ('0777', '消防水鹤', 'Standpipe', 'hydrant')")
    Objects(owner).put("facility", geometry="POINT(117 31)", code="W1", class_code="0777", area_code=GRID[:12],
                       grid_code=GRID)
    assert [one.code for one in nearest.facilities(owner, "hydrant", 117.0, 31.0, 3)] == ["W1"]
    owner.rollback()


def test_keepers_seen_lately_come_first(objects: Objects) -> None:
    for n, (east, minutes) in enumerate(((0.001, 120), (0.005, 3), (0.003, 2), (0.1, 1))):
        keeper = objects.keeper(f"{GRID[:12]}{n:03d}")
        objects.connection.execute(
            "UPDATE keeper SET position = ST_SetSRID(ST_MakePoint(%s, 31.0), 4490), position_at = %s WHERE id = %s",
            [117 + east, NOW - timedelta(minutes=minutes), keeper])
    objects.keeper(OTHER_GRID)
    found = nearest.keepers(objects.connection, 117.0, 31.0, 5, NOW - timedelta(minutes=10))
    assert [one.code[-3:] for one in found] == ["002", "001", "000"], "nobody beyond 2 km, nobody never seen"
    assert found[0].metres == pytest.approx(GEOD.inv(117.0, 31.0, 117.003, 31.0)[2], abs=1e-3)


SCANS = re.compile(r"Index Scan using \w+ on|Bitmap Index Scan on \w+ ")

FILL = """
INSERT INTO facility (code, class_code, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'F' || n, CASE WHEN n %% 1000 = 0 THEN '0113' ELSE '0118' END,
       ST_SetSRID(ST_MakePoint(117 + (n %% 200) * 0.0001 + CASE WHEN n %% 1000 = 0 THEN 0.2 ELSE 0 END,
                               31 + n / 200 * 0.0001), 4490), %(area)s, %(grid)s, 'test', 'f' || n, ''
FROM generate_series(1, 40000) AS n;
INSERT INTO device (code, kind, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'D' || n, CASE WHEN n %% 500 = 0 THEN 'camera' ELSE 'smoke' END,
       ST_SetSRID(ST_MakePoint(117 + (n %% 200) * 0.0001, 31 + n / 200 * 0.0001), 4490), %(area)s, %(grid)s, 'test',
       'd' || n, ''
FROM generate_series(1, 20000) AS n
"""


def test_the_nearest_of_a_rare_kind_are_found_by_their_own_index_under_row_security(database) -> None:
    owner = database.connect("superuser", autocommit=True)
    owner.execute("SET session_replication_role = replica")
    with psycopg.ClientCursor(owner) as cursor:
        cursor.execute(FILL, {"area": GRID[:12], "grid": GRID})
    owner.execute("ANALYZE facility, device")
    connection = database.connect("app", Scope((COMMUNITY,)))
    values = {"lon": 117.01, "lat": 31.01, "web_m": 2400.0, "limit": 16, "role": "hydrant"}
    for statement, index in ((nearest.FACILITIES, "facility_class_code_geom_web_idx"),
                             (nearest.CAMERAS, "device_camera_idx")):
        plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values))
        # In the order of distance, or, where few are near, all within the radius.
        assert {f"Index Scan using {index} on", f"Bitmap Index Scan on {index} "} & set(SCANS.findall(plan)), plan
        assert not re.search(r"Seq Scan on (facility|device) |(facility|device)_geom_web_idx", plan), plan
    assert nearest.facilities(connection, "hydrant", 117.01, 31.01, 3) == []
    assert len(nearest.cameras(connection, 117.01, 31.01, None, 3)) == 3
