"""Freshness (新鲜度): how old the newest sign of life of a device may be before it counts as late, then as lost.

A device says something every ``interval_s`` seconds. It is fresh until that and a grace have passed, because networks
and gateways hold messages back; lost when three were missed. Silence that we ourselves may have caused does not count:
a device whose next word was due while we were away gets the time for one more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FRESH, LATE, LOST, UNKNOWN = "fresh", "late", "lost", "unknown"
FRESHNESS = (FRESH, LATE, LOST, UNKNOWN)
"""新鲜, 迟到, 失联, 未知 (never seen)."""

GRACE_LEAST = timedelta(seconds=15)
"""Grace of devices that speak every few seconds: what a gateway that sends in batches holds back."""

MISSED = 3
"""Words that a lost device has missed."""

_WORSE = {FRESH: 0, LATE: 1, LOST: 2}


@dataclass(frozen=True)
class Outage:
    """A time in which we were away, by the server's clock."""

    down_at: datetime
    up_at: datetime


@dataclass(frozen=True)
class Verdict:
    """How fresh a device is, and the instant before which that does not change unless it speaks; None for never."""

    freshness: str
    changes_at: datetime | None


def late_after(interval_s: int) -> timedelta:
    """Return the silence after which a device is late: its interval and half of it, at least 15 seconds, as grace."""
    interval = timedelta(seconds=interval_s)
    return interval + max(interval / 2, GRACE_LEAST)


def lost_after(interval_s: int) -> timedelta:
    """Return the silence after which a device is lost: three intervals, and never before it was late for one."""
    interval = timedelta(seconds=interval_s)
    return max(MISSED * interval, late_after(interval_s) + interval)


def heard(last_seen: datetime | None, interval_s: int, now: datetime) -> Verdict:
    """Judge a device by its age alone, as after a sign of life.

    Args:
        last_seen: its newest sign of life; None for never.
        interval_s: seconds between two signs of life.
        now: the server's time.
    """
    if last_seen is None:
        return Verdict(UNKNOWN, None)
    late_at, lost_at = last_seen + late_after(interval_s), last_seen + lost_after(interval_s)
    if now < late_at:
        return Verdict(FRESH, late_at)
    return Verdict(LATE, lost_at) if now < lost_at else Verdict(LOST, None)


def silent(current: str, last_seen: datetime | None, interval_s: int, now: datetime,
           outages: Sequence[Outage] = ()) -> Verdict:
    """Judge a device that has not spoken since it was judged last.

    Args:
        current: its freshness so far. It gets no worse while it is held by an outage.
        last_seen, interval_s, now: see :func:`heard`.
        outages: when we were away.
    """
    verdict = heard(last_seen, interval_s, now)
    if last_seen is None or _WORSE[verdict.freshness] <= _WORSE.get(current, len(_WORSE)):
        return verdict
    until = held_until(last_seen, interval_s, outages)
    return verdict if until is None or until <= now else Verdict(current, until)


def held_until(last_seen: datetime, interval_s: int, outages: Sequence[Outage]) -> datetime | None:
    """Return until when an outage excuses a device; None where none does.

    One does when a word of the device was due in it: at one of the next three multiples of its interval. It may have
    been said to nobody; the next one comes within an interval of our being back.
    """
    interval = timedelta(seconds=interval_s)
    due = [last_seen + n * interval for n in range(1, MISSED + 1)]
    excuses = [outage.up_at + late_after(interval_s) for outage in outages
               if any(outage.down_at <= at <= outage.up_at for at in due)]
    return max(excuses, default=None)
