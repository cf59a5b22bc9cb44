"""An import against what is on record: a wrong meridian and a shift are refused, what lies in its place is not."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import shapely

from importers.inspection import doubt, systems
from importers.inspection.record import Record
from importers.source import Source, open_source
from spatial import crs, offsets
from spatial.errors import MappingError
from tests.importers.files import buildings
from tests.importers.inspection.test_systems import CORNERS, record, to

__all__ = ["record"]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Source:
    """Return a layer that declares EPSG:4490."""
    return open_source(buildings(tmp_path_factory.mktemp("doubt") / "b.gpkg"))


def wkb(shift=lambda points: points, size=(0.0003, 0.0002)) -> pa.Array:
    shapes = [shapely.transform(shapely.box(x, y, x + size[0], y + size[1]), shift) for x, y in CORNERS]
    return pa.array(shapely.to_wkb(shapes), pa.binary())


def check(source, record, system: str, rows: pa.Array, typed: str | None = None) -> tuple[str, ...]:
    return doubt.check(source, rows, crs.route(crs.reference(system)), record, typed)


@pytest.mark.parametrize("wrong", ["EPSG:4547", "EPSG:32650", "EPSG:3857", "EPSG:32649"])
def test_a_wrong_meridian_is_refused_with_the_system_that_fits(source, record, wrong):
    with pytest.raises(MappingError, match=r"the areas on record as CGCS2000 3° Gauss–Krüger, 117°E|117°E") as caught:
        check(source, record, wrong, wkb(to(4548)), wrong)
    assert "Type --crs EPSG:4548 --override-crs." in caught.value.cure
    assert f"--crs {wrong} --override-crs" in caught.value.cure
    bare = replace(source, layer=replace(source.layer, crs=None))
    with pytest.raises(MappingError) as caught:
        check(bare, record, wrong, wkb(to(4548)), wrong)
    assert "Type --crs EPSG:4548." in caught.value.cure


@pytest.mark.parametrize(("system", "code"), [("EPSG:4548", 4548), ("EPSG:4527", 4527), ("EPSG:4490", 4490),
                                              ("EPSG:4326", 4490), ("EPSG:32650", 32650)])
def test_what_lies_in_its_place_is_taken_without_a_word(source, record, system, code):
    assert check(source, record, system, wkb(to(code))) == ()


@pytest.mark.parametrize(("option", "shift"), [("gcj02", offsets.gcj02_from_wgs84), ("bd09", offsets.bd09_from_wgs84)])
@pytest.mark.parametrize("system", ["EPSG:4490", "EPSG:4326"])
def test_shifted_coordinates_under_another_name_are_refused(source, record, option, shift, system):
    with pytest.raises(MappingError, match="0.0 m from objects on record") as caught:
        check(source, record, system, wkb(shift))
    assert f"Type --crs {option} --override-crs." in caught.value.cure


def test_coordinates_that_are_not_shifted_are_not_taken_for_shifted(source, record):
    with pytest.raises(MappingError, match="fit CGCS2000") as caught:
        check(source, record, "gcj02", wkb(), "gcj02")
    assert "Type --crs EPSG:4490" in caught.value.cure
    assert "--crs gcj02 --override-crs" in caught.value.cure


def test_what_only_areas_tell_is_a_warning(source, record):
    """New objects near the edge of the community, which none on record has a place for."""
    record.connection.execute("DELETE FROM building")
    edge = np.random.default_rng(3).uniform((117.015, 30.996), (117.0245, 31.003), (40, 2))
    points = pa.array(shapely.to_wkb(shapely.points(offsets.gcj02_from_wgs84(edge))), pa.binary())
    inside = record.hits(offsets.gcj02_from_wgs84(edge))
    assert 0.05 < inside < 0.9, inside
    (said,) = check(source, record, "EPSG:4490", points)
    assert "import the file again with --crs gcj02 --override-crs" in said


def test_rows_outside_every_area_that_fit_nothing_else_are_taken(source, record):
    far = pa.array(shapely.to_wkb(shapely.points(CORNERS + [0.5, 0.5])), pa.binary())
    assert check(source, record, "EPSG:4490", far) == ()
    north = pa.array(shapely.to_wkb(shapely.points(to(4548)(CORNERS + [0.0, 0.5]))), pa.binary())
    assert check(source, record, "EPSG:4548", north) == ()


def test_without_a_record_nothing_is_doubted(source, connection):
    assert check(source, Record(connection), "EPSG:4547", wkb(to(4548))) == ()
    assert check(source, Record(connection), "EPSG:4490", wkb(offsets.gcj02_from_wgs84)) == ()


@pytest.mark.parametrize(("kind", "residuals", "believed"), [
    ("centres", (4.0, 12.6), True), ("roads", (4.0, 12.6), True), ("footprints", (4.0, 12.6), False),
    ("footprints", (0.0, 12.6), True), ("footprints", (0.0, 4.0), False),
])
def test_points_between_houses_tell_nothing_because_any_point_of_a_city_is_near_one(kind, residuals, believed):
    compared = [systems.Candidate(option, option, 1.0, residual)
                for option, residual in zip(("bd09", "EPSG:4490"), residuals, strict=True)]
    assert (systems.decide(tuple(compared), 200, kind, shifted=True)[0] is compared[0]) == believed
