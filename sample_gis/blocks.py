"""Blocks: the land between streets, what it is for, and what is built on it."""

from dataclasses import dataclass

import numpy as np
import shapely

from sample_gis import chance, plan, uses
from sample_gis.builders import BUILDERS, DWELLINGS
from sample_gis.layout import Draft, Plot, Site, Surface, street_angle
from sample_gis.streets import SIDEWALK, Network

ROOMS_PER_GRID = 570
"""Dwellings a basic grid aims at; about one in seven is vacant, and a grid of 300 to 500
households is what most cities' rules ask for."""

BANK_PARK = "沙河滨江公园"

VERGE_BELOW = 2500.0
"""A part of a block smaller than this (m²) stays green."""


@dataclass(frozen=True)
class Built:
    """Everything that stands or lies on blocks, metres of the local frame."""

    sites: tuple[Site, ...]
    drafts: tuple[Draft, ...]
    surfaces: tuple[Surface, ...]


def grid_shapes(network: Network, faces) -> list[shapely.Polygon]:
    """Return the polygon of each planned grid: the union of its faces, metres."""
    tree = shapely.STRtree(network.faces)
    out = []
    for face in faces:
        found = sorted({int(tree.query(shapely.Point(p), predicate="within")[0]) for p in face.at})
        out.append(shapely.coverage_union_all([network.faces[i] for i in found]))
    return out


def survey(network: Network, faces, shapes) -> tuple[list[Site], list[Surface]]:
    """Cut grids into blocks.

    Args:
        faces: planned grids (`uses.Face`), in order; ``shapes`` their polygons, metres.
    Returns:
        the sites to build on, and the verges and banks that stay green.
    """
    lines = [road.line for road in network.roads]
    tree = shapely.STRtree(lines)
    land = shapely.union_all(
        [shapely.buffer(road.line, road.plan.width_m / 2 + SIDEWALK) for road in network.roads])
    bank = shapely.buffer(network.river_line, plan.BANK_OFFSET)
    taken = shapely.union_all([land, bank])
    promenade = shapely.union_all([shapely.offset_curve(network.river_line, side * out).buffer(1.7)
                                   for side in (1, -1) for out in (51, 80)])
    along = np.arange(200, network.river_line.length, 260)
    squares = shapely.union_all(np.concatenate([
        shapely.buffer(shapely.line_interpolate_point(shapely.offset_curve(network.river_line, side * 64),
                                                      along + 90 * side), 13) for side in (1, -1)]))
    sites, green = [], []
    for number, (face, shape) in enumerate(zip(faces, shapes, strict=True)):
        strip = shapely.difference(shapely.intersection(shape, bank),
                                   shapely.union_all([land, network.river.buffer(3)]))
        green += [Surface(part, "bank", BANK_PARK) for part in _parts(strip) if part.area > 200]
        green += [Surface(part, "trail", BANK_PARK) for part in _parts(shapely.intersection(strip, promenade))]
        green += [Surface(part, "plaza", BANK_PARK) for part in _parts(shapely.intersection(strip, squares))]
        parts = [part for part in _parts(shapely.difference(shape, taken)) if part.area > 200]
        weights = []
        for part in parts:
            block = _block_of(face, part)
            if part.area < VERGE_BELOW and block.use != "lanes":
                green.append(Surface(part, "verge", ""))
                continue
            near = [network.roads[i] for i in tree.query(part, predicate="dwithin", distance=45)]
            streets = tuple((r.plan.name, r.plan.width_m, r.line)
                            for r in sorted(near, key=lambda r: (-r.plan.width_m, r.plan.name)))
            weights.append(part.area * DWELLINGS.get(block.use, 0))
            sites.append(Site(len(sites), part, block.use, block.name, block.name_en, number,
                              street_angle(part), streets, 0))
        total = sum(weights)
        for i, weight in enumerate(weights, len(sites) - len(weights)):
            if total:
                sites[i] = Site(**{**sites[i].__dict__, "rooms": round(ROOMS_PER_GRID * weight / total)})
    return sites, green


def _parts(geometry):
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]


def _block_of(face: uses.Face, part) -> uses.Block:
    return min(face.blocks, key=lambda block: (part.distance(shapely.Point(block.at)),
                                               part.centroid.distance(shapely.Point(block.at))))


def build(network: Network, seed: int, faces, shapes) -> Built:
    """Build on every block of the given grids.

    Returns:
        sites, buildings and open ground, in an order that depends only on the plan.
    """
    sites, surfaces = survey(network, faces, shapes)
    water = [network.lake, *network.ponds]
    drafts = []
    for site in sites:
        builder, setback = BUILDERS[site.use]
        plot = Plot(site, setback)
        for pool in water:
            if shapely.intersects(site.geom, pool):
                plot.reserve(plot.inward(shapely.Polygon(pool.exterior)), 8)
        centre = site.geom.centroid
        rng = chance.stream(seed, f"block {round(centre.x)} {round(centre.y)}")
        builder(plot, rng)
        drafts += plot.drafts
        surfaces += plot.surfaces
    return Built(tuple(sites), tuple(drafts), tuple(surfaces))
