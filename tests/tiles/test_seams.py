"""Both sides of a tile edge show the same; what is encoded is sound, however nasty what is on record is."""

from itertools import pairwise

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, box

from tests.fixtures.objects import GRID, Objects
from tests.tiles.drawn import TMS, features, world_shape
from tiles.matrix import EXTENT
from tiles.vector import Address

BUFFER = 64
PLACE = (117.02, 31.01)
ROUNDING = 2
"""Units by which the two sides may differ: vertices, and the points where an edge is cut, go to whole units."""

drawn = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
near = st.floats(-1.3, 1.3, allow_nan=False).map(lambda value: round(value**3, 5))
"""Sides of a tile from the middle of an edge, most of them close to it."""
sizes = st.floats(0.004, 1.2)
radii = st.lists(st.floats(0.05, 1), min_size=3, max_size=24)


def on_ground(shape: shapely.Geometry, where: Address) -> shapely.Geometry:
    """Return a shape given in sides of a tile from the middle of its eastern edge in degrees."""
    bounds = TMS.bounds(where.x, where.y, where.z)
    side, middle = bounds.right - bounds.left, (bounds.top + bounds.bottom) / 2
    return shapely.transform(shape, lambda points: [bounds.right, middle] + points * [side, side * 0.857])


def star(x: float, y: float, size: float, arms: list[float]) -> Polygon:
    """Return a star around a place, with one arm of a share of its size for each value."""
    turn = 2 * 3.141592653589793 / len(arms)
    spokes = [shapely.affinity.rotate(Point(x + size * arm, y), turn * n, (x, y), use_radians=True)
              for n, arm in enumerate(arms)]
    return Polygon([spoke.coords[0] for spoke in spokes])


stars = st.builds(star, near, near, sizes, radii)
lines = st.lists(st.tuples(near, near), min_size=2, max_size=12, unique=True).map(
    LineString).filter(lambda line: line.length > 0)


def put_area(objects: Objects, shape: shapely.Geometry) -> int:
    parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0]
    return objects.put("water", geometry=MultiPolygon(parts).wkt, **{"class": "lake"}, area_code=GRID[:12],
                       grid_code=GRID)


def put_line(objects: Objects, shape: LineString) -> int:
    return objects.put("road", geometry=MultiLineString([shape]).wkt, **{"class": "arterial"}, area_code=GRID[:12],
                       grid_code=GRID)


def put_point(objects: Objects, shape: Point) -> int:
    return objects.put("device", geometry=shape.wkt, kind="smoke", code=str(objects._keys), area_code=GRID[:12],
                       grid_code=GRID)


def assert_same_beside(connection: psycopg.Connection, name: str, west: Address) -> None:
    """Assert that a tile and its eastern neighbour show the same, but for rounding, of the strip that both hold."""
    edge = (west.x + 1) * EXTENT
    reach = BUFFER - ROUNDING
    strip = box(edge - reach, west.y * EXTENT - reach, edge + reach, (west.y + 1) * EXTENT + reach)
    one, other = (
        {feature["id"]: world_shape(feature, where) for feature in features(connection, name, where)}
        for where in (west, Address(west.z, west.x + 1, west.y))
    )
    for key in one.keys() | other.keys():
        here, there = one.get(key, Polygon()), other.get(key, Polygon())
        for this, that in ((here, there), (there, here)):
            beyond = this.intersection(strip).difference(that.buffer(ROUNDING))
            # A corner narrower than rounding may stand out.
            assert beyond.is_empty or shapely.minimum_bounding_radius(beyond) <= ROUNDING, key


def tile_at(z: int) -> Address:
    tile = TMS.tile(*PLACE, z)
    return Address(z, tile.x, tile.y)


@drawn
@given(st.sampled_from([8, 11, 13, 14, 16, 18]), st.lists(stars, min_size=1, max_size=4))
def test_areas_are_the_same_on_both_sides_of_a_tile_edge(objects: Objects, z: int, shapes: list[Polygon]) -> None:
    with objects.connection.transaction(force_rollback=True):
        for shape in shapes:
            assume(shape.is_valid)
            put_area(objects, on_ground(shape, tile_at(z)))
        assert_same_beside(objects.connection, "water", tile_at(z))


@drawn
@given(st.sampled_from([9, 12, 13, 14, 16, 18]), st.lists(lines, min_size=1, max_size=4))
def test_lines_are_the_same_on_both_sides_of_a_tile_edge(objects: Objects, z: int, shapes: list[LineString]) -> None:
    with objects.connection.transaction(force_rollback=True):
        for shape in shapes:
            put_line(objects, on_ground(shape, tile_at(z)))
        assert_same_beside(objects.connection, "roads", tile_at(z))


@drawn
@given(st.sampled_from([15, 18, 20]), st.lists(st.tuples(near, near).map(Point), min_size=1, max_size=20))
def test_points_are_the_same_on_both_sides_of_a_tile_edge(objects: Objects, z: int, shapes: list[Point]) -> None:
    with objects.connection.transaction(force_rollback=True):
        for shape in shapes:
            put_point(objects, on_ground(shape, tile_at(z)))
        assert_same_beside(objects.connection, "devices", tile_at(z))


def pieces_of(shape: Polygon, cuts: list[Polygon]) -> shapely.Geometry:
    """Return a shape with others cut out of it: holes, slivers, islands in holes, rings that touch."""
    for number, cut in enumerate(cuts):
        sound = shapely.make_valid(cut, method="structure", keep_collapsed=False)
        shape = shape.difference(sound) if number % 2 == 0 else shape.symmetric_difference(sound)
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


@drawn
@given(st.sampled_from([8, 10, 13, 14, 15]), stars, st.lists(stars, max_size=5))
def test_no_ring_is_broken_after_encoding_and_all_run_the_right_way(
    objects: Objects, z: int, shape: Polygon, cuts: list[Polygon]
) -> None:
    west = tile_at(z)
    whole = on_ground(pieces_of(shapely.make_valid(shape, method="structure", keep_collapsed=False), cuts), west)
    assume(whole.is_valid and not whole.is_empty)
    with objects.connection.transaction(force_rollback=True):
        put_area(objects, whole)
        for where in (west, Address(z, west.x + 1, west.y)):
            for feature in features(objects.connection, "water", where):
                assert_sound(feature["geometry"])


def assert_sound(geometry: dict) -> None:
    """Assert what MVT 2.1, 4.3.3.3, asks of polygons: outer rings of positive area, holes of negative, no crossing."""
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for outer, *holes in parts:
        assert surveyed(outer) > 0
        assert all(surveyed(hole) < 0 for hole in holes)
        assert Polygon(outer, holes).is_valid, shapely.is_valid_reason(Polygon(outer, holes))
    assert MultiPolygon([Polygon(outer, holes) for outer, *holes in parts]).is_valid


def surveyed(ring: list[tuple[int, int]]) -> int:
    """Return twice a closed ring's area by the surveyor's formula, y to the south."""
    return sum(x * y2 - x2 * y for (x, y), (x2, y2) in pairwise(ring))


def test_neighbours_keep_their_common_boundary_when_vertices_are_moved_to_pixels(objects: Objects) -> None:
    where = tile_at(10)
    wavy = [(0.3 + 0.003 * (n % 5), 0.4 - n * 0.004) for n in range(200)]
    left = Polygon([*wavy, (-0.4, wavy[-1][1]), (-0.4, wavy[0][1])])
    right = Polygon([*wavy, (0.9, wavy[-1][1]), (0.9, wavy[0][1])])
    for shape in (left, right):
        put_area(objects, on_ground(shapely.affinity.translate(shape, -0.7, 0), where))
    one, other = (world_shape(feature, where) for feature in features(objects.connection, "water", where))
    assert one.intersection(other).area == 0
    union = one.union(other)
    assert sum(len(part.interiors) for part in getattr(union, "geoms", [union])) == 0


@pytest.mark.parametrize(("z", "step"), [(13, 8), (14, 1)])
def test_vertices_are_on_pixels_below_zoom_14_and_on_units_from_there(objects: Objects, z: int, step: int) -> None:
    where = tile_at(z)
    shape = star(-0.5, 0.0, 0.3, [0.9, 0.31, 0.77, 0.42, 0.63, 0.88, 0.5, 0.97, 0.36])
    put_area(objects, on_ground(shape, where))
    (feature,) = features(objects.connection, "water", where)
    (ring,) = feature["geometry"]["coordinates"]
    found = {value % 8 for place in ring for value in place}
    assert found == {0} if step == 8 else len(found) > 3
