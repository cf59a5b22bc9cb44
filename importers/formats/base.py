"""What a format says of itself, and what a layer of a file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

HEAD_BYTES = 65_536
"""How much of a file's beginning is looked at."""

FAULT = "shapan:fault"
"""Column in which a reader says of a row that it cannot be taken: ``reason|message``, null where it can.
The message names no value, because a concept may be personal."""

NO_DATA = ("line-of-totals", "line-of-remarks")
"""Reasons of lines below a table that are no rows of it: nothing else that is wrong with them is worth saying."""

GEOMETRY = "shapan:geometry"
"""Column of the geometry of a table whose other columns say where its rows are."""


@dataclass(frozen=True)
class Layer:
    """One layer of a file.

    Attributes:
        name: name of the layer.
        kinds: name of each attribute, in order → ``text``, ``number`` or ``any``.
        features: how many it says it has; None where it does not say.
        crs: authority code, WKT or PROJJSON; None where it declares none.
        geometry: column of the geometry; None where the layer has no geometry.
        driver: driver of GDAL that opened the file, or the name of our own reader.
        encoding: of its text; None where the format fixes it.
        encoding_from: how the encoding was found, in words.
        notes: what a person should know who imports it, one sentence each.
        nameless: it is a table whose first line is data, so that its columns are named by their position.
    """

    name: str
    kinds: dict[str, str]
    features: int | None
    crs: str | None
    geometry: str | None
    driver: str
    encoding: str | None = None
    encoding_from: str | None = None
    notes: tuple[str, ...] = ()
    nameless: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of its attributes, in order."""
        return tuple(self.kinds)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can carry it; ``Layer.of`` reads it."""
        return asdict(self)

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Layer:
        """Return the layer that ``plain`` wrote."""
        return cls(**{**plain, "notes": tuple(plain["notes"])})


class Reader(Protocol):
    """An opened file. Lives in the reading process only."""

    def names(self) -> list[str]:
        """Return the names of its layers, in order."""

    def describe(self, name: str) -> Layer:
        """Return what one of its layers says of itself."""

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a layer in order, at most ``rows`` at once.

        One column for each attribute, one of WKB for the geometry, and ``FAULT`` where rows may be refused.
        """


def _alone(path: Path) -> tuple[Path, ...]:
    return (path,)


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: for messages.
        suffixes: endings in lower case.
        open: look at a file's content and open it; raises SourceError where it is not of this format, cut off
            or unsafe. Takes the file and a folder that is the job's own.
        drivers: drivers of GDAL that may open it; none where a reader of ours does.
        files: every file that belongs to it, the named one first. The reading process sees no other.
        folder: it is a folder.
    """

    name: str
    suffixes: tuple[str, ...]
    open: Callable[[Path, Path], Reader]
    drivers: frozenset[str] = frozenset()
    files: Callable[[Path], tuple[Path, ...]] = _alone
    folder: bool = False


def head(path: Path, count: int = HEAD_BYTES) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def tail(path: Path, count: int) -> bytes:
    """Return the last bytes of a file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count))
        return file.read()


def sibling(path: Path, ending: str) -> Path | None:
    """Return the part of a set with another ending, in lower or upper case; None where it is missing."""
    candidates = (path.with_suffix(ending), path.with_suffix(ending.upper()))
    return next((part for part in candidates if part.is_file()), None)


def siblings(*endings: str) -> Callable[[Path], tuple[Path, ...]]:
    """Return a function that lists a file and those of its parts that are there."""

    def files(path: Path) -> tuple[Path, ...]:
        parts = (sibling(path, ending) for ending in endings)
        return (path, *(part for part in parts if part is not None))

    return files


def looks_like(beginning: bytes) -> str:
    """Say in words what some first bytes are, for the message of a file in disguise."""
    start = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    signatures = (
        (b"", "an empty file") if not start else (b"<OGRVRT", "a GDAL virtual data set"),
        (b"SQLite format 3", "an SQLite database"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x00\x00\x27\x0a", "a shapefile"),
        (b"%PDF", "a PDF document"),
        (b"fgb\x03", "a FlatGeobuf file"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\xd0\xcf\x11\xe0", "an old Office document"),
        (b"AC10", "a DWG drawing"),
        (b"<", "an XML or HTML document"),
        (b"{", "a JSON document"),
        (b"[", "a JSON document"),
    )
    return next((words for signature, words in signatures if start.startswith(signature)), "something else")
