"""Shapefile (.shp with .shx, .dbf, .prj): lengths checked, Chinese text decoded.

A cut-off .shp still reports its full number of features, so the lengths in the headers are
compared with the files. The text of a .dbf is what its .cpg says, unless the bytes disagree:
Chinese files declare UTF-8 over GBK bytes, "ANSI 936", or nothing at all, and GDAL then
delivers gibberish without a word. GB18030 reads every one of them, as GBK is its subset.

A row that was deleted stays in the .dbf, marked by an asterisk, until somebody packs the table. No program shows it.
"""

import struct
from pathlib import Path

import numpy as np

from importers.formats import encodings
from importers.formats.base import Format, Reader, head, looks_like, sibling, siblings
from spatial.errors import SourceError

_SHP_CODE = b"\x00\x00\x27\x0a"
_SAMPLE_BYTES = 4 * 1024 * 1024


def check(path: Path) -> None:
    """Check that a shapefile has its parts and that none is cut off.

    Args:
        path: the .shp file.

    Raises:
        SourceError: it is something else, a part is missing, or one has been cut off.
    """
    beginning = head(path)
    if not beginning.startswith(_SHP_CODE):
        raise SourceError(f"{path.name} is not a shapefile but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    for ending in (".shx", ".dbf"):
        if sibling(path, ending) is None:
            raise SourceError(f"{path.stem}{ending}, a part of {path.name}, is missing beside it.",
                              "Nothing was imported. A shapefile is at least .shp, .shx and .dbf: copy all of them.")
    # ESRI Shapefile Technical Description (1998), page 4: length at byte 24, in 16-bit words.
    for part in (path, sibling(path, ".shx")):
        beginning = head(part, 100)
        _whole(part, max(100, 2 * struct.unpack(">i", beginning[24:28])[0] if len(beginning) == 100 else 100))
    table = sibling(path, ".dbf")
    beginning = head(table, 32)
    if len(beginning) < 32:
        raise SourceError(f"{table.name} is cut off: it has no head.",
                          "Nothing was imported. Copy or download it again.")
    records, header, width = struct.unpack("<IHH", beginning[4:12])
    _whole(table, header + records * width)


def encoding(path: Path) -> tuple[str, str]:
    """Decide how the text of a shapefile is encoded: by its bytes, then by what it declares.

    Args:
        path: the .shp file.

    Returns:
        Name of the encoding, and how sure it is.

    Raises:
        SourceError: a field name is cut inside a character, which GDAL cannot read.
    """
    declared = sibling(path, ".cpg")
    words = declared.read_text("latin-1")[:64].strip() if declared else None
    table = sibling(path, ".dbf")
    with table.open("rb") as file:
        records, header, width = struct.unpack("<IHH", file.read(32)[4:12])
        descriptors = file.read(max(0, header - 32))
        sample = file.read(min(records * width, _SAMPLE_BYTES))
    names, slices, at = [], [], 1
    for start in range(0, len(descriptors) - 31, 32):
        names.append(descriptors[start:start + 11].split(b"\x00")[0])
        length = descriptors[start + 16]
        if descriptors[start + 11:start + 12] == b"C":
            slices.append(slice(at, at + length))
        at += length
    texts = (sample[row:row + width][part].rstrip(b" \x00") for row in range(0, len(sample) - width + 1, width or 1)
             for part in slices)
    name, how = encodings.find([*names, *(text for text in texts if not text.isascii())], words)
    cut = next((one for one in names if encodings.is_utf8(one) and not _is_whole_utf8(one)), None)
    if name == "UTF-8" and cut is not None:
        raise SourceError(f"{table.name}: the field name {cut.decode(errors='ignore')!r} is cut inside a character.",
                          "Nothing was imported. Export it as GeoPackage, or with names of at most three characters.")
    return name, how


def deleted(path: Path) -> int:
    """Return how many rows of a shapefile are marked as deleted.

    Args:
        path: the .shp file, checked.
    """
    table = sibling(path, ".dbf")
    records, header, width = struct.unpack("<IHH", head(table, 12)[4:12])
    if not records or not width:
        return 0
    return int(np.count_nonzero(np.memmap(table, np.uint8, "r", header, (records, width))[:, 0] == ord("*")))


def open_file(path: Path, folder: Path) -> Reader:
    """Open a shapefile.

    Raises:
        SourceError: see ``check`` and ``encoding``.
    """
    from importers import gdal

    check(path)
    name, how = encoding(path)
    gone = deleted(path)
    rows = "One row is" if gone == 1 else f"{gone:,} rows are"
    note = f"{rows} marked as deleted in {path.stem}.dbf and left out; rows are counted without them."
    return gdal.GdalReader(path, FORMAT.name, FORMAT.drivers, name, how, notes=(note,) if gone else (),
                           deleted=gone, cut=True)


def _is_whole_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _whole(part: Path, expected: int) -> None:
    if part.stat().st_size < expected:
        raise SourceError(f"{part.name} is cut off: {part.stat().st_size:,} of {expected:,} bytes are there.",
                          "Nothing was imported. Copy or download it again.")


FORMAT = Format("shapefile", (".shp",), open_file, frozenset({"ESRI Shapefile"}),
                siblings(".shx", ".dbf", ".prj", ".cpg"))
