"""Small GIS files written by the tests."""

import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio.raw
import shapely

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".geojsonl": "GeoJSONSeq",
           ".gdb": "OpenFileGDB", ".kml": "LIBKML", ".gml": "GML", ".tab": "MapInfo File", ".mif": "MapInfo File",
           ".fgb": "FlatGeobuf"}
_METADATA = {b"ARROW:extension:name": b"geoarrow.wkb"}


def write(path: Path, columns: dict[str, list], geometry: list | np.ndarray | None = None, *, layer: str | None = None,
          crs: str | None = "EPSG:4490", kind: str = "Unknown", append: bool = False, **options: object) -> Path:
    """Write one layer.

    Args:
        path: its ending says the driver.
        columns: attribute → values.
        geometry: shapely geometries, WKB or None; no geometry column at all when None.
        layer: name of the layer; the file's name when None.
        crs: None leaves the file without one.
        kind: declared geometry type.
        append: add the layer to an existing file.
        options: of the driver.
    """
    arrays = {name: pa.array(values, None if values else pa.string()) for name, values in columns.items()}
    fields = [pa.field(name, array.type) for name, array in arrays.items()]
    if geometry is not None:
        if isinstance(geometry, np.ndarray):
            wkb = shapely.to_wkb(geometry, flavor="iso")
        else:
            wkb = [shape if isinstance(shape, bytes | None) else shapely.to_wkb(shape, flavor="iso")
                   for shape in geometry]
        arrays["geom"] = pa.array(wkb, pa.binary())
        fields.append(pa.field("geom", pa.binary(), metadata=_METADATA))
    table = pa.Table.from_arrays(list(arrays.values()), schema=pa.schema(fields))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")
        pyogrio.raw.write_arrow(
            table, str(path), layer=layer or path.stem, driver=DRIVERS[path.suffix], geometry_name="geom" if geometry
            is not None else None, geometry_type=kind if geometry is not None else None,
            crs=crs if geometry is not None else None, append=append, **options)
    return path


def square(west: float, south: float, size: float = 0.001) -> shapely.Polygon:
    """Return a square, degrees, by its south-west corner and side."""
    return shapely.box(west, south, west + size, south + size)


def bow_tie(west: float, south: float, size: float = 0.001) -> shapely.Polygon:
    """Return a ring that crosses itself in its middle."""
    return shapely.Polygon([(west, south), (west + size, south + size), (west + size, south), (west, south + size)])


def buildings(path: Path, count: int = 3, west: float = 117.0005, south: float = 31.0005, **more: object) -> Path:
    """Write some buildings with codes B1, B2, … in rows of 10,000, 0.001° apart, GeoPackage layer ``buildings``."""
    columns = {"code": [f"B{number}" for number in range(1, count + 1)], "height_m": [18.0] * count}
    across, up = west + 0.001 * (np.arange(count) % 10_000), south + 0.001 * (np.arange(count) // 10_000)
    shapes = shapely.box(across, up, across + 0.0005, up + 0.0005)
    return write(path, columns, shapes, layer="buildings" if path.suffix == ".gpkg" else None, **more)
