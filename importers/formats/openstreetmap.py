"""OpenStreetMap extracts (.osm.pbf): layers points, lines, multilinestrings, multipolygons, other_relations.

The tags that cities use have columns of their own; ``other_tags`` holds the rest, and ``tag(other_tags, 'name')`` in
a mapping takes one of them.
"""

from pathlib import Path
from typing import Any

from importers.formats.base import Format, Reader, head, looks_like
from spatial.errors import SourceError

_CONFIG = Path(__file__).with_name("openstreetmap.ini")


def open_file(path: Path, folder: Path) -> Reader:
    """Open an extract.

    Raises:
        SourceError: it is something else.
    """
    from importers import gdal

    beginning = head(path)
    # PBF: length of the first block's header, then the header with its type (wiki: PBF Format, file format).
    if b"OSMHeader" not in beginning[4:40]:
        raise SourceError(f"{path.name} is not an OpenStreetMap extract but {looks_like(beginning)}.",
                          "Nothing was imported. Take an extract in the format .osm.pbf.")

    class Extract(gdal.GdalReader):
        def _question(self, name: str) -> dict[str, Any]:
            # Asked by a statement the driver builds this layer alone; otherwise it piles up the others in memory.
            return {"sql": f'SELECT * FROM "{name}"'}

    return Extract(path, FORMAT.name, FORMAT.drivers, options={"CONFIG_FILE": str(_CONFIG)})


FORMAT = Format("OpenStreetMap extract", (".pbf",), open_file, frozenset({"OSM"}))
