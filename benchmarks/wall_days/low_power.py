"""A frame of a wall without a graphics card: how long it takes with about a thousand buildings in view."""

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.screen_budgets import opening

BUILDINGS = 1000
NEARLY = 30
"""So many buildings more or fewer are as many."""

BUDGET_MS = 250
FRAMES, WARM = 30, 5
TRIES = 16
SETTLE_MS = 500

# Stops the tour, and gives the page a function that counts the buildings of which the first corner is on the map.
BEGIN = """() => {
    const { map, overlay, wall } = window.shapan;
    clearInterval(wall.timer);
    window.inView = () => {
        const drawn = overlay._deck.layerManager.getLayers({ layerIds: ['buildings'] });
        const { tileset } = drawn.find(({ id }) => id === 'buildings').state;
        const { clientWidth: width, clientHeight: height } = map.getCanvas();
        const seen = new Set();
        for (const { content, index } of tileset.selectedTiles) {
            const { featureIds, positions, fields } = content?.polygons ?? { featureIds: { value: [] } };
            featureIds.value.forEach((feature, at) => {
                if (at > 0 && featureIds.value[at - 1] === feature) return;
                const [x, y] = positions.value.slice(at * positions.size, at * positions.size + 2);
                const [east, south] = [(index.x + x) / 2 ** index.z, (index.y + y) / 2 ** index.z];
                const lat = 360 / Math.PI * Math.atan(Math.exp((1 - 2 * south) * Math.PI)) - 90;
                const point = map.project([east * 360 - 180, lat]);
                if (point.x >= 0 && point.y >= 0 && point.x < width && point.y < height) seen.add(fields[feature].id);
            });
        }
        return seen.size;
    };
}"""

LOOK = """zoom => {
    const [west, south, east, north] = window.shapan.store.state.scene.bounds;
    window.shapan.map.jumpTo({ center: [(west + east) / 2, (south + north) / 2], zoom, pitch: 50, bearing: -18 });
}"""

# Moves the camera a little after each frame of the map; resolves with the milliseconds from one to the next. The map
# says "render" when a frame is commanded, and commands the next one when that is drawn (map/pacing.js).
DRAW = """frames => new Promise(resolve => {
    const { map } = window.shapan, { lng, lat } = map.getCenter(), times = [];
    const move = () => map.jumpTo({ center: [lng + 0.0004 * Math.sin(times.length / 3), lat] });
    const drawn = () => {
        times.push(performance.now());
        if (times.length <= frames) { setTimeout(move); return; }
        map.off('render', drawn);
        resolve(times.slice(1).map((time, at) => time - times[at]));
    };
    map.on('render', drawn);
    move();
})"""


@dataclass(frozen=True)
class Frames:
    """Frames of a wall of low power.

    Attributes:
        buildings: in view, as far as no panel covers the map.
        median_ms, worst_ms: from one frame to the next, on the clock.
        processor_ms: of all processes of the browser and all cores together, for one frame: what it takes on the clock
            of a machine that does nothing else is not more.
    """

    buildings: int
    median_ms: float
    worst_ms: float
    processor_ms: float

    @property
    def over(self) -> bool:
        """Whether a frame takes longer than it may, whatever else this machine did meanwhile."""
        return min(self.median_ms, self.processor_ms) > BUDGET_MS

    def text(self) -> str:
        """Return the figures as a line."""
        return (f"frame of low power with {self.buildings:,} buildings in view, drawn by SwiftShader: "
                f"{self.processor_ms:.0f} ms of processor time, median {self.median_ms:.0f} ms on the clock, worst "
                f"{self.worst_ms:.0f} ms (budget {BUDGET_MS} ms)")


def measure(origin: str) -> Frames:
    """Measure a wall over a city of more than a thousand buildings, drawn by Chromium itself."""
    with opening.fresh("swiftshader", origin) as watched:
        watched.open(f"{origin}/wall?low=1&sound=0")
        opening.settle(watched)
        page = watched.page
        page.evaluate(BEGIN)
        buildings = _find(watched)
        page.evaluate(DRAW, WARM)
        before = _processor_s(watched)
        times = page.evaluate(DRAW, FRAMES)
        spent = _processor_s(watched) - before
        return Frames(buildings, statistics.median(times), max(times), spent * 1000 / FRAMES)


def _find(watched: opening.Watched) -> int:
    """Come so near that about a thousand buildings are in view; return how many are."""
    far, near = 13.0, 18.0
    for _ in range(TRIES):
        watched.page.evaluate(LOOK, (far + near) / 2)
        watched.page.wait_for_timeout(SETTLE_MS)
        opening.settle(watched)
        seen = watched.page.evaluate("window.inView()")
        if abs(seen - BUILDINGS) <= NEARLY:
            return seen
        far, near = ((far + near) / 2, near) if seen > BUILDINGS else (far, (far + near) / 2)
    raise RuntimeError(f"No camera shows {BUILDINGS} buildings of this city.")


def _processor_s(watched: opening.Watched) -> float:
    """Return the seconds that the browser's processes have had of all processors."""
    ticks = 0
    for process in watched.processes():
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
