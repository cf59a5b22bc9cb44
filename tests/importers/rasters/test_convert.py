"""What a raster becomes: its pixels, its holes, its heights, its place."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from importers.rasters import convert, position
from spatial.errors import SourceError
from tests.importers.geotiffs import AT, picture, slope, write


def converted(path, kind, **options):
    """Convert within this process; return what was found and the result, open."""
    described = convert.describe(print, str(path))
    where = position.locate(path, described, options.pop("crs", None), False)
    job = {"crs": where.reference.crs.to_wkt(), "transform": list(where.transform), "bands": [1, 2, 3],
           "stretch": None, "nodata": None, "spots": where.spots.tolist(), **options}
    found = convert.convert(lambda _: None, str(path), kind, str(path.parent), **job)
    position.check_agreement(path, where, found["positions"])
    return found, rasterio.open(path.parent / "cog.tif")


def test_a_picture_keeps_its_colours_and_place_and_gets_tiles_and_overviews(tmp_path):
    found, cog = converted(write(tmp_path / "a.tif", picture(700, 900)), "imagery")
    with cog:
        assert found["masked"] is False
        assert cog.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert cog.overviews(1) == [2]
        assert cog.block_shapes == [(512, 512)] * 3
        assert cog.transform.almost_equals(AT)
        assert np.abs(cog.read().astype(int) - picture(700, 900)).mean() < 2


@pytest.mark.parametrize("how", ["alpha", "nodata", "mask", "asked"])
def test_holes_of_a_picture_stay_holes(tmp_path, how):
    pixels, hole = picture() | 1, np.zeros((60, 80), bool)
    hole[:20, :30] = True
    pixels[:, hole] = 0
    path, there = tmp_path / "a.tif", np.where(hole, 0, 255).astype("uint8")
    if how == "alpha":
        write(path, np.concatenate([pixels, there[None]]), photometric="rgb", alpha="yes")
    else:
        write(path, pixels, nodata=0 if how == "nodata" else None, mask=there if how == "mask" else None)
    found, cog = converted(path, "imagery", nodata=0.0 if how == "asked" else None)
    with cog:
        assert found["masked"] is True
        assert (cog.dataset_mask() == there).all()
        assert cog.colorinterp == (ColorInterp.red, ColorInterp.green, ColorInterp.blue)


def test_sixteen_bits_are_stretched_as_asked(tmp_path):
    pixels = np.full((3, 40, 40), 500, "uint16")
    pixels[:, :, 20:] = 2500
    found, cog = converted(write(tmp_path / "a.tif", pixels), "imagery", stretch=[1000, 2000])
    with cog:
        assert set(np.unique(cog.read()[:, :, [2, 37]])) == {0, 255}


def test_bands_are_taken_in_the_order_asked(tmp_path):
    pixels = np.stack([np.full((20, 20), value, "uint8") for value in (10, 90, 170, 250)])
    _, cog = converted(write(tmp_path / "a.tif", pixels), "imagery", bands=[4, 1, 2])
    with cog:
        assert np.abs(cog.read().mean(axis=(1, 2)) - [250, 10, 90]).max() < 6


def test_heights_stay_exactly_what_they_are_and_nan_is_no_height(tmp_path):
    heights = slope()
    heights = np.where(np.arange(200)[:, None] < 50, np.float32(np.nan), heights)
    found, cog = converted(write(tmp_path / "a.tif", heights), "terrain")
    with cog:
        kept = cog.read(1, masked=True)
        assert (kept.mask == np.isnan(heights)).all()
        assert (kept.filled(0) == np.nan_to_num(heights)).all()
        assert (found["lowest"], found["highest"]) == (pytest.approx(20.0), pytest.approx(39.9))


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32"])
def test_whole_metres_stay_whole(tmp_path, dtype):
    heights = np.arange(200, dtype=dtype).reshape(10, 20)
    _, cog = converted(write(tmp_path / "a.tif", heights, nodata=7), "terrain")
    with cog:
        assert cog.dtypes == ("int16",)
        kept = cog.read(1, masked=True)
        assert (kept.filled(7) == heights).all()
        assert kept.mask.sum() == 1


def test_scale_and_offset_are_applied(tmp_path):
    path = write(tmp_path / "a.tif", np.full((10, 10), 100, "int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1,), (5.0,)
    found, cog = converted(path, "terrain")
    cog.close()
    assert found["highest"] == pytest.approx(15.0)


@pytest.mark.parametrize(("value", "words"), [(-9999.0, "--nodata=-9999"), (29029.0, "29029"), (np.inf, "inf")])
def test_numbers_that_are_no_heights_are_named_with_their_place(tmp_path, value, words):
    heights = slope()
    heights[3, 5] = value
    with pytest.raises(convert.Refused) as caught:
        converted(write(tmp_path / "a.tif", heights), "terrain")
    assert "1 pixels are no heights" in caught.value.args[0]
    assert "column 5, row 3" in caught.value.args[0]
    assert words in " ".join(caught.value.args)


def test_a_value_named_as_nodata_is_no_height(tmp_path):
    heights = slope()
    heights[3, 5] = -9999
    found, cog = converted(write(tmp_path / "a.tif", heights), "terrain", nodata=-9999.0)
    with cog:
        assert cog.read(1, masked=True).mask.sum() == 1
        assert found["lowest"] == 20.0


def test_a_model_without_a_single_height_is_refused(tmp_path):
    with pytest.raises(convert.Refused, match="no pixel has a height"):
        converted(write(tmp_path / "a.tif", np.full((9, 9), np.nan, "float32")), "terrain")


def test_a_turned_raster_keeps_its_turn_and_its_footprint(tmp_path):
    turned = Affine.translation(500_000, 3_500_000) @ Affine.rotation(30) @ Affine.scale(2, -2)
    path = write(tmp_path / "a.tif", picture(), turned, "EPSG:4547")
    where = position.locate(path, convert.describe(print, str(path)), None, False)
    # 80 by 60 pixels of 2 m, whatever the turn.
    assert where.resolution_m == pytest.approx(2.0, rel=0.005)
    west, south, east, north = where.footprint.bounds
    assert (east - west) * 94_900 == pytest.approx(160 * np.cos(np.pi / 6) + 120 * np.sin(np.pi / 6), rel=0.01)
    _, cog = converted(path, "imagery")
    with cog:
        assert cog.transform.almost_equals(turned)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_world_file_gives_the_place_that_the_file_lacks(tmp_path):
    path = write(tmp_path / "a.tif", picture(), None, None)
    (tmp_path / "a.tfw").write_text("2\n0\n0\n-2\n500001\n3499999\n")
    where = position.locate(path, convert.describe(print, str(path)), "EPSG:4547", False)
    assert where.transform == (2, 0, 500_000, 0, -2, 3_500_000)


@given(zone=st.integers(37, 40), pixel=st.floats(0.05, 100), rows=st.integers(1, 5000), columns=st.integers(1, 5000))
def test_a_raster_is_shown_at_the_zoom_of_its_own_pixels(zone, pixel, rows, columns):
    described = {"transform": [pixel, 0, 500_000, 0, -pixel, 3_500_000], "width": columns, "height": rows,
                 "crs": f"EPSG:{4534 + zone - 25}"}
    where = position.locate(Path("a.tif"), described, None, False)
    drawn = 156_543.034 / 2**where.maxzoom * np.cos(np.radians(31.6))
    assert where.maxzoom == 24 or drawn <= pixel * 1.1
    assert drawn > pixel / 2.1 or where.maxzoom == 0
    tile = 156_543.034 / 2**where.minzoom * 256 * np.cos(np.radians(31.6))
    assert max(rows, columns) * pixel <= tile * 1.01 or where.minzoom == 0
    assert where.resolution_m == pytest.approx(pixel, rel=0.01)


@pytest.mark.parametrize(("transform", "crs", "typed", "words"), [
    (AT, None, None, "does not say in which coordinate system it is"),
    (AT, "EPSG:4547", None, "has metres on a plane"),
    (Affine(2, 0, 500_000, 0, -2, 3_500_000), "EPSG:4490", None, "has degrees"),
    (Affine(2, 0, 500_000, 0, -2, 3_500_000), "EPSG:2433", None, "stands on the datum Beijing 1954"),
    (Affine(2, 0, 500_000, 0, -2, 3_500_000), "EPSG:4547", "EPSG:4548", "and --crs says EPSG:4548"),
    (Affine(1, 0, 100, 0, -1, 90), "EPSG:4490", None, "reaches beyond"),
])
def test_a_place_that_cannot_be_trusted_is_refused(tmp_path, transform, crs, typed, words):
    path = write(tmp_path / "a.tif", picture(), transform, crs)
    with pytest.raises(SourceError, match=words) as caught:
        position.locate(path, convert.describe(print, str(path)), typed, False)
    assert "a.tif" in caught.value.what or "The file says" in caught.value.what


def test_a_raster_library_that_puts_it_elsewhere_is_found_out(tmp_path):
    path = write(tmp_path / "a.tif", picture())
    where = position.locate(path, convert.describe(print, str(path)), None, False)
    position.check_agreement(path, where, where.edge.tolist())
    with pytest.raises(SourceError, match="from where its coordinates belong"):
        position.check_agreement(path, where, (where.edge + [0.001, 0]).tolist())
