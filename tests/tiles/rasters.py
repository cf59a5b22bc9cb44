"""Pictures and elevation models as the importer stores them, with their rows, made without a database."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from importers.rasters import convert, position
from importers.rasters import run as rasters
from spatial.queries.imagery import Imagery
from spatial.queries.terrain import Terrain
from tests.importers import geotiffs


def stored(kind: str, pixels: np.ndarray, folder: Path, **how: Any) -> tuple[Path, Imagery | Terrain]:
    """Write pixels as the importer would store them.

    Args:
        kind: ``imagery`` or ``terrain``.
        pixels: as for ``geotiffs.write``.
        folder: gets the file.
        how: further arguments of ``geotiffs.write``.

    Returns:
        The file, and its row.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = geotiffs.write(folder / "given.tif", pixels, **how)
    described = rasters.describe(path)
    where = position.locate(path, described, None, False)
    bands = [1, 2, 3] if kind == "imagery" else [1]
    found = convert.convert(lambda _: None, str(path), kind, str(folder), described["crs"], list(where.transform),
                            bands, None, None, where.spots.tolist())
    west, south, east, north = where.footprint.bounds
    row = {"name": "made", "attribution": None, "file_name": path.name, "path": "sources/made.tif", "bytes": 1,
           "crs": where.reference.label, "west": west, "south": south, "east": east, "north": north,
           "minzoom": where.minzoom, "maxzoom": where.maxzoom, "imported_at": datetime(2026, 11, 1, tzinfo=UTC),
           "width": described["width"], "height": described["height"], "resolution_m": where.resolution_m}
    if kind == "imagery":
        return folder / "cog.tif", Imagery(**row, bands=["red", "green", "blue"])
    return folder / "cog.tif", Terrain(**row, lowest_m=found["lowest"], highest_m=found["highest"])
