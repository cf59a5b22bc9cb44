"""Rows that lie far from where a file is: a slip of the pen in one position, or one in another system or order.

The middle of the data tells whether the file as a whole is in the system that it is said to be in
(``spatial.crs_numbers``). Here each row is asked.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from spatial import crs, crs_numbers
from spatial.types import Box

AROUND = 3.0
"""The others lie within so many times the extent of the middle half of them …"""

LEAST_DEGREES, LEAST_M = 0.1, 10_000.0
"""… or at least so near to it."""


@dataclass(frozen=True)
class Surroundings:
    """Where the rows of a file may lie.

    Attributes:
        reference: the system of the file.
        usual: where the middle half of the rows lies, x and y of the source; None where unknown.
        area: longitudes and latitudes that no row leaves by more than ``crs_numbers.AREA_MARGIN``, degrees,
            EPSG:4490; None where nothing is known. It may cross the antimeridian (east < west).
    """

    reference: crs.Reference
    usual: Box | None
    area: Box | None

    @classmethod
    def of(cls, route: crs.Route, usual: Box | None, home: tuple[float, float] | None, override: bool,
           ) -> "Surroundings":
        """Return the surroundings of a file.

        Args:
            route: how its coordinates become stored ones.
            usual: where the middle half of its rows lies, x and y of the source.
            home: longitude and latitude of something on record; None where nothing is.
            override: a person believes the system wherever the rows lie: then its area counts for single
                rows only if the middle of them is inside.
        """
        area = None if usual is None else crs_numbers.area_of_rows(route, usual, home, override)
        return cls(route.reference, usual, area)

    def exchanged(self, bounds: np.ndarray) -> np.ndarray:
        """Tell which rows lie among the others once x and y are exchanged, and not as they are.

        Args:
            bounds: float array (n, 4), x and y of the source, NaN where missing.
        """
        if self.usual is None:
            return np.zeros(len(bounds), bool)
        return ~self._among(bounds) & self._among(bounds[:, [1, 0, 3, 2]])

    def away(self, stored: np.ndarray) -> np.ndarray:
        """Tell which rows leave the area.

        Args:
            stored: bounds of the rows in stored coordinates, float array (n, 4), NaN where missing.
        """
        if self.area is None:
            return np.zeros(len(stored), bool)
        known = ~np.isnan(stored).any(axis=1)
        corners = np.vstack([stored[:, :2], stored[:, 2:]])
        beyond = crs_numbers.beyond(self.area, corners[:, 0], corners[:, 1]).reshape(2, -1).any(axis=0)
        return known & beyond

    def words(self, geometry: shapely.Geometry) -> str:
        """Say what is wrong with a row that leaves the area, by its geometry in the coordinates of the source."""
        x, y = shapely.get_coordinates(geometry)[0]
        label = self.reference.label
        if not self.reference.geographic and max(abs(x), abs(y)) <= 180:
            return (f"lies at {x:.10g}, {y:.10g}, which look like degrees among coordinates in {label}; correct it, or "
                    "leave the row out")
        area = self.area
        return (f"lies at {x:.10g}, {y:.10g} ({label}), more than {crs_numbers.AREA_MARGIN:g}° outside longitudes "
                f"{area.west:g} to {area.east:g}, latitudes {area.south:g} to {area.north:g}; look for a digit too "
                "few or too many, correct it, or leave the row out")

    def swapped_words(self, geometry: shapely.Geometry) -> str:
        """Say what is wrong with a row whose x and y are exchanged."""
        x, y = shapely.get_coordinates(geometry)[0]
        return (f"lies at {x:.10g}, {y:.10g} ({self.reference.label}), and among the others with x and y exchanged; "
                "exchange them in this row, or leave it out")

    def _among(self, bounds: np.ndarray) -> np.ndarray:
        west, south, east, north = self.usual
        least = LEAST_DEGREES if self.reference.geographic else LEAST_M / self.reference.metres_per_unit
        margin = max(least, AROUND * (east - west), AROUND * (north - south))
        with np.errstate(invalid="ignore"):
            return ((bounds >= [west - margin, south - margin] * 2)
                    & (bounds <= [east + margin, north + margin] * 2)).all(axis=1)


__all__ = ["Surroundings"]
