"""Columns on disk: GeoParquet (.parquet, .geoparquet) and Arrow (.arrow, .feather), through Arrow itself.

Geometries may be WKB, WKT or in Arrow's own lists of coordinates (GeoArrow; GeoParquet 1.1, encodings).
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from importers.formats import tables
from importers.formats.base import Format, Layer, Reader, head, looks_like, tail
from spatial.errors import SourceError

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
_DAMAGED = "Nothing was imported. Copy or export it again."
_EXTENSION, _EXTENSION_METADATA = b"ARROW:extension:name", b"ARROW:extension:metadata"

# GeoArrow: depth of lists around the coordinates → code of the geometry in WKB.
_NATIVE = {"point": (0, 1), "linestring": (1, 2), "polygon": (2, 3), "multipoint": (1, 4), "multilinestring": (2, 5),
           "multipolygon": (3, 6)}
_LONGEST_BATCH = 20_000


@dataclass(frozen=True)
class _Geometry:
    column: str
    encoding: str
    crs: str | None


class _Columns(ABC):
    """A file of columns. ``_records`` reads it."""

    def __init__(self, path: Path, schema: pa.Schema, rows: int | None, geometry: _Geometry | None,
                 driver: str) -> None:
        self.path, self._schema, self._rows, self._geometry, self._driver = path, schema, rows, geometry, driver
        repeated = {name for name in schema.names if schema.names.count(name) > 1}
        if repeated:
            raise SourceError(f"{path.name} has the column {sorted(repeated)[0]!r} twice.", _DAMAGED)

    def names(self) -> list[str]:
        return [self.path.name.split(".")[0]]

    def describe(self, name: str) -> Layer:
        from importers.reading import columns

        geometry = self._geometry
        kinds = {field.name: columns.kind(field.type) for field in self._schema
                 if geometry is None or field.name != geometry.column}
        return Layer(name, kinds, self._rows, geometry and geometry.crs, geometry and geometry.column, self._driver)

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        try:
            for record in self._records(min(rows, _LONGEST_BATCH)):
                record.validate(full=True)
                yield self._with_wkb(record)
        except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
            raise SourceError(f"{self.path.name} is damaged: {type(error).__name__}.", _DAMAGED) from error

    @abstractmethod
    def _records(self, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield what the file holds, geometries as it has them, at most ``rows`` at once."""

    def _with_wkb(self, record: pa.RecordBatch) -> pa.RecordBatch:
        if self._geometry is None:
            return record
        at = record.schema.get_field_index(self._geometry.column)
        column = record.column(at)
        column = column.storage if isinstance(column.type, pa.BaseExtensionType) else column
        return record.set_column(at, self._geometry.column, _as_wkb(column, self._geometry.encoding))


class _Parquet(_Columns):
    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        try:
            self._file = pq.ParquetFile(path, memory_map=False)
            schema = self._file.schema_arrow
            rows = self._file.metadata.num_rows
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise SourceError(f"{path.name} is damaged or cut off.", _DAMAGED) from error
        super().__init__(path, schema, rows, _declared(path, schema) or _by_extension(path, schema), "Parquet")

    def _records(self, rows: int) -> Iterator[pa.RecordBatch]:
        yield from self._file.iter_batches(batch_size=rows, use_threads=False)


class _Arrow(_Columns):
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            reader = self._open()
            schema = reader.schema
            many = getattr(reader, "num_record_batches", None)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise SourceError(f"{path.name} is damaged or cut off.", _DAMAGED) from error
        super().__init__(path, schema, 0 if many == 0 else None, _by_extension(path, schema) or _declared(path, schema),
                         "Arrow")

    def _open(self) -> Any:
        file = pa.OSFile(str(self._path), "rb")
        return pa.ipc.open_file(file) if head(self._path, 6) == _ARROW else pa.ipc.open_stream(file)

    def _records(self, rows: int) -> Iterator[pa.RecordBatch]:
        reader = self._open()
        whole = (reader.get_batch(number) for number in range(reader.num_record_batches)) \
            if hasattr(reader, "num_record_batches") else reader
        for record in whole:
            record.validate(full=True)
            for start in range(0, record.num_rows, rows):
                yield record.slice(start, rows)


def _declared(path: Path, schema: pa.Schema) -> _Geometry | None:
    """Read the metadata of GeoParquet (1.0 and 1.1, section "Metadata")."""
    text = (schema.metadata or {}).get(b"geo")
    if text is None:
        return None
    try:
        said = json.loads(text)
        column = said["primary_column"]
        about = said["columns"][column]
        encoding = str(about["encoding"]).lower()
        # Absent means longitude and latitude of WGS 84; null means that nobody knows.
        crs = _crs(about["crs"]) if "crs" in about else "OGC:CRS84"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"{path.name}: what it says about its geometry cannot be read.", _DAMAGED) from error
    return _checked(path, schema, _Geometry(str(column), encoding, crs))


def _by_extension(path: Path, schema: pa.Schema) -> _Geometry | None:
    """Read the extension types of GeoArrow."""
    for field in schema:
        name = (field.metadata or {}).get(_EXTENSION, b"").decode("utf-8", "replace")
        text = (field.metadata or {}).get(_EXTENSION_METADATA, b"")
        if isinstance(field.type, pa.BaseExtensionType):
            name = getattr(field.type, "extension_name", "")
            text = field.type.__arrow_ext_serialize__()
        if name.startswith(("geoarrow.", "ogc.wkb")):
            try:
                crs = json.loads(text or b"{}").get("crs")
            except (ValueError, AttributeError, RecursionError) as error:
                raise SourceError(f"{path.name}: what it says about its geometry cannot be read.", _DAMAGED) from error
            return _checked(path, schema, _Geometry(field.name, name.split(".")[1], _crs(crs)))
    return None


def _checked(path: Path, schema: pa.Schema, geometry: _Geometry) -> _Geometry:
    if geometry.column not in schema.names:
        raise SourceError(f"{path.name} says that its geometry is in {geometry.column!r}, and has no such column.",
                          _DAMAGED)
    kind = schema.field(geometry.column).type
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    fits = {"wkb": binary, "wkt": text}.get(geometry.encoding, geometry.encoding in _NATIVE
                                            and _coordinates(kind, _NATIVE[geometry.encoding][0]))
    if not fits:
        raise SourceError(f"{path.name} says that its geometry is encoded as {geometry.encoding}, and it is not.",
                          "Nothing was imported. Export it with geometries as WKB.")
    return geometry


def _coordinates(kind: pa.DataType, depth: int) -> bool:
    for _ in range(depth):
        if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
            return False
        kind = kind.value_type
    if pa.types.is_struct(kind):
        names = [kind.field(at).name for at in range(kind.num_fields)]
        return names[:2] == ["x", "y"] and all(pa.types.is_float64(kind.field(at).type) for at in range(2))
    return pa.types.is_fixed_size_list(kind) and kind.list_size >= 2 and pa.types.is_float64(kind.value_type)


def _crs(said: object) -> str | None:
    """Return a coordinate system as authority code where it names one, else as it stands."""
    if said is None:
        return None
    if isinstance(said, dict):
        code = said.get("id") or {}
        if isinstance(code, dict) and code.get("authority") and code.get("code"):
            return f"{code['authority']}:{code['code']}"
        return json.dumps(said)
    return str(said)


def _as_wkb(column: pa.Array, encoding: str) -> pa.Array:
    if encoding == "wkb":
        return column.cast(pa.binary())
    if encoding == "wkt":
        shapes, _ = tables._from_text(column.cast(pa.string()), tables.Position(("geometry",)))
        return shapes
    depth, code = _NATIVE[encoding]
    if depth == 0:
        points = _points(column)
        points[np.asarray(column.is_null())] = np.nan
        return tables.points_as_wkb(points)
    return pa.array([None if not one.is_valid else _nested(one.values, depth - 1, code) for one in column], pa.binary())


def _points(values: pa.Array) -> np.ndarray:
    if pa.types.is_struct(values.type):
        return np.column_stack([values.field(at).to_numpy(zero_copy_only=False) for at in range(2)])
    size = values.type.list_size
    flat = values.values.slice(values.offset * size, len(values) * size)
    return flat.to_numpy(zero_copy_only=False).reshape(-1, size)[:, :2].copy()


def _nested(values: pa.Array, depth: int, code: int) -> bytes:
    start = b"\x01" + np.uint32(code).tobytes()
    count = np.uint32(len(values)).tobytes()
    if code == 2:
        return start + count + _points(values).astype("<f8").tobytes()
    if code == 4:
        return start + count + b"".join(b"\x01\x01\x00\x00\x00" + point.astype("<f8").tobytes()
                                        for point in _points(values))
    if code == 3:
        return start + count + b"".join(
            np.uint32(len(ring.values)).tobytes() + _points(ring.values).astype("<f8").tobytes() for ring in values)
    return start + count + b"".join(_nested(part.values, depth - 1, code - 3) for part in values)


def open_parquet(path: Path, folder: Path) -> Reader:
    """Open a GeoParquet file, or a Parquet file without geometry.

    Raises:
        SourceError: it is something else, damaged, or its metadata contradict it.
    """
    if head(path, 4) != _PARQUET or tail(path, 4) != _PARQUET:
        what = "is cut off" if head(path, 4) == _PARQUET else f"is not Parquet but {looks_like(head(path))}"
        raise SourceError(f"{path.name} {what}.", _DAMAGED)
    return _Parquet(path)


def open_arrow(path: Path, folder: Path) -> Reader:
    """Open an Arrow file or stream, also called Feather.

    Raises:
        SourceError: it is something else, damaged, or its metadata contradict it.
    """
    beginning = head(path)
    if beginning.startswith(b"FEA1"):
        raise SourceError(f"{path.name} is Feather of version 1.", "Nothing was imported. Save it as Feather 2.")
    if not beginning.startswith((_ARROW, b"\xff\xff\xff\xff")):
        raise SourceError(f"{path.name} is not Arrow but {looks_like(beginning)}.", _DAMAGED)
    return _Arrow(path)


PARQUET = Format("GeoParquet", (".parquet", ".geoparquet"), open_parquet)
ARROW = Format("Arrow", (".arrow", ".feather", ".arrows"), open_arrow)
