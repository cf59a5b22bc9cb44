"""What was measured, kept together, and its tables in Markdown."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.tile_servers import targets
from benchmarks.tile_servers.afar import Afar
from benchmarks.tile_servers.browser import Seen
from benchmarks.tile_servers.equality import Sameness
from benchmarks.tile_servers.freshness import REST_MS, ZOOM, Freshness
from benchmarks.tile_servers.load import Load
from benchmarks.tile_servers.processor import Spent
from benchmarks.tile_servers.security import Cost

COLD, WARM, UNCACHED, QUIET = "cold", "warm", "uncached", "uncached, 2 at a time"
"""First request of each tile on an empty cache; again after that; cache off, or none; the same without a queue."""

@dataclass(frozen=True)
class Run:
    """One run of load.

    ``data``: which rows, such as ``1000000`` or ``New York``; ``how``: cold, warm or uncached; ``spent``: on it alone.
    """

    data: str
    server: str
    how: str
    z: int
    tiles: int
    round: int
    load: Load
    spent: Spent | None = None

    def microseconds(self, who: str) -> float:
        """Return the processor time of ``server`` or ``database`` for each request."""
        return getattr(self.spent, who) / self.load.requests * 1e6


@dataclass(frozen=True)
class Crowd:
    """A warm run with and without alarms coming in: requests a second, and the alarms a second that were taken."""

    server: str
    alarms: float
    load: Load


@dataclass
class Results:
    """Everything that was found."""

    machine: str
    short: bool = False
    versions: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    sameness: list[Sameness] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    afar: list[Afar] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    crowd: list[Crowd] = field(default_factory=list)
    freshness: Freshness | None = None
    seen: Seen | None = None

    def median(self, data: str, server: str, how: str, z: int, value: str) -> float | None:
        """Return the median over the rounds of one value of :class:`Load`; None where nothing was measured."""
        found = [getattr(run.load, value) for run in self.runs
                 if (run.data, run.server, run.how, run.z) == (data, server, how, z)]
        return statistics.median(found) if found else None

    def series(self, data: str, value: str, how: str) -> dict[str, dict[int, float]]:
        """Return a value by server and zoom, for the plot."""
        found: dict[str, dict[int, float]] = {}
        for run in self.runs:
            if (run.data, run.how) == (data, how):
                found.setdefault(run.server, {})[run.z] = self.median(data, run.server, how, run.z, value)
        return found

    def markdown(self) -> str:
        """Return all tables."""
        return "\n".join(line for part in (
            self._head(), self._targets(), self._same(), self._servers(), self._processor(), self._growth(),
            self._afar(), self._security(), self._crowd(), self._fresh()) for line in (*part, ""))

    def _head(self) -> list[str]:
        return [*(["A short run (`--quick`): one round, few tiles."] if self.short else []),
                "; ".join((self.machine, *self.versions)) + ".",
                *(f"Left out: {name}." for name in self.absent)]

    def _same(self) -> list[str]:
        rows = [(found.peer, found.z, found.tiles, f"{found.ours:,}", f"{found.theirs:,}",
                 f"{found.theirs + found.beside - found.ours:,}", f"{found.beside:,}",
                 ", ".join(found.fields_left_out) or "none")
                for found in self.sameness]
        return ["**Equal features, checked first**", "", *table(
            ("peer", "zoom", "tiles decoded", "our features", "theirs", "left out by declaration",
             "in the buffer, not theirs", "fields left out"),
            rows)]

    def _servers(self) -> list[str]:
        lines = []
        for data in dict.fromkeys(run.data for run in self.runs):
            runs = [run for run in self.runs if run.data == data and run.how != QUIET]
            if not runs:
                continue
            rows = []
            for z in sorted({run.z for run in runs}):
                for server, how in dict.fromkeys((run.server, run.how) for run in runs if run.z == z):
                    tiles = next(run.tiles for run in runs if (run.z, run.server, run.how) == (z, server, how))
                    rate, p50, p99, size = (self.median(data, server, how, z, value)
                                            for value in ("rate", "p50_ms", "p99_ms", "bytes_each"))
                    rates = [run.load.rate for run in runs if (run.z, run.server, run.how) == (z, server, how)]
                    rows.append((z, server, how, f"{tiles:,}", f"{rate:,.0f}", f"{min(rates):,.0f}–{max(rates):,.0f}",
                                 f"{p50:,.2f}", f"{p99:,.2f}", f"{size / 1000:,.1f}"))
            title = f"{int(data):,} buildings" if data.isdigit() else data
            lines += [f"**{title}**", "", *table(
                ("zoom", "server", "cache", "tiles", "requests/s", "lowest–highest", "p50 ms", "p99 ms", "kB each"),
                rows), ""]
        return lines

    def _targets(self) -> list[str]:
        rows = targets.rows(self)
        return ["**Targets**", "", *table(("target", "reached", ""), rows)] if rows else []

    def _processor(self) -> list[str]:
        runs = [run for run in self.runs if run.spent is not None and run.data.isdigit()]
        rows = []
        for z, server in sorted({(run.z, run.server) for run in runs}):
            found = [run for run in runs if (run.z, run.server) == (z, server)]
            rows.append((z, server, *(f"{statistics.median(run.microseconds(who) for run in found):,.0f}"
                                      for who in ("server", "database"))))
        return ["**Processor time of a tile built anew, µs**", "",
                *table(("zoom", "server", "server's own", "database's"), rows)] if rows else []

    def grown(self) -> list[tuple[int, str, list[float]]]:
        """Return zoom, server and median latency at each size of the table."""
        sizes = sorted({int(run.data) for run in self.runs if run.data.isdigit()})
        found = [(z, server, [self.median(str(size), server, QUIET, z, "p50_ms") for size in sizes])
                 for z, server in sorted({(run.z, run.server) for run in self.runs if run.how == QUIET})]
        return [each for each in found if len(sizes) > 1 and all(each[2])]

    def _growth(self) -> list[str]:
        sizes = sorted({int(run.data) for run in self.runs if run.data.isdigit()})
        rows = [(z, server, *(f"{value:,.2f}" for value in values), f"{values[-1] / values[0]:.2f}")
                for z, server, values in self.grown()]
        return ["**As the table grows: p50 in milliseconds, no cache, two requests at a time**", "", *table(
            ("zoom", "server", *(f"{size:,}" for size in sizes), "last : first"), rows)] if rows else []

    def _afar(self) -> list[str]:
        rows = [(found.z, found.what, found.tiles, *(
            (f"{found.median_ms:,.1f}", f"{found.longest_ms:,.1f}", f"{found.largest / 1000:,.1f}",
             f"{found.wire / 1000:,.1f}") if found.median_ms is not None else ("none in time", "", "", "")))
            for found in self.afar]
        return ["**From afar, built anew, one request at a time**", "", *table(
            ("zoom", "server", "tiles", "median ms", "longest ms", "largest kB", "largest compressed kB"), rows)]

    def _security(self) -> list[str]:
        rows = [(cost.z, cost.tiles, f"{cost.bound_ms:.2f}", f"{cost.free_ms:.2f}", f"{cost.share:+.0%}",
                 "yes" if cost.indexed else "NO") for cost in self.costs]
        return ["**Row security: the same statements within a jurisdiction, and as a role that it does not bind**", "",
                *table(("zoom", "tiles", "within ms", "unbound ms", "cost", "plan uses the GiST index"), rows)]

    def _crowd(self) -> list[str]:
        rows = []
        for server, with_alarms in dict.fromkeys((found.server, found.alarms > 0) for found in self.crowd):
            found = [each for each in self.crowd if (each.server, each.alarms > 0) == (server, with_alarms)]
            middle = {name: statistics.median(getattr(each.load, name) for each in found)
                      for name in ("rate", "p50_ms", "p99_ms")}
            rows.append((server, f"{statistics.median(each.alarms for each in found):.0f}", f"{middle['rate']:,.0f}",
                         f"{middle['p50_ms']:.2f}", f"{middle['p99_ms']:.2f}"))
        return ["**Cached tiles of zoom 16 while alarms come in**", "", *table(
            ("server", "alarms/s", "requests/s", "p50 ms", "p99 ms"), rows)]

    def _fresh(self) -> list[str]:
        rows: list[tuple[Any, ...]] = []
        if (found := self.freshness) is not None:
            rows += [("client of the stream: told", found.writes, *(f"{value:,.0f}" for value in found.told), ""),
                     ("client of the stream: tile is here", found.writes,
                      *(f"{value:,.0f}" for value in found.fresh), len(found.lost))]
        if (seen := self.seen) is not None:
            rows += [("open page: its layer holds it", seen.writes, *(f"{value:,.0f}" for value in seen.held), ""),
                     ("open page: it is drawn", seen.writes, *(f"{value:,.0f}" for value in seen.drawn), seen.lost)]
        if not rows:
            return []
        lines = ["**From commit to changed tile, while others write and read**", "",
                 *table(("where", "changes", "p50 ms", "p99 ms", "lost"), rows)]
        if found is not None:
            reads = found.reads
            lines += ["", f"{found.rate:.0f} writes/s in random places; {found.readers} readers that ask for a tile "
                      f"every {REST_MS / 1000:g} s on average: {reads.rate:,.0f} tiles/s, p50 {reads.p50_ms:.1f} ms, "
                      f"p99 {reads.p99_ms:.1f} ms, refused {sum(reads.faults.values())}. The stream's client was "
                      f"refused {found.refused:,} times, and asked {found.vain:,} times for an earlier change of the "
                      f"same cell. {found.undrawn:,} of the changed buildings are too small to be drawn at zoom "
                      f"{ZOOM}.", *(f"Lost: {each}." for each in found.lost)]
        return lines


def table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[str]:
    """Return a table's lines in Markdown."""
    heads = list(heads)
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads),
            *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)]
