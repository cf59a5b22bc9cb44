"""Coordinate systems of files: what is claimed with which evidence, and what is not."""

import numpy as np
import psycopg
import pyproj
import pytest
import shapely

from importers.inspection import systems
from importers.inspection.record import Record
from importers.inspection.sample import Sample
from spatial import offsets
from spatial.types import Box
from tests.fixtures.objects import square

COMMUNITY = "999001001001"
CORNERS = np.random.default_rng(5).uniform((117.0, 31.0), (117.02, 31.01), (60, 2))
"""Where buildings stand on record: corners in no pattern, degrees."""


def sample(shapes: list[shapely.Geometry]) -> Sample:
    geometries = np.array(shapes, object)
    bounds = shapely.bounds(geometries)
    return Sample(len(shapes), True, {}, geometries,
                  Box(*map(float, (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)))))


def footprints(shift=lambda points: points) -> Sample:
    return sample([shapely.transform(shapely.box(x, y, x + 0.0003, y + 0.0002), shift) for x, y in CORNERS])


def to(code: int):
    forward = pyproj.Transformer.from_crs(4490, code, always_xy=True)
    return lambda points: np.column_stack(forward.transform(*points.T))


@pytest.fixture
def record(connection: psycopg.Connection, objects) -> Record:
    """Return a record with one community and 60 buildings."""
    objects.put("area", geometry=square(116.995, 30.995, 0.03), code=COMMUNITY, level="community", name="望江社区",
                area_code=COMMUNITY, grid_code=COMMUNITY + "000")
    for number, (x, y) in enumerate(CORNERS):
        outline = shapely.MultiPolygon([shapely.box(x, y, x + 0.0003, y + 0.0002)])
        objects.put("building", geometry=outline.wkt, column="footprint", code=f"B{number}", area_code=COMMUNITY,
                    grid_code=COMMUNITY + "000")
    return Record(connection)


@pytest.mark.parametrize(("option", "shift"), [("gcj02", offsets.gcj02_from_wgs84), ("bd09", offsets.bd09_from_wgs84)])
def test_shifted_buildings_are_known_by_the_footprints_on_record(record, option, shift):
    found = systems.judge("EPSG:4326", True, footprints(shift), record)
    assert (found.option, found.confidence, found.override) == (option, "high", False)
    assert found.candidates[0].residual_m < 0.1
    declared = systems.judge("EPSG:4490", False, footprints(shift), record)
    assert (declared.option, declared.override) == (option, True)
    assert "0.0 m from objects on record" in declared.remarks[0]


def test_buildings_in_place_are_known_not_to_be_shifted(record):
    found = systems.judge("EPSG:4326", True, footprints(), record)
    assert (found.option, found.confidence, found.state) == (None, "high", "implied")
    assert found.remarks[0].startswith("Not shifted as GCJ-02 or BD-09 are: the rows lie 0.0 m from")


def test_points_inside_shifted_buildings_are_known_too(record):
    points = [shapely.Point(*offsets.gcj02_from_wgs84(np.array([[x + 0.0001, y + 0.0001]]))[0]) for x, y in CORNERS]
    assert systems.judge("EPSG:4326", True, sample(points), record).option == "gcj02"


def test_other_objects_between_the_buildings_are_no_evidence(record):
    other = np.random.default_rng(8).uniform((117.002, 31.002), (117.018, 31.008), (60, 2))
    found = systems.judge("EPSG:4326", True, sample([shapely.Point(x, y) for x, y in other]), record)
    assert (found.option, found.confidence) == (None, "low")
    assert "cannot be told: " in found.remarks[0]


def test_without_a_record_nothing_is_claimed_about_a_shift():
    found = systems.judge("EPSG:4490", False, footprints(offsets.gcj02_from_wgs84), None)
    assert (found.option, found.state, found.confidence) == (None, "declared", "certain")
    assert "cannot be told: no database answers" in found.remarks[0]


def test_metres_without_a_system_are_known_by_the_areas_on_record(record):
    found = systems.judge(None, False, footprints(to(4548)), record)
    assert (found.state, found.option, found.confidence) == ("guessed", "EPSG:4548", "high")
    assert "CGCS2000 is assumed" in found.remarks[-1]


def test_a_zone_number_tells_its_system_without_a_record():
    found = systems.judge(None, False, footprints(to(4527)), None)
    assert (found.state, found.option, found.confidence) == ("guessed", "EPSG:4527", "low")
    assert systems.judge(None, False, footprints(to(4498)), None).option == "EPSG:4498"
    without = systems.judge(None, False, footprints(to(4548)), None)
    assert (without.state, without.option) == ("unknown", None)


def test_degrees_without_a_system_are_cgcs2000_in_china_and_wgs84_abroad():
    abroad = sample([shapely.Point(-71.0 - n / 1000, 42.3) for n in range(9)])
    assert systems.judge(None, False, abroad, None).option == "EPSG:4326"
    assert systems.judge(None, False, footprints(), None).option == "EPSG:4490"


def test_y_before_x_is_said_and_no_system_is_proposed(record):
    for one, declared in ((footprints(lambda points: points[:, ::-1]), None),
                          (footprints(lambda points: to(4548)(points)[:, ::-1]), None),
                          (footprints(lambda points: points[:, ::-1]), "EPSG:4490")):
        found = systems.judge(declared, False, one, record)
        assert found.option is None
        assert "exchange x and y" in " ".join(found.remarks)


def test_a_system_that_the_coordinates_contradict_gives_way_to_what_they_fit(record):
    found = systems.judge("EPSG:4548", False, footprints(to(4527)), record)
    assert (found.option, found.override) == ("EPSG:4527", True)
    assert "39 is a zone number, which EPSG:4548 has not" in found.remarks[0]


def test_a_layer_without_geometry_has_no_system():
    assert systems.judge(None, False, Sample(3, True, {}, None, None), None).state == "none"
    empty = Sample(1, True, {}, np.array([None], object), None)
    assert systems.judge(None, False, empty, None).remarks == ("No geometry can be read.",)
