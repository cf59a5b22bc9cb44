"""Shifts (值班): when one ends and the next begins, by the command centre's clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def read(text: str) -> tuple[time, ...]:
    """Return the times of a day at which shifts change, from a text such as ``08:00,20:00``.

    Raises:
        ValueError: no time, one that is none, or one twice; the message holds the cure.
    """
    try:
        times = tuple(sorted(time.fromisoformat(part.strip()) for part in text.split(",")))
    except ValueError:
        raise ValueError("write times of day such as 08:00,20:00") from None
    if len(set(times)) < len(times) or any(one.tzinfo or one.second or one.microsecond for one in times):
        raise ValueError("write each time of day once, as hours and minutes, such as 08:00,20:00")
    return times


def began(at: datetime, times: tuple[time, ...], zone: str) -> datetime:
    """Return when the shift began in which an instant lies.

    Args:
        at: with its zone.
        times: of changes, in order, at least one.
        zone: IANA name of the command centre's time zone.

    Returns:
        The last change at or before the instant.
    """
    local = at.astimezone(ZoneInfo(zone))
    # Two days back: a clock that is put forward may skip a change, or a day's last one lie in the day before.
    days = [local.date() - timedelta(days=back) for back in (0, 1, 2)]
    changes = [datetime.combine(day, one, ZoneInfo(zone)) for day in days for one in times]
    return max(change for change in changes if change <= local)


HANDING_OVER = timedelta(hours=1)
"""For so long after a change, what is handed over is still the shift before."""


def handed_over(at: datetime, times: tuple[time, ...], zone: str) -> datetime:
    """Return when the shift began that is handed over: the present one, or in its first hour the one before."""
    return began(at - HANDING_OVER, times, zone)
