"""Which encoding a file's text has, and how sure that is."""

import codecs
from collections.abc import Iterable

CHINESE = "GB18030"
"""Reads GB2312 and GBK as well, which are parts of it."""

_COMMON_FIRST, _COMMON_LAST = 0xB0, 0xF7
"""First bytes of the 6,763 characters of GB2312: nearly all that stands in a Chinese file of today."""

_OTHERS = {"BIG5": "BIG5", "950": "CP950", "1252": "CP1252", "8859": "ISO-8859-1", "88591": "ISO-8859-1",
           "SJIS": "CP932", "932": "CP932", "949": "CP949", "1251": "CP1251", "1250": "CP1250"}


def find(texts: Iterable[bytes], declared: str | None) -> tuple[str, str]:
    """Decide by the bytes; what the file declares decides only where they leave a choice.

    Args:
        texts: some texts of the file. The end of one may be cut inside a character.
        declared: what the file says; None where it says nothing.

    Returns:
        Name of the encoding, and in words where it comes from and how sure it is.
    """
    samples = [text for text in texts if not text.isascii()]
    said = (declared or "").upper().replace("-", "").replace("_", "").replace(" ", "")
    chinese = "936" in said or "GB" in said
    if not samples:
        name = CHINESE if chinese else "UTF-8"
        return name, "certain: what was looked at is plain ASCII"
    if all(map(is_utf8, samples)) and not (chinese and _short(samples)):
        contradicts = f", although it declares {declared}" if declared and "UTF8" not in said else ""
        return "UTF-8", f"certain: {len(samples):,} texts are valid UTF-8{contradicts}"
    valid = sum(map(is_utf8, samples))
    if 2 * valid > len(samples) and not chinese:
        # Hardly any text of GBK is valid UTF-8 by chance: those that are not are damaged.
        return "UTF-8", f"very likely: {valid:,} of {len(samples):,} texts are valid UTF-8, the others are damaged"
    other = next((name for word, name in _OTHERS.items() if said and word in said), None)
    share = _common(samples)
    if chinese or other is None or share > 0.8:
        if not all(_reads(text, CHINESE) for text in samples):
            if other is not None:
                return other, f"as declared ({declared}); the bytes are not Chinese"
            return CHINESE, "doubtful: neither UTF-8 nor all of it GB18030; look at the text before importing"
        if chinese:
            return CHINESE, f"certain: declared ({declared}), and every text is valid"
        sure = "very likely" if share > 0.8 else "likely" if share > 0.5 else "doubtful"
        wrongly = f", although it declares {declared}" if declared else ", nothing is declared"
        return CHINESE, f"{sure}: {share:.0%} of the characters are common Chinese ones{wrongly}"
    return other, f"as declared ({declared})"


def is_utf8(text: bytes) -> bool:
    """Tell whether a text is UTF-8; it may be cut inside its last character."""
    return _reads(text, "utf-8")


def _short(samples: list[bytes]) -> bool:
    # Few bytes of GBK can be valid UTF-8 by chance: 联通 is the famous word.
    return sum(map(len, samples)) < 12


def _reads(text: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(text)
    except UnicodeDecodeError:
        return False
    return True


def _common(samples: list[bytes]) -> float:
    """Return the share of two-byte characters that are common Chinese ones."""
    common = total = 0
    for text in samples[:20_000]:
        at = 0
        while at < len(text) - 1:
            if text[at] < 0x80:
                at += 1
                continue
            total += 1
            common += _COMMON_FIRST <= text[at] <= _COMMON_LAST and text[at + 1] >= 0xA1
            at += 2
    return common / total if total else 0.0
