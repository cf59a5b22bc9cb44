"""What becomes of disaster warnings (灾害预警): the fate that messages give them, and the state that the clock does.

Messages come in any order and more than once. The fate of each warning is a function of the set of messages on
record, so that whatever the order, the end is the same. Words and meaning: OASIS CAP-v1.2, section 3.2.1: an Update
supersedes the messages that it refers to, a Cancel cancels them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

STATUSES = ("Actual", "Exercise", "System", "Test")
"""Only ``Actual`` is real; the others are never shown as such."""

MESSAGE_TYPES = ("Alert", "Update", "Cancel")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
CATEGORIES = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
              "Other")
"""Words of OASIS CAP-v1.2, section 3.2."""

LIFE_WITHOUT_EXPIRES = timedelta(hours=24)
"""How long a warning is in force that names no end: CAP leaves it to the recipient."""

CLOCK_AHEAD = timedelta(minutes=5)
"""A time of sending further in the future than this is the sender's wrong clock."""

STANDING, REPLACED, CANCELLED, VOID = "standing", "replaced", "cancelled", "void"

ENDED_BY = {"Update": REPLACED, "Cancel": CANCELLED}


@dataclass(frozen=True)
class Message:
    """What of a message decides fates.

    Attributes:
        sent: when.
        status: ``Actual``, ``Exercise``, ``System`` or ``Test``; none reaches into another.
        msg_type: ``Alert``, ``Update`` or ``Cancel``.
        refers_to: keys of messages, ``sender,identifier`` each.
    """

    sent: datetime
    status: str
    msg_type: str
    refers_to: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fate:
    """What became of a warning, and the key of the message that did it; void ones name the later one."""

    word: str
    by: str | None = None


def fates(messages: Mapping[str, Message]) -> dict[str, Fate]:
    """Return the fate of each message by its key.

    A message that was sent before one that it refers to is void: it does nothing, and is not in force. Of several that
    end a warning the one sent last counts; keys decide between equal times.
    """
    void: dict[str, str] = {}
    enders: dict[str, list[str]] = {}
    for key, message in messages.items():
        found = [other for other in message.refers_to
                 if other in messages and messages[other].status == message.status]
        later = [other for other in found if messages[other].sent > message.sent]
        if later:
            void[key] = max(later, key=lambda other: (messages[other].sent, other))
        elif message.msg_type in ENDED_BY:
            for other in found:
                enders.setdefault(other, []).append(key)

    def fate(key: str) -> Fate:
        if key in void:
            return Fate(VOID, void[key])
        if key not in enders:
            return Fate(STANDING)
        by = max(enders[key], key=lambda other: (messages[other].sent, other))
        return Fate(ENDED_BY[messages[by].msg_type], by)

    return {key: fate(key) for key in messages}


def life(begins_at: datetime | None, ends_at: datetime | None, sent: datetime, now: datetime,
         ) -> tuple[datetime, datetime]:
    """Return from when on a warning is in force, and until before when.

    A sender whose clock is ahead means now where it says that the warning begins when it is sent, or has begun.

    Args:
        begins_at: as it says; None where it does not.
        ends_at: as it says; None where it does not.
        sent: as it says.
        now: the server's time.
    """
    begins_at = begins_at or sent
    if sent > now + CLOCK_AHEAD and begins_at <= sent:
        begins_at = min(begins_at, now)
    return begins_at, ends_at or begins_at + LIFE_WITHOUT_EXPIRES


def state(fate: str, begins_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Return what a warning is now: ``upcoming``, ``in_force``, ``ended``, or its fate.

    In force from its beginning on, and no longer at its end.
    """
    if fate != STANDING:
        return fate
    return "upcoming" if now < begins_at else "in_force" if now < ends_at else "ended"


def due(fate: str, begins_at: datetime, ends_at: datetime, now: datetime) -> datetime | None:
    """Return when the clock changes a warning's state next; None when it never does."""
    if fate != STANDING or now >= ends_at:
        return None
    return begins_at if now < begins_at else ends_at
