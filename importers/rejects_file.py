"""The reject file: rejected rows with their original values, to be corrected and imported again.

It may hold personal values, so only its owner may read it.
"""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from importers import binary, clean, wkt
from importers.faults import Rejects
from importers.formats.formulas import REJECT_COLUMNS, guarded
from importers.source import Source
from spatial.errors import MappingError, SourceError

SUFFIXES = (".gpkg", ".csv")
_GEOMETRY = "shapan_geom"

_UNREADABLE = "unreadable_geometry"
"""Column of what the geometry was, where the file cannot hold it."""

_TABLES = ("text", "workbook")
"""Drivers of tables, whose own columns say where a row is."""

# GeoPackage's own columns, under names that no file brings: QGIS exports files with a column "fid".
_OWN_COLUMNS = {"FID": "shapan_fid", "GEOMETRY_NAME": _GEOMETRY}


def check(path: Path) -> None:
    """Refuse a place where no reject file can be written, before anything is read.

    Args:
        path: what stands after ``--rejects``.

    Raises:
        MappingError: wrong ending, something stands there, or no such folder.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise MappingError(f"--rejects {path}: a reject file ends in .gpkg or .csv.", "Nothing was imported.")
    if path.exists():
        raise MappingError(f"--rejects {path}: something stands there already.",
                           "Nothing was imported. Name a new file.")
    if not path.parent.is_dir():
        raise MappingError(f"--rejects {path}: the folder does not exist.", "Nothing was imported. Name another place.")
    try:
        # As it will be written: rights alone do not tell of places such as /proc, or of a full disk.
        with _draft(path) as draft:
            draft.touch()
            draft.rename(path)
            path.unlink()
    except OSError as error:
        raise MappingError(f"--rejects {path}: no file can be written there: {error.strerror}.",
                           "Nothing was imported. Name another place.") from error


def write(path: Path, source: Source, rejects: Rejects) -> None:
    """Read the source once more and write its rejected rows.

    Args:
        path: a new file, .gpkg or .csv.
        source: where the rows came from.
        rejects: which ones, and why.

    Raises:
        SourceError: it cannot be written.
    """
    why: dict[int, list] = {}
    for fault in rejects.faults:
        why.setdefault(fault.row, []).append(fault)
    # A table says itself where a row is; said twice, a correction of one would leave the other.
    table = _rows(source, rejects.rows, why, told=path.suffix.lower() == ".csv")
    try:
        with _draft(path) as draft:
            (_write_csv if path.suffix.lower() == ".csv" else _write_geopackage)(draft, table, source)
            draft.chmod(0o600)
            draft.rename(path)
    except (OSError, RuntimeError) as error:
        # pyogrio's errors are RuntimeErrors; they are not named, so that GDAL is loaded only when there is something
        # to write.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(f"The reject file {path} cannot be written: {reason}.",
                          "Name another place with --rejects.") from error


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """Yield where a file is written before it gets its name, beside its place and open to nobody else."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rejects-") as private:
        yield Path(private) / path.name


def _rows(source: Source, wanted: set[int], why: dict[int, list], told: bool) -> pa.Table:
    parts = []
    # As the file has it: whoever imports the rejects says again that its axes are swapped.
    for batch in replace(source, swapped=False).batches():
        inside = sorted(row for row in wanted if batch.first <= row < batch.first + batch.rows)
        if not inside:
            continue
        picked = pa.array([row - batch.first for row in inside])
        columns = {name: column.take(picked) for name, column in batch.columns.items()
                   if name not in REJECT_COLUMNS}
        columns["reject_row"] = pa.array(inside, pa.int64())
        columns["reject_reason"] = pa.array(["; ".join(dict.fromkeys(f.reason for f in why.get(row, ())))
                                             for row in inside])
        columns["reject_message"] = pa.array(["; ".join(f.message for f in why.get(row, ())) for row in inside])
        if batch.wkb is not None and not (told and source.layer.driver in _TABLES):
            columns[_GEOMETRY] = batch.wkb.take(picked)
        parts.append(pa.table(columns))
    if not parts:
        raise SourceError(f"{source.name} has its rejected rows no longer.", "Import the file again.")
    return pa.concat_tables(parts)


def _write_geopackage(path: Path, table: pa.Table, source: Source) -> None:
    import pyogrio.errors
    import pyogrio.raw

    columns = {name: table.column(name) for name in table.column_names if name != _GEOMETRY}

    def put(shapes: np.ndarray | None, more: dict[str, pa.ChunkedArray]) -> None:
        every = {**columns, **more}
        pyogrio.raw.write(
            str(path), geometry=shapes, field_data=[_plain(column) for column in every.values()],
            fields=np.array(_apart(list(every)), object),
            field_mask=[np.asarray(column.is_null()) for column in every.values()], layer=source.layer.name,
            geometry_type="Unknown" if shapes is not None else None, crs=source.layer.crs, driver="GPKG",
            encoding="UTF-8", layer_options=_OWN_COLUMNS)

    if _GEOMETRY not in table.column_names or not source.layer.geometry:
        put(None, {})
        return
    raw = table.column(_GEOMETRY).combine_chunks()
    geometries, unreadable = clean.read_geometries(raw)
    shapes = shapely.to_wkb(geometries)
    if not unreadable.any():
        put(shapes, {})
        return
    try:
        # What GEOS does not take, an open ring or a curve, the file still holds.
        put(np.where(unreadable, raw.to_numpy(zero_copy_only=False), shapes), {})
    except (pyogrio.errors.GeometryError, pyogrio.errors.FeatureError):
        path.unlink(missing_ok=True)
        texts = [one and wkt.as_text(one) for one in np.where(unreadable, raw.to_numpy(zero_copy_only=False), None)]
        put(shapes, {_UNREADABLE: pa.chunked_array([pa.array(texts, pa.string())])})


def _apart(names: list[str]) -> list[str]:
    """Return names that SQLite tells apart: those that differ in case alone get a number."""
    found: list[str] = []
    for name in names:
        lower, number, free = {one.lower() for one in found}, 2, name
        while free.lower() in lower:
            free, number = f"{name}_{number}", number + 1
        found.append(free)
    return found


def _plain(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64()).fill_null(0).to_numpy()
    if pa.types.is_floating(column.type):
        return column.cast(pa.float64()).to_numpy()
    return np.array([None if value is None else str(value) for value in column.to_pylist()], object)


def _write_csv(path: Path, table: pa.Table, source: Source) -> None:
    # With a byte order mark, so that spreadsheets take the Chinese for what it is.
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow([guarded("geom" if name == _GEOMETRY and "geom" not in table.column_names else name)
                         for name in table.column_names])
        for row in table.to_pylist():
            shape = row.get(_GEOMETRY)
            if shape is not None:
                (geometry,) = binary.decode(np.array([shape], object))
                row[_GEOMETRY] = geometry.wkt if geometry is not None else wkt.as_text(shape)
            writer.writerow([guarded(value) if isinstance(value, str) else value for value in row.values()])
