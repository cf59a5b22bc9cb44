"""GeoTIFFs and tilesets written by the tests."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

PIXEL = 0.0001
"""Degrees: about ten metres."""

AT = Affine(PIXEL, 0, 117.0, 0, -PIXEL, 31.02)
"""Corner at 117.0, 31.02, as the community that tests put on record."""


def write(path: Path, pixels: np.ndarray, transform: Affine | None = AT, crs: str | None = "EPSG:4490",
          mask: np.ndarray | None = None, unit: str | None = None, **profile: Any) -> Path:
    """Write pixels, shape (bands, rows, columns) or (rows, columns)."""
    pixels = pixels if pixels.ndim == 3 else pixels[None]
    count, height, width = pixels.shape
    position = {} if transform is None else {"transform": transform}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(
            path, "w", driver="GTiff", width=width, height=height, count=count, dtype=pixels.dtype, crs=crs,
            **position, **profile) as file:
        file.write(pixels)
        if mask is not None:
            file.write_mask(mask)
        if unit is not None:
            file.units = (unit,)
    return path


def picture(rows: int = 60, columns: int = 80) -> np.ndarray:
    """Return a smooth picture, uint8, (3, rows, columns): red grows eastwards, green southwards, blue is 90."""
    red = np.broadcast_to(np.linspace(0, 255, columns), (rows, columns))
    green = np.broadcast_to(np.linspace(0, 255, rows)[:, None], (rows, columns))
    return np.stack([red, green, np.full((rows, columns), 90.0)]).astype("uint8")


def slope(rows: int = 200, columns: int = 200, low: float = 20.0, step: float = 0.1) -> np.ndarray:
    """Return heights that grow by ``step`` metres from each column to the next, float32."""
    return np.broadcast_to(low + step * np.arange(columns), (rows, columns)).astype("float32")


REGION = [2.0420, 0.5411, 2.0423, 0.5413, 0, 50]
"""Radians: near 117.0, 31.0."""


def glb(document: dict[str, Any] | None = None) -> bytes:
    """Return a binary glTF 2.0 with nothing but its JSON."""
    text = json.dumps(document or {"asset": {"version": "2.0"}}).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sII", b"glTF", 2, 20 + len(text)) + struct.pack("<I4s", len(text), b"JSON") + text


def b3dm(inside: bytes | None = None) -> bytes:
    """Return a batched model around a glTF."""
    inside = glb() if inside is None else inside
    return struct.pack("<4sIIIIII", b"b3dm", 1, 28 + len(inside), 0, 0, 0, 0) + inside


def i3dm(address: str) -> bytes:
    """Return an instanced model that names its glTF by address."""
    text = address.encode()
    return struct.pack("<4sIIIIIII", b"i3dm", 1, 32 + len(text), 0, 0, 0, 0, 0) + text


def cmpt(*inner: bytes) -> bytes:
    """Return a composite of tiles."""
    body = b"".join(inner)
    return struct.pack("<4sIII", b"cmpt", 1, 16 + len(body), len(inner)) + body


def tile(content: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a tile with a region near 117.0, 31.0."""
    described = {"boundingVolume": {"region": REGION}, "geometricError": 10, **more}
    return described if content is None else {**described, "content": {"uri": content}}


def tileset(folder: Path, root: dict[str, Any] | None = None, files: dict[str, bytes] | None = None,
            name: str = "tileset.json", version: str = "1.0", **more: Any) -> Path:
    """Write a tileset and its files; return the folder."""
    for path, content in (files if files is not None else {"a.b3dm": b3dm()}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    folder.mkdir(exist_ok=True)
    document = {"asset": {"version": version}, "geometricError": 100, "root": root or tile("a.b3dm"), **more}
    (folder / name).write_text(json.dumps(document))
    return folder
