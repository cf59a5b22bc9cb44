"""Layers → files: GeoPackage, GBK shapefile, GeoJSON, CSV."""

import csv
import json
from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from sample_gis.layer import CRS, Layer

SHAPEFILE_NAMES = {"floors_above": "flrs_above", "floors_below": "flrs_below"}
"""Columns whose names exceed the ten bytes of a DBF field name → name in the shapefile."""


def geopackage(path: Path, layers) -> None:
    """Write layers to one GeoPackage, EPSG:4490; tables without geometry as attributes."""
    for layer in layers:
        _write(path, layer, driver="GPKG", layer=layer.name, names=list(layer.columns))


def shapefile(path: Path, layer: Layer) -> None:
    """Write a layer as shapefile with GBK text, .cpg and .prj; names as `SHAPEFILE_NAMES`."""
    names = [SHAPEFILE_NAMES.get(name, name) for name in layer.columns]
    _write(path, layer, driver="ESRI Shapefile", names=names, encoding="GBK")


def _write(path, source, driver, names, encoding="UTF-8", **options) -> None:
    columns = [np.ma.getdata(column) for column in source.columns.values()]
    masks = [np.ma.getmaskarray(c) if np.ma.isMaskedArray(c) else None for c in source.columns.values()]
    geometry = None if source.geometry is None else shapely.to_wkb(source.geometry)
    pyogrio.raw.write(
        str(path), geometry=geometry, field_data=columns, field_mask=masks, fields=names, driver=driver,
        geometry_type=source.geometry_type, crs=None if geometry is None else CRS, encoding=encoding, **options,
    )


def geojson(path: Path, layer: Layer) -> None:
    """Write a layer as GeoJSON (RFC 7946), one feature a line.

    RFC 7946 knows WGS 84 alone; CGCS2000 differs from it by less than a metre.
    """
    geometries = shapely.to_geojson(layer.geometry)
    names = list(layer.columns)
    rows = zip(*(_plain(column) for column in layer.columns.values()), strict=True)
    lines = [
        f'{{"type":"Feature","properties":{_json(dict(zip(names, row, strict=True)))},"geometry":{geometry}}}'
        for row, geometry in zip(rows, geometries, strict=True)
    ]
    body = ",\n".join(lines)
    path.write_text(f'{{"type":"FeatureCollection","name":"{layer.name}","features":[\n{body}\n]}}\n',
                    encoding="utf-8", newline="\n")


def _json(properties: dict) -> str:
    return json.dumps(properties, ensure_ascii=False, separators=(",", ":"))


def table(path: Path, layer: Layer) -> None:
    """Write a layer as CSV, UTF-8; points as the last columns ``lon`` and ``lat`` (EPSG:4490)."""
    columns = [_plain(column) for column in layer.columns.values()]
    names = list(layer.columns)
    if layer.geometry is not None:
        names += ["lon", "lat"]
        columns += [_plain(shapely.get_x(layer.geometry)), _plain(shapely.get_y(layer.geometry))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))


def _plain(column: np.ndarray) -> list:
    return column.tolist()
