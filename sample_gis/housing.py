"""Buildings, units and rooms (楼栋、单元、户室) from what the builders drew."""

from dataclasses import dataclass

import numpy as np
import shapely

from sample_gis import chance, frame
from sample_gis.blocks import Built
from sample_gis.layer import Layer, text

YEARS = {
    "lanes": (1934, 1976), "slab5": (1979, 1993), "slab6": (1993, 2006), "slab11": (2005, 2016), "tower": (2012, 2024),
    "villa": (2006, 2014), "factory": (1968, 1998), "depot": (2004, 2015), "office": (2013, 2023), "tech": (2012, 2022),
    "creative": (1958, 1972), "site": (2025, 2025), "hill": (1986, 2004),
}
"""Use of a block → years in which it was built; uses not named: 1998 to 2019."""

PARAPET_M = 0.9
SURVEYED = (np.datetime64("2024-06-01"), np.datetime64("2026-06-30"))
"""First and last day on which a room was visited."""


@dataclass(frozen=True)
class Housing:
    """The built city as arrays, one element per building, unit or room.

    Attributes:
        building_site: site index of each building. ``anchor``: (n, 2) metres.
        room_building: building index of each room; ``room_style``: use of its block.
        dwelling: rooms that a household may live in; ``dormitory``: those shared by a
            collective household (集体户).
    """

    buildings: Layer
    units: Layer
    rooms: Layer
    building_site: np.ndarray
    anchor: np.ndarray
    unit_building: np.ndarray
    room_building: np.ndarray
    room_unit: np.ndarray
    room_style: np.ndarray
    dwelling: np.ndarray
    dormitory: np.ndarray


def house(built: Built, seed: int) -> Housing:
    """Give every building its code, name, address, units and rooms.

    Returns:
        layers ``buildings`` (MultiPolygon), ``units`` (Point) and ``rooms`` (no geometry),
        EPSG:4490; heights in metres above ground, areas in square metres. Tenure and the
        day of the survey are set here; who is vacant depends on the residents (`people`).
    """
    rng = chance.stream(seed, "housing")
    drafts, sites = built.drafts, built.sites
    codes = [f"B{i:05d}" for i in range(1, len(drafts) + 1)]
    labels, addresses = _name(drafts, sites)
    year = _years(drafts, sites, rng)
    geometry = frame.geometries_to_degrees([shapely.multipolygons([d.geom]) for d in drafts])
    buildings = Layer("buildings", {
        "code": text(codes), "name": text(labels), "address": text(addresses),
        "use": text(d.use for d in drafts),
        "height_m": np.array([round(d.floors * d.storey_m + PARAPET_M, 1) for d in drafts]),
        "floors_above": np.array([d.floors for d in drafts], "int32"),
        "floors_below": np.array([d.below for d in drafts], "int32"),
        "built_year": year.astype("int32"),
    }, geometry, "MultiPolygon")
    return _rooms(drafts, sites, buildings, rng)


def _name(drafts, sites):
    """Return names and addresses: numbered blocks in estates, house numbers along streets."""
    labels, addresses, serial = [], [], {}
    for draft in drafts:
        site = sites[draft.site]
        street, _, line = site.streets[0]
        along = line.project(draft.geom.centroid)
        along_site = line.project(site.geom.centroid)
        side = 1 if shapely.is_ccw(shapely.linearrings([line.interpolate(along_site - 5).coords[0],
                                                        line.interpolate(along_site + 5).coords[0],
                                                        site.geom.centroid.coords[0]])) else 0
        number = 2 * int((along if draft.kind == "shop" else along_site) / 9) + 1 + side
        address = f"沙盘街道{street}{number}号"
        if draft.label:
            own = draft.label.startswith(("沙盘", "望江", "社区卫生"))
            label = draft.label if own else f"{site.name}{draft.label}"
            address += "" if own else draft.label
        elif draft.kind == "shop":
            label = f"{street}{number}号商铺"
        else:
            serial[site.number] = serial.get(site.number, 0) + 1
            ending = "号" if draft.kind == "lane" else "幢"
            label = f"{site.name}{serial[site.number]}{ending}"
            address = f"沙盘街道{label}" if draft.kind == "lane" else f"{address}{label}"
        labels.append(label)
        addresses.append(address)
    return labels, addresses


def _years(drafts, sites, rng):
    base = np.array([rng.integers(*np.add(YEARS.get(site.use, (1998, 2019)), (0, 1))) for site in sites])
    spread = np.array([12 if site.use == "lanes" else 2 for site in sites])
    index = np.array([d.site for d in drafts])
    return base[index] + (rng.random(len(drafts)) * spread[index]).astype(int)


def _rooms(drafts, sites, buildings, rng) -> Housing:
    unit_building = np.repeat(np.arange(len(drafts)), [len(d.entrances) for d in drafts])
    unit_number = np.concatenate([np.arange(1, len(d.entrances) + 1) for d in drafts])
    doors = np.array([door for d in drafts for door in d.entrances])
    floors = np.array([d.floors for d in drafts])
    code = buildings["code"].astype("U6")
    unit_code = np.char.add(np.char.add(code[unit_building], "-"), unit_number.astype(str))
    units = Layer("units", {
        "code": unit_code.astype(object), "building_code": code[unit_building].astype(object),
        "number": unit_number.astype(str).astype(object), "floors": floors[unit_building].astype("int32"),
    }, shapely.points(frame.to_degrees(doors)), "Point")

    per_floor = np.array([d.per_floor for d in drafts])
    storeys = np.array([d.dwelling_floors or d.floors for d in drafts])
    count = (per_floor * storeys)[unit_building]
    room_unit = np.repeat(np.arange(len(unit_building)), count)
    room_building = unit_building[room_unit]
    nth = np.arange(len(room_unit)) - np.repeat(np.cumsum(count) - count, count)
    floor = nth // np.maximum(1, per_floor[room_building]) + 1
    number = (floor * 100 + nth % np.maximum(1, per_floor[room_building]) + 1).astype(str)
    style = np.array([site.use for site in sites])[[d.site for d in drafts]][room_building]
    kind = np.array([d.kind for d in drafts])[room_building]
    use = buildings["use"].astype("U12")[room_building]
    dormitory = (kind == "dorm") | (np.array(["宿舍" in d.label or "公寓" in d.label for d in drafts])[room_building])
    use = np.where(dormitory, "residential", use)
    base = np.array([d.room_m2 for d in drafts])[room_building]
    area = np.round(base * rng.normal(1, 0.06, len(base)).clip(0.8, 1.25), 1)
    days = rng.integers(0, (SURVEYED[1] - SURVEYED[0]).astype(int), len(base))
    draw = rng.random(len(base))
    rented = np.select([style == "lanes", style == "tower", use != "residential"], [0.42, 0.24, 0.7], 0.22)
    tenure = np.where(draw < rented, "rented", np.where(draw > 0.99, "unknown", "owner"))
    tenure = np.where(dormitory, "rented", tenure)
    rooms = Layer("rooms", {
        "code": np.char.add(np.char.add(unit_code[room_unit], "-"), number).astype(object),
        "building_code": code[room_building].astype(object),
        "unit_number": unit_number[room_unit].astype(str).astype(object),
        "floor": floor.astype("int32"), "number": number.astype(object), "use": use.astype(object),
        "tenure": tenure.astype(object), "area_m2": area,
        "surveyed_at": (SURVEYED[0] + days).astype(str).astype(object),
    })
    anchor = shapely.get_coordinates(shapely.point_on_surface(np.array([d.geom for d in drafts], dtype=object)))
    return Housing(buildings, units, rooms, np.array([d.site for d in drafts]), anchor, unit_building, room_building,
                   room_unit, style, (use == "residential") & ~dormitory, dormitory)
