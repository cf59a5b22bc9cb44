"""GeoTIFF (.tif, .tiff) as a format: what can be said of a file before GDAL sees it."""

import math
from pathlib import Path

from importers.formats.base import head, looks_like
from spatial.errors import SourceError

# TIFF 6.0 section 2 and BigTIFF: byte order, then 42 or 43 in that order.
_SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".wld")


def check(path: Path) -> None:
    """Check that a file begins as a TIFF.

    Args:
        path: an existing file.

    Raises:
        SourceError: it is something else.
    """
    beginning = head(path)
    if not beginning.startswith(_SIGNATURES):
        raise SourceError(f"{path.name} is not a GeoTIFF but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it as GeoTIFF.")


def files(path: Path) -> tuple[Path, ...]:
    """Return the file, and the world file beside it where there is one."""
    beside = next((path.with_suffix(suffix) for suffix in _WORLD_FILES if path.with_suffix(suffix).is_file()), None)
    return (path,) if beside is None else (path, beside)


def world_file(path: Path) -> tuple[float, ...] | None:
    """Read the world file beside a raster.

    Args:
        path: the raster.

    Returns:
        a, b, c, d, e, f of x = a·column + b·row + c, y = d·column + e·row + f, for the corner of a pixel; None
        without such a file.

    Raises:
        SourceError: the file does not hold six numbers.
    """
    beside = files(path)[1:]
    if not beside:
        return None
    try:
        # Lines: x per column, y per column, x per row, y per row, x and y of the first pixel's centre.
        a, d, b, e, x, y = (float(word) for word in head(beside[0]).decode("ascii").split())
    except (ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"{beside[0].name} does not hold the six numbers of a world file.",
                          "Nothing was imported. Export the raster with its position inside.") from error
    numbers = (a, b, x - (a + b) / 2, d, e, y - (d + e) / 2)
    if not all(map(math.isfinite, numbers)):
        raise SourceError(f"{beside[0].name} holds numbers that are not finite.",
                          "Nothing was imported. Export the raster with its position inside.")
    return numbers


SUFFIXES = (".tif", ".tiff")
