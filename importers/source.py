"""A source: one layer of one file, opened safely and read in batches."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from importers import binary, formats
from importers.faults import Fault
from importers.formats.base import FAULT, Layer
from importers.reading import warden
from importers.reading.limits import limits_for
from spatial.errors import SourceError
from spatial.types import Box

BATCH_ROWS = 20_000
"""Rows read at once. A row of a building takes about 1 kB on its way, so that memory stays
below 100 MB whatever the length of the file."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a source as they were read.

    Attributes:
        first: row number of the first one, counted from 1 in the order of the file.
        columns: attribute name → values.
        wkb: geometries, coordinates of the source; None where the layer has no geometry.
        faults: rows that the file itself spoils, such as one with a ring of a million vertices.
        count: how many rows it holds, where there may be neither columns nor geometries.
    """

    first: int
    columns: dict[str, pa.Array]
    wkb: pa.Array | None
    faults: tuple[Fault, ...] = ()
    count: int | None = None

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        if self.count is not None:
            return self.count
        columns = [*self.columns.values(), *([self.wkb] if self.wkb is not None else [])]
        return len(columns[0]) if columns else 0

    def after(self, known: int) -> "Batch":
        """Return the rows after the first ``known`` ones."""
        first = self.first + known
        return Batch(first, {name: column.slice(known) for name, column in self.columns.items()},
                     self.wkb.slice(known) if self.wkb is not None else None,
                     tuple(fault for fault in self.faults if fault.row >= first), self.rows - known)


@dataclass(frozen=True)
class Source:
    """One layer of one file.

    Attributes:
        path: the file named by the person.
        format: its format.
        layer: what the layer says of itself.
        swapped: its geometries say y before x, so that both are exchanged when they are read.
    """

    path: Path
    format: formats.Format
    layer: Layer
    swapped: bool = False

    @property
    def name(self) -> str:
        """File name for messages; the layer beside it where the file has another name."""
        return self.path.name if self.layer.name == self.path.stem else f"{self.path.name} ({self.layer.name})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how it is read, one sentence each."""
        layer = self.layer
        sure = layer.encoding is None or (layer.encoding_from or "").startswith(("certain", "as declared"))
        notes = (*layer.notes, "x and y of every geometry are exchanged.") if self.swapped else layer.notes
        return notes if sure else (*notes, f"Text is read as {layer.encoding} ({layer.encoding_from}).")

    def sha256(self) -> str:
        """Return the SHA-256 over every file of the source, in hexadecimal."""
        digest = hashlib.sha256()
        parts = self.format.files(self.path)
        if self.format.folder:
            parts = tuple(sorted(part for part in self.path.rglob("*") if part.is_file()))
        for part in parts:
            with part.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()

    def batches(self) -> Iterator[Batch]:
        """Read the rows from the beginning.

        Yields:
            Batches of at most ``BATCH_ROWS`` rows, in the order of the file.

        Raises:
            SourceError: the file is damaged, ends early, or its text is not what it says.
        """
        first, task = 1, {"task": "read", "layer": self.layer.name, "rows": BATCH_ROWS}
        with warden.started(task, self.path, limits_for(self.format.files(self.path))) as job:
            try:
                for record in job.records():
                    record.validate(full=True)
                    yield self._batch(first, record)
                    first += record.num_rows
            except (pa.ArrowException, KeyError, OSError) as error:
                # What came is no stream of rows: the job's last word says why, if it could say one.
                job.hear_no_more()
                job.answer()
                raise SourceError(f"{self.name} cannot be read: {type(error).__name__} after row {first - 1:,}.",
                                  "Nothing was imported. Copy or export it again.") from error
            job.answer()
        if self.layer.features is not None and first - 1 < self.layer.features:
            raise SourceError(f"{self.name} ends after row {first - 1:,}; it says that it has "
                              f"{self.layer.features:,}.", "Nothing was imported. Copy or export it again.")

    def _batch(self, first: int, record: pa.RecordBatch) -> Batch:
        columns = {name: record.column(name) for name in self.layer.fields}
        wkb = record.column(self.layer.geometry) if self.layer.geometry else None
        wkb = binary.exchanged(wkb) if self.swapped and wkb is not None else wkb
        told = record.column(FAULT)
        faults = () if told.null_count == len(told) else tuple(
            Fault(first + position, "", *text.split("|", 1))
            for position, text in enumerate(told.to_pylist()) if text is not None)
        return Batch(first, columns, wkb, faults, record.num_rows)


def open_source(path: Path, layer: str | None = None, wanted: str | None = None, swapped: bool = False) -> Source:
    """Open one layer of a file.

    Args:
        path: the file.
        layer: name of the layer that a person asked for.
        wanted: name preferred where nobody asked and the file has several layers.
        swapped: exchange x and y of its geometries.

    Returns:
        The source; nothing is held open.

    Raises:
        SourceError: no file, unknown or disguised format, unreadable, cut off.
        MappingError: there is no such layer, or several and none was named.
    """
    one = _format(path)
    said = _ask({"task": "open", "layer": layer, "wanted": wanted}, path, one)
    return Source(path, one, Layer.of(said["layer"]), swapped)


def layer_names(path: Path) -> list[str]:
    """Return the names of a file's layers, in order.

    Args:
        path: the file.

    Raises:
        SourceError: no file, unknown or disguised format, unreadable, cut off.
    """
    return _ask({"task": "names"}, path, _format(path))["names"]


def typical_box(wkb: pa.Array) -> Box | None:
    """Return where most geometries lie, x and y of the source.

    A few rows far out must not decide about a file, so the outermost quarter on each side
    is left out (``importers.stray`` asks each row), and before that what begins at exactly 0, 0: that is no
    place but a missing one.

    Args:
        wkb: geometries.

    Returns:
        The box, or None where no geometry can be read.
    """
    with np.errstate(invalid="ignore"):
        bounds = shapely.bounds(binary.decode(wkb.to_numpy(zero_copy_only=False)))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    elsewhere = bounds[bounds[:, :2].any(axis=1)]
    bounds = elsewhere if len(elsewhere) else bounds
    low, high = np.percentile(bounds, [25, 75], axis=0)
    return Box(low[0], low[1], high[2], high[3])


def _format(path: Path) -> formats.Format:
    if not path.exists():
        raise SourceError(f"{path} does not exist.", "Nothing was imported. Check the path.")
    if not (path.is_file() or path.is_dir()):
        raise SourceError(f"{path} is neither a file nor a folder.", "Nothing was imported. Name one file.")
    if path.is_dir() and formats.known(path) is None:
        raise SourceError(f"{path} is a folder.", "Nothing was imported. Name one file.")
    one = formats.by_ending(path)
    if path.is_dir() != one.folder:
        what = "is a folder" if path.is_dir() else "is a file, and a file geodatabase is a folder"
        raise SourceError(f"{path} {what}.", "Nothing was imported. Name one file.")
    return one


def _ask(task: dict[str, str | None], path: Path, one: formats.Format) -> dict[str, Any]:
    try:
        with warden.started(task, path, limits_for(one.files(path))) as job:
            return job.answer()
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}.",
                          "Nothing was imported. Check who may read it.") from error
