"""The life of an alarm: active or cleared, acknowledged or not, then closed.

The two axes are those of IEC 62682 and of ThingsBoard's alarm status. Closing needs both:
nobody closes what is still wrong, or what nobody has seen.
"""

from datetime import datetime, timedelta

from spatial.errors import ShapanError
from spatial.rules.notes import says

SEVERITIES = ("critical", "major", "minor", "warning", "info")
"""Severities (级别) from the worst to the mildest."""


class StepRefused(ShapanError):
    """An alarm's state does not allow a step."""


def worse(severity: str, than: str) -> bool:
    """Tell whether a severity is worse than another one."""
    return SEVERITIES.index(severity) < SEVERITIES.index(than)


def state(active: bool, acknowledged_at: datetime | None, closed_at: datetime | None) -> str:
    """Return the one word that pages and interfaces show for an alarm's state.

    Returns:
        ``active_unack``, ``active_ack``, ``cleared_unack``, ``cleared_ack`` or ``closed``.
    """
    if closed_at is not None:
        return "closed"
    return f"{'active' if active else 'cleared'}_{'ack' if acknowledged_at else 'unack'}"


def response_due(received_at: datetime, response_s: int | None) -> datetime | None:
    """Return until when somebody should have acknowledged an alarm (响应时限); None where its type sets no time."""
    return None if response_s is None else received_at + timedelta(seconds=response_s)


STATES = ("active_unack", "active_ack", "cleared_unack", "cleared_ack", "closed")
"""Every state (状态)."""

AFTER = {
    ("active_unack", "acknowledge"): "active_ack",
    ("active_unack", "clear"): "cleared_unack",
    ("active_ack", "clear"): "cleared_ack",
    ("cleared_unack", "acknowledge"): "cleared_ack",
    ("cleared_ack", "close"): "closed",
}
"""Every step that changes the state: (state, step) to the state after it."""

STEPS = {
    "acknowledge": "acknowledged", "assign": "assigned", "comment": "commented", "shelve": "shelved",
    "unshelve": "unshelved", "clear": "cleared", "close": "closed",
}
"""What people do with an alarm (确认, 指派, 批注, 搁置, 取消搁置, 解除, 关闭), and the word that is written down."""


def allowed(current: str, shelved: bool = False) -> tuple[str, ...]:
    """Return the steps that a state allows, in alphabetical order.

    Args:
        current: a state as :func:`state` returns it.
        shelved: whether the alarm is put aside for a while.
    """
    steps = {name for state_, name in AFTER if state_ == current} | {"comment"}
    if current != "closed":
        steps |= {"assign", "shelve"}
        if shelved:
            steps.add("unshelve")
    return tuple(sorted(steps))


def step(current: str, wanted: str, shelved: bool = False, expected: str | None = None) -> str:
    """Return the state after a step.

    Args:
        current: a state as :func:`state` returns it.
        wanted: a key of ``STEPS``.
        shelved: whether the alarm is put aside for a while.
        expected: the state in which whoever takes the step saw the alarm; None for any.

    Raises:
        StepRefused: the state does not allow the step, or is not the expected one; the message names what is allowed.
    """
    possible = allowed(current, shelved)
    cure = f"Allowed now: {', '.join(possible)}."
    if expected is not None and current != expected:
        raise StepRefused(f"The alarm is {current} and no longer {expected}.", cure)
    if wanted not in possible:
        raise StepRefused(f"An alarm that is {current} cannot take the step {wanted}.", cure)
    return AFTER.get((current, wanted), current)


SHELVED_MOST = timedelta(hours=24)
"""Longest time for which an alarm is put aside: a shelf is no place to forget things (IEC 62682 asks for a limit)."""

NOTE_MOST = 1000
"""Characters of a note at most."""


def faults(wanted: str, note: str | None, until: datetime | None, now: datetime) -> list[tuple[str, str]]:
    """Return what is missing or wrong in a step: field and reason of each fault."""
    found = []
    if wanted in ("comment", "shelve") and not says(note):
        found.append(("note", f"is required by the step {wanted}: 1 to {NOTE_MOST} characters"))
    if wanted == "shelve" and until is None:
        found.append(("until", "is required by the step shelve"))
    elif wanted == "shelve" and not now < until <= now + SHELVED_MOST:
        found.append(("until", f"must lie within the next 24 hours, by {(now + SHELVED_MOST).isoformat()}"))
    elif wanted != "shelve" and until is not None:
        found.append(("until", f"has no meaning for the step {wanted}"))
    return found
