"""What the messages of one device and type make of its alarms, in whatever order they arrive.

Messages come late, twice and out of order. What counts is the device's time: a key is active
exactly when its newest raise is newer than its newest clear, and every raise is either an
alarm or a repeat of one. Both hold for every order of the same messages.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from spatial.rules.alarms import worse


@dataclass(frozen=True, slots=True)
class Trouble:
    """One alarm, as far as messages change it.

    Attributes:
        id: of the alarm. severity: the worst that was said.
        newest: device's time of its newest raise. repeats: raises beyond the first.
        active, acknowledged, shelved, closed: where it is in its life.
    """

    id: int
    severity: str
    newest: datetime
    repeats: int = 0
    active: bool = True
    acknowledged: bool = False
    shelved: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of one device and type.

    Attributes:
        current: its active alarm.
        cleared_to: device's time of the newest clear: what was raised up to then is over.
        ended: the alarm that a clear ended last. ended_to: the device's time of that clear.
    """

    current: Trouble | None = None
    cleared_to: datetime | None = None
    ended: Trouble | None = None
    ended_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one message did.

    Attributes:
        key: what is known after it.
        word: ``raised``, ``repeated``, ``cleared``, or ``late`` for a clear that ended nothing.
        alarm: the alarm that it changed, as it is now; None for ``late``.
        steps: what is written down: word and details.
    """

    key: Key
    word: str
    alarm: Trouble | None
    steps: tuple[tuple[str, dict[str, Any]], ...] = ()


def take(key: Key, severity: str, cleared: bool, at: datetime, new_id: int) -> Taken:
    """Take in one message.

    Args:
        key: what is known of its device and type.
        severity: what the message says.
        cleared: whether it says that the trouble is over.
        at: the time that counts for it (``alarm_messages.believed``).
        new_id: id of the alarm that it makes, if it makes one.

    Returns:
        What it did. A raise of before the newest clear belongs to the alarm which a clear ended after it, or to the
        one that is active, and else makes an alarm that is born cleared: somebody still has to see it.
    """
    if cleared:
        return _clear(key, at)
    if key.cleared_to is None or at > key.cleared_to:
        if key.current is None:
            alarm = Trouble(new_id, severity, at)
            return Taken(replace(key, current=alarm), "raised", alarm, (("raised", {}),))
        alarm, steps = _repeat(key.current, severity, at)
        return Taken(replace(key, current=alarm), "repeated", alarm, steps)
    if key.ended is not None and key.ended_to is not None and at <= key.ended_to:
        alarm, steps = _repeat(key.ended, severity, at)
        return Taken(replace(key, ended=alarm), "repeated", alarm, steps)
    if key.current is not None:
        alarm, steps = _repeat(key.current, severity, at)
        return Taken(replace(key, current=alarm), "repeated", alarm, steps)
    alarm = Trouble(new_id, severity, at, active=False)
    return Taken(replace(key, ended=alarm, ended_to=key.cleared_to), "raised", alarm,
                 (("raised", {"late": True}), ("cleared", {"late": True})))


def _clear(key: Key, at: datetime) -> Taken:
    if key.cleared_to is not None and at <= key.cleared_to:
        return Taken(key, "late", None)
    if key.current is None or key.current.newest > at:
        return Taken(replace(key, cleared_to=at), "late", None)
    alarm = replace(key.current, active=False)
    return Taken(Key(None, at, alarm, at), "cleared", alarm, (("cleared", {}),))


def _repeat(alarm: Trouble, severity: str, at: datetime) -> tuple[Trouble, tuple[tuple[str, dict[str, Any]], ...]]:
    counted = replace(alarm, repeats=alarm.repeats + 1, newest=max(alarm.newest, at))
    if alarm.closed or not worse(severity, alarm.severity):
        return counted, (("repeated", {} if alarm.active else {"late": True}),)
    said = {"from": alarm.severity, "to": severity} | ({"acknowledged": True} if alarm.acknowledged else {})
    steps = (("escalated", said),) + ((("unshelved", {"because": "escalated"}),) if alarm.shelved else ())
    return replace(counted, severity=severity, acknowledged=False, shelved=False), steps
