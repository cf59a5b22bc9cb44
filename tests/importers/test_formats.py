"""Every format gives the rows that stand in the file."""

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from importers import concepts, fields, formats
from importers.formats import encodings
from importers.reference import find_reference
from importers.source import Source, layer_names, open_source, typical_box
from importers.values import ZoneInfo
from spatial.errors import SourceError
from tests.importers import made
from tests.importers.files import buildings, square, write
from tests.importers.made_xls import old_workbook

NAMES = ["望江苑一号楼", "学校", "市场"]
SQUARES = [square(117 + number / 100, 31) for number in range(3)]


def rows(source: Source) -> list[dict]:
    """Return every row of a source, its geometry under ``wkb``."""
    found = []
    for batch in source.batches():
        columns = {name: column.to_pylist() for name, column in batch.columns.items()}
        shapes = batch.wkb.to_pylist() if batch.wkb is not None else [None] * batch.rows
        found += [{**{name: values[at] for name, values in columns.items()}, "wkb": shapes[at]}
                  for at in range(batch.rows)]
    return found


def faults(source: Source) -> list[tuple[int, str]]:
    return [(fault.row, fault.reason) for batch in source.batches() for fault in batch.faults]


def label(source: Source, typed: str | None = None) -> str:
    return find_reference(source, typed, typical_box(next(source.batches()).wkb)).label


@pytest.mark.parametrize("ending", [".gdb", ".kml", ".gml", ".tab", ".mif", ".fgb"])
def test_a_file_of_gdal_gives_names_in_chinese_and_places(tmp_path, ending):
    path = write(tmp_path / f"city{ending}", {"code": ["B1", "B2", "B3"], "name": NAMES}, SQUARES, crs="EPSG:4326",
                 kind="Polygon" if ending != ".gdb" else "MultiPolygon",
                 **({"ENCODING": "CP936"} if ending in (".tab", ".mif") else {}))
    source = open_source(path)
    found = {row["code"]: row for row in rows(source)}
    # KML has a name of its own for names.
    assert [found[f"B{number}"]["Name" if ending == ".kml" else "name"] for number in (1, 2, 3)] == NAMES
    # A MapInfo table counts in steps of its own extent.
    assert shapely.from_wkb(found["B2"]["wkb"]).bounds == pytest.approx((117.01, 31, 117.011, 31.001), abs=2e-6)
    assert label(source) == "EPSG:4326"
    assert len(source.sha256()) == 64


def test_a_packed_geodatabase_is_one_file(tmp_path):
    folder = write(tmp_path / "city.gdb", {"code": ["B1"]}, SQUARES[:1], kind="MultiPolygon", crs="EPSG:4490")
    path = made.zipped(tmp_path / "city.gdb.zip", {f"city.gdb/{part.name}": part.read_bytes()
                                                   for part in sorted(folder.iterdir())})
    assert [row["code"] for row in rows(open_source(path))] == ["B1"]
    (tmp_path / "empty.gdb").mkdir()
    with pytest.raises(SourceError, match=r"a00000001\.gdbtable is missing"):
        open_source(tmp_path / "empty.gdb")


@pytest.mark.parametrize(("ending", "head", "lying"), [
    (".tab", b'!charset WindowsSimpChinese\n', b'!charset WindowsLatin1\n'),
    (".mif", b'Charset "WindowsSimpChinese"\n', b'Charset "Neutral"\n'),
    (".mif", b'Charset "WindowsSimpChinese"\n', b'')])
def test_chinese_text_of_mapinfo_is_read_whatever_it_declares(tmp_path, ending, head, lying):
    path = write(tmp_path / f"a{ending}", {"name": NAMES}, SQUARES, crs="EPSG:4326", ENCODING="CP936")
    content = path.read_bytes()
    assert head in content
    path.write_bytes(content.replace(head, lying).replace(b'Charset "WindowsSimpChinese"', b'Charset "Neutral"'))
    source = open_source(path)
    assert [row["name"] for row in rows(source)] == NAMES
    assert source.layer.encoding == "GB18030"


def test_each_layer_of_a_drawing_is_a_layer_and_its_closed_lines_are_polygons(tmp_path):
    corners = list(SQUARES[0].exterior.coords)[:-1]
    path = made.dxf(tmp_path / "plan.dxf", [("建筑", corners), ("道路", corners), ("建筑", corners)])
    assert layer_names(path) == ["entities", "建筑", "道路"]
    found = rows(open_source(path, "建筑"))
    assert [shapely.from_wkb(row["wkb"]).geom_type for row in found] == ["Polygon", "Polygon"]
    assert len(rows(open_source(path, "entities"))) == 3
    alone = made.dxf(tmp_path / "one.dxf", [("0", corners)])
    assert layer_names(alone) == ["entities"]


def test_an_extract_of_openstreetmap_has_columns_for_heights_and_all_other_tags(tmp_path):
    tags = {"building": "yes", "building:levels": "6", "height": "18.5", "name:zh": "学校", "roof:shape": "flat"}
    path = made.extract(tmp_path / "a.osm.pbf", list(square(117, 31).exterior.coords)[:-1], tags)
    assert layer_names(path)[:2] == ["points", "lines"]
    source = open_source(path, "multipolygons")
    row, = rows(source)
    assert (row["building_levels"], row["height"], row["name_zh"]) == ("6", "18.5", "学校")
    assert row["other_tags"] == '"roof:shape"=>"flat"'
    assert shapely.from_wkb(row["wkb"]).geom_type == "MultiPolygon"
    assert label(source) == "EPSG:4326"


@pytest.mark.parametrize("names", ["utf-8", "gbk"])
def test_every_shapefile_of_an_archive_is_a_layer_under_its_chinese_name(tmp_path, names):
    parts = {}
    for name in ("房屋", "绿地"):
        path = write(tmp_path / f"{name}.shp", {"code": [name]}, SQUARES[:1], encoding="GBK", crs="EPSG:4326")
        parts |= {f"资料/{part.name}": part.read_bytes() for part in tmp_path.glob(f"{name}.*")}
        assert path.is_file()
    archive = made.zipped(tmp_path / "all.zip", parts, names)
    assert sorted(layer_names(archive)) == ["房屋", "绿地"]
    assert [row["code"] for row in rows(open_source(archive, "绿地"))] == ["绿地"]


def test_kmz_is_read_and_what_it_links_to_is_not(tmp_path):
    inner = write(tmp_path / "doc.kml", {"code": ["B1"]}, SQUARES[:1], crs="EPSG:4326").read_bytes()
    link = b"<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink></Document>"
    path = made.zipped(tmp_path / "a.kmz", {"doc.kml": inner.replace(b"</Document>", link, 1)})
    assert [row["code"] for row in rows(open_source(path, layer_names(path)[0]))] == ["B1"]


def test_xml_in_gbk_is_read(tmp_path):
    path = write(tmp_path / "a.kml", {"name2": NAMES}, SQUARES, crs="EPSG:4326")
    text = path.read_text(encoding="utf-8").replace('encoding="UTF-8"', 'encoding="GB2312"')
    path.write_bytes(text.encode("gb18030"))
    assert [row["name2"] for row in rows(open_source(path))] == NAMES


GEO = {"version": "1.1.0", "primary_column": "geometry",
       "columns": {"geometry": {"encoding": "WKB", "geometry_types": [],
                                "crs": {"id": {"authority": "EPSG", "code": 4490}}}}}


def parquet(path: Path, columns: dict, geo: dict | None = GEO) -> Path:
    table = pa.table(columns)
    pq.write_table(table if geo is None else table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def test_geoparquet_keeps_dates_decimals_and_its_coordinate_system(tmp_path):
    path = parquet(tmp_path / "a.parquet", {
        "code": ["B1", None], "built": pa.array([0, 1], pa.date32()),
        "area": pa.array([1, 2]).cast(pa.decimal128(30, 2)),
        "seen": pa.array([0, 1], pa.timestamp("ms", "Asia/Shanghai")), "parts": pa.array([{"a": 1}, None]),
        "kind": pa.array(["x", "y"]).dictionary_encode(),
        "geometry": [shapely.to_wkb(shape) for shape in SQUARES[:2]]})
    source = open_source(path)
    first, second = rows(source)
    assert (first["code"], first["built"], first["area"], first["seen"], first["parts"], first["kind"]) == (
        "B1", "1970-01-01", "1.00", "1970-01-01T00:00:00.000000Z", '{"a": 1}', "x")
    assert second["code"] is None
    assert label(source) == "EPSG:4490"
    bare = parquet(tmp_path / "b.parquet", {"code": ["B1"]}, None)
    assert (open_source(bare).layer.geometry, len(rows(open_source(bare)))) == (None, 1)


@pytest.mark.parametrize(("encoding", "shape"), [
    ("point", shapely.Point(117, 31)), ("linestring", shapely.LineString([(0, 0), (1, 2)])),
    ("polygon", shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))),
    ("multipoint", shapely.MultiPoint([(0, 0), (1, 2)])),
    ("multilinestring", shapely.MultiLineString([[(0, 0), (1, 2)], [(5, 5), (6, 6)]])),
    ("multipolygon", shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]))])
def test_geometries_in_lists_of_coordinates_are_read(tmp_path, encoding, shape):
    _, points, offsets = shapely.to_ragged_array(np.array([shape, shape]))
    points = np.ascontiguousarray(points)
    pairs = pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), 2)
    column = pa.StructArray.from_arrays([pa.array(points[:, 0]), pa.array(points[:, 1])], names=["x", "y"])
    for nested, path in ((column, tmp_path / "a.parquet"), (pairs, tmp_path / "a.arrow")):
        for steps in offsets:
            nested = pa.ListArray.from_arrays(pa.array(steps, pa.int32()), nested)
        if path.suffix == ".parquet":
            geo = {"primary_column": "g", "columns": {"g": {"encoding": encoding, "geometry_types": []}}}
            parquet(path, {"g": nested}, geo)
        else:
            field = pa.field("g", nested.type, metadata={"ARROW:extension:name": f"geoarrow.{encoding}"})
            table = pa.table([nested], schema=pa.schema([field]))
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        found = rows(open_source(path))
        assert [shapely.from_wkb(row["wkb"]).equals(shape) for row in found] == [True, True]


def test_a_workbook_gives_every_cell_as_text_and_its_sheets_as_layers(tmp_path):
    path = made.workbook(tmp_path / "名册.xlsx", {
        "楼栋": [["编号", "层数", "高度", "经度", "纬度"], ["B1", 6, ("=B2*3", 18), 117.5, 31.25], [None] * 5,
               ["B2", 6.5, ("=B3*3", None), None, None]],
        "空": [["a"]]})
    assert layer_names(path) == ["楼栋", "空"]
    source = open_source(path, "楼栋")
    first, second = rows(source)
    assert [first[name] for name in ("编号", "层数", "高度", "经度")] == ["B1", "6", "18", "117.5"]
    assert shapely.from_wkb(first["wkb"]).coords[0] == (117.5, 31.25)
    assert (second["层数"], second["高度"], second["wkb"]) == ("6.5", None, None)
    assert any("formulas" in note for note in source.layer.notes)
    assert source.layer.crs is None


def test_an_old_workbook_gives_chinese_text_numbers_dates_and_long_codes_as_they_were_typed(tmp_path):
    path = old_workbook(tmp_path / "名册.xls", {
        "封面": [["望江苑街道"]],
        "楼栋": [["望江苑楼栋名册"],
               ["编号", "楼名", "层数", "高度", "建成", "查验", "网格", "户主", "经度", "纬度"],
               ["340102001001001", "𠮷祥苑3幢（东）", 6, 18.25, date(2003, 5, 17), datetime(2026, 11, 22, 8, 30),
                340_102_001_001_001, 110_101_199_003_070_004, 117.5, 31.25],
               [None] * 10, ["B2", "学校", -2, 0.1, None, date(1999, 12, 31), 7, "X", None, None]]})
    assert layer_names(path) == ["封面", "楼栋"]
    source = open_source(path, "楼栋")
    first, second = rows(source)
    assert shapely.from_wkb(first.pop("wkb")).coords[0] == (117.5, 31.25)
    assert first == {"编号": "340102001001001", "楼名": "𠮷祥苑3幢（东）", "层数": "6", "高度": "18.25",
                     "建成": "2003-05-17", "查验": "2026-11-22T08:30:00", "网格": "340102001001001",
                     "户主": "1.10101199003070E+17", "经度": "117.5", "纬度": "31.25"}
    assert [second[name] for name in ("编号", "层数", "高度", "建成", "查验", "网格")] == [
        "B2", "-2", "0.1", None, "1999-12-31", "7"]


def test_a_sheet_of_openoffice_is_read(tmp_path):
    space = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in
                    ("office", "table", "text"))
    cells = "".join(f'<table:table-row><table:table-cell office:value-type="string"><text:p>{name}</text:p>'
                    f'</table:table-cell><table:table-cell office:value-type="{kind}">'
                    f"<text:p>{value}</text:p></table:table-cell></table:table-row>"
                    for name, kind, value in (("code", "string", "层数"), ("B1", 'float" office:value="6', "6")))
    path = made.zipped(tmp_path / "a.ods", {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "content.xml": (f"<office:document-content{space}><office:body><office:spreadsheet><table:table table:name='a'>"
                        f"{cells}</table:table></office:spreadsheet></office:body></office:document-content>").encode()})
    assert rows(open_source(path)) == [{"code": "B1", "层数": "6", "wkb": None}]


def test_an_identity_number_stored_as_a_number_is_rejected_and_one_stored_as_text_is_not(tmp_path):
    path = made.workbook(tmp_path / "a.xlsx", {"a": [["id_number"], [110101199003070000], ["11010119900307765X"]]})
    column = pa.array([row["id_number"] for row in rows(open_source(path))])
    assert column.to_pylist() == ["1.10101199003070E+17", "11010119900307765X"]
    _, found = fields.check(concepts.find("residents"), {"id_number": column}, 1, ZoneInfo("Asia/Shanghai"))
    assert [(fault.row, fault.reason) for fault in found if fault.reason == "digits-lost"] == [(1, "digits-lost")]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", "\t"),
                                                     ("utf-16", ","), ("gbk", "|")])
def test_a_table_in_text_is_read_in_any_encoding_and_with_any_delimiter(tmp_path, encoding, delimiter):
    lines = [["楼名", "经度", "纬度", "备注"], [NAMES[0], "117.5", "31.25", '"带""引号""\n两行"'],
             ["学校", "", "", "x"]]
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    source = open_source(path)
    first, second = rows(source)
    assert (first["楼名"], first["备注"]) == (NAMES[0], '带"引号"\n两行')
    assert shapely.from_wkb(first["wkb"]).coords[0] == (117.5, 31.25)
    assert second["wkb"] is None
    assert "certain" in source.layer.encoding_from or "likely" in source.layer.encoding_from


def test_a_table_in_text_may_say_its_geometry_in_wkt(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('code,wkt\nB1,"SRID=4490;POLYGON((117 31,117.1 31,117 31.1,117 31))"\nB2,\nB3,POLYGON((oops\n')
    source = open_source(path)
    assert source.layer.crs is None or source.layer.crs == "EPSG:4490"
    found = rows(source)
    assert shapely.from_wkb(found[0]["wkb"]).area == pytest.approx(0.005)
    assert found[1]["wkb"] is None
    assert faults(source) == [(3, "unreadable-geometry")]


def test_odd_cells_of_wkt_reject_their_own_rows_only(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,wkt\nB1,POINT(117 31)\nB2,无\nB3,POINT(117 32)\nB4,POINT(118 32)\n"
                    'B5,"CIRCULARSTRING(0 0,1 1,2 0)"\n')
    source = open_source(path)
    assert [row["wkb"] is None for row in rows(source)] == [False, True, False, False, True]
    assert faults(source) == [(2, "unreadable-geometry"), (5, "unreadable-geometry")]


def test_without_columns_of_a_position_a_table_has_no_geometry(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code,name,,name\n1,2,3,4\n5\n6,7,8,9,10\n")
    source = open_source(path)
    assert source.layer.geometry is None
    assert source.layer.fields == ("code", "name (1)", "column 3", "name (2)")
    assert faults(source) == [(2, "cells"), (3, "cells")]


def test_cityjson_gives_footprint_height_and_storeys_of_the_whole_building(tmp_path):
    source = open_source(made.city(tmp_path / "a.city.json"))
    row, = rows(source)
    assert (row["id"], row["height"], row["floors"], row["ground"], row["用途"]) == ("house", 6.0, 2.0, 1.5, "住宅")
    footprint = shapely.from_wkb(row["wkb"])
    assert footprint.geom_type == "Polygon"
    assert footprint.area == pytest.approx(80)
    assert footprint.bounds == (84600, 447400, 84610, 447408)
    assert (source.layer.crs, label(source)) == ("EPSG:7415", "EPSG:28992")
    assert [row["id"] for row in rows(open_source(made.city(tmp_path / "b.json", version="1.1")))] == ["house"]


def test_a_ring_of_too_many_vertices_rejects_its_row_and_no_other(tmp_path):
    angles = np.linspace(0, 2 * np.pi, 200_002)[:-1]
    round_ = shapely.Polygon(np.column_stack([117 + 0.1 * np.cos(angles), 31 + 0.1 * np.sin(angles)]))
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B2"]}, [round_, SQUARES[0]])
    source = open_source(path)
    assert faults(source) == [(1, "too-many-vertices")]
    assert [row["wkb"] is None for row in rows(source)] == [True, False]


def test_what_lies_beside_a_file_is_not_read(tmp_path):
    path = buildings(tmp_path / "a.geojson", 1, crs="EPSG:4326")
    rows(open_source(path))
    gml = write(tmp_path / "b.gml", {"code": ["B1"]}, SQUARES[:1], crs="EPSG:4326")
    (tmp_path / "b.xsd").write_text("<broken")
    (tmp_path / "b.gfs").write_text("<GMLFeatureClassList><GMLFeatureClass><Name>z</Name></GMLFeatureClass>")
    assert [row["code"] for row in rows(open_source(gml))] == ["B1"]


@pytest.mark.parametrize(("texts", "declared", "name", "word"), [
    (["望江苑一号楼".encode("gbk")], None, "GB18030", "likely"),
    (["望江苑一号楼".encode("gbk")], "UTF-8", "GB18030", "although it declares UTF-8"),
    (["望江苑一号楼".encode("gbk")], "ANSI 936", "GB18030", "certain"),
    (["望江苑一号楼望江苑".encode()], "936", "UTF-8", "although it declares 936"),
    (["café crème".encode("latin-1")], "ISO-8859-1", "ISO-8859-1", "as declared"),
    (["臺北市政府".encode("big5")], "BIG5", "BIG5", "as declared"),
    ([b"plain"], None, "UTF-8", "plain ASCII"),
    ([b"\xff\xfe\xfd\x80"], None, "GB18030", "doubtful")])
def test_how_sure_an_encoding_is_is_said(texts, declared, name, word):
    found, how = encodings.find(texts, declared)
    assert (found, word in how) == (name, True), how


def test_no_two_formats_have_the_same_ending():
    endings = [ending for one in formats.FORMATS for ending in one.suffixes]
    assert len(endings) == len(set(endings))


def test_an_archive_with_one_file_has_the_layers_of_that_file(tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "a.gpkg")
        archive.writestr("read me.doc", "x")
    assert layer_names(tmp_path / "a.zip") == ["buildings"]
