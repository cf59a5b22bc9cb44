"""The ground under buildings: sampled from the terrain, never over what a file said."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers import filed, ground
from importers.filed_report import TERRAIN
from importers.rasters import run as rasters
from spatial.errors import SourceError
from spatial.queries import terrain
from tests.importers import geotiffs as made
from tests.importers.files import square, write


@pytest.fixture(scope="module")
def plane(tmp_path_factory) -> ground.Ground:
    """Return the ground of a tilted plane, 1 m higher for each 0.001° to the east, with a hole in its north-west."""
    heights = made.slope(2300, 1500)
    heights[:200, :200] = -9999
    path = made.write(tmp_path_factory.mktemp("plane") / "a.tif", heights, nodata=-9999.0, tiled=True)
    row = terrain.Terrain(
        name="plane", attribution=None, file_name="a.tif", path="a.tif", bytes=0, crs="EPSG:4490", west=117.0,
        south=30.79, east=117.15, north=31.02, minzoom=0, maxzoom=0, imported_at=datetime.now(UTC), width=1500,
        height=2300, resolution_m=10.0, lowest_m=20, highest_m=170)
    with ground.Ground([row], path.parent) as opened:
        yield opened


@given(st.lists(st.tuples(st.floats(117.021, 117.149), st.floats(30.791, 31.019)), min_size=1, max_size=50))
def test_a_height_on_a_plane_is_the_planes_wherever_it_is_asked(plane, places):
    points = np.array(places)
    # The first pixel's centre is half a pixel from the edge.
    expected = 20 + 0.1 * ((points[:, 0] - 117.0) / made.PIXEL - 0.5)
    assert plane.sample(points) == pytest.approx(expected, abs=1e-3)


def test_beside_a_hole_the_pixels_that_are_there_count_and_inside_nothing_does(plane):
    inside, edge, outside = [117.01, 31.01], [117.01, 31.02 - 199.9 * made.PIXEL], [116.9, 31.01]
    found = plane.sample(np.array([inside, edge, outside, [np.inf, np.nan]]))
    assert np.isnan(found[[0, 2, 3]]).all()
    assert found[1] == pytest.approx(20 + 0.1 * 99.5, abs=0.1)


def test_a_building_stands_on_the_lowest_ground_at_its_corners(plane):
    shapes = np.array([square(117.05, 31.0), square(116.0, 31.0), square(117.1495, 31.0)])
    found = ground.lowest(plane, shapes)
    assert found[0] == pytest.approx(20 + 0.1 * 499.5, abs=0.011)
    assert np.isnan(found[1])
    # A corner beyond the edge of the model does not count.
    assert found[2] == pytest.approx(20 + 0.1 * 1494.5, abs=0.011)


def heights(database) -> dict[str, tuple]:
    return {code: rest for code, *rest in database.connect().execute(
        "SELECT code, base_given_m, ground_m, base_m FROM building ORDER BY code")}


def touched(database) -> list[list[list[int]]]:
    """Return the cells of zoom 14 that each change of buildings named, the oldest first."""
    rows = database.connect().execute(
        "SELECT payload->'cells' FROM outbox WHERE object = 'buildings' AND kind = 'tiles' ORDER BY id").fetchall()
    return [row[0] for row in rows]


def imported(database, path, name=None, **options):
    return rasters.run(TERRAIN, rasters.Request(path, "test", name, **options), database.settings)


def test_buildings_stand_on_the_terrain_whichever_came_first(database, importing, tmp_path):
    shapes = [square(117.002, 31.01, 0.0005), square(117.004, 31.01, 0.0005), square(118.0, 31.0)]
    first = write(tmp_path / "first.gpkg", {"code": ["A", "B", "C"], "base_m": [None, 3.5, None]}, shapes)
    importing("buildings", first)
    assert heights(database) == {"A": [None, None, 0], "B": [3.5, None, 3.5], "C": [None, None, 0]}
    told = len(touched(database))

    report = imported(database, made.write(tmp_path / "dem.tif", made.slope()))
    assert report.facts_of_row["buildings_on_new_ground"] == 2
    low = pytest.approx(20 + 0.1 * 19.5, abs=0.011)
    assert heights(database)["A"] == [None, low, low]
    assert heights(database)["B"][2] == 3.5
    assert heights(database)["C"] == [None, None, 0]
    # Building B stands where its file said, so that its tile is the one it was; C lies elsewhere.
    assert touched(database)[told:] == [[[13516, 6706]]]

    # Later buildings find it; one that moves stands on other ground; a height from a file wins.
    importing("buildings", write(tmp_path / "later.gpkg", {"code": ["D"]}, [square(117.006, 31.01, 0.0005)]))
    assert heights(database)["D"][2] == pytest.approx(20 + 0.1 * 59.5, abs=0.011)
    moved = write(tmp_path / "moved.gpkg", {"code": ["A", "B", "C"], "base_m": [None, 3.5, 7.0]},
                  [square(117.008, 31.01, 0.0005), shapes[1], shapes[2]])
    importing("buildings", moved, source="first")
    assert heights(database)["A"][2] == pytest.approx(20 + 0.1 * 79.5, abs=0.011)
    assert heights(database)["C"] == [7.0, None, 7.0]

    # A finer model stands before a coarser one; without any the base is not known again.
    fine = made.write(tmp_path / "fine.tif", np.full((400, 400), 50, "int16"), made.AT @ made.Affine.scale(0.5))
    imported(database, fine)
    assert {code: base for code, (_, _, base) in heights(database).items()} == {"A": 50, "B": 3.5, "C": 7, "D": 50}
    filed.remove(TERRAIN, "fine", database.settings, ground.follower(database.settings))
    assert heights(database)["D"][2] == pytest.approx(20 + 0.1 * 59.5, abs=0.011)
    filed.remove(TERRAIN, "dem", database.settings, ground.follower(database.settings))
    assert heights(database)["D"] == [None, None, 0]


def test_a_terrain_whose_file_has_gone_is_named_with_the_cure(database, importing, tmp_path):
    imported(database, made.write(tmp_path / "dem.tif", made.slope()))
    row = terrain.find(database.connect(), "dem")
    (database.settings.home / row.path).unlink()
    path = write(tmp_path / "a.gpkg", {"code": ["A"]}, [square(117.002, 31.01)])
    with pytest.raises(SourceError, match="The terrain 'dem' is on record and its file .* is gone") as caught:
        importing("buildings", path)
    assert "shapan import remove terrain dem" in caught.value.cure
    assert heights(database) == {}


def test_terrain_in_a_grid_of_metres_is_asked_in_its_own_system(database, importing, tmp_path):
    low = np.broadcast_to(np.arange(100, dtype="int16")[:, None], (100, 100))
    path = made.write(tmp_path / "dem.tif", low, made.Affine(10, 0, 499_500, 0, -10, 3_500_500), "EPSG:4547")
    imported(database, path)
    # 114°E, on the line of northing 3,500,000: half way down.
    middle = 31.6217
    importing("buildings", write(tmp_path / "a.gpkg", {"code": ["A"]}, [
        shapely.box(113.9999, middle - 0.00001, 114.0001, middle + 0.00001)]))
    row = terrain.find(database.connect(), "dem")
    assert row.south < middle < row.north
    share = (row.north - middle) / (row.north - row.south)
    assert heights(database)["A"][2] == pytest.approx(share * 100 - 0.5, abs=0.3)
