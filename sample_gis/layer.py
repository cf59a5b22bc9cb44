"""A layer: named columns of equal length, and a geometry for each row."""

from dataclasses import dataclass

import numpy as np

CRS = "EPSG:4490"
"""CGCS2000, longitude and latitude in this order."""


@dataclass(frozen=True)
class Layer:
    """One concept of the city as it is written to a file.

    Attributes:
        name: layer name in the GeoPackage.
        columns: column name → array of one value per row, in the order written; a masked
            array where whole numbers may be missing, None where text may be.
        geometry: shapely geometries in EPSG:4490 (lon, lat), or None for a table.
        geometry_type: OGC name such as ``MultiPolygon``; None for a table.
    """

    name: str
    columns: dict[str, np.ndarray]
    geometry: np.ndarray | None = None
    geometry_type: str | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]


def text(values) -> np.ndarray:
    """Return values as an array of Python strings."""
    return np.array(list(values), dtype=object)
