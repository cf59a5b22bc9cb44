"""GCJ-02 and BD-09: where known positions are shifted to, and that every shift is undone."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import crs, crs_numbers, offsets
from spatial.errors import MappingError, SourceError
from spatial.types import Box

# Longitude and latitude in WGS 84, GCJ-02 and BD-09. Computed for this test with 40 digits from the public
# formula, in another program; prcoords 1.0.2, an implementation by others, gives the same to 2e-12 degrees.
POSITIONS = np.array([
    (116.3913, 39.9075, 116.3975411816, 39.9089012762, 116.4039139435, 39.9152446637),
    (121.4737, 31.2304, 121.4782230593, 31.2284577376, 121.4847814685, 31.2343105937),
    (113.2644, 23.1291, 113.2697295921, 23.1264233399, 113.2761507516, 23.1327112572),
    (114.0579, 22.5431, 114.0630139986, 22.5403828142, 114.069563987, 22.5460415591),
    (117.283, 31.8612, 117.2885210793, 31.8592041778, 117.2951007107, 31.8649141946),
    (114.3055, 30.5928, 114.3109448884, 30.5903905643, 114.3175126818, 30.5960999258),
    (120.5853, 31.2989, 120.5894774228, 31.2967153026, 120.5958792516, 31.3030188203),
    (104.0665, 30.5728, 104.0690049285, 30.5703457197, 104.0754809662, 30.5763563429),
    (108.9398, 34.3416, 108.9444556343, 34.3400444957, 108.9509014349, 34.3462741355),
    (87.6168, 43.8256, 87.61964994947, 43.8268053931, 87.62609977082, 43.8329497948),
    (91.1322, 29.6604, 91.13374332488, 29.6576795899, 91.14034276219, 29.663425674),
    (126.535, 45.8038, 126.5410403502, 45.8057815251, 126.5476592141, 45.8113958229),
    (102.8329, 24.8801, 102.8343161944, 24.8770307764, 102.8407629803, 24.8833301057),
    (110.3312, 20.0311, 110.335570844, 20.029053665, 110.3421186509, 20.0347295824),
    (105.0, 35.0, 105.0032862415, 34.9990986322, 105.0096668283, 35.0054036685),
    (75.9898, 39.4704, 75.99275499023, 39.470627026, 75.99926364706, 39.4765899091),
    (134.287, 48.364, 134.2946765791, 48.3663790436, 134.3010784242, 48.3726709304),
    (122.3465, 53.481, 122.3539994437, 53.4830237951, 122.3606015667, 53.4887435256),
    (109.5, 18.2, 109.50411611, 18.198349618, 109.5106532705, 18.2040260181),
    (73.6, 39.4, 73.6030676501, 39.3999956708, 73.60965763284, 39.4058642793),
    (88.5158, 37.048, 88.51821202033, 37.047914464, 88.52475800724, 37.0537530938),
    (96.5673, 39.1372, 96.56756205088, 39.1375824506, 96.57409175184, 39.1435515497),
    (112.1689, 20.2935, 112.1740105837, 20.2912602093, 112.180508837, 20.297332338),
    (74.8032, 47.3114, 74.80630298668, 47.3121304001, 74.81292675715, 47.3179718871),
    (89.8206, 26.2016, 89.82241322802, 26.1980014621, 89.82900873455, 26.2037392586),
    (134.7343, 34.4592, 134.7397807383, 34.4583185121, 134.7462459455, 34.4645206465),
    (125.0241, 34.6724, 125.0293104073, 34.6715917777, 125.0357140502, 34.6779073537),
    (112.9832, 23.2716, 112.9884199879, 23.2689178493, 112.9949723799, 23.2746090839),
    (112.7265, 48.3816, 112.7346060267, 48.3832882807, 112.7412626812, 48.3889708814),
    (105.9141, 43.9438, 105.9186813462, 43.9454000182, 105.9252729238, 43.9512299769),
    (114.9561, 20.2411, 114.960521247, 20.238689352, 114.9669442104, 20.2450312278),
    (120.252, 38.6885, 120.257289093, 38.6893119146, 120.2637275297, 38.6955379376),
    (92.3773, 19.0854, 92.3782967898, 19.0837895749, 92.3847765545, 19.089907014),
    (126.7972, 34.5462, 126.8019143988, 34.5452056442, 126.8084434779, 34.5510456861),
    (117.8483, 48.7584, 117.8559170773, 48.7601023035, 117.8623346804, 48.7663466261),
    (117.5619, 50.2385, 117.5698580804, 50.2397354614, 117.576343402, 50.2457260895),
])
WGS84, GCJ02, BD09 = POSITIONS[:, :2], POSITIONS[:, 2:4], POSITIONS[:, 4:]
ROUNDING_M = 1e-4
"""The positions are written with ten decimals or less."""

mainland = st.lists(st.tuples(st.floats(73.5, 135), st.floats(18, 53.5)), min_size=1, max_size=20).map(np.array)
boxed = st.lists(st.tuples(st.floats(offsets.BOX.west, offsets.BOX.east),
                           st.floats(offsets.BOX.south, offsets.BOX.north)), min_size=1, max_size=20).map(np.array)
abroad = st.tuples(st.one_of(st.floats(-180, offsets.BOX.west - 0.1), st.floats(offsets.BOX.east + 0.1, 180)),
                   st.floats(-85, 85)).map(lambda point: np.array([point]))


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the largest distance between positions, metres."""
    metres = (one - other) * crs_numbers.METRES_OF_A_DEGREE
    metres[:, 0] *= np.cos(np.radians(one[:, 1]))
    return float(np.hypot(metres[:, 0], metres[:, 1]).max())


def test_known_positions_are_shifted_to_where_another_program_shifts_them():
    assert apart(offsets.gcj02_from_wgs84(WGS84), GCJ02) < ROUNDING_M
    assert apart(offsets.bd09_from_gcj02(GCJ02), BD09) < ROUNDING_M
    assert apart(offsets.bd09_from_wgs84(WGS84), BD09) < ROUNDING_M


def test_known_positions_come_back_within_the_stated_bounds():
    assert apart(offsets.wgs84_from_gcj02(GCJ02), WGS84) < offsets.GCJ02_INVERSE_M
    assert apart(offsets.gcj02_from_bd09(BD09), GCJ02) < offsets.BD09_INVERSE_M
    assert apart(offsets.wgs84_from_bd09(BD09), WGS84) < offsets.BD09_INVERSE_M


@given(boxed)
def test_every_shift_is_undone_within_the_stated_bounds(points):
    shifted = offsets.gcj02_from_wgs84(points)
    assert apart(offsets.wgs84_from_gcj02(shifted), points) < offsets.GCJ02_INVERSE_M
    assert apart(offsets.gcj02_from_bd09(offsets.bd09_from_gcj02(shifted)), shifted) < offsets.BD09_INVERSE_M
    assert apart(offsets.wgs84_from_bd09(offsets.bd09_from_wgs84(points)), points) < offsets.BD09_INVERSE_M


@given(mainland)
def test_shifting_what_was_undone_gives_it_again(points):
    assert apart(offsets.gcj02_from_wgs84(offsets.wgs84_from_gcj02(points)), points) < offsets.GCJ02_INVERSE_M
    assert apart(offsets.bd09_from_wgs84(offsets.wgs84_from_bd09(points)), points) < offsets.BD09_INVERSE_M


@given(mainland)
def test_a_shift_is_as_long_as_the_docstring_says(points):
    for point in points[:, np.newaxis]:
        assert 1 < apart(offsets.gcj02_from_wgs84(point), point) < 720
        assert 500 < apart(offsets.bd09_from_wgs84(point), point) < 1530


@given(abroad)
def test_nothing_is_shifted_outside_the_box(point):
    for function in (offsets.gcj02_from_wgs84, offsets.wgs84_from_gcj02, offsets.bd09_from_gcj02,
                     offsets.gcj02_from_bd09, offsets.bd09_from_wgs84, offsets.wgs84_from_bd09):
        assert (function(point) == point).all()


def test_what_is_no_number_stays_what_it_is():
    points = np.array([[np.nan, 30.0], [np.inf, -np.inf], [116.3913, 39.9075]])
    back = offsets.wgs84_from_gcj02(offsets.gcj02_from_wgs84(points))
    assert (back[:2] == points[:2]).tolist() == [[False, True], [True, True]]
    assert apart(back[2:], points[2:]) < offsets.GCJ02_INVERSE_M
    assert offsets.wgs84_from_bd09(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.shared_data
def test_chinese_cities_of_public_map_services_agree_within_a_metre(shared_data):
    cities = json.loads((shared_data / "suites" / "gcoord" / "china-cities.json").read_text(encoding="utf-8"))
    wgs84, gcj02, bd09 = (np.array([city["coords"][name] for city in cities], float)
                          for name in ("WGS84", "GCJ02", "BD09"))
    assert len(cities) == 664
    assert apart(offsets.bd09_from_gcj02(gcj02), bd09) < 0.02
    assert apart(offsets.gcj02_from_bd09(bd09), gcj02) < 0.02
    # All of them lie 0.67 m to the south-west of the formula: the service that gave them adds a constant.
    for there, back in ((offsets.gcj02_from_wgs84(wgs84), gcj02), (offsets.wgs84_from_gcj02(gcj02), wgs84),
                        (offsets.wgs84_from_bd09(bd09), wgs84)):
        assert apart(there, back) < crs.IDENTITY_ACCURACY_M


@pytest.mark.parametrize(("text", "title", "points"), [
    ("gcj02", "GCJ-02", GCJ02), ("GCJ-02", "GCJ-02", GCJ02), ("bd09", "BD-09", BD09), (" BD-09 ", "BD-09", BD09)])
def test_the_names_on_the_command_line_bring_positions_back(text, title, points):
    route = crs.route(crs.reference(text))
    assert apart(route.transform(points), WGS84) < offsets.BD09_INVERSE_M
    assert not route.identical
    assert (route.reference.title, route.accuracy_m) == (title, 1.0)
    assert "taken as that of WGS 84" in route.operation


@pytest.mark.parametrize("text", ["gcj02mc", "BD09MC", "bd09ll", "gcj02+EPSG:3857"])
def test_a_projected_form_of_shifted_coordinates_is_refused(text):
    with pytest.raises(MappingError, match="GCJ-02 and BD-09 have degrees only"):
        crs.reference(text)


def test_metres_under_a_shifted_system_are_refused():
    with pytest.raises(SourceError, match="GCJ-02 has degrees only, never metres"):
        crs_numbers.check_coordinates(crs.reference("gcj02"), Box(12_950_000, 4_850_000, 12_960_000, 4_860_000))


def test_a_shifted_system_abroad_is_refused():
    with pytest.raises(SourceError, match="Read as BD-09 the coordinates lie near longitude 2.35, latitude 48.85"):
        crs_numbers.check_area(crs.reference("bd09"), Box(2.3, 48.8, 2.4, 48.9))
    crs_numbers.check_area(crs.reference("gcj02"), Box(117.2, 31.8, 117.3, 31.9))


@pytest.mark.parametrize(("other", "differs"), [("gcj02", False), ("EPSG:4326", True), ("EPSG:4490", True),
                                                ("bd09", True)])
def test_shifted_coordinates_contradict_every_other_system(other, differs):
    box = Box(117.2, 31.8, 117.3, 31.9)
    assert crs_numbers.contradict(crs.reference("gcj02"), crs.reference(other), box) is differs
    assert crs_numbers.contradict(crs.reference(other), crs.reference("gcj02"), box) is differs
