"""A piece of land and the arithmetic of putting footprints on it.

A `Plot` is a block turned so that its streets run along x and y. Builders place
footprints in that frame; `Plot` keeps what is still free, so nothing overlaps and
nothing leaves the block, and turns the result back.
"""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import Polygon, box


@dataclass(frozen=True)
class Site:
    """A block as surveyed.

    Attributes:
        geom: land inside the sidewalks, metres of the local frame.
        grid: index of its grid in `sample_gis.uses.FACES`.
        angle: turn in radians, counter-clockwise from east, of the street that is
            nearest to east-west.
        streets: (name, width in metres, line) of the roads along it, widest first.
        rooms: how many dwellings the builder aims at; 0 where nobody lives.
    """

    number: int
    geom: Polygon
    use: str
    name: str
    name_en: str
    grid: int
    angle: float
    streets: tuple
    rooms: int


@dataclass
class Draft:
    """A building before it has a code.

    Attributes:
        geom: footprint, metres of the local frame.
        use: value of ``buildings.use``.
        kind: how it was built: slab, tower, lane, villa, shop, hall, block, small, landmark.
        floors: storeys above ground.
        storey_m: height of one storey, metres.
        entrances: one (x, y) per unit (单元), metres.
        per_floor: rooms on each floor of a unit; 0 for a building without rooms.
        room_m2: typical floor area of a room.
        label: name of its own ("教学楼"), or empty where it is numbered within the site.
        dwelling_floors: floors that have rooms of their own; 0 means all.
    """

    geom: Polygon
    use: str
    kind: str
    floors: int
    storey_m: float = 3.0
    entrances: list = field(default_factory=list)
    per_floor: int = 0
    room_m2: float = 90.0
    label: str = ""
    below: int = 0
    dwelling_floors: int = 0
    site: int = -1

    @property
    def rooms(self) -> int:
        """Number of rooms in the building."""
        return len(self.entrances) * self.per_floor * (self.dwelling_floors or self.floors)


@dataclass
class Surface:
    """Open ground with a purpose: lawn, garden, track, pitch, court, plaza, parking, soil, path…"""

    geom: shapely.Geometry
    kind: str
    name: str = ""
    site: int = -1


class Plot:
    """A site in its own frame, with what is still free of it.

    Args:
        site: the block.
        setback: metres kept free along its edge.
    """

    def __init__(self, site: Site, setback: float) -> None:
        self.site = site
        self.setback = setback
        self.centre = site.geom.centroid.coords[0]
        self.shape = self.inward(site.geom)
        self.free = self.shape.buffer(-setback, join_style="mitre")
        self.drafts: list[Draft] = []
        self.surfaces: list[Surface] = []
        shapely.prepare(self.free)

    def inward(self, geom):
        """Turn a geometry from the city's frame into the plot's."""
        turned = affinity.rotate(geom, -self.site.angle, origin=self.centre, use_radians=True)
        return affinity.translate(turned, -self.centre[0], -self.centre[1])

    def outward(self, geom):
        """Turn a geometry from the plot's frame into the city's."""
        moved = affinity.translate(geom, *self.centre)
        return affinity.rotate(moved, self.site.angle, origin=self.centre, use_radians=True)

    def fits(self, shapes) -> np.ndarray:
        """Return for each shape whether it lies inside what is free."""
        return shapely.contains_properly(self.free, shapes)

    def reserve(self, shape, clearance: float) -> None:
        """Take a shape and a margin in metres out of what is free."""
        taken = shapely.buffer(shape, clearance, join_style="mitre", mitre_limit=2.0)
        self.free = shapely.difference(self.free, taken)
        shapely.prepare(self.free)

    def find(self, shape, at=(0.5, 0.5), step: float = 7.0):
        """Move a shape to the free place nearest to a wished one.

        Args:
            shape: polygon around its own origin.
            at: wished place as fractions of the plot's bounding box, (0, 0) south-west.
            step: metres between the places tried.
        Returns:
            the moved polygon, or None where it fits nowhere.
        """
        if self.free.is_empty:
            return None
        x0, y0, x1, y1 = self.free.bounds
        bx0, by0, bx1, by1 = shape.bounds
        xs = np.arange(x0 - bx0 + 0.5, x1 - bx1, step)
        ys = np.arange(y0 - by0 + 0.5, y1 - by1, step)
        if not len(xs) or not len(ys):
            return None
        gx, gy = (g.ravel() for g in np.meshgrid(xs, ys))
        px, py = x0 + at[0] * (x1 - x0), y0 + at[1] * (y1 - y0)
        order = np.argsort((gx - px) ** 2 + (gy - py) ** 2, kind="stable")
        ring = shapely.get_coordinates(shape)
        for chunk in np.array_split(order, max(1, len(order) // 60)):
            moved = ring[None] + np.stack([gx[chunk], gy[chunk]], 1)[:, None]
            boxes = shapely.box(gx[chunk] + bx0, gy[chunk] + by0, gx[chunk] + bx1, gy[chunk] + by1)
            likely = shapely.intersects(self.free, boxes)
            for coords in moved[likely]:
                candidate = Polygon(coords)
                if self.free.contains_properly(candidate):
                    return candidate
        return None

    def spans(self, south: float, north: float) -> list[tuple[float, float]]:
        """Return the x ranges in which everything from south to north is free."""
        x0, _, x1, _ = self.free.bounds
        blocked = shapely.get_parts(box(x0 - 1, south, x1 + 1, north).difference(self.free))
        edges = sorted((b.bounds[0], b.bounds[2]) for b in blocked)
        out, x = [], x0 - 1
        for start, end in edges:
            if start > x:
                out.append((x, start))
            x = max(x, end)
        if x < x1 + 1:
            out.append((x, x1 + 1))
        return out

    def add(self, shape, clearance: float | None, **attributes) -> Draft:
        """Put a building on the plot; ``attributes`` are those of `Draft`.

        ``entrances`` are points of the plot's frame, by default the middle of the north
        side; ``rooms`` is short for (per_floor, room_m2).

        ``clearance`` metres around it are reserved; None reserves nothing, for rows that
        keep their own distances (reserving each of 200 houses would cost seconds).
        """
        if "rooms" in attributes:
            attributes["per_floor"], attributes["room_m2"] = attributes.pop("rooms")
        entrances = attributes.pop("entrances", None)
        if entrances is None:
            entrances = [north_door(shape)]
        draft = Draft(
            geom=self.outward(shape), site=self.site.number,
            entrances=[self.outward(shapely.Point(p)).coords[0] for p in entrances], **attributes,
        )
        if clearance is not None:
            self.reserve(shape, clearance)
        self.drafts.append(draft)
        return draft

    def put(self, shape, at, clearance: float, **attributes) -> Draft | None:
        """Find a place for a building near ``at`` (see `find`) and put it there."""
        found = self.find(shape, at)
        return None if found is None else self.add(found, clearance, **attributes)

    def islands(self, count: int, rng, size: float = 26.0) -> None:
        """Lay up to ``count`` planted beds of about ``size`` metres where paving is still free."""
        for _ in range(count):
            width, depth = size * rng.uniform(0.6, 1.3), size * rng.uniform(0.35, 0.7)
            self.lay_at(box(-width / 2, -depth / 2, width / 2, depth / 2), (rng.random(), rng.random()), 3, "garden")

    def lay(self, shape, kind: str, name: str = "") -> None:
        """Lay open ground of a kind (see `Surface`)."""
        self.surfaces.append(Surface(self.outward(shape), kind, name, self.site.number))

    def lay_at(self, shape, at, clearance: float, kind: str, name: str = ""):
        """Find a place for open ground near ``at``, reserve and lay it; None if none."""
        found = self.find(shape, at)
        if found is not None:
            self.reserve(found, clearance)
            self.lay(found, kind, name)
        return found


def north_door(shape) -> tuple[float, float]:
    """Return the middle of a footprint's northernmost wall, in the frame of the footprint."""
    ring = shapely.get_coordinates(shape.exterior)
    middles = (ring[:-1] + ring[1:]) / 2
    x, y = middles[np.argmax(middles[:, 1])]
    return float(x), float(y)


def street_angle(geom: Polygon) -> float:
    """Return the turn in radians, within ±20°, of the edges nearest to east-west.

    Houses in China face south; where streets are turned further than that, they do not
    follow them.
    """
    c = shapely.get_coordinates(geom.exterior)
    d = np.diff(c, axis=0)
    quad = np.angle(np.sum(np.hypot(*d.T) ** 2 * np.exp(4j * np.arctan2(d[:, 1], d[:, 0])))) / 4
    return float(np.clip(quad, -np.radians(20), np.radians(20)))
