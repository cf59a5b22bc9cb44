"""The ground under buildings, from the elevation models on record.

``ground_m`` of a building is the lowest height at the corners of its outline: on a slope the lowest ground under a
polygon lies at one of its corners, and a building whose base is the lowest ground stands in the hill and
never hangs over it. Where several models cover a place the finest one that has a height there is asked.

A building's ``base_m`` is what its file said, else this (``spatial/models/buildings.py``).
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import shapely

from importers import concepts
from importers.guard import wait_for_turn
from spatial import crs
from spatial.crs_earth import back
from spatial.errors import SourceError
from spatial.queries import terrain
from spatial.settings import Settings
from spatial.types import Box

if TYPE_CHECKING:
    from rasterio import DatasetReader

BATCH = 20_000
"""Buildings looked at together; a city block has about ten corners a building."""

TILE = 1024
"""Pixels of a window that is read at once, on each side: 4 MB."""

# Rows: id and outline of buildings on covered ground, in the order in which they lie on disk and so nearly on the map.
# Parameters: west, south, east, north (EPSG:4490), whether those with a known ground are left out.
_BUILDINGS = """
SELECT id, ST_AsBinary(footprint) FROM building
WHERE geom_web && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 4326), 3857)
  AND (NOT %s OR ground_m IS NULL)
ORDER BY id
"""
_SAMPLES = "CREATE TEMPORARY TABLE ground_sample (id int8, metres float8) ON COMMIT DROP"
_COPY = "COPY ground_sample (id, metres) FROM STDIN"
_STATISTICS = "ANALYZE ground_sample"

# A building that lies in two areas was sampled twice, alike.
_WRITE = """
UPDATE building AS b SET ground_m = s.metres FROM ground_sample AS s
WHERE b.id = s.id AND b.ground_m IS DISTINCT FROM s.metres
"""
_DROP = "DROP TABLE ground_sample"


class Ground:
    """Heights of the ground by the elevation models of a list, the first that has one.

    Use as a context manager.

    Args:
        models: in the order in which they are asked.
        home: the data directory.

    Raises:
        SourceError: a file of theirs is gone.
    """

    def __init__(self, models: list[terrain.Terrain], home: Path) -> None:
        # Imported here: a run without elevation models need not wait for GDAL to load.
        import rasterio

        self._open = ExitStack()
        self._models = []
        try:
            for model in models:
                path = home / model.path
                if not path.is_file():
                    raise SourceError(
                        f"The terrain {model.name!r} is on record and its file {model.path} is gone from the data "
                        "directory.", "Nothing was imported. Import the terrain again, or take it off the record: "
                        f"shapan import remove terrain {model.name}")
                raster = self._open.enter_context(rasterio.open(path, driver="GTiff"))
                reference = crs.reference_of_file(raster.crs.to_wkt())
                self._models.append((raster, crs.route(reference), model.box))
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> "Ground":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def sample(self, points: np.ndarray) -> np.ndarray:
        """Return the height of the ground at some places.

        Args:
            points: float array (n, 2), longitude and latitude, degrees, EPSG:4490.

        Returns:
            Float array (n,), metres; NaN where no model has a height. Between pixels bilinear; beside a hole
            from the pixels that are there.
        """
        heights = np.full(len(points), np.nan)
        for raster, route, box in self._models:
            west, south, east, north = box
            wanted = np.flatnonzero(np.isnan(heights) & (points[:, 0] >= west) & (points[:, 0] <= east)
                                    & (points[:, 1] >= south) & (points[:, 1] <= north))
            if len(wanted):
                heights[wanted] = _sample(raster, back(route, points[wanted]))
        return heights


def fill(connection: psycopg.Connection, settings: Settings, areas: list[Box] | None = None) -> int:
    """Give buildings their ground.

    Args:
        connection: inside the transaction of a run that holds the turn of buildings; sees everything.
        settings: give the data directory.
        areas: every building inside is looked at anew; None looks at those alone whose ground is not known,
            wherever there is a model.

    Returns:
        How many buildings have another ground now.
    """
    models = terrain.every(connection)
    boxes = areas if areas is not None else [model.box for model in models]
    if not boxes:
        return 0
    connection.execute(_SAMPLES)
    with Ground(models, settings.home) as ground:
        for box in boxes:
            for ids, outlines in _buildings(connection, box, areas is None):
                _keep(connection, ids, lowest(ground, outlines))
    connection.execute(_STATISTICS)
    count = connection.execute(_WRITE).rowcount
    connection.execute(_DROP)
    return count


def lowest(ground: Ground, outlines: np.ndarray) -> np.ndarray:
    """Return the lowest ground at the corners of each outline.

    Args:
        ground: gives heights.
        outlines: shapely geometries, EPSG:4490.

    Returns:
        Float array, metres to the centimetre; NaN where no corner has a height.
    """
    corners, owners = shapely.get_coordinates(outlines, return_index=True)
    heights = ground.sample(corners)
    found = np.full(len(outlines), np.inf)
    there = ~np.isnan(heights)
    np.minimum.at(found, owners[there], heights[there])
    return np.where(np.isinf(found), np.nan, found.round(2))


def follower(settings: Settings) -> Callable[[psycopg.Connection, list[shapely.Geometry]], dict[str, Any]]:
    """Return what must follow when a terrain has come, changed or gone: its buildings get their ground anew.

    Args:
        settings: give the data directory.
    """

    def follow(connection: psycopg.Connection, changed: list[shapely.Geometry]) -> dict[str, Any]:
        wait_for_turn(connection, concepts.find("buildings"))
        return {"buildings_on_new_ground": fill(connection, settings, [Box(*area.bounds) for area in changed])}

    return follow


def _buildings(connection: psycopg.Connection, box: Box, unknown: bool) -> Iterator[tuple[list[int], np.ndarray]]:
    with connection.cursor(name="ground", binary=True) as cursor:
        cursor.execute(_BUILDINGS, (*box, unknown))
        while rows := cursor.fetchmany(BATCH):
            ids, wkb = zip(*rows, strict=True)
            yield list(ids), shapely.from_wkb(np.array(wkb, dtype=object))


def _keep(connection: psycopg.Connection, ids: list[int], metres: np.ndarray) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for number, height in zip(ids, metres.tolist(), strict=True):
            copy.write_row((number, None if height != height else height))


def _sample(raster: "DatasetReader", places: np.ndarray) -> np.ndarray:
    """Return heights at places of the raster's own system, NaN where there is none."""
    with np.errstate(invalid="ignore"):
        inverse = ~raster.transform
        # Counted from the centre of the first pixel.
        columns = inverse.a * places[:, 0] + inverse.b * places[:, 1] + inverse.c - 0.5
        rows = inverse.d * places[:, 0] + inverse.e * places[:, 1] + inverse.f - 0.5
        inside = ((columns >= -0.5) & (columns <= raster.width - 0.5)
                  & (rows >= -0.5) & (rows <= raster.height - 0.5))
    heights = np.full(len(places), np.nan)
    wanted = np.flatnonzero(inside)
    columns, rows = columns[wanted].clip(0, raster.width - 1), rows[wanted].clip(0, raster.height - 1)
    tiles = (rows // TILE).astype(np.int64) * (raster.width // TILE + 1) + (columns // TILE).astype(np.int64)
    order = np.argsort(tiles, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        if len(part):
            heights[wanted[part]] = _window(raster, columns[part], rows[part])
    return heights


def _window(raster: "DatasetReader", columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return heights at fractional pixels that lie within one tile, bilinear over the pixels that have one."""
    left, top = columns.astype(np.int64), rows.astype(np.int64)
    first_column, first_row = int(left.min()), int(top.min())
    width = min(int(left.max()) + 2, raster.width) - first_column
    height = min(int(top.max()) + 2, raster.height) - first_row
    window = ((first_row, first_row + height), (first_column, first_column + width))
    pixels = raster.read(1, window=window).astype(np.float64)
    there = raster.read_masks(1, window=window) > 0
    x, y = columns - left, rows - top
    total, weight = np.zeros(len(columns)), np.zeros(len(columns))
    for down, share_down in ((0, 1 - y), (1, y)):
        for across, share_across in ((0, 1 - x), (1, x)):
            row = (top + down - first_row).clip(0, height - 1)
            column = (left + across - first_column).clip(0, width - 1)
            share = share_down * share_across * there[row, column]
            total += share * pixels[row, column]
            weight += share
    with np.errstate(invalid="ignore"):
        return np.where(weight > 0, total / weight, np.nan)


__all__ = ["Ground", "fill", "follower", "lowest"]
