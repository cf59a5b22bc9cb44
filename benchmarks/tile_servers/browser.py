"""How long after a commit an open page draws it, in headless Chromium, while others write and read."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.freshness import WRITE, Writers, ends, readers
from benchmarks.tile_servers.peers import Server

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
READY_MS = 120_000
GIVE_UP_MS = 10_000

# Resolves with two instants (milliseconds since 1970): when each tile of the page's own layer that shows a building
# holds its height (looked at every 20 ms), and when the graphics card was through with the first frame whose parts were
# made of such tiles; null when that takes too long. A tile has no `layers` between its new content and their making.
SEEN = """([id, height, giveUp]) => new Promise(resolve => {
    const { map, overlay } = window.shapan;
    const showing = () => {
        const layers = overlay._deck.layerManager.getLayers({layerIds: ['buildings']});
        const tileset = layers.find(layer => layer.id === 'buildings')?.state?.tileset;
        return (tileset?.selectedTiles ?? []).flatMap(({content, layers: made}) => {
            const {fields = [], featureIds, numericProps} = content?.polygons ?? {};
            const feature = fields.findIndex(each => each?.id === id);
            const corner = feature < 0 ? -1 : featureIds.value.indexOf(feature);
            if (corner < 0) return [];
            return [{there: Math.abs(numericProps.drawn_height_m.value[corner] - height) < 0.001, made}];
        });
    };
    const every = test => { const found = showing(); return found.length > 0 && found.every(test); };
    let held = null, ended = false;
    const end = answer => { ended = true; map.off('render', drawn); resolve(answer); };
    const drawn = () => {
        if (!every(({there, made}) => there && made)) return;
        map.off('render', drawn);
        held ??= Date.now();
        const gl = map.getCanvas().getContext('webgl2');
        const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
        gl.flush();
        const wait = () => gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED
            ? end([held, Date.now()]) : ended || setTimeout(wait, 4);
        wait();
    };
    const look = () => {
        if (held === null && every(({there}) => there)) held = Date.now();
        if (held === null && !ended) setTimeout(look, 20);
    };
    map.on('render', drawn);
    setTimeout(() => end(null), giveUp);
    look();
})"""

# Rows: id of buildings near the middle of the city's first full cells, and their place in degrees.
NEAR = """
SELECT id, ST_X(at), ST_Y(at) FROM (SELECT id, ST_Centroid(footprint) AS at, geom_web FROM building) AS each
WHERE geom_web && ST_Expand((SELECT geom_web FROM building WHERE code = %s), 60) ORDER BY id
"""


@dataclass(frozen=True)
class Seen:
    """What was found.

    Attributes:
        writes: changes that the page drew.
        held: p50 and p99 in milliseconds from the commit until the page's layer holds the change.
        drawn: the same until the frame with it is drawn.
        lost: changes that it did not draw.
    """

    writes: int
    held: tuple[float, float]
    drawn: tuple[float, float]
    lost: int


def measure(city: City, server: Server, seconds: float, rate: int, count: int) -> Seen | None:
    """Change buildings in view of an open page, one after the other; None where there is no Chromium.

    Args:
        city: what is written to. server: ours. seconds: how long.
        rate: writes a second in other places. count: readers.
    """
    if not Path(CHROMIUM).exists():
        return None
    # Shell 25 of the city, half way up: in the middle of its first cell.
    near = city.worker.execute(NEAR, ("B" + str(25 * 25 + 25).zfill(8),)).fetchall()
    with _page(server, near[0][1], near[0][2]) as page:
        first, *_ = near
        _write(city, page, first[0], 401)  # the first one may be slow for reasons of its own
        reading = readers(city, server, count, seconds + 1)
        took: list[tuple[float, float] | None] = []
        try:
            with Writers(city, rate):
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    turn = len(took)
                    took.append(_write(city, page, near[turn % len(near)][0], 402 + turn / 16))
            reading.result(tolerant=True)
        finally:
            reading.stop()
    there = [value for value in took if value is not None]
    if len(there) < 2:
        sys.exit(f"Of {len(took)} changes {len(there)} were seen by the page.")
    held, drawn = (ends(list(each)) for each in zip(*there, strict=True))
    return Seen(len(there), held, drawn, len(took) - len(there))


def _write(city: City, page: Page, building: int, height: float) -> tuple[float, float] | None:
    """Commit a height; return after how many milliseconds the page's layer holds it, and its frame is drawn."""
    city.worker.execute(WRITE, (f"改高{height}号楼", height, building))
    committed = time.time() * 1000
    seen = page.evaluate(SEEN, [building, height, GIVE_UP_MS])
    return seen and (seen[0] - committed, seen[1] - committed)


@contextmanager
def _page(server: Server, lon: float, lat: float) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
            page.goto(f"{server.url}/?camera={lon:.6f},{lat:.6f},16.4,0,0")
            page.locator('html[data-scene="ready"]').wait_for(state="attached", timeout=READY_MS)
            yield page
        finally:
            browser.close()
