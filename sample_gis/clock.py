"""The instant up to which the city has lived, and local time around it.

Nothing in this package reads the wall clock by itself: the command passes an instant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

LOCAL = timezone(timedelta(hours=8))
"""China Standard Time; it has no summer time."""

DEFAULT_UNTIL = datetime(2026, 11, 1, 20, 0, tzinfo=LOCAL)
"""The last instant of events and tracks unless another is given."""


@dataclass(frozen=True)
class Clock:
    """The last instant of the city, as seconds since 1970 UTC."""

    until: int

    @classmethod
    def at(cls, instant: datetime) -> "Clock":
        """Make a clock that stopped at an instant with a time zone."""
        return cls(int(instant.timestamp()))

    @property
    def midnight(self) -> int:
        """Seconds since 1970 of the last local midnight before `until`."""
        day = datetime.fromtimestamp(self.until, LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
        return int(day.timestamp())

    def today(self, seconds) -> np.ndarray:
        """Return instants (seconds since 1970) of seconds after the last midnight."""
        return self.midnight + np.asarray(seconds).astype("int64")

    @staticmethod
    def iso(instants) -> np.ndarray:
        """Return ISO 8601 text with the local offset, such as ``2026-11-01T08:30:00+08:00``."""
        local = (np.asarray(instants, "int64") + 8 * 3600).astype("datetime64[s]").astype(str)
        return np.char.add(local, "+08:00").astype(object)


def parse_until(text: str) -> datetime:
    """Return the instant of ``now`` or of ISO 8601 text; without an offset it is local time.

    Raises:
        ValueError: the text is neither.
    """
    if text == "now":
        return datetime.now(UTC).replace(microsecond=0)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=LOCAL)
