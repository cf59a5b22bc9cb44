"""JSON, and columns that lie."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from tests.importers import made
from tests.importers.hostile.table import (
    CASES,
    FEATURE,
    FEATURES,
    SQUARES,
    Builder,
    Case,
    case,
    cut,
    text_file,
)

# --- JSON ---
CASES["GeoJSON nested 100,000 deep"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace('"B1"', "[" * 100_000 + "]" * 100_000)),
    "cannot be read|brought down",
)
CASES["collections nested 5,000 deep"] = Case(
    text_file(
        "a.geojson",
        FEATURES
        % (
            '{"type": "Feature", "properties": {}, "geometry": '
            + '{"type": "GeometryCollection", "geometries": [' * 5000
            + "]}" * 5000
            + "}"
        ),
    ),
    "cannot be read|brought down",
)
CASES["GeoJSON with control characters"] = Case(
    text_file("a.geojson", FEATURES % FEATURE.replace("B1", "B\\u0001\\u0007")), rows=1
)
CASES["GeoJSON in UTF-16"] = Case(text_file("a.geojson", (FEATURES % FEATURE).encode("utf-16")), "is not GeoJSON")
CASES["GeoJSON in GBK"] = Case(
    text_file("a.geojson", (FEATURES % FEATURE).replace("B1", "望江苑").encode("gbk")), "UTF-8|cannot be read"
)
CASES["CityJSON whose vertices are missing"] = Case(
    lambda folder, url: made.city(folder / "a.city.json", vertices=[[0, 0, 0]]),
    rejected=("unreadable-geometry",),
    rows=1,
)
CASES["CityJSON whose part is its own parent"] = Case(
    lambda folder, url: made.city(
        folder / "a.city.json",
        CityObjects={
            "a": {"type": "Building", "children": ["b"]},
            "b": {"type": "BuildingPart", "children": ["a", "b"]},
        },
    ),
    rejected=("no-geometry",),
)
CASES["CityJSON without scale"] = Case(
    lambda folder, url: made.city(folder / "a.city.json", transform={"scale": []}),
    "its objects, vertices or transform are not",
)
CASES["CityJSON of another version"] = Case(
    lambda folder, url: made.city(folder / "a.city.json", version="9"), "is not CityJSON of version"
)
CASES["CityJSON nested 100,000 deep"] = Case(
    text_file("a.city.json", '{"type": "CityJSON", "version": "2.0", "CityObjects": ' + "[" * 100_000),
    "nested too deep",
)
CASES["CityJSON with NaN"] = Case(
    lambda folder, url: made.city(folder / "a.city.json", vertices=[[float("nan")] * 3]), "is not JSON"
)


# --- columns ---
def _parquet(geo: object, **columns: object) -> Builder:
    def build(folder: Path, url: str) -> Path:
        table = pa.table({"code": ["B1"], "geometry": [shapely.to_wkb(SQUARES[0])], **columns})
        text = geo if isinstance(geo, str) else json.dumps(geo)
        pq.write_table(table.replace_schema_metadata({"geo": text}), folder / "a.parquet")
        return folder / "a.parquet"

    return build


def _about(**about: object) -> dict:
    return {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", **about}}}


CASES["GeoParquet whose geometry is not there"] = Case(
    _parquet({"primary_column": "shape", "columns": {"shape": {"encoding": "WKB"}}}),
    "in 'shape', and has no such column",
)
CASES["GeoParquet whose geometry is no WKB"] = Case(
    _parquet(_about(), geometry=["POINT (1 2)"]), "is encoded as wkb, and it is not"
)
CASES["GeoParquet that lies about lists"] = Case(_parquet(_about(encoding="polygon")), "as polygon, and it is not")
CASES["GeoParquet with metadata of noise"] = Case(_parquet("{" * 5000), "what it says about its geometry")
CASES["GeoParquet with bytes that are no geometry"] = Case(
    _parquet(_about(), geometry=[b"\x01\x03\x00\x00\x00\xff\xff\xff\xff"]), rejected=("unreadable-geometry",), rows=1
)
CASES["Parquet without its foot"] = Case(lambda folder, url: cut(_parquet(_about())(folder, url), 0.9), "is cut off")


@case("Parquet of noise", refused="is damaged")
def _(folder: Path, url: str) -> Path:
    path = _parquet(_about())(folder, url)
    content = bytearray(path.read_bytes())
    content[4:-8] = bytes(np.random.default_rng(2).integers(0, 256, len(content) - 12, np.uint8))
    path.write_bytes(content)
    return path


@case("Arrow with offsets that lie", refused="is damaged|cannot be read")
def _(folder: Path, url: str) -> Path:
    texts = pa.StringArray.from_buffers(2, pa.array([0, 1 << 30, 5], pa.int32()).buffers()[1], pa.py_buffer(b"abcde"))
    table = pa.record_batch([texts], names=["code"])
    with pa.OSFile(str(folder / "a.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_batch(table)
    return folder / "a.arrow"


@case("Arrow with text that is no UTF-8", refused="is damaged|cannot be read")
def _(folder: Path, url: str) -> Path:
    texts = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe"))
    table = pa.record_batch([texts], names=["code"])
    with pa.OSFile(str(folder / "a.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_batch(table)
    return folder / "a.arrow"
