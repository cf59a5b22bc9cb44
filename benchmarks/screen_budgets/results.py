"""What was measured, the budgets it is held against, and the tables."""

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.screen_budgets.bundle import Bundle, Scene
from benchmarks.screen_budgets.live import Alarms, Soak
from benchmarks.screen_budgets.opening import Opened
from benchmarks.tile_servers.results import table

FIRST_SCENE_MS, SCRIPT, SCENE, INLINE, ALARM_MS, GROWTH = 3000, 800_000, 1_000_000, 200_000, 1000, 0.10
"""Budgets of a page: milliseconds; bytes under gzip twice, bytes; milliseconds at p99; share of the heap."""

COUNTED = {"full": "the sample city", "small": "the small sample city", "new-york": "New York"}


@dataclass
class CityResults:
    """One city: how many buildings and features of GeoJSON it has, and what was measured.

    Attributes:
        first_ms: of the sandbox's first opening after its service began; not among `ours`.
        ours, plain: openings of the sandbox and of the plain page.
    """

    name: str
    buildings: int
    features: int
    scene: Scene
    first_ms: float = 0
    ours: list[Opened] = field(default_factory=list)
    plain: list[Opened] = field(default_factory=list)
    alarms: Alarms | None = None
    soak: Soak | None = None


@dataclass
class Results:
    """Everything."""

    machine: str
    browser: str
    runs: int
    bundle: Bundle
    cities: list[CityResults] = field(default_factory=list)

    def markdown(self) -> str:
        """Return all tables."""
        parts = [self._head(), *([_budgets(self.bundle, self.cities[0])] if self.cities else []), self._beside(),
                 *(_transfers(city) for city in self.cities[:1]), self._scripts(),
                 *(_soak(city.soak) for city in self.cities if city.soak)]
        return "\n".join(line for part in parts for line in (*part, "")).rstrip()

    def _head(self) -> list[str]:
        return [f"{self.machine}; {self.browser}. Medians of {self.runs} openings of each page."]

    def _beside(self) -> list[str]:
        rows = []
        for city in self.cities:
            for name, unit, value in MEASURES:
                ours, plain = (statistics.median(value(one) for one in found) for found in (city.ours, city.plain))
                rows.append((f"{COUNTED[city.name]}, {city.buildings:,} buildings" if name == MEASURES[0][0] else "",
                             name, f"{ours:,.{unit[1]}f}{unit[0]}", f"{plain:,.{unit[1]}f}{unit[0]}",
                             f"{ours / plain:.2f} ×" if plain else "–"))
        return ["**The sandbox and the same city as one plain GeoJSON in deck.gl**", "",
                *table(("city", "", "sandbox", "plain page", "sandbox / plain"), rows)]

    def _scripts(self) -> list[str]:
        rows = [("the page, with what it imports", _kb(self.bundle.page), "first"),
                *((name, _kb(size), "when it is wanted") for name, size in sorted(self.bundle.lazy.items())),
                *((name, _kb(size), "worker") for name, size in sorted(self.bundle.workers.items()))]
        return ["**Scripts of the sandbox, kB under gzip**", "", *table(("script", "kB", "loaded"), rows)]


def _bytes(opened: Opened) -> float:
    return sum(one.size for one in opened.transfers) / 1000


def p95(values: list[float]) -> float:
    """Return the value that one in twenty exceeds; of a single one, that."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


MEASURES = (
    ("first scene", (" ms", 0), lambda one: one.ready_ms),
    ("bytes until then", (" kB", 0), _bytes),
    ("requests", ("", 0), lambda one: sum(one.kind != "inline" for one in one.transfers)),
    ("V8 heap", (" MB", 1), lambda one: one.heap_mb),
    ("array buffers", (" MB", 1), lambda one: one.buffers_mb),
    ("memory of the browser", (" MB", 0), lambda one: one.memory_mb),
    ("frame while the camera moves, median", (" ms", 0), lambda one: statistics.median(one.frames_ms)),
    ("frame while the camera moves, p95", (" ms", 0), lambda one: p95(one.frames_ms)),
)
"""Name, unit with digits, and value of an opening."""


def _budgets(bundle: Bundle, city: CityResults) -> list[str]:
    first = statistics.median(one.ready_ms for one in city.ours)
    wire = statistics.median(sum(each.size for each in one.transfers if each.kind == "JavaScript") for one in city.ours)
    foreign = sum(len(one.foreign) for one in city.ours)
    errors = sum(len(one.errors) for one in city.ours)
    rows = [
        (f"first scene ≤ {FIRST_SCENE_MS:,} ms",
         f"{first:,.0f} ms; {city.first_ms:,.0f} the first time after the service began", first <= FIRST_SCENE_MS),
        (f"JavaScript of the page ≤ {SCRIPT // 1000} kB gzip",
         f"{_kb(bundle.page)} kB as the build weighs it; {_kb(wire)} kB on the wire", bundle.page <= SCRIPT),
        (f"scene JSON ≤ {SCENE // 1000:,} kB gzip", f"{_kb(city.scene.sent)} kB", city.scene.sent <= SCENE),
        (f"no inline layer over {INLINE // 1000} kB", f"{_kb(city.scene.inline)} kB ({city.scene.layer})",
         city.scene.inline <= INLINE),
        ("no request to another host", f"{foreign}", foreign == 0),
        ("no error on the console", f"{errors}", errors == 0),
    ]
    if city.alarms:
        found = city.alarms
        rows.append((f"alarm to pixel ≤ {ALARM_MS:,} ms at p99",
                     f"p50 {found.p50_ms:,.0f} ms, p99 {found.p99_ms:,.0f} ms of {found.count}; {found.lost} lost",
                     found.p99_ms <= ALARM_MS and not found.lost))
    if city.soak:
        rows.append((f"heap grows by ≤ {GROWTH:.0%} from a tenth of the time to its end",
                     f"{city.soak.growth:+.1%} in {city.soak.minutes:g} minutes", city.soak.growth <= GROWTH))
    return [f"**Budgets, {COUNTED[city.name]}**", "",
            *table(("budget", "measured", ""), [(*row[:2], "kept" if row[2] else "missed") for row in rows])]


def _transfers(city: CityResults) -> list[str]:
    rows = []
    by_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for opened in city.ours:
        for kind in {one.kind for one in opened.transfers}:
            sizes = [one.size for one in opened.transfers if one.kind == kind]
            by_kind[kind].append((len(sizes), sum(sizes)))
    for kind, found in sorted(by_kind.items(), key=lambda each: -each[1][0][1]):
        if kind != "inline":
            rows.append((kind, f"{statistics.median(each[0] for each in found):g}",
                         _kb(statistics.median(each[1] for each in found))))
    return [f"**What the sandbox asks for until its first scene, {COUNTED[city.name]}**", "",
            *table(("kind", "requests", "kB on the wire"), rows)]


def _soak(soak: Soak) -> list[str]:
    rows = [(f"{one.share:.0%}", f"{one.alarms:,}", f"{one.heap_mb:.1f}", f"{one.buffers_mb:.1f}",
             f"{one.memory_mb:,.0f}") for one in soak.moments]
    return [f"**A page under the simulator, {soak.minutes:g} minutes, {soak.rate:g} alarms and events a minute**", "",
            *table(("of the time", "open alarms", "V8 heap MB", "array buffers MB", "memory of the browser MB"), rows)]


def _kb(size: float) -> str:
    return f"{size / 1000:,.1f}"
