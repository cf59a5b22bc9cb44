"""KML (.kml) and KMZ (.kmz). Links to other files and to the network are not followed; styles are left out."""

from pathlib import Path

from importers import archives
from importers.formats import xml
from importers.formats.base import Format, Reader, head, looks_like
from spatial.errors import SourceError

_DRIVERS = frozenset({"LIBKML"})


def open_file(path: Path, folder: Path) -> Reader:
    """Open a KML file.

    Raises:
        SourceError: it is something else, or declares entities.
    """
    from importers import gdal

    return gdal.GdalReader(xml.check(path, folder, FORMAT.name, "kml"), FORMAT.name, _DRIVERS)


def open_packed(path: Path, folder: Path) -> Reader:
    """Open a KMZ file: the first KML file in it.

    Raises:
        SourceError: it is no archive or not a safe one, or there is no KML file in it.
    """
    if not head(path).startswith(b"PK"):
        raise SourceError(f"{path.name} is not KMZ but {looks_like(head(path))}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    files = archives.unpack(path, folder)
    inside = next((one for one in files if one.suffix.lower() == ".kml"), None)
    if inside is None:
        raise SourceError(f"{path.name} holds no KML file.", "Nothing was imported. Export it again.")
    return open_file(inside, folder)


FORMAT = Format("KML", (".kml",), open_file, _DRIVERS)
PACKED = Format("KMZ", (".kmz",), open_packed, _DRIVERS)
