"""What the child process does with a raster: describe it, and make it into a Cloud Optimized GeoTIFF.

Conversion goes in two steps. The first reads every pixel once, checks it and writes it in the one form that we
store; only so a file that is cut off or holds nonsense is found before anything is kept. The second lets GDAL's
own COG driver sort that form into tiles and overviews. The raster stays in its own system and on its own
pixels: heights are never resampled, and the tile server warps each tile as it is asked for.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine
from rasterio.windows import Window

ROWS, COLUMNS = 512, 4096
"""Window in which pixels are read: a row of tiles of the result, as many as fit into 2 MB a band."""

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights on land, metres: the shore of the Dead Sea lies at -430, Everest is 8,849 high."""

NO_HEIGHT = {"int16": -32768, "float32": -9999.0}
"""What stands for a pixel without height, by the type in which heights are stored."""

JPEG_QUALITY = 90

Say = Callable[[dict[str, Any]], None]


class Refused(Exception):
    """The file cannot be taken. ``args``: what is wrong, what to do."""


def open_raster(path: str) -> rasterio.DatasetReader:
    """Open a file with the one driver that may.

    Raises:
        Refused: it is no file of this machine. ``/vsicurl/…`` would ask the network.
    """
    if not os.path.isfile(path):
        raise Refused("it is not a file.", "Check the path.")
    return rasterio.open(os.path.abspath(path), driver="GTiff")


def describe(say: Say, path: str) -> dict[str, Any]:
    """Return what a raster says of itself, without reading pixels.

    Args:
        say: is not used.
        path: the file.

    Returns:
        width, height, dtypes, colours of the bands, nodata, masked, crs (WKT or None), transform (a … f, None where the
        file has no position), unit, largest block in bytes.
    """
    with open_raster(path) as raster:
        blocks = [rows * columns for rows, columns in raster.block_shapes]
        masked = any(MaskFlags.all_valid not in flags for flags in raster.mask_flag_enums)
        positioned = raster.transform != Affine.identity()
        return {
            "width": raster.width,
            "height": raster.height,
            "dtypes": list(raster.dtypes),
            "colours": [colour.name for colour in raster.colorinterp],
            "nodata": None if raster.nodata is None or np.isnan(raster.nodata) else float(raster.nodata),
            "masked": masked,
            "crs": raster.crs.to_wkt() if raster.crs else None,
            "transform": list(raster.transform)[:6] if positioned else None,
            "unit": raster.units[0],
            "block": max(size * np.dtype(dtype).itemsize
                         for size, dtype in zip(blocks, raster.dtypes, strict=True)) * (
                             raster.count if raster.interleaving == rasterio.enums.Interleaving.pixel else 1),
        }


def convert(say: Say, path: str, kind: str, folder: str, crs: str, transform: list[float], bands: list[int],
            stretch: list[float] | None, nodata: float | None, spots: list[list[float]]) -> dict[str, Any]:
    """Make a raster into ``cog.tif`` in a folder.

    Args:
        say: is told how many rows of pixels have been read.
        path: the file.
        kind: ``imagery`` or ``terrain``.
        folder: where to write.
        crs: WKT of its system.
        transform: a … f, pixel → x, y.
        bands: bands to take, counted from 1.
        stretch: for imagery of 16 bits the values that become 0 and 255.
        nodata: value that stands for nothing, where the file does not declare it.
        spots: columns and rows of pixels' corners whose position is asked for.

    Returns:
        masked: it has holes. lowest, highest: metres, for terrain. positions: longitude and latitude of the spots as
        the raster library has them, degrees.

    Raises:
        Refused: values make no sense.
    """
    plain, cog = os.path.join(folder, "plain.tif"), os.path.join(folder, "cog.tif")
    with open_raster(path) as raster:
        shape = {"width": raster.width, "height": raster.height, "crs": CRS.from_wkt(crs),
                 "transform": Affine(*transform)}
        if kind == "imagery":
            found = _picture(say, raster, plain, shape, bands, stretch, nodata)
            layout = {"compress": "JPEG", "quality": JPEG_QUALITY, "overview_resampling": "average"}
        else:
            found = _heights(say, raster, plain, shape, nodata)
            layout = {"compress": "DEFLATE", "predictor": "YES", "overview_resampling": "average"}
    with open_raster(plain) as raster:
        rasterio.shutil.copy(raster, cog, driver="COG", blocksize=512, bigtiff="IF_SAFER", num_threads="2", **layout)
    os.unlink(plain)
    with open_raster(cog) as raster:
        columns, rows = np.array(spots, dtype=float).T
        a, b, c, d, e, f = raster.transform[:6]
        x, y = a * columns + b * rows + c, d * columns + e * rows + f
        longitude, latitude = rasterio.warp.transform(raster.crs, "EPSG:4326", x, y)
    return {**found, "positions": [list(pair) for pair in zip(longitude, latitude, strict=True)]}


def _plain(path: str, shape: dict[str, Any], **more: Any) -> rasterio.io.DatasetWriter:
    return rasterio.open(path, "w", driver="GTiff", tiled=True, blockxsize=512, blockysize=512, compress="deflate",
                         zlevel=1, bigtiff="IF_SAFER", **shape, **more)


def _windows(say: Say, raster: rasterio.DatasetReader) -> Iterator[Window]:
    for row in range(0, raster.height, ROWS):
        for column in range(0, raster.width, COLUMNS):
            yield Window(column, row, min(COLUMNS, raster.width - column), min(ROWS, raster.height - row))
        say({"rows": min(row + ROWS, raster.height)})


def _picture(say: Say, raster: rasterio.DatasetReader, path: str, shape: dict[str, Any], bands: list[int],
             stretch: list[float] | None, nodata: float | None) -> dict[str, Any]:
    masked = nodata is not None or any(MaskFlags.all_valid not in flags for flags in raster.mask_flag_enums)
    with _plain(path, shape, count=3, dtype="uint8", interleave="pixel", photometric="rgb") as written:
        written.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
        for window in _windows(say, raster):
            pixels = raster.read(bands, window=window)
            if masked:
                there = raster.dataset_mask(window=window) if nodata is None else \
                    np.where((pixels != nodata).any(axis=0), 255, 0).astype("uint8")
                # Half transparent is there: a mask knows only yes and no.
                written.write_mask(there > 0, window=window)
            if stretch is not None:
                low, high = stretch
                pixels = np.clip((pixels.astype("float32") - low) * (255 / (high - low)), 0, 255)
                pixels = np.rint(pixels).astype("uint8")
            written.write(pixels, window=window)
    return {"masked": masked}


def _heights(say: Say, raster: rasterio.DatasetReader, path: str, shape: dict[str, Any], nodata: float | None,
             ) -> dict[str, Any]:
    scale, offset = raster.scales[0], raster.offsets[0]
    whole = np.issubdtype(np.dtype(raster.dtypes[0]), np.integer) and (scale, offset) == (1, 0)
    dtype = "int16" if whole else "float32"
    nothing, lowest, highest, wrong, first = NO_HEIGHT[dtype], np.inf, -np.inf, 0, None
    with _plain(path, shape, count=1, dtype=dtype, nodata=nothing, predictor=2 if whole else 3) as written:
        for window in _windows(say, raster):
            raw = raster.read(1, window=window)
            there = raster.read_masks(1, window=window) > 0
            if nodata is not None:
                there &= raw != nodata
            values = raw.astype("float64") * scale + offset
            there &= ~np.isnan(values)
            odd = there & ~((values >= LOWEST_M) & (values <= HIGHEST_M))
            if odd.any():
                wrong += int(odd.sum())
                if first is None:
                    row, column = np.argwhere(odd)[0]
                    first = (int(window.col_off + column), int(window.row_off + row), float(raw[row, column]))
            elif there.any():
                lowest, highest = min(lowest, values[there].min()), max(highest, values[there].max())
            written.write(np.where(there & ~odd, values, nothing).astype(dtype), 1, window=window)
    if wrong:
        column, row, value = first
        raise Refused(
            f"{wrong:,} pixels are no heights in metres from {LOWEST_M:g} to {HIGHEST_M:g}, the first at column "
            f"{column}, row {row}: {value:g}.",
            f"If {value:g} stands for no height, add --nodata={value:g}; if the unit is another, convert it to metres.")
    if lowest > highest:
        raise Refused("no pixel has a height.", "Export it again.")
    return {"masked": bool(raster.nodata is not None or nodata is not None), "lowest": float(lowest),
            "highest": float(highest)}
