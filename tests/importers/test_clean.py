"""Geometries: every fault with its place, nothing repaired, stored form."""

import struct

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers import clean, concepts
from importers.source import typical_box
from importers.stray import Surroundings
from spatial import crs, crs_earth, crs_numbers
from tests.importers.files import bow_tie, square

BUILDINGS, UNITS, ROADS, FACILITIES = (concepts.find(name) for name in ("buildings", "units", "roads", "facilities"))
DEGREES = crs.reference("EPSG:4490")
METRES = crs.reference("EPSG:4547")
HOLE = shapely.Polygon([(117, 31), (118, 31), (118, 32), (117, 32)],
                       [[(119, 31), (119.1, 31), (119.1, 31.1), (119, 31.1)]])


def ring(points: list[tuple[float, float]]) -> bytes:
    """Return WKB of a polygon, closed with its first point; shapely itself refuses odd numbers."""
    closed = np.array([*points, points[0]], "<f8")
    return struct.pack("<BIII", 1, 3, 1, len(closed)) + closed.tobytes()


def check(concept, *shapes, reference=DEGREES):
    wkb = [shape if isinstance(shape, bytes | None) else shapely.to_wkb(shape) for shape in shapes]
    geometries, faults, _ = clean.check(concept, pa.array(wkb, pa.binary()), 1, reference)
    return geometries, [(fault.row, fault.reason, fault.message) for fault in faults]


def test_one_curve_rejects_its_own_row_only():
    curve = struct.pack("<BII", 1, 8, 3) + np.array([[117, 31], [117.1, 31.1], [117.2, 31]], "<f8").tobytes()
    geometries, faults = check(ROADS, shapely.LineString([(117, 31), (118, 31)]), curve, None)
    assert geometries[0].geom_type == "LineString"
    assert [(row, reason) for row, reason, _ in faults] == [(2, "unreadable-geometry"), (3, "no-geometry")]
    assert typical_box(pa.array([curve, shapely.to_wkb(shapely.Point(117, 31))], pa.binary())) == (117, 31, 117, 31)


def store(concept, *shapes, reference=DEGREES):
    geometries, faults = check(concept, *shapes, reference=reference)
    assert faults == []
    ewkb, faults = clean.reproject(concept, geometries, 1, crs.route(reference))
    return shapely.from_wkb(ewkb.to_pylist()), [(fault.row, fault.reason, fault.message) for fault in faults]


@pytest.mark.parametrize(("concept", "shape", "kind"), [
    (BUILDINGS, square(117, 31), "MultiPolygon"),
    (BUILDINGS, shapely.multipolygons([square(117, 31), square(118, 31)]), "MultiPolygon"),
    (ROADS, shapely.LineString([(117, 31), (118, 31)]), "MultiLineString"),
    (UNITS, shapely.Point(117, 31, 50), "Point"),
    (UNITS, shapely.MultiPoint([(117, 31)]), "Point"),
    (FACILITIES, shapely.LineString([(117, 31), (118, 31)]), "LineString"),
    (FACILITIES, shapely.GeometryCollection([shapely.Point(117, 31)]), "GeometryCollection"),
])
def test_geometries_become_what_the_table_stores(concept, shape, kind):
    stored, faults = store(concept, shape)
    assert faults == []
    assert (stored[0].geom_type, stored[0].has_z, shapely.get_srid(stored[0])) == (kind, False, 4490)
    assert stored[0].bounds == shape.bounds


@pytest.mark.parametrize(("shape", "reason", "words"), [
    (None, "no-geometry", "footprint is missing"),
    (shapely.Polygon(), "empty-geometry", "footprint is empty"),
    (shapely.Point(117, 31), "wrong-geometry-type", "footprint is a Point; buildings need Polygon or MultiPolygon"),
    (bow_tie(114.05681, 22.5426), "invalid-geometry", "footprint crosses itself at 114.05731, 22.54310 (EPSG:4490)"),
    (HOLE, "invalid-geometry", "footprint has a hole outside its edge at 119.00000, 31.00000 (EPSG:4490)"),
    (square(179.9995, 31), "out-of-range",
     "footprint reaches to 180.00050, 31.00000 (EPSG:4490), beyond longitude ±180 or latitude ±85.05"),
    (square(117, 86), "out-of-range",
     "footprint reaches to 117.00100, 86.00100 (EPSG:4490), beyond longitude ±180 or latitude ±85.05"),
    (b"not a geometry", "unreadable-geometry",
     "footprint cannot be read: it has an open ring, is a curve, or its bytes are damaged"),
])
def test_each_fault_names_its_place_and_reason(shape, reason, words):
    geometries, faults = check(BUILDINGS, square(117, 31), shape)
    assert len(faults) == 1
    assert faults[0][:2] == (2, reason)
    assert faults[0][2].replace("86.00000", "86.00100") == words
    assert geometries[0] is not None
    assert geometries[1] is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_coordinate_may_be_infinite_or_no_number(value, place):
    points = [[117, 31], [118, 31], [118, 32], [117, 32]]
    points[place + 1][1] = value
    geometries, faults = check(BUILDINGS, ring(points))
    assert [fault[1] for fault in faults] == ["not-finite"]
    assert geometries[0] is None


def test_an_open_ring_is_refused_without_an_error():
    raw = bytearray(shapely.to_wkb(square(117, 31)))
    raw[-16:-8] = np.float64(118).tobytes()
    assert [fault[1] for fault in check(BUILDINGS, bytes(raw))[1]] == ["unreadable-geometry"]


def test_what_may_be_missing_may_be_empty():
    geometries, faults = check(UNITS, None, shapely.Point(), shapely.Point(117, 31))
    assert faults == []
    assert [geometry is None for geometry in geometries] == [True, True, False]


def test_metres_become_degrees_and_places_stay_in_the_files_own_coordinates():
    stored, faults = store(BUILDINGS, shapely.box(500_000, 2_500_000, 500_010, 2_500_010), reference=METRES)
    assert faults == []
    assert stored[0].bounds[:2] == pytest.approx((114.0, 22.597823), abs=1e-6)
    _, faults = check(BUILDINGS, bow_tie(500_000, 2_500_000, 10), reference=METRES)
    assert faults == [(1, "invalid-geometry", "footprint crosses itself at 500005.00, 2500005.00 (EPSG:4547), "
                       "114.00005, 22.59787 (EPSG:4490)")]


def test_coordinates_where_a_projection_does_not_reach_are_refused():
    stored, faults = store(BUILDINGS, square(5e9, 5e9, 10), square(500_000, 2_500_000, 10), reference=METRES)
    assert [fault[:2] for fault in faults] == [(1, "out-of-range")]
    assert "does not reach" in faults[0][2]
    assert stored[0] is None
    assert stored[1] is not None


numbers = st.floats(allow_nan=True, allow_infinity=True)
points = st.tuples(st.one_of(numbers, st.floats(-181, 181)), st.one_of(numbers, st.floats(-91, 91)))


@given(st.lists(st.lists(points, min_size=3, max_size=8), min_size=1, max_size=5))
def test_whatever_the_ring_the_result_is_storable_or_a_fault(rings):
    geometries, faults = check(BUILDINGS, *map(ring, rings))
    ewkb, more = clean.reproject(BUILDINGS, geometries, 1, crs.route(DEGREES))
    assert more == []
    assert {fault[0] for fault in faults} == {row for row, raw in enumerate(ewkb.to_pylist(), 1) if raw is None}
    for raw in ewkb.to_pylist():
        if raw is not None:
            stored = shapely.from_wkb(raw)
            assert stored.is_valid
            assert crs.storable(shapely.get_coordinates(stored)).all()


@given(st.binary(max_size=80))
def test_whatever_the_bytes_nothing_breaks(raw):
    geometries, faults = check(FACILITIES, raw)
    assert (geometries[0] is None) == (len(faults) == 1)


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_a_new_head_before_the_bytes_gives_the_same_bytes_as_writing_the_geometry_anew(holes, high, trailing):
    def shape(count):
        inner = [shapely.box(i / 10, 0.1, i / 10 + 0.05, 0.2).exterior for i in range(1, count + 1)]
        flat = shapely.Polygon(shapely.box(0, 0, 1, 1).exterior, inner)
        return shapely.force_3d(flat) if high else flat

    raw = [None if count is None else shapely.to_wkb(shape(count)) + b"x" * trailing for count in holes]
    column = pa.array(raw, pa.binary())
    geometries, _, _ = clean.check(BUILDINGS, column, 1, DEGREES)
    quick, _ = clean.reproject(BUILDINGS, geometries.copy(), 1, crs.route(DEGREES), column)
    slow, _ = clean.reproject(BUILDINGS, geometries.copy(), 1, crs.route(DEGREES))
    assert quick.to_pylist() == slow.to_pylist()


@pytest.mark.parametrize(("concept", "reference", "others", "shape", "words"), [
    (UNITS, DEGREES, [shapely.Point(117, 31)], shapely.Point(0, 0),
     "entrance lies at 0, 0 (EPSG:4490), and no other rows near there: 0 stands where no position was known; correct "
     "it, or leave the position empty"),
    (UNITS, DEGREES, [], shapely.Point(0, 0), "entrance lies at 0, 0"),
    (UNITS, DEGREES, [shapely.Point(117, 31)] * 30, shapely.Point(1e-6, 0),
     "entrance lies at 0.000001, 0 (EPSG:4490)"),
    (UNITS, DEGREES, [shapely.Point(117, 31)], shapely.Point(0.3, 0.2), "entrance lies at 0.3, 0.2"),
    (UNITS, DEGREES, [shapely.Point(117, 31)], shapely.Point(0, 31), "entrance lies at 0, 31 (EPSG:4490)"),
    (UNITS, DEGREES, [shapely.Point(117, 31)], shapely.Point(117, 0), "entrance lies at 117, 0 (EPSG:4490)"),
    (BUILDINGS, DEGREES, [], square(0, 0), "footprint has a corner at 0, 0"),
    (BUILDINGS, METRES, [], square(0, 0, 20), "footprint has a corner at 0, 0"),
    (UNITS, METRES, [shapely.Point(500_000, 2_500_000)], shapely.Point(0, 0), "entrance lies at 0, 0 (EPSG:4547)"),
    (BUILDINGS, DEGREES, [square(117, 31)], shapely.Polygon([(0, 0), (117, 31), (117.001, 31)]),
     "footprint has a corner at 0, 0 (EPSG:4490), and no other rows near there: 0 stands where no position was "
     "known; correct it, or leave the row out"),
    (BUILDINGS, METRES, [], shapely.Polygon([(500_000, 2_500_000), (500_010, 2_500_000), (0, 0)]),
     "footprint has a corner at 0, 0 (EPSG:4547)"),
    (ROADS, DEGREES, [], shapely.LineString([(117, 31), (0, 0)]), f"{ROADS.outline} has a corner at 0, 0"),
])
def test_zeros_in_place_of_a_position_are_no_place(concept, reference, others, shape, words):
    geometries, faults = check(concept, *others, shape, reference=reference)
    assert [fault[:2] for fault in faults] == [(len(others) + 1, "null-island")]
    assert faults[0][2].startswith(words)
    assert [geometry is None for geometry in geometries] == [False] * len(others) + [True]


@pytest.mark.parametrize(("reference", "size", "west", "south"), [
    (crs.reference("+proj=tmerc +lat_0=31.2 +lon_0=121.4 +ellps=GRS80 +towgs84=0,0,0"), 50, 0, 0),
    (DEGREES, 0.001, 0, 51.478), (DEGREES, 0.001, 109.3, 0)])
def test_a_city_at_the_origin_of_its_system_or_on_a_line_of_0_is_taken(reference, size, west, south):
    """A sandbox may show any city, and the grid of a city's survey may begin in its middle."""
    shapes = [square(west + x * size, south + y * size, size) for x in range(-2, 3) for y in range(-2, 3)]
    assert check(BUILDINGS, *shapes, reference=reference)[1] == []
    points = [*(shape.centroid for shape in shapes), shapely.Point(west, south)]
    assert check(UNITS, *points, reference=reference)[1] == []


@given(st.lists(st.sampled_from([(0.0, 0.0), (1e-6, 0.0), (0.3, 0.2)]), min_size=1, max_size=20),
       st.floats(1e-5, 0.01))
def test_rows_near_zero_never_vouch_for_themselves_or_for_each_other(corners, size):
    """What is rejected is rejected again when it comes back alone in its reject file."""
    assert len(check(UNITS, *(shapely.Point(*corner) for corner in corners))[1]) == len(corners)
    assert len(check(BUILDINGS, *(square(*corner, size) for corner in corners))[1]) == len(corners)


ONE_ZERO = st.sampled_from([(0.0, 31.0), (117.0, 0.0), (-1e-12, 31.9), (100.0, 0.0)])


@given(st.lists(ONE_ZERO, min_size=1, max_size=20), st.integers(1, 20))
def test_rows_with_one_zero_never_vouch_for_each_other_among_rows_without(corners, others):
    points = [*(shapely.Point(*corner) for corner in corners), *[shapely.Point(117, 31)] * others]
    assert [fault[0] for fault in check(UNITS, *points)[1]] == list(range(1, len(corners) + 1))


@given(st.lists(ONE_ZERO, min_size=1, max_size=20))
def test_where_every_row_has_one_zero_nothing_tells_what_it_means(corners):
    assert check(UNITS, *(shapely.Point(*corner) for corner in corners))[1] == []


def test_zeros_do_not_decide_about_the_file_that_they_stand_in():
    points = [shapely.to_wkb(shapely.Point(*xy)) for xy in [(39_500_000, 2_500_000)] * 3 + [(0, 0)]]
    assert typical_box(pa.array(points, pa.binary())) == (39_500_000, 2_500_000, 39_500_000, 2_500_000)
    assert typical_box(pa.array(points[3:], pa.binary())) == (0, 0, 0, 0)


GOOD = [shapely.Point(500_000 + 13 * n, 3_526_000 + 7 * n) for n in range(80)]
CM117 = crs.reference("EPSG:4548")


def stray(reference, shapes, home=None, override=False):
    """Return the faults of rows as a file, row number and reason, and the messages."""
    wkb = pa.array([shapely.to_wkb(shape) for shape in shapes], pa.binary())
    way, box = crs.route(reference), typical_box(wkb)
    if not override:
        crs_numbers.check_coordinates(reference, box)
        crs_numbers.check_area(reference, box)
    around = Surroundings.of(way, box, home, override)
    geometries, faults, _ = clean.check(UNITS, wkb, 1, reference, around=around)
    ewkb, more = clean.reproject(UNITS, geometries, 1, way, wkb, around)
    faults += more
    assert [row + 1 for row, one in enumerate(ewkb.to_pylist()) if one is None] == sorted(one.row for one in faults)
    return [(one.row, one.reason) for one in faults], " ".join(one.message for one in faults)


@pytest.mark.parametrize(("point", "reason", "words"), [
    ((117.28, 31.86), "far-away", "lies at 117.28, 31.86, which look like degrees among coordinates in EPSG:4548"),
    ((3_526_000, 500_000), "wrong-axis", "among the others with x and y exchanged"),
    ((52_497.9, 3_526_000), "far-away", "3° outside longitudes 115.5 to 118.5, latitudes 22.6 to 49.88"),
    ((500_000, 352_701), "far-away", "lies at 500000, 352701 (EPSG:4548), more than 3° outside"),
    ((500_000, 0), "far-away", "look for a digit"), ((39_500_000, 3_526_000), "far-away", "more than 3° outside")])
def test_a_slip_of_the_pen_in_metres_rejects_its_row_and_no_other(point, reason, words):
    found, said = stray(CM117, [*GOOD, *[shapely.Point(point)] * 5])
    assert found == [(row, reason) for row in range(81, 86)]
    assert words in said
    assert stray(CM117, [*GOOD, shapely.Point(point)], override=True)[0] == [(81, reason)]


@pytest.mark.parametrize(("point", "reason"), [
    ((31.2, 117.3), "wrong-axis"), ((17.28, 31.2), "far-away"), ((117.28, 3.12), "far-away"),
    ((-117.28, 31.2), "far-away"), ((117.28, -31.2), "far-away")])
@pytest.mark.parametrize("system", ["EPSG:4490", "EPSG:4326", "gcj02"])
def test_a_slip_of_the_pen_in_degrees_rejects_its_row_also_when_it_comes_back_alone(system, point, reason):
    """GCJ-02 and the wrong order are refused as a file then."""
    reference, good = crs.reference(system), [shapely.Point(117.2 + n / 1000, 31.2) for n in range(80)]
    assert stray(reference, [*good, shapely.Point(point)])[0] == [(81, reason)]
    if system != "gcj02" and reason == "far-away":
        assert stray(reference, [shapely.Point(point)], home=(117.0, 31.0))[0] == [(1, reason)]
        assert stray(reference, [shapely.Point(point)], home=(117.0, 31.0), override=True)[0] == []


@pytest.mark.parametrize(("system", "points"), [
    ("EPSG:4490", [(4.3, 52.0), (4.4, 52.1), (5.9, 43.0)]), ("EPSG:4326", [(-71.4, 41.8), (-157.8, 21.3), (179.9, 52)]),
    ("EPSG:4490", [(75.9, 39.4), (110.3, 18.2), (134.0, 48.3), (121.5, 25.0)]), ("EPSG:3857", [(-7.9e6, 5.1e6)]),
    ("EPSG:3832", [(-1e6, 0), (3_000_000, 10)]), ("EPSG:28992", [(85_000, 446_000), (250_000, 590_000)])])
def test_what_is_spread_over_a_country_or_lies_in_another_one_is_taken(system, points):
    assert stray(crs.reference(system), [shapely.Point(point) for point in points])[0] == []


@given(st.lists(st.tuples(st.floats(115.5, 118.5), st.floats(22.6, 49.88)), min_size=1, max_size=10))
def test_no_row_in_its_zone_is_far_away(places):
    points = crs_earth.back(crs.route(CM117), np.array(places))
    assert stray(CM117, list(shapely.points(points)))[0] == []
