"""Imagery and terrain from a GeoTIFF: look → decide → convert → keep (``importers/filed.py``)."""

from dataclasses import dataclass
from pathlib import Path

from importers import filed, ground
from importers.filed_report import IMAGERY, TERRAIN, Kind, Report
from importers.progress import Watcher
from importers.rasters import bands, child, geotiff, position
from spatial.errors import SourceError
from spatial.settings import Settings

DESCRIBE_CPU_S = 60

PIXELS_A_SECOND = 400_000
"""Slower than this is no machine. Measured on two busy cores: 8 million read, checked, written, made into a COG."""

# Bytes written for each pixel at most: the plain form and the COG with its overviews, a third more. Compressed
# files that hold noise can be a little longer than their content.
_PICTURE_BYTES = 3 * (1 + 4 / 3) * 1.1
_HEIGHT_BYTES = 4 * (1 + 4 / 3) * 1.1


@dataclass(frozen=True)
class Request(filed.Request):
    """What a person asks for.

    Attributes:
        crs: system of the raster. override_crs: it stands against what the file declares.
        bands: red, green and blue among its bands, counted from 1.
        stretch: values of 16 bits that become 0 and 255.
        nodata: value that stands for nothing.
    """

    crs: str | None = None
    override_crs: bool = False
    bands: tuple[int, ...] = ()
    stretch: tuple[float, float] | None = None
    nodata: float | None = None


def run(kind: Kind, request: Request, settings: Settings, watcher: Watcher | None = None) -> Report:
    """Import one raster.

    Args:
        kind: ``IMAGERY`` or ``TERRAIN``. request: what is asked for.
        settings: where database and data directory are.
        watcher: is told how it goes on.

    Returns:
        The report.

    Raises:
        MappingError: options do not fit the file.
        SourceError: the file cannot be read, is no such raster, or its place cannot be trusted.
        DatabaseError: the database does not answer or refused.
        In all cases nothing was imported.
    """
    path = request.path
    described = describe(path)
    bands.check_size(path.name, described)
    decide = bands.picture if kind is IMAGERY else bands.heights
    reading = decide(path.name, described, request.bands, request.stretch, request.nodata)
    where = position.locate(path, described, request.crs, request.override_crs)
    pixels = described["width"] * described["height"]
    written = int(pixels * (_PICTURE_BYTES if kind is IMAGERY else _HEIGHT_BYTES)) + (16 << 20)

    def make(part: Path, progress: Watcher) -> filed.Made:
        found = child.call(
            {"do": "convert", "path": str(path.absolute()), "kind": kind.name, "folder": str(part),
             "crs": where.reference.crs.to_wkt(), "transform": where.transform, "bands": reading.bands,
             "stretch": reading.stretch, "nodata": reading.nodata, "spots": where.spots.tolist()},
            cpu_s=DESCRIBE_CPU_S + pixels // PIXELS_A_SECOND, folder=part, largest_file=written,
            progress=progress.read)
        position.check_agreement(path, where, found["positions"])
        columns = {"crs": where.reference.label, "minzoom": where.minzoom, "maxzoom": where.maxzoom,
                   "width": described["width"], "height": described["height"],
                   "resolution_m": round(where.resolution_m, 6)}
        if kind is IMAGERY:
            columns["bands"] = ["red", "green", "blue", *(["mask"] if found["masked"] else [])]
        else:
            columns |= {"lowest_m": found["lowest"], "highest_m": found["highest"]}
        return filed.Made(part / "cog.tif", where.footprint, columns)

    options = {"crs": request.crs, "override_crs": request.override_crs, "bands": list(request.bands),
               "stretch": request.stretch and list(request.stretch), "nodata": request.nodata}
    work = filed.Work(filed.file_sha256(geotiff.files(path)), options, written, described["height"], make,
                      route=where.route, **({"follow": ground.follower(settings)} if kind is TERRAIN else {}))
    return filed.run(kind, request, work, settings, watcher)


def describe(path: Path) -> dict:
    """Return what a raster says of itself, after looking at its first bytes.

    Args:
        path: the file.

    Raises:
        SourceError: no file, another format, damaged.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise SourceError(f"{path} {what}.", "Nothing was imported. Name one file.")
    if path.suffix.lower() not in geotiff.SUFFIXES:
        raise SourceError(f"{path.name} has an ending that is not read as a raster.",
                          "Nothing was imported. Rasters are GeoTIFF (.tif, .tiff); convert it, for example in QGIS.")
    try:
        geotiff.check(path)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}.", "Nothing was imported.") from error
    return child.call({"do": "describe", "path": str(path.absolute())}, cpu_s=DESCRIBE_CPU_S)

