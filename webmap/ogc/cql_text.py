"""CQL2 text into CQL2 JSON, the form in which filters are translated (OGC 21-065r2, basic CQL2 and more).

pygeofilter, which pygeoapi uses, joins AND and OR from left to right without precedence, knows no doubled
quote and prints coordinates to the standard output (decision 14).
"""

import re
from collections.abc import Callable
from typing import Any

import shapely
from shapely.errors import GEOSException

from webmap.ogc.faults import BadRequest

LONGEST = 8000
"""Characters of a filter at most."""

DEEPEST = 50
"""Levels of parentheses, calls and NOT at most."""

_TOKEN = re.compile(r"""
    \s*(?:
      (?P<geometry>(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*(?:Z\s*)?\([-+0-9.eE,\s()A-Z]*\))
    | (?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    | (?P<text>'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"[^"]+")
    | (?P<word>[^\W\d][\w.:]*)
    | (?P<sign><=|>=|<>|[=<>(),])
    )
""", re.VERBOSE | re.IGNORECASE | re.DOTALL)

_ESCAPED = re.compile(r"''|\\([\\'abtnvfr])")
_ESCAPES = {"\\": "\\", "'": "'", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}

_COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
_KEYWORDS = {"AND", "OR", "NOT", "IS", "NULL", "LIKE", "BETWEEN", "IN", "TRUE", "FALSE"}
_TIMES = {"DATE": "date", "TIMESTAMP": "timestamp"}

EXAMPLE = "use = 'school' AND S_INTERSECTS(geometry, BBOX(117.27, 31.85, 117.29, 31.87))"
"""A filter of buildings that finds some in the sample city."""

CURE = f"Write CQL2 text, such as: {EXAMPLE}."

Json = dict[str, Any] | bool


def parse(text: str) -> Json:
    """Return a filter in CQL2 text as CQL2 JSON.

    Args:
        text: e.g. ``use = 'school' AND (height_m > 20 OR floors BETWEEN 5 AND 9)``. Without a mark, geometries
            are WKT, ``BBOX(west, south, east, north)`` is a box, ``TIMESTAMP('…')`` and ``DATE('…')`` times. A quote
            in a text is doubled or has a backslash before it; ``\\\\`` and ``\\a \\b \\t \\n \\v \\f \\r`` are read
            too, any other backslash stays, as patterns of LIKE need it.

    Returns:
        Nested ``{"op": …, "args": […]}``, or a boolean literal.

    Raises:
        BadRequest: not CQL2, too long or too deep.
    """
    if len(text) > LONGEST:
        raise BadRequest(f"The filter is longer than {LONGEST} characters.", "Ask for less at once.")
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadRequest(f"The filter cannot be read at character {position + 1}.", CURE)
        kind = match.lastgroup
        value = match.group(kind)
        if kind == "geometry":
            # The text matches more than one geometry: take it up to the parenthesis that closes it.
            value = value[:_closed(value)]
        found.append(("keyword" if kind == "word" and value.upper() in _KEYWORDS else kind, value))
        position = match.start(kind) + len(value)
    return found


def _closed(text: str) -> int:
    level = 0
    for place, character in enumerate(text):
        level += (character == "(") - (character == ")")
        if character == ")" and level == 0:
            return place + 1
    return len(text)


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Json:
        found = self._either()
        if self._next < len(self._tokens):
            raise self._fault()
        return found

    def _fault(self) -> BadRequest:
        return BadRequest(f"The filter cannot be read from its word {self._next + 1} on.", CURE)

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _take(self, *values: str) -> bool:
        kind, value = self._peek()
        if kind in ("keyword", "sign", "word") and value.upper() in values:
            self._next += 1
            return True
        return False

    def _must(self, *values: str) -> None:
        if not self._take(*values):
            raise self._fault()

    def _deeper(self, inner: Callable[[], Json]) -> Json:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadRequest(f"The filter has more than {DEEPEST} levels.", "Write it with fewer parentheses.")
        found = inner()
        self._depth -= 1
        return found

    def _either(self) -> Json:
        return self._joined("OR", lambda: self._joined("AND", self._negated))

    def _joined(self, word: str, part: Callable[[], Json]) -> Json:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else {"op": word.lower(), "args": parts}

    def _negated(self) -> Json:
        if self._take("TRUE"):
            return True
        if self._take("FALSE"):
            return False
        if self._take("NOT"):
            return {"op": "not", "args": [self._deeper(self._negated)]}
        if self._peek() == ("sign", "("):
            self._next += 1
            found = self._deeper(self._either)
            self._must(")")
            return found
        return self._predicate()

    def _predicate(self) -> Json:
        kind, value = self._peek()
        if kind == "word" and value.upper().startswith(("S_", "T_")) and self._peek(1) == ("sign", "("):
            self._next += 2
            first = self._value()
            self._must(",")
            second = self._value()
            self._must(")")
            return {"op": value.lower(), "args": [first, second]}
        left = self._value()
        if self._take("IS"):
            negated = self._take("NOT")
            self._must("NULL")
            return _unless(negated, {"op": "isNull", "args": [left]})
        negated = self._take("NOT")
        if self._take("LIKE"):
            return _unless(negated, {"op": "like", "args": [left, self._value()]})
        if self._take("BETWEEN"):
            low = self._value()
            self._must("AND")
            return _unless(negated, {"op": "between", "args": [left, low, self._value()]})
        if self._take("IN"):
            self._must("(")
            options = [self._value()]
            while self._take(","):
                options.append(self._value())
            self._must(")")
            return _unless(negated, {"op": "in", "args": [left, options]})
        operator = self._peek()[1]
        if negated or operator not in _COMPARISONS:
            raise self._fault()
        self._next += 1
        return {"op": operator, "args": [left, self._value()]}

    def _value(self) -> Any:
        kind, value = self._peek()
        if kind in ("end", "sign") or (kind == "keyword" and value.upper() not in ("TRUE", "FALSE")):
            raise self._fault()
        self._next += 1
        match kind:
            case "number":
                return float(value)
            case "text":
                return _ESCAPED.sub(lambda found: _ESCAPES[found[1] or "'"], value[1:-1])
            case "quoted":
                return {"property": value[1:-1]}
            case "keyword":
                return value.upper() == "TRUE"
            case "geometry":
                return _geometry(value)
        if self._peek() != ("sign", "("):
            return {"property": value}
        return self._deeper(lambda: self._call(value.upper()))

    def _call(self, name: str) -> Json:
        self._must("(")
        arguments = [self._value()]
        while self._take(","):
            arguments.append(self._value())
        self._must(")")
        if name in _TIMES and len(arguments) == 1:
            return {_TIMES[name]: arguments[0]}
        if name in ("BBOX", "INTERVAL"):
            return {name.lower(): arguments}
        raise BadRequest("The filter calls a function that is not there.",
                         "There are BBOX, DATE, TIMESTAMP and INTERVAL.")


def _unless(negated: bool, inner: Json) -> Json:
    return {"op": "not", "args": [inner]} if negated else inner


def _geometry(text: str) -> Json:
    try:
        return shapely.geometry.mapping(shapely.from_wkt(text))
    except GEOSException:
        raise BadRequest("A geometry of the filter is not WKT.", CURE) from None
