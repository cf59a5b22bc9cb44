"""Coordinate systems: where known places land, what is refused, and what numbers look like."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import crs, crs_numbers
from spatial.errors import MappingError, SourceError
from spatial.types import Box

METRE = 1 / 111_320
"""One metre of latitude, degrees."""


# PROJ takes a quarter of a second to find a way; a property asks for the same one a hundred times.
@functools.cache
def way(text: str) -> crs.Route:
    return crs.route(crs.reference(text))


def stored(text: str, x: float, y: float) -> tuple[float, float]:
    return tuple(way(text).transform(np.array([[x, y]]))[0])


def near(expected: tuple[float, float], metres: float) -> object:
    return pytest.approx(expected, abs=metres * METRE)


def dutch(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a point of the Dutch grid, within half a metre.

    Polynomials of Schreutelkamp and Strang van Hees, "Benaderingsformules voor de transformatie tussen
    RD- en WGS84-kaartcoördinaten", NGT Geodesia 2001-2.
    """
    a, b = (x - 155_000) * 1e-5, (y - 463_000) * 1e-5
    north = (3235.65389 * b - 32.58297 * a**2 - 0.24750 * b**2 - 0.84978 * a**2 * b - 0.06550 * b**3
             - 0.01709 * a**2 * b**2 - 0.00738 * a + 0.00530 * a**4 - 0.00039 * a**2 * b**3
             + 0.00033 * a**4 * b - 0.00012 * a * b)
    east = (5260.52916 * a + 105.94684 * a * b + 2.45656 * a * b**2 - 0.81885 * a**3 + 0.05594 * a * b**3
            - 0.05607 * a**3 * b + 0.01199 * b - 0.00256 * a**3 * b**2 + 0.00128 * a * b**4)
    return 5.38720621 + east / 3600, 52.15517440 + north / 3600


def meridian_arc(latitude: float, axis: float = 6_378_137.0, flattening: float = 1 / 298.257222101) -> float:
    """Return metres from the equator along a meridian, by Simpson's rule; by default on the CGCS2000 ellipsoid."""
    square = flattening * (2 - flattening)
    angles = np.linspace(0, math.radians(latitude), 2001)
    radius = axis * (1 - square) / (1 - square * np.sin(angles) ** 2) ** 1.5
    weights = np.ones(2001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return float((radius * weights).sum() * (angles[1] - angles[0]) / 3)


def test_delft_lands_in_delft():
    # The axis of the tower of the New Church; without a transformation of datum it lies 109 m off.
    assert stored("EPSG:7415", 84_450, 447_480) == near(dutch(84_450, 447_480), 1.0)


def test_hong_kong_lands_in_hong_kong():
    # Origin of the grid, 22°18'43.68" N 114°10'42.80" E on its own datum; the Survey and Mapping Office gives
    # 5.5" less latitude and 8.8" more longitude for WGS 84 ("Explanatory Notes on Geodetic Datums", 1995).
    latitude = 22 + 18 / 60 + (43.68 - 5.5) / 3600
    longitude = 114 + 10 / 60 + (42.80 + 8.8) / 3600
    assert stored("EPSG:2326", 836_694.05, 819_069.80) == near((longitude, latitude), 3.0)


def test_providence_stays_where_it_is_within_the_accuracy_that_is_said():
    route = crs.route(crs.reference("EPSG:4269"))
    assert tuple(route.transform(np.array([[-71.4128, 41.8240]]))[0]) == near((-71.4128, 41.8240), 2.0)
    assert route.accuracy_m >= 1.0


@pytest.mark.parametrize(("latitude", "zone"), [(18.0, 37), (31.86, 39), (53.0, 42)])
def test_gauss_krueger_lies_on_its_meridian_with_and_without_zone_number(latitude, zone):
    northing, meridian = meridian_arc(latitude), 3.0 * zone
    without = f"EPSG:{4534 + zone - 25}"
    assert stored(without, 500_000, northing) == near((meridian, latitude), 0.001)
    assert stored(f"EPSG:{4488 + zone}", zone * 1e6 + 500_000, northing) == near((meridian, latitude), 0.001)
    assert crs.route(crs.reference(without)).accuracy_m == 0


def test_six_degree_zones_have_their_own_codes():
    assert stored("EPSG:4498", 20_500_000, meridian_arc(31.0)) == near((117.0, 31.0), 0.001)


def test_what_is_cgcs2000_or_wgs84_is_stored_as_it_is():
    for text, accuracy in (("EPSG:4490", 0.0), ("EPSG:4480", 0.0), ("EPSG:4326", 1.0), ("OGC:CRS84", 1.0)):
        route = crs.route(crs.reference(text))
        assert route.identical, text
        assert route.accuracy_m == accuracy


@pytest.mark.parametrize("text", ["EPSG:4214", "EPSG:2422", "EPSG:21418", "EPSG:4555", "EPSG:4610", "EPSG:2349",
                                  "EPSG:2390"])
def test_datums_without_a_public_transformation_are_refused_by_name(text):
    with pytest.raises(SourceError, match=r"stands on the datum (Beijing 1954|New Beijing|Xian 1980)") as caught:
        crs.route(crs.reference(text))
    assert "+towgs84" in caught.value.cure


def test_the_names_that_another_program_writes_are_recognised_too():
    text = ('PROJCS["Xian_1980_3_Degree_GK_CM_114E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",'
            '6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
            'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],'
            'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]')
    with pytest.raises(SourceError, match="datum Xian 1980"):
        crs.route(crs.reference_of_file(text))
    good = text.replace("D_Xian_1980", "D_China_2000").replace("6378140.0,298.257", "6378137.0,298.257222101")
    route = crs.route(crs.reference_of_file(good))
    assert tuple(route.transform(np.array([[500_000, meridian_arc(22.5)]]))[0]) == near((114, 22.5), 0.001)


AXIS, SQUARE = 6_378_245.0, 2 / 298.3 - 1 / 298.3**2
"""Axis and squared eccentricity of Krassovsky's ellipsoid."""


def helmert(longitude: float, latitude: float, seven: tuple[float, ...]) -> tuple[float, float]:
    """Bring degrees on Krassovsky's ellipsoid to WGS 84 by seven parameters, height 0.

    Position vector transformation (EPSG guidance note 7-2, method 9606): metres, seconds of arc, parts per
    million. Back from the centre of the Earth by Bowring's formula (Survey Review 23, 1976).
    """
    turn, rise = math.radians(longitude), math.radians(latitude)
    radius = AXIS / math.sqrt(1 - SQUARE * math.sin(rise) ** 2)
    point = np.array([radius * math.cos(rise) * math.cos(turn), radius * math.cos(rise) * math.sin(turn),
                      radius * (1 - SQUARE) * math.sin(rise)])
    a, b, c = (math.radians(second / 3600) for second in seven[3:6])
    rotation = np.array([[1, -c, b], [c, 1, -a], [-b, a, 1]])
    x, y, z = np.array(seven[:3]) + (1 + seven[6] * 1e-6) * rotation @ point
    axis, square = 6_378_137.0, 2 / 298.257223563 - 1 / 298.257223563**2
    short, flat = axis * math.sqrt(1 - square), math.hypot(x, y)
    angle = math.atan2(z * axis, flat * short)
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(
        z + square / (1 - square) * short * math.sin(angle) ** 3, flat - square * axis * math.cos(angle) ** 3))


@settings(deadline=None)
@given(st.floats(73, 135), st.floats(16, 54))
def test_seven_parameters_are_applied_as_the_textbook_says(longitude, latitude):
    seven = (15.8, -154.4, -82.3, 0.31, -0.22, 1.05, -4.7)
    text = "+proj=longlat +ellps=krass +towgs84=" + ",".join(map(str, seven))
    assert stored(text, longitude, latitude) == near(helmert(longitude, latitude, seven), 0.001)
    assert math.dist(stored(text, longitude, latitude), (longitude, latitude)) / METRE > 1


def test_a_grid_of_beijing_54_with_seven_parameters_lands_where_the_textbook_says():
    seven = (15.8, -154.4, -82.3, 0.31, -0.22, 1.05, -4.7)
    text = "+proj=tmerc +lon_0=114 +x_0=38500000 +ellps=krass +towgs84=" + ",".join(map(str, seven))
    northing = meridian_arc(22.5, AXIS, 1 / 298.3)
    assert stored(text, 38_500_000, northing) == near(helmert(114, 22.5, seven), 0.001)
    with pytest.raises(SourceError, match="datum Beijing 1954"):
        crs.route(crs.reference("EPSG:2435"))


def test_parameters_of_a_survey_bureau_are_used():
    parameters = "+proj=tmerc +lon_0=114 +x_0=500000 +ellps=krass +towgs84={}"
    here = stored(parameters.format("1,0,0,0,0,0,0"), 500_000, 2_500_000)
    moved = stored(parameters.format("101,-100,0,0,0,0,0"), 500_000, 2_500_000)
    # 51 m to the west, which are 55 m of latitude in degrees, and 51 m to the north.
    assert math.dist(here, moved) / METRE == pytest.approx(75, abs=1)
    with pytest.raises(SourceError, match="No transformation"):
        crs.route(crs.reference(parameters.split(" +towgs84")[0]))


def test_a_system_of_ones_own_is_called_what_was_typed_and_the_former_way_to_write_a_code_is_understood():
    text = "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +towgs84=15.8,-154.4,-82.3,0.31,-0.22,1.05,-4.7"
    own = way(text)
    assert own.reference.title == own.reference.label == text
    assert own.operation == ("moved by parameters given with it (15.8,-154.4,-82.3,0.31,-0.22,1.05,-4.7); "
                             "WGS 84 taken as CGCS2000")
    assert "unknown" not in crs.reference_of_file(own.reference.crs.to_wkt()).title
    assert crs.reference("+init=epsg:4548") == crs.reference("EPSG:4548")


@pytest.mark.parametrize("ellps", ["krass", "IAU76", "krass +a=6378245 +rf=298.3"])
@pytest.mark.parametrize(("given", "words"), [("0,0,0", "say nothing"), ("0,0,0,0,0,0,0", "say nothing"),
                                              ("15.8,-154.4,-82.3", "only three")])
def test_parameters_of_nothing_are_none(ellps, given, words):
    with pytest.raises(SourceError, match=words) as caught:
        crs.route(crs.reference(f"+proj=tmerc +lon_0=117 +x_0=39500000 +ellps={ellps} +towgs84={given}"))
    assert f"--crs '+proj=tmerc +lon_0=117 +x_0=39500000 +ellps={ellps.split()[0]} +towgs84=dx" in caught.value.cure


@pytest.mark.parametrize(("text", "words"), [
    ("EPSG:2384", "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=IAU76 +towgs84=dx"),
    ("EPSG:2363", "+proj=tmerc +lon_0=117 +x_0=39500000 +ellps=IAU76 +towgs84=dx"),
    ("EPSG:2436", "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +towgs84=dx"),
    ("EPSG:21420", "+proj=tmerc +lon_0=117 +x_0=20500000 +ellps=krass +towgs84=dx"),
    ("EPSG:4610", "+proj=longlat +ellps=IAU76 +towgs84=dx")])
def test_the_advice_names_the_meridian_and_the_ellipsoid_of_the_system(text, words):
    with pytest.raises(SourceError) as caught:
        crs.route(crs.reference(text))
    assert words in caught.value.cure
    typed = words.replace("dx", "15.8,-154.4,-82.3,0.31,-0.22,1.05,-4.7")
    assert crs.route(crs.reference(typed)).reference.crs.is_bound


@pytest.mark.parametrize("text", ["EPSG:1", "gcj", "", "+proj=nothing", "4326x"])
def test_a_system_that_nobody_knows_is_refused(text):
    with pytest.raises(MappingError, match="is not a coordinate system"):
        crs.reference(text)


UNDEFINED = ('ENGCRS["Undefined Cartesian SRS with unknown unit",EDATUM["Unknown engineering datum"],CS[Cartesian,2],'
             'AXIS["x",unspecified],AXIS["y",unspecified],LENGTHUNIT["unknown",0]]')


@pytest.mark.parametrize("text", [None, "", UNDEFINED])
def test_a_file_with_an_undefined_system_has_none(text):
    assert crs.reference_of_file(text) is None


@pytest.mark.parametrize(("text", "box", "words"), [
    ("EPSG:4547", Box(38_436_100, 3.4e6, 38_437_100, 3.5e6), "38 is a zone number, which EPSG:4547 has not"),
    ("EPSG:4526", Box(436_100, 3.4e6, 437_100, 3.5e6), "Type --crs EPSG:4547"),
    ("EPSG:4498", Box(436_100, 3.4e6, 437_100, 3.5e6), "zone number 20 that EPSG:4498 .*Type --crs EPSG:4548"),
    # Of 3° and 6° zones each has its own numbers; what is meant is told by them.
    ("EPSG:4526", Box(39_436_100, 3.4e6, 39_437_100, 3.5e6), "39 is a zone .* is 38.*--crs EPSG:4527"),
    ("EPSG:4498", Box(39_436_100, 3.4e6, 39_437_100, 3.5e6), "39 is a zone .* is 20.*3° .*--crs EPSG:4527"),
    ("EPSG:4527", Box(20_436_100, 3.4e6, 20_437_100, 3.5e6), "20 is a zone .* is 39.*6° .*--crs EPSG:4498"),
    ("EPSG:4509", Box(20_436_100, 3.4e6, 20_437_100, 3.5e6), "20 is a zone number, which EPSG:4509 has not.*EPSG:4498"),
    ("EPSG:4490", Box(31.8, 117.2, 31.9, 117.3), "has degrees.*exchange x and y with --swap-axes"),
    ("EPSG:4490", Box(436_100, 3.4e6, 437_100, 3.5e6), "has degrees"),
])
def test_coordinates_that_contradict_their_system_are_refused_with_what_to_type(text, box, words):
    with pytest.raises(SourceError, match=words):
        crs_numbers.check_coordinates(crs.reference(text), box)


@pytest.mark.parametrize("text", ["EPSG:4547", "EPSG:4526", "EPSG:3857", "EPSG:2326", "EPSG:32650", "EPSG:2229"])
def test_degrees_under_a_system_on_a_plane_are_refused_with_what_to_type(text):
    with pytest.raises(SourceError, match=f"{text} has .*(metre|foot)s on a plane") as caught:
        crs_numbers.check_coordinates(crs.reference(text), Box(117.27, 31.85, 117.29, 31.87))
    assert "--crs EPSG:4490" in caught.value.cure


def test_kilometres_on_a_plane_are_no_degrees():
    crs_numbers.check_coordinates(crs.reference("+proj=utm +zone=50 +units=km +type=crs"), Box(166, 10, 170, 20))


@pytest.mark.parametrize(("text", "box", "words"), [
    ("EPSG:28992", Box(1_520_000, 460_000, 1_521_000, 461_000), "longitudes 3.2 to 7.22"),
    ("EPSG:4547", Box(500_000, 100_000, 501_000, 101_000), "near longitude 114.00, latitude 0.91"),
    ("EPSG:4269", Box(117.2, 31.8, 117.3, 31.9), "that system|it is a system for longitudes 167.65 to -40.73"),
])
def test_coordinates_far_outside_the_area_of_their_system_are_refused(text, box, words):
    with pytest.raises(SourceError, match=words):
        crs_numbers.check_area(crs.reference(text), box)


@pytest.mark.parametrize(("text", "box"), [
    ("EPSG:4490", Box(-74.1, 40.6, -73.9, 40.8)), ("EPSG:4326", Box(-180, -85, 180, 85)),
    ("EPSG:3857", Box(13e6, 3.4e6, 13.1e6, 3.5e6)), ("EPSG:4547", Box(800_000, 3.4e6, 801_000, 3.5e6)),
    ("EPSG:4269", Box(172.9, 52.8, 173.1, 53.0)), ("EPSG:2326", Box(836_000, 819_000, 837_000, 820_000)),
    ("+proj=tmerc +lon_0=114 +x_0=500000 +ellps=krass +towgs84=0,0,0", Box(5e5, 1e5, 5.1e5, 1.1e5)),
])
def test_coordinates_in_or_near_the_area_of_their_system_pass(text, box):
    crs_numbers.check_area(crs.reference(text), box)


@pytest.mark.parametrize(("one", "other", "apart"), [
    ("EPSG:4490", "EPSG:4326", False), ("EPSG:4326", "EPSG:4490", False), ("EPSG:4547", "EPSG:4547", False),
    ("EPSG:4547", "EPSG:4548", True), ("EPSG:4490", "EPSG:4547", True), ("EPSG:4547", "EPSG:2435", True),
    # Parameters for a datum without: the same projection is believed, another one is not.
    ("+proj=tmerc +lon_0=114 +x_0=500000 +ellps=krass +towgs84=15,-120,-60,0,0,0,0", "EPSG:2435", False),
    ("+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +towgs84=15,-120,-60,0,0,0,0", "EPSG:2435", True),
])
def test_two_systems_contradict_each_other_where_they_put_a_point_at_two_places(one, other, apart):
    box = Box(500_000, 3.4e6, 501_000, 3.5e6) if "4326" not in one + other else Box(117, 31, 117.1, 31.1)
    assert crs_numbers.contradict(crs.reference(one), crs.reference(other), box) is apart


def test_coordinates_that_fit_pass():
    crs_numbers.check_coordinates(crs.reference("EPSG:4526"), Box(38_436_100, 3.4e6, 38_437_100, 3.5e6))
    crs_numbers.check_coordinates(crs.reference("EPSG:4547"), Box(436_100, 3.4e6, 437_100, 3.5e6))
    crs_numbers.check_coordinates(crs.reference("EPSG:4326"), Box(-180, -90, 180, 90))
    crs_numbers.check_coordinates(crs.reference("EPSG:3857"), Box(13e6, 3.4e6, 13.1e6, 3.5e6))


@given(st.floats(73, 135), st.floats(16, 54))
def test_a_guess_names_the_zone_that_a_point_of_the_country_was_projected_to(longitude, latitude):
    zone = round(longitude / 3)
    if not 25 <= zone <= 45:
        return
    projected = crs.route(crs.reference(f"EPSG:{4488 + zone}"))._transformer.transform(
        longitude, latitude, direction="INVERSE")
    box = Box(projected[0] - 1, projected[1] - 1, projected[0] + 1, projected[1] + 1)
    assert f"--crs EPSG:{4488 + zone}" in crs_numbers.guess(box)
    assert "EPSG:4490" in crs_numbers.guess(Box(longitude, latitude, longitude, latitude))


@pytest.mark.parametrize("box", [Box(31.8, 117.2, 31.9, 117.3), Box(39.4, 75.9, 39.5, 76.0),
                                 Box(3.4e6, 436_100, 3.5e6, 437_100), Box(3.4e6, 38_436_100, 3.5e6, 38_437_100)])
def test_y_before_x_is_told_and_the_right_order_is_not(box):
    assert "exchange x and y" in crs_numbers.guess(box)
    right = Box(box.south, box.west, box.north, box.east)
    assert crs_numbers.swapped(box)
    assert not crs_numbers.swapped(right)
    assert "exchange" not in crs_numbers.guess(right)


def test_degrees_in_china_may_be_those_of_a_public_map():
    assert "--crs gcj02 if they come from AMap or Tencent, --crs bd09" in crs_numbers.guess(Box(117, 31, 118, 32))
    assert "gcj02" not in crs_numbers.guess(Box(2, 48, 3, 49))


def test_only_what_the_map_can_draw_may_be_stored():
    points = np.array([[180, 85.05], [180.1, 0], [0, 85.06], [np.nan, 0], [0, np.inf], [-180, -85.05]])
    assert crs.storable(points).tolist() == [True, False, False, False, False, True]
