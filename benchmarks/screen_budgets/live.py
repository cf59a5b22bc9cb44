"""Alarms until they are on the map, and the heap of a page that stays open."""

import json
import math
import subprocess
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.screen_budgets.opening import Watched

WAIT_MS = 10_000

# From now on, `window.marked[id]` is the instant (milliseconds since 1970) of the second frame after the mark of an
# alarm came onto the map: the first one draws it, the second begins when that is out.
WATCH = """() => {
    window.marked = {};
    const seen = () => {
        for (const mark of document.querySelectorAll('#alarm-marks [data-alarm-id]')) {
            const id = mark.dataset.alarmId;
            if (id in window.marked) continue;
            window.marked[id] = null;
            requestAnimationFrame(() => requestAnimationFrame(() => { window.marked[id] = Date.now(); }));
        }
    };
    seen();
    new MutationObserver(seen).observe(document.getElementById('alarm-marks'),
        { subtree: true, childList: true, attributes: true, attributeFilter: ['data-alarm-id'] });
}"""

# Which of some positions [lon, lat, metres] lie on the map beside all panels.
FREE = """positions => positions.map(at => {
    const [x, y] = window.shapan.project(at);
    return document.elementFromPoint(x, y)?.tagName === 'CANVAS';
})"""


@dataclass(frozen=True)
class Alarms:
    """Milliseconds from posting to pixel, and alarms that were not seen at all."""

    p50_ms: float
    p99_ms: float
    longest_ms: float
    count: int
    lost: int


def alarms(watched: Watched, url: str, devices: list[tuple[str, float, float, float]], count: int) -> Alarms | None:
    """Raise alarms one after the other where nothing covers the map; None where there is no such device."""
    page = watched.page
    free = page.evaluate(FREE, [list(device[1:]) for device in devices])
    inside = [device[0] for device, seen in zip(devices, free, strict=True) if seen]
    if not inside:
        return None
    page.evaluate(WATCH)
    took: list[float] = []
    lost = 0
    for turn in range(count + 1):
        posted = time.time() * 1000
        alarm = _raise(url, inside[turn % len(inside)])
        seen = _wait(page, alarm)
        if seen is None:
            lost += 1
        elif turn:  # the first one may be slow for reasons of its own
            took.append(seen - posted)
        for step in ("acknowledge", "clear", "close"):
            post(f"{url}/api/alarms/{alarm}/{step}", {})
        page.wait_for_timeout(100)
    took.sort()
    if not took:
        return Alarms(math.nan, math.nan, math.nan, 0, lost)
    return Alarms(took[len(took) // 2], took[math.ceil(0.99 * len(took)) - 1], took[-1], len(took), lost)


def _wait(page: Any, alarm: int) -> float | None:
    deadline = time.monotonic() + WAIT_MS / 1000
    while time.monotonic() < deadline:
        if found := page.evaluate("id => window.marked[id]", str(alarm)):
            return found
        page.wait_for_timeout(20)
    return None


def _raise(url: str, device: str) -> int:
    message = {"source": "benchmark", "event_id": uuid.uuid4().hex, "device": device, "severity": "critical",
               "type": "smoke", "occurred_at": datetime.now(UTC).isoformat()}
    return post(f"{url}/api/alarms", {"alarms": [message]})["ids"][0]


def post(url: str, body: Any) -> Any:
    """Post JSON and return the answer's."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@dataclass(frozen=True)
class Held:
    """What a page held at one moment: share of the time, open alarms, megabytes of heap, buffers, the whole browser."""

    share: float
    alarms: int
    heap_mb: float
    buffers_mb: float
    memory_mb: float


@dataclass(frozen=True)
class Soak:
    """A page under the simulator's stream.

    Attributes:
        minutes: how long. rate: new alarms and events a minute. moments: at each tenth of the time.
        sent: what the simulator says it sent.
    """

    minutes: float
    rate: float
    moments: list[Held]
    sent: dict[str, Any]

    @property
    def growth(self) -> float:
        """How much more heap at the end than after a tenth of the time: 0.1 is ten percent."""
        first, last = self.moments[0], self.moments[-1]
        return (last.heap_mb + last.buffers_mb) / (first.heap_mb + first.buffers_mb) - 1


OPEN = "() => window.shapan.store.alarms.size"


def soak(watched: Watched, url: str, minutes: float, rate: float) -> Soak:
    """Keep an open page under the simulator, and look at its heap ten times.

    Those who handle what comes do not keep up with a high rate: what is open then piles up, and the heap with it.
    """
    simulator = subprocess.Popen(
        [str(Path(sys.executable).parent / "shapan"), "simulate", "--url", url, "--rate", str(rate), "--operators", "3",
         "--keepers-work", "--hands", "quick", "--duration", str(minutes * 60), "--json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    begin, moments = time.monotonic(), []
    try:
        for tenth in range(1, 11):
            while (left := begin + minutes * 6 * tenth - time.monotonic()) > 0:
                watched.page.wait_for_timeout(min(left, 5) * 1000)
            moments.append(Held(tenth / 10, watched.page.evaluate(OPEN), *watched.heap(), watched.memory_mb()))
        said, _ = simulator.communicate(timeout=60)
    finally:
        if simulator.poll() is None:
            simulator.terminate()
            simulator.wait()
    return Soak(minutes, rate, moments, json.loads(said.strip().splitlines()[-1]) if said.strip() else {})
