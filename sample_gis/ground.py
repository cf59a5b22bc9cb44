"""Roads, water, green and place names as layers of the map."""

import numpy as np
import shapely

from sample_gis import frame, plan
from sample_gis.blocks import Built
from sample_gis.builders import GREEN_USES
from sample_gis.grids import Division
from sample_gis.layer import Layer, text
from sample_gis.streets import Network

MARGIN = 1400.0
"""Metres beyond the street's outline in which roads, the river and fields are drawn."""

_LAWN_BETWEEN = ("slab5", "slab6", "slab11", "tower", "villa", "college", "hospital", "business", "tech", "primary",
                 "middle", "centre")
_GREEN_SURFACES = {"bank": "park", "verge": "lawn", "garden": "lawn", "pitch": "lawn"}
_HARD = ("track", "court", "plaza", "parking", "drive", "loop", "forecourt", "trail", "pool", "pitch", "garden")


def horizon(division: Division):
    """Return the rectangle in metres within which the map is drawn."""
    x0, y0, x1, y1 = shapely.total_bounds(np.array(division.shapes, dtype=object))
    return shapely.box(x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN)


def road_layer(network: Network, built: Built, division: Division) -> Layer:
    """Return ``roads``: class, name, width in metres; MultiLineString, EPSG:4490.

    Streets are centre lines; the drives inside estates (class ``path``) are the middle
    lines of what was laid.
    """
    view = horizon(division)
    rows = []
    for road in network.roads:
        line = shapely.intersection(road.line, view)
        if line.length > 40:
            rows.append((road.plan.kind, road.plan.name, road.plan.width_m, line))
    for surface in built.surfaces:
        line = {"drive": _middle, "loop": _ring}.get(surface.kind, lambda geometry: None)(surface.geom)
        if line is not None:
            rows.append(("path", surface.name, 3.5, line))
    kind, name, width, lines = zip(*rows, strict=True)
    multi = [shapely.multilinestrings([p for p in shapely.get_parts(line) if p.geom_type == "LineString"])
             for line in lines]
    return Layer("roads", {
        "code": text(f"L{i:05d}" for i in range(1, len(rows) + 1)), "class": text(kind), "name": text(name),
        "width_m": np.array(width, float),
    }, frame.geometries_to_degrees(multi), "MultiLineString")


def _middle(polygon):
    """Return the centre line of a straight drive, None where it is hardly longer than wide."""
    parts = [p for p in shapely.get_parts(polygon) if p.geom_type == "Polygon" and p.area > 1]
    if not parts:
        return None
    box = max(parts, key=shapely.area).minimum_rotated_rectangle
    if box.geom_type != "Polygon":
        return None
    c = shapely.get_coordinates(box)
    ends = ((c[0] + c[1]) / 2, (c[2] + c[3]) / 2), ((c[1] + c[2]) / 2, (c[3] + c[0]) / 2)
    long = max(ends, key=lambda pair: np.hypot(*(pair[1] - pair[0])))
    return shapely.LineString(long) if np.hypot(*(long[1] - long[0])) > 14 else None


def _ring(polygon):
    """Return the middle line of a road that goes round."""
    parts = [p for p in shapely.get_parts(polygon) if p.geom_type == "Polygon" and p.interiors]
    if not parts:
        return None
    return shapely.LineString(shapely.Polygon(parts[0].exterior).buffer(-2.3).simplify(0.4).exterior.coords)


def water_layer(network: Network, division: Division) -> Layer:
    """Return ``water``: river, lake and ponds; MultiPolygon, EPSG:4490."""
    view = horizon(division)
    rows = [("river", plan.RIVER[0], shapely.intersection(network.river, view))]
    rows.append(("lake", plan.LAKE[0], network.lake))
    rows += [("pond", name, pond) for (name, _), pond in zip(plan.PONDS, network.ponds, strict=True)]
    rows = [row for row in rows if not row[2].is_empty and shapely.intersects(row[2], view)]
    kind, name, geometry = zip(*rows, strict=True)
    multi = [shapely.multipolygons([p for p in shapely.get_parts(g) if p.geom_type == "Polygon"]) for g in geometry]
    return Layer("water", {
        "code": text(f"W{i:03d}" for i in range(1, len(rows) + 1)), "class": text(kind), "name": text(name),
    }, frame.geometries_to_degrees(multi), "MultiPolygon")


def green_shapes(network: Network, built: Built) -> list[tuple[str, str, shapely.Geometry]]:
    """Return (class, name, polygon in metres) of parks, woods and lawns."""
    water = shapely.union_all([network.river, network.lake, *network.ponds])
    tree = shapely.STRtree(np.array([d.geom for d in built.drafts], dtype=object))
    hard = [s for s in built.surfaces if s.kind in _HARD]
    by_site = {}
    for surface in hard:
        by_site.setdefault(surface.site, []).append(surface.geom)
    rows = []
    for site in built.sites:
        if site.use in GREEN_USES:
            land = shapely.difference(site.geom, water)
            land = shapely.difference(land, shapely.union_all(
                [g for g in by_site.get(site.number, ()) if g.area > 0]))
            rows += [(GREEN_USES[site.use], site.name, part) for part in _big(land, 60)]
        elif site.use in _LAWN_BETWEEN:
            near = tree.geometries[tree.query(site.geom)]
            land = shapely.difference(site.geom.buffer(-2.5, join_style="mitre"), shapely.union_all(
                [*shapely.buffer(near, 2.2, join_style="mitre", mitre_limit=1.5), *by_site.get(site.number, ()),
                 water]))
            land = land.buffer(-1.2, join_style="mitre").buffer(1.2, join_style="mitre")
            rows += [("lawn", "", shapely.simplify(part, 0.25)) for part in _big(land, 120)]
    for surface in built.surfaces:
        if surface.kind in _GREEN_SURFACES:
            land = shapely.difference(surface.geom, water)
            rows += [(_GREEN_SURFACES[surface.kind], surface.name, part) for part in _big(land, 40)]
    return rows


def _big(geometry, least: float):
    return [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon" and p.area >= least]


def green_layer(shapes) -> Layer:
    """Return ``green`` from `green_shapes`; MultiPolygon, EPSG:4490."""
    kind, name, geometry = zip(*shapes, strict=True)
    return Layer("green", {
        "code": text(f"G{i:05d}" for i in range(1, len(shapes) + 1)), "class": text(kind), "name": text(name),
    }, frame.geometries_to_degrees([shapely.multipolygons([g]) for g in geometry]), "MultiPolygon")


_PLACE_CLASS = {
    "primary": ("school", 3), "middle": ("school", 3), "college": ("school", 2), "hospital": ("hospital", 2),
    "market": ("market", 3), "lake": ("park", 2), "park": ("park", 4), "hill": ("park", 2), "sports": ("park", 3),
    "civic": ("public", 2), "mall": ("commercial", 3), "office": ("office", 3), "tech": ("office", 4),
    "business": ("office", 4), "creative": ("office", 4), "factory": ("factory", 3), "depot": ("market", 3),
    "centre": ("public", 4),
}


def place_layer(network: Network, built: Built, division: Division) -> Layer:
    """Return ``places``: label points in Chinese and English, rank 1 (first) to 5; EPSG:4490."""
    rows = [("street", plan.STREET[1], plan.STREET[2], 1,
             division.street.representative_point())]
    for number, (_, name, name_en) in enumerate(plan.COMMUNITIES, 1):
        mine = [s for s, c in zip(division.shapes, division.community, strict=True) if c == number]
        if mine:
            rows.append(("community", name, name_en, 2, shapely.coverage_union_all(mine).representative_point()))
    seen = set()
    for site in built.sites:
        if site.name in seen:
            continue
        seen.add(site.name)
        kind, rank = _PLACE_CLASS.get(site.use, ("estate", 4))
        rows.append((kind, site.name, site.name_en, rank, site.geom.representative_point()))
    city = division.street
    inside = shapely.intersection(network.river_line, city)
    if inside.length > 100:
        shares = (0.12, 0.5, 0.88) if inside.length > 2000 else (0.5,)
        rows += [("river", *plan.RIVER[:2], 2, inside.interpolate(at, normalized=True)) for at in shares]
    if shapely.intersects(network.lake, city):
        rows.append(("lake", *plan.LAKE[:2], 3, shapely.Polygon(network.lake.exterior).representative_point()))
    for road in network.roads:
        line = shapely.intersection(road.line, city.buffer(30))
        if line.length > 200 and road.plan.kind in ("arterial", "secondary"):
            at = 0.37 if line.geom_type == "LineString" else 0.5
            longest = max(shapely.get_parts(line), key=shapely.length)
            rows.append(("road", road.plan.name, road.plan.name_en, 3 if road.plan.kind == "arterial" else 5,
                         longest.interpolate(at, normalized=True)))
    kind, name, name_en, rank, points = zip(*rows, strict=True)
    return Layer("places", {
        "code": text(f"P{i:03d}" for i in range(1, len(rows) + 1)), "class": text(kind), "name": text(name),
        "name_en": text(name_en), "rank": np.array(rank, "int32"),
    }, frame.geometries_to_degrees(division.keep_inside(points)), "Point")
