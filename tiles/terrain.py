"""Tiles of terrain (地形): heights as colours of a PNG, the way MapLibre, Mapbox, QGIS and deck.gl read them.

A pixel's height is -10000 + (R × 65536 + G × 256 + B) × 0.1 metres: Mapbox Terrain-RGB v1,
https://docs.mapbox.com/data/tilesets/reference/mapbox-terrain-rgb-v1/. It has no colour for "not known": every pixel
of a tile has a height. Where the model has none, in its holes and beyond its edge, the ground around goes on: 0 m
would be a cliff, and so would any other number.

Hillshade needs no tiles of its own: MapLibre shades these in the browser.
"""

import math
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np

from spatial.queries.terrain import Terrain
from tiles import filed, images
from tiles.datasets import Datasets
from tiles.filed import Frame
from tiles.matrix import Address, web

LOWEST_M = -10_000.0
STEP_M = 0.1

NOTHING = -32_768.0
"""Stands for no height while a tile is drawn; lower than the Earth."""

COARSE = 64
"""Cells along the longer side of the coarse model that holes are filled from."""

EASED = 6
"""Cells of it within which the ground beyond the edge comes nearer to the mean, by a factor of e.

Carried on without end the heights along the edge would be furrows, which hillshade draws.
"""


def encode(heights: np.ndarray) -> np.ndarray:
    """Return heights as Terrain-RGB.

    Args:
        heights: float array (rows, columns), metres from -10,000 to 1,667,721.

    Returns:
        uint8 array (3, rows, columns), to the nearest tenth of a metre.
    """
    steps = np.rint((heights.astype("float64") - LOWEST_M) / STEP_M).astype("uint32")
    return np.stack([steps >> 16, steps >> 8, steps]).astype("uint8")


def decode(pixels: np.ndarray) -> np.ndarray:
    """Return the heights of Terrain-RGB: float array (rows, columns), metres, from uint8 (3, rows, columns)."""
    red, green, blue = pixels.astype("float64")
    return LOWEST_M + (red * 65_536 + green * 256 + blue) * STEP_M


class Ground:
    """Draws terrain tiles.

    Args:
        datasets: opens the files.
        kept: of how many models the coarse form is kept, 16 kB each.
    """

    def __init__(self, datasets: Datasets, kept: int = 64) -> None:
        self._datasets = datasets
        self._kept = kept
        self._coarse: OrderedDict[Path, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def tile(self, place: Path, model: Terrain, address: Address, size: int) -> bytes:
        """Return a tile of heights.

        Args:
            place: the file.
            model: its row.
            address: the tile.
            size: pixels along its side.

        Returns:
            The bytes of a PNG of red, green and blue.

        Raises:
            SourceUnavailable, Overloaded: see ``Datasets.lend``.
        """
        return images.encode(encode(self.heights(place, model, Frame.of(address, size))), "png")

    def heights(self, place: Path, model: Terrain, frame: Frame) -> np.ndarray:
        """Return heights at the middles of pixels, interpolated between the model's own.

        Args:
            place: the file.
            model: its row.
            frame: what is drawn.

        Returns:
            float32 array (rows, columns), metres above the model's datum; a height everywhere.

        Raises:
            SourceUnavailable, Overloaded: see ``Datasets.lend``.
        """
        found = self._read(place, model, frame)
        missing = found == NOTHING
        if missing.any():
            found[missing] = self._beyond(place, model, frame)[missing]
        return found

    def _read(self, place: Path, model: Terrain, frame: Frame) -> np.ndarray:
        # Whole metres are stored as whole numbers; between two of them lie more steps.
        with filed.drawn(self._datasets, place, model, frame, nodata=NOTHING, dtype="float32") as view:
            return view.read(1)

    def _beyond(self, place: Path, model: Terrain, frame: Frame) -> np.ndarray:
        """Return heights from the coarse form of a model; beyond its edge they ease from those there to its mean.

        A function of the place alone, so that neighbouring tiles agree.
        """
        coarse, whole = self._known(place, model), _around(model)
        rows, columns = coarse.shape
        x = frame.west + frame.pixel_m * (np.arange(frame.width) + 0.5)
        y = frame.north - frame.pixel_m * (np.arange(frame.height) + 0.5)
        across, down = (x - whole.west) / whole.pixel_m - 0.5, (whole.north - y) / whole.pixel_m - 0.5
        column, row = np.clip(across, 0, columns - 1), np.clip(down, 0, rows - 1)
        beyond = np.hypot((across - column)[None], (down - row)[:, None])
        left, upper = np.minimum(column.astype(int), columns - 2), np.minimum(row.astype(int), rows - 2)
        across, down = column - left, (row - upper)[:, None]
        above = coarse[upper][:, left] * (1 - across) + coarse[upper][:, left + 1] * across
        below = coarse[upper + 1][:, left] * (1 - across) + coarse[upper + 1][:, left + 1] * across
        mean = coarse.mean()
        return mean + (above * (1 - down) + below * down - mean) * np.exp(-beyond / EASED)

    def _known(self, place: Path, model: Terrain) -> np.ndarray:
        with self._lock:
            if place in self._coarse:
                self._coarse.move_to_end(place)
                return self._coarse[place]
        made = spread(self._read(place, model, _around(model)))
        with self._lock:
            self._coarse[place] = made
            while len(self._coarse) > self._kept:
                self._coarse.popitem(last=False)
        return made


def spread(heights: np.ndarray) -> np.ndarray:
    """Return heights whose gaps are filled from their edges inwards, each cell by the mean of its known neighbours.

    Args:
        heights: float array (rows, columns), metres; ``NOTHING`` where there is none. All gaps: all 0.
    """
    filled, known = np.where(heights == NOTHING, 0, heights).astype("float32"), heights != NOTHING
    while known.any() and not known.all():
        values, there = np.pad(np.where(known, filled, 0), 1), np.pad(known, 1)
        total = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
        count = there[:-2, 1:-1].astype("int8") + there[2:, 1:-1] + there[1:-1, :-2] + there[1:-1, 2:]
        reached = ~known & (count > 0)
        filled[reached] = total[reached] / count[reached]
        known |= reached
    return filled


def _around(model: Terrain) -> Frame:
    """Return the frame of a model's coarse form: its box, the longer side ``COARSE`` cells."""
    west, north = web(model.west, model.north)
    east, south = web(model.east, model.south)
    pixel = max(east - west, north - south) / COARSE
    columns, rows = math.ceil((east - west) / pixel), math.ceil((north - south) / pixel)
    return Frame(west, north, pixel, max(2, columns), max(2, rows))
