"""File formats: one file for each family, found by the ending of a file's name.

The ending says what a file should be, its first bytes what it is; both must agree before GDAL
sees it. A format more is one file here, one line in ``FORMATS`` and its driver in ``gdal.py``.
"""

from pathlib import Path

from importers.formats import geojson, geopackage, shapefile
from importers.formats.base import Format
from spatial.errors import SourceError

FORMATS: tuple[Format, ...] = (
    geopackage.FORMAT,
    geojson.FORMAT,
    geojson.SEQUENCE,
    shapefile.FORMAT,
)

# Endings that people try, with what to do instead.
ADVICE = {
    ".dwg": "Save it as DXF, then convert it to GeoPackage in QGIS.",
    ".dbf": "Name the .shp file of the set.",
    ".shx": "Name the .shp file of the set.",
    ".zip": "Unpack it first and name the file inside.",
}


def find(path: Path) -> Format:
    """Return the format of a file by its ending, after looking at its first bytes.

    Args:
        path: an existing file.

    Raises:
        SourceError: no format has that ending, or the content is something else.
    """
    suffix = path.suffix.lower()
    for one in FORMATS:
        if suffix in one.suffixes:
            one.check(path)
            return one
    known = ", ".join(ending for one in FORMATS for ending in one.suffixes)
    raise SourceError(f"{path.name} has an ending that is not read.",
                      ADVICE.get(suffix, f"Formats read: {known}. Convert it to GeoPackage, for example in QGIS."))


__all__ = ["FORMATS", "Format", "find"]
