"""Rules over readings (读数规则): when a value of a device raises an alarm, and when it is over.

A value stands until the next one comes. It is wrong beyond the threshold, and over at the clear threshold: between the
two nothing changes, so that a value that trembles around one of them raises one alarm. With a duration it must be wrong
for so long, by the device's time. What a rule has come to follows from the readings in the order of their time; a late
one is no reason to guess: :func:`replay` tells what it would have come to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ABOVE, BELOW, EQUALS, LOST = "above", "below", "equals", "lost"
COMPARISONS = (ABOVE, BELOW, EQUALS, LOST)

LONGEST_FOR_S = 604_800
"""Longest duration of a rule, in seconds: a week."""

RAISED, CLEARED = "raised", "cleared"

Value = float | str
"""A measured number, or a word; of the comparison ``lost``, 1 for a device that is lost and 0 for one that is not."""


@dataclass(frozen=True)
class Condition:
    """What is wrong: the part of a rule that looks at values.

    Attributes:
        comparison: ``above``, ``below``, ``equals`` or ``lost``.
        threshold: beyond it (not at it) a value is wrong; for ``equals``, at it.
        word: for ``equals``, the text that is wrong.
        clear_threshold: at it and on its far side a value is right again; the threshold when None.
        for_s: seconds for which the value must be wrong.
    """

    comparison: str
    threshold: float | None = None
    word: str | None = None
    clear_threshold: float | None = None
    for_s: int = 0

    def wrong(self, value: Value) -> bool:
        """Tell whether a value is beyond the threshold. A word is never beyond a number."""
        if self.comparison == LOST:
            return value == 1
        if self.word is not None or isinstance(value, str):
            return value == self.word
        if self.comparison == EQUALS:
            return value == self.threshold
        return value > self.threshold if self.comparison == ABOVE else value < self.threshold

    def right(self, value: Value) -> bool:
        """Tell whether a value ends what is wrong."""
        if self.comparison in (LOST, EQUALS) or isinstance(value, str):
            return not self.wrong(value)
        limit = self.threshold if self.clear_threshold is None else self.clear_threshold
        return value <= limit if self.comparison == ABOVE else value >= limit


@dataclass(frozen=True)
class State:
    """Where a rule stands for one device.

    Attributes:
        since: the device's time from which the value is wrong; None while it is right.
        active: an alarm was raised and is not over.
        seen_at: the device's time of the last reading that counted.
    """

    since: datetime | None = None
    active: bool = False
    seen_at: datetime | None = None

    def due(self, condition: Condition) -> datetime | None:
        """Return when an alarm will be raised if nothing else is heard, by the device's time; None for never."""
        return self.since + timedelta(seconds=condition.for_s) if self.since and not self.active else None


@dataclass(frozen=True)
class Transition:
    """An alarm begins or ends: ``raised`` or ``cleared``, at the device's time, of what is wrong since."""

    kind: str
    at: datetime
    since: datetime


def elapse(condition: Condition, state: State, now: datetime) -> tuple[State, list[Transition]]:
    """Let time pass until an instant without a reading: a duration may run out."""
    due = state.due(condition)
    if due is None or now < due:
        return state, []
    return replace(state, active=True), [Transition(RAISED, due, state.since)]


def step(condition: Condition, state: State, value: Value, at: datetime) -> tuple[State, list[Transition]]:
    """Take one reading in.

    A reading that is not newer than the last one changes nothing: it was taken before, or is late (:func:`replay`).

    Args:
        condition: of the rule.
        state: before it.
        value: what was measured.
        at: the device's time.

    Returns:
        The state after it, and what began or ended, in order.
    """
    if state.seen_at is not None and at <= state.seen_at:
        return state, []
    # Until now the last value stood.
    state, done = elapse(condition, state, at)
    state = replace(state, seen_at=at)
    if state.active:
        if not condition.right(value):
            return state, done
        return State(seen_at=at), [*done, Transition(CLEARED, at, state.since)]
    if not condition.wrong(value):
        return State(seen_at=at), done
    state, begun = elapse(condition, replace(state, since=state.since or at), at)
    return state, [*done, *begun]


def replay(condition: Condition, readings: Iterable[tuple[datetime, Value]],
           state: State = State()) -> tuple[State, list[Transition]]:
    """Take readings in, in the order of their time, whatever order they are given in.

    Args:
        condition: of the rule.
        readings: the device's time and the value.
        state: before the first of them.
    """
    done: list[Transition] = []
    for at, value in sorted(readings, key=lambda reading: reading[0]):
        state, transitions = step(condition, state, value, at)
        done += transitions
    return state, done


def anew(condition: Condition, before: State, past: Sequence[tuple[datetime, Value]], now: datetime,
         ) -> tuple[State, list[Transition]]:
    """Return what a rule has come to, with a late reading among those of the past, and what that ends or begins.

    What began and ended in the past without our knowing is not told: it is over.

    Args:
        condition: of the rule.
        before: the state without the late reading.
        past: the newest readings in any order, the late one among them.
        now: the server's time.
    """
    first = min(at for at, _ in past)
    begun = replace(before, seen_at=None) if before.since and before.since < first else State()
    after, done = replay(condition, past, begun)
    if before.active:
        after, due = elapse(condition, after, now)
        done += due
    if after.active == before.active:
        return after, []
    return after, [max((one for one in done if one.kind == (RAISED if after.active else CLEARED)),
                       key=lambda one: one.at,
                       default=Transition(CLEARED, after.seen_at or first, before.since or first))]
