"""A source: one layer of one file, opened safely and read in batches."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from importers import binary, formats, gdal
from spatial import crs, crs_numbers
from spatial.errors import MappingError, SourceError
from spatial.types import Box

BATCH_ROWS = 20_000
"""Rows read at once. A row of a building takes about 1 kB on its way, so that memory stays
below 100 MB whatever the length of the file."""

# RFC 7946 has no place for a coordinate system: WGS 84 is what a file gets that says nothing.
_WITHOUT_SYSTEM = ("GeoJSON", "GeoJSONSeq")
_IMPLIED = ("EPSG:4326", "OGC:CRS84")


@dataclass(frozen=True)
class Batch:
    """Some rows of a source as they were read.

    Attributes:
        first: row number of the first one, counted from 1 in the order of the file.
        columns: attribute name → values.
        wkb: geometries, coordinates of the source; None where the layer has no geometry.
    """

    first: int
    columns: dict[str, pa.Array]
    wkb: pa.Array | None

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        columns = [*self.columns.values(), *([self.wkb] if self.wkb is not None else [])]
        return len(columns[0]) if columns else 0


@dataclass(frozen=True)
class Source:
    """One layer of one file.

    Attributes:
        path: the file named by the person.
        format: its format.
        layer: what the layer says of itself.
        encoding: text encoding to read it with; None where the format fixes it.
    """

    path: Path
    format: formats.Format
    layer: gdal.Layer
    encoding: str | None

    @property
    def name(self) -> str:
        """File name for messages; the layer beside it where the file has another name."""
        return self.path.name if self.layer.name == self.path.stem else f"{self.path.name} ({self.layer.name})"

    def sha256(self) -> str:
        """Return the SHA-256 over every file of the source, in hexadecimal."""
        digest = hashlib.sha256()
        for part in self.format.files(self.path):
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
        first = 1
        try:
            with gdal.stream(self.path, self.layer.name, BATCH_ROWS, self.encoding) as reader:
                for record in reader:
                    record.validate(full=True)
                    columns = {name: record.column(name) for name in self.layer.fields}
                    wkb = record.column(self.layer.geometry) if self.layer.geometry else None
                    yield Batch(first, columns, wkb)
                    first += record.num_rows
        except (pa.ArrowException, KeyError, OSError, RuntimeError) as error:
            raise gdal.unreadable(self.path, error) from error
        if self.layer.features is not None and first - 1 < self.layer.features:
            raise SourceError(f"{self.name} ends after row {first - 1:,}; it says that it has "
                              f"{self.layer.features:,}.", "Nothing was imported. Copy or export it again.")


def open_source(path: Path, layer: str | None = None, wanted: str | None = None) -> Source:
    """Open one layer of a file.

    Args:
        path: the file.
        layer: name of the layer that a person asked for.
        wanted: name preferred where nobody asked and the file has several layers.

    Returns:
        The source; nothing is held open.

    Raises:
        SourceError: no file, unknown or disguised format, unreadable, cut off.
        MappingError: there is no such layer, or several and none was named.
    """
    file_format = _format(path)
    try:
        encoding = file_format.encoding(path)
    except OSError as error:
        raise gdal.unreadable(path, error) from error
    names = gdal.layer_names(path)
    described = gdal.describe(path, _choose(path, names, layer, wanted), encoding)
    if described.driver not in file_format.drivers:
        raise SourceError(f"{path.name} is not {file_format.name} but {described.driver}.",
                          "Nothing was imported. Give the file its right ending.")
    return Source(path, file_format, described, encoding)


def layer_names(path: Path) -> list[str]:
    """Return the names of a file's layers, in order.

    Args:
        path: the file.

    Raises:
        SourceError: no file, unknown or disguised format, unreadable, cut off.
    """
    _format(path)
    return gdal.layer_names(path)


def typical_box(wkb: pa.Array) -> Box | None:
    """Return where most geometries lie, x and y of the source.

    A single row far out must not decide about a file, so the outermost twentieth on each side
    is left out.

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
    low, high = np.percentile(bounds, [5, 95], axis=0)
    return Box(low[0], low[1], high[2], high[3])


def find_reference(source: Source, typed: str | None, box: Box | None, override: bool = False,
                   advise: Callable[[], str] | None = None) -> crs.Reference:
    """Decide in which coordinate system a source is, and refuse one that cannot be.

    Args:
        source: the source.
        typed: what the person typed after ``--crs``; None where nothing was.
        box: where most of its geometries lie; None where none can be read.
        override: what was typed stands, whatever the file declares and wherever the system is used.
        advise: says what to type where there is no system; by default the numbers alone do.

    Returns:
        The reference.

    Raises:
        SourceError: the file declares none, its coordinates contradict it, or what was typed does.
        MappingError: what was typed is no coordinate system, or there is nothing to stand.
    """
    if override and not typed:
        raise MappingError("--override-crs stands without --crs.",
                           "Nothing was imported. Name the coordinate system with --crs EPSG:….")
    reference = crs.reference(typed) if typed else crs.reference_of_file(source.layer.crs)
    if reference is None:
        hint = "Name it with --crs EPSG:…" if box is None else advise() if advise else crs_numbers.guess(box)
        raise SourceError(f"{source.name} does not say in which coordinate system it is.",
                          f"Nothing was imported. {hint}")
    if box is not None:
        try:
            crs_numbers.check_coordinates(reference, box)
            said = declared(source) if typed and not override else None
            if said is not None and crs_numbers.contradict(reference, said, box):
                raise SourceError(f"The file says that it is in {said.title}, and --crs says {reference.title}.",
                                  "Leave --crs out to believe the file, or add --override-crs to believe --crs.")
            if not override:
                crs_numbers.check_area(reference, box)
        except SourceError as error:
            raise SourceError(f"{source.name}: {error.what}", f"Nothing was imported. {error.cure}") from error
    return reference


def declared(source: Source) -> crs.Reference | None:
    """Return the system that the file itself declares.

    Args:
        source: the source.

    Returns:
        The reference; None where the file declares none, one beyond reading, or what its format
        implies for every file that says nothing.
    """
    try:
        found = crs.reference_of_file(source.layer.crs)
    except SourceError:
        return None
    implied = source.layer.driver in _WITHOUT_SYSTEM and found is not None and found.label in _IMPLIED
    return None if implied else found


def _format(path: Path) -> formats.Format:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise SourceError(f"{path} {what}.", "Nothing was imported. Name one file.")
    try:
        return formats.find(path)
    except OSError as error:
        raise gdal.unreadable(path, error) from error


def _choose(path: Path, names: list[str], layer: str | None, wanted: str | None) -> str:
    if not names:
        raise SourceError(f"{path.name} holds no layer.", "Nothing was imported. Export it again.")
    if layer is not None:
        if layer in names:
            return layer
        raise MappingError(f"{path.name} has no layer {layer!r}.", f"Its layers: {', '.join(names)}.")
    if wanted in names:
        return wanted
    if len(names) == 1:
        return names[0]
    raise MappingError(f"{path.name} has {len(names)} layers and none is called {wanted}.",
                       f"Choose one with --layer: {', '.join(names)}.")
