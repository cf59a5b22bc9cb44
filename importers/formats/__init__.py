"""File formats: one file for each family, found by the ending of a file's name.

The ending says what a file should be, its first bytes what it is; both must agree before a library
sees it. A format more is one file here, one line in ``FORMATS`` and, where GDAL reads it, its driver in ``gdal.py``.
"""

from pathlib import Path

from importers.formats import (
    archive,
    cityjson,
    columnar,
    dxf,
    flatgeobuf,
    geodatabase,
    geojson,
    geopackage,
    gml,
    kml,
    mapinfo,
    openstreetmap,
    shapefile,
    text,
    workbook,
)
from importers.formats.base import Format, Layer
from spatial.errors import SourceError

FORMATS: tuple[Format, ...] = (
    geopackage.FORMAT,
    # Before .json, which ends the same.
    cityjson.FORMAT,
    geojson.FORMAT,
    geojson.SEQUENCE,
    shapefile.FORMAT,
    archive.FORMAT,
    geodatabase.FORMAT,
    kml.FORMAT,
    kml.PACKED,
    gml.FORMAT,
    dxf.FORMAT,
    mapinfo.TABLE,
    mapinfo.EXCHANGE,
    flatgeobuf.FORMAT,
    openstreetmap.FORMAT,
    columnar.PARQUET,
    columnar.ARROW,
    workbook.FORMAT,
    text.FORMAT,
)

# Endings that people try, with what to do instead.
ADVICE = {
    ".dwg": "Save it as DXF (in AutoCAD or ZWCAD: SAVEAS, then DXF).",
    ".dbf": "Name the .shp file of the set.",
    ".shx": "Name the .shp file of the set.",
    ".mid": "Name the .mif file of the set.",
    ".dat": "Name the .tab file of the set.",
    ".mdb": "Save it as a file geodatabase (.gdb) or as GeoPackage.",
    ".osm": "Take the extract in the format .osm.pbf.",
    ".rar": "Unpack it first, or pack it as .zip.",
    ".7z": "Unpack it first, or pack it as .zip.",
    ".gz": "Unpack it first.",
    ".et": "Save it as .xlsx.",
}


def known(path: Path) -> Format | None:
    """Return the format that has a file's ending; None where none has."""
    name = path.name.lower()
    return next((one for one in FORMATS if name.endswith(one.suffixes)), None)


def by_ending(path: Path) -> Format:
    """Return the format of a file by its ending. Its content is looked at when it is opened.

    Args:
        path: a file or folder.

    Raises:
        SourceError: no format has that ending.
    """
    one = known(path)
    if one is None:
        raise SourceError(f"{path.name} has an ending that is not read.",
                          ADVICE.get(path.suffix.lower(), all_known()))
    return one


def all_known() -> str:
    """Return the sentence that lists every ending."""
    endings = ", ".join(ending for one in FORMATS for ending in one.suffixes)
    return f"Formats read: {endings}. Convert it to GeoPackage, for example in QGIS."


__all__ = ["ADVICE", "FORMATS", "Format", "Layer", "all_known", "by_ending", "known"]
