"""How one field of a thing is made from a message: where it stands, what its values mean."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webmap.bridge.paths import Missing, Path

ABSENT = object()
"""Stands for a field of which a message says nothing."""

RECEIVED = "received"
"""Form of a time that is not in the message: the moment when it came."""

FORMS = ("iso", "epoch_s", "epoch_ms", RECEIVED)
"""Forms of times, beside patterns such as ``%Y-%m-%d %H:%M:%S``."""

OTHERWISE = "*"
"""Key of a table of values for every value that is not in it."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


class Unusable(Exception):
    """What a message says for a field cannot be used; the text says why, with the value."""


@dataclass(frozen=True)
class Seen:
    """What a rule may look at.

    Attributes:
        item: the item in hand. message: all of the message.
        names: what the names of the topic filter stand for, and ``topic`` itself.
        received: when the message came.
    """

    item: Any
    message: Any
    names: Mapping[str, str]
    received: datetime


@dataclass(frozen=True)
class Rule:
    """How one field is made.

    Attributes:
        path: where it stands in the message. text: what it is, with ``{names}`` of the topic filter. value: what it is.
            One of the three, or none of them for a time that is :data:`RECEIVED`.
        values: what each value means, by its text (:func:`key`); :data:`OTHERWISE` for all others.
        default: what it is when the message does not say.
        time: form of a time, one of :data:`FORMS` or a pattern. zone: of a time that names none.
        factor, offset: a number is multiplied, then added to.
        cut: characters after which a text ends.
        wants_text: the field is a text: a number is written out.
    """

    path: Path | None = None
    text: str | None = None
    value: Any = ABSENT
    values: Mapping[str, Any] | None = None
    default: Any = ABSENT
    time: str | None = None
    zone: ZoneInfo | None = None
    factor: float = 1.0
    offset: float = 0.0
    cut: int | None = None
    wants_text: bool = False

    def take(self, seen: Seen) -> Any:
        """Return the field's value, :data:`ABSENT` where the message does not say and there is no default.

        Raises:
            Unusable: it says something else than the rule expects.
        """
        if self.time == RECEIVED:
            return seen.received.isoformat()
        found = self._find(seen)
        if found is ABSENT:
            return self.default
        if self.values is not None:
            found = self._mean(found)
        if self.time is not None:
            return instant(found, self.time, self.zone).isoformat()
        if self.factor != 1.0 or self.offset != 0.0:
            found = number(found) * self.factor + self.offset
        if self.wants_text and isinstance(found, int | float) and not isinstance(found, bool):
            found = key(found)
        return found[:self.cut] if self.cut and isinstance(found, str) else found

    def _find(self, seen: Seen) -> Any:
        if self.text is not None:
            return fill(self.text, seen.names)
        if self.path is None:
            return self.value
        try:
            found = self.path.find(seen.item, seen.message)
        except Missing:
            return ABSENT
        return ABSENT if found is None else found

    def _mean(self, found: Any) -> Any:
        if isinstance(found, dict | list):
            raise Unusable(f"{shown(found)} is not a single value")
        if (word := key(found)) in self.values:
            return self.values[word]
        if OTHERWISE in self.values:
            return self.values[OTHERWISE]
        raise Unusable(f"no meaning is given for {shown(found)}")


def names(text: str) -> set[str]:
    """Return the names in braces in a text."""
    return set(_NAME.findall(text))


def fill(text: str, said: Mapping[str, str]) -> str:
    """Return a text with each name in braces replaced by what it stands for."""
    return _NAME.sub(lambda found: said[found[1]], text)


def key(value: Any) -> str:
    """Return the text by which a single value is looked up: ``true``, ``3`` for 3 and 3.0, a text as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return str(value)


def number(value: Any) -> float:
    """Return a finite number, out of a number or a text that is one.

    Raises:
        Unusable: it is neither.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unusable(f"{shown(value)} is not a number")
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Unusable("the number is too large")
    return value


def instant(value: Any, form: str, zone: ZoneInfo | None) -> datetime:
    """Return a point in time with its zone.

    Args:
        value: as the message has it.
        form: one of :data:`FORMS` except ``received``, or a pattern of ``strptime``.
        zone: of a time that names none.

    Raises:
        Unusable: it has another form, or no zone is known.
    """
    try:
        if form in ("epoch_s", "epoch_ms"):
            return EPOCH + timedelta(seconds=number(value) / (1000 if form == "epoch_ms" else 1))
        if not isinstance(value, str):
            value = key(value)
        found = datetime.fromisoformat(value) if form == "iso" else datetime.strptime(value.strip(), form)
    except (ValueError, OverflowError) as error:
        raise Unusable(f"{shown(value)} is not a time of the form {form}") from error
    if found.tzinfo is None:
        if zone is None:
            raise Unusable(f"{shown(value)} names no zone, and the route gives none")
        found = found.replace(tzinfo=zone)
    return found


def shown(value: Any) -> str:
    """Return a value as a reason shows it, cut short."""
    text = repr(value) if not isinstance(value, dict | list) else f"a {'list' if isinstance(value, list) else 'group'}"
    return text if len(text) <= 60 else text[:57] + "..."
