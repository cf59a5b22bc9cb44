"""The scene of one building taken apart (展开楼栋): its storeys lifted off one another, each room by its state.

Numbers and codes only. The plan is derived from outline, units and rooms (``spatial/rules/storeys.py``); how high a
room is drawn tells its state beside its colour, which the page has.
"""

import json
import math
from typing import Any, NamedTuple

import numpy as np
import pydeck as pdk
import shapely

from spatial.queries.building_rooms import Contents
from spatial.rules import storeys
from spatial.rules.ellipsoid import local
from spatial.rules.occupancy import BUSINESS, CARE, OCCUPIED, RENTED, UNSURVEYED, VACANT
from spatial.rules.storeys import Stack

EMPTY = "empty"
"""State of a part of a storey where no room is on record."""

STOREY_M = (2.4, 6.0)
"""A storey that is lower or higher, because the height or the count of storeys is wrong, is drawn as if it were not."""

SLAB_M = 0.3

LOOK_DEG = 63.0
"""How far from straight down the page looks at it: lower than 72, above which the map does not tilt."""

AIR_M = 1.2
"""Least air between two storeys."""

STACK_M = 100.0
"""All storeys together are about as high as this where they need not be higher."""

SEEN = 0.8
"""Share of a storey that the one above leaves free to see."""

INSET = (0.25, 0.04)
"""Rooms are drawn smaller than they are, so that each stands by itself: metres, and at most this share of a side."""

HEIGHTS = {OCCUPIED: 0.55, RENTED: 0.4, CARE: 0.75, BUSINESS: 0.3, UNSURVEYED: 0.55, VACANT: 0.06, EMPTY: 0.02}
"""Of a storey."""

Json = dict[str, Any]


class Measures(NamedTuple):
    """Metres: height of a storey, air between two of them; and how many storeys lie below ground."""

    storey_m: float
    gap_m: float
    below: int


def building(contents: Contents) -> Json:
    """Return the scene of a building as the page takes it.

    Returns:
        ``deck``: deck.gl JSON of the layers ``exploded-slabs`` (one row for each polygon of a storey) and
        ``exploded-rooms`` (one for each of a room); ``floors`` from the lowest; ``base_m``: above the datum, or
        None; ``measures``; ``centres``: room id → (lon, lat); ``units``: number and (lon, lat) of each; ``bounds``:
        (west, south, east, north), degrees, of EPSG:4490; ``axis_deg``, ``length_m``: the long side, clockwise from
        north; ``plan``: ``derived``; ``by_entrances``; ``unplaced``.
    """
    outline = shapely.from_wkb(contents.building.outline)
    origin = outline.centroid.coords[0]
    ground = _metres(outline, origin)
    units = [storeys.Unit(one.id, one.number, None if one.lon is None else
                          tuple(local(np.array([one.lon]), np.array([one.lat]), *origin)[0])) for one in contents.units]
    stack = storeys.stack(ground, units, [storeys.Room(one.id, one.unit, one.floor, one.number, one.area_m2)
                                          for one in contents.rooms],
                          contents.building.floors_above, contents.building.floors_below)
    length, depth, axis_deg = _sides(ground)
    measures = _measures(contents.building.drawn_height_m, stack, depth)
    back = _Degrees(origin)
    middles = [back.point(shape.representative_point()) for shape in stack.shapes]
    return {
        "deck": _deck(stack, contents, measures, back),
        "floors": list(stack.floors),
        "base_m": contents.building.base_m,
        "measures": measures._asdict(),
        "centres": {str(cell.room): middles[cell.shape] for cell in stack.cells if cell.room is not None},
        "units": [{"id": one.id, "number": one.number, "centre": middles[stack.units[one.id]]}
                  for one in contents.units],
        "bounds": [round(value, 8) for value in outline.bounds],
        "axis_deg": round(axis_deg, 1),
        "length_m": round(length, 1),
        "plan": "derived",
        "by_entrances": stack.by_entrances,
        "unplaced": [{"room": room, "reason": reason} for room, reason in stack.unplaced],
    }


def _deck(stack: Stack, contents: Contents, measures: Measures, back: "_Degrees") -> Json:
    states = {one.id: one.state for one in contents.rooms}
    level_of = {floor: index for index, floor in enumerate(stack.floors)}
    plates = [back.rings(polygon) for polygon in shapely.get_parts(stack.shapes[0])]
    drawn, first = [], []
    for shape in stack.shapes:
        first.append(len(drawn))
        drawn.extend(back.rings(polygon) for polygon in shapely.get_parts(_inset(shape)))
    ends = [*first[1:], len(drawn)]
    slabs = [{"level": level, "plan": plan} for level in level_of.values() for plan in range(len(plates))]
    rooms = [
        {"room": cell.room or 0, "unit": cell.unit or 0, "level": level_of[cell.floor], "plan": plan,
         "state": states.get(cell.room, EMPTY)}
        for cell in stack.cells for plan in range(first[cell.shape], ends[cell.shape])]
    used = sorted({row["plan"] for row in rooms})
    renamed = {plan: index for index, plan in enumerate(used)}
    for row in rooms:
        row["plan"] = renamed[row["plan"]]
    deck = pdk.Deck(
        layers=[
            pdk.Layer("PolygonLayer", id="exploded-slabs", data=slabs, extruded=True,
                      get_polygon=_lifted(plates, measures, 0.0), get_elevation=SLAB_M),
            pdk.Layer("PolygonLayer", id="exploded-rooms", data=rooms, extruded=True, wireframe=True, pickable=True,
                      get_polygon=_lifted([drawn[plan] for plan in used], measures, SLAB_M),
                      get_elevation={"@@function": "stateHeight", "heights": {
                          state: round(share * measures.storey_m, 2) for state, share in HEIGHTS.items()}}),
        ],
        map_provider=None, map_style=None)
    return {"layers": json.loads(deck.to_json())["layers"]}


def _lifted(plans: list[list], measures: Measures, above_m: float) -> Json:
    return {"@@function": "storeyPolygon", "plans": plans, "storey": measures.storey_m, "gap": measures.gap_m,
            "below": measures.below, "above": above_m}


def _measures(height_m: float, stack: Stack, depth_m: float) -> Measures:
    above = sum(floor > 0 for floor in stack.floors)
    storey = min(max(height_m / above, STOREY_M[0]), STOREY_M[1])
    wanted = SEEN * depth_m / math.tan(math.radians(LOOK_DEG))
    step = max(min(wanted, STACK_M / len(stack.floors)), storey + AIR_M)
    return Measures(round(storey, 2), round(step - storey, 2), len(stack.floors) - above)


def _sides(outline: shapely.Geometry) -> tuple[float, float, float]:
    """Return length and depth of the smallest box around an outline, metres, and where its long side points."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(outline))
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    east, north = sides[lengths.argmax()]
    return float(lengths.max()), float(lengths.min()), math.degrees(math.atan2(east, north)) % 180


def _inset(shape: shapely.Geometry) -> shapely.Geometry:
    smaller = shape.buffer(-min(INSET[0], INSET[1] * math.sqrt(shape.area)), join_style="mitre")
    return shape if smaller.is_empty else smaller


def _metres(outline: shapely.Geometry, origin: tuple[float, float]) -> shapely.Geometry:
    return shapely.transform(outline, lambda places: local(places[:, 0], places[:, 1], *origin))


class _Degrees:
    """The way back from metres east and north of an origin to degrees, EPSG:4490."""

    def __init__(self, origin: tuple[float, float]) -> None:
        lon, lat = origin
        self._origin = np.array(origin)
        self._scale = 1.0 / local(np.array([lon + 1.0]), np.array([lat + 1.0]), lon, lat)[0]

    def rings(self, polygon: shapely.Polygon) -> list[list[list[float]]]:
        """Return a polygon's rings, the shell first: (lon, lat), to a centimetre."""
        return [np.round(shapely.get_coordinates(ring) * self._scale + self._origin, 7).tolist()
                for ring in (polygon.exterior, *polygon.interiors)]

    def point(self, point: shapely.Point) -> list[float]:
        """Return a point as (lon, lat)."""
        return np.round(np.array(point.coords[0]) * self._scale + self._origin, 7).tolist()
