"""OpenStreetMap extracts (.osm.pbf): layers points, lines, multilinestrings, multipolygons, other_relations.

The tags that cities use have columns of their own; ``other_tags`` holds the rest, and ``tag(other_tags, 'name')`` in
a mapping takes one of them.
"""

import zlib
from pathlib import Path
from typing import Any, BinaryIO

from importers.formats.base import Format, Reader, head, looks_like
from spatial.errors import SourceError

# Limits of the format (wiki: PBF Format, encoding OSM entities into fileblocks).
_LONGEST_HEADER, _LONGEST_BLOB = 64 << 10, 32 << 20

_CONFIG = Path(__file__).with_name("openstreetmap.ini")


def check(path: Path) -> None:
    """Walk through the blocks of an extract: GDAL ends at a damaged one as if it were the end of the file.

    Args:
        path: the extract.

    Raises:
        SourceError: a block is cut off or damaged.
    """
    with path.open("rb") as file:
        while start := file.read(4):
            try:
                header = _fields(_exactly(file, int.from_bytes(start, "big"), _LONGEST_HEADER))
                blob = _fields(_exactly(file, int(header[3]), _LONGEST_BLOB))
                # Raw, or packed by zlib, which has a checksum; other ways of packing GDAL checks as it can.
                if 3 in blob and len(zlib.decompress(blob[3], bufsize=1 << 20)) != blob[2]:
                    raise ValueError("size")
            except (ValueError, KeyError, IndexError, TypeError, zlib.error) as error:
                raise SourceError(f"{path.name} is cut off or damaged at byte {file.tell():,}: it cannot be read.",
                                  "Nothing was imported. Copy or download it again.") from error


def _exactly(file: BinaryIO, count: int, most: int) -> bytes:
    content = file.read(count) if 0 <= count <= most else b""
    if len(content) != count or not count:
        raise ValueError("cut off")
    return content


def _fields(message: bytes) -> dict[int, Any]:
    """Return the fields of a message of Protocol Buffers by number, the last one of each."""
    fields: dict[int, Any] = {}
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        if key & 7 == 0:
            fields[key >> 3], at = _number(message, at)
        elif key & 7 == 2:
            length, at = _number(message, at)
            if at + length > len(message):
                raise ValueError("cut off")
            fields[key >> 3] = message[at:at + length]
            at += length
        else:
            raise ValueError("kind")
    return fields


def _number(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
        if shift > 63:
            raise ValueError("number")


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
    check(path)

    class Extract(gdal.GdalReader):
        def _question(self, name: str) -> dict[str, Any]:
            # Asked by a statement the driver builds this layer alone; otherwise it piles up the others in memory.
            return {"sql": f'SELECT * FROM "{name}"'}

    return Extract(path, FORMAT.name, FORMAT.drivers, options={"CONFIG_FILE": str(_CONFIG)})


FORMAT = Format("OpenStreetMap extract", (".pbf",), open_file, frozenset({"OSM"}))
