"""What leaves the server of a person's values (脱敏), and of counts."""

import re

CLASSES = (10, 5, 1, 0)
"""Lower ends of the classes in which roles without exact counts see residents."""


def at_least(count: int) -> int:
    """Return the lower end of the class that a count lies in."""
    return next(low for low in CLASSES if count >= low)


AGES = ((80, "80+"), (60, "60-79"), (18, "18-59"), (7, "7-17"), (0, "0-6"))
"""Bands of age by their first year: 高龄, 老年, 成年, 未成年, 学龄前."""


def age_band(birth_year: int | None, year: int) -> str | None:
    """Return the band of the age that somebody reaches in a year; None where it is not known."""
    if birth_year is None or birth_year > year:
        return None
    return next(word for first, word in AGES if year - birth_year >= first)


def name(text: str) -> str:
    """Return a name masked: its first character and two stars, however long it is; 张三 becomes 张**."""
    bare = text.strip()
    # The only character there is would be the whole name.
    return f"{bare[0]}**" if len(bare) > 1 else "**"


def phone(text: str) -> str:
    """Return a telephone masked: 13812348000 becomes 138****8000; of another number its last two digits stay."""
    digits = re.sub(r"\D", "", text)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) > 6 else "****"
