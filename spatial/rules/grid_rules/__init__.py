"""Rules that a plan of grids is held against (网格划分规则): each finds violations, with a place and proposed fixes.

``model`` says what a violation is and what a rule may look at; ``profiles`` reads a city's thresholds; ``shape``,
``codes``, ``households`` and ``form`` are the rules; ``judge`` asks all of them. Pure: nothing here knows a database.
"""

from spatial.rules.grid_rules.judge import violations
from spatial.rules.grid_rules.model import ERROR, INFORMATION, WARNING, Facts, Fix, Member, Violation
from spatial.rules.grid_rules.profiles import Profile, load_profile, profiles

__all__ = [
    "ERROR",
    "INFORMATION",
    "WARNING",
    "Facts",
    "Fix",
    "Member",
    "Profile",
    "Violation",
    "load_profile",
    "profiles",
    "violations",
]
