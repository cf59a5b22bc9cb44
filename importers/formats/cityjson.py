"""CityJSON 1.0, 1.1 and 2.0 (.city.json, .json): of each object a footprint, a height and its attributes.

Specification: CityJSON 2.0.1, sections 2 (objects), 3 (geometry), 4 (transform) and 5 (metadata). The footprint is the
union of the ground surfaces of the most detailed solid; without such surfaces, the outline of LoD 0 or of everything.
An object of several parts is one row, and the parts are none.
"""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers.formats import tables
from importers.formats.base import FAULT, GEOMETRY, HEAD_BYTES, Format, Layer, Reader, head, looks_like, tail
from spatial.errors import SourceError

_TYPE = re.compile(rb'"type"\s*:\s*"CityJSON"|"CityObjects"\s*:')
_VERSIONS = ("1.0", "1.1", "2.0")
_AGAIN = "Nothing was imported. Check it with cjval, or export it again."
_EPSG = re.compile(r"EPSG(?:/\d+/|/0/|:+(?:\d+\.\d+)?:?)(\d+)$", re.IGNORECASE)
_WHOLE = ("Building", "Bridge", "Tunnel", "Road", "Railway", "WaterBody", "PlantCover", "SolitaryVegetationObject",
          "LandUse", "CityFurniture", "GenericCityObject", "TransportSquare", "Waterway", "OtherConstruction")
FIELDS = {"id": "text", "type": "text", "height": "number", "ground": "number", "floors": "number",
          "floors_below": "number"}
"""What every object has: its name, its type, height in metres above its own ground, ground as the file counts
heights, storeys."""

_ROWS = 2000
_BAD = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)


class _City:
    """An opened CityJSON file; each type of object is a layer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open(encoding="utf-8-sig") as file:
                said = json.load(file, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path.name} is not JSON: damaged, cut off, or nested too deep.", _AGAIN) from error
        if not isinstance(said, dict) or said.get("type") != "CityJSON" \
                or not str(said.get("version", "")).startswith(_VERSIONS):
            raise SourceError(f"{path.name} is not CityJSON of version {', '.join(_VERSIONS)}.", _AGAIN)
        try:
            self._objects: dict[str, dict] = dict(said["CityObjects"])
            self._vertices = _vertices(said)
            self._crs = _crs((said.get("metadata") or {}).get("referenceSystem"))
            self._tops = {name: one for name, one in self._objects.items()
                          if one["type"].removeprefix("+") in _WHOLE and not one.get("parents")}
        except _BAD as error:
            raise SourceError(f"{path.name}: its objects, vertices or transform are not as CityJSON has them.",
                              _AGAIN) from error

    def names(self) -> list[str]:
        found = dict.fromkeys(one["type"] for one in self._tops.values())
        return list(found) or ["CityObjects"]

    def describe(self, name: str) -> Layer:
        kinds = dict(FIELDS)
        count = 0
        for one in self._of(name):
            count += 1
            for key, value in _attributes(one[1]).items():
                number = isinstance(value, int | float) and not isinstance(value, bool)
                kind = "number" if number else "text" if isinstance(value, str) else "any"
                if value is not None and key not in FIELDS:
                    kinds[key] = kind if kinds.get(key, kind) == kind else "any"
        if len(kinds) > tables.MOST_COLUMNS:
            raise SourceError(f"{self.path.name} has {len(kinds):,} attributes; {tables.MOST_COLUMNS:,} are the most.",
                              _AGAIN)
        return Layer(name, kinds, count, self._crs, GEOMETRY, "CityJSON",
                     notes=("height is from the lowest to the highest point of each object, metres.",))

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        kinds = self.describe(name).kinds
        part: list[dict[str, Any]] = []
        for key, one in self._of(name):
            part.append(self._row(key, one))
            if len(part) == min(rows, _ROWS):
                yield _batch(part, kinds)
                part = []
        if part:
            yield _batch(part, kinds)

    def _of(self, name: str) -> Iterator[tuple[str, dict]]:
        return ((key, one) for key, one in self._tops.items() if one["type"] == name)

    def _row(self, key: str, one: dict) -> dict[str, Any]:
        row = {**_attributes(one), "id": key, "type": one["type"]}
        try:
            footprint, low, high = self._shape(key, one)
        except _BAD:
            return {**row, FAULT: "unreadable-geometry|its geometry points to vertices or surfaces that are not there"}
        said = _attributes(one)
        measured = said.get("measuredHeight")
        row["height"] = float(measured) if _is_number(measured) else None if low is None else round(high - low, 3)
        row["ground"] = low
        row["floors"] = _whole(said.get("storeysAboveGround"))
        row["floors_below"] = _whole(said.get("storeysBelowGround"))
        row[GEOMETRY] = footprint
        return row

    def _shape(self, key: str, one: dict) -> tuple[bytes | None, float | None, float | None]:
        import shapely

        ground, everything, flat, heights = [], [], [], []
        for geometry in self._geometries(key, one, set()):
            surfaces = list(_surfaces(geometry))
            level = str(geometry.get("lod", ""))
            for rings, meaning in surfaces:
                points = [[self._vertices[_index(at)] for at in ring] for ring in rings]
                heights += [point[2] for ring in points for point in ring] if not level.startswith("0") else []
                outline = _polygon(points)
                if outline is None:
                    continue
                (flat if level.startswith("0") else everything).append(outline)
                if meaning == "GroundSurface":
                    ground.append(outline)
        parts = ground or flat or everything
        if not parts:
            return None, None, None
        # Surfaces of a solid stand upright or over each other; the millimetre grid closes the seams.
        union = shapely.union_all([one if one.is_valid else one.buffer(0) for one in parts], grid_size=0.001
                                  if max(map(abs, parts[0].bounds)) > 400 else 0)
        low, high = (min(heights), max(heights)) if heights else (None, None)
        return shapely.to_wkb(union), low, high

    def _geometries(self, key: str, one: dict, seen: set[str]) -> Iterator[dict]:
        """Yield the most detailed geometry of an object and of its parts, and the outline of LoD 0."""
        seen.add(key)
        found = sorted((geometry for geometry in one.get("geometry") or [] if "boundaries" in geometry
                        and geometry.get("type") in _FLATTEN), key=lambda geometry: str(geometry.get("lod", "")))
        if found:
            yield found[-1]
            if str(found[0].get("lod", "")).startswith("0") and found[0] is not found[-1]:
                yield found[0]
        for child in one.get("children") or []:
            if child not in seen and len(seen) < 10_000 and "Part" in self._objects[child]["type"]:
                yield from self._geometries(child, self._objects[child], seen)


def _no_number(text: str) -> None:
    raise ValueError(text)


def _vertices(said: dict) -> list[tuple[float, float, float]]:
    transform = said.get("transform") or {"scale": [1, 1, 1], "translate": [0, 0, 0]}
    scale, shift = [float(one) for one in transform["scale"]], [float(one) for one in transform["translate"]]
    vertices = [tuple(float(value) * s + t for value, s, t in zip(one, scale, shift, strict=True))
                for one in said["vertices"]]
    if not all(math.isfinite(value) for one in vertices for value in one):
        raise ValueError("infinite")
    return vertices


def _index(at: object) -> int:
    # Python counts a negative one from the end; CityJSON does not know any.
    if not isinstance(at, int) or at < 0:
        raise IndexError(at)
    return at


def _polygon(rings: list[list[tuple[float, float, float]]]) -> Any:
    import shapely

    flat = [[point[:2] for point in ring] for ring in rings]
    if not flat or len(set(flat[0])) < 3:
        return None
    shape = shapely.Polygon(flat[0], [ring for ring in flat[1:] if len(set(ring)) > 2])
    # Walls seen from above have no area.
    return shape if shape.area > 0 else None


def _surfaces(geometry: dict) -> Iterator[tuple[list[list[int]], str | None]]:
    """Yield the surfaces of a geometry: rings of vertex numbers, and what the surface is."""
    semantics = geometry.get("semantics") or {}
    kinds = [one.get("type") for one in semantics.get("surfaces") or []]
    numbers = semantics.get("values")
    for rings, number in _FLATTEN[geometry["type"]](geometry["boundaries"], numbers):
        yield rings, kinds[_index(number)] if number is not None else None


def _several(surfaces: list, values: list | None) -> Iterator[tuple[list, int | None]]:
    yield from zip(surfaces, values if isinstance(values, list) else [None] * len(surfaces), strict=True)


def _solid(shells: list, values: list | None) -> Iterator[tuple[list, int | None]]:
    for at, shell in enumerate(shells):
        yield from _several(shell, values[at] if isinstance(values, list) else None)


def _solids(solids: list, values: list | None) -> Iterator[tuple[list, int | None]]:
    for at, solid in enumerate(solids):
        yield from _solid(solid, values[at] if isinstance(values, list) else None)


_FLATTEN = {"MultiSurface": _several, "CompositeSurface": _several, "Solid": _solid, "MultiSolid": _solids,
            "CompositeSolid": _solids}


def _attributes(one: dict) -> dict[str, Any]:
    said = one.get("attributes")
    return {str(key): value for key, value in said.items() if key != FAULT} if isinstance(said, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: object) -> int | None:
    return int(value) if _is_number(value) and abs(value) < 10_000 else None


def _crs(said: object) -> str | None:
    if not isinstance(said, str):
        return None
    found = _EPSG.search(said)
    return f"EPSG:{found[1]}" if found else said


def _batch(rows: list[dict[str, Any]], kinds: dict[str, str]) -> pa.RecordBatch:
    arrays: dict[str, pa.Array] = {}
    for name, kind in kinds.items():
        values = [row.get(name) for row in rows]
        if kind == "number":
            arrays[name] = pa.array([float(value) if _is_number(value) else None for value in values], pa.float64())
        else:
            arrays[name] = pa.array([value if value is None or isinstance(value, str) else
                                     json.dumps(value, ensure_ascii=False) for value in values], pa.string())
    arrays[GEOMETRY] = pa.array([row.get(GEOMETRY) for row in rows], pa.binary())
    arrays[FAULT] = pa.array([row.get(FAULT) for row in rows], pa.string())
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def recognised(path: Path) -> bool:
    """Tell whether a JSON file is CityJSON by its beginning and its end: its members have no order."""
    return _TYPE.search(head(path)) is not None or _TYPE.search(tail(path, HEAD_BYTES)) is not None


def open_file(path: Path, folder: Path) -> Reader:
    """Open a CityJSON file.

    Raises:
        SourceError: it is something else or damaged.
    """
    beginning = head(path)
    if not beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise SourceError(f"{path.name} is not CityJSON but {looks_like(beginning)}.",
                          "Nothing was imported. Give the file its right ending.")
    return _City(path)


FORMAT = Format("CityJSON", (".city.json", ".cityjson"), open_file)
