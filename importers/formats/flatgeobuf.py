"""FlatGeobuf (.fgb)."""

from pathlib import Path

from importers.formats.base import Format, Reader, head, looks_like
from spatial.errors import SourceError

_MAGIC = b"fgb\x03fgb"


def open_file(path: Path, folder: Path) -> Reader:
    """Open a FlatGeobuf file; its buffers are verified as they are read.

    Raises:
        SourceError: it is something else.
    """
    from importers import gdal

    beginning = head(path)
    if not beginning.startswith(_MAGIC):
        raise SourceError(f"{path.name} is not FlatGeobuf but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    return gdal.GdalReader(path, FORMAT.name, FORMAT.drivers, options={"VERIFY_BUFFERS": "YES"})


FORMAT = Format("FlatGeobuf", (".fgb",), open_file, frozenset({"FlatGeobuf"}))
