"""MapInfo: native tables (.tab with .dat, .map, .id) and exchange files (.mif with .mid)."""

import re
from pathlib import Path

from importers.formats.base import Format, Reader, head, looks_like, sibling, siblings
from spatial.errors import SourceError

_DRIVERS = frozenset({"MapInfo File"})
_NATIVE = re.compile(r"^\s*Type\s+NATIVE\b", re.IGNORECASE | re.MULTILINE)
# A table that is a view, a link to a database or made of other tables opens the files that it names.
_ELSEWHERE = re.compile(r"^\s*(Open\s+Table|Create\s+View|Select\b|From\b|File\s+\")|\bLINKED\b|IsSeamless",
                        re.IGNORECASE | re.MULTILINE)


def open_table(path: Path, folder: Path) -> Reader:
    """Open a native table.

    Raises:
        SourceError: it is something else, its parts are missing, or it stands for other files.
    """
    from importers import gdal

    beginning = head(path)
    text = beginning.decode("latin-1")
    if not text.lstrip().lower().startswith("!table"):
        raise SourceError(f"{path.name} is not a MapInfo table but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    if _ELSEWHERE.search(text) or not _NATIVE.search(text):
        raise SourceError(f"{path.name} is a table that stands for other files.",
                          "Nothing was imported. Save it as a native table of its own, or as GeoPackage.")
    for ending in (".dat", ".map", ".id"):
        if sibling(path, ending) is None:
            raise SourceError(f"{path.stem}{ending}, a part of {path.name}, is missing beside it.",
                              "Nothing was imported. A MapInfo table is at least .tab, .dat, .map and .id: copy all.")
    return gdal.GdalReader(path, TABLE.name, _DRIVERS)


def open_exchange(path: Path, folder: Path) -> Reader:
    """Open an exchange file.

    Raises:
        SourceError: it is something else, or its .mid is missing.
    """
    from importers import gdal

    beginning = head(path)
    if not beginning.lstrip()[:7].lower() == b"version":
        raise SourceError(f"{path.name} is not a MapInfo exchange file but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    if sibling(path, ".mid") is None:
        raise SourceError(f"{path.stem}.mid, a part of {path.name}, is missing beside it.",
                          "Nothing was imported. A MapInfo exchange file is .mif and .mid: copy both.")
    return gdal.GdalReader(path, EXCHANGE.name, _DRIVERS)


TABLE = Format("MapInfo table", (".tab",), open_table, _DRIVERS, siblings(".dat", ".map", ".id", ".ind"))
EXCHANGE = Format("MapInfo exchange file", (".mif",), open_exchange, _DRIVERS, siblings(".mid"))
