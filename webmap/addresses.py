"""What may stand in the parts of an address, as the OpenAPI document says it: by itself it tells text from number only.
Beside them the media types that a view takes instead of JSON (``webmap/guard.py``).

Two things are refused here, for all views alike: numbers that are no id of anything (404), and names behind the ``?``
that the view does not know (422): a filter that is misspelt would let everything through. Views refuse the rest.
"""

import re
from typing import Any

from apiflask import APIFlask
from apiflask.schema_adapters.marshmallow import parser
from marshmallow import RAISE
from werkzeug.routing import IntegerConverter, Map

from tiles import layers
from tiles.matrix import MAX_ZOOM
from webmap import base_map

Json = dict[str, Any]

LAYERS: Json = {
    "type": "array", "minItems": 1, "maxItems": len(layers.LAYERS), "uniqueItems": True,
    "items": {"type": "string", "enum": [layer.name for layer in layers.LAYERS]}}
"""Layers joined by commas, each once."""

CODE: Json = {"type": "string", "minLength": 1, "maxLength": 100}
"""Code of an object on record."""

ROW: Json = {"type": "integer", "minimum": 0, "maximum": 2**MAX_ZOOM - 1,
             "description": "Below 2^z; columns count from the west, rows from the north."}
SOURCE: Json = {"type": "string", "minLength": 1, "maxLength": 80}
"""Name under which imagery, terrain or a model was imported."""

PARTS: dict[str, Json] = {
    "code": CODE, **dict.fromkeys(("photo_id", "edit_id"), {"type": "string", "format": "uuid"}),
    "violation": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    "names": LAYERS, "z": {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}, "x": ROW, "y": ROW,
}
"""By name, wherever it stands."""

NAMES: dict[str, Json] = {"styles": {"type": "string", "enum": list(base_map.STYLES)},
                          "raster": SOURCE, "terrain": SOURCE, "models": SOURCE}
"""What ``name`` is, by how the address begins."""

CHOICE = re.compile(r"<any\(([^)]*)\):(\w+)>")
"""A part of a rule that is one of some words."""


class Number(IntegerConverter):
    """``<int:…>`` up to the greatest id that a table can hold."""

    def __init__(self, url_map: Map, *words: Any, **options: Any) -> None:
        super().__init__(url_map, *words, **{"max": 2**63 - 1, **options})


def register(app: APIFlask) -> None:
    """Have the OpenAPI document of an application say what each part of each address may be.

    Comes before the views: they take the kinds of parts that there are.
    """
    app.url_map.converters["int"] = Number
    parser.DEFAULT_UNKNOWN_BY_LOCATION = {**parser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    @app.spec_processor
    def said(document: Json) -> Json:
        choices = {(_path(rule.rule), name): [word.strip() for word in words.split(",")]
                   for rule in app.url_map.iter_rules() for words, name in CHOICE.findall(rule.rule)}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for parameter in operation.get("parameters", []):
                    if parameter["in"] == "path":
                        parameter["schema"] = _schema(path, parameter, choices)
                        if parameter["schema"]["type"] == "array":
                            parameter |= {"style": "simple", "explode": False}
        for rule in app.url_map.iter_rules():
            for media_type in getattr(app.view_functions[rule.endpoint], "also_takes", ()):
                for method in rule.methods & {"POST", "PUT"}:
                    operation = document["paths"][_path(rule.rule)][method.lower()]
                    content = operation.setdefault("requestBody", {"content": {}})["content"]
                    content[media_type] = {"schema": {"type": "string", "description": "The same in another form."}
                                           if content else {"type": "string", "format": "binary"}}
        return document


def _schema(path: str, parameter: Json, choices: dict[tuple[str, str], list[str]]) -> Json:
    name, found = parameter["name"], parameter["schema"]
    if name in PARTS:
        return PARTS[name]
    # Of an address that is not listed the document says less; a test fails on it.
    if name == "name" and (beginning := path.split("/")[1]) in NAMES:
        return NAMES[beginning]
    if (path, name) in choices:
        return {"type": "string", "enum": choices[path, name]}
    # The router takes no sign.
    return found | {"minimum": 0} if found["type"] == "integer" else found


def _path(rule: str) -> str:
    """Return a rule of the router as the document writes it."""
    return re.sub(r"<([^<:]+:)?", "{", rule).replace(">", "}")
