"""What a format says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 65_536
"""How much of a file's beginning is looked at."""


def _no_encoding(path: Path) -> str | None:
    return None


def _alone(path: Path) -> tuple[Path, ...]:
    return (path,)


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: for messages.
        suffixes: endings in lower case.
        drivers: GDAL drivers that may open it.
        check: raises SourceError where the content is not of this format or is cut off.
        encoding: text encoding to read it with; None where the format fixes it.
        files: every file that belongs to it, the named one first.
    """

    name: str
    suffixes: tuple[str, ...]
    drivers: frozenset[str]
    check: Callable[[Path], None]
    encoding: Callable[[Path], str | None] = _no_encoding
    files: Callable[[Path], tuple[Path, ...]] = _alone


def head(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def looks_like(beginning: bytes) -> str:
    """Say in words what some first bytes are, for the message of a file in disguise."""
    start = beginning.lstrip(b"\xef\xbb\xbf \t\r\n")
    signatures = (
        (b"", "an empty file") if not start else (b"<OGRVRT", "a GDAL virtual data set"),
        (b"SQLite format 3", "an SQLite database"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x00\x00\x27\x0a", "a shapefile"),
        (b"%PDF", "a PDF document"),
        (b"<", "an XML or HTML document"),
        (b"{", "a JSON document"),
        (b"[", "a JSON document"),
    )
    return next((words for signature, words in signatures if start.startswith(signature)), "something else")
