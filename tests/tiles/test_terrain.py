"""Terrain tiles: the right heights, the same on both sides of an edge, and no cliff where nothing is known."""

from pathlib import Path

import morecantile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from tests.tiles.rasters import stored
from tiles import filed, terrain
from tiles.datasets import Datasets
from tiles.filed import Frame
from tiles.matrix import Address

TMS = morecantile.tms.get("WebMercatorQuad")
ROWS, COLUMNS = 900, 1100
PIXEL = 0.0001
HOLE = (slice(300, 420), slice(500, 640))


def hills() -> np.ndarray:
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    heights = 800 + 90 * np.sin(columns / 61) + 70 * np.cos(rows / 43)
    heights[HOLE] = -9999
    return heights.astype("float32")


class Model:
    """A stored elevation model and what draws it."""

    def __init__(self, pixels: np.ndarray, folder: Path, **how: object) -> None:
        self.place, self.row = stored("terrain", pixels, folder, nodata=-9999, **how)
        self.datasets = Datasets()
        self.ground = terrain.Ground(self.datasets)

    def tile(self, address: Address, size: int = 256) -> np.ndarray:
        """Return the heights that a client reads out of a tile."""
        png = self.ground.tile(self.place, self.row, address, size)
        with MemoryFile(png) as file, file.open(driver="PNG") as image:
            assert image.count == 3
            return terrain.decode(image.read())

    def around(self, lon: float, lat: float, z: int) -> Address:
        found = TMS.tile(lon, lat, z)
        return Address(z, found.x, found.y)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(hills(), tmp_path_factory.mktemp("hills"), transform=Affine(PIXEL, 0, 117.0, 0, -PIXEL, 31.02))


pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


@given(st.lists(st.floats(-10_000, 1_667_721), min_size=1, max_size=30))
def test_every_height_comes_back_within_half_a_step(heights: list[float]) -> None:
    asked = np.array([heights])
    pixels = terrain.encode(asked)
    assert pixels.dtype == np.uint8
    assert np.abs(terrain.decode(pixels) - asked).max() <= terrain.STEP_M / 2 + 1e-6


def test_the_encoding_is_the_published_one() -> None:
    # Mapbox's own example: #01869F is 0 m, as 100,000 steps above -10,000 m; a step is B + 1.
    assert terrain.encode(np.array([[0.0, 0.1]])).T.tolist() == [[[1, 134, 160]], [[1, 134, 161]]]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_tiles_that_meet_are_cut_from_one_sheet(model: Model, data: st.DataObject) -> None:
    z = data.draw(st.integers(model.row.minzoom, model.row.maxzoom))
    first = model.around(data.draw(st.floats(model.row.west, model.row.east)),
                         data.draw(st.floats(model.row.south, model.row.north)), z)
    frame = Frame.of(first, 256)
    sheet = model.ground.heights(model.place, model.row,
                                 Frame(frame.west, frame.north, frame.pixel_m, 512, 512))
    for right in (0, 1):
        for down in (0, 1):
            alone = model.tile(Address(z, first.x + right, first.y + down))
            part = sheet[256 * down:256 * (down + 1), 256 * right:256 * (right + 1)]
            assert np.abs(alone - part).max() <= terrain.STEP_M


def test_heights_are_those_of_the_model_where_it_has_them(model: Model) -> None:
    address = model.around(117.02, 30.98, model.row.maxzoom)
    frame, heights = Frame.of(address, 256), model.tile(address)
    for row, column in ((3, 5), (128, 128), (250, 17)):
        lon = (frame.west + frame.pixel_m * (column + 0.5)) / filed.WORLD_M * 360
        lat = np.degrees(np.arctan(np.sinh((frame.north - frame.pixel_m * (row + 0.5)) / 6378137)))
        across, down = (lon - 117.0) / PIXEL - 0.5, (31.02 - lat) / PIXEL - 0.5
        assert heights[row, column] == pytest.approx(800 + 90 * np.sin(across / 61) + 70 * np.cos(down / 43), abs=0.2)


def test_a_hole_is_bridged_by_the_ground_around_it(model: Model) -> None:
    middle = (117.0 + 570 * PIXEL, 31.02 - 360 * PIXEL)
    for z in range(model.row.minzoom, model.row.maxzoom + 1):
        heights = model.tile(model.around(*middle, z))
        assert heights.min() >= model.row.lowest_m - 1
        assert heights.max() <= model.row.highest_m + 1


def test_beyond_its_edge_the_ground_goes_on(model: Model) -> None:
    address = model.around(model.row.west, model.row.south, model.row.maxzoom)
    heights = model.tile(address)
    assert model.row.lowest_m - 1 <= heights.min() <= heights.max() <= model.row.highest_m + 1
    # No step along the edge larger than the hills have within a cell of the coarse model.
    assert np.abs(np.diff(heights, axis=0)).max() < 30
    assert np.abs(np.diff(heights, axis=1)).max() < 30


def test_whole_metres_are_not_drawn_as_stairs(tmp_path: Path) -> None:
    slope = np.broadcast_to(np.arange(300, dtype="int16")[None], (300, 300)).copy()
    model = Model(slope, tmp_path / "slope", transform=Affine(PIXEL, 0, 117.0, 0, -PIXEL, 31.02))
    heights = model.tile(model.around(117.015, 31.005, model.row.maxzoom + 2))
    assert 0 < np.diff(heights, axis=1).max() < 0.5


def test_twice_the_pixels_show_the_same_ground(model: Model) -> None:
    address = model.around(117.02, 30.98, model.row.maxzoom)
    fine, coarse = model.tile(address, 512), model.tile(address)
    mean = fine.reshape(256, 2, 256, 2).mean(axis=(1, 3))
    assert np.abs(mean - coarse).max() < 2


@given(st.data())
def test_gaps_are_filled_within_what_surrounds_them(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    heights = np.array(data.draw(st.lists(st.one_of(st.just(terrain.NOTHING), st.floats(-400, 8000, width=32)),
                                          min_size=rows * columns, max_size=rows * columns)), "float32")
    known = heights[heights != terrain.NOTHING]
    filled = terrain.spread(heights.reshape(rows, columns)).ravel()
    assert (filled[heights != terrain.NOTHING] == known).all()
    if known.size:
        assert known.min() - 1e-2 <= filled.min()
        assert filled.max() <= known.max() + 1e-2
