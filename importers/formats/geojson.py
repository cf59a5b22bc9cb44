"""GeoJSON (.geojson, .json) and newline-delimited GeoJSON (.geojsonl, .geojsons)."""

import re
from pathlib import Path

from importers.formats import cityjson
from importers.formats.base import Format, Reader, head, looks_like, tail
from spatial.errors import SourceError

_TYPE = re.compile(rb'"type"\s*:\s*"(Feature|FeatureCollection|Point|MultiPoint|LineString|MultiLineString|'
                   rb'Polygon|MultiPolygon|GeometryCollection)"')
_TAIL_BYTES = 256


def check(path: Path) -> None:
    """Check that a file begins as GeoJSON and that its last bracket is there.

    Args:
        path: an existing file.

    Raises:
        SourceError: it is something else, or has been cut off.
    """
    _check_head(path)
    if not tail(path, _TAIL_BYTES).rstrip(b" \t\r\n\x00").endswith(b"}"):
        raise SourceError(f"{path.name} is cut off: its last bracket is missing.",
                          "Nothing was imported. Copy or download it again.")


def open_file(path: Path, folder: Path) -> Reader:
    """Open a GeoJSON file, or a CityJSON file that is called ``.json``.

    Raises:
        SourceError: see ``check``.
    """
    from importers import gdal

    if cityjson.recognised(path):
        return cityjson.open_file(path, folder)
    check(path)
    return gdal.GdalReader(path, FORMAT.name, FORMAT.drivers)


def open_sequence(path: Path, folder: Path) -> Reader:
    """Open a sequence of GeoJSON features.

    Raises:
        SourceError: it is something else.
    """
    from importers import gdal

    _check_head(path)
    return gdal.GdalReader(path, SEQUENCE.name, SEQUENCE.drivers)


def _check_head(path: Path) -> None:
    beginning = head(path)
    start = beginning.lstrip(b"\xef\xbb\xbf\x1e \t\r\n")
    if start.startswith(b"{") and _TYPE.search(beginning):
        return
    what = "JSON without GeoJSON features" if start.startswith((b"{", b"[")) else looks_like(beginning)
    raise SourceError(f"{path.name} is not GeoJSON but {what}.",
                      "Nothing was imported. Give the file its right ending, or export it again as GeoJSON.")


FORMAT = Format("GeoJSON", (".geojson", ".json"), open_file, frozenset({"GeoJSON"}))
SEQUENCE = Format("GeoJSON sequence", (".geojsonl", ".geojsons", ".ndjson"), open_sequence,
                  frozenset({"GeoJSONSeq"}))
