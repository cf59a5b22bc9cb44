"""What an alarm was at an instant of the past: its steps up to then, one after the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from spatial.rules import alarms


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was written down. ``at``: server time. ``detail``: what belongs to some steps."""

    step: str
    at: datetime
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Life:
    """What an alarm's steps have made of it.

    ``raised``: whether it was there at all.
    """

    severity: str
    raised: bool = False
    active: bool = True
    acknowledged_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_at: datetime | None = None
    repeats: int = 0

    @property
    def state(self) -> str:
        """The word of :func:`spatial.rules.alarms.state`."""
        return alarms.state(self.active, self.acknowledged_at, self.closed_at)


def life(severity: str, steps: Iterable[Step], at: datetime) -> Life:
    """Return what an alarm was at an instant.

    Args:
        severity: the alarm's own, of now.
        steps: all of the alarm's, in the order in which they were taken; those after the instant tell which severity
            it had before it became worse.
        at: the instant; a step taken then counts.
    """
    taken = list(steps)
    later = next((step for step in taken if step.at > at and step.step == "escalated"), None)
    found = Life(later.detail["from"] if later else severity)
    for step in taken:
        if step.at <= at:
            found = after(found, step)
    return found


def after(found: Life, step: Step) -> Life:
    """Return what a step makes of an alarm. Steps that change neither state nor severity leave it as it is."""
    match step.step:
        case "raised":
            return replace(found, raised=True)
        case "repeated":
            return replace(found, repeats=found.repeats + 1)
        case "escalated":
            # A repeat that is worse: nobody has seen it so yet.
            return replace(found, repeats=found.repeats + 1, severity=step.detail["to"], acknowledged_at=None)
        case "acknowledged":
            return replace(found, acknowledged_at=step.at)
        case "cleared":
            return replace(found, active=False, cleared_at=step.at)
        case "closed":
            return replace(found, closed_at=step.at)
    return found
