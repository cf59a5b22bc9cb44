"""What a gateway says about a device (上报读数): looked at item by item, each fault named, the good ones kept.

Used by every door through which readings come in, so that all of them take and refuse the same.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from spatial.rules.alarm_messages import AHEAD_MOST, OVERRIDES, UNKNOWN_MOST

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

BEHIND_MOST = timedelta(days=30)
"""How far a device's time may lie behind the server's and still be a backlog: that of a gateway which was cut off, and
whose memory holds no month of readings. Clocks that fell back, to a date of manufacture or 2020, lie years behind."""

LARGEST = 1e15
"""Larger numbers are no measurement: beyond 2^53 not even whole numbers are exact."""

CODE_LENGTH, TEXT_LENGTH, UNIT_LENGTH, VALUES_MOST = 100, 200, 20, 40
QUANTITY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")

FIELDS = frozenset({"source", "device", "at", "values", "units", "event_id"})


@dataclass(frozen=True)
class Measured:
    """One value: a number, or a text.

    Attributes:
        value: the number; true and false are 1 and 0. None for a text.
        text: the text; None for a number.
        unit: as the gateway writes it.
        switch: it was true or false.
    """

    value: float | None
    text: str | None
    unit: str | None
    switch: bool = False

    @property
    def plain(self) -> float | str:
        """The number or the text."""
        return self.text if self.value is None else self.value


@dataclass(frozen=True)
class Reading:
    """What one device said at one instant; without values it is a sign of life.

    Attributes:
        index: its place in the batch.
        device: code of the device.
        at: the device's time; the server's where the device's clock is not believed.
        said_at: the time that was not believed; None where it was.
        values: quantity → value.
        source: who brings it.
        event_id: the gateway's own id, given back where it is refused.
    """

    index: int
    device: str
    at: datetime
    said_at: datetime | None = None
    values: Mapping[str, Measured] = field(default_factory=dict)
    source: str = ""
    event_id: str | None = None


@dataclass(frozen=True)
class Refused:
    """A reading, or one value of it, that is not taken: where, what was there, why, and what to do."""

    index: int
    field: str
    value: str
    reason: str
    cure: str
    event_id: str | None = None


def read(items: Sequence[Any], now: datetime) -> tuple[list[Reading], list[Refused]]:
    """Look at a batch of items as they came, each a JSON object.

    A bad value loses itself and not its reading; a bad device or time loses the reading.

    Args:
        items: ``{source, device, at, values, units, event_id}``.
        now: the server's time.

    Returns:
        What can be taken, in order, and every fault.
    """
    readings, refused = [], []
    for index, item in enumerate(items):
        reading = _one(index, item, now, refused)
        if reading is not None:
            readings.append(reading)
    return readings, refused


def _one(index: int, item: Any, now: datetime, refused: list[Refused]) -> Reading | None:
    if not isinstance(item, dict):
        refused.append(Refused(index, "", shown(item), "is no object", "Send {source, device, at, values}."))
        return None
    event_id = item.get("event_id")
    known_id = event_id if isinstance(event_id, str) and plain(event_id, 200) else None
    before = len(refused)

    def refuse(name: str, value: Any, reason: str, cure: str) -> None:
        refused.append(Refused(index, name, shown(value), reason, cure, known_id))

    for name in sorted(set(item) - FIELDS, key=str)[:UNKNOWN_MOST]:
        refuse(shown(name), item[name], "is not a field of a reading", f"Fields are {', '.join(sorted(FIELDS))}.")
    if event_id is not None and known_id is None:
        refuse("event_id", event_id, "is no text of 1 to 200 characters", "Leave it out, or send the message's id.")
    for name in ("source", "device"):
        if not isinstance(item.get(name), str) or not plain(item[name], CODE_LENGTH):
            refuse(name, item.get(name), f"is no text of 1 to {CODE_LENGTH} characters without control characters",
                   "Send the name of the gateway." if name == "source" else "Send the code of a device on record.")
    said = _instant(item.get("at"))
    if said is None:
        refuse("at", item.get("at"), "is no time with a zone between 1970 and 2200",
               "Send ISO 8601, such as 2026-11-01T08:00:00+08:00.")
    values, units = item.get("values"), item.get("units")
    values, units = {} if values is None else values, {} if units is None else units
    for name, given in (("values", values), ("units", units)):
        if not isinstance(given, dict) or len(given) > VALUES_MOST:
            refuse(name, given, f"is no object with up to {VALUES_MOST} quantities", 'Send {"quantity": value}.')
    if len(refused) > before:
        return None
    measured = {}
    for quantity, value in values.items():
        one = _measured(quantity, value, units.get(quantity), refuse)
        if one is not None:
            measured[quantity] = one
    if values and not measured:
        return None
    at, doubt = counts_at(said, now, index)
    return Reading(index, item["device"], at, said if doubt else None, measured, item["source"], known_id)


def counts_at(said: datetime, now: datetime, index: int = 0) -> tuple[datetime, bool]:
    """Return the time that counts for a reading, and whether its device's clock is doubted.

    A value stands until the next one comes: one from long ago would leave the rules with what they know, whatever it
    says. So a clock far behind is doubted as one is that runs ahead; later than of an alarm, for the history is to
    hold a backlog as it was.

    Args:
        said: the device's time.
        now: the server's time.
        index: place in the batch; what a wrong clock said at different times stays apart by a microsecond for each.

    Returns:
        The device's time and False; the server's and True where the device's lies ahead, more than
        :data:`BEHIND_MOST` behind, or before 2000.
    """
    servers = now + timedelta(microseconds=index)
    doubt = not servers - BEHIND_MOST <= said <= servers + AHEAD_MOST
    return (servers if doubt else said), doubt


def _measured(quantity: str, value: Any, unit: Any, refuse: Any) -> Measured | None:
    place = f"values.{shown(quantity)}"
    if not QUANTITY.fullmatch(quantity):
        refuse(place, quantity, "is no name of a quantity", "Up to 40 letters, digits, _ . -, a letter first.")
    elif unit is not None and not (isinstance(unit, str) and plain(unit, UNIT_LENGTH)):
        refuse(f"units.{quantity}", unit, f"is no unit of up to {UNIT_LENGTH} characters", "Send it as text, or not.")
    elif isinstance(value, bool):
        return Measured(float(value), None, unit, switch=True)
    elif isinstance(value, (int, float)):
        # NaN is beyond every limit, and a whole number may be longer than a float can be.
        if abs(value) <= LARGEST and math.isfinite(value):
            return Measured(float(value), None, unit)
        refuse(place, value, "is no number that a device can have measured", f"Send a number up to {LARGEST:.0e}.")
    elif isinstance(value, str) and plain(value, TEXT_LENGTH):
        return Measured(None, value, unit)
    else:
        refuse(place, value, f"is neither a number nor true or false nor a text of 1 to {TEXT_LENGTH} characters "
               "without control characters", "Send one value for each quantity.")
    return None


def _instant(text: Any) -> datetime | None:
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo and EARLIEST <= at <= LATEST else None
    except (ValueError, OverflowError):
        return None


def plain(text: str, longest: int) -> bool:
    """Tell whether a text has 1 to so many characters, and none that controls, turns its direction, or is half a
    surrogate pair."""
    return 0 < len(text) <= longest and not any(
        unicodedata.category(letter) in ("Cc", "Cs") or letter in OVERRIDES for letter in text)


def shown(value: Any) -> str:
    """Return a value as an answer may repeat it: short, and without characters that no answer can hold."""
    try:
        text = value if isinstance(value, str) else "null" if value is None else repr(value)
    except RecursionError:
        text = type(value).__name__
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:60])
