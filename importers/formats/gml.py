"""GML (.gml, and .xml with GML in it). No schema is fetched or read beside; links inside are not followed."""

from pathlib import Path

from importers.formats import xml
from importers.formats.base import Format, Reader


def open_file(path: Path, folder: Path) -> Reader:
    """Open a GML file.

    Raises:
        SourceError: it is something else, or declares entities.
    """
    from importers import gdal

    plain = xml.check(path, folder, FORMAT.name, r"[A-Za-z_]*(?:FeatureCollection|Collection|CityModel)")
    return gdal.GdalReader(plain, FORMAT.name, FORMAT.drivers)


FORMAT = Format("GML", (".gml",), open_file, frozenset({"GML"}))
