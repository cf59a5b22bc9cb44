"""GeoJSON (.geojson, .json) and newline-delimited GeoJSON (.geojsonl, .geojsons)."""

import re
from pathlib import Path

from importers.formats.base import Format, head, looks_like
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
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        end = file.read().rstrip(b" \t\r\n\x00")
    if not end.endswith(b"}"):
        raise SourceError(f"{path.name} is cut off: its last bracket is missing.",
                          "Nothing was imported. Copy or download it again.")


def check_sequence(path: Path) -> None:
    """Check that a file begins as a sequence of GeoJSON features.

    Args:
        path: an existing file.

    Raises:
        SourceError: it is something else.
    """
    _check_head(path)


def _check_head(path: Path) -> None:
    beginning = head(path)
    start = beginning.lstrip(b"\xef\xbb\xbf\x1e \t\r\n")
    if start.startswith(b"{") and _TYPE.search(beginning):
        return
    what = "JSON without GeoJSON features" if start.startswith((b"{", b"[")) else looks_like(beginning)
    raise SourceError(f"{path.name} is not GeoJSON but {what}.",
                      "Nothing was imported. Give the file its right ending, or export it again as GeoJSON.")


FORMAT = Format("GeoJSON", (".geojson", ".json"), frozenset({"GeoJSON"}), check)
SEQUENCE = Format("GeoJSON sequence", (".geojsonl", ".geojsons", ".ndjson"), frozenset({"GeoJSONSeq"}),
                  check_sequence)
