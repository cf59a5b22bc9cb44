"""Facilities (部件): lamps, hydrants, manholes, bins, shelters and the rest, by class."""

import numpy as np
import shapely

from sample_gis import chance, frame
from sample_gis.blocks import Built
from sample_gis.codes import COUNTY
from sample_gis.grids import Division
from sample_gis.layer import Layer, text
from sample_gis.streets import Network

CLASSES = {
    # class code (group 01 utilities, 02 traffic, 03 cleanliness, 04 planting, 05 other) → name, department
    "0101": ("上水井盖", "望江区供水公司"),
    "0102": ("污水井盖", "望江区排水管理所"),
    "0103": ("雨水井盖", "望江区排水管理所"),
    "0113": ("消火栓", "望江区消防救援大队"),
    "0118": ("路灯", "望江区路灯管理所"),
    "0119": ("充电桩", "望江区供电公司"),
    "0203": ("公交站亭", "望江区公交公司"),
    "0210": ("交通信号灯", "望江区交警大队"),
    "0214": ("隔离护栏", "望江区交警大队"),
    "0301": ("公共厕所", "望江区环卫所"),
    "0305": ("垃圾箱", "望江区环卫所"),
    "0401": ("古树名木", "望江区园林局"),
    "0501": ("应急避难场所", "望江区应急管理局"),
    "0502": ("人防工程", "望江区人防办"),
    "0503": ("自动体外除颤器", "望江区卫健委"),
}
"""Two digits of group and two of kind, as in CJ/T 214; 0101 is confirmed by published data,
the others are this sample's own choice and belong to a class table that a city replaces."""


def equip(network: Network, built: Built, division: Division, seed: int) -> Layer:
    """Return ``facilities``: code (16 digits: county, class, serial), class_code, name, state,
    department; points, lines (railings) and polygons (shelters), EPSG:4490.
    """
    rng = chance.stream(seed, "facilities")
    city = division.street
    shapely.prepare(city)
    rows: list[tuple[str, str, shapely.Geometry]] = []
    _along_streets(network, city, rng, rows)
    _in_blocks(built, rng, rows)
    _at_junctions(network, city, rows)
    rows.sort(key=lambda row: row[0])
    serial: dict[str, int] = {}
    code, title = [], []
    for kind, name, _ in rows:
        serial[kind] = serial.get(kind, 0) + 1
        code.append(f"{COUNTY}{kind}{serial[kind]:06d}")
        title.append(name or f"{CLASSES[kind][0]}{serial[kind]:04d}")
    state = rng.choice(["normal", "damaged", "missing"], size=len(rows), p=[0.968, 0.026, 0.006])
    geometry = np.array([row[2] for row in rows], dtype=object)
    points = shapely.get_type_id(geometry) == 0
    geometry[points] = division.keep_inside(geometry[points])
    return Layer("facilities", {
        "code": text(code), "class_code": text(row[0] for row in rows), "name": text(title),
        "state": state.astype(object), "department": text(CLASSES[row[0]][1] for row in rows),
    }, frame.geometries_to_degrees(geometry), "Unknown")


def _along_streets(network, city, rng, rows) -> None:
    spacing = (("0118", 34, 1.3, 16), ("0113", 125, 2.2, 16), ("0103", 70, -0.7, 12), ("0102", 95, -2.6, 16),
               ("0101", 120, -3.6, 16), ("0305", 88, 2.6, 12), ("0203", 430, 2.8, 22))
    for road in network.roads:
        line, width = road.line, road.plan.width_m
        for kind, every, off, least in spacing:
            if width < least:
                continue
            for side in (1, -1):
                curve = shapely.offset_curve(line, side * (width / 2 + off))
                at = np.arange(rng.uniform(5, every), curve.length, every)
                points = shapely.line_interpolate_point(curve, at)
                points = points[shapely.contains(city, points)]
                if off > 0 and len(points):
                    points = points[~shapely.intersects(network.carriageways, points)]
                rows += [(kind, "", point) for point in points]
        if road.plan.kind == "arterial":
            inside = shapely.intersection(line, city.buffer(-1))
            for part in shapely.get_parts(inside):
                for start in np.arange(30, part.length - 120, 210):
                    piece = shapely.ops.substring(part, start, start + 110)
                    if piece.length > 60:
                        rows.append(("0214", f"{road.plan.name}中央护栏", piece.simplify(0.5)))


def _in_blocks(built, rng, rows) -> None:
    for surface in built.surfaces:
        middle = surface.geom.centroid
        if surface.kind == "parking" and surface.name:
            rows += [("0119", "", shapely.Point(middle.x + 3 * i - 6, middle.y)) for i in range(5)]
        if surface.name and (surface.kind in ("track", "plaza") and surface.geom.area > 900):
            rows.append(("0501", f"{surface.name}应急避难场所", surface.geom.simplify(0.3)))
    sites = built.sites
    for draft in built.drafts:
        use = sites[draft.site].use
        if draft.label == "公共厕所":
            rows.append(("0301", f"{sites[draft.site].name}公共厕所", draft.geom.centroid))
        if use == "tower" and draft.kind == "tower" and rng.random() < 0.4:
            rows.append(("0502", f"{sites[draft.site].name}地下人防工程", draft.geom.centroid))
        if draft.label.endswith(("办事处", "便民服务中心", "购物中心", "体育馆", "图书馆", "门诊医技楼", "综合楼",
                                 "社区服务中心",
                                 "游客中心", "交易服务中心", "游泳馆", "行政楼", "农贸大厅", "党群服务站")):
            x, y = draft.entrances[0]
            rows.append(("0503", f"{sites[draft.site].name}{draft.label}AED", shapely.Point(x, y)))
    for site in sites:
        if site.use in ("lanes", "park", "lake", "hill"):
            x0, y0, x1, y1 = site.geom.bounds
            points = shapely.points(rng.uniform((x0, y0), (x1, y1), (12, 2)))
            points = points[shapely.contains(site.geom, points)][: 4 if site.use == "hill" else 2]
            rows += [("0401", "", point) for point in points]


def _at_junctions(network, city, rows) -> None:
    main = [road.line for road in network.roads if road.plan.width_m >= 20]
    tree = shapely.STRtree(main)
    first, second = tree.query(main, predicate="intersects")
    seen = []
    for a, b in zip(first, second, strict=True):
        if a >= b:
            continue
        for point in shapely.get_parts(shapely.intersection(main[a], main[b])):
            if point.geom_type == "Point" and city.buffer(2).contains(point) \
                    and all(point.distance(other) > 40 for other in seen):
                seen.append(point)
                rows.append(("0210", "", point))
