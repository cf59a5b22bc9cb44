"""The run as a whole: what is measured when, by which servers, and the command line."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import playwright.sync_api

from benchmarks.tile_servers import afar, browser, equality, freshness, load, plot, processor, security
from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.new_york import NEW_YORK, import_new_york
from benchmarks.tile_servers.peers import Fleet, Server, Tile, fetch_packed
from benchmarks.tile_servers.places import MOST, in_city, in_street, of_source
from benchmarks.tile_servers.results import COLD, QUIET, UNCACHED, WARM, Crowd, Results, Run
from benchmarks.tile_servers.targets import OURS
from benchmarks.tile_servers.traffic import Alarms

ROOT = Path(__file__).resolve().parents[2]
PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "images" / "tiles.svg"
BEGIN, END = "<!-- benchmarks/tiles.py writes from here -->", "<!-- to here -->"

ZOOMS = (13, 14, 15, 16, 17, 18)
GROWTH = (14, 16, 18)
SAMPLE, SAMPLE_QUICK = {13: 1, 14: 1, 15: 2, 16: 8, 17: 8, 18: 8}, {16: 2, 18: 2}
"""Tiles that are decoded and compared, by zoom."""

AFAR = range(13)
AFAR_PEERS = {"Martin": (0, 8, 10, 12), "tipg": (10, 12)}
"""Zooms at which peers are asked for one tile: it takes long."""

HEAVY = {13: 50, 14: 200, 15: 500}
"""Tiles of these zooms at most: they are heavy, and some servers need long for each."""

FILES = 500
"""Tiles of a zoom that are laid down as files at most."""

ALARMS_S, WRITES_S, READERS = 50, 50, 100


class Bench:
    """What is measured over one city.

    Args:
        city: the database. folder: for the servers' files. arguments: of the command line.
    """

    def __init__(self, city: City, folder: Path, arguments: argparse.Namespace) -> None:
        self.city, self._folder, self._arguments = city, folder, arguments
        quick = arguments.quick
        self._rounds = 1 if quick else arguments.rounds
        self._most = 40 if quick else MOST
        self._zooms = GROWTH if quick else ZOOMS
        self._seconds, self._crowd_seconds = (1, 1) if quick else (2, 3)
        self.results = Results(machine(), quick)

    def run(self) -> None:
        """Measure everything."""
        sizes = [10_000] if self._arguments.quick else sorted(self._arguments.sizes)
        for before, size in zip([0, *sizes], sizes[:-1], strict=False):
            self._grow(before, size)
            with self._fleet() as fleet:
                self._growth([server for server in (fleet.ours(0), fleet.martin(0)) if server], str(size))
        self._grow(sizes[-2] if len(sizes) > 1 else 0, sizes[-1])
        with self._fleet() as fleet:
            self.results.absent = fleet.absent()
            self.results.versions = [*self.city.versions(), *fleet.versions()]
            uncached = self._uncached(fleet)
            self._compare(uncached)
            lists = {z: in_city(self.city.side, z, min(self._most, HEAVY.get(z, MOST))) for z in self._zooms}
            self._side_by_side(fleet, uncached, str(sizes[-1]), lists, self._rounds)
            self._growth([server for server in uncached if server.name in ("shapan", "Martin")], str(sizes[-1]))
            say("row security")
            self.results.costs = [security.cost(self.city, in_street(self.city.side, z, most), self._rounds)
                                  for z, most in ((14, 4), (16, 60), (18, 200))]
            say(f"{sizes[-1]:,} events")
            self.city.put_events(sizes[-1])
            self._afar(uncached)
            self._crowd(fleet)
            if not self._arguments.quick:
                self._new_york(fleet, uncached)
        with self._fleet() as fleet:
            say("freshness")
            server = fleet.ours()
            seconds, writes, readers = (3, 5, 10) if self._arguments.quick else (20, WRITES_S, READERS)
            self.results.freshness = freshness.measure(self.city, server, seconds, writes, readers)
            say("freshness in an open page")
            try:
                # One change after the other: longer, or the slowest of all would be the slowest of a hundred.
                lasting = seconds if self._arguments.quick else 3 * seconds
                self.results.seen = browser.measure(self.city, server, lasting, writes, readers)
            except playwright.sync_api.Error as error:
                # All the rest was measured by now.
                self.results.absent.append(f"an open page ({error.message.splitlines()[0]})")

    def _fleet(self) -> Fleet:
        return Fleet(self.city, self._folder, self._arguments.martin, self._arguments.tipg)

    def _grow(self, before: int, size: int) -> None:
        say(f"{size:,} buildings")
        self.city.grow(before, size)

    @staticmethod
    def _uncached(fleet: Fleet) -> list[Server]:
        servers = fleet.ours(0), fleet.martin(0), fleet.martin(0, plain=True), fleet.tipg()
        return [server for server in servers if server]

    def _compare(self, servers: list[Server]) -> None:
        say("equal features")
        counts = SAMPLE_QUICK if self._arguments.quick else SAMPLE
        ours, *peers = servers
        for z, count in counts.items():
            sample = {tile: equality.features(ours, tile) for tile in in_city(self.city.side, z, count)}
            self.results.sameness += [equality.compare(peer, sample) for peer in peers]

    def _side_by_side(self, fleet: Fleet, uncached: list[Server], data: str, lists: dict[int, list[Tile]],
                      rounds: int) -> None:
        files: Server | None = None
        for number in range(rounds):
            cached = [server for server in (fleet.ours(), fleet.martin()) if server]
            for turn, (z, tiles) in enumerate(lists.items(), number):
                say(f"{data}, round {number + 1} of {rounds}, zoom {z}, {len(tiles):,} tiles")
                # Another one begins each time: whoever comes first finds other pages in the machine's caches.
                cached, uncached = (rotated(servers, turn) for servers in (cached, uncached))
                for server in cached:
                    self._note(data, server, COLD, tiles, number, load.once(server, tiles))
                for server in cached:
                    self._note(data, server, WARM, tiles, number, load.again(server, tiles, self._seconds))
                for server in uncached:
                    before = processor.spent(self.city, server)
                    found = load.again(server, tiles, self._seconds + 2 * (z <= 14))
                    self._note(data, server, UNCACHED, tiles, number, found,
                               processor.spent(self.city, server).since(before))
            if number == 0:
                ours = next(server for server in cached if server.name == OURS)
                files = fleet.nginx((tile, fetch_packed(ours, tile))
                                    for tiles in lists.values() for tile in tiles[:FILES])
            for tiles in lists.values() if files else ():
                found = load.again(files, tiles[:FILES], self._seconds)
                self._note(data, files, WARM, tiles[:FILES], number, found)
            for server in cached:
                server.stop()

    def _growth(self, servers: list[Server], data: str) -> None:
        for number in range(self._rounds):
            say(f"{data}, growth, round {number + 1} of {self._rounds}")
            for z in GROWTH:
                tiles = in_city(self.city.side, z, self._most)
                for server in servers:
                    self._note(data, server, QUIET, tiles, number, load.again(server, tiles, self._seconds, 2))

    def _afar(self, servers: list[Server]) -> None:
        for z in AFAR:
            say(f"from afar, zoom {z}")
            tiles = in_city(self.city.side, z, 5)
            for layer in ("buildings", "events"):
                self.results.afar.append(afar.of_layer(servers[0], layer, tiles, max(1, 5 // len(tiles))))
            for peer in servers[1:]:
                if z in AFAR_PEERS.get(peer.name, ()):
                    self.results.afar.append(afar.of_server(peer, tiles[:1], 1))

    def _crowd(self, fleet: Fleet) -> None:
        ours, martin = fleet.ours(), fleet.martin()
        tiles = in_city(self.city.side, 16, self._most)
        for server in filter(None, (ours, martin)):
            load.once(server, tiles)
        for number in range(self._rounds):
            say(f"alarms, round {number + 1} of {self._rounds}")
            self._note_crowd(ours, 0, tiles)
            with Alarms(ours, ALARMS_S) as alarms:
                found = load.again(ours, tiles, self._crowd_seconds)
            self.results.crowd.append(Crowd(ours.name, alarms.rate, found))
            if martin:
                self._note_crowd(martin, 0, tiles)
        for server in filter(None, (ours, martin)):
            server.stop()

    def _new_york(self, fleet: Fleet, uncached: list[Server]) -> None:
        say("New York")
        if not import_new_york(self.city):
            self.results.absent.append("New York (the data set beside the checkout)")
            return
        lists = {z: of_source(self.city.worker, NEW_YORK, z, 400) for z in (14, 16)}
        self._side_by_side(fleet, uncached, "New York, 113,089 buildings of OpenStreetMap, in the same table", lists, 1)

    def _note(self, data: str, server: Server, how: str, tiles: list[Tile], number: int, found: load.Load,
              spent: processor.Spent | None = None) -> None:
        self.results.runs.append(Run(data, server.name, how, tiles[0][0], len(tiles), number, found, spent))

    def _note_crowd(self, server: Server, alarms: float, tiles: list[Tile]) -> None:
        self.results.crowd.append(Crowd(server.name, alarms, load.again(server, tiles, self._crowd_seconds)))


def rotated(servers: list[Server], turn: int) -> list[Server]:
    """Return servers in an order that another one begins at each turn."""
    first = turn % len(servers)
    return servers[first:] + servers[:first]


def say(what: str) -> None:
    """Tell how far it is, on the terminal's other channel."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def machine() -> str:
    """Return one line about this machine."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{os.cpu_count()} × {model}, {memory:.0f} GB; load before {os.getloadavg()[0]:.1f}; "
            f"Python {platform.python_version()}")


def publish(results: Results) -> None:
    """Write the tables into the page and the plot beside it."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{results.markdown()}\n{END}{after}", encoding="utf-8")
    draw(results, PICTURE)


def draw(results: Results, path: Path) -> None:
    """Draw the largest city's results."""
    data = max((run.data for run in results.runs if run.data.isdigit()), key=int)
    plot.write(path, [
        ("Built anew: median latency", "milliseconds, 16 connections; less is better",
         results.series(data, "p50_ms", UNCACHED)),
        ("From the cache: tiles a second", "requests a second, 16 connections; more is better",
         results.series(data, "rate", WARM)),
    ])


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let a signal to end come as Ctrl-C does, so that what was started is ended as well."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main(description: str) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--martin", default=shutil.which("martin"), help="the program; default: the one on the path")
    parser.add_argument("--tipg", help="Python of the environment that has tipg")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="also draw the results as this SVG")
    parser.add_argument("--write-docs", action="store_true")
    arguments = parser.parse_args()
    load.require_wrk()
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="shapan-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the accounts that run PostgreSQL and nginx must pass
        city = City(folder)
        try:
            bench = Bench(city, folder, arguments)
            try:
                bench.run()
            except BaseException:
                print(f"UNFINISHED\n\n{bench.results.markdown()}")
                raise
        finally:
            city.close()
    say("done")
    if arguments.write_docs:
        publish(bench.results)
    if arguments.plot:
        draw(bench.results, arguments.plot)
    print(json.dumps(asdict(bench.results), ensure_ascii=False) if arguments.json else bench.results.markdown())
