"""MapInfo: native tables (.tab with .dat, .map, .id) and exchange files (.mif with .mid)."""

import re
from pathlib import Path

from importers.formats import encodings
from importers.formats.base import Format, Reader, head, looks_like, sibling, siblings
from spatial.errors import SourceError

_DRIVERS = frozenset({"MapInfo File"})
_CHARSET = re.compile(rb"""(?im)^\s*!?charset\s+"?([\w-]+)""")
_SAMPLE_BYTES = 1 << 20
_NATIVE = re.compile(r"^\s*Type\s+NATIVE\b", re.IGNORECASE | re.MULTILINE)
# A table that is a view, a link to a database or made of other tables opens the files that it names.
_ELSEWHERE = re.compile(r"^\s*(Open\s+Table|Create\s+View|Select\b|From\b|File\s+\")|\bLINKED\b|IsSeamless",
                        re.IGNORECASE | re.MULTILINE)


def open_table(path: Path, folder: Path) -> Reader:
    """Open a native table.

    Raises:
        SourceError: it is something else, its parts are missing, or it stands for other files.
    """
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
    return _reader(path, folder, ".dat", TABLE.name)


def _lines(path: Path) -> int | None:
    """Count the rows of a .mid; None where it has none, as tables without columns do."""
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip()) or None


def _reader(path: Path, folder: Path, part: str, name: str, rows: int | None = None) -> Reader:
    from importers import gdal

    readable, encoding, how = _text_of(path, folder, part)
    # GDAL turns the text into UTF-8 itself, by what the head says.
    reader = gdal.GdalReader(readable, name, _DRIVERS, features=rows)
    reader.found_encoding(encoding, how)
    return reader


def _text_of(path: Path, folder: Path, part: str) -> tuple[Path, str, str]:
    """Find the encoding; return the file to read, the encoding, and how sure it is.

    Chinese tables often say that they are neutral or in Latin letters. Such a one is read from a copy of its head that
    says what its bytes are, beside links to its parts.
    """
    beginning = head(path)
    declared = _CHARSET.search(beginning)
    said = declared[1].decode("ascii", "replace") if declared else None
    sample = head(sibling(path, part), _SAMPLE_BYTES)
    # A .dat is a table of dBASE, its rows behind a head whose length stands at byte 8; its texts are padded.
    cells = sample.split(b"\n") if part == ".mid" else \
        re.split(rb"[\0 ]+", sample[int.from_bytes(sample[8:10], "little"):])
    texts = [*beginning.split(b"\n"), *cells]
    known = {"WindowsSimpChinese": "936", "UTF-8": "UTF-8", "WindowsTradChinese": "950", "WindowsLatin1": "1252"}
    name, how = encodings.find(texts, known.get(said, said))
    if name != encodings.CHINESE or said == "WindowsSimpChinese":
        return path, name, how
    copy = folder / path.name
    content = path.read_bytes()
    if declared:
        content = _CHARSET.sub(lambda found: found[0].replace(found[1], b"WindowsSimpChinese"), content)
    elif part == ".dat":
        content = re.sub(rb"(?i)(!version[^\n]*\n)", rb"\1!charset WindowsSimpChinese\n", content, count=1)
    else:
        content = re.sub(rb"(?i)^(version[^\n]*\n)", rb'\1Charset "WindowsSimpChinese"\n', content, count=1)
    copy.write_bytes(content)
    for one in path.parent.iterdir():
        if one != path:
            (folder / one.name).symlink_to(one.resolve())
    return copy, name, how


def open_exchange(path: Path, folder: Path) -> Reader:
    """Open an exchange file.

    Raises:
        SourceError: it is something else, or its .mid is missing.
    """
    beginning = head(path)
    if not beginning.lstrip()[:7].lower() == b"version":
        raise SourceError(f"{path.name} is not a MapInfo exchange file but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending, or export it again.")
    if sibling(path, ".mid") is None:
        raise SourceError(f"{path.stem}.mid, a part of {path.name}, is missing beside it.",
                          "Nothing was imported. A MapInfo exchange file is .mif and .mid: copy both.")
    return _reader(path, folder, ".mid", EXCHANGE.name, _lines(sibling(path, ".mid")))


TABLE = Format("MapInfo table", (".tab",), open_table, _DRIVERS, siblings(".dat", ".map", ".id", ".ind"))
EXCHANGE = Format("MapInfo exchange file", (".mif",), open_exchange, _DRIVERS, siblings(".mid"))
