"""What a single value may be, and how a fault is worded: for rows of a file and for what a form sends alike."""

import difflib

LONGEST_TEXT = 1000
"""Characters of one text at most; longer ones are whole documents in the wrong place."""

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Pattern of the characters that no text may hold."""

HOLDS_CONTROL = "holds a control character"
TOO_LONG = f"has more than {LONGEST_TEXT} characters"
NOT_A_NUMBER = "is not a number"
NOT_WHOLE = "is not a whole number"


def none_of(value: str, allowed: tuple[str, ...]) -> str:
    """Return what is wrong with a word that is none of those allowed, and which one was probably meant."""
    near = difflib.get_close_matches(value.strip(), allowed, 1)
    return f"is none of {', '.join(allowed)}" + (f"; did you mean {near[0]}?" if near else "")


def limits(low: float | None, high: float | None, above: float | None) -> str:
    """Return what is wrong with a number beyond its limits: inclusive ones, or ``above`` exclusive."""
    if above is not None:
        return f"is not above {_plain(above)} and at most {_plain(high)}"
    return f"is not from {_plain(low)} to {_plain(high)}"


def outside(number: float, low: float | None, high: float | None, above: float | None) -> bool:
    """Tell whether a number lies beyond its limits."""
    return (low is not None and number < low or high is not None and number > high
            or above is not None and number <= above)


def _plain(limit: float) -> str:
    # Years are among the limits, and nobody divides those.
    return f"{limit:,.15g}" if abs(limit) >= 10_000 else f"{limit:.15g}"
