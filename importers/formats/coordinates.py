"""Coordinates as people write them: decimal commas, degrees with minutes and seconds.

A form that has one meaning is read; one that may mean two numbers is refused by its name. No message repeats a value.
"""

import re
import unicodedata
from enum import Enum

LARGEST_DEGREES = 180.0

Fault = tuple[str, str]
"""Reason code, and what is wrong in words."""


class Axis(Enum):
    """Which coordinate a column holds, with the letters of its two directions: those that count up and down."""

    X = ("E东", "W西")
    Y = ("N北", "S南")


_POINT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_COMMA = re.compile(r"([+-]?)([0-9]+),([0-9]+)")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[+-]?[0-9]{1,3}(,[0-9]{3}){2,}")
_TURN = re.compile(
    r"(?P<sign>[+-]?)(?P<degrees>[0-9]{1,3}([.,][0-9]+)?)\s*(?:°|度|$)\s*"
    r"(?:(?P<minutes>[0-9]{1,2}([.,][0-9]+)?)\s*(?:'|′|’|‘|´|分)\s*"
    r"(?:(?P<seconds>[0-9]{1,2}([.,][0-9]+)?)\s*(?:\"|″|”|“|''|′′|’’|秒)?\s*)?)?")
_BEFORE = re.compile(r"^(?:([东西])经|([南北])纬|([EWNSewns]))\s*[:：]?\s*")
_BEHIND = re.compile(r"\s*(?:([东西])经|([南北])纬|([EWNSewns东西南北]))$")

def direction(text: str) -> Axis | None:
    """Return the axis whose direction a text names (东经114°, 31.2N); None where it names none."""
    letters = _letters(unicodedata.normalize("NFKC", text).strip())[0]
    return next((axis for axis in Axis if letters and letters[0] in "".join(axis.value)), None)


def read(text: str, axis: Axis, degrees: bool) -> float | Fault:
    """Read one coordinate.

    Args:
        text: normalised (NFKC, after look-alikes of the degree sign), without spaces at its ends, not empty.
        axis: of the column.
        degrees: the column is one of longitudes or latitudes; else it may hold metres.

    Returns:
        The number, degrees where the text says degrees; or what is wrong.
    """
    if _POINT.fullmatch(text):
        return float(text)
    comma = _COMMA.fullmatch(text)
    if comma:
        return _with_comma(comma, degrees)
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    return _turn(text, axis)


def _with_comma(found: re.Match, degrees: bool) -> float | Fault:
    # 505,123 may be metres with a comma after the thousands; 114,057 degrees can only be decimals.
    number = float(f"{found[1]}{found[2]}.{found[3]}")
    one_meaning = abs(number) <= LARGEST_DEGREES if degrees else len(found[3]) != 3 or len(found[2]) > 3
    return number if one_meaning else (
        "ambiguous-number", "has a comma that may divide thousands or decimals; write 505123 or 505.123")


def _turn(text: str, axis: Axis) -> float | Fault:
    letters, text = _letters(text)
    found = _TURN.fullmatch(text)
    if found is None:
        return ("not-a-number", "is neither a number nor degrees such as 114.057306, 114°03'26.3\" or 114度3分26.3秒")
    if letters and letters[0] not in "".join(axis.value) or len(set(letters)) > 1:
        return ("wrong-axis", "names another direction than its column: longitude and latitude may be exchanged")
    parts = [float((found[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")]
    whole = [part == int(part) for part in parts]
    if parts[1] >= 60 or parts[2] >= 60 or (found["minutes"] and not whole[0]) or (found["seconds"] and not whole[1]):
        return ("not-an-angle", "has minutes or seconds of 60 or more, or decimals before them")
    if found["sign"] and letters:
        return ("not-an-angle", "has a sign and a direction; write one of them")
    down = found["sign"] == "-" or (letters and letters[0] in axis.value[1])
    return (-1 if down else 1) * (parts[0] + parts[1] / 60 + parts[2] / 3600)


def _letters(text: str) -> tuple[list[str], str]:
    """Return the directions that a text names before and behind its number, and the text without them."""
    letters = []
    for pattern in (_BEFORE, _BEHIND):
        found = pattern.search(text)
        if found:
            letters.append(next(filter(None, found.groups())).upper())
            text = text[found.end():] if pattern is _BEFORE else text[:found.start()]
    return letters, text


__all__ = ["Axis", "Fault", "direction", "read"]
