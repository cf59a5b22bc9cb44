"""The life of an alarm: active or cleared, acknowledged or not, then closed.

The two axes are those of IEC 62682 and of ThingsBoard's alarm status. Closing needs both:
nobody closes what is still wrong, or what nobody has seen.
"""

from datetime import datetime

from spatial.errors import ShapanError


class StepRefused(ShapanError):
    """An alarm's state does not allow a step."""


def state(active: bool, acknowledged_at: datetime | None, closed_at: datetime | None) -> str:
    """Return the one word that pages and interfaces show for an alarm's state.

    Returns:
        ``active_unack``, ``active_ack``, ``cleared_unack``, ``cleared_ack`` or ``closed``.
    """
    if closed_at is not None:
        return "closed"
    return f"{'active' if active else 'cleared'}_{'ack' if acknowledged_at else 'unack'}"


AFTER = {
    ("active_unack", "acknowledge"): "active_ack",
    ("active_unack", "clear"): "cleared_unack",
    ("active_ack", "clear"): "cleared_ack",
    ("cleared_unack", "acknowledge"): "cleared_ack",
    ("cleared_ack", "close"): "closed",
}
"""Every allowed step: (state, step) to the state after it."""


def step(current: str, wanted: str) -> str:
    """Return the state after a step.

    Args:
        current: a state as :func:`state` returns it.
        wanted: ``acknowledge``, ``clear`` or ``close``.

    Raises:
        StepRefused: the state does not allow the step; the message names what does.
    """
    try:
        return AFTER[current, wanted]
    except KeyError:
        allowed = sorted(name for state_, name in AFTER if state_ == current)
        raise StepRefused(
            f"An alarm that is {current} cannot take the step {wanted}.",
            f"Allowed now: {', '.join(allowed) or 'nothing'}.",
        ) from None
