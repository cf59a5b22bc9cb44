"""Plans of grids as files for other programs (导出): GeoPackage, and a shapefile in a zip."""

import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import shapely
from shapely import MultiPolygon

from spatial.geometry import to_degrees
from spatial.queries.plans.record import Plan

LAYER = "planned_grids"
"""Name of the layer: that of the concept by which it comes back as a plan."""

DRIVERS = {"gpkg": ("GPKG", "application/geopackage+sqlite3"), "zip": ("ESRI Shapefile", "application/zip")}
"""Ending → GDAL's name of the format, media type."""

CRS = "EPSG:4490"


def written(plan: Plan, ending: str) -> bytes:
    """Return the grids of a plan with code, name and kind; degrees, EPSG:4490 (lon, lat), as exact as they are.

    Args:
        plan: of which the faces are written. ending: of ``DRIVERS``.
    """
    # GDAL is loaded with the first file that is asked for.
    import pyogrio.raw

    driver, _ = DRIVERS[ending]
    faces = list(plan.faces.values())
    shapes = [to_degrees(face.geometry) for face in faces]
    wkb = shapely.to_wkb(np.array([shape if isinstance(shape, MultiPolygon) else MultiPolygon([shape])
                                   for shape in shapes], object))
    columns = [np.array([getattr(face, name) for face in faces], object) for name in ("code", "name", "kind")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (f"{LAYER}.gpkg" if ending == "gpkg" else f"{LAYER}.shp")
        pyogrio.raw.write(path, wkb, columns, ["code", "name", "kind"], layer=LAYER, driver=driver,
                          geometry_type="MultiPolygon" if ending == "gpkg" else "Polygon", crs=CRS, encoding="UTF-8")
        if ending == "gpkg":
            return path.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
        return packed.getvalue()
