"""Tiles of imagery and terrain as they are asked for: from memory, else drawn once for all who ask.

A source that is imported again gets another file and another time, which are part of the key and of the tag: an old
tile is never taken for a new one, and goes when memory is short.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spatial.queries.filed import Raster
from tiles import raster
from tiles.cache import Cache, Flights
from tiles.datasets import Datasets
from tiles.filed import tag
from tiles.matrix import Address
from tiles.terrain import Ground

Kind = Literal["raster", "terrain"]

CACHE_BYTES = 64 << 20
"""Memory for images: some thousand tiles, what a wall and a few operators look at."""

DEADLINE_S = 3.0
"""How long a request waits for somebody else who draws the same tile."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Attributes:
        kind: ``raster`` or ``terrain``. source: its row.
        address: the tile.
        size: pixels along its side.
        form: a key of ``tiles.images.FORMATS``.
    """

    kind: Kind
    source: Raster
    address: Address
    size: int
    form: str

    @property
    def etag(self) -> str:
        """The entity tag of the answer, known before anything is drawn."""
        where = self.address
        return tag(self.kind, self.source, where.z, where.x, where.y, self.size, self.form)


@dataclass(frozen=True)
class Drawn:
    """A tile and how it came about.

    Attributes:
        body: of the image; empty when there is nothing to see.
        how: ``HIT`` from memory, ``MISS`` drawn.
        seconds: of drawing.
    """

    body: bytes
    how: str
    seconds: float = 0.0


class RasterServer:
    """Answers for the raster tiles of a process.

    Args:
        home: data directory.
        cache_bytes: memory for images.
    """

    def __init__(self, home: Path, cache_bytes: int = CACHE_BYTES) -> None:
        self._home = home
        self._datasets = Datasets()
        self._ground = Ground(self._datasets)
        self._cache: Cache[bytes] = Cache(cache_bytes)
        self._flights: Flights[Drawn] = Flights()

    def close(self) -> None:
        """Close the files."""
        self._datasets.close()

    def ask(self, asked: Asked) -> Drawn:
        """Return a tile, from memory or drawn.

        Raises:
            SourceUnavailable: the file is not there, or damaged.
            Overloaded: no turn to draw came in time, or somebody else's drawing of the same tile took too long.
        """
        key = asked.etag
        if (body := self._cache.get(key)) is not None:
            return Drawn(body, "HIT")
        return self._flights.join(key, lambda: self._draw(asked), time.monotonic() + DEADLINE_S)

    def _draw(self, asked: Asked) -> Drawn:
        started = time.monotonic()
        place = asked.source.place(self._home)
        if asked.kind == "raster":
            body = raster.tile(self._datasets, place, asked.source, asked.address, asked.size, asked.form)
        else:
            body = self._ground.tile(place, asked.source, asked.address, asked.size)
        self._cache.put(asked.etag, body, len(body))
        return Drawn(body, "MISS", time.monotonic() - started)
