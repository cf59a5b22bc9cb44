"""How healthy alarms are (告警健康度): the figures by which ISA-18.2 and EEMUA 191 judge an alarm system.

The standards were read through secondary sources. A figure is marked ``practice`` where those do not agree, or give it
without naming the standard; the others are quoted alike wherever ISA-18.2 is quoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from spatial.rules.floods import flooding

WINDOW = timedelta(minutes=10)

CHATTER_RAISES = 3
CHATTER_WITHIN = timedelta(minutes=1)
"""A device and type chatter that are raised so often within so long. Practice: sources say three or more transitions
within a short time, most of them a minute."""

STALE = timedelta(hours=24)
"""An alarm that is active for longer is stale (ISA-18.2)."""

TOP = 10
"""So many devices and types are the worst."""


@dataclass(frozen=True)
class Figure:
    """One figure beside what is recommended.

    Attributes:
        name: stable key. value: None where there is nothing to count.
        recommended: the value that should not be exceeded, or not be reached either (``below``). unit: of both.
        practice: whether the recommendation is practice and no number of ISA-18.2 that was confirmed.
    """

    name: str
    value: float | None
    recommended: float
    unit: str
    practice: bool = False
    below: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the value keeps to the recommendation; None where there is nothing to judge."""
        if self.value is None:
            return None
        return self.value < self.recommended if self.below else self.value <= self.recommended


@dataclass(frozen=True)
class Counted:
    """What was counted in a window of time.

    Attributes:
        new: new alarms of each ten minutes, also of those without any, in order.
        operators: accounts that took steps. standing, stale: alarms that are active now.
        chattering: devices and types that chattered. late: raises that counted with an alarm which had ended.
        top: alarms of the ten worst.
        severities: new alarms by severity. acknowledged_s: mean seconds to acknowledge; None where nobody did.
    """

    new: Sequence[int]
    operators: int
    standing: int
    stale: int
    chattering: int
    late: int
    top: int
    severities: Mapping[str, int]
    acknowledged_s: float | None


def windows(start: datetime, end: datetime) -> int:
    """Return how many windows of ten minutes lie between two times; one that has begun counts."""
    return max(1, -(-(end - start) // WINDOW))


def figures(counted: Counted) -> list[Figure]:
    """Put what was counted beside what is recommended.

    Sources, all quoting ISA-18.2 unless said otherwise: one new alarm per operator in ten minutes is acceptable in the
    long run, two can be handled at most (EEMUA 191 says fewer than one, and fewer than ten at the peak); ten in ten
    minutes are a flood, in which less than 1 % of the time should be spent; none should be stale for more than a
    day, fewer than five is practice; the ten worst should make up 1 to 5 % of the load (practice); nothing should
    chatter; about 5 % of the alarms should be of the highest priority, 15 % of the middle one and 80 % of the lowest
    (practice). For standing alarms fewer than ten are practice (EEMUA 191). That no raise should come after its alarm
    has ended is ours: they hide clocks that fell back by hours. There is no number for the time to
    acknowledge: a minute is what emergency centres aim at to process a call in 90 % of the cases (NFPA 1225).
    """
    operators = max(1, counted.operators)
    total = sum(counted.new)
    flooded = sum(1 for new in counted.new if flooding(new, operators))
    urgent = counted.severities.get("critical", 0)
    return [
        Figure("rate_mean", total / len(counted.new) / operators, 1.0, "alarms per operator and 10 min"),
        Figure("rate_peak", max(counted.new) / operators, 10.0, "alarms per operator and 10 min", below=True),
        Figure("flood_share", flooded / len(counted.new), 0.01, "share of 10 min windows", below=True),
        Figure("standing", counted.standing, 10, "alarms", practice=True, below=True),
        Figure("stale", counted.stale, 5, "alarms active for more than 24 h", practice=True, below=True),
        Figure("chattering", counted.chattering, 0, "devices and types raised 3 times within a minute"),
        Figure("late", counted.late, 0, "raises that came after their alarm had ended", practice=True),
        Figure("top_ten_share", counted.top / total if total else None, 0.05, "share of alarms", practice=True),
        Figure("critical_share", urgent / total if total else None, 0.05, "share of alarms", practice=True),
        Figure("acknowledge_mean", counted.acknowledged_s, 60.0, "seconds", practice=True),
    ]
