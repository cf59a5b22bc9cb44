"""Keepers on duty: how old a position may be, since when they are out, whose clock is ahead."""

from collections.abc import Iterable
from datetime import datetime, timedelta

AHEAD = timedelta(minutes=5)
"""A device's time further ahead of the server's is not believed."""

OFF_DUTY = timedelta(minutes=30)
"""After so long without a position a round begins anew."""

OUTSIDE_M = 50.0
"""Metres from its grid at which a keeper is outside of it: streets run along grids, and telephones err."""


def freshness(at: datetime | None, now: datetime, fresh_s: float) -> str:
    """Return how current a position is.

    Args:
        at: when the keeper was there; None when never seen.
        now: the server's time.
        fresh_s: seconds that a position is fresh.

    Returns:
        ``fresh``, ``late``, ``lost`` (after three times as long) or ``unknown`` (never seen).
    """
    if at is None:
        return "unknown"
    age = (now - at).total_seconds()
    return "fresh" if age <= fresh_s else "late" if age <= 3 * fresh_s else "lost"


def believed_times(times: list[datetime], now: datetime) -> list[datetime]:
    """Return the times of one keeper's positions as they are taken.

    Those more than ``AHEAD`` in the future come from a clock that is ahead: the newest of them counts as now, and the
    others keep their distance from it.
    """
    ahead = [at for at in times if at > now + AHEAD]
    wrong = max(ahead, default=now) - now
    return [at - wrong if at > now + AHEAD else at for at in times]


def duty_since(since: datetime | None, last: datetime | None, times: Iterable[datetime]) -> datetime | None:
    """Return since when a keeper is out.

    Args:
        since: as known before.
        last: time of the last position before; None when never seen.
        times: of the new positions, in any order; those before ``last`` say nothing.
    """
    for at in sorted(times):
        if last is not None and at <= last:
            continue
        if since is None or last is None or at - last > OFF_DUTY:
            since = at
        last = at
    return since
