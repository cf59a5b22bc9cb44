"""The run as a whole: a city, its traffic, a wall in a Chromium of its own, and the command line."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.live_stream.service import Service
from benchmarks.screen_budgets import cities, live, opening
from benchmarks.tile_servers.bench import ended_by_signals, machine, say
from benchmarks.tile_servers.city import City
from benchmarks.wall_days import low_power
from benchmarks.wall_days.faster import Clock, Faster

STREAMS = 20
MINUTES_OF_A_DAY = 1440
IDLE_S = 10

HURRY = Path(__file__).with_name("hurry.js").read_text()

TOUR_SPEED = 4
"""How many times as fast the tour goes: its stops of twenty seconds then last as long as the flights between them."""

GROWTH_MOST = 0.10
"""Budget of the heap, of the end against the first tenth: as that of the sandbox page over a day."""

LEFT_OPEN = 30
"""Alarms that are left open before each look."""

UNANSWERED = "Failed to load resource"

STAND_MS = 9000
"""A flight to the tour's first stop, and its tiles."""

# Has the tour go faster, and counts its stops and the readings of figures.
TOUR = """speed => {
    const { wall } = window.shapan;
    wall.now = wall.tours.now = () => speed * performance.now();
    const { onStop } = wall.tours;
    window.passed = { stops: 0, readings: 0 };
    wall.tours.onStop = stop => { window.passed.stops += 1; onStop(stop); };
    const { onRead } = wall.figureDesk;
    wall.figureDesk.onRead = changes => { window.passed.readings += 1; onRead(changes); };
}"""

# Stands at the tour's first stop and stays there, whatever comes: each look weighs the same picture. And goes on.
STAND = """() => {
    const { wall, store } = window.shapan;
    wall.takeovers.current = () => null;
    wall.tours.go(-store.state.wall.tour.at);
    wall.tick();
    wall.tours.look = () => {};
}"""
GO_ON = """() => {
    const { wall } = window.shapan;
    delete wall.takeovers.current;
    delete wall.tours.look;
}"""

# What a wall holds. Fields: nodes of the document, open alarms, its day by its own clock in the city's zone, stops of
# the tour and readings of the figures until now.
HELD = """() => [document.getElementsByTagName('*').length, window.shapan.store.alarms.size,
    new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: 'Asia/Shanghai' })
        .format(window.shapan.store.now()), window.passed.stops, window.passed.readings]"""

# How many frames the map draws in some milliseconds.
FRAMES = """ms => new Promise(resolve => {
    let frames = 0;
    const count = () => { frames += 1; };
    window.shapan.map.on('render', count);
    setTimeout(() => { window.shapan.map.off('render', count); resolve(frames); }, ms);
})"""


@dataclass(frozen=True)
class Moment:
    """What the wall held at one moment.

    Attributes:
        share: of the time. day: by the wall's clock. nodes: of the document. alarms: open ones that it knows.
        stops, readings: stops of the tour and readings of the figures until then.
        heap_mb, buffers_mb: V8's heap and array buffers. memory_mb: all processes of the browser.
    """

    share: float
    day: str
    nodes: int
    alarms: int
    stops: int
    readings: int
    heap_mb: float
    buffers_mb: float
    memory_mb: float


@dataclass
class Results:
    """A wall over some days.

    Attributes:
        machine, browser: where. days, speed: how many, how fast. rate: new alarms and events of a day.
        quick: too short to judge growth.
        idle_frames: drawn in ten seconds in which nothing came.
        low: frames without a graphics card; None over a small city.
        away_s: how long the wall said that the service was away, after it had been killed; None where it never did.
        sent: what the simulator says it sent. errors, foreign: lines of the console, requests to other hosts.
    """

    machine: str
    browser: str
    days: float
    speed: float
    rate: float
    quick: bool
    idle_frames: int = 0
    low: low_power.Frames | None = None
    away_s: float | None = None
    moments: list[Moment] = field(default_factory=list)
    sent: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How much more heap at the end than after the first moment: 0.1 is ten percent."""
        first, last = self.moments[0], self.moments[-1]
        return (last.heap_mb + last.buffers_mb) / (first.heap_mb + first.buffers_mb) - 1

    @property
    def stood_still(self) -> str:
        """What did not go on from the first moment to the last: then nothing of the rest means anything."""
        first, last = self.moments[0], self.moments[-1]
        still = {"the tour": last.stops <= first.stops, "the figures": last.readings <= first.readings,
                 "the day": last.day == first.day and self.days > 1,
                 "the simulator": not self.sent.get("alarms", {}).get("taken")}
        return ", ".join(name for name, is_still in still.items() if is_still)

    @property
    def missed(self) -> list[str]:
        """Budgets that are not kept, a line each."""
        over = {f"the heap grew by {self.growth:.1%}, more than {GROWTH_MOST:.0%}":
                    self.growth > GROWTH_MOST and not self.quick,
                f"{self.idle_frames} frames were drawn while nothing came": self.idle_frames > 0,
                f"nothing went by: {self.stood_still}": bool(self.stood_still),
                "a frame of low power takes too long": self.low is not None and self.low.over,
                "the wall never said that the service was away": self.away_s is None,
                f"{len(self.errors)} errors, the first: {self.errors[:1]}": bool(self.errors),
                f"{len(self.foreign)} requests to other hosts": bool(self.foreign)}
        return [words for words, is_over in over.items() if is_over]

    def text(self) -> str:
        """Return the results as lines."""
        rows = [f"{self.days:g} days at {self.speed:g} times their speed, {self.rate:g} alarms and events a day",
                f"{self.machine}; {self.browser}",
                "share  day         nodes  alarms  stops  readings  heap MB  buffers MB  browser MB"]
        rows += [f"{one.share:5.0%}  {one.day}  {one.nodes:5d}  {one.alarms:6d}  {one.stops:5d}  {one.readings:8d}  "
                 f"{one.heap_mb:7.1f}  {one.buffers_mb:10.1f}  {one.memory_mb:10.0f}" for one in self.moments]
        away = "never said so" if self.away_s is None else f"told for {self.away_s:.1f} s"
        return "\n".join([*rows, f"growth of the heap: {self.growth:+.1%} (budget {GROWTH_MOST:.0%})",
                          f"frames in {IDLE_S} idle seconds: {self.idle_frames}",
                          *([] if self.low is None else [self.low.text()]),
                          f"service killed and started again: {away}",
                          f"errors: {len(self.errors)}; requests to other hosts: {len(self.foreign)}",
                          *(f"MISSED: {words}" for words in self.missed)])


@contextmanager
def traffic(url: str, seconds: float, rate: float, results: Results) -> Iterator[None]:
    """Have the simulator send and handle for some seconds, at a rate a minute."""
    simulator = subprocess.Popen(
        [str(Path(sys.executable).parent / "shapan"), "simulate", "--url", url, "--rate", f"{rate:.3f}",
         "--operators", "10", "--keepers-work", "--hands", "quick", "--duration", f"{seconds:.0f}", "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield
        said, _ = simulator.communicate(timeout=120)
        results.sent = json.loads(said.strip().splitlines()[-1]) if said.strip() else {}
    finally:
        if simulator.poll() is None:
            simulator.terminate()
            simulator.wait()


def watch(watched: opening.Watched, service: Service, results: Results, minutes: float, pictures: Path | None) -> None:
    """Leave a wall alone, look at it ten times, and take the service away for a moment half way."""
    page, begin = watched.page, time.monotonic()
    for tenth in range(1, 11):
        while (left := begin + minutes * 6 * tenth - time.monotonic()) > 0:
            page.wait_for_timeout(min(left, 5) * 1000)
        _tidy(service.url)
        page.evaluate(STAND)
        page.wait_for_timeout(STAND_MS)
        nodes, alarms, day, stops, readings = page.evaluate(HELD)
        results.moments.append(
            Moment(tenth / 10, day, nodes, alarms, stops, readings, *watched.heap(), watched.memory_mb()))
        say(f"{tenth * 10} %: {results.moments[-1]}")
        if pictures is not None and tenth in (1, 10):
            page.screenshot(path=pictures / ("begin.png" if tenth == 1 else "end.png"))
        page.evaluate(GO_ON)
        if tenth == 5:
            results.away_s = _away(watched, service)


def _tidy(url: str) -> None:
    """Handle all but the newest alarms: the simulator's people leave some open, and what is open is rightly held."""
    with urllib.request.urlopen(f"{url}/api/alarms?limit=1000", timeout=30) as answer:
        left = sorted((one["id"] for one in json.load(answer)["alarms"]), reverse=True)[LEFT_OPEN:]
    for alarm in left:
        for step in ("acknowledge", "clear", "close"):
            with suppress(OSError):  # the simulator's people have taken this step, or it was gone meanwhile
                live.post(f"{url}/api/alarms/{alarm}/{step}", {})


def _away(watched: opening.Watched, service: Service) -> float | None:
    """Kill the service and start it again; return for how many seconds the wall said that it was away."""
    stale, errors = watched.page.locator('[data-testid="age"][data-state="stale"]'), len(watched.errors)
    service.kill()
    try:
        stale.wait_for(state="attached", timeout=20_000)
    except PlaywrightTimeout:
        service.start()
        return None
    begin = time.monotonic()
    service.start()
    stale.wait_for(state="detached", timeout=120_000)
    # What was asked for meanwhile could not be answered, and the browser says so.
    watched.errors[errors:] = [one for one in watched.errors[errors:] if not one.startswith(UNANSWERED)]
    return time.monotonic() - begin


def measure(results: Results, folder: Path, size: str, gl: str, pictures: Path | None) -> None:
    """Measure one wall over a city of its own."""
    minutes = results.days * MINUTES_OF_A_DAY / results.speed
    folder.mkdir()
    folder.chmod(0o755)  # the account that runs PostgreSQL must pass
    say("making the city")
    city = City(folder)
    try:
        cities.fill(city, size, folder)
        with Service(city, folder, STREAMS) as service:
            if size == cities.FULL:
                say("low power")
                results.low = low_power.measure(service.url)
            clock = Clock(datetime.now(UTC), results.speed)
            with Faster(service.url, clock) as faster, opening.fresh(gl, faster.url) as watched:
                watched.page.add_init_script(f"({HURRY})({results.speed})")
                watched.open(f"{faster.url}/wall?lang=zh-CN")
                opening.settle(watched)
                say("idle")
                results.idle_frames = watched.page.evaluate(FRAMES, IDLE_S * 1000)
                say(f"{minutes:.1f} minutes")
                watched.page.evaluate(TOUR, TOUR_SPEED)
                rate = results.rate * results.speed / MINUTES_OF_A_DAY
                with traffic(service.url, minutes * 60, rate, results):
                    watch(watched, service, results, minutes, pictures)
                results.errors, results.foreign = watched.errors, watched.foreign
    finally:
        city.close()


@click.command()
@click.option("--days", type=click.FloatRange(0, 400, min_open=True), default=8.0, show_default=True,
              help="Days that pass.")
@click.option("--speed", type=click.FloatRange(1, 100_000), default=1000.0, show_default=True,
              help="How many times as fast as others.")
@click.option("--rate", type=click.FloatRange(1, 1_000_000), default=60.0, show_default=True,
              help="New alarms and events of a day.")
@click.option("--size", type=click.Choice([cities.FULL, cities.SMALL]), default=cities.FULL, show_default=True,
              help="A sample city.")
@click.option("--gl", type=click.Choice(list(opening.GL)), default="mesa", show_default=True, help="Who draws.")
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Where to put two pictures.")
@click.option("--quick", is_flag=True, help="The small city, one day in half a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(days: float, speed: float, rate: float, size: str, gl: str, pictures: Path | None, quick: bool,
         as_json: bool) -> None:
    """Leave a wall alone for days that pass in minutes."""
    if quick:
        days, speed, size = 1.0, 2880.0, cities.SMALL
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    results = Results(machine(), opening.renderer(gl), days, speed, rate, quick)
    with ended_by_signals(), tempfile.TemporaryDirectory(prefix="shapan-bench-") as parent:
        Path(parent).chmod(0o755)
        measure(results, Path(parent) / "wall", size, gl, pictures)
    results.machine += f"; load after {os.getloadavg()[0]:.1f}"
    say("done")
    said = {**asdict(results), "growth": results.growth, "missed": results.missed}
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else results.text())
    sys.exit(1 if results.missed else 0)
