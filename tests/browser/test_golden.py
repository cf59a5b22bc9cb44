"""The sandbox looks as it did: pictures against a baseline, with a tolerance for what is smoothed or moved a little.

One picture, of the small city, is taken in every run; the others take minutes and are asked for by ``-m golden``.
`scripts/golden` renews them all. The baseline was drawn by one Chromium on one kind of graphics: another one draws
everything a little otherwise, so there the pictures are skipped, and the reason says what would renew them.
"""

import json
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures import likeness, services
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.pictures import read_png

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "golden"
MANIFEST = FOLDER / "manifest.json"
RENEW = os.environ.get("SHAPAN_GOLDEN_RENEW", "")
"""Folder into which pictures are written instead of being compared; `scripts/golden` sets it."""

NOW = "2026-11-01T00:04:00+08:00"
"""The page's clock. The city's data end four minutes before."""

WINDOW = "2026-10-25T00:00:00Z~2026-11-01T00:00:00Z"
READY_MS = 120_000

SIZES = {
    "1080p": {"viewport": {"width": 1920, "height": 1080}},
    # The layout and the map of a 4K wall in a quarter of its pixels: the processor draws them, and four times as long.
    "4k": {"viewport": {"width": 3840, "height": 2160}, "device_scale_factor": 0.5},
}
LOOKS = {"night-zh": "style=night&lang=zh-CN", "day-en": "style=day&lang=en"}

# Devices in rooms high up, in other buildings each; the first one's building is taken apart. Rows: code.
DEVICES = """
SELECT DISTINCT ON (md5(building.code)) device.code
FROM device JOIN room ON room.id = device.room_id JOIN building ON building.id = device.building_id
WHERE room.floor BETWEEN 3 AND building.floors_above - 2 AND building.floors_above BETWEEN 9 AND 18
ORDER BY md5(building.code), device.code LIMIT 7
"""
SEVERITIES = ("critical", "major", "minor", "warning", "major", "info", "minor")
TYPES = ("smoke", "gas", "water_leak", "elevator_fault", "smoke", "battery_low", "device_offline")

# They came in before the page's clock, the one a minute after the other.
LONG_AGO = """
UPDATE alarm SET occurred_at = %(now)s::timestamptz - id * interval '97 seconds',
    received_at = %(now)s::timestamptz - id * interval '97 seconds',
    last_occurred_at = %(now)s::timestamptz - id * interval '97 seconds',
    last_received_at = %(now)s::timestamptz - id * interval '97 seconds'
"""

# The page's own clock instead of the service's: what is so many minutes ago stays so.
OWN_CLOCK = """() => {
    const { store } = window.shapan;
    store.setServerTime = () => {};
    store.state.serverOffset = 0;
    for (const topic of ['alarms', 'dossier', 'counts', 'eventView', 'card']) store.touch(topic);
}"""

RENDERER = """() => {
    const gl = document.createElement('canvas').getContext('webgl2');
    return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL);
}"""


@dataclass
class Camera:
    """What takes pictures of one service.

    Attributes:
        browser: with WebGL. url: of the service. painter: Chromium's major version and who draws.
    """

    browser: Browser
    url: str
    painter: dict[str, str]

    def open(self, query: str, size: dict[str, Any], page: Page | None = None) -> Page:
        """Open the sandbox with the page's own clock standing still, and wait until its picture is complete."""
        if page is None:
            page = self.browser.new_context(**size, locale="zh-CN", reduced_motion="reduce").new_page()
            page.clock.set_fixed_time(datetime.fromisoformat(NOW))
        page.goto(f"{self.url}/?{query}")
        ready(page, 200)
        page.evaluate(OWN_CLOCK)
        return page


def ready(page: Page, pause_ms: int = 1200) -> None:
    """Wait until the picture is complete, and stays so; the panels say the time once a second."""
    for _ in range(2):
        page.locator('html[data-scene="ready"]').wait_for(state="attached", timeout=READY_MS)
        page.wait_for_timeout(pause_ms)


def take(page: Page, pause_ms: int = 1200) -> np.ndarray:
    """Return a picture of the window as it is kept."""
    ready(page, pause_ms)
    return likeness.shrink(read_png(page.screenshot(timeout=READY_MS)))


def check(name: str, picture: np.ndarray, painter: dict[str, str]) -> None:
    """Hold a picture against the baseline, or write it where the baseline is being renewed."""
    if RENEW:
        folder = Path(RENEW)
        likeness.write(folder / f"{name}.webp", picture)
        (folder / MANIFEST.name).write_text(json.dumps(painter, indent=2) + "\n", encoding="utf-8")
        return
    found = likeness.compare(picture, likeness.read(FOLDER / f"{name}.webp"))
    if not found.alike:
        kept = Path(os.environ.get("TMPDIR", "/tmp"), f"shapan-golden-{name}.webp")  # noqa: S108 - to be looked at
        likeness.write(kept, picture)
        raise AssertionError(
            f"{name}: {found.share:.1%} of the picture differ from tests/browser/golden/{name}.webp, most of it at the "
            f"{found.where()}; the picture is {kept}. Where it is meant, renew the baseline: scripts/golden")


def skip_if_drawn_otherwise(painter: dict[str, str]) -> None:
    """Skip where the baseline was drawn by another browser or other graphics."""
    if RENEW:
        return
    drawn = json.loads(MANIFEST.read_text(encoding="utf-8"))
    if drawn != painter:
        pytest.skip(f"The golden pictures were drawn by {drawn}, here draws {painter}. Renew them here: scripts/golden")


@pytest.fixture(scope="session")
def painter(chromium: Callable[..., Browser]) -> tuple[Browser, dict[str, str]]:
    """Return the browser, its major version, and who draws without the numbers of its version."""
    browser = chromium("--no-sandbox", "--use-gl=angle", "--use-angle=gl-egl", "--ignore-gpu-blocklist")
    page = browser.new_page()
    renderer = re.sub(r"[\d.]+ \d+ bits|[\d.]+", "", page.evaluate(RENDERER))
    page.close()
    return browser, {"chromium": browser.version.split(".")[0], "renderer": re.sub(r"\s+", " ", renderer)}


@pytest.fixture(scope="session")
def whole_city(
    demo_database: OwnDatabase, painter: tuple[Browser, dict[str, str]], tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Camera, int]]:
    """Yield a camera in front of the whole sample city with seven alarms, and the id of the first."""
    browser, drawn_by = painter
    skip_if_drawn_otherwise(drawn_by)
    service = services.start(demo_database, tmp_path_factory.mktemp("golden"))
    with psycopg.connect(demo_database.addresses.superuser) as connection:
        codes = [row[0] for row in connection.execute(DEVICES)]
        alarms = [raise_alarm(service.url, *each) for each in zip(codes, SEVERITIES, TYPES, strict=True)]
        connection.execute(LONG_AGO, {"now": NOW})
    yield Camera(browser, service.url, drawn_by), alarms[0]
    service.stop()


def raise_alarm(url: str, device: str, severity: str, type_: str) -> int:
    """Raise an alarm as a gateway does, and return its id."""
    message = {"source": "golden", "event_id": f"{device}-{type_}", "device": device, "severity": severity,
               "type": type_, "occurred_at": datetime.now(UTC).isoformat()}
    request = urllib.request.Request(f"{url}/api/alarms", json.dumps({"alarms": [message]}).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["ids"][0]


def test_the_opening_view_of_the_small_city_looks_as_it_did(painter, service):
    browser, drawn_by = painter
    skip_if_drawn_otherwise(drawn_by)
    page = Camera(browser, service.url, drawn_by).open(LOOKS["night-zh"], SIZES["1080p"])
    try:
        check("small-opening-night-zh-1080p", take(page), drawn_by)
        if RENEW:
            return
        baseline = likeness.read(FOLDER / "small-opening-night-zh-1080p.webp")
        # The same page with one thing wrong is seen to be another one.
        page.evaluate("document.querySelector('.left-side').style.transform = 'translateX(40px)'")
        assert not likeness.compare(take(page, 200), baseline).alike, "a panel 40 px beside its place is not noticed"
        page.evaluate("document.querySelector('.left-side').style.transform = ''")
        page.evaluate("document.querySelector('.right-side').style.visibility = 'hidden'")
        assert not likeness.compare(take(page, 200), baseline).alike, "a panel that is missing is not noticed"
        page.evaluate("document.querySelector('.right-side').style.visibility = ''")
        page.get_by_test_id("layer-buildings").click()
        assert not likeness.compare(take(page, 200), baseline).alike, "buildings that are missing are not noticed"
    finally:
        page.context.close()


@pytest.mark.golden
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES)
def test_the_whole_city_looks_as_it_did(whole_city, size, look):
    camera, alarm = whole_city
    queries = {
        "opening": "", "dossier": f"&alarm={alarm}", "grids": "&choropleth=entry_rate",
        "events": f"&events=auto&window={WINDOW}",
    }
    page, faults = None, []
    for view, query in queries.items():
        page = camera.open(LOOKS[look] + query, SIZES[size], page)
        try:
            check(f"{view}-{look}-{size}", take(page), camera.painter)
        except AssertionError as error:  # the other views are looked at all the same
            faults.append(str(error))
    page.context.close()
    assert not faults, "\n".join(faults)
