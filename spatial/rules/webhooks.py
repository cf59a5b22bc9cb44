"""When an outbound webhook (出站通知) is tried again, and when it is given up."""

from datetime import datetime, timedelta

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 3600.0
GIVEN_UP_AFTER = timedelta(days=5)
"""A receiver that has confirmed nothing for so long is left alone until somebody switches it on again."""


def pause_s(attempts: int, chance: float) -> float:
    """Return how many seconds to wait after a number of failures in a row.

    Doubles each time up to an hour; a part of it is left to chance, so that many hooks to one receiver that is back do
    not all come at once.

    Args:
        attempts: failures in a row, 1 after the first.
        chance: from 0 to 1.
    """
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(attempts - 1, 32))
    return longest * (0.5 + 0.5 * chance)


def given_up(failing_since: datetime | None, now: datetime) -> bool:
    """Tell whether a receiver that has failed since an instant is to be left alone."""
    return failing_since is not None and now - failing_since >= GIVEN_UP_AFTER
