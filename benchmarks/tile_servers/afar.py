"""Tiles from afar: ours of buildings and events, built anew each time, and what peers send for the same view."""

import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.tile_servers.city import LONGEST_S
from benchmarks.tile_servers.peers import Server, Tile


@dataclass(frozen=True)
class Afar:
    """What was found at one zoom.

    Attributes:
        what: server and layer. z: zoom. tiles: how many.
        median_ms, longest_ms: of one tile, asked for alone; None when none came in time.
        largest: bytes of the largest tile before compression; 0 when there was nothing in it. wire: compressed.
    """

    what: str
    z: int
    tiles: int
    median_ms: float | None
    longest_ms: float | None
    largest: int
    wire: int


def of_layer(server: Server, layer: str, tiles: Sequence[Tile], times: int) -> Afar:
    """Ask our server for tiles of a layer, each so many times."""
    other = replace(server, path=server.path.replace("buildings", layer))
    return of_server(other, tiles, times, f"{server.name}, {layer}")


def of_server(server: Server, tiles: Sequence[Tile], times: int, what: str | None = None) -> Afar:
    """Ask a server for tiles one after the other; what takes longer than a statement may counts as not there."""
    took, largest, wire = [], 0, 0
    for tile in [tile for tile in tiles for _ in range(times)]:
        request = urllib.request.Request(server.url + server.tile(tile), headers={"Accept-Encoding": "gzip"})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
                packed = answer.read()
        except OSError:
            break
        took.append((time.monotonic() - began) * 1000)
        wire = max(wire, len(packed))
        # The length before compression stands in the last four bytes (RFC 1952).
        zipped = packed[:2] == b"\x1f\x8b"
        largest = max(largest, int.from_bytes(packed[-4:], "little") if zipped else len(packed))
    return Afar(what or server.name, tiles[0][0], len(tiles), statistics.median(took) if took else None,
                max(took, default=None), largest, wire)
