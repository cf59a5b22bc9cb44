"""Reject files keep what no geometry could be made of, so that it is seen, mended, or refused again for its reason."""

import json
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from importers import clean, concepts, rejects_file, wkt
from importers.faults import Fault, Rejects
from importers.source import open_source
from spatial import crs

CORNERS = [(117.0, 31.0), (117.5, 31.0), (117.5, 31.25)]


def polygon(corners: list[tuple[float, float]]) -> bytes:
    return struct.pack("<BIII", 1, 3, 1, len(corners)) + b"".join(struct.pack("<dd", *corner) for corner in corners)


OPEN = polygon(CORNERS)
CURVE = (struct.pack("<BII", 1, 10, 1) + struct.pack("<BII", 1, 8, 3)
         + b"".join(struct.pack("<dd", *corner) for corner in [*CORNERS[:2], CORNERS[0]]))
DAMAGED = OPEN[:-7]
BROKEN = {"an open ring": OPEN, "a curve": CURVE, "damaged bytes": DAMAGED}
TEXTS = {"an open ring": "POLYGON ((117 31, 117.5 31, 117.5 31.25))",
         "a curve": "CURVEPOLYGON (CIRCULARSTRING (117 31, 117.5 31, 117 31))",
         "damaged bytes": f"GEOMETRYCOLLECTION UNREADABLE {DAMAGED.hex()}"}


def parquet(path: Path, shapes: list[bytes]) -> Path:
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    codes = [f"B{number}" for number in range(len(shapes))]
    table = pa.table({"code": codes, "geometry": pa.array(shapes, pa.binary())})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def reasons(path: Path) -> list[str]:
    """Return row and reason of every fault of the geometries of a file of buildings."""
    (batch,) = open_source(path).batches()
    _, found, _ = clean.check(concepts.find("buildings"), batch.wkb, batch.first, crs.reference("EPSG:4490"))
    told = {fault.row for fault in batch.faults}
    return [f"{fault.row} {fault.reason}" for fault in [*batch.faults, *(one for one in found if one.row not in told)]]


def rejected(path: Path, target: Path, rows: int) -> Path:
    rejects = Rejects()
    rejects.add([Fault(row, "geometry", "x", "y") for row in range(1, rows + 1)])
    rejects_file.write(target, open_source(path), rejects)
    return target


@pytest.mark.parametrize("broken", BROKEN)
def test_in_a_table_of_rejects_a_geometry_that_cannot_be_read_is_text_and_refused_for_the_same_reason(tmp_path, broken):
    path = parquet(tmp_path / "a.parquet", [BROKEN[broken], shapely.to_wkb(shapely.box(117, 31, 117.5, 31.5))])
    assert reasons(path) == ["1 unreadable-geometry"]
    target = rejected(path, tmp_path / "r.csv", 2)
    (batch,) = open_source(target).batches()
    assert batch.columns["geom"].to_pylist()[0] == TEXTS[broken]
    assert reasons(target) == ["1 unreadable-geometry"]
    assert reasons(rejected(parquet(path, [BROKEN[broken]]), tmp_path / "s.csv", 1)) == ["1 unreadable-geometry"]


@pytest.mark.parametrize("broken", ["an open ring", "a curve"])
def test_a_geopackage_of_rejects_holds_open_rings_and_curves_as_they_were(tmp_path, broken):
    path = parquet(tmp_path / "a.parquet", [BROKEN[broken], shapely.to_wkb(shapely.box(117, 31, 117.5, 31.5))])
    target = rejected(path, tmp_path / "r.gpkg", 2)
    (batch,) = open_source(target).batches()
    assert batch.wkb[0].as_py() == BROKEN[broken]
    assert reasons(target) == ["1 unreadable-geometry"]


def test_a_geopackage_of_rejects_shows_bytes_that_it_cannot_hold(tmp_path):
    path = parquet(tmp_path / "a.parquet", [DAMAGED, OPEN, shapely.to_wkb(shapely.box(117, 31, 117.5, 31.5))])
    (batch,) = open_source(rejected(path, tmp_path / "r.gpkg", 3)).batches()
    assert batch.columns["unreadable_geometry"].to_pylist() == [TEXTS["damaged bytes"], TEXTS["an open ring"], None]


points = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
lines = st.lists(points, min_size=4, max_size=6)


@given(st.one_of(points.map(shapely.Point), lines.map(shapely.LineString), lines.map(shapely.Polygon),
                 st.lists(points, min_size=1, max_size=4).map(shapely.MultiPoint),
                 st.lists(lines, min_size=1, max_size=3).map(shapely.MultiLineString),
                 st.lists(lines.map(shapely.Polygon), min_size=1, max_size=3).map(shapely.GeometryCollection)),
       st.sampled_from([0, 1]), st.booleans())
def test_what_can_be_read_is_the_same_geometry_as_text(shape, order, high):
    shape = shapely.force_3d(shape, 5.0) if high else shape
    assert shapely.from_wkt(wkt.as_text(shapely.to_wkb(shape, byte_order=order))).equals_exact(shape, 0)


@given(st.binary(max_size=80))
def test_whatever_the_bytes_they_are_the_text_of_a_geometry(raw):
    assert wkt.as_text(raw).split()[0].isupper()
