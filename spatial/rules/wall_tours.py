"""Tours (巡演): what a stop of a wall's tour may be, and which cameras look at a whole place. Pure."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from spatial.rules.alarm_messages import OVERRIDES
from spatial.rules.notes import says

Json = dict[str, Any]
Path = tuple[int | str, ...]
Fault = tuple[Path, str]
"""Where in the stops, from the index on; and what is wrong there."""

STOPS_MOST = 60
TEXT_MOST = 200
"""Characters of a tour's name and of a stop's title."""

SECONDS = 3, 3600
"""A stop lasts at least and at most."""

SHOWS = ("buildings", "density", "use", "entry_rate", "events", "overdue", "alarms", "night")
"""What colours the map at a stop: buildings by residents, density or use; grids by entry rate, open events or overdue
tasks; buildings by open alarms; or nothing but the city as it is."""

LEVELS = {"county": 12, "street": 12, "community": 12, "grid": 15}
"""Levels of places, and the digits of their codes as they stand on record."""

LARGEST_ID = 2**63 - 1

CAMERA = {"lon": (-180, 180), "lat": (-85.05, 85.05), "zoom": (0, 24), "pitch": (0, 85), "bearing": (-360, 360)}
"""Numbers of a camera: degrees EPSG:4490 (as WGS 84 for a map), zoom of tiles of 512 pixels, degrees, degrees from
north."""


def read(stops: Any) -> tuple[list[Json], list[Fault]]:
    """Read the stops of a tour.

    Args:
        stops: parsed JSON.

    Returns:
        The stops with the members that stops have and no others; and all that is wrong with them, in order. With a
        fault the stops are not to be used.
    """
    if not isinstance(stops, list):
        return [], [((), "must be a list of stops")]
    if not 1 <= len(stops) <= STOPS_MOST:
        return [], [((), f"must have 1 to {STOPS_MOST} stops, and has {len(stops):,}")]
    faults: list[Fault] = []
    return [_stop(stop, (index,), faults) for index, stop in enumerate(stops)], faults


def text_fault(text: Any, *, needed: bool) -> str | None:
    """Return what is wrong with a name or title; None where nothing is. Markup is text as any other."""
    if not isinstance(text, str):
        return "must be text"
    if len(text) > TEXT_MOST:
        return f"has {len(text):,} characters; {TEXT_MOST} are the most"
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs"):
            return f"holds the control character U+{ord(character):04X}"
        if character in OVERRIDES:
            return f"turns the direction of text (U+{ord(character):04X})"
    if needed and not says(text):
        return "must say something"
    return None


def _members(value: Any, names: Sequence[str], path: Path, faults: list[Fault]) -> Mapping[str, Any] | None:
    """Return an object that has exactly some members; else None, with the faults told."""
    if not isinstance(value, Mapping):
        faults.append((path, f"must be an object with {', '.join(names)}"))
        return None
    faults += [((*path, name), "is missing") for name in names if name not in value]
    # A name may hold what no answer can.
    unknown = (str(name)[:40].encode(errors="replace").decode() for name in list(value)[:20] if name not in names)
    faults += [((*path, name), "is not known here") for name in unknown]
    return value


def _stop(stop: Any, path: Path, faults: list[Fault]) -> Json:
    names = ("title", "seconds", "target", "show")
    given = _members(stop, names, path, faults)
    if given is None:
        return {}
    if "title" in given and (fault := text_fault(given["title"], needed=False)):
        faults.append(((*path, "title"), fault))
    if "seconds" in given and not _whole(given["seconds"], *SECONDS):
        faults.append(((*path, "seconds"), f"must be a whole number from {SECONDS[0]} to {SECONDS[1]}"))
    if "show" in given and given["show"] not in SHOWS:
        faults.append(((*path, "show"), f"must be one of {', '.join(SHOWS)}"))
    read_target = _target(given["target"], (*path, "target"), faults) if "target" in given else None
    return {**{name: given.get(name) for name in names}, "target": read_target}


def _target(target: Any, path: Path, faults: list[Fault]) -> Json:
    kinds = {"place": ("kind", "level", "code"), "building": ("kind", "id"), "view": ("kind", "camera")}
    kind = target.get("kind") if isinstance(target, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        faults.append(((*path, "kind"), f"must be one of {', '.join(kinds)}"))
        return {}
    given = _members(target, kinds[kind], path, faults)
    if kind == "building" and "id" in given and not _whole(given["id"], 1, LARGEST_ID):
        faults.append(((*path, "id"), "must be the id of a building"))
    if kind == "place" and {"level", "code"} <= set(given):
        _place(given["level"], given["code"], path, faults)
    if kind == "view" and "camera" in given:
        return {"kind": kind, "camera": _camera(given["camera"], (*path, "camera"), faults)}
    return {name: given.get(name) for name in kinds[kind]}


def _place(level: Any, code: Any, path: Path, faults: list[Fault]) -> None:
    if not isinstance(level, str) or level not in LEVELS:
        faults.append(((*path, "level"), f"must be one of {', '.join(LEVELS)}"))
    elif not isinstance(code, str) or level_of(code) != level:
        faults.append(((*path, "code"), f"must be the code of a {level} as it is on record: {LEVELS[level]} digits"))


def level_of(code: str) -> str | None:
    """Return the level of the place that a code on record means; None where it is none."""
    if not (code.isascii() and code.isdigit()):
        return None
    if len(code) == LEVELS["grid"]:
        return "grid"
    if len(code) != LEVELS["county"]:
        return None
    return "county" if code.endswith("000000") else "street" if code.endswith("000") else "community"


def _camera(camera: Any, path: Path, faults: list[Fault]) -> Json:
    given = _members(camera, tuple(CAMERA), path, faults)
    if given is None:
        return {}
    for name, (low, high) in CAMERA.items():
        # Without a conversion: JSON knows whole numbers that no float holds.
        number = given.get(name)
        if name in given and (isinstance(number, bool) or not isinstance(number, int | float)
                              or not low <= number <= high):
            faults.append(((*path, name), f"must be a number from {low} to {high}"))
    return {name: given.get(name) for name in CAMERA}


def _whole(number: Any, low: int, high: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and low <= number <= high


WINDOW = 1600, 900
"""Pixels of the window that made cameras are for, of 512 pixels for a tile of zoom 0; panels take the rest."""

PITCH = 50.0


def around(bounds: Sequence[float], bearings: Sequence[float]) -> list[Json]:
    """Return cameras that look at the whole of a place from some sides.

    Args:
        bounds: west, south, east, north; degrees, EPSG:4490.
        bearings: degrees from north, one camera each.
    """
    west, south, east, north = bounds
    top, bottom = _mercator(north), _mercator(south)
    # Turned, a place is as wide as its diagonal at most.
    across = max(math.hypot((east - west) / 360, bottom - top), 1e-7)
    zoom = min(18.0, max(0.0, math.log2(min(WINDOW) / (512 * across))))
    middle = (top + bottom) / 2
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * middle))))
    return [{"lon": round((west + east) / 2, 6), "lat": round(lat, 6), "zoom": round(zoom, 2), "pitch": PITCH,
             "bearing": float(bearing)} for bearing in bearings]


def _mercator(lat: float) -> float:
    """Return the row of a latitude, 0 north to 1 south, of Web Mercator."""
    lat = max(-CAMERA["lat"][1], min(CAMERA["lat"][1], lat))
    return (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
