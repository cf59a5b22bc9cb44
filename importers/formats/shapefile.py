"""Shapefile (.shp with .shx, .dbf, .prj): lengths checked, Chinese text decoded.

A cut-off .shp still reports its full number of features, so the lengths in the headers are
compared with the files. The text of a .dbf is what its .cpg says, unless the bytes disagree:
Chinese files declare UTF-8 over GBK bytes, "ANSI 936", or nothing at all, and GDAL then
delivers gibberish without a word. GB18030 reads every one of them, as GBK is its subset.
"""

import codecs
import struct
from pathlib import Path

from importers.formats.base import Format, head, looks_like
from spatial.errors import SourceError

_SHP_CODE = b"\x00\x00\x27\x0a"
_CHINESE = "GB18030"
_SAMPLE_BYTES = 4 * 1024 * 1024


def check(path: Path) -> None:
    """Check that a shapefile has its parts and that none is cut off.

    Args:
        path: the .shp file.

    Raises:
        SourceError: it is something else, a part is missing, or one has been cut off.
    """
    beginning = head(path)
    if not beginning.startswith(_SHP_CODE) or len(beginning) < 100:
        raise SourceError(f"{path.name} is not a shapefile but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    for ending in (".shx", ".dbf"):
        if sibling(path, ending) is None:
            raise SourceError(f"{path.stem}{ending}, a part of {path.name}, is missing beside it.",
                              "Nothing was imported. A shapefile is at least .shp, .shx and .dbf: copy all of them.")
    # ESRI Shapefile Technical Description (1998), page 4: length at byte 24, in 16-bit words.
    for part in (path, sibling(path, ".shx")):
        with part.open("rb") as file:
            words = struct.unpack(">i", file.read(100)[24:28])[0]
        _whole(part, 2 * words)
    table = sibling(path, ".dbf")
    with table.open("rb") as file:
        records, header, width = struct.unpack("<IHH", file.read(32)[4:12])
    _whole(table, header + records * width)


def encoding(path: Path) -> str:
    """Decide how the text of a shapefile is encoded: by its bytes, then by what it declares.

    Args:
        path: the .shp file.

    Returns:
        ``UTF-8`` or ``GB18030``.

    Raises:
        SourceError: a field name is cut inside a character, which GDAL cannot read.
    """
    declared = sibling(path, ".cpg")
    words = declared.read_text("latin-1").lower() if declared else ""
    if "936" in words or "gb" in words:
        return _CHINESE
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
    cut = next((name for name in names if _is_utf8(name) and not _is_whole_utf8(name)), None)
    texts = (sample[row:row + width][part] for row in range(0, len(sample) - width + 1, width or 1)
             for part in slices)
    if not all(map(_is_utf8, (*names, *texts))):
        return _CHINESE
    if cut is not None:
        raise SourceError(f"{table.name}: the field name {cut.decode(errors='ignore')!r} is cut inside a character.",
                          "Nothing was imported. Export it as GeoPackage, or with names of at most three characters.")
    return "UTF-8"


def files(path: Path) -> tuple[Path, ...]:
    """Return every file of the set, the .shp first."""
    rest = (sibling(path, ending) for ending in (".shx", ".dbf", ".prj", ".cpg"))
    return (path, *(part for part in rest if part is not None))


def sibling(path: Path, ending: str) -> Path | None:
    """Return the part with another ending, in lower or upper case; None where it is missing."""
    candidates = (path.with_suffix(ending), path.with_suffix(ending.upper()))
    return next((part for part in candidates if part.is_file()), None)


def _is_utf8(text: bytes) -> bool:
    # Fields are cut at their width, also inside a character: an unfinished end is no fault.
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text.rstrip(b" \x00"))
    except UnicodeDecodeError:
        return False
    return True


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


FORMAT = Format("shapefile", (".shp",), frozenset({"ESRI Shapefile"}), check, encoding, files)
