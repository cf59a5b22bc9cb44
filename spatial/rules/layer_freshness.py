"""How old the data of a layer may become (图层新鲜度): the days within which new data is expected, for each layer.

Judged as devices are (``spatial/rules/freshness.py``): late after the expected time and half of it, lost after three.
"""

from collections.abc import Mapping
from datetime import datetime

from spatial.rules import freshness

DEFAULTS: Mapping[str, float] = {
    "areas": 365, "grids": 365, "roads": 365, "water": 365, "green": 365, "places": 365, "buildings": 90, "units": 90,
    "organisations": 90, "facilities": 180, "devices": 1, "events": 1, "imagery": 365, "terrain": 1825, "models": 365,
}
"""Days within which a layer is expected to get new data, where nobody says otherwise. Imagery, terrain and models stand
for each picture, elevation model and 3D model on record."""

LONGEST = 36_500
DAY_S = 86_400


def read(text: str) -> dict[str, float]:
    """Return days by layer: those of a text such as ``buildings=30,events=0.25``, and the defaults for all others.

    Raises:
        ValueError: no such layer, no number of days, or a layer twice; the message holds the cure.
    """
    days: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = (word.strip() for word in part.partition("="))
        if name not in DEFAULTS or name in days:
            raise ValueError(f"write each layer once, of these: {', '.join(DEFAULTS)}")
        try:
            days[name] = float(number)
        except ValueError:
            raise ValueError("write days, such as buildings=30,events=0.25") from None
        if not 0.001 <= days[name] <= LONGEST:
            raise ValueError(f"write days from 0.001 to {LONGEST:,}")
    return {**DEFAULTS, **days}


def judge(newest: datetime | None, days: float, now: datetime) -> str:
    """Return ``fresh``, ``late``, ``lost``, or ``unknown`` where nobody knows when the newest data came.

    Args:
        newest: when it came. days: within which it is expected. now: the server's time.
    """
    return freshness.heard(newest, round(days * DAY_S), now).freshness if newest else freshness.UNKNOWN
