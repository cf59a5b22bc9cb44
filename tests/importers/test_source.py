"""Opening files: disguises, cut-off files, encodings, layers, coordinate systems."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers import binary, formats, gdal
from importers.reference import find_reference, overruled
from importers.source import layer_names, open_source, typical_box
from spatial import crs
from spatial.errors import MappingError, SourceError
from tests.importers.files import buildings, square, write


def attributes(path: Path) -> dict[str, list]:
    return {name: column.to_pylist() for batch in open_source(path).batches()
            for name, column in batch.columns.items()}


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp", ".geojsonl"])
def test_every_format_gives_the_same_rows(tmp_path, ending):
    path = buildings(tmp_path / f"city{ending}", 3, crs="EPSG:4326")
    source = open_source(path, wanted="buildings")
    batch = next(source.batches())
    assert (batch.first, batch.rows) == (1, 3)
    assert batch.columns["code"].to_pylist() == ["B1", "B2", "B3"]
    assert shapely.from_wkb(batch.wkb[2].as_py()).bounds == pytest.approx((117.0025, 31.0005, 117.003, 31.001))
    assert find_reference(source, None, typical_box(batch.wkb)).label == "EPSG:4326"
    assert len(source.sha256()) == 64


@pytest.mark.parametrize("name", ["upload.geojson", "upload.gpkg", "upload.shp", "upload.json"])
def test_a_virtual_data_set_in_disguise_is_refused_and_reads_nothing(tmp_path, name):
    secret = buildings(tmp_path / "secret.geojson", 1, crs="EPSG:4326")
    path = tmp_path / name
    path.write_text(f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
                    "</OGRVRTLayer></OGRVRTDataSource>")
    with pytest.raises(SourceError, match="but a GDAL virtual data set"):
        open_source(path)


def test_only_the_drivers_of_our_formats_remain():
    # In a process of its own: tests write their files by other drivers.
    code = "from importers import gdal; import pyogrio; gdal.restrict(); print(*pyogrio.list_drivers(), sep='\\n')"
    left = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(left.splitlines()) == gdal.DRIVERS | {"MEM"}
    assert set().union(*(one.drivers for one in formats.FORMATS)) == gdal.DRIVERS


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp"])
def test_a_cut_off_file_is_refused(tmp_path, ending):
    path = buildings(tmp_path / f"a{ending}", 200, crs="EPSG:4326")
    whole = path.read_bytes()
    for share in (0.2, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        # A cut right behind a bracket is GDAL's to notice.
        with pytest.raises(SourceError, match="is cut off|Unterminated object"):
            open_source(path)
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="but an empty file"):
        open_source(path)


def test_a_cut_off_table_of_a_shapefile_is_refused(tmp_path):
    path = buildings(tmp_path / "a.shp", 200, crs="EPSG:4326")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-500])
    with pytest.raises(SourceError, match=r"a\.dbf is cut off"):
        open_source(path)
    table.unlink()
    with pytest.raises(SourceError, match=r"a\.dbf, a part of a\.shp, is missing"):
        open_source(path)


def test_damage_inside_a_file_ends_in_one_message(tmp_path):
    path = buildings(tmp_path / "a.gpkg", 3000)
    whole = bytearray(path.read_bytes())
    whole[8192:-4096] = b"\xff" * (len(whole) - 8192 - 4096)
    path.write_bytes(whole)
    with pytest.raises((SourceError, MappingError)):
        list(open_source(path, wanted="buildings").batches())
    path = buildings(tmp_path / "b.geojson", 3, crs="EPSG:4326")
    path.write_text(path.read_text().replace("[ ", "[ x", 3))
    with pytest.raises(SourceError, match=r"b\.geojson cannot be read"):
        list(open_source(path).batches())


@pytest.mark.parametrize(("name", "words"), [
    ("plan.dwg", "Save it as DXF"), ("city.rar", "pack it as .zip"), ("city.dbf", r"Name the \.shp file"),
    ("city.doc", "Formats read: .gpkg"), ("city", "Formats read")])
def test_what_is_not_read_is_answered_with_what_to_do(tmp_path, name, words):
    path = tmp_path / name
    path.write_bytes(b"x")
    with pytest.raises(SourceError, match=words):
        open_source(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        open_source(tmp_path / "no.gpkg")
    with pytest.raises(SourceError, match="is a folder"):
        open_source(tmp_path)


def test_of_several_layers_one_is_named_or_has_the_concepts_name(tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    write(path, {"code": ["x"]}, [square(117, 31)], layer="parks", append=True)
    assert layer_names(path) == ["buildings", "parks"]
    assert open_source(path, wanted="buildings").layer.name == "buildings"
    assert open_source(path, layer="parks", wanted="buildings").layer.name == "parks"
    with pytest.raises(MappingError, match="Choose one with --layer: buildings, parks"):
        open_source(path, wanted="water")
    with pytest.raises(MappingError, match="has no layer 'park'"):
        open_source(path, layer="park")


NAMES = ["望江苑一号楼", "学校", "市场", "联通营业厅"]


@pytest.mark.parametrize("declared", ["GBK", "ANSI 936", "UTF-8", "OEM", None])
def test_chinese_text_of_a_gbk_shapefile_is_read_whatever_it_declares(tmp_path, declared):
    path = write(tmp_path / "gbk.shp", {"楼名": NAMES}, [square(117 + n, 31) for n in range(4)], encoding="GBK",
                 crs="EPSG:4326")
    codepage = path.with_suffix(".cpg")
    codepage.unlink() if declared is None else codepage.write_text(declared)
    assert attributes(path) == {"楼名": NAMES}


def test_a_utf8_shapefile_is_read_and_a_field_name_cut_inside_a_character_is_named(tmp_path):
    path = write(tmp_path / "utf8.shp", {"name": NAMES}, [square(117 + n, 31) for n in range(4)], encoding="UTF-8",
                 crs="EPSG:4326")
    assert attributes(path) == {"name": NAMES}
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    # The first field's name, ten bytes: three characters and one byte of a fourth.
    content[32:43] = "建筑物编".encode()[:10] + b"\0"
    table.write_bytes(content)
    with pytest.raises(SourceError, match="field name '建筑物' is cut inside a character"):
        open_source(path)


def test_a_file_without_coordinate_system_is_refused_with_a_guess(tmp_path):
    for origin, guess in (((117.0, 31.0), "--crs EPSG:4490"), ((38_500_000, 3_400_000), "--crs EPSG:4526"),
                          ((500_000, 3_400_000), "EPSG:4547 for 114°E"), ((13_020_000, 3_640_000), "--crs EPSG:3857")):
        path = write(tmp_path / f"{origin[0]}.shp", {"code": ["B1"]}, [square(*origin, 0.5)], crs=None)
        source = open_source(path)
        with pytest.raises(SourceError, match="does not say in which coordinate system") as caught:
            find_reference(source, None, typical_box(next(source.batches()).wkb))
        assert guess in str(caught.value)


def found(path: Path, typed: str | None = None, override: bool = False) -> str:
    source = open_source(path)
    return find_reference(source, typed, typical_box(next(source.batches()).wkb), override).label


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", None])
def test_degrees_are_never_taken_for_metres(tmp_path, crs):
    path = buildings(tmp_path / "a.gpkg", 3, crs=crs)
    for override in (False, True):
        with pytest.raises(SourceError, match=r"a\.gpkg.*EPSG:4547 has metres on a plane") as caught:
            found(path, "EPSG:4547", override)
        assert "--crs EPSG:4490 for CGCS2000" in caught.value.cure


def test_a_system_that_contradicts_the_file_is_believed_only_when_that_is_said(tmp_path):
    path = write(tmp_path / "a.gpkg", {"code": ["B1"]}, [square(500_000, 3_400_000, 50)], crs="EPSG:4547")
    with pytest.raises(SourceError, match="says that it is in EPSG:4547.* and --crs says EPSG:4548") as caught:
        found(path, "EPSG:4548")
    assert "add --override-crs" in caught.value.cure
    assert found(path, "EPSG:4548", True) == "EPSG:4548"
    assert found(path, "EPSG:4547") == found(path) == "EPSG:4547"
    with pytest.raises(MappingError, match="--override-crs stands without --crs"):
        found(path, None, True)


def test_another_name_for_the_same_place_is_no_contradiction(tmp_path):
    assert found(buildings(tmp_path / "a.gpkg", 1, crs="EPSG:4490"), "EPSG:4326") == "EPSG:4326"
    assert found(buildings(tmp_path / "b.gpkg", 1, crs=None), "EPSG:4490") == "EPSG:4490"


def test_the_system_that_geojson_implies_is_no_declaration_and_one_that_it_names_is(tmp_path):
    metres = [square(500_000, 3_400_000, 50)]
    path = write(tmp_path / "a.geojson", {"code": ["B1"]}, metres, crs=None)
    with pytest.raises(SourceError, match="EPSG:4326 has degrees"):
        found(path)
    assert found(path, "EPSG:4548") == "EPSG:4548"
    named = write(tmp_path / "b.geojson", {"code": ["B1"]}, metres, crs="EPSG:4547")
    assert found(named) == "EPSG:4547"
    with pytest.raises(SourceError, match="add --override-crs|says that it is in EPSG:4547"):
        found(named, "EPSG:4548")


def test_a_system_of_another_country_is_refused_unless_that_is_said(tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1, crs="EPSG:4269")
    with pytest.raises(SourceError, match=r"Read as EPSG:4269.*near longitude 117\.00, latitude 31\.00"):
        found(path)
    assert found(path, "EPSG:4269", True) == "EPSG:4269"


def test_one_row_far_out_does_not_condemn_a_file(tmp_path):
    shapes = [square(117 + n / 1000, 31) for n in range(60)] + [square(38_500_000, 3_400_000)]
    path = write(tmp_path / "a.gpkg", {"code": [f"B{n}" for n in range(61)]}, shapes)
    source = open_source(path)
    assert find_reference(source, None, typical_box(next(source.batches()).wkb)).label == "EPSG:4490"


def test_a_shapefile_says_how_long_it_is_in_words_of_sixteen_bits(tmp_path):
    path = buildings(tmp_path / "a.shp", 2, crs="EPSG:4326")
    assert 2 * struct.unpack(">i", path.read_bytes()[24:28])[0] == path.stat().st_size
    shutil.copy(path, tmp_path / "b.shp")
    with pytest.raises(SourceError, match=r"b\.shx"):
        open_source(tmp_path / "b.shp")


@pytest.mark.parametrize(("system", "x", "y"), [
    ("EPSG:4490", 114.05, 22.54), ("EPSG:4490", 76.0, 39.5), ("EPSG:4547", 505_000, 2_500_000),
    ("EPSG:4526", 38_505_000, 2_500_000)])
def test_exchanged_axes_are_refused_until_that_is_said(tmp_path, system, x, y):
    size = 0.001 if abs(y) < 90 else 50
    shapes = [square(x + n * size, y, size) for n in range(3)]
    turned = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in shapes]
    path = write(tmp_path / "a.gpkg", {"code": ["A", "B", "C"]}, turned, crs=None)
    for typed in (system, None):
        with pytest.raises(SourceError, match="--swap-axes"):
            found(path, typed)
    source = open_source(path, swapped=True)
    (batch,) = source.batches()
    assert [shapely.from_wkb(one.as_py()).equals_exact(shape) for one, shape in zip(batch.wkb, shapes, strict=True)]
    assert find_reference(source, system, typical_box(batch.wkb)).label == system
    assert "x and y of every geometry are exchanged." in source.notes


def test_what_lies_far_in_the_north_is_believed_when_that_is_said(tmp_path):
    path = buildings(tmp_path / "svalbard.gpkg", 3, 15.6, 78.2)
    with pytest.raises(SourceError, match="If they lie there, far in the north"):
        found(path)
    assert found(path, "EPSG:4490", True) == "EPSG:4490"


def test_axes_that_stand_in_order_are_not_exchanged(tmp_path):
    source = open_source(buildings(tmp_path / "a.gpkg", 3), swapped=True)
    with pytest.raises(SourceError, match="Leave --swap-axes out"):
        find_reference(source, None, typical_box(next(source.batches()).wkb))


@given(st.lists(st.one_of(st.none(), st.binary(max_size=30), st.tuples(st.floats(), st.floats()).map(
    lambda xy: struct.pack("<BIdd", 1, 1, *xy))), max_size=5))
def test_axes_exchanged_twice_are_as_they_were_whatever_the_bytes(raw):
    column = pa.array(raw, pa.binary())
    once = binary.exchanged(column)
    assert once.is_null().to_pylist() == column.is_null().to_pylist()
    with np.errstate(invalid="ignore"):
        expected = [one if shape is None else shapely.to_wkb(shape) for one, shape in
                    zip(raw, binary.decode(column.to_numpy(zero_copy_only=False)), strict=True)]
    assert [one.as_py() for one in binary.exchanged(once)] == expected


XIAN = pyproj.CRS.from_epsg(2384).to_wkt("WKT1_ESRI")
KRASOVSKY = XIAN.replace("D_Xian_1980", "D_Krasovsky_1940").replace("6378140.0,298.257", "6378245.0,298.3").replace(
    "GCS_Xian_1980", "GCS_Krasovsky_1940")
SEVEN = "+proj=tmerc +lon_0=117 +x_0=500000 +ellps={} +towgs84=15.8,-154.4,-82.3,0.31,-0.22,1.05,-4.7"


@pytest.mark.parametrize(("wkt", "datum", "ellps"), [(XIAN, "Xian", "IAU76"), (KRASOVSKY, "Kras", "krass")])
def test_another_datum_is_named_and_led_to_parameters_and_never_exact_when_it_is_overridden(
        tmp_path, wkt, datum, ellps):
    path = write(tmp_path / "a.shp", {"code": ["B1"]}, [square(500_000, 3_400_000, 50)], crs=None)
    path.with_suffix(".prj").write_text(wkt)
    for typed in ("EPSG:4548", "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=GRS80 +towgs84=0,0,0"):
        with pytest.raises(SourceError, match=f"datum of the file, .*{datum}.*, is another one") as caught:
            found(path, typed)
        assert f"+lon_0=117 +x_0=500000 +ellps={ellps} +towgs84=dx" in caught.value.cure
    assert found(path, "EPSG:4548", True) == "EPSG:4548"
    source = open_source(path)
    believed = overruled(source, crs.route(crs.reference("EPSG:4548")))
    assert believed.accuracy_m == 100
    assert datum in believed.remarks[0]
    assert "off by up to 100 m" in believed.remarks[0]
    given = crs.reference(SEVEN.format(ellps))
    assert find_reference(source, SEVEN.format(ellps), typical_box(next(source.batches()).wkb)) == given
    assert overruled(source, crs.route(given)).remarks == ()
