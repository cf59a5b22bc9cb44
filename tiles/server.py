"""Tiles as they are asked for: from memory while they are the ones of now, else built once and kept.

A tile is kept for everybody (all rows, one field class) together with the codes of the grids whose rows are in it.
Whoever may see all of these gets that tile; only tiles across the border of a jurisdiction are built for it,
and are shared by all whose jurisdiction holds the same of these grids.
"""

import gzip
import hashlib
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import psycopg

from spatial.db import Database, Overloaded
from spatial.errors import DatabaseUnreachable
from spatial.types import EVERYWHERE, Scope
from tiles import layers, packing, vector
from tiles.cache import Cache, Flights
from tiles.vector import Address
from tiles.versions import Versions

DEADLINE_S = 3.0
"""How long a request may wait and build altogether; after it no statement begins. One that runs has its own limit."""

CODE_BYTES = 100
"""What the code of a grid weighs in memory, by tracemalloc."""

UNTRUSTED = -1
"""Version of a tile that is built while nothing vouches for it."""

MOST_GRIDS = 64
"""Grids of a border tile that are named one by one; above, the tile is that of the whole jurisdiction."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Attributes:
        names: layers, in the order of the address; checked.
        address: the tile.
        field_class: ``exact`` or ``classed``.
        scope: the jurisdiction of who asks.
        at: instant of which boundaries are wanted, to the minute; None for those in force.
    """

    names: tuple[str, ...]
    address: Address
    field_class: str
    scope: Scope
    at: datetime | None = None


@dataclass(frozen=True)
class Tile:
    """One encoded tile.

    Attributes:
        body: bytes, in gzip where ``encoded``; empty when nothing is there.
        encoded: whether the bytes are in gzip.
        version: number of the last change that was known when it was built.
        codes: grids whose rows are in it.
    """

    body: bytes
    encoded: bool
    version: int
    codes: frozenset[str]

    def plain(self) -> bytes:
        """Return the bytes as they are without gzip."""
        return gzip.decompress(self.body) if self.encoded else self.body


@dataclass(frozen=True)
class Answer:
    """A tile and how it came about.

    Attributes:
        tile: the tile.
        etag: entity tag without quotes; None when nothing vouches for the tile a moment later.
        how: ``HIT`` from memory, ``MISS`` built and kept, ``BYPASS`` built while the change feed is lost or the sums
            by cell that it shows are late.
        database_s, encode_s: seconds of building.
    """

    tile: Tile
    etag: str | None
    how: str
    database_s: float = 0.0
    encode_s: float = 0.0


class TileServer:
    """Answers for all tiles of a process.

    Args:
        database: connections for tiles alone, so that many tiles do not keep alarms waiting.
        versions: which the process's change feed keeps.
        cache_bytes: memory for encoded tiles.
    """

    def __init__(self, database: Database, versions: Versions, cache_bytes: int) -> None:
        self._database = database
        self.versions = versions
        self._cache: Cache[Tile] = Cache(cache_bytes)
        self._flights: Flights[Answer] = Flights()
        self.dropped = 0
        """Requests that were not answered in time."""

    def close(self) -> None:
        """Give back all connections."""
        self._database.close()

    def summary(self) -> dict[str, Any]:
        """Return how memory and connections are used, and the last change that is known."""
        versions = self.versions
        return {
            "trusted": versions.trusted, "late": sorted(versions.late), "head": versions.head, "epoch": versions.epoch,
            "cache": asdict(self._cache.usage()), "pool": self._database.connections(), "dropped": self.dropped,
            "versions": versions.summary(),
        }

    def etag(self, asked: Asked) -> str | None:
        """Return the tag that the tile of now has, without looking at it; None while nothing vouches for it."""
        versions = self.versions
        if not self._vouched(asked):
            return None
        return self._etag(asked, versions.of(asked.names, asked.address.z, asked.address.x, asked.address.y))

    def cached(self, asked: Asked) -> Answer | None:
        """Return the tile when it is in memory and is the one of now. No database is asked."""
        if not self._vouched(asked):
            return None
        address = asked.address
        version = self.versions.of(asked.names, address.z, address.x, address.y)
        tile = self._kept(asked, None, version)
        if tile is not None and not _holds(asked.scope, tile.codes):
            tile = self._kept(asked, _border(asked.scope, tile.codes), version)
        self._cache.count(found=tile is not None)
        return None if tile is None else Answer(tile, self._etag(asked, version), "HIT")

    def look(self, asked: Asked) -> str:
        """Return whether the tile is in memory, without building it: ``current``, ``old`` or ``none``."""
        tile = self._cache.get(self._key(asked, None))
        if tile is None:
            return "none"
        address = asked.address
        return "current" if tile.version == self.versions.of(asked.names, address.z, address.x, address.y) else "old"

    def ask(self, asked: Asked, deadline_s: float = DEADLINE_S) -> Answer:
        """Return a tile, from memory or built.

        Args:
            asked: what is wanted.
            deadline_s: seconds from now after which the answer comes too late.

        Returns:
            The tile and how it came about.

        Raises:
            Overloaded: no connection came free in time, or somebody else's building of the same tile took too long.
            DeadlineExceeded: the statement ran longer than it may.
            DatabaseUnreachable: the database does not answer.
        """
        if (found := self.cached(asked)) is not None:
            return found
        deadline = time.monotonic() + deadline_s
        # Read before any query takes its snapshot, and once for both tiles: the grids of a border tile are those of
        # this version, and so its tag must not be that of a later one.
        version = self.versions.of(asked.names, asked.address.z, asked.address.x, asked.address.y)
        version = version if self._vouched(asked) else UNTRUSTED
        try:
            whole = self._build(asked, None, version, deadline)
            if _holds(asked.scope, whole.tile.codes):
                return whole
            return self._build(asked, _border(asked.scope, whole.tile.codes), version, deadline)
        except Overloaded:
            self.dropped += 1
            raise

    def _vouched(self, asked: Asked) -> bool:
        """Tell whether versions say of this tile what it is now."""
        late = self.versions.late
        return self.versions.trusted and not (
            late and any(name in late and asked.address.z < layers.layer(name).minzoom for name in asked.names))

    def _build(self, asked: Asked, border: Scope | None, version: int, deadline: float) -> Answer:
        """Build a tile once for all who want it; ``border``: of which jurisdiction, None for everything."""
        if version == UNTRUSTED:
            # For each anew: what somebody else builds may have begun before a change of which this client has heard.
            return replace(self._built(asked, border, version, deadline), how="BYPASS")
        if (tile := self._kept(asked, border, version)) is not None:
            return Answer(tile, self._etag(asked, version), "HIT")
        key = self._key(asked, border)

        def build() -> Answer:
            answer = self._built(asked, border, version, deadline)
            codes = len(answer.tile.codes) + (len(border.prefixes) if border else 0)
            self._cache.put(key, answer.tile, len(answer.tile.body) + CODE_BYTES * codes)
            return answer

        return replace(self._flights.join((key, version), build, deadline), etag=self._etag(asked, version))

    def _built(self, asked: Asked, border: Scope | None, version: int, deadline: float) -> Answer:
        started = time.monotonic()
        built = self._tried(asked, border, deadline)
        queried = time.monotonic()
        encoded = len(built.body) >= packing.SMALLEST
        body = packing.pack(built.body) if encoded else built.body
        tile = Tile(body, encoded, version, built.codes)
        return Answer(tile, None, "MISS", queried - started, time.monotonic() - queried)

    def _tried(self, asked: Asked, border: Scope | None, deadline: float) -> vector.Built:
        # After a restart of the server every connection of the pool is dead, and each is thrown away when it fails.
        for _ in range(self._database.size):
            try:
                return self._query(asked, border, deadline)
            except DatabaseUnreachable as error:
                lost = error
            if time.monotonic() >= deadline:
                break
        raise lost

    def _query(self, asked: Asked, border: Scope | None, deadline: float) -> vector.Built:
        scope = border or Scope.everything()
        wait_s = deadline - time.monotonic()
        if wait_s <= 0:
            raise Overloaded("The request waited too long.", "Try again in a moment.")
        with self._database.statements(scope, wait_s=wait_s) as connection:
            return self.query(connection, asked, deadline)

    @staticmethod
    def query(connection: psycopg.Connection, asked: Asked, deadline: float) -> vector.Built:
        """Build a tile through a connection whose jurisdiction decides; no statement begins after the deadline."""
        return vector.build(connection, asked.names, asked.address, asked.field_class, asked.at, deadline)

    def _kept(self, asked: Asked, border: Scope | None, version: int) -> Tile | None:
        tile = self._cache.get(self._key(asked, border))
        return tile if tile is not None and tile.version == version else None

    def _key(self, asked: Asked, border: Scope | None) -> tuple:
        # A database that was restored gives its numbers again: a version is one of an epoch.
        address = asked.address
        return (self.versions.epoch, asked.names, address.z, address.x, address.y, asked.field_class, asked.at, border)

    def _etag(self, asked: Asked, version: int) -> str:
        variant = _variant(self.versions.epoch, asked.names, asked.field_class, asked.scope)
        return f"{version:x}-{variant}"


@lru_cache(maxsize=4096)
def _variant(epoch: str, names: tuple[str, ...], field_class: str, scope: Scope) -> str:
    """Return what sets apart tiles of one address and version: who may see what, and by which declaration."""
    text = "\n".join((epoch, vector.fingerprint(names), field_class, scope.literal()))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _holds(scope: Scope, codes: frozenset[str]) -> bool:
    """Tell whether a jurisdiction holds all of some grids."""
    return EVERYWHERE in scope.prefixes or all(scope.covers(code) for code in codes)


def _border(scope: Scope, codes: frozenset[str]) -> Scope:
    """Return the jurisdiction for which a border tile is built: what one may see of the grids in it.

    Named one by one, so that all who may see the same of them share the tile, and so that a row of another grid that
    comes while it is built is in nobody's tile by mistake. Cells tell of communities: a grid in one is named itself.
    """
    seen = {code for code in codes if scope.covers(code)}
    seen |= {prefix for prefix in scope.prefixes for code in codes if prefix.startswith(code)}
    return Scope(tuple(sorted(seen))) if len(seen) <= MOST_GRIDS else scope
