"""CQL2 filters into conditions: every value bound, every property looked up in the collection."""

import json
from datetime import datetime, tzinfo
from typing import Any

import shapely
from psycopg import sql

from spatial.queries.features import CRS84, EPSG_3857, Condition
from webmap.fields import storable
from webmap.ogc import cql_geometry, cql_text, times
from webmap.ogc.collections import TIME, Collection
from webmap.ogc.cql_text import DEEPEST
from webmap.ogc.faults import BadRequest

GEOMETRY = "geometry"
"""Name of the geometry in filters, as the queryables say it."""

SPATIAL = {
    "s_intersects": "ST_Intersects", "s_within": "ST_Within", "s_contains": "ST_Contains", "s_touches": "ST_Touches",
    "s_crosses": "ST_Crosses", "s_overlaps": "ST_Overlaps", "s_equals": "ST_Equals", "s_disjoint": "ST_Disjoint",
}
"""Functions on the drawn geometry (EPSG:3857), which has the index."""

COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})

MOST_PARTS = 1000
"""Operators and values of lists in a filter at most. Each binds three values at most, of which a statement
takes 65,535."""

_IN_DEGREES = "ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON({slot}), 4326), 3857)"
_IN_METRES = "ST_SetSRID(ST_GeomFromGeoJSON({slot}), 3857)"


def read(text: str, language: str) -> dict[str, Any] | bool:
    """Return a filter as CQL2 JSON: an operator with its arguments, or a boolean literal.

    Args:
        text: of the parameter ``filter`` or of a body.
        language: ``cql2-text`` or ``cql2-json``.

    Raises:
        BadRequest: it cannot be read.
    """
    if language == "cql2-text":
        return cql_text.parse(text)
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadRequest("The filter is not JSON.", "Send one CQL2 JSON object.") from None
    if not isinstance(found, dict | bool):
        raise BadRequest("The filter is not a JSON object.", 'Send {"op": …, "args": […]}.')
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def condition(collection: Collection, node: Any, zone: tzinfo, crs: str = CRS84) -> Condition:
    """Translate a filter.

    Args:
        collection: whose properties it names.
        node: CQL2 JSON.
        zone: in which the days of ``DATE`` begin and end.
        crs: URI of the coordinate system of geometries in it, in its own axis order.

    Raises:
        BadRequest: an operator that is not there, a property that is not one of the collection, values
            that do not fit together, a geometry that is not valid.
    """
    return _Translation(collection, zone, crs).condition(node, 0)


class _Translation:
    def __init__(self, collection: Collection, zone: tzinfo, crs: str) -> None:
        self._collection = collection
        self._zone = zone
        self._crs = crs
        self._parts_seen = 0

    def condition(self, node: Any, depth: int) -> Condition:
        if depth > DEEPEST:
            raise BadRequest(f"The filter has more than {DEEPEST} levels.", "Write it with fewer.")
        self._count(1)
        if isinstance(node, bool):
            return Condition(sql.SQL("TRUE" if node else "FALSE"), ())
        operator, args = self._parts(node)
        if operator in ("and", "or"):
            return _joined([self.condition(arg, depth + 1) for arg in args], f" {operator.upper()} ")
        if operator == "not":
            inner = self.condition(self._exactly(args, 1)[0], depth + 1)
            return Condition(sql.SQL("(NOT {})").format(inner.text), inner.values)
        if operator in SPATIAL:
            return self._spatial(operator, self._exactly(args, 2))
        if operator.startswith("t_"):
            return self._temporal(operator, self._exactly(args, 2))
        return self._scalar(operator, args)

    def _count(self, parts: int) -> None:
        self._parts_seen += parts
        if self._parts_seen > MOST_PARTS:
            raise BadRequest(f"The filter has more than {MOST_PARTS:,} operators and values of lists.",
                             "Ask for less at once, in several requests.")

    def _parts(self, node: Any) -> tuple[str, list[Any]]:
        if not isinstance(node, dict) or not isinstance(node.get("op"), str):
            raise BadRequest("A part of the filter is no comparison.", "Compare a property with a value.")
        args = node.get("args")
        if not isinstance(args, list) or not args:
            raise BadRequest(f"Operator {node['op'][:20]!r} has no list of arguments.", "Write args: […].")
        return node["op"], args

    def _exactly(self, args: list[Any], number: int) -> list[Any]:
        if len(args) != number:
            raise BadRequest(f"An operator of the filter takes {number} arguments.", "See the queryables' page.")
        return args

    def _scalar(self, operator: str, args: list[Any]) -> Condition:
        if operator == "isNull" and args == [{"property": GEOMETRY}]:
            return Condition(sql.SQL("({} IS NULL)").format(self._drawn()))
        text, kind = self._property(args[0])
        match operator:
            case "isNull":
                self._exactly(args, 1)
                return Condition(sql.SQL("({} IS NULL)").format(text))
            case "like":
                pattern = self._bound("String", self._exactly(args, 2)[1])
                if kind != "String":
                    raise BadRequest("LIKE compares texts only.", "Use =, < or BETWEEN.")
                if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
                    raise BadRequest("A pattern of LIKE ends with the backslash that escapes.", "Double it.")
                return Condition(sql.SQL("({} LIKE {})").format(text, sql.Placeholder()), (pattern,))
            case "between":
                low, high = (self._ends(kind, arg) for arg in self._exactly(args, 3)[1:])
                return _within(text, low[0], high[1])
            case "in":
                options = self._exactly(args, 2)[1]
                if not isinstance(options, list) or not options:
                    raise BadRequest("IN has no list.", "Write at least one value.")
                self._count(len(options))
                return _among(text, [self._ends(kind, option) for option in options])
        if operator not in COMPARISONS:
            raise BadRequest(f"There is no operator {operator[:20]!r}.", cql_text.CURE)
        first, last = self._ends(kind, self._exactly(args, 2)[1])
        if first != last and operator in ("=", "<>"):
            day = _within(text, first, last)
            return day if operator == "=" else Condition(sql.SQL("(NOT {})").format(day.text), day.values)
        value = first if operator in ("<", ">=") else last
        return Condition(sql.SQL("({} {} {})").format(text, sql.SQL(operator), sql.Placeholder()), (value,))

    def _property(self, node: Any) -> tuple[sql.Composable, str]:
        name = node.get("property") if isinstance(node, dict) else None
        found = self._collection.properties.get(name) if isinstance(name, str) else None
        if found is None:
            raise BadRequest(
                f"The left side of a comparison is no property of {self._collection.name}.",
                f"Properties: {', '.join(self._collection.properties)}.",
            )
        return sql.SQL(found.sql), found.kind

    def _ends(self, kind: str, value: Any) -> tuple[Any, Any]:
        """Return the first and the last value that a literal means: twice the same, but for a day."""
        if kind == TIME:
            return _span(value, self._zone)
        bound = self._bound(kind, value)
        return bound, bound

    def _bound(self, kind: str, value: Any) -> Any:
        """Return a literal as a value of a property's kind."""
        fits = {"String": isinstance(value, str), "Boolean": isinstance(value, bool),
                "Number": isinstance(value, (int, float)) and not isinstance(value, bool)}[kind]
        if not fits:
            raise BadRequest(f"A {kind.lower()} is compared with something else.",
                             "Texts stand in quotes, numbers do not.")
        if kind == "String" and not storable(value):
            raise BadRequest("A text of the filter holds a character that cannot be stored.",
                             "Leave out NUL and halves of surrogate pairs.")
        return cql_geometry.finite(value) if kind == "Number" else value

    def _spatial(self, operator: str, args: list[Any]) -> Condition:
        if not (isinstance(args[0], dict) and args[0].get("property") == GEOMETRY):
            raise BadRequest(f"The first argument of a spatial operator must be {GEOMETRY}.", cql_text.CURE)
        literal = cql_geometry.literal(args[1], self._crs)
        shape = json.dumps(shapely.geometry.mapping(literal))
        drawn = _IN_METRES if self._crs == EPSG_3857 else _IN_DEGREES
        # The function alone would not use the index under row security.
        boxed = "" if operator == "s_disjoint" else f"{{drawn}} && {drawn} AND "
        text = sql.SQL(f"({boxed}{SPATIAL[operator]}({{drawn}}, {drawn}))").format(
            drawn=self._drawn(), slot=sql.Placeholder())
        return Condition(text, (shape, shape) if boxed else (shape,))

    def _drawn(self) -> sql.Identifier:
        return sql.Identifier(self._collection.source.table, "geom_web")

    def _temporal(self, operator: str, args: list[Any]) -> Condition:
        text, kind = self._property(args[0])
        if kind != TIME:
            raise BadRequest("A temporal operator compares a property that is no time.", "See the queryables.")
        first, last = _interval(args[1], self._zone)
        slot = sql.Placeholder()
        parts = {
            "t_before": ("{} < {}", first), "t_after": ("{} > {}", last),
        }
        if operator in parts:
            template, end = parts[operator]
            if end is None:
                return Condition(sql.SQL("false"))
            return Condition(sql.SQL(f"({template})").format(text, slot), (end,))
        if operator in ("t_during", "t_intersects", "t_equals"):
            ends = [(sign, end) for sign, end in ((">=", first), ("<=", last)) if end is not None]
            conditions = [Condition(sql.SQL(f"{{}} {sign} {{}}").format(text, slot), (end,)) for sign, end in ends]
            return _joined(conditions or [Condition(sql.SQL("{} IS NOT NULL").format(text))], " AND ")
        raise BadRequest(f"There is no operator {operator[:20]!r}.",
                         "Temporal operators: T_BEFORE, T_AFTER, T_DURING, T_INTERSECTS, T_EQUALS.")


def _joined(conditions: list[Condition], word: str) -> Condition:
    text = sql.SQL("({})").format(sql.SQL(word).join([one.text for one in conditions]))
    return Condition(text, tuple(value for one in conditions for value in one.values))


def _within(text: sql.Composable, first: Any, last: Any) -> Condition:
    slot = sql.Placeholder()
    return Condition(sql.SQL("({} BETWEEN {} AND {})").format(text, slot, slot), (first, last))


def _among(text: sql.Composable, options: list[tuple[Any, Any]]) -> Condition:
    """Return the condition that a value is one of some, each given by its first and its last."""
    single = tuple(first for first, last in options if first == last)
    conditions = [_within(text, first, last) for first, last in options if first != last]
    if single:
        slots = sql.SQL(", ").join([sql.Placeholder()] * len(single))
        conditions.append(Condition(sql.SQL("({} IN ({}))").format(text, slots), single))
    return _joined(conditions, " OR ")


def _span(value: Any, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant of a literal."""
    if isinstance(value, dict):
        value = value.get("timestamp") or value.get("date")
    if not isinstance(value, str):
        raise BadRequest("A time is compared with something else.", "Write TIMESTAMP('2026-11-01T00:00:00Z').")
    return times.span(value, zone)


def _interval(value: Any, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    if isinstance(value, dict) and isinstance(value.get("interval"), list):
        ends = [end.get("timestamp") or end.get("date") if isinstance(end, dict) else end for end in value["interval"]]
        if len(ends) != 2 or not all(isinstance(end, str) for end in ends):
            raise BadRequest("An interval has not two ends.", "Write INTERVAL('…', '…').")
        return (None, None) if ends == ["..", ".."] else times.interval("/".join(ends), zone)
    return _span(value, zone)
