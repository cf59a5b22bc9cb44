"""Devices: cameras, elevators, detectors, meters, entrance controls and manhole sensors."""

from dataclasses import dataclass

import numpy as np
import shapely

from sample_gis import chance, frame
from sample_gis.blocks import Built
from sample_gis.grids import Division
from sample_gis.housing import Housing
from sample_gis.layer import Layer, text
from sample_gis.people import People

KINDS = {
    # kind → (prefix of the code, name, seconds between two signs of life)
    "camera": ("CAM", "摄像机", 60), "elevator": ("ELV", "电梯物联终端", 300), "smoke": ("SMK", "烟感", 86_400),
    "gas": ("GAS", "燃气报警器", 86_400), "water_meter": ("WTR", "智能水表", 86_400),
    "access_control": ("ACS", "门禁", 600), "manhole": ("MAN", "井盖传感器", 43_200),
}
ELEVATOR_FROM = 7
"""Buildings with at least so many floors have elevators."""


@dataclass
class _Rows:
    kind: list
    name: list
    building: list
    unit: list
    room: list
    floor: list
    z: list
    xy: list

    def add(self, kind, names, building, unit, room, floor, z, xy) -> None:
        count = len(xy)
        self.kind += [kind] * count
        for mine, values in ((self.name, names), (self.building, building), (self.unit, unit), (self.room, room),
                             (self.floor, floor), (self.z, z), (self.xy, xy)):
            mine += [values] * count if values is None else list(values)


def install(built: Built, division: Division, housing: Housing, people: People, facilities: Layer,
            seed: int) -> Layer:
    """Return ``devices``: Point, EPSG:4490; ``z_m`` is metres above the ground at the building.

    Args:
        facilities: traffic lights carry cameras, some manhole covers carry sensors.
    Returns:
        kind, name, place down to building, unit, room and floor where there is one,
        ``expected_interval_s`` seconds, ``stream_url`` of cameras under ``.invalid``, which
        by RFC 2606 resolves nowhere.
    """
    rng = chance.stream(seed, "devices")
    rows = _Rows([], [], [], [], [], [], [], [])
    _cameras(rows, built, facilities)
    walls = np.array([draft.geom for draft in built.drafts], dtype=object)
    _entrances(rows, housing, walls, rng)
    _in_rooms(rows, housing, people, walls, rng)
    _manholes(rows, facilities, rng)
    kind = np.array(rows.kind)
    serial = np.zeros(len(kind), int)
    for name in KINDS:
        here = kind == name
        serial[here] = np.arange(1, here.sum() + 1)
    code = [f"{KINDS[k][0]}{n:05d}" for k, n in zip(kind, serial, strict=True)]
    url = [f"rtsp://{c.lower()}.shapan.invalid/live" if k == "camera" else None for c,
           k in zip(code, kind, strict=True)]
    return Layer("devices", {
        "code": text(code), "kind": kind.astype(object), "name": text(rows.name), "building_code": text(rows.building),
        "unit_number": text(rows.unit), "room_number": text(rows.room),
        "floor": np.ma.masked_array([f or 0 for f in rows.floor], [f is None for f in rows.floor], dtype="int32"),
        "z_m": np.round(np.array(rows.z, float), 1),
        "expected_interval_s": np.array([KINDS[k][2] for k in kind], "int32"), "stream_url": text(url),
    }, frame.geometries_to_degrees(division.keep_inside(shapely.points(np.array(rows.xy)))), "Point")


def _cameras(rows, built, facilities) -> None:
    lights = facilities.geometry[facilities["class_code"] == "0210"]
    at = [frame.to_metres(shapely.get_coordinates(point))[0] for point in lights]
    names = [f"路口{i:02d}{side}向摄像机" for i, _ in enumerate(at, 1) for side in ("东", "西")]
    xy = [point + (dx, 14.0) for point in at for dx in (17.0, -17.0)]
    for site in built.sites:
        gate = np.array(_gate(site))
        inward = np.array(site.geom.centroid.coords[0]) - gate
        spot = gate + inward * min(1, 7 / max(1.0, np.hypot(*inward)))
        names.append(f"{site.name}出入口摄像机")
        xy.append(spot)
        if site.use in ("primary", "middle", "college", "market", "hospital", "civic", "mall", "lake", "depot"):
            for n in range(2):
                names.append(f"{site.name}全景摄像机{n + 1}")
                xy.append(np.array(site.geom.representative_point().coords[0]) + (18.0 * n - 9, 0))
    rows.add("camera", names, None, None, None, None, [6.0] * len(xy), xy)


def _gate(site):
    """Return where a block opens to its second street, or to its only one."""
    _, _, line = site.streets[min(1, len(site.streets) - 1)]
    return shapely.ops.nearest_points(site.geom, line.interpolate(line.project(site.geom.centroid)))[0].coords[0]


def _indoors(walls, housing, building, xy):
    """Return positions (metres), those outside their building moved to a point within it."""
    astray = ~shapely.contains_xy(walls[building], xy[:, 0], xy[:, 1])
    return np.where(astray[:, None], housing.anchor[building], xy)


def _entrances(rows, housing, walls, rng) -> None:
    buildings, units = housing.buildings, housing.units
    home = (buildings["use"] == "residential")[housing.unit_building]
    floors = buildings["floors_above"][housing.unit_building]
    lane = np.array([name.endswith("号") for name in buildings["name"]])[housing.unit_building]
    doors = frame.to_metres(shapely.get_coordinates(units.geometry))
    guarded = np.flatnonzero(home & ~lane & (rng.random(len(home)) < 0.8))
    label = [f"{buildings['name'][housing.unit_building[i]]}{units['number'][i]}单元" for i in range(len(units))]
    rows.add("access_control", [f"{label[i]}门禁" for i in guarded], units["building_code"][guarded],
             units["number"][guarded], None, [1] * len(guarded), [1.5] * len(guarded), doors[guarded])
    lifted = np.flatnonzero(floors >= ELEVATOR_FROM)
    pairs = [(i, n) for i in lifted for n in range(2 if floors[i] >= 18 else 1)]
    index = np.array([i for i, _ in pairs], int)
    anchor = housing.anchor[housing.unit_building[index]]
    inside = doors[index] + (anchor - doors[index]) * 0.2 + np.array([[2.0 * n - 1, -3.0] for _,
                                                                      n in pairs]).reshape(-1, 2)
    rows.add("elevator", [f"{label[i]}{n + 1}号电梯" for i, n in pairs], units["building_code"][index],
             units["number"][index], None, [1] * len(pairs), [1.0] * len(pairs),
             _indoors(walls, housing, housing.unit_building[index], inside))


def _in_rooms(rows, housing, people, walls, rng) -> None:
    rooms = people.rooms
    lived = np.zeros(len(rooms), bool)
    lived[people.room] = True
    care = people.layer["care"].astype("U80")
    alone = np.zeros(len(rooms), bool)
    alone[people.room[np.char.find(care, "elderly_alone") >= 0]] = True
    trade = (housing.rooms["use"] != "residential") & (rooms["tenure"] != "vacant")
    old = np.isin(housing.room_style, ("lanes", "slab5"))
    draw = rng.random((3, len(rooms)))
    doors = frame.to_metres(shapely.get_coordinates(housing.units.geometry))
    anchor = housing.anchor[housing.room_building]
    storey = housing.buildings["height_m"] / housing.buildings["floors_above"]
    chosen = (
        ("smoke", "烟感", (alone & (draw[0] < 0.6)) | (lived & old & (draw[0] < 0.07)) | (trade & (draw[0] < 0.05)),
         2.6),
        ("gas", "燃气报警器", (lived & (draw[1] < np.where(old, 0.05, 0.02))) | (trade & (draw[1] < 0.012)), 2.2),
        ("water_meter", "智能水表", alone & (draw[2] < 0.45), 0.8),
    )
    for kind, title, mask, above in chosen:
        here = np.flatnonzero(mask)
        building = housing.room_building[here]
        names = [f"{housing.buildings['name'][b]}{rooms['unit_number'][i]}单元{rooms['number'][i]}室{title}"
                 for b, i in zip(building, here, strict=True)]
        door = doors[housing.room_unit[here]]
        xy = _indoors(walls, housing, building, door * 0.45 + anchor[here] * 0.55)
        z = (rooms["floor"][here] - 1) * storey[building] + above
        rows.add(kind, names, rooms["building_code"][here], rooms["unit_number"][here], rooms["number"][here],
                 rooms["floor"][here], z, xy)


def _manholes(rows, facilities, rng) -> None:
    covers = np.flatnonzero(np.isin(facilities["class_code"], ("0102", "0103")))
    covers = covers[rng.random(len(covers)) < 0.2]
    xy = frame.to_metres(shapely.get_coordinates(facilities.geometry[covers]))
    names = [f"{facilities['name'][i]}传感器" for i in covers]
    rows.add("manhole", names, None, None, None, None, [-0.3] * len(covers), xy)
