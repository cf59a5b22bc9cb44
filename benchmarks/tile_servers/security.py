"""What row security costs a tile: the product's own statements, with it and around it, in turns."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.tile_servers.city import STREET, City
from benchmarks.tile_servers.peers import Tile
from spatial.db import open_connection
from spatial.types import Scope
from tiles import vector
from tiles.declaration import EXACT

INDEX = "building_geom_web_idx"


@dataclass(frozen=True)
class Cost:
    """What was found at one zoom.

    Attributes:
        z: zoom. tiles: how many, all of them inside the jurisdiction.
        bound_ms: median as the application's role within a jurisdiction.
        free_ms: median as a role that row security does not bind.
        indexed: whether the plan under row security looks into the spatial index.
    """

    z: int
    tiles: int
    bound_ms: float
    free_ms: float
    indexed: bool

    @property
    def share(self) -> float:
        """What row security adds, as a share."""
        return self.bound_ms / self.free_ms - 1


class Noted:
    """A connection that notes what is asked through it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self.asked: list[tuple[str, Any]] = []

    def execute(self, statement: str, parameters: Any, **options: Any) -> psycopg.Cursor:
        """Note a statement and run it."""
        self.asked.append((statement, parameters))
        return self._connection.execute(statement, parameters, **options)


def cost(city: City, tiles: Sequence[Tile], rounds: int) -> Cost:
    """Build tiles of one zoom as both roles, in turns, and compare the medians."""
    bound = open_connection(city.addresses.app, Scope((STREET,)))
    free = psycopg.connect(city.peer)
    with bound, free:
        times: dict[psycopg.Connection, list[float]] = {bound: [], free: []}
        for turn in range(-1, rounds):  # the first one prepares statements and fills caches
            for number, (z, x, y) in enumerate(tiles):
                address, counts = vector.Address(z, x, y), set()
                for connection in (bound, free) if number % 2 else (free, bound):
                    began = time.perf_counter()
                    counts.add(vector.build(connection, ["buildings"], address, EXACT).features)
                    if turn >= 0:
                        times[connection].append((time.perf_counter() - began) * 1000)
                assert len(counts) == 1, "Row security must hide nothing here."
        noted = Noted(bound)
        vector.build(noted, ["buildings"], vector.Address(*tiles[0]), EXACT)
        plan = bound.execute("EXPLAIN " + noted.asked[0][0], noted.asked[0][1]).fetchall()
    return Cost(tiles[0][0], len(tiles), statistics.median(times[bound]), statistics.median(times[free]),
                INDEX in str(plan))
