"""GeoPackage (.gpkg): an SQLite database with layers."""

import sqlite3
from pathlib import Path

from importers.formats.base import Format, Layer, Reader, head, looks_like
from spatial.errors import SourceError

_SQLITE = b"SQLite format 3\x00"
_PAGE_SIZE = slice(16, 18)
_PAGE_COUNT = slice(28, 32)
_DRIVERS = frozenset({"GPKG"})

# What is computed when it is read: a view may compute for ever, a virtual table may be anything.
_COMPUTED = """
SELECT name FROM sqlite_master
WHERE type = 'view' OR (type = 'table' AND lower(sql) LIKE 'create virtual%' AND lower(sql) NOT LIKE '%using%rtree%'
      AND lower(sql) NOT LIKE '%using%fts%')
"""


def check(path: Path) -> None:
    """Check that a file is an SQLite database, as long as its header says, and that no program is writing it.

    Args:
        path: an existing file.

    Raises:
        SourceError: it is something else, has been cut off, or is open elsewhere.
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
    original = path.resolve()
    for ending in ("-wal", "-journal"):
        beside = original.with_name(original.name + ending)
        if beside.is_file() and beside.stat().st_size:
            raise SourceError(f"{path.name} is open in another program: {beside.name} holds changes of it.",
                              "Nothing was imported. Close it there, then import again.")


def open_file(path: Path, folder: Path) -> Reader:
    """Open a GeoPackage.

    Raises:
        SourceError: see ``check``; or the database is damaged.
    """
    from importers import gdal

    check(path)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            computed = {str(name) for (name,) in connection.execute(_COMPUTED)}
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise gdal.unreadable(path, error) from error

    class Tables(gdal.GdalReader):
        def describe(self, name: str) -> Layer:
            if name in computed:
                raise SourceError(f"{path.name}: the layer {name} is a query, not a table, and is not run.",
                                  "Nothing was imported. Save the layer as a GeoPackage of its own.")
            return super().describe(name)

    return Tables(path, FORMAT.name, _DRIVERS)


FORMAT = Format("GeoPackage", (".gpkg",), open_file, _DRIVERS)
