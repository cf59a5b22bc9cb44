"""What a raster or a tileset holds, found out without keeping anything: ``shapan import imagery|terrain|model3d``."""

import shlex
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from importers.filed_report import IMAGERY, KINDS, MODEL3D, TERRAIN, Kind
from importers.models3d import run as models3d
from importers.models3d import tileset
from importers.rasters import bands, geotiff, position
from importers.rasters import run as rasters
from spatial.errors import MappingError, SourceError

UNKNOWN = "…"
"""Stands in a command for what the file does not tell."""


@dataclass(frozen=True)
class FiledFindings:
    """What was found out about a file that is kept as one.

    Attributes:
        path: the file or folder. kind: what it is imported as.
        holds: what is in it, in words. about: the same for a program.
        place: where it lies, in words; empty where that is not known.
        remarks: what an import would ask for or refuse.
        options: of the command that imports it.
    """

    path: Path
    kind: Kind
    holds: str
    about: dict[str, Any]
    place: str = ""
    remarks: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)

    def command(self) -> str:
        """Return the command that imports it, with ``…`` where a person must decide."""
        return " ".join(["shapan", "import", self.kind.name, shlex.quote(str(self.path)), *self.options])

    def facts(self) -> dict[str, Any]:
        """Return the findings for a program."""
        return {"kind": self.kind.name, **self.about, "remarks": self.remarks, "command": self.command()}

    def lines(self) -> list[str]:
        """Return the findings for a person."""
        return [f"{self.path.name}: {self.holds}", f"  Kind: {self.kind.name} ({self.kind.title})",
                f"  Coordinates: {self.place or 'unknown'}", *(f"    {remark}" for remark in self.remarks)]


def looker(path: Path, wanted: str | None) -> Callable[[], FiledFindings] | None:
    """Return what looks at a file of these kinds; None for a file of rows.

    Args:
        path: as a person typed it.
        wanted: what a person says that it is.

    Raises:
        MappingError: it is of these kinds, and what was named is not.
    """
    if path.suffix.lower() in geotiff.SUFFIXES:
        if wanted not in (None, IMAGERY.name, TERRAIN.name):
            raise MappingError(f"{path.name} is a raster, and is imported as imagery or as terrain.",
                               "Nothing was changed. Leave out --concept, or name one of the two.")
        return lambda: _raster(path, next((kind for kind in KINDS if kind.name == wanted), None))
    if path.name == tileset.ENTRY or (path.is_dir() and (path / tileset.ENTRY).is_file()) or _packed_tileset(path):
        if wanted not in (None, MODEL3D.name):
            raise MappingError(f"{path.name} is a tileset, and is imported as model3d.",
                               "Nothing was changed. Leave out --concept.")
        return lambda: _tileset(path)
    return None


def _packed_tileset(path: Path) -> bool:
    if path.suffix.lower() != ".zip":
        return False
    # A list that cannot be read is told by whoever reads it next.
    with suppress(OSError, zipfile.BadZipFile, ValueError, NotImplementedError), zipfile.ZipFile(path) as archive:
        return any(PurePosixPath(name).name == tileset.ENTRY and name.count("/") <= 1 for name in archive.namelist())
    return False


def _raster(path: Path, kind: Kind | None) -> FiledFindings:
    described = rasters.describe(path)
    bands.check_size(path.name, described)
    colours, types = described["colours"], sorted(set(described["dtypes"]))
    if kind is None:
        kind = TERRAIN if len(colours) == 1 and colours[0] != "palette" else IMAGERY
    remarks, options = [], []
    try:
        (bands.picture if kind is IMAGERY else bands.heights)(path.name, described, (), None, None)
    except SourceError as error:
        remarks.append(f"{error.what} {error.cure.removeprefix('Nothing was imported. ')}")
        options += [option + f" {UNKNOWN}" for option in ("--bands", "--stretch") if option in error.cure]
    about = {"width": described["width"], "height": described["height"], "bands": colours, "types": types,
             "nodata": described["nodata"], "masked": described["masked"]}
    place = ""
    try:
        where = position.locate(path, described, None, False)
    except SourceError as error:
        remarks.append(f"{error.what} {error.cure.removeprefix('Nothing was imported. ')}")
        options += [f"--crs {UNKNOWN}"] if "--crs" in error.cure else []
    else:
        west, south, east, north = where.footprint.bounds
        place = (f"{where.reference.title}; pixels of {where.resolution_m:.3g} m; {west:.5f} {south:.5f} to {east:.5f} "
                 f"{north:.5f}; zooms {where.minzoom} to {where.maxzoom}")
        about |= {"crs": where.reference.label, "box": [round(edge, 7) for edge in where.footprint.bounds],
                  "resolution_m": round(where.resolution_m, 6), "minzoom": where.minzoom, "maxzoom": where.maxzoom}
    holds = (f"GeoTIFF, {described['width']:,} × {described['height']:,} pixels, {len(colours)} band"
             f"{'s' * (len(colours) > 1)} ({', '.join(colours[:bands.SHOWN_BANDS])}) of {', '.join(types)}")
    return FiledFindings(path, kind, holds, about, place, remarks, options)


def _tileset(path: Path) -> FiledFindings:
    with tempfile.TemporaryDirectory(prefix="shapan-look-") as scratch:
        whole = models3d.look(path, Path(scratch))
    size = sum(whole.files.values())
    west, south, east, north = whole.footprint.bounds
    return FiledFindings(
        path, MODEL3D, f"3D Tiles {whole.version}, {len(whole.files):,} files, {size / 1e6:,.1f} MB",
        {"version": whole.version, "files": len(whole.files), "bytes": size,
         "box": [round(edge, 7) for edge in whole.footprint.bounds]},
        f"{west:.5f} {south:.5f} to {east:.5f} {north:.5f}, as the tileset says")
