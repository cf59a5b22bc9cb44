"""Rules for single values: codes, identity numbers, credit codes.

Each takes one text value and returns what is wrong with it in words, or None.
"""

import re

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

# Passports and travel permits: letters, then digits.
_TRAVEL_DOCUMENT = re.compile(r"[A-Z]{1,3}[0-9]{6,10}")

_PHONE = re.compile(r"\+?[0-9][0-9 \-]{4,19}")


def area_code(text: str) -> str | None:
    """Check a 12-digit area code: county 6, street 3, community 3, zero padded."""
    return _digits(text, 12)


def grid_code(text: str) -> str | None:
    """Check a 15-digit grid code: community 12, grid 3."""
    wrong = _digits(text, 15)
    return wrong or ("ends in 000, which means no grid" if text.endswith("000") else None)


def id_number(text: str) -> str | None:
    """Check an 18-digit identity number by GB 11643-1999: date of birth and mod 11-2 check digit.

    Numbers of passports and travel permits (letters, then digits) pass: overseas residents have them.
    """
    if _TRAVEL_DOCUMENT.fullmatch(text):
        return None
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return "is not 17 digits and a check digit"
    month, day = int(text[10:12]), int(text[12:14])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return "has no date of birth at digits 7 to 14"
    total = sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False))
    return None if _ID_CHECK[total % 11] == text[17] else "fails its check digit"


def credit_code(text: str) -> str | None:
    """Check a unified social credit code by GB 32100-2015: 18 characters, mod 31 check character."""
    if len(text) != 18 or any(character not in _CREDIT_ALPHABET for character in text):
        return "is not 18 digits and capital letters without I, O, S, V, Z"
    total = sum(_CREDIT_ALPHABET.index(character) * weight
                for character, weight in zip(text, _CREDIT_WEIGHTS, strict=False))
    expected = _CREDIT_ALPHABET[(31 - total % 31) % 31]
    return None if text[17] == expected else f"fails its check character, which should be {expected}"


def phone(text: str) -> str | None:
    """Check a telephone number: digits, spaces and dashes, 5 to 20 characters."""
    return None if _PHONE.fullmatch(text) else "is not a telephone number"


def stream_url(text: str) -> str | None:
    """Check the address of a camera's stream: it is handed to players, so its scheme is fixed.

    User and password do not belong there: whoever may watch a camera would read them, and with them its settings.
    """
    found = re.match(r"(?:rtsp|rtsps|http|https|ws|wss|rtmp)://([^\s/?#]+)[^\s]*$", text)
    if found is None:
        return "is not an address that begins with rtsp://, http:// or https://"
    return "carries a user and a password; give the address without them" if "@" in found[1] else None


def _digits(text: str, width: int) -> str | None:
    if text.isascii() and text.isdigit() and len(text) == width:
        return None
    return f"is not {width} digits"


__all__ = ["area_code", "credit_code", "grid_code", "id_number", "phone", "stream_url"]
