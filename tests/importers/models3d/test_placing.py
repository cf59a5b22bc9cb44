"""Tilesets without a place on the Earth, put where a person says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.models3d import placing, tileset, volumes
from importers.models3d.placing import Place
from spatial import crs_earth
from spatial.errors import MappingError, SourceError
from tests.importers import geotiffs as made

BOX = {"box": [0, 0, 10, 60, 0, 0, 0, 40, 0, 0, 0, 10]}
PLACES = st.builds(Place, st.floats(-180, 180), st.floats(-85, 85), st.floats(-500, 9000), st.floats(-360, 360))


def document(volume: dict | None = None, **more: object) -> dict:
    """Return a tileset that stands nowhere."""
    return {"asset": {"version": "1.0"}, "root": {"boundingVolume": volume or BOX, "geometricError": 10, **more}}


def standing(root: dict, point: tuple[float, float, float]) -> np.ndarray:
    """Return where a point of the root's frame stands: longitude, latitude, height."""
    return crs_earth.from_centre((volumes.matrix(root) @ [*point, 1])[None, :3])[0]


@given(place=PLACES)
def test_the_origin_of_the_root_maps_back_to_the_place_that_was_said(place):
    root = placing.put("t", document(), (), place)["root"]
    longitude, latitude, height = standing(root, (0, 0, 0))
    assert abs((longitude - place.longitude + 180) % 360 - 180) < 1e-9
    assert (latitude, height) == (pytest.approx(place.latitude, abs=1e-9), pytest.approx(place.height, abs=1e-6))


@given(place=PLACES, scale=st.floats(0.1, 10))
def test_the_y_axis_points_where_the_heading_says_and_a_transform_of_its_own_is_done_first(place, scale):
    own = [*[scale, 0, 0, 0], *[0, scale, 0, 0], *[0, 0, scale, 0], *[0, 5, 0, 1]]
    root = placing.put("t", document(transform=own), (), place)["root"]
    frame = crs_earth.east_north_up(place.longitude, place.latitude, place.height)
    east, north, up, _ = np.linalg.solve(frame, volumes.matrix(root) @ [0, 10, 0, 1])
    ahead, heading = 5 + 10 * scale, np.radians(place.heading)
    assert [east, north, up] == pytest.approx([ahead * np.sin(heading), ahead * np.cos(heading), 0], abs=1e-6)


def test_a_place_of_the_published_example_has_its_geocentric_coordinates():
    # IOGP Publication 373-7-2, examples of EPSG methods 9836 and 9602: one point, from an origin and from the centre.
    root = placing.put("t", document(), (), Place(5, 55, 200))["root"]
    assert root["transform"][12:] == pytest.approx([3_652_755.3058, 319_574.6799, 5_201_547.3536, 1], abs=1e-3)
    assert volumes.matrix(root) @ [-189_013.869, -128_642.040, -4_220.171, 1] == pytest.approx(
        [3_771_793.968, 140_253.342, 5_124_304.349, 1], abs=1e-3)


def test_a_tileset_that_is_put_somewhere_covers_the_ground_there(tmp_path):
    folder = made.tileset(tmp_path / "t", {**document()["root"], "content": {"uri": "a.b3dm"}})
    found = tileset.read(folder, Place(117, 31, 20, 90))
    west, south, east, north = found.footprint.bounds
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((117, 31), abs=1e-7)
    # Turned to the east, the 80 m along its Y axis lie from west to east, the 120 m along X from north to south.
    assert (east - west) * 111_320 * np.cos(np.radians(31)) == pytest.approx(80, rel=0.01)
    assert (north - south) * 110_860 == pytest.approx(120, rel=0.01)
    assert found.entry["root"]["content"] == {"uri": "a.b3dm"}


def test_a_tileset_without_a_place_is_refused_with_the_option_that_gives_it_one(tmp_path):
    with pytest.raises(SourceError, match="km from the centre of the Earth") as caught:
        tileset.read(made.tileset(tmp_path / "t", document()["root"], {}))
    assert caught.value.cure == "Nothing was imported. Say where its origin stands: --at LON,LAT[,HEIGHT[,HEADING]]."


@pytest.mark.parametrize(("root", "words"), [
    (made.tile(), "says by regions where it stands, in tileset.json"),
    (document(children=[made.tile()])["root"], "says by regions where it stands, in tileset.json"),
    (document(content={"uri": "a.b3dm", "boundingVolume": {"region": made.REGION}})["root"], "says by regions"),
    (document(transform=Place(117.2, 31.5).matrix().T.ravel().tolist())["root"],
     "says itself where it stands: at 117.20000, 31.50000"),
    (document({"sphere": [500_000, 3_430_000, 20, 100]})["root"], "lies 3,466.3 km from its own origin"),
])
def test_what_cannot_be_put_anywhere_is_refused(tmp_path, root, words):
    folder = made.tileset(tmp_path / "t", root)
    with pytest.raises(SourceError, match=words) as caught:
        tileset.read(folder, Place(117, 31))
    assert "Nothing was imported" in caught.value.cure


@pytest.mark.parametrize(("numbers", "words"), [
    ((31.2, 117.3), "latitude 117.3 is beyond"), ((181, 31), "longitude 181 is beyond"),
    ((117, 31, 20_000), "20000 m is no height"), ((117, 31, 0, 400), "heading 400 is beyond"),
    ((float("nan"), 31), "longitude nan is beyond"),
])
def test_what_is_no_place_is_refused(numbers, words):
    with pytest.raises(MappingError, match=words):
        Place(*numbers)
