"""The collections (要素集合) of ``/ogc``: one for each layer, read from its declaration."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table

from spatial.models import metadata
from spatial.queries.features import Source
from tiles import layers
from tiles.declaration import Layer, Words, words
from webmap.identity import Identity
from webmap.ogc.faults import BadRequest

TIME = "Time"
"""Kind of a property that is an instant, beside the kinds of a layer's fields."""

JSON_TYPES = {
    "Number": {"type": "number"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    TIME: {"type": "string", "format": "date-time"},
}
"""JSON Schema by kind."""


@dataclass(frozen=True)
class Property:
    """One property of a collection's features: name, kind (a key of ``JSON_TYPES``), expression, description."""

    name: str
    kind: str
    sql: str
    description: Words


@dataclass(frozen=True)
class Collection:
    """What a role reads of one layer.

    Attributes:
        name: of the layer, and in URLs.
        title: what people call it, by language.
        source: where its features come from.
        properties: of its features, by name.
        times: the column of an instant, or those of the beginning and the end of a validity; empty for
            features without time.
        ever: the source without the condition that leaves out what is not in force now.
    """

    name: str
    title: Words
    source: Source
    properties: dict[str, Property]
    times: tuple[str, ...]
    ever: Source


def readable(identity: Identity) -> dict[str, Collection]:
    """Return the collections that an account may read, by name, in the order of the layers."""
    return {
        layer.name: collection(layer.name, identity.field_class) for layer in layers.LAYERS
        if identity.may(layer.permission)
    }


@lru_cache(maxsize=256)
def collection(name: str, field_class: str) -> Collection:
    """Return a layer as a collection, with its fields as a role gets them.

    Args:
        name: of the layer.
        field_class: ``exact`` or ``classed``. A role that gets a count in classes filters and sorts by the
            class too, or it could find the count by asking often.
    """
    layer = layers.layer(name)
    table = _table(layer)
    times = next((names for names in (("occurred_at",), ("valid_from", "valid_to")) if names[0] in table.c), ())
    properties = {field.name: Property(field.name, field.kind, field.sql_for(field_class), field.description)
                  for field in layer.fields}
    # Tiles have seconds where open standards have RFC 3339.
    instants = [name for name in properties if name in table.c and table.c[name].type.python_type is datetime]
    for column in dict.fromkeys((*instants, *times)):
        properties[column] = Property(column, TIME, f"{layer.table}.{column}", _TIMES[column])
    columns = tuple((one.name, one.sql) for one in properties.values())
    filled = frozenset(f"{layer.table}.{column.name}" for column in table.columns if not column.nullable)
    source = Source(layer.source, layer.table, _stored(layer), columns, layer.where, filled)
    ever = dataclasses.replace(source, where="") if len(times) == 2 else source
    return Collection(name, layer.title, source, properties, times, ever)


def typed(one: Property, text: str) -> Any:
    """Return a value of a query string as one that fits a property.

    Raises:
        BadRequest: a text where a number or a truth value belongs.
    """
    if one.kind == "Number":
        try:
            return float(text)
        except ValueError:
            raise BadRequest(f"{one.name} is a number.", "Write it with digits.") from None
    if one.kind == "Boolean":
        if text not in ("true", "false"):
            raise BadRequest(f"{one.name} is true or false.", "Write one of the two.")
        return text == "true"
    return text


_TIMES = {
    "occurred_at": words("发生时间，RFC 3339", "when it happened, RFC 3339"),
    "deadline": words("办结期限，RFC 3339", "when it must be done, RFC 3339"),
    "valid_from": words("生效时间，RFC 3339", "in force from, RFC 3339"),
    "valid_to": words("失效时间（不含），RFC 3339；空值：仍有效",
                      "in force until before, RFC 3339; null: still in force"),
}


def _table(layer: Layer) -> Table:
    """Return the model of the table that a layer is read from."""
    return metadata.tables[layer.source.split()[0]]


def _stored(layer: Layer) -> str:
    """Return the column that holds the geometry as it is stored, EPSG:4490; ``geom_web`` is derived from it."""
    return next(column.name for column in _table(layer).columns if getattr(column.type, "srid", None) == 4490)
