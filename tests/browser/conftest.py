"""The running service over a small city, and a Chromium that can reach nothing else."""

import base64
import json
import shutil
import signal
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from spatial.rules.alarms import SEVERITIES
from spatial.settings import Settings
from tests.fixtures import services
from tests.fixtures.databases import OwnDatabase, copy_template, drop
from tests.fixtures.homes import REPOSITORY
from tests.fixtures.pictures import read_png

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""Without windows where it is installed: the same engine opens a page in two thirds of the time."""

OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
WITHOUT_WEBGL = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
WITH_WEBGL = ["--no-sandbox", "--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist"]
"""Drawn by Mesa on the processor, which takes half the time of Chromium's own SwiftShader."""

READY_MS = 120_000
"""Longest wait for a complete picture; two cores draw it without a graphics card."""

# Rows: buildings by height, the tallest first. Fields: id, code, lon, lat, height in metres.
TALLEST = """
SELECT id, code, ST_X(ST_PointOnSurface(footprint)), ST_Y(ST_PointOnSurface(footprint)), height_m
FROM building ORDER BY height_m DESC, id
"""

# Taken while the drawing buffer still holds the frame.
MAP_PICTURE = """() => new Promise(resolve => {
    const map = window.shapan.map;
    map.once('render', () => resolve(map.getCanvas().toDataURL('image/png')));
    map.triggerRepaint();
})"""


# The height of a building in each tile of the page that shows it.
DRAWN_HEIGHTS = """id => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['buildings']});
    const { tileset } = layers.find(layer => layer.id === 'buildings').state;
    return tileset.selectedTiles.flatMap(({ content }) => {
        const { fields = [], featureIds, numericProps } = content?.polygons ?? {};
        const feature = fields.findIndex(each => each?.id === id);
        const corner = feature < 0 ? -1 : featureIds.value.indexOf(feature);
        return corner < 0 ? [] : [numericProps.drawn_height_m.value[corner]];
    });
}"""

# Fields: id, centre (degrees), height in metres, of the building nearest to the city's middle.
A_BUILDING = """
SELECT ARRAY[id, ST_X(middle), ST_Y(middle), height_m]
FROM (SELECT id, height_m, ST_Centroid(footprint) AS middle FROM building WHERE height_m IS NOT NULL) AS each
ORDER BY middle <-> (SELECT ST_Centroid(ST_Collect(footprint)) FROM building), id LIMIT 1
"""


@dataclass
class Service:
    """A service over the small sample city.

    Attributes:
        url: its origin, without a slash at the end.
        database: what it serves; commits are seen by every test of the session.
    """

    url: str
    database: OwnDatabase
    _folder: Path
    _running: services.Service | None = None

    def start(self) -> None:
        """Start the service on its port and wait until it answers."""
        self._running = services.start(self.database, self._folder, port=int(self.url.rsplit(":", 1)[1]))

    def stop(self) -> None:
        """Stop the service as a service manager does."""
        self._running.stop(signal.SIGTERM)

    def ask(self, path: str, body: Any = None) -> Any:
        """Return the JSON of a path; with a body, of a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def raise_alarm(self, device: str, type_: str = "smoke", severity: str = "critical") -> int:
        """Raise one alarm of a device and return its id."""
        message = {
            "source": "browser-test", "event_id": uuid.uuid4().hex, "device": device, "severity": severity,
            "type": type_, "occurred_at": datetime.now(UTC).isoformat(),
        }
        return self.ask("/api/alarms", {"alarms": [message]})["ids"][0]

    def sql(self, statement: str, *parameters: Any) -> Any:
        """Return the first column of the first row."""
        with psycopg.connect(self.database.addresses.superuser) as connection:
            return connection.execute(statement, parameters).fetchone()[0]

    def execute(self, statement: str, *parameters: Any) -> None:
        """Run and commit one statement."""
        with psycopg.connect(self.database.addresses.superuser) as connection:
            connection.execute(statement, parameters)


@pytest.fixture(scope="session")
def demo_service(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield the service over a small city that was generated and imported as a person would do it."""
    folder = tmp_path_factory.mktemp("city")
    database = copy_template(cluster, tmp_path_factory.mktemp("browser"))
    services.run_command("sample", str(folder / "city"), "--size", "small", "--until", "now")
    services.run_command("import", "all", str(folder / "city" / "sandbox.gpkg"), environment=database.environment)
    service = Service(f"http://127.0.0.1:{services.free_port()}", database, folder)
    service.start()
    yield service
    service.stop()
    drop(cluster, database)


@pytest.fixture
def service(demo_service: Service) -> Service:
    """Return the service with no open alarm."""
    demo_service.execute("TRUNCATE alarm, alarm_message, alarm_step, alarm_mark, alarm_group CASCADE")
    # They go without a word to the feed: their counts would stand for minutes.
    demo_service.execute("UPDATE rollup SET " + ", ".join(
        f"{kind}_{severity} = 0" for kind in ("alarms", "unacknowledged") for severity in SEVERITIES))
    return demo_service


@pytest.fixture(scope="session")
def chromium() -> Iterator[Callable[..., Browser]]:
    """Return a function that launches Chromium with flags, once for each set of them."""
    browsers: dict[tuple[str, ...], Browser] = {}
    with sync_playwright() as playwright:
        def launch(*flags: str) -> Browser:
            if flags not in browsers:
                browsers[flags] = playwright.chromium.launch(executable_path=CHROMIUM, args=[*flags, OFFLINE])
            return browsers[flags]

        yield launch
        for browser in browsers.values():
            browser.close()


@pytest.fixture
def building(service: Service) -> Iterator[tuple[int, float, float, float]]:
    """Yield id, longitude, latitude and height of a building, which is put back afterwards."""
    building_id, lon, lat, height = service.sql(A_BUILDING)
    yield int(building_id), lon, lat, height
    service.execute("UPDATE building SET height_m = %s WHERE id = %s", height, int(building_id))


@dataclass
class Sandbox:
    """The sandbox page, and what it did that it should not have done."""

    page: Page
    service: Service
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    allowed_errors: bool = False

    def open(self, query: str = "", wait: bool = True) -> None:
        """Open the page and, unless told otherwise, wait for the complete picture."""
        self.page.goto(f"{self.service.url}/{query}")
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until everything in view is loaded and the map is at rest."""
        self.wait_scene("ready")

    def wait_scene(self, state: str) -> None:
        """Wait for a state of the scene. (The page's policy forbids Playwright's wait_for_function.)"""
        self.page.locator(f'html[data-scene="{state}"]').wait_for(state="attached", timeout=READY_MS)

    def test_id(self, name: str) -> Any:
        """Return the locator of a test id."""
        return self.page.get_by_test_id(name)

    def project(self, lon: float, lat: float, z: float = 0) -> list[float]:
        """Return where a position is on the screen: CSS pixels."""
        return self.page.evaluate("position => window.shapan.project(position)", [lon, lat, z])

    def jump(self, **camera: Any) -> None:
        """Move the camera at once: center, zoom, pitch, bearing as MapLibre's jumpTo takes them."""
        # In braces: it returns the map, and Playwright would send all of it, which takes five seconds.
        self.page.evaluate("camera => { window.shapan.map.jumpTo(camera) }", camera)

    def tall_building(self) -> tuple[int, str, list[float]]:
        """Return id, code and roof position on the screen of a building that nothing stands before."""
        with psycopg.connect(self.service.database.addresses.superuser) as connection:
            rows = connection.execute(TALLEST).fetchall()
        for building_id, code, lon, lat, height in rows:
            spot = self.project(lon, lat, height)
            if self.page.evaluate("([x, y]) => document.elementFromPoint(x, y)?.tagName === 'CANVAS'", spot):
                return building_id, code, spot
        raise AssertionError("No building is on the screen.")

    def drawn_heights(self, building_id: int) -> list[float]:
        """Return a building's height in the tiles that the page holds: metres, one of each tile that shows it."""
        return self.page.evaluate(DRAWN_HEIGHTS, building_id)

    def pixels(self) -> np.ndarray:
        """Return the map as drawn, without panels and marks: RGB, shape (n, 3)."""
        png = base64.b64decode(self.page.evaluate(MAP_PICTURE).split(",")[1])
        return read_png(png).reshape(-1, 3).astype(float)

    def break_requests(self, pattern: str, answer: Callable[[Route], None]) -> None:
        """Let ``answer`` answer requests that match; failures on the console are then no fault."""
        self.allowed_errors = True
        self.page.route(pattern, answer)


@pytest.fixture
def sandbox_with(chromium: Callable[..., Browser], service: Service) -> Iterator[Callable[..., Sandbox]]:
    """Return a function that makes a page; the end of the test fails on foreign requests and page errors."""
    contexts: list[BrowserContext] = []
    made: list[Sandbox] = []

    def make(webgl: bool = True, **options: Any) -> Sandbox:
        # The layout of a small screen in a quarter of its pixels, and flights only for those who look at one: the
        # processor draws every frame.
        options = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 0.5, "locale": "zh-CN",
                   "reduced_motion": "reduce", **options}
        context = chromium(*(WITH_WEBGL if webgl else WITHOUT_WEBGL)).new_context(**options)
        contexts.append(context)
        sandbox = Sandbox(context.new_page(), service)
        sandbox.page.on("request", lambda request: None if request.url.startswith(
            (sandbox.service.url, "data:", "blob:")) else sandbox.foreign.append(request.url))
        sandbox.page.on("pageerror", lambda error: sandbox.errors.append(str(error)))
        sandbox.page.on("console", lambda line: sandbox.errors.append(line.text)
                        if line.type == "error" and not sandbox.allowed_errors else None)
        made.append(sandbox)
        return sandbox

    yield make
    for context in contexts:
        context.close()
    for sandbox in made:
        assert sandbox.foreign == []
        assert sandbox.errors == []


@pytest.fixture
def sandbox(sandbox_with: Callable[..., Sandbox]) -> Sandbox:
    """Return a page that is not opened yet."""
    return sandbox_with()


@pytest.fixture
def moving(sandbox_with: Callable[..., Sandbox]) -> Sandbox:
    """Return a page that is not opened yet and will fly and play as for those who like motion."""
    return sandbox_with(reduced_motion="no-preference")


@pytest.fixture
def mapless(sandbox_with: Callable[..., Sandbox]) -> Sandbox:
    """Return a page without a map, whose list, dossier and steps are the same: for what no map has a part in."""
    return sandbox_with(webgl=False)


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """Say how to build the front end when it is not built."""
    manifest = Path(REPOSITORY, "webmap", "static", "dist", "manifest.json")
    assert manifest.exists(), "The front end is not built. Run scripts/bootstrap."
    expect.set_options(timeout=30_000)  # for what takes one or two, beside other tests
