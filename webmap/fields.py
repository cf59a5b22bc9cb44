"""Fields of requests that refuse what no table could hold, with the reason."""

from datetime import UTC, datetime
from typing import Any

from apiflask import Schema
from apiflask.fields import AwareDateTime, String
from apiflask.validators import OneOf, Range

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


class Instant(AwareDateTime):
    """A point in time with its zone, from 1970 to 2200: clocks may be wrong, but not that wrong."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=None, **options)
        self.validators.append(Range(EARLIEST, LATEST, error="Lies outside 1970 to 2200."))


class StyleQuery(Schema):
    """Which colours."""

    style = Text(load_default="night", validate=OneOf(base_map.STYLES),
                 metadata={"description": "style of the base map that the colours are for"})
