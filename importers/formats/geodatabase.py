"""File geodatabase (.gdb): a folder of tables."""

from pathlib import Path

from importers.formats.base import Format, Reader
from spatial.errors import SourceError

_CATALOG = "a00000001.gdbtable"


def open_folder(path: Path, folder: Path) -> Reader:
    """Open a file geodatabase.

    Raises:
        SourceError: the folder is something else, or holds links.
    """
    from importers import gdal

    if not (path / _CATALOG).is_file():
        raise SourceError(f"{path.name} is not a file geodatabase: {_CATALOG} is missing in it.",
                          "Nothing was imported. Copy the whole folder again.")
    if any(part.is_symlink() for part in path.resolve().rglob("*")):
        raise SourceError(f"{path.name} holds links to other places.",
                          "Nothing was imported. Copy the files themselves.")
    return gdal.GdalReader(path, FORMAT.name, FORMAT.drivers)


FORMAT = Format("file geodatabase", (".gdb",), open_folder, frozenset({"OpenFileGDB"}), folder=True)
