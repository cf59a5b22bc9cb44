"""The only door to GDAL: an allow-list of drivers, and reading by Arrow.

GDAL recognises a file by its content, not by its name: a virtual data set called
``upload.geojson`` reads other files of the machine, an XML called ``x.json`` asks a web
service. So every driver that we do not need is struck off before the first file is opened,
and what remains is checked each time. One format more is one driver more in ``DRIVERS``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyogrio
import pyogrio.raw
from pyogrio import _ogr
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from spatial.errors import SourceError

DRIVERS = frozenset({"GPKG", "GeoJSON", "GeoJSONSeq", "ESRI Shapefile"})
"""Drivers that may open a file. MEM holds nothing but what this process puts there."""

_KEPT = DRIVERS | {"MEM"}
_KINDS = {"OFTString": "text", "OFTInteger": "number", "OFTInteger64": "number", "OFTReal": "number"}
_FAULTS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, pa.ArrowException,
           UnicodeDecodeError, OSError, RuntimeError)


@dataclass(frozen=True)
class Layer:
    """One layer of a file, as GDAL describes it.

    Attributes:
        name: name of the layer.
        kinds: name of each attribute, in order → ``text``, ``number`` or ``any``.
        features: how many it says it has; None where it does not say.
        crs: authority code or WKT; None where it declares none.
        geometry: column of the geometry; None where the layer has no geometry.
        driver: driver that opened the file.
    """

    name: str
    kinds: dict[str, str]
    features: int | None
    crs: str | None
    geometry: str | None
    driver: str

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of its attributes, in order."""
        return tuple(self.kinds)


def restrict() -> None:
    """Strike every driver but the allowed ones off this process's list.

    Raises:
        SourceError: others remain, so that nothing may be opened.
    """
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


def layer_names(path: Path) -> list[str]:
    """Return the names of a file's layers, in order.

    Args:
        path: a local file.

    Raises:
        SourceError: it cannot be opened.
    """
    restrict()
    try:
        return [str(name) for name in pyogrio.list_layers(_local(path))[:, 0]]
    except _FAULTS as error:
        raise unreadable(path, error) from error


def describe(path: Path, layer: str, encoding: str | None = None) -> Layer:
    """Return what a layer says of itself.

    Args:
        path: a local file.
        layer: one of ``layer_names``.
        encoding: of its text, where the format does not tell it.

    Raises:
        SourceError: it cannot be opened.
    """
    restrict()
    try:
        info = pyogrio.read_info(_local(path), layer=layer, encoding=encoding)
    except _FAULTS as error:
        raise unreadable(path, error) from error
    has_geometry = info["geometry_type"] is not None
    return Layer(
        name=layer,
        kinds={str(name): _KINDS.get(kind, "any")
               for name, kind in zip(info["fields"], info["ogr_types"], strict=True)},
        features=info["features"] if info["features"] >= 0 else None,
        crs=info["crs"],
        geometry=(info["geometry_name"] or "wkb_geometry") if has_geometry else None,
        driver=info["driver"],
    )


@contextmanager
def stream(path: Path, layer: str, rows: int, encoding: str | None = None) -> Iterator[Iterator[pa.RecordBatch]]:
    """Read a layer in batches.

    Args:
        path: a local file.
        layer: one of ``layer_names``.
        rows: rows of a batch at most.
        encoding: of its text, where the format does not tell it.

    Yields:
        An iterator of batches: one column for each attribute, one of WKB for the geometry.
        Dates come as ISO text, because Arrow has no column of mixed time zones.

    Raises:
        SourceError: the file ends early or is damaged; also raised by the iterator.
    """
    restrict()
    try:
        with pyogrio.raw.open_arrow(_local(path), layer=layer, batch_size=rows, use_pyarrow=True,
                                    encoding=encoding, datetime_as_string=True) as (_, reader):
            yield iter(reader)
    except _FAULTS as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> SourceError:
    """Return the error that tells a person why a file cannot be read."""
    reason = " ".join(str(error).replace(str(path.absolute()), path.name).split())
    reason = reason.split("; It might help")[0].rstrip(".")
    return SourceError(f"{path.name} cannot be read: {reason}.",
                       "Nothing was imported. Open it in the program that made it and save it again.")


def _local(path: Path) -> str:
    # An absolute path of an existing file can never be taken for a /vsi… address or a URL.
    if not path.is_file():
        raise SourceError(f"{path} is not a file.", "Nothing was imported. Check the path.")
    return str(path.absolute())
