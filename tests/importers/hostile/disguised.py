"""Files that are something else than their ending says."""

import sqlite3
from pathlib import Path

import numpy as np

from tests.importers.files import buildings
from tests.importers.hostile.table import CASES, VRT, WFS, Case, case, text_file

for _ending, _words in (
    (".geojson", "is not GeoJSON but a GDAL virtual"),
    (".gpkg", "not a GeoPackage but a GDAL virt"),
    (".shp", "is not a shapefile but a GDAL virtual"),
    (".kml", "is not KML but a GDAL virtual"),
    (".gml", "is not GML but a GDAL virtual"),
    (".dxf", "is not DXF but a GDAL virtual"),
    (".tab", "is not a MapInfo table but a GDAL virtual"),
    (".fgb", "not FlatGeobuf but a GDAL virt"),
    (".osm.pbf", "is not an OpenStreetMap extract but"),
    (".csv", "but an XML or HTML document"),
    (".xlsx", "is not a workbook but a GDAL virtual"),
    (".zip", "is not a zip archive but a GDAL vir"),
    (".parquet", "is not Parquet but a GDAL virtual"),
    (".city.json", "not CityJSON but a GDAL virt"),
):
    CASES[f"virtual data set called {_ending}"] = Case(text_file(f"a{_ending}", VRT), _words)
CASES["web service called .json"] = Case(text_file("a.json", WFS), "is not GeoJSON but an XML")
CASES["web service called .gml"] = Case(text_file("a.gml", WFS), "is not GML but an XML")
CASES["address of a web service in JSON"] = Case(
    text_file("a.json", '{"type": "FeatureCollection", "features": [], "links": [{"href": "{url}", "rel": "data"}]}'),
    rows=0,
)
CASES["algorithm of GDAL in JSON"] = Case(
    text_file("a.json", '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {url} ! write x"}'),
    "JSON without GeoJSON",
)
CASES["TopoJSON called GeoJSON"] = Case(
    text_file("a.geojson", '{"type": "Topology", "objects": {"a": {"type": "Polygon", "arcs": [[0]]}}, "arcs": []}'),
    "cannot be read|JSON without|is not GeoJSON",
)
CASES["program called .gpkg"] = Case(text_file("a.gpkg", b"\x7fELF" + bytes(4096)), "is not a GeoPackage but something")
CASES["web page called .xls"] = Case(
    text_file("a.xls", "<html><table><tr><td>1</td></tr></table></html>"), "is not a workbook but an XML or HTML"
)
CASES["drawing of AutoCAD"] = Case(
    text_file("a.dwg", b"AC1032" + bytes(100)), "has an ending that is not read. Save it as DX"
)
CASES["binary drawing"] = Case(text_file("a.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00"), "is a binary DXF")


@case("database of SQLite called .gpkg", refused="cannot be read|holds no layer")
def _(folder: Path, url: str) -> Path:
    with sqlite3.connect(folder / "a.gpkg") as connection:
        connection.execute("CREATE TABLE a (b TEXT)")
    connection.close()
    return folder / "a.gpkg"


def _computed(folder: Path, statement: str) -> Path:
    path = buildings(folder / "a.gpkg", 1)
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'attributes', 'v')"
        )
        connection.execute("DELETE FROM gpkg_contents WHERE table_name = 'buildings'")
        connection.execute("DELETE FROM gpkg_geometry_columns")
    connection.close()
    return path


@case("GeoPackage with an endless query", refused="the layer v is a query")
def _(folder: Path, url: str) -> Path:
    return _computed(
        folder, "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT * FROM c"
    )


@case("GeoPackage that asks a geocoder", refused="the layer v is a query|could be used to steal data")
def _(folder: Path, url: str) -> Path:
    return _computed(folder, f"CREATE VIEW v AS SELECT ogr_geocode('{url}') AS a")


@case("GeoPackage that is being written", refused="is open in another program: a.gpkg-wal")
def _(folder: Path, url: str) -> Path:
    path = buildings(folder / "a.gpkg", 1)
    (folder / "a.gpkg-wal").write_bytes(b"7" * 4096)
    return path


@case("GeoPackage whose table is missing", refused="cannot be read|holds no layer")
def _(folder: Path, url: str) -> Path:
    path = buildings(folder / "a.gpkg", 1)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'buildings'")
    connection.close()
    return path


@case("GeoPackage of noise behind its head", refused="cannot be read")
def _(folder: Path, url: str) -> Path:
    path = buildings(folder / "a.gpkg", 1000)
    content = bytearray(path.read_bytes())
    content[100:] = bytes(np.random.default_rng(1).integers(0, 256, len(content) - 100, np.uint8))
    path.write_bytes(content)
    return path
