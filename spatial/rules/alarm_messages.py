"""What a gateway says about a device: how a message is read, and whose clock is believed."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from spatial.rules.alarms import SEVERITIES


@dataclass(frozen=True, slots=True)
class Message:
    """What a gateway says about one device: something is wrong, or is over.

    Attributes:
        source, event_id: who says it, and the message's own id there.
        device: code of a device on record.
        severity: one of ``SEVERITIES``. type: what is wrong, a word of ``alarm_type`` or another one.
        occurred_at: the device's time.
        cleared: True when the trouble is over.
        note: free text of the gateway; shown as text only.
        received_at: the server's time when it came, of one that has waited since; None where it comes now.
    """

    source: str
    event_id: str
    device: str
    severity: str
    type: str
    occurred_at: datetime
    cleared: bool = False
    note: str | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a message: field, the value as it came, what is wrong, what to do."""

    field: str
    value: str
    reason: str
    cure: str


LENGTHS = {"source": 100, "event_id": 200, "device": 100, "type": 60, "note": 500}
"""Most characters of each text."""

REQUIRED = ("source", "event_id", "device", "severity", "type", "occurred_at")
FIELDS = frozenset({*REQUIRED, "cleared", "note"})

SHOWN = 100
"""Characters of a faulty value that an answer repeats."""

UNKNOWN_MOST = 10
"""Unknown fields of one item that an answer names: a body of 2 MB may hold some 300,000."""

OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text after them: they make one text look like another."""

LINES = frozenset("\n\r\t")
"""Control characters that a note may hold."""


def read(item: Any) -> Message | list[Fault]:
    """Read one message out of parsed JSON.

    Nothing is guessed: a number is no text, a text is no boolean, and a time needs its zone.

    Args:
        item: what stands in the batch; anything that JSON can say.

    Returns:
        The message, or every fault of it.
    """
    if not isinstance(item, dict):
        return [_fault("", item, "is not an object", "Send an object with the fields of a message.")]
    unknown = [name for name in item if name not in FIELDS]
    faults = [_fault(str(name), item[name], "is not a field of a message", f"Known: {', '.join(sorted(FIELDS))}.")
              for name in unknown[:UNKNOWN_MOST]]
    faults += [_fault(name, None, "is missing", "Every message needs it.") for name in REQUIRED
               if item.get(name) is None]
    for name, most in LENGTHS.items():
        if (text := item.get(name)) is not None and (found := _text(name, text, most)):
            faults.append(found)
    severity = item.get("severity")
    if severity is not None and severity not in SEVERITIES:
        faults.append(_fault("severity", severity, "is no severity", f"Known: {', '.join(SEVERITIES)}."))
    occurred_at = item.get("occurred_at")
    if occurred_at is not None:
        occurred_at = _instant(occurred_at)
        if isinstance(occurred_at, Fault):
            faults.append(occurred_at)
    cleared = item.get("cleared", False)
    if not isinstance(cleared, bool):
        faults.append(_fault("cleared", cleared, "is neither true nor false", "Write true when the trouble is over."))
    if faults:
        return faults
    return Message(item["source"], item["event_id"], item["device"], severity, item["type"], occurred_at, cleared,
                   item.get("note"))


def _text(name: str, text: Any, most: int) -> Fault | None:
    if not isinstance(text, str):
        return _fault(name, text, "is not text", "Write it in quotes.")
    if len(text) > most:
        return _fault(name, text, f"has {len(text)} characters", f"At most {most} are taken.")
    if not text.strip() and name != "note":
        return _fault(name, text, "is empty", "Every message needs it.")
    # Hardly any text needs the look at each character.
    if not text.isprintable():
        for character in text:
            if unicodedata.category(character) in ("Cc", "Cs") and not (name == "note" and character in LINES):
                return _fault(name, text, f"holds the control character U+{ord(character):04X}", "Leave it out.")
            if character in OVERRIDES:
                return _fault(name, text, f"turns the direction of text (U+{ord(character):04X})", "Leave it out.")
    return None


def _instant(text: Any) -> datetime | Fault:
    example = "Write e.g. 2026-11-01T08:00:00+08:00."
    if not isinstance(text, str):
        return _fault("occurred_at", text, "is not a time in quotes", example)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _fault("occurred_at", text, "is not a time of ISO 8601", example)
    if at.tzinfo is None:
        return _fault("occurred_at", text, "has no zone", example)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _fault("occurred_at", text, "lies outside the years 1 to 9999", example)


def _fault(field: str, value: Any, fault: str, cure: str) -> Fault:
    try:
        shown = value if isinstance(value, str) else repr(value)
    except RecursionError:
        shown = type(value).__name__
    printable = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown[:SHOWN])
    return Fault("".join(c if c.isprintable() else "?" for c in field[:SHOWN]), printable, fault, cure)


AHEAD_MOST = timedelta(minutes=5)
"""How far a device's clock may be ahead of the server's without being doubted."""

BEHIND_MOST = timedelta(hours=24)
"""How old a message may be by its device's clock and still count by it.

A clock that fell back (an empty battery, a restart before the time is set) says some day of years ago, and a raise of
then would belong to alarms that are long over, which nobody sees. A gateway that was cut off delivers late, though
seldom for longer than a day; what waited longer counts when it comes: an alarm too many, rather than one too few.
"""

OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""A time before this one is that of a clock which was never set."""


def believed(occurred_at: datetime, received_at: datetime) -> tuple[datetime, bool]:
    """Return the time that counts for a message, and whether its device's clock is doubted.

    Args:
        occurred_at: the device's time.
        received_at: the server's time when the message came.

    Returns:
        The device's time, or the server's where the device's is ahead of it or more than ``BEHIND_MOST`` behind; True
        where it is ahead by more than ``AHEAD_MOST``, or that far behind.
    """
    doubt = not received_at - BEHIND_MOST <= occurred_at <= received_at + AHEAD_MOST
    return (received_at if doubt else min(occurred_at, received_at)), doubt


def overdue(occurred_at: datetime, received_at: datetime) -> bool:
    """Tell whether a message may have waited for more than ``BEHIND_MOST``: by a clock that is so far behind, yet set.

    Args:
        occurred_at: the device's time.
        received_at: the server's time when the message came.
    """
    return OLDEST <= occurred_at < received_at - BEHIND_MOST
