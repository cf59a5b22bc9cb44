"""How long after a commit the changed tile is there: for a client of the live stream, while others write and read."""

import http.client
import itertools
import json
import queue
import random
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.load import Load, Wrk
from benchmarks.tile_servers.peers import Server, Tile, fetch, plain
from benchmarks.tile_servers.places import in_city
from spatial.db import open_connection
from spatial.types import Scope
from tiles import vector
from tiles.declaration import EXACT

ZOOM = 16
"""Zoom of the tile that is fetched again."""

REST_MS = 1000
"""Mean rest of a reader before each request: a hundred of them ask for about a hundred tiles a second."""

FETCHERS = 4
GIVE_UP_S = 10.0
AGAIN_S = 0.1

# Parameters: name, height in metres, id. Both are in the tile, and both are new.
WRITE = "UPDATE building SET name = %s, height_m = %s WHERE id = %s"

# Row: column and row of the tile in which a point on a building lies. Parameters: zoom, id.
PLACE = """
SELECT floor((ST_X(at) + 20037508.342789244) / width)::int, floor((20037508.342789244 - ST_Y(at)) / width)::int
FROM (SELECT ST_PointOnSurface(geom_web) AS at, 40075016.685578488 / 2 ^ %s AS width
      FROM building WHERE id = %s) AS point
"""


@dataclass(frozen=True)
class Freshness:
    """What was found; milliseconds since the commit came back.

    Attributes:
        writes: measured. rate: writes a second. readers: connections that read.
        told: p50 and p99 until `tiles-changed` names the tile. fresh: until it is here with the new value.
        vain: fetched for an earlier change of the same cell. refused: answered otherwise than by a tile; asked again.
        undrawn: never there, and in no tile built anew: too small for the zoom.
        lost: of the others that were never there, what is known of each.
        reads: what the readers found meanwhile.
    """

    writes: int
    rate: float
    readers: int
    told: tuple[float, float]
    fresh: tuple[float, float]
    vain: int
    refused: int
    undrawn: int
    lost: tuple[str, ...]
    reads: Load


@dataclass(eq=False)
class Write:
    """A commit: building, tile, the text that it holds from now on, and when things happened (``time.monotonic``)."""

    building: int
    tile: Tile
    text: bytes
    committed: float
    told: float = 0.0
    fresh: float = 0.0


class Writers:
    """Commits changes of buildings in random places, so many a second, until the block ends.

    Args:
        city: what is written to.
        rate: writes a second.
        watch: hears of each before its commit; None for nobody.
    """

    turns = itertools.count(1)
    """Sets apart the changes of one run of writers from those of the last one, which would change nothing again."""

    def __init__(self, city: City, rate: int, watch: "Watch | None" = None) -> None:
        self._city, self._rate, self._watch = city, rate, watch
        self._turn = next(self.turns)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.count = 0

    def __enter__(self) -> "Writers":
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._began

    def _run(self) -> None:
        chance, due = random.Random(self._turn), time.monotonic()
        with open_connection(self._city.addresses.worker, Scope.everything(), autocommit=True) as connection:
            last = connection.execute("SELECT max(id) FROM building").fetchone()[0]
            written: set[int] = set()
            while not self._ending.wait(max(0.0, due - time.monotonic())):
                due += 1 / self._rate
                building = chance.randint(1, last)
                place = connection.execute(PLACE, (ZOOM, building)).fetchone()
                if place is None or building in written:
                    continue
                written.add(building)
                self.count += 1
                text = f"改名{self._turn}-{self.count}号楼"
                write = Write(building, (ZOOM, *place), text.encode(), float("inf"))
                if self._watch:
                    self._watch.expect(write)
                connection.execute(WRITE, (text, 3 + self._turn / 1000 + self.count % 9000 / 100, building))
                write.committed = time.monotonic()


class Watch:
    """A client of the live stream that fetches the tiles that it is told of. Use as a context manager."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.open: list[Write] = []
        self._lock = threading.Lock()
        self._work: queue.Queue[tuple[Write, float] | None] = queue.Queue()
        self._ending = threading.Event()
        self.done: list[Write] = []
        self.vain = self.refused = 0
        at = urlsplit(server.url)
        self._host, self._port = at.hostname, at.port
        self._stream = http.client.HTTPConnection(self._host, self._port, timeout=GIVE_UP_S)
        self._threads = [threading.Thread(target=self._fetch, daemon=True) for _ in range(FETCHERS)]

    def __enter__(self) -> "Watch":
        self._stream.request("GET", "/api/live")
        self._answer = self._stream.getresponse()
        while not self._answer.readline().startswith(b"event: snapshot"):
            pass
        self._threads.append(threading.Thread(target=self._listen, daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        end = time.monotonic() + GIVE_UP_S
        while self.open and time.monotonic() < end:
            time.sleep(0.05)
        self._ending.set()
        for _ in range(FETCHERS):
            self._work.put(None)
        for thread in self._threads:
            thread.join(GIVE_UP_S)  # the stream says something every five seconds
        self._stream.close()

    def expect(self, write: Write) -> None:
        """Look out for a change from now on."""
        with self._lock:
            self.open.append(write)

    def _listen(self) -> None:
        name = b""
        while not self._ending.is_set():
            line = self._answer.readline()
            if line.startswith(b"event: "):
                name = line[7:].strip()
            elif line.startswith(b"data: ") and name == b"tiles-changed":
                self._told(json.loads(line[6:])["changes"], time.monotonic())

    def _told(self, changes: list[dict], now: float) -> None:
        cells = {(change["z"], x, y) for change in changes
                 if change["layer"] == "buildings" and change["minzoom"] <= ZOOM <= change["maxzoom"]
                 for x, y in change["cells"]}
        zooms = {z for z, _, _ in cells}
        with self._lock:
            for write in self.open:
                z, x, y = write.tile
                if any((zoom, x >> z - zoom, y >> z - zoom) in cells for zoom in zooms):
                    self._work.put((write, now))

    def _fetch(self) -> None:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=GIVE_UP_S)
        while (asked := self._work.get()) is not None:
            write, told = asked
            if write.fresh:
                continue
            if told > write.committed:
                write.told = told
            body = self._got(connection, write.tile)
            if write.text not in plain(body):
                # What was told of was an earlier change of the same cell: the next word about it asks again.
                self.vain += 1
                continue
            with self._lock:
                if write in self.open:
                    self.open.remove(write)
                    write.fresh = time.monotonic()
                    self.done.append(write)
        connection.close()

    def _got(self, connection: http.client.HTTPConnection, tile: Tile) -> bytes:
        """Return a tile, asked for until it comes; nothing when that takes until the end."""
        while not self._ending.is_set():
            try:
                connection.request("GET", self._server.tile(tile), headers={"Accept-Encoding": "gzip"})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    return body
            except (OSError, http.client.HTTPException):
                connection.close()
            self.refused += 1
            time.sleep(AGAIN_S)
        return b""


def readers(city: City, server: Server, count: int, seconds: float) -> Wrk:
    """Start readers of tiles of zoom 14 to 16 anywhere in the city, for some seconds."""
    tiles = [tile for z in (14, 15, 16) for tile in in_city(city.side, z, 700)]
    return Wrk(server, random.Random(5).sample(tiles, len(tiles)), seconds=seconds, connections=count, rest_ms=REST_MS)


def measure(city: City, server: Server, seconds: float, rate: int, count: int) -> Freshness:
    """Write and read for some seconds and return when the changes were there.

    Args:
        city: what is written to. server: ours. seconds: how long.
        rate: writes a second. count: readers.
    """
    reading = readers(city, server, count, seconds + 2)
    try:
        with Watch(server) as watch:
            time.sleep(1)
            with Writers(city, rate, watch) as writers:
                time.sleep(seconds)
        reads = reading.result(tolerant=True)
    finally:
        reading.stop()
    there = watch.done
    if len(there) < 2:
        sys.exit(f"Of {writers.count} changes {len(there)} were seen.")
    drawn = [write for write in watch.open if write.text in _built(city, write.tile)]
    return Freshness(
        writers.count, writers.count / writers.seconds, count,
        ends([(write.told - write.committed) * 1000 for write in there]),
        ends([(write.fresh - write.committed) * 1000 for write in there]),
        watch.vain, watch.refused, len(watch.open) - len(drawn),
        tuple(_told_of(server, write) for write in drawn), reads)


def _built(city: City, tile: Tile) -> bytes:
    return vector.build(city.worker, ("buildings",), vector.Address(*tile), EXACT).body


def _told_of(server: Server, write: Write) -> str:
    """Return whether the stream named the tile of a lost change, and whether the server has the change by now."""
    body = fetch(server, write.tile)
    return (f"building {write.building} in {'/'.join(map(str, write.tile))}: "
            f"{'told of' if write.told else 'never told of'}, "
            f"{'in the tile that is served later' if write.text in body else 'served without it for good'}")


def ends(values: list[float]) -> tuple[float, float]:
    """Return median and 99th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=100, method="inclusive")[98]
