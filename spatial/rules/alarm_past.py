"""What an alarm was at an instant of the past: its steps up to then, one after the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spatial.rules import alarms

LIFE_CLASSES = 14
"""How many classes of life there are: under 4 s, under 16 s, … under 4^13 s (two years), and above."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was written down. ``at``: server time. ``detail``: what belongs to some steps."""

    step: str
    at: datetime
    detail: Mapping[str, Any]


@dataclass(slots=True)
class Life:
    """What an alarm's steps have made of it. ``raised``: whether it was there at all."""

    severity: str
    raised: bool = False
    active: bool = True
    acknowledged_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_at: datetime | None = None
    repeats: int = 0
    assignee: str | None = None
    shelved_until: datetime | None = None

    @property
    def state(self) -> str:
        """The word of :func:`spatial.rules.alarms.state`."""
        return alarms.state(self.active, self.acknowledged_at, self.closed_at)

    def take(self, step: Step) -> None:
        """Go one step on. Steps that change neither state nor severity leave everything as it is."""
        match step.step:
            case "raised":
                self.raised = True
            case "repeated":
                self.repeats += 1
            case "escalated":
                # A repeat that is worse: nobody has seen it so yet.
                self.repeats += 1
                self.severity = step.detail["to"]
                self.acknowledged_at = None
            case "acknowledged":
                self.acknowledged_at = step.at
            case "cleared":
                self.active = False
                self.cleared_at = step.at
            case "closed":
                self.closed_at = step.at
                self.shelved_until = None
            case "assigned":
                self.assignee = step.detail.get("assignee")
            case "shelved":
                self.shelved_until = datetime.fromisoformat(step.detail["until"])
            case "unshelved":
                self.shelved_until = None


def life(severity: str, steps: Iterable[Step], at: datetime) -> Life:
    """Return what an alarm was at an instant.

    Args:
        severity: the alarm's own, of now.
        steps: all of the alarm's, in the order in which they were taken; those after the instant tell which severity
            it had before it became worse.
        at: the instant; a step taken then counts.
    """
    found = Life(severity)
    for step in steps:
        if step.at <= at:
            found.take(step)
        elif step.step == "escalated":
            # The first one after the instant knows what it was until then.
            found.severity = step.detail["from"]
            break
    return found
