"""The only door to GDAL: an allow-list of drivers, and reading by Arrow. Used in the reading process only.

GDAL recognises a file by its content, not by its name: a virtual data set called
``upload.geojson`` reads other files of the machine, an XML called ``x.json`` asks a web
service. So every driver that we do not need is struck off before the first file is opened,
and what remains is checked each time. One format more is one driver more in ``DRIVERS``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio
import pyogrio.raw
from pyogrio import _ogr
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from importers.formats.base import FAULT, Layer
from importers.reading import columns
from spatial.errors import SourceError

DRIVERS = frozenset({"GPKG", "GeoJSON", "GeoJSONSeq", "ESRI Shapefile", "OpenFileGDB", "LIBKML", "GML", "DXF",
                     "MapInfo File", "FlatGeobuf", "OSM"})
"""Drivers that may open a file. MEM holds nothing but what this process puts there."""

OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",
    "OGR_SQLITE_LIST_VIRTUAL_OGR": "NO",
    "OGR_ARROW_MEM_LIMIT": str(64 << 20),
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "LIBKML_RESOLVE_STYLE": "NO",
    "OSM_MAX_TMPFILE_SIZE": "32",
    "PROJ_NETWORK": "OFF",
    "CPL_DEBUG": "OFF",
}
"""Options of GDAL, whatever a person's environment says: nothing beside the file, a batch of 64 MB at most."""

_KEPT = DRIVERS | {"MEM"}
_KINDS = {"OFTString": "text", "OFTInteger": "number", "OFTInteger64": "number", "OFTReal": "number"}
FAULTS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, pa.ArrowException,
          UnicodeDecodeError, OSError, RuntimeError)
"""What libraries raise where a file is at fault."""


def restrict(temporary: Path | None = None) -> None:
    """Strike every driver but the allowed ones off this process's list.

    Args:
        temporary: folder for what GDAL cannot hold in memory.

    Raises:
        SourceError: others remain, so that nothing may be opened.
    """
    pyogrio.set_gdal_config_options({**OPTIONS, **({"CPL_TMPDIR": str(temporary)} if temporary else {})})
    if set(pyogrio.list_drivers()) <= _KEPT:
        return
    others = set(pyogrio.list_drivers()) - _KEPT
    pyogrio.set_gdal_config_options({"GDAL_SKIP": ",".join(sorted(others))})
    # GDAL reads the option when drivers are registered; they were at import.
    _ogr._register_drivers()
    remaining = set(pyogrio.list_drivers()) - _KEPT
    if remaining:
        raise SourceError(f"GDAL still holds drivers that may read other files: {', '.join(sorted(remaining))}.",
                          "Nothing is opened. Install the pinned pyogrio: scripts/bootstrap.")


class GdalReader:
    """A file as GDAL reads it.

    Args:
        path: a local file or folder.
        name: of its format, for messages.
        drivers: the ones that may have opened it.
        encoding: of its text, and how that was found, where the format does not tell it.
        options: of the driver.
        notes: what a person should know.
        features: how many rows there must be, where the driver cannot tell.
        deleted: rows that the driver counts and does not give.
        cut: texts may be cut inside a character at the width of their field, and each row stands for itself.
    """

    def __init__(self, path: Path, name: str, drivers: frozenset[str], encoding: str | None = None,
                 encoding_from: str | None = None, options: dict[str, str] | None = None,
                 notes: tuple[str, ...] = (), features: int | None = None, deleted: int = 0, cut: bool = False,
                 ) -> None:
        self.path, self._name, self._drivers = path, name, drivers
        self._encoding = encoding
        self._options, self._notes = options or {}, notes
        self._geometry: str | None = None
        self._told = (encoding, encoding_from)
        self._features = features
        self._deleted, self._cut = deleted, cut

    def found_encoding(self, encoding: str, how: str) -> None:
        """Tell in which encoding the text is, where GDAL decodes it itself."""
        self._told = (encoding, how)

    def names(self) -> list[str]:
        """Return the names of its layers, in order."""
        try:
            return [str(name) for name in pyogrio.list_layers(_local(self.path))[:, 0]]
        except FAULTS as error:
            raise unreadable(self.path, error) from error

    def describe(self, name: str) -> Layer:
        """Return what one of its layers says of itself.

        Raises:
            SourceError: it cannot be opened, or another driver than its format's opened it.
        """
        try:
            info = pyogrio.read_info(_local(self.path), layer=self._layer(name), encoding=self._encoding,
                                     **self._options)
        except FAULTS as error:
            raise unreadable(self.path, error) from error
        if info["driver"] not in self._drivers:
            raise SourceError(f"{self.path.name} is not {self._name} but {info['driver']}.",
                              "Nothing was imported. Give the file its right ending.")
        has_geometry = info["geometry_type"] is not None
        self._geometry = (info["geometry_name"] or "wkb_geometry") if has_geometry else None
        return Layer(
            name=name,
            kinds={str(field): _KINDS.get(kind, "any")
                   for field, kind in zip(info["fields"], info["ogr_types"], strict=True)},
            features=info["features"] - self._deleted if info["features"] >= 0 else self._features,
            crs=info["crs"],
            geometry=self._geometry,
            driver=info["driver"],
            encoding=self._told[0],
            encoding_from=self._told[1],
            notes=self._notes,
        )

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a layer. Dates come as ISO text, because Arrow has no column of mixed time zones."""
        try:
            with self._opened(name, rows) as (about, reader):
                # The answer to a statement calls its geometry otherwise than the layer.
                geometry = about["geometry_name"] or "wkb_geometry"
                for record in reader:
                    names = [self._geometry if one == geometry and self._geometry else one
                             for one in record.schema.names]
                    whole = pa.RecordBatch.from_arrays(record.columns, names=names)
                    yield self._as_text(whole) if self._cut else whole
        except FAULTS as error:
            raise unreadable(self.path, error) from error

    def _as_text(self, record: pa.RecordBatch) -> pa.RecordBatch:
        """Return rows whose text is text; a row with other bytes is refused, and not the whole file."""
        arrays, faults = [], [None] * record.num_rows
        for name, column in zip(record.schema.names, record.columns, strict=True):
            text, wrong = columns.unicode(column)
            arrays.append(text)
            for position in wrong:
                faults[position] = faults[position] or \
                    f"wrong-bytes|{name} holds bytes that are no text in {self._encoding or 'UTF-8'}"
        found = pa.array(faults, pa.string())
        return pa.RecordBatch.from_arrays([*arrays, found], names=[*record.schema.names, FAULT])

    @contextmanager
    def _opened(self, name: str, rows: int) -> Iterator[tuple[dict[str, Any], Iterator[pa.RecordBatch]]]:
        with pyogrio.raw.open_arrow(_local(self.path), batch_size=rows, use_pyarrow=True, datetime_as_string=True,
                                    encoding=self._encoding, **self._question(name), **self._options) as opened:
            about, reader = opened
            yield about, iter(reader)

    def _layer(self, name: str) -> str:
        return name

    def _question(self, name: str) -> dict[str, Any]:
        return {"layer": name}


def unreadable(path: Path, error: Exception) -> SourceError:
    """Return the error that tells a person why a file cannot be read."""
    reason = str(error)
    for place in (path.absolute(), path.resolve()):
        reason = reason.replace(str(place), path.name)
    reason = " ".join(reason.replace(str(path.absolute().parent) + "/", "").split())
    reason = reason.split("; It might help")[0].rstrip(".")
    return SourceError(f"{path.name} cannot be read: {reason}.",
                       "Nothing was imported. Open it in the program that made it and save it again.")


def _local(path: Path) -> str:
    # An absolute path of an existing file can never be taken for a /vsi… address or a URL.
    if not path.exists():
        raise SourceError(f"{path.name} is not there.", "Nothing was imported. Check the path.")
    return str(path.absolute())
