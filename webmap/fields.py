"""Fields of requests that refuse what no table could hold, with the reason."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import Schema
from apiflask.fields import AwareDateTime, List, Nested, String
from apiflask.validators import OneOf, Range, Regexp
from marshmallow import ValidationError

from spatial.rules.alarm_messages import LINES, OVERRIDES
from webmap import base_map

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def storable(text: str) -> bool:
    """Tell whether PostgreSQL can hold a text: neither NUL nor half a surrogate pair is in it."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


class Text(String):
    """Text without NUL and without halves of surrogate pairs: PostgreSQL stores neither."""

    default_error_messages = {"unusable": "Holds a character that cannot be stored (NUL or half a surrogate pair)."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not storable(text):
            raise self.make_error("unusable")
        return text


AREA = "beginning of a grid code: 6 digits county, 9 street, 12 community, 15 grid"


class Words(Text):
    """Text that people read: no control characters, and none that turn the direction of writing.

    Args:
        lines: line ends and tabs are allowed, as in a remark.
    """

    default_error_messages = {"control": "Holds a control character (code {code})."}

    def __init__(self, *, lines: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._allowed = LINES if lines else frozenset()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        for character in text:
            if (unicodedata.category(character) == "Cc" or character in OVERRIDES) and character not in self._allowed:
                raise self.make_error("control", code=f"U+{ord(character):04X}")
        return text


class Instant(AwareDateTime):
    """A point in time with its zone, from 1970 to 2200: clocks may be wrong, but not that wrong."""

    default_error_messages = {
        "invalid": "Is no time such as 2026-11-01T08:00:00+08:00 (behind the ? of an address, + is written %2B).",
        "invalid_awareness": "Lacks its zone: write 2026-11-01T08:00:00+08:00, or Z for UTC.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=None, **options)
        self.validators.append(Range(EARLIEST, LATEST, error="Lies outside 1970 to 2200."))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor(Text):
    """Where a page ends: instant and id of its last row, as :func:`cursor` writes them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=None, **options)
        self._form = Regexp(r"^-?[0-9]{1,16}_[0-9]{1,18}\Z", error="Send back what `next` said.")
        self.metadata |= {"description": "`next` of the page before"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[datetime, int]:
        text = self._form(super()._deserialize(value, attr, data, **kwargs))
        microseconds, number = text.split("_")
        try:
            return EPOCH + timedelta(microseconds=int(microseconds)), int(number)
        except OverflowError:
            raise ValidationError("Send back what `next` said.") from None


def cursor(at: datetime, number: int) -> str:
    """Return the end of a page as text: microseconds since 1970 and the id."""
    return f"{(at - EPOCH) // timedelta(microseconds=1)}_{number}"


class Unread(Nested):
    """Something that the API document describes, and that the view reads by itself: one bad item spares the others."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return value


@dataclass(frozen=True)
class Sorted:
    """A batch, each item with its index: ``taken`` without fault; ``refused`` is one for each fault of the others."""

    taken: list[tuple[int, Any]]
    refused: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.taken) + len({fault["index"] for fault in self.refused})


class Batch(List):
    """A list of which each item is looked at alone: a faulty one does not lose the others. Gives :class:`Sorted`."""

    CURE = "Send the item again as /api/openapi.json describes it."

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Sorted:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        # Before a look at any item: a body has room for a million that are none.
        self._validate(value)
        taken, refused = [], []
        for index, item in enumerate(value):
            try:
                taken.append((index, self.inner.deserialize(item, **kwargs)))
            except ValidationError as error:
                refused += [{"index": index, **fault} for fault in self._faults(item, error.messages)]
        return Sorted(taken, refused)

    def _faults(self, item: Any, messages: Any) -> list[dict[str, Any]]:
        """Return each fault of an item: field, its value as short text, reason and cure."""
        if not isinstance(messages, dict) or "_schema" in messages:
            return [{"field": None, "value": None, "reason": "Is no object with fields.", "cure": self.CURE}]
        values = item if isinstance(item, Mapping) else {}
        return [{"field": _printable(name), "value": _printable(values[name]) if name in values else None,
                 "reason": " ".join(map(str, texts)) if isinstance(texts, list) else "Is not what it should be.",
                 "cure": self.CURE}
                for name, texts in messages.items()]


def _printable(value: Any) -> str:
    """Return the beginning of a value as text that an answer can hold."""
    return str(value)[:100].encode(errors="replace").decode()


class StyleQuery(Schema):
    """Which colours."""

    style = Text(load_default="night", validate=OneOf(base_map.STYLES),
                 metadata={"description": "style of the base map that the colours are for"})
