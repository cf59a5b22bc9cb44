"""DXF (.dxf): drawings. Every layer of the drawing is a layer here; ``entities`` is all of them together.

A closed polyline is taken for a polygon: drawings know no other outline of a building.
"""

import re
from pathlib import Path
from typing import Any

from importers.formats.base import Format, Reader, head, looks_like, tail
from spatial.errors import SourceError

EVERYTHING = "entities"
_DRIVERS = frozenset({"DXF"})
_BINARY = b"AutoCAD Binary DXF"
_BEGIN = re.compile(rb"^\s*(999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\s*\r?\n")


def check(path: Path) -> None:
    """Check that a file is a drawing in text, and whole.

    Raises:
        SourceError: it is something else, binary, or has been cut off.
    """
    beginning = head(path)
    if beginning.startswith(_BINARY):
        raise SourceError(f"{path.name} is a binary DXF.", "Nothing was imported. Save it as DXF in text (ASCII).")
    if not _BEGIN.match(beginning.removeprefix(b"\xef\xbb\xbf")):
        raise SourceError(f"{path.name} is not DXF but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or save it again as DXF.")
    if not tail(path, 64).rstrip().endswith(b"EOF"):
        raise SourceError(f"{path.name} is cut off: its last line is missing.",
                          "Nothing was imported. Copy or save it again.")


def open_file(path: Path, folder: Path) -> Reader:
    """Open a drawing.

    Raises:
        SourceError: see ``check``.
    """
    import pyarrow.compute as pc

    from importers import gdal

    check(path)

    class Drawing(gdal.GdalReader):
        def names(self) -> list[str]:
            found: dict[str, None] = {}
            for record in self.batches(EVERYTHING, 20_000):
                found.update(dict.fromkeys(pc.unique(record.column("Layer").drop_null()).to_pylist()))
            return [EVERYTHING, *sorted(found)] if len(found) > 1 else [EVERYTHING]

        def _layer(self, name: str) -> str:
            return EVERYTHING

        def _question(self, name: str) -> dict[str, Any]:
            if name == EVERYTHING:
                return {"layer": EVERYTHING}
            return {"layer": EVERYTHING, "where": "\"Layer\" = '{}'".format(name.replace("'", "''"))}

        def describe(self, name: str):  # noqa: ANN202 - as its parent
            from dataclasses import replace

            return replace(super().describe(name), features=None)

    return Drawing(path, FORMAT.name, _DRIVERS, options={"CLOSED_LINE_AS_POLYGON": "YES"},
                   notes=("Closed lines of a drawing are read as polygons.",))


FORMAT = Format("DXF", (".dxf",), open_file, _DRIVERS)
