"""Open a page in a Chromium that has never seen anything, and measure what it took and what it holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Request, sync_playwright

CHROMIUM = "/usr/bin/chromium"
GL = {
    "mesa": ["--use-gl=angle", "--use-angle=gl-egl"],
    "swiftshader": ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
}
"""Who draws where there is no graphics card: Mesa's llvmpipe, or Chromium's own."""

FLAGS = [
    "--no-sandbox", "--ignore-gpu-blocklist", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
VIEWPORT = {"width": 1920, "height": 1080}
READY_MS = 300_000
WORKER = "workers"
MB = 2**20

RENDERER = """() => {
    const gl = document.createElement('canvas').getContext('webgl2');
    return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL);
}"""

# Fields: longitude, latitude, zoom as deck.gl counts it, pitch, bearing of the sandbox's camera.
VIEW = """() => {
    const { map } = window.shapan;
    const { lng: longitude, lat: latitude } = map.getCenter();
    return { longitude, latitude, zoom: map.getZoom(), pitch: map.getPitch(), bearing: map.getBearing() };
}"""

# Fields: address and bytes on the wire with the head, of each script of a worker, as the page itself counts them.
WORKERS = """() => performance.getEntriesByType('resource').filter(({ name }) => /worker/.test(name))
    .map(({ name, transferSize }) => [new URL(name).pathname, transferSize])"""

# Move the camera to and fro on a circle of so many degrees, one step in each animation frame; resolves with the
# milliseconds between frames. `window.look` is the plain page's.
PAN = """([[longitude, latitude], radius, seconds]) => new Promise(resolve => {
    const look = window.look ?? (center => window.shapan.map.jumpTo({ center }));
    const times = [];
    const step = now => {
        times.push(now);
        const angle = 2 * Math.PI * (now - times[0]) / 4000;
        look([longitude + radius * Math.sin(angle), latitude + radius * (1 - Math.cos(angle)) / 2]);
        if (now - times[0] < seconds * 1000) requestAnimationFrame(step);
        else resolve(times.slice(1).map((time, index) => time - times[index]));
    };
    requestAnimationFrame(step);
})"""


@dataclass(frozen=True)
class Transfer:
    """One answer: its address without the origin, its kind, and its bytes on the wire with the head."""

    path: str
    kind: str
    size: int


@dataclass
class Opened:
    """What one opening of a page took, and what it holds at rest.

    Attributes:
        ready_ms: from the start of the navigation to the first scene.
        transfers: every answer until then.
        heap_mb: V8's heap in use after forced collection, of the page's own thread.
        buffers_mb: array buffers that belong to it.
        memory_mb: proportional share of all processes of the browser.
        frames_ms: between two frames while the camera moves.
        foreign, errors: requests to other hosts, and lines of the console that are errors.
    """

    ready_ms: float
    transfers: list[Transfer] = field(default_factory=list)
    heap_mb: float = 0
    buffers_mb: float = 0
    memory_mb: float = 0
    frames_ms: list[float] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Watched:
    """A page of a fresh browser, with everything that it asks for and complains of."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.page: Page = browser.new_context(viewport=VIEWPORT, locale="zh-CN").new_page()
        self.requests: list[Request] = []
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._processes: CDPSession = browser.new_browser_cdp_session()
        self._engine: CDPSession = self.page.context.new_cdp_session(self.page)
        self._host = urlsplit(origin).netloc
        self.page.on("request", self._asked)
        self.page.on("requestfinished", lambda request: self.requests.append(request))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)

    def open(self, url: str) -> Opened:
        """Open a page cold and wait until its first scene is drawn."""
        self.page.goto(url, wait_until="commit")
        self.page.locator('html[data-scene="ready"]').wait_for(state="attached", timeout=READY_MS)
        ready = self.page.evaluate("performance.getEntriesByName('shapan:scene-ready')[0].startTime")
        transfers = [_transfer(request) for request in list(self.requests)]
        # A worker's script is fetched by the worker: what Playwright says of it is its head alone.
        transfers = [one for one in transfers if one.kind != WORKER]
        transfers += [Transfer(path, WORKER, size) for path, size in self.page.evaluate(WORKERS)]
        return Opened(round(ready), transfers, foreign=self.foreign, errors=self.errors)

    def hold(self, opened: Opened) -> None:
        """Note what the page holds at rest."""
        opened.heap_mb, opened.buffers_mb = self.heap()
        opened.memory_mb = self.memory_mb()

    def pan(self, opened: Opened, view: dict[str, float], seconds: float) -> None:
        """Note the frames of a camera on the move; 0.004 degrees are some 400 m, a third of what is seen at zoom 15."""
        self.page.evaluate(PAN, [[view["longitude"], view["latitude"]], 0.001, 0.5])
        opened.frames_ms = self.page.evaluate(PAN, [[view["longitude"], view["latitude"]], 0.004, seconds])

    def heap(self) -> tuple[float, float]:
        """Return megabytes of V8's heap and of its array buffers, after two collections."""
        for _ in range(2):  # what finalizers let go of in the first, the second one takes away
            self._engine.send("HeapProfiler.collectGarbage")
        usage = self._engine.send("Runtime.getHeapUsage")
        return usage["usedSize"] / MB, usage.get("backingStorageSize", 0) / MB

    def memory_mb(self) -> float:
        """Return the megabytes that all processes of the browser hold, what they share counted once."""
        return sum(_pss(process) for process in self.processes()) / MB

    def processes(self) -> list[int]:
        """Return the ids of the browser's processes."""
        return [one["id"] for one in self._processes.send("SystemInfo.getProcessInfo")["processInfo"]]

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.foreign.append(request.url)


@contextmanager
def fresh(gl: str, origin: str) -> Iterator[Watched]:
    """Yield a page of a browser that is started for it and ended after it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *GL[gl]])
        try:
            yield Watched(browser, origin)
        finally:
            browser.close()


def renderer(gl: str) -> str:
    """Return the browser's version, and who draws, as WebGL names it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *GL[gl]])
        try:
            return f"Chromium {browser.version}; {browser.new_page().evaluate(RENDERER)}"
        finally:
            browser.close()


def settle(watched: Watched, longest_s: float = 20) -> None:
    """Wait until the page is at rest again, or for as long as it may take."""
    deadline = time.monotonic() + longest_s
    while time.monotonic() < deadline:
        if watched.page.evaluate("document.documentElement.dataset.scene") == "ready":
            return
        watched.page.wait_for_timeout(100)


def kind_of(path: str) -> str:
    """Return what an address of either page is, in the words of the tables."""
    name = path.partition("?")[0]
    if name.endswith(".geojson"):
        return "GeoJSON"
    if "/tiles/" in name:
        return "tiles"
    if "worker" in name:
        return WORKER
    if name.endswith(".js"):
        return "JavaScript"
    if name.endswith((".css", ".woff2")):
        return "styles and fonts"
    if name.startswith("/api/scenes/") or name.startswith("/styles/"):
        return "scene and style"
    return "answers of the API" if name.startswith("/api/") else "page"


def _transfer(request: Request) -> Transfer:
    parts = urlsplit(request.url)
    if parts.scheme in ("data", "blob"):
        return Transfer(parts.scheme, "inline", 0)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    sizes: dict[str, Any] = request.sizes()
    return Transfer(path, kind_of(path), max(0, sizes["responseBodySize"]) + max(0, sizes["responseHeadersSize"]))


def _pss(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
