"""Days and hours of the command centre's zone (本地日)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LAST = 24
"""Hour that stands for a day's end."""


def day_and_hour(at: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """Return the day and the hour, 0 to 23, that clocks of a zone show at an instant."""
    local = at.astimezone(zone)
    return local.date(), local.hour


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants at which a day begins and the next one does, in UTC; 23 to 25 hours where clocks change."""
    first, last = (datetime.combine(one, time.min, zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return first, last


def before(day: date, count: int) -> list[date]:
    """Return so many days up to a day and with it, the oldest first."""
    return [day - timedelta(days=back) for back in range(count - 1, -1, -1)]
