"""Areas (区划) and grids (网格): which land belongs to whom, and under which code."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from sample_gis import frame, plan
from sample_gis.layer import Layer, text

INSIDE_M = 2.0
"""What belongs to the street lies at least so far inside its outline, metres."""


@dataclass(frozen=True)
class Division:
    """Grids and communities in metres, with their codes; the order is that of the plan.

    ``grid_codes[i]`` belongs to ``shapes[i]``; ``community[i]`` is 1 to 6.
    """

    faces: tuple
    shapes: tuple
    grid_codes: tuple
    community: tuple

    @cached_property
    def street(self) -> shapely.Polygon:
        """The outline of the street, metres."""
        return shapely.coverage_union_all(list(self.shapes))

    def keep_inside(self, points) -> np.ndarray:
        """Move points (metres) that lie outside the street, or on its edge, just inside it."""
        points = np.array(points, dtype=object)
        core = self.street.buffer(-INSIDE_M)
        shapely.prepare(core)
        astray = ~shapely.intersects(core, points)
        points[astray] = shapely.get_point(shapely.shortest_line(core, points[astray]), 0)
        return points


def divide(faces, shapes) -> Division:
    """Number the grids of each community, north to south and west to east within a band.

    Args:
        faces: planned grids; shapes: their polygons in metres.
    Returns:
        15-digit codes: 12 digits of the community and 3 of the grid (model: 网格编码).
    """
    codes = [""] * len(faces)
    for number in sorted({face.community for face in faces}):
        mine = [i for i, face in enumerate(faces) if face.community == number]
        middle = {i: shapes[i].representative_point() for i in mine}
        mine.sort(key=lambda i: (-round(middle[i].y / 250), middle[i].x))
        for serial, i in enumerate(mine, 1):
            codes[i] = f"{plan.COMMUNITIES[number - 1][0]}{serial:03d}"
    return Division(tuple(faces), tuple(shapes), tuple(codes), tuple(face.community for face in faces))


def grid_layer(division: Division) -> Layer:
    """Return the layer ``grids``: code, kind, name; MultiPolygon, EPSG:4490."""
    order = np.argsort(division.grid_codes)
    serial = [int(division.grid_codes[i][-3:]) for i in order]
    names = [
        f"{plan.COMMUNITIES[division.community[i] - 1][1][:-2]}第{n}网格（{division.faces[i].name}）"
        for i, n in zip(order, serial, strict=True)
    ]
    geometry = frame.geometries_to_degrees([shapely.multipolygons([division.shapes[i]]) for i in order])
    return Layer("grids", {
        "code": text(division.grid_codes[i] for i in order),
        "kind": text(division.faces[i].kind for i in order),
        "name": text(names),
    }, geometry, "MultiPolygon")


def area_layer(division: Division) -> Layer:
    """Return the layer ``areas``: county, street and communities; MultiPolygon, EPSG:4490.

    A community is the union of its grids, the street the union of its communities; the
    county has the street's outline, because the rest of it is not part of the sample.
    """
    rows = []
    for number, (code, name, name_en) in enumerate(plan.COMMUNITIES, 1):
        mine = [s for s, c in zip(division.shapes, division.community, strict=True) if c == number]
        if mine:
            rows.append((code, "community", name, name_en, plan.STREET[0], shapely.coverage_union_all(mine)))
    street = shapely.coverage_union_all([row[-1] for row in rows])
    rows.insert(0, (*_row(plan.STREET, "street"), plan.COUNTY[0], street))
    rows.insert(0, (*_row(plan.COUNTY, "county"), None, street))
    code, level, name, name_en, parent, shapes = zip(*rows, strict=True)
    multi = [shapely.multipolygons(shapely.get_parts(shape)) for shape in shapes]
    return Layer("areas", {
        "code": text(code), "level": text(level), "name": text(name), "name_en": text(name_en),
        "parent_code": text(parent),
    }, frame.geometries_to_degrees(multi), "MultiPolygon")


def _row(place, level):
    code, name, name_en = place
    return code, level, name, name_en
