"""Files cut off, sets that contradict themselves, geometries that are none."""

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely

from tests.importers.files import bow_tie, buildings, write
from tests.importers.hostile.table import CASES, FEATURE, FEATURES, SQUARES, Builder, Case, case, cut, many, text_file

# --- cut off, empty, without rows ---
for _ending in (".gpkg", ".geojson", ".shp", ".fgb", ".gml", ".tab", ".mif"):
    for _share in (0.3, 0.9):
        CASES[f"{_ending} cut off at {_share:.0%}"] = Case(
            lambda folder, url, ending=_ending, share=_share: cut(many(folder, ending), share),
            "cut off|cannot be read|holds no layer|ends after row|"
            "missing|stands for other|ended the program|Unterminated",
        )
for _ending in (
    ".gpkg",
    ".geojson",
    ".geojsonl",
    ".shp",
    ".csv",
    ".xlsx",
    ".kml",
    ".gml",
    ".dxf",
    ".tab",
    ".mif",
    ".fgb",
    ".osm.pbf",
    ".parquet",
    ".arrow",
    ".city.json",
    ".zip",
    ".kmz",
    ".ods",
):
    CASES[f"empty file called {_ending}"] = Case(text_file(f"a{_ending}", b""), "an empty file|is cut off|missing")


@case("layer without rows", rows=0)
def _(folder: Path, url: str) -> Path:
    return write(folder / "a.gpkg", {"code": []}, [])


@case("only null geometries", rows=2, rejected=("no-geometry", "no-geometry"))
def _(folder: Path, url: str) -> Path:
    return write(folder / "a.gpkg", {"code": ["a", "b"]}, [None, None])


@case("table without a row", rows=0)
def _(folder: Path, url: str) -> Path:
    return text_file("a.csv", "code,name\n")(folder, url)


# --- shapefile ---
def _set(folder: Path, ending: str, edit: Callable[[bytearray], None]) -> Path:
    path = many(folder, ".shp")
    part = path.with_suffix(ending)
    content = bytearray(part.read_bytes())
    edit(content)
    part.write_bytes(content)
    return path


CASES["shapefile whose table says 4 billion records"] = Case(
    lambda folder, url: _set(folder, ".dbf", lambda c: c.__setitem__(slice(4, 8), b"\xff" * 4)), r"a\.dbf is cut off"
)
CASES["shapefile whose table says too few records"] = Case(
    lambda folder, url: _set(folder, ".dbf", lambda c: c.__setitem__(slice(4, 8), struct.pack("<I", 7))),
    "ends after row 7",
)
CASES["shapefile whose table has a head of 65,535 bytes"] = Case(
    lambda folder, url: _set(folder, ".dbf", lambda c: c.__setitem__(slice(8, 10), b"\xff\xff")), r"a\.dbf is cut off"
)
CASES["shapefile whose index points behind its end"] = Case(
    lambda folder, url: _set(folder, ".shx", lambda c: c.__setitem__(slice(100, 104), b"\x7f" + b"\xff" * 3)),
    rejected=("no-geometry",),
)
CASES["shapefile with a ring of 2 billion vertices"] = Case(
    lambda folder, url: _set(folder, ".shp", lambda c: c.__setitem__(slice(148, 152), b"\xff\xff\xff\x7f")),
    rejected=("no-geometry",),
)
CASES["shapefile without index"] = Case(
    lambda folder, url: (path := many(folder, ".shp"), path.with_suffix(".shx").unlink())[0], r"a\.shx.* is missing"
)
CASES["shapefile with 5 MB beside called .prj"] = Case(
    lambda folder, url: (path := many(folder, ".shp"), path.with_suffix(".prj").write_bytes(b"(" * (5 << 20)))[0],
    rows=300,
)


# --- geometry ---
def _shapes(*shapes: object) -> Builder:
    return lambda folder, url: write(folder / "a.gpkg", {"code": [f"B{n}" for n in range(len(shapes))]}, list(shapes))


@np.errstate(invalid="ignore")
def _open_ended(number: float) -> shapely.Polygon:
    return shapely.Polygon([(117, 31), (number, 31), (117, 32)])


def _ring(count: int) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return shapely.Polygon(np.column_stack([117 + 0.1 * np.cos(angles), 31 + 0.1 * np.sin(angles)]))


def _scribble(count: int) -> shapely.Polygon:
    return shapely.Polygon(np.random.default_rng(7).uniform((117, 31), (117.1, 31.1), (count, 2)))


CASES["bow-tie"] = Case(_shapes(bow_tie(117, 31), *SQUARES), rejected=("invalid-geometry",), rows=3)
CASES["scribble of 2,000 vertices"] = Case(_shapes(_scribble(2000), *SQUARES), rejected=("invalid-geometry",), rows=3)
CASES["ring of a million vertices"] = Case(_shapes(_ring(1_000_000), *SQUARES), rejected=("too-many-vertices",), rows=3)
CASES["NaN and Inf"] = Case(
    _shapes(
        _open_ended(float("nan")),
        _open_ended(float("inf")),
        *SQUARES,
    ),
    rejected=("not-finite", "not-finite"),
    rows=4,
)
CASES["mixed types"] = Case(
    _shapes(shapely.Point(117, 31), shapely.LineString([(117, 31), (118, 32)]), *SQUARES),
    rejected=("wrong-geometry-type", "wrong-geometry-type"),
    rows=4,
)
CASES["empty polygon"] = Case(_shapes(shapely.Polygon(), *SQUARES), rejected=("empty-geometry",), rows=3)
CASES["bytes that are no geometry"] = Case(
    lambda folder, url: _damaged_shape(folder), rejected=("unreadable-geometry",), rows=2
)
CASES["huge numbers"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace("[117.1, 31]", "[1e308, 31]")), rejected=("out-of-range",), rows=1
)
CASES["GeoJSON with NUL in a text"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace('"B1"', '"B\\u00001"')), "holds the character NUL"
)
CASES["GeoJSON with a backslash before u0000"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace('"B1"', '"B\\\\u00001"')), rows=1
)
CASES["numbers beyond any float"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace("117.1", "1e999")), "Unrecognized number"
)
CASES["a number of 100,000 digits"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace('"B1"', "9" * 100_000)), "Too many characters in number"
)


def _damaged_shape(folder: Path) -> Path:
    path = buildings(folder / "a.gpkg", 2)
    with sqlite3.connect(path) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        (shape,) = connection.execute("SELECT geom FROM buildings WHERE fid = 1").fetchone()
        connection.execute("UPDATE buildings SET geom = ? WHERE fid = 1", (shape[:-20],))
    connection.close()
    return path
