"""Tiles of imagery: north up, without seams, transparent where there is nothing; files opened safely and in bounds."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import morecantile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from spatial.db import Overloaded
from spatial.queries.filed import SourceUnavailable
from spatial.types import Box
from tests.importers import geotiffs
from tests.tiles.rasters import stored
from tiles import datasets, filed, raster
from tiles.datasets import Datasets
from tiles.filed import Frame
from tiles.matrix import Address, box_of

TMS = morecantile.tms.get("WebMercatorQuad")
ROWS, COLUMNS = 1300, 1500
PIXEL = 0.00001

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


class Picture:
    """A stored picture and what draws it."""

    def __init__(self, folder: Path, pixels: np.ndarray, **how: object) -> None:
        self.place, self.row = stored("imagery", pixels, folder, **how)
        self.datasets = Datasets()

    def around(self, across: float, down: float, z: int) -> Address:
        """Return the tile at a share of the picture's width and height."""
        row = self.row
        found = TMS.tile(row.west + (row.east - row.west) * across, row.north - (row.north - row.south) * down, z)
        return Address(z, found.x, found.y)

    def bytes(self, address: Address, size: int = 256, form: str = "png") -> bytes:
        return raster.tile(self.datasets, self.place, self.row, address, size, form)

    def tile(self, address: Address, size: int = 256, form: str = "png") -> np.ndarray:
        """Return red, green, blue, alpha: (4, size, size)."""
        with MemoryFile(self.bytes(address, size, form)) as file, file.open() as image:
            pixels = image.read()
        opaque = np.full((1, *pixels.shape[1:]), 255, "uint8")
        return pixels if len(pixels) == 4 else np.concatenate([pixels, opaque])


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Picture:
    mask = np.full((ROWS, COLUMNS), 255, "uint8")
    mask[:, -400:] = 0
    return Picture(tmp_path_factory.mktemp("picture"), geotiffs.picture(ROWS, COLUMNS), mask=mask,
                   transform=Affine(PIXEL, 0, 117.0, 0, -PIXEL, 31.02))


@pytest.mark.parametrize("form", ["webp", "png"])
def test_a_picture_is_drawn_north_up_and_west_left(picture: Picture, form: str) -> None:
    red, green, blue, alpha = picture.tile(picture.around(0.4, 0.5, picture.row.maxzoom), form=form).astype(int)
    assert (alpha == 255).all()
    assert red[128, 255] - red[128, 0] > 20
    assert green[255, 128] - green[0, 128] > 20
    assert np.abs(blue - 90).max() < 12
    assert red[128, 128] == pytest.approx(255 * 0.4, abs=30)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_tiles_that_meet_are_cut_from_one_sheet(picture: Picture, data: st.DataObject) -> None:
    z = data.draw(st.integers(picture.row.minzoom, picture.row.maxzoom))
    address = picture.around(data.draw(st.floats(0, 0.7)), data.draw(st.floats(0, 0.9)), z)
    frame = Frame.of(address, 256)
    sheet = Frame(frame.west, frame.north, frame.pixel_m, 512, 256)
    with filed.drawn(picture.datasets, picture.place, picture.row, sheet, add_alpha=True) as view:
        whole = view.read()
    for right in (0, 1):
        beside = Address(z, address.x + right, address.y)
        if picture.bytes(beside):
            part = whole[:, :, 256 * right:256 * (right + 1)]
            alone = picture.tile(beside)
            assert (alone[3] == part[3]).all()
            # Half way between two whole numbers the last bit may tip over.
            assert np.abs(alone.astype(int) - part)[:3, part[3] > 0].max(initial=0) <= 1


def test_what_lies_outside_or_in_a_hole_is_transparent(picture: Picture) -> None:
    corner = picture.tile(picture.around(0, 0, picture.row.maxzoom))
    assert {0, 255} == set(np.unique(corner[3]))
    assert corner[3, 0, 0] == 0
    hole = picture.around(0.97, 0.5, picture.row.maxzoom)
    assert picture.bytes(hole) == b""
    assert filed.shows(picture.row, hole)


def test_a_tile_within_the_picture_carries_no_alpha(picture: Picture) -> None:
    with MemoryFile(picture.bytes(picture.around(0.4, 0.5, picture.row.maxzoom))) as file, file.open() as image:
        assert image.count == 3


def test_twice_the_pixels_show_the_same_picture(picture: Picture) -> None:
    address = picture.around(0.4, 0.5, picture.row.maxzoom - 1)
    fine, coarse = picture.tile(address, 512).astype(float), picture.tile(address).astype(float)
    assert fine.shape == (4, 512, 512)
    assert np.abs(fine.reshape(4, 256, 2, 256, 2).mean(axis=(2, 4)) - coarse).mean() < 1


@given(st.integers(0, 22), st.floats(-179.9, 179.9), st.floats(-84, 84))
def test_the_box_of_a_tile_is_that_of_the_standard(z: int, lon: float, lat: float) -> None:
    found = TMS.tile(lon, lat, z)
    assert box_of(Address(z, found.x, found.y)) == pytest.approx(Box(*TMS.bounds(found)), abs=1e-8)
    frame = Frame.of(Address(z, found.x, found.y), 256)
    assert (frame.west, frame.north) == pytest.approx((TMS.xy_bounds(found).left, TMS.xy_bounds(found).top), abs=1e-6)


def test_a_picture_shows_in_its_box_and_at_its_zooms_only(picture: Picture) -> None:
    row = picture.row
    inside = picture.around(0.5, 0.5, row.maxzoom)
    assert filed.shows(row, inside)
    assert not filed.shows(row, Address(inside.z, inside.x + 40, inside.y))
    assert not filed.shows(row, Address(inside.z, inside.x, inside.y - 40))
    assert not filed.shows(row, picture.around(0.5, 0.5, row.maxzoom + 1))
    assert not filed.shows(row, Address(0, 0, 0))


def test_eight_threads_draw_what_one_draws_and_few_files_stay_open(picture: Picture) -> None:
    addresses = [picture.around(across / 10, down / 10, z) for across in range(0, 8, 2) for down in range(0, 10, 2)
                 for z in (picture.row.maxzoom, picture.row.maxzoom - 2)]
    alone = [picture.bytes(address) for address in addresses]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(picture.bytes, addresses))
    assert together == alone
    assert 0 < picture.datasets.idle <= 8
    picture.datasets.close()
    assert picture.datasets.idle == 0


def test_an_open_file_that_nobody_asks_for_is_closed(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Datasets(kept=2)
    for scale in (1, 2, 4):
        with own.lend(picture.place, scale):
            pass
    assert own.idle == 2
    monkeypatch.setattr(datasets, "IDLE_S", 0.01)
    time.sleep(0.02)
    with own.lend(picture.place, 1):
        pass
    assert own.idle == 1


def test_who_gets_no_turn_is_told_so(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "WAIT_S", 0.05)
    own = Datasets(drawing=1)
    with own.lend(picture.place, 1), pytest.raises(Overloaded), own.lend(picture.place, 1):
        pass
    with own.lend(picture.place, 1):
        pass


def test_a_file_that_is_gone_is_not_served_from_what_is_still_open(picture: Picture, tmp_path: Path) -> None:
    place = tmp_path / "cog.tif"
    shutil.copy(picture.place, place)
    own = Datasets()
    with own.lend(place, 1):
        pass
    place.unlink()
    with pytest.raises(SourceUnavailable, match="not in the data directory"), own.lend(place, 1):
        pass
    assert own.idle == 0


VRT = """<VRTDataset rasterXSize="60" rasterYSize="60"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>
<SourceFilename relativeToVRT="0">{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>
</VRTDataset>"""


@pytest.mark.parametrize("content", ["vrt", "cut", "head", "empty", "text"])
def test_a_file_that_is_damaged_or_something_else_is_named_and_not_kept(
    picture: Picture, tmp_path: Path, content: str
) -> None:
    whole = picture.place.read_bytes()
    place = tmp_path / "cog.tif"
    place.write_bytes({"vrt": VRT.format(picture.place).encode(), "cut": whole[:len(whole) // 2], "head": whole[:90],
                       "empty": b"", "text": b"hello"}[content])
    own = Datasets()
    with pytest.raises(SourceUnavailable, match="damaged: cog.tif"):
        raster.tile(own, place, picture.row, picture.around(0.9, 0.9, picture.row.maxzoom), 256, "png")
    assert own.idle == 0


def test_no_file_beside_a_raster_is_read(picture: Picture, tmp_path: Path) -> None:
    place = tmp_path / "cog.tif"
    shutil.copy(picture.place, place)
    black = np.zeros((3, ROWS // 2, COLUMNS // 2), "uint8")
    geotiffs.write(tmp_path / "cog.tif.ovr", black)
    geotiffs.write(tmp_path / "cog.tif.msk", np.zeros((ROWS, COLUMNS), "uint8"))
    (tmp_path / "cog.tif.aux.xml").write_text("<PAMDataset><GeoTransform>0, 1, 0, 0, 0, 1</GeoTransform></PAMDataset>")
    address = picture.around(0.4, 0.5, picture.row.maxzoom - 1)
    assert raster.tile(Datasets(), place, picture.row, address, 256, "png") == picture.bytes(address)


@pytest.mark.parametrize("path", ["../keys/residents.key", "/etc/passwd", "sources/../../x.tif", "sources/link/x.tif"])
def test_content_outside_the_folder_of_sources_is_refused(path: str, picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "link").symlink_to("/etc")
    with pytest.raises(SourceUnavailable):
        replace(picture.row, path=path).place(tmp_path)
    assert picture.row.place(tmp_path) == tmp_path.resolve() / "sources" / "made.tif"


@pytest.mark.parametrize("path", ["/vsicurl/http://127.0.0.1/a.tif", "/vsizip/a.zip/a.tif", "/vsimem/a.tif"])
def test_a_path_of_gdals_own_is_no_file(path: str, picture: Picture) -> None:
    with pytest.raises(SourceUnavailable), Datasets().lend(Path(path), 1):
        pass
