"""GeoPackage (.gpkg): an SQLite database with layers."""

from pathlib import Path

from importers.formats.base import Format, head, looks_like
from spatial.errors import SourceError

_SQLITE = b"SQLite format 3\x00"
_PAGE_SIZE = slice(16, 18)
_PAGE_COUNT = slice(28, 32)


def check(path: Path) -> None:
    """Check that a file is an SQLite database and as long as its header says.

    Args:
        path: an existing file.

    Raises:
        SourceError: it is something else, or has been cut off.
    """
    beginning = head(path)
    if not beginning.startswith(_SQLITE):
        raise SourceError(f"{path.name} is not a GeoPackage but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    # SQLite file format, section 1.3: page size at 16 (1 means 65536), page count at 28.
    page = int.from_bytes(beginning[_PAGE_SIZE], "big")
    expected = (65_536 if page == 1 else page) * int.from_bytes(beginning[_PAGE_COUNT], "big")
    if path.stat().st_size < expected:
        raise SourceError(f"{path.name} is cut off: {path.stat().st_size:,} of {expected:,} bytes are there.",
                          "Nothing was imported. Copy or download it again.")


FORMAT = Format("GeoPackage", (".gpkg",), frozenset({"GPKG"}), check)
