"""Rasters of the data directory: opened safely, and lent to one thread at a time.

What lies there was written by our own importer's GDAL from input that was checked; the service may therefore open it in
its own process, within the limits written here (decision 13).
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import CRSError, RasterioError
from rasterio.io import DatasetReader

from spatial.db import Overloaded
from spatial.queries.filed import SourceUnavailable

BLOCK_CACHE_BYTES = 64 << 20
"""Decoded blocks that GDAL keeps for the whole process: about eighty of 512 pixels in three bands."""

GDAL = {
    # No file beside the raster is looked for: no .aux.xml, .ovr, .msk, .tfw.
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    # No network, whatever a file says.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_MAX_RETRY": "0",
    "PROJ_NETWORK": "OFF",
    # In bytes, as rasterio hands it on.
    "GDAL_CACHEMAX": BLOCK_CACHE_BYTES,
}
"""GDAL's settings for every opening and reading."""

WAIT_S = 2.0
"""How long a request waits for its turn to draw before it is refused as overload."""

IDLE_S = 60.0
"""An open raster that nobody has asked for so long is closed, so that a deleted file gives its space back."""

OVERLAP = 1.07
"""A level may be so much coarser than what is drawn: the tenth of a zoom by which the importer rounds."""


class _Turns:
    """A number of turns, given in the order in which they are asked for, which no semaphore of Python promises."""

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def take(self, timeout: float) -> bool:
        """Wait for a turn; tell whether it came in time, in seconds."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(timeout):
            return True
        with self._lock:
            if called.is_set():
                return True
            self._waiting.remove(called)
            return False

    def give_back(self) -> None:
        """Hand the turn to the one that waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


@dataclass
class _Open:
    place: Path
    level: int | None
    dataset: DatasetReader
    since: float = 0.0


class Datasets:
    """Open rasters: a bounded number, each lent to one thread at a time.

    Drawing is work of the processor alone, so that more threads than processors only take blocks out of each other's
    cache: measured on two cores, eight at once drew a fifth of what two did. So the others wait.

    Args:
        drawing: how many are drawn at once; the number of processors when None.
        kept: how many stay open while nobody uses them.
    """

    def __init__(self, drawing: int | None = None, kept: int = 16) -> None:
        self._turns = _Turns(drawing or os.cpu_count() or 1)
        self._kept = kept
        self._idle: list[_Open] = []
        self._overviews: dict[Path, tuple[int, ...]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, place: Path, scale: float) -> Iterator[DatasetReader]:
        """Open a raster at the level that suits what is drawn, for the time of a ``with`` block.

        The level depends on file and scale alone, so that neighbouring tiles of a zoom read the same pixels.

        Args:
            place: the file.
            scale: pixels of the raster along the side of one that is drawn.

        Raises:
            SourceUnavailable: it is not there, no GeoTIFF, or damaged, found out now or while it is read.
            Overloaded: no turn came in time.
        """
        if not self._turns.take(WAIT_S):
            raise Overloaded("Too many raster tiles are asked for at once.", "Try again in a moment.")
        try:
            with rasterio.Env(**GDAL):
                lent = self._take(place, scale)
                try:
                    yield lent.dataset
                except BaseException:
                    lent.dataset.close()
                    raise
                self._give_back(lent)
        except (RasterioError, CRSError, CPLE_BaseError) as error:
            raise SourceUnavailable(f"The file of this source is damaged: {place.name} ({type(error).__name__}).",
                                    "Import it again.") from error
        finally:
            self._turns.give_back()

    def close(self) -> None:
        """Close what nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for entry in idle:
            entry.dataset.close()

    @property
    def idle(self) -> int:
        """How many are open and not in use."""
        return len(self._idle)

    def _take(self, place: Path, scale: float) -> _Open:
        if not place.is_file():
            self._forget(place)
            raise SourceUnavailable(f"The file of this source is not in the data directory: {place.name}.",
                                    "Import it again.")
        if place not in self._overviews:
            with self._open(place, None) as dataset:
                found = tuple(dataset.overviews(1))
            with self._lock:
                self._overviews[place] = found
        fitting = [level for level, factor in enumerate(self._overviews[place]) if factor <= scale * OVERLAP]
        level = fitting[-1] if fitting else None
        with self._lock:
            # The one last given back first: its blocks are the likeliest to be in GDAL's cache still.
            for entry in reversed(self._idle):
                if (entry.place, entry.level) == (place, level):
                    self._idle.remove(entry)
                    return entry
        return _Open(place, level, self._open(place, level))

    @staticmethod
    def _open(place: Path, level: int | None) -> DatasetReader:
        options = {} if level is None else {"OVERVIEW_LEVEL": level}
        return rasterio.open(place, driver="GTiff", **options)

    def _give_back(self, entry: _Open) -> None:
        entry.since = now = time.monotonic()
        with self._lock:
            self._idle.append(entry)
            # In the order in which they came back: those at the front are the oldest.
            tired = sum(now - other.since > IDLE_S for other in self._idle)
            old = max(tired, len(self._idle) - self._kept)
            closing, self._idle = self._idle[:old], self._idle[old:]
        for other in closing:
            other.dataset.close()

    def _forget(self, place: Path) -> None:
        with self._lock:
            self._overviews.pop(place, None)
            closing = [entry for entry in self._idle if entry.place == place]
            self._idle = [entry for entry in self._idle if entry.place != place]
        for entry in closing:
            entry.dataset.close()
