"""The first rows of a layer, on which everything else is judged."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import shapely

from importers import origin
from importers.clean import read_geometries
from importers.source import Source, typical_box
from spatial.types import Box

ROWS = 100_000
"""Rows that are looked at. A file of more is judged by its beginning, which is said."""


# In the order of GEOS's numbers.
_NAMES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
          "GeometryCollection")


@dataclass(frozen=True)
class Sample:
    """The first rows of a layer.

    Attributes:
        rows: how many were read.
        whole: they are all rows of the layer.
        columns: attribute → values.
        geometries: shapely geometries in the coordinates of the source, None where missing or unreadable;
            None where the layer has no geometry.
        box: where most of them lie, x and y of the source; None where none can be read.
    """

    rows: int
    whole: bool
    columns: dict[str, pa.ChunkedArray]
    geometries: np.ndarray | None
    box: Box | None

    def types(self) -> dict[str, int]:
        """Return geometry type → rows, the most frequent first; ``none`` where there is no geometry."""
        if self.geometries is None:
            return {}
        names, counts = np.unique(shapely.get_type_id(self.geometries), return_counts=True)
        found = {("none" if name < 0 else _NAMES[name]): int(count)
                 for name, count in zip(names, counts, strict=True)}
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def exchanged(self) -> "Sample":
        """Return the rows with x and y exchanged."""
        with np.errstate(invalid="ignore"):
            turned = shapely.transform(self.geometries, lambda points: points[:, ::-1])
        west, south, east, north = self.box
        return replace(self, geometries=turned, box=Box(south, west, north, east))

    def nowhere(self) -> int:
        """Return how many rows have a corner at 0 while the others lie elsewhere."""
        if self.geometries is None or self.box is None:
            return 0
        degrees = max(map(abs, self.box)) <= 180
        return int(origin.at_nowhere(self.geometries, shapely.bounds(self.geometries), degrees).sum())

    def spots(self, most: int) -> np.ndarray:
        """Return points that stand for rows: float array (n, 2), x and y of the source.

        Args:
            most: how many at most, evenly spread over the rows. A polygon gives its centroid, a line its middle.
        """
        if self.geometries is None:
            return np.empty((0, 2))
        good = self.geometries[~(shapely.is_missing(self.geometries) | shapely.is_empty(self.geometries))]
        good = good[np.linspace(0, len(good) - 1, min(most, len(good))).astype(int)] if len(good) else good
        with np.errstate(invalid="ignore"):
            lines = shapely.get_type_id(good) == shapely.GeometryType.LINESTRING
            points = shapely.centroid(good)
            points[lines] = shapely.line_interpolate_point(good[lines], 0.5, normalized=True)
            found = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
        return found[np.isfinite(found).all(axis=1)]

    def middle(self, most: int) -> "Sample":
        """Return the rows that lie nearest to the middle of all of them, at most so many.

        What is on record around them is quickly read, and a few rows far out do not widen it.
        """
        bounds = shapely.bounds(self.geometries)
        known = np.flatnonzero(np.isfinite(bounds).all(axis=1))
        away = np.abs(bounds[known, :2] - np.median(bounds[known, :2], axis=0)).max(axis=1) if len(known) else known
        return replace(self, geometries=self.geometries[np.sort(known[np.argsort(away, kind="stable")[:most]])])


def of(wkb: pa.Array) -> Sample:
    """Return geometries of the first rows as a sample without columns."""
    geometries, _ = read_geometries(wkb)
    return Sample(len(wkb), False, {}, geometries, typical_box(wkb))


def read(source: Source) -> Sample:
    """Read the first rows of a source.

    Args:
        source: an open layer.

    Raises:
        SourceError: the file is damaged, ends early, or its text is not what it says.
    """
    columns: dict[str, list[pa.Array]] = {name: [] for name in source.layer.fields}
    wkb: list[pa.Array] = []
    rows, whole = 0, True
    for batch in source.batches():
        if rows >= ROWS:
            whole = False
            break
        rows += batch.rows
        for name, values in batch.columns.items():
            columns[name].append(values)
        if batch.wkb is not None:
            wkb.append(batch.wkb)
    together = {name: pa.chunked_array(chunks, None if chunks else pa.string()) for name, chunks in columns.items()}
    if source.layer.geometry is None:
        return Sample(rows, whole, together, None, None)
    raw = pa.concat_arrays(wkb) if wkb else pa.array([], pa.binary())
    geometries, _ = read_geometries(raw)
    return Sample(rows, whole, together, geometries, typical_box(raw))


__all__ = ["ROWS", "Sample", "of", "read"]
