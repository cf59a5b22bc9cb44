"""Access links (访问链接): what opens a wall or a keeper's page, and what a wall may be told about itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

KINDS = ("kiosk", "keeper")
"""大屏, 网格员: a wall display, and a keeper's tablet or telephone."""

PAGES = {"kiosk": "/wall", "keeper": "/survey"}
"""What a link of each kind opens."""

ROLES = {"kiosk": "wall", "keeper": "keeper"}
"""Role (角色) that a link of each kind gives."""

OUTCOMES = ("made", "renewed", "changed", "revoked", "opened", "left")
"""What happens to a link, as the audit log has it."""

LINK_LASTS = timedelta(hours=72)
"""How long a link waits to be opened, if nobody says so."""

SESSION_LASTS = {"kiosk": timedelta(days=400), "keeper": timedelta(days=90)}
"""How long what was opened by a link stays open, if nobody says so. 400 days are the most that browsers keep a cookie
(RFC 6265bis, section 5.5)."""

LONGEST = timedelta(days=400)

NAME_MOST = 200

DISPLAY: dict[str, tuple[float, float, str]] = {
    "height_m": (0.2, 30, "metres"), "distance_m": (0.3, 200, "metres"), "takeover_s": (5, 300, "seconds")}
"""Measures of a wall, and between which values they must lie: height of the picture, how far away its readers sit, and
for how long an alarm has the picture."""

SWITCHES = ("sound", "low_power")
"""What a wall does or does not: sound (声音), drawing without a graphics processor (低功耗)."""


def display_faults(display: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong with what a wall is told about itself, as (member, sentence); nothing where all is well.

    Args:
        display: ``height_m``, ``distance_m``, ``takeover_s``; ``tour``: number of a tour; ``sound``, ``low_power``:
            booleans. Every member may be missing.
    """
    faults = []
    for name, value in display.items():
        if name in DISPLAY:
            least, most, unit = DISPLAY[name]
            if not _number(value) or not least <= value <= most:
                faults.append((name, f"{value!r} is not {least:g} to {most:g} {unit}"))
        elif name == "tour":
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
                faults.append((name, f"{value!r} is not the number of a tour"))
        elif name in SWITCHES:
            if not isinstance(value, bool):
                faults.append((name, f"{value!r} is neither true nor false"))
        else:
            faults.append((name, f"is unknown; known are {', '.join([*DISPLAY, 'tour', *SWITCHES])}"))
    return faults


def known(member: str) -> bool:
    """Tell whether a wall may be told something of this name."""
    return member in DISPLAY or member == "tour" or member in SWITCHES


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
