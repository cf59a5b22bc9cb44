"""How the text of a file is encoded, how sure that is, and whether it has been spoilt before."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from importers.formats.base import sibling
from importers.source import Source

LOOKED_AT = 4 * 1024 * 1024
"""Bytes of a table that are looked at."""

SHOWN = 2
"""Values that are shown in both encodings."""

SPOILT_SHARE = 0.05
"""Share of a column's values beyond which it counts as spoilt: one odd value may be meant so."""

_UNICODE = "utf-8"
_CHINESE = "gb18030"
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Pairs of bytes of GB 2312 read as Latin letters. Western words have single accents.
_LATIN_PAIRS = re.compile(r"[\x00-\x7f]*(([\xa1-\xff]{2})+[\x00-\x7f]*)+")
# What remains of Chinese text after it was read in the wrong encoding and saved again.
_LOST = re.compile("\ufffd|锟斤拷|烫烫烫|[?？]{3,}")


@dataclass(frozen=True)
class Encoding:
    """The judgement.

    Attributes:
        name: what the file is read with; None where its format fixes it.
        certainty: ``fixed by the format``, ``certain``, ``likely`` or ``doubtful``.
        why: the evidence, one sentence.
        compared: values as the two encodings read them: (``GB18030``, ``UTF-8``) pairs.
        spoilt: names of columns whose text has been spoilt by an earlier program.
    """

    name: str | None
    certainty: str
    why: str
    compared: tuple[tuple[str, str], ...] = ()
    spoilt: tuple[str, ...] = ()

    def facts(self) -> dict[str, object]:
        """Return the judgement for a program."""
        return {"name": self.name, "certainty": self.certainty, "why": self.why,
                "compared": [{"gb18030": chinese, "utf-8": unicode} for chinese, unicode in self.compared],
                "spoilt": list(self.spoilt)}


def judge(source: Source, texts: dict[str, list[str]], hidden: frozenset[str]) -> Encoding:
    """Judge the encoding of a source.

    Args:
        source: an open layer.
        texts: column → some of its values as they were read.
        hidden: columns whose values must not be shown.
    """
    spoilt = tuple(name for name, values in texts.items() if is_spoilt(values))
    if source.layer.encoding is None:
        return Encoding(None, "fixed by the format", f"{source.format.name} fixes it", (), spoilt)
    table = sibling(source.path, ".dbf") if source.path.suffix.lower() == ".shp" else None
    if table is None:
        why = source.layer.encoding_from or "by the bytes of the text"
        return Encoding(source.layer.encoding, "likely", why, (), spoilt)
    beside = sibling(source.path, ".cpg")
    declared = beside.read_text("latin-1").strip()[:40] if beside else None
    said = f"{beside.name} says {declared!r}" if beside else f"{source.path.stem}.cpg is missing"
    raw = [value for values in cells(table, source.layer.encoding, frozenset()).values() for value in values]
    if not any(max(value, default=0) > 127 for value in raw):
        return Encoding(source.layer.encoding, "certain", f"{said}; all text is plain ASCII", (), spoilt)
    unicode, chinese = _reads(raw, _UNICODE), _reads(raw, _CHINESE)
    shown = [value for values in cells(table, source.layer.encoding, hidden).values() for value in values
             if max(value, default=0) > 127]
    compared = tuple((value.decode(_CHINESE, "replace"), value.decode(_UNICODE, "replace"))
                     for value in list(dict.fromkeys(shown))[:SHOWN])
    if not chinese and not unicode:
        return Encoding(source.layer.encoding, "doubtful", f"{said}; the bytes are neither UTF-8 nor GB18030", compared,
                        spoilt)
    wrong = declared is not None and _is_unicode(declared) is not unicode
    mark = f"; {declared!r} is wrong" if wrong else ""
    if unicode:
        # Chinese text in GBK is valid UTF-8 by chance only where there is very little of it.
        certainty = "certain" if sum(map(len, raw)) > 60 or (declared and not wrong) else "likely"
        return Encoding("UTF-8", certainty, f"{said}; all bytes are UTF-8{mark}", compared, spoilt)
    han = sum(len(_HAN.findall(value.decode(_CHINESE, "replace"))) for value in raw)
    wide = sum(sum(byte > 127 for byte in value) for value in raw)
    certainty = "certain" if han * 2 > 0.8 * wide else "doubtful"
    return Encoding("GB18030", certainty, f"{said}; the bytes are not UTF-8 and read as Chinese in GB18030{mark}",
                    compared, spoilt)


def cells(table: Path, encoding: str, hidden: frozenset[str]) -> dict[str, list[bytes]]:
    """Return column → values of a .dbf's text as bytes, without spaces at their ends.

    Args:
        table: the .dbf file, whole.
        encoding: of its column names.
        hidden: columns that are left out.
    """
    with table.open("rb") as file:
        beginning = file.read(32)
        header, width = int.from_bytes(beginning[8:10], "little"), int.from_bytes(beginning[10:12], "little")
        descriptors = file.read(max(0, header - 32))
        body = file.read(LOOKED_AT)
    found: dict[str, list[bytes]] = {}
    at = 1
    for start in range(0, len(descriptors) - 31, 32):
        name = descriptors[start:start + 11].split(b"\x00")[0].decode(encoding, "replace")
        length = descriptors[start + 16]
        if descriptors[start + 11:start + 12] == b"C" and name not in hidden and width:
            found[name] = [value for row in range(0, len(body) - width + 1, width)
                           if (value := body[row + at:row + at + length].strip(b" \x00"))]
        at += length
    return found


def is_spoilt(values: Iterable[str]) -> bool:
    """Tell whether text was read in a wrong encoding before this file was written.

    Three kinds: replacement marks in place of characters; Latin letters that are Chinese bytes; Chinese
    characters that are UTF-8 bytes read as GBK.
    """
    found = [bool(_LOST.search(value)) or _hides_chinese(value) for value in values]
    return sum(found) > SPOILT_SHARE * len(found)


def _hides_chinese(value: str) -> bool:
    if value.isascii():
        return False
    for wrote, read in (("latin-1", _UNICODE), ("latin-1", _CHINESE), (_CHINESE, _UNICODE)):
        if (wrote, read) == ("latin-1", _CHINESE) and not _LATIN_PAIRS.fullmatch(value):
            continue
        try:
            meant = value.encode(wrote).decode(read)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        if len(_HAN.findall(meant)) >= 2 and meant != value:
            return True
    return False


def _reads(raw: list[bytes], encoding: str) -> bool:
    # A value may be cut inside a character at its field's width: the last three bytes are no evidence.
    return all(_decodes(value, encoding) for value in raw)


def _decodes(value: bytes, encoding: str) -> bool:
    for end in range(4):
        try:
            value[:len(value) - end].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def _is_unicode(declared: str) -> bool:
    return declared.lower().replace("-", "").strip() in ("utf8", "65001", "cp65001")


__all__ = ["Encoding", "cells", "is_spoilt", "judge"]
