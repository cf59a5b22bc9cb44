"""What the messages of one device and type make of its alarms, in whatever order they arrive.

Messages come late, twice and out of order. What counts is the device's time: a key is active
exactly when its newest raise is newer than its newest clear, and every raise is either an
alarm or a repeat of one. Both hold for every order of the same messages, as long as their clocks
are believed; those of other clocks count when they come.
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
        doubt: none of its raises came from a clock that is believed.
    """

    id: int
    severity: str
    newest: datetime
    repeats: int = 0
    active: bool = True
    acknowledged: bool = False
    shelved: bool = False
    closed: bool = False
    doubt: bool = False


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
        word: ``raised``, ``repeated``, ``cleared``, or ``late``: a clear that ended nothing, or a raise that counts
            with an alarm which has ended.
        alarm: the alarm that it changed, as it is now; None for a late clear.
        steps: what is written down: word and details.
    """

    key: Key
    word: str
    alarm: Trouble | None
    steps: tuple[tuple[str, dict[str, Any]], ...] = ()


def take(
    key: Key, severity: str, cleared: bool, at: datetime, new_id: int, doubt: bool = False,
    waited: datetime | None = None,
) -> Taken:
    """Take in one message.

    Args:
        key: what is known of its device and type.
        severity: what the message says.
        cleared: whether it says that the trouble is over.
        at: the time that counts for it (``alarm_messages.believed``).
        new_id: id of the alarm that it makes, if it makes one.
        doubt: the device's clock is not believed.
        waited: the device's time of a message that may have waited for too long (``alarm_messages.overdue``).

    Returns:
        What it did. A raise of before the newest clear belongs to the alarm which a clear ended after it, or to the
        one that is active, and else makes an alarm that is born cleared: somebody still has to see it.
    """
    if cleared and waited is not None:
        return _clear_after_waiting(key, at, waited)
    if cleared:
        return _clear(key, at)
    if key.cleared_to is None or at > key.cleared_to:
        if key.current is None:
            alarm = Trouble(new_id, severity, at, doubt=doubt)
            return Taken(replace(key, current=alarm), "raised", alarm, (("raised", {}),))
        alarm, steps = _repeat(key.current, severity, at, doubt)
        return Taken(replace(key, current=alarm), "repeated", alarm, steps)
    if key.ended is not None and key.ended_to is not None and at <= key.ended_to:
        alarm, steps = _repeat(key.ended, severity, at, doubt)
        return Taken(replace(key, ended=alarm), "late", alarm, steps)
    if key.current is not None:
        alarm, steps = _repeat(key.current, severity, at, doubt)
        return Taken(replace(key, current=alarm), "repeated", alarm, steps)
    alarm = Trouble(new_id, severity, at, active=False, doubt=doubt)
    return Taken(replace(key, ended=alarm, ended_to=key.cleared_to), "raised", alarm,
                 (("raised", {"late": True}), ("cleared", {"late": True})))


def _clear(key: Key, at: datetime) -> Taken:
    if key.cleared_to is not None and at <= key.cleared_to:
        return Taken(key, "late", None)
    if key.current is None or key.current.newest > at:
        return Taken(replace(key, cleared_to=at), "late", None)
    alarm = replace(key.current, active=False)
    return Taken(Key(None, at, alarm, at), "cleared", alarm, (("cleared", {}),))


def _clear_after_waiting(key: Key, at: datetime, waited: datetime) -> Taken:
    """Take in a clear that is days old by its device's clock.

    It ends an alarm only of such a clock; one that was raised since it set out goes on. Whatever it ends, by the
    device's time no more is over than it says: the next message of the same backlog may count by its own time again.
    """
    if key.current is None or not key.current.doubt or key.current.newest > at:
        return _clear(key, waited)
    alarm = replace(key.current, active=False)
    over_to = waited if key.cleared_to is None else max(key.cleared_to, waited)
    return Taken(Key(None, over_to, alarm, over_to), "cleared", alarm, (("cleared", {}),))


def _repeat(
    alarm: Trouble, severity: str, at: datetime, doubt: bool,
) -> tuple[Trouble, tuple[tuple[str, dict[str, Any]], ...]]:
    counted = replace(alarm, repeats=alarm.repeats + 1, newest=max(alarm.newest, at), doubt=alarm.doubt and doubt)
    late = {} if alarm.active else {"late": True}
    if alarm.closed or not worse(severity, alarm.severity):
        return counted, (("repeated", late),)
    said = {"from": alarm.severity, "to": severity} | ({"acknowledged": True} if alarm.acknowledged else {}) | late
    steps = (("escalated", said),) + ((("unshelved", {"because": "escalated"}),) if alarm.shelved else ())
    return replace(counted, severity=severity, acknowledged=False, shelved=False), steps
