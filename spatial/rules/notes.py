"""What people write beside a step (备注): whether it says anything."""

import unicodedata

BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Characters that Unicode counts as letters or signs and that show nothing: fillers of Hangul, Braille without dots."""


def says(text: str | None) -> bool:
    """Tell whether a text holds a character that can be seen.

    Spaces, controls, and what only changes its neighbours (joiners, spaces of no width, marks) cannot.
    """
    return any(unicodedata.category(character)[0] not in "ZCM" and character not in BLANK for character in text or "")
