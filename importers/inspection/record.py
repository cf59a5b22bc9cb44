"""What is on record already, for comparing: areas, footprints and roads near some points.

Every geometry is EPSG:4490, longitude and latitude in degrees; distances are metres on a plane
through the points compared, exact to a percent over a city.
"""

from dataclasses import dataclass, field

import numpy as np
import psycopg
import shapely

from spatial.crs_numbers import METRES_OF_A_DEGREE

MOST_AREAS = 20_000
MOST_NEIGHBOURS = 50_000
"""Geometries taken from the database at most."""

LEAST_NEIGHBOURS = 20
"""Fewer footprints or roads on record are no evidence."""

# One row for each area of any level. Columns: geometry as WKB.
_AREAS = "SELECT ST_AsBinary(geom) FROM area LIMIT %s"

# Row: longitude and latitude of a corner of any area, EPSG:4490, degrees.
_SOMEWHERE = "SELECT ST_XMin(geom), ST_YMin(geom) FROM area LIMIT 1"

# Row: whether any area is on record, and how many of some points lie inside one.
# Parameters: longitudes and latitudes, EPSG:4490, degrees.
_HITS = """
SELECT EXISTS (SELECT FROM area), count(*) FILTER (WHERE EXISTS (
    SELECT FROM area WHERE area.geom_web && ST_Transform(ST_SetSRID(spot, 4326), 3857)
    AND ST_Intersects(area.geom, ST_SetSRID(spot, 4490))))
FROM (SELECT ST_MakePoint(x, y) AS spot FROM unnest(%s::float8[], %s::float8[]) AS points (x, y)) AS spots
"""

# One row for each object that meets a box. Columns: geometry as WKB.
# Parameters: west, south, east, north (EPSG:4490, degrees), and how many at most.
_NEIGHBOURS = {
    "buildings": """
SELECT ST_AsBinary(footprint) FROM building
WHERE geom_web && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857) LIMIT %s
""",
    "roads": """
SELECT ST_AsBinary(geom) FROM road
WHERE geom_web && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857) LIMIT %s
""",
}


@dataclass
class Record:
    """What a database has on record.

    Attributes:
        connection: in a jurisdiction that sees everything; only read.
    """

    connection: psycopg.Connection
    _areas: shapely.STRtree | None = field(default=None, repr=False)

    @property
    def areas(self) -> shapely.STRtree:
        """The areas, read once."""
        if self._areas is None:
            rows = self.connection.execute(_AREAS, [MOST_AREAS]).fetchall()
            self._areas = shapely.STRtree(shapely.from_wkb([bytes(wkb) for (wkb,) in rows]))
        return self._areas

    def inside(self, points: np.ndarray) -> float | None:
        """Return the share of points that lie inside the areas on record.

        Args:
            points: float array (n, 2), longitude and latitude, EPSG:4490.

        Returns:
            0 to 1; None where no area is on record, or no point is given.
        """
        if not len(self.areas) or not len(points):
            return None
        good = np.isfinite(points).all(axis=1)
        hits = self.areas.query(shapely.points(points[good]), predicate="intersects")[0]
        return len(np.unique(hits)) / len(points)

    def somewhere(self) -> tuple[float, float] | None:
        """Return longitude and latitude of a corner of some area, EPSG:4490; None where none is on record."""
        return self.connection.execute(_SOMEWHERE).fetchone()

    def hits(self, points: np.ndarray) -> float | None:
        """Return what ``inside`` does, for few points, without reading the areas.

        Args:
            points: float array (n, 2), longitude and latitude, EPSG:4490.
        """
        good = points[np.isfinite(points).all(axis=1) & (np.abs(points) <= [180.0, 85.05]).all(axis=1)]
        known, hits = self.connection.execute(_HITS, [good[:, 0].tolist(), good[:, 1].tolist()]).fetchone()
        return hits / len(points) if known and len(points) else None

    def residuals(self, hypotheses: list[np.ndarray], kind: str) -> list[float] | None:
        """Return how far points lie from what is on record, each time they are somewhere else.

        Args:
            hypotheses: float arrays (n, 2), longitude and latitude: the same rows under several systems.
            kind: ``centres`` compares with the centroids of footprints, ``footprints`` with the footprints
                themselves, ``roads`` with roads.

        Returns:
            Median distance for each hypothesis, metres; None where too little is on record there.
        """
        every = np.vstack(hypotheses)
        every = every[np.isfinite(every).all(axis=1)]
        if not len(every):
            return None
        (west, south), (east, north) = every.min(axis=0) - 0.002, every.max(axis=0) + 0.002
        if east - west > 1 or north - south > 1:
            return None
        statement = _NEIGHBOURS["roads" if kind == "roads" else "buildings"]
        rows = self.connection.execute(statement, [west, south, east, north, MOST_NEIGHBOURS]).fetchall()
        if len(rows) < LEAST_NEIGHBOURS:
            return None
        scale = METRES_OF_A_DEGREE * np.array([np.cos(np.radians((south + north) / 2)), 1.0])
        neighbours = shapely.transform(shapely.from_wkb([bytes(wkb) for (wkb,) in rows]), lambda points: points * scale)
        tree = shapely.STRtree(shapely.centroid(neighbours) if kind == "centres" else neighbours)
        return [_median_distance(tree, points * scale) for points in hypotheses]


def _median_distance(tree: shapely.STRtree, points: np.ndarray) -> float:
    good = np.isfinite(points).all(axis=1)
    if not good.any():
        return float("inf")
    (_, _), distances = tree.query_nearest(shapely.points(points[good]), return_distance=True, all_matches=False)
    return float(np.median(distances))


__all__ = ["Record"]
