"""Arguments of operations as a program sends them: GeoJSON in degrees and plain values, read with all their faults."""

from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from spatial.drafting.methods import METHODS
from spatial.errors import InvalidInput
from spatial.geometry import to_lattice
from spatial.queries.plans.desk import CODES_MOST

PLACES_MOST = 20_000
"""Corners of one geometry."""

LISTED_MOST = 20_000
NAME_MOST = 200
LARGEST_ID = 2**63 - 1


class _Wrong(Exception):
    """A value is not what it should be; the message completes the sentence."""


def _geometry(*kinds: str) -> Callable[[Any], BaseGeometry]:
    def read(value: Any) -> BaseGeometry:
        if not isinstance(value, dict) or value.get("type") not in kinds:
            raise _Wrong(f"is a GeoJSON {' or '.join(kinds)}")
        if _count(value.get("coordinates")) > PLACES_MOST:
            raise _Wrong(f"has {PLACES_MOST:,} places at most")
        try:
            shape = shapely.geometry.shape(value)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError):
            raise _Wrong("has coordinates that are none") from None
        if shape.is_empty:
            raise _Wrong("is empty")
        if kinds[0] in ("Polygon", "MultiPolygon") and not shape.is_valid:
            # What crosses itself is refused with its place, so that it must not be mended on the way.
            return shapely.transform(shapely.force_2d(shape), lambda xy: (xy * 1e8).round())
        try:
            return to_lattice(shape)
        except InvalidInput as error:
            raise _Wrong(error.faults[0][1]) from None

    return read


def _count(value: Any) -> int:
    """Return how many lists of no lists a value holds, however deep they lie."""
    found, stack = 0, [value]
    while stack and found <= PLACES_MOST:
        one = stack.pop()
        if isinstance(one, list):
            inner = [item for item in one if isinstance(item, list)]
            found += not inner
            stack += inner
    return found


def _place(value: Any) -> shapely.Point:
    if not (isinstance(value, list) and len(value) == 2
            and all(isinstance(part, int | float) and not isinstance(part, bool) for part in value)):
        raise _Wrong("is a list of longitude and latitude")
    return _geometry("Point")({"type": "Point", "coordinates": value})


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST_ID:
        raise _Wrong("is a whole number above 0")
    return value


def _wholes(value: Any) -> list[int]:
    if not isinstance(value, list) or not value or len(value) > LISTED_MOST:
        raise _Wrong(f"is a list of 1 to {LISTED_MOST:,} whole numbers")
    return list(dict.fromkeys(_whole(one) for one in value))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > NAME_MOST or "\0" in value:
        raise _Wrong(f"is a text of 1 to {NAME_MOST} characters")
    return value.strip()


def _nullable(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _word(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise _Wrong(f"is one of {', '.join(words)}")
        return value

    return read


def _between(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not low <= _whole(value) <= high:
            raise _Wrong(f"lies within {low} and {high}")
        return value

    return read


AREA, LINE = _geometry("Polygon", "MultiPolygon"), _geometry("LineString")

ARGUMENTS: dict[str, dict[str, tuple[bool, Callable[[Any], Any]]]] = {
    "create": {"polygon": (True, AREA)},
    "split": {"line": (True, LINE), "faces": (False, _wholes)},
    "merge": {"faces": (True, _wholes), "into": (False, _whole)},
    "move_vertex": {"at": (True, _place), "to": (True, _place)},
    "move_edge": dict.fromkeys(("a", "b", "to_a", "to_b"), (True, _place)),
    "assign": {"buildings": (True, _wholes), "face": (True, _whole)},
    "straighten": {"faces": (True, _wholes), "line": (True, LINE)},
    "give": {"piece": (True, AREA), "to": (True, _whole)},
    "trim": {"face": (True, _whole)},
    "match": {},
    "renumber": {},
    "rename": {"face": (True, _whole), "name": (False, _text),
               "grid_kind": (False, _word("basic", "special"))},
    "keeper": {"face": (True, _whole), "keeper": (True, _nullable(_text))},
    "auto_draft": {"method": (False, _word(*METHODS)), "count": (False, _between(1, CODES_MOST)),
                   "target": (False, _between(1, 100_000)), "seed": (False, _between(1, 1_000_000)),
                   "faces": (False, _wholes)},
    "rebalance": {},
}
"""Arguments of each operation: whether each is needed, and what reads it."""


def read(kind: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an operation: geometries in lattice units, all else as it is.

    Args:
        kind: of the operation. given: what was sent beside it; geometries in degrees, EPSG:4490 (lon, lat).

    Raises:
        InvalidInput: names every fault.
    """
    if not isinstance(kind, str) or kind not in ARGUMENTS:
        raise InvalidInput("There is no such operation; nothing was done.",
                           [("kind", f"is one of {', '.join(ARGUMENTS)}")], "See /api/openapi.json.")
    known, faults, found = ARGUMENTS[kind], [], {}
    for name, (needed, reader) in known.items():
        if name not in given:
            if needed:
                faults.append((name, "is needed"))
            continue
        try:
            found[name] = reader(given[name])
        except _Wrong as wrong:
            faults.append((name, str(wrong)))
    faults += [(name, "is no argument of it") for name in given if name not in known]
    if faults:
        told = "; ".join(f"{place} {message}" for place, message in faults[:5])
        raise InvalidInput(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the operation {kind}: {told}; "
                           "nothing was done.", faults, "See /api/openapi.json.")
    return found
