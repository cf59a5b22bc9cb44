"""Look at the running sandbox as a person would, and judge it: `scripts/demo --check`.

Opens the page in headless Chromium, prints one JSON line, and exits 0 only if buildings are
where they should be, enough is drawn in the legend's colours, the counts are SQL's, an alarm
pulses within a second of its commit, and nothing was asked of another host or written to
the console as an error. `judge` does the work, so that tests can break each part.
"""

import argparse
import base64
import json
import shutil
import sys
import time
import urllib.request
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psycopg
from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from spatial import db, server
from spatial.settings import load
from spatial.types import Scope

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
"""The one without windows where it is installed: it draws the same in two thirds of the time."""

FLAGS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    # No name but ours resolves: a request to another host fails, and is counted.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
VIEWPORT = {"width": 1920, "height": 1080}

POSITIONS = 5
DRAWN_SHARE = 0.30
LEGEND_COLORS = 5
LEGEND_COLOR_SHARE = 0.0002
SETTLE_MS = 1500

# Rows: buildings of the city that no taller one stands close to, so that a click on the roof
# meets them; spread over the city. Fields: id, code, lon, lat, height in metres.
LANDMARKS = """
WITH candidate AS (
    SELECT * FROM building WHERE height_m >= 12 AND area_code <> '000000000000' ORDER BY md5(code) LIMIT 300
)
SELECT candidate.id, code, ST_X(centre), ST_Y(centre), height_m
FROM candidate, LATERAL (SELECT ST_PointOnSurface(footprint) AS centre) AS point
WHERE NOT EXISTS (
    SELECT FROM building AS other
    WHERE other.geom_web && ST_Expand(candidate.geom_web, 60) AND other.id <> candidate.id
      AND other.height_m >= candidate.height_m)
ORDER BY md5(code)
"""

COUNTS = {
    "buildings": "SELECT count(*) FROM building",
    "residents": "SELECT count(*) FROM resident",
    "alarms": "SELECT count(*) FROM alarm WHERE closed_at IS NULL",
}

# The device of a building that has no active alarm. Parameters: ids of buildings.
QUIET_DEVICE = """
SELECT device.code FROM device
WHERE device.building_id = ANY(%s)
  AND NOT EXISTS (SELECT FROM alarm WHERE alarm.device_id = device.id AND alarm.active)
ORDER BY device.code LIMIT 1
"""

# The picture of the map alone, taken while its drawing buffer still holds the frame.
MAP_PICTURE = """() => new Promise(resolve => {
    const map = window.shapan.map;
    map.once('render', () => resolve(map.getCanvas().toDataURL('image/png')));
    map.triggerRepaint();
})"""

# Resolves when the map has drawn everything and rests: the alarm is timed on a page that is
# looked at, not on one that is still drawing what the check clicked together.
AT_REST = """() => new Promise(resolve => {
    window.shapan.map.once('idle', () => requestAnimationFrame(resolve));
    window.shapan.map.triggerRepaint();
})"""

# Where a place of the map is on the screen, if nothing lies over it.
ON_SCREEN = """([lon, lat, z]) => {
    const [x, y] = window.shapan.project([lon, lat, z]);
    const top = document.elementFromPoint(x, y);
    return top && top.tagName === 'CANVAS' ? [x, y] : null;
}"""


@dataclass(frozen=True)
class Waits:
    """Longest waits, milliseconds.

    Attributes:
        ready: for the scene. count: for a number to become SQL's. card: for that of a building that was clicked.
        pulse: from the commit of an alarm to its pulse.
    """

    ready: int = 60_000
    count: int = 3000
    card: int = 5000
    pulse: int = 1000


@dataclass
class Verdict:
    """What was seen. ``faults`` is empty when all is well."""

    buildings: int = 0
    residents: int = 0
    alarms: int = 0
    first_scene_ms: int | None = None
    console_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def judge(
    url: str, connection: psycopg.Connection, prepare: Callable[[BrowserContext], None] | None = None,
    waits: Waits = Waits(), flags: list[str] = FLAGS,
) -> Verdict:
    """Open the sandbox and judge it.

    Args:
        url: address of the running service.
        connection: autocommit, jurisdiction everything; for counts and known positions.
        prepare: does something to the browser first (tests break things there).
        waits: how long is waited for what.
        flags: of Chromium.

    Returns:
        The verdict.
    """
    verdict = Verdict()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            context = browser.new_context(viewport=VIEWPORT, locale="zh-CN")
            if prepare:
                prepare(context)
            page = context.new_page()
            _watch(page, url, verdict)
            page.goto(url)
            try:
                # A selector, because the page's policy lets no expression be evaluated inside it.
                page.wait_for_selector("html[data-scene=ready]", state="attached", timeout=waits.ready)
            except BrowserError:
                state = page.evaluate("document.documentElement.dataset.scene")
                verdict.faults.append(f"The scene is {state!r}, not ready, after {waits.ready} ms.")
            else:
                mark = "performance.getEntriesByName('shapan:scene-ready')[0].startTime"
                verdict.first_scene_ms = round(page.evaluate(mark))
                _check_counts(page, connection, waits, verdict)
                _check_picture(page, url, verdict)
                seen = _check_positions(page, connection, waits, verdict)
                _check_alarm(page, url, connection, seen, waits, verdict)
        except (BrowserError, OSError, KeyError, IndexError) as error:
            verdict.faults.append(f"The check broke off: {type(error).__name__}: {str(error).splitlines()[0]}")
        finally:
            browser.close()
    if verdict.console_errors:
        verdict.faults.append(f"{len(verdict.console_errors)} errors on the console.")
    if verdict.foreign_requests:
        verdict.faults.append(f"{len(verdict.foreign_requests)} requests to other hosts.")
    return verdict


def _watch(page: Page, url: str, verdict: Verdict) -> None:
    def on_request(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(url).netloc:
            verdict.foreign_requests.append(request.url)

    page.on("request", on_request)
    page.on("pageerror", lambda error: verdict.console_errors.append(str(error)))
    page.on("console", lambda line: verdict.console_errors.append(line.text) if line.type == "error" else None)


def _check_counts(page: Page, connection: psycopg.Connection, waits: Waits, verdict: Verdict) -> None:
    for name, statement in COUNTS.items():
        # The simulator goes on meanwhile: give the stream a moment before calling it a fault.
        for _ in range(waits.count // 100):
            wanted = connection.execute(statement).fetchone()[0]
            text = page.get_by_test_id(f"count-{name}").inner_text()
            shown = int("".join(character for character in text if character.isdigit()) or -1)
            if shown == wanted:
                break
            time.sleep(0.1)
        else:
            verdict.faults.append(f"The page shows {shown} {name}, SQL counts {wanted}.")
        setattr(verdict, name, wanted)


def _check_picture(page: Page, url: str, verdict: Verdict) -> None:
    png = base64.b64decode(page.evaluate(MAP_PICTURE).split(",")[1])
    with warnings.catch_warnings(), MemoryFile(png) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        image = file.open()
        pixels = np.moveaxis(image.read([1, 2, 3]), 0, -1).reshape(-1, 3).astype(float)
    scene = _get(f"{url.rstrip('/')}/api/scenes/sandbox")
    style = _get(f"{url.rstrip('/')}/styles/night.json")
    background = next(layer for layer in style["layers"] if layer["type"] == "background")
    ground = _rgb(background["paint"]["background-color"])
    differs = float((np.abs(pixels - ground).max(axis=1) > 6).mean())
    if differs < DRAWN_SHARE:
        verdict.faults.append(f"Only {differs:.0%} of the map differs from its background.")
    found = legend_colors(pixels, [line["color"] for line in scene["legend"][0]["classes"]])
    if found < LEGEND_COLORS:
        verdict.faults.append(f"Only {found} colours of the legend occur on the map.")


def legend_colors(pixels: np.ndarray, colors: list[list[int]]) -> int:
    """Count the legend's colours that occur on a picture.

    Light falls on the buildings, so a colour occurs where a pixel has its hue and saturation
    (the direction of its RGB vector) at a brightness from half to a quarter above.

    Args:
        pixels: RGB, shape (n, 3), 0 to 255.
        colors: RGB of the legend's classes.
    """
    wanted = np.asarray(colors, dtype=float)
    lengths = np.linalg.norm(pixels, axis=1)
    lit = pixels[lengths > 40]
    directions = lit / np.linalg.norm(lit, axis=1, keepdims=True)
    targets = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    closeness = directions @ targets.T
    nearest = closeness.argmax(axis=1)
    brightness = np.linalg.norm(lit, axis=1) / np.linalg.norm(wanted, axis=1)[nearest]
    fits = (closeness.max(axis=1) > 0.9996) & (brightness > 0.5) & (brightness < 1.25)
    counts = np.bincount(nearest[fits], minlength=len(colors))
    return int((counts > LEGEND_COLOR_SHARE * len(pixels)).sum())


def _check_positions(page: Page, connection: psycopg.Connection, waits: Waits, verdict: Verdict) -> list[int]:
    seen: list[int] = []
    landmarks = connection.execute(LANDMARKS).fetchall()
    # A small city has few buildings that stand out, and panels cover some.
    wanted = min(POSITIONS, max(1, len(landmarks) // 4))
    for building_id, code, lon, lat, height in landmarks:
        spot = page.evaluate(ON_SCREEN, [lon, lat, height])
        if spot is None:
            continue
        page.mouse.click(*spot)
        card = page.get_by_test_id("card-code")
        try:
            card.filter(has_text=code).wait_for(timeout=waits.card)
        except BrowserError:
            shown = card.inner_text() if card.count() else "no card"
            verdict.faults.append(f"A click on building {code} opened {shown}.")
        seen.append(building_id)
        if len(seen) == wanted:
            break
    else:
        verdict.faults.append(f"Only {len(seen)} of {wanted} known positions are on the screen.")
    return seen


def _check_alarm(
    page: Page, url: str, connection: psycopg.Connection, buildings: list[int], waits: Waits, verdict: Verdict
) -> None:
    row = connection.execute(QUIET_DEVICE, (buildings,)).fetchone()
    if row is None:
        verdict.faults.append("No building on the screen has a device to raise an alarm.")
        return
    page.keyboard.press("Escape")
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate(AT_REST)
    message = {
        "source": "demo-check", "event_id": uuid.uuid4().hex, "device": row[0], "severity": "critical",
        "type": "smoke", "occurred_at": datetime.now(UTC).isoformat(),
    }
    answer = _post(f"{url.rstrip('/')}/api/alarms", {"alarms": [message]})
    committed = time.monotonic()
    alarm_id = answer["ids"][0]
    try:
        page.locator(f'[data-alarm-id="{alarm_id}"].pulsing').first.wait_for(state="visible", timeout=waits.pulse)
    except BrowserError:
        verdict.faults.append(f"The alarm did not pulse within {waits.pulse} ms of its commit.")
    print(f"alarm to pulse: {(time.monotonic() - committed) * 1000:.0f} ms", file=sys.stderr)
    _check_counts(page, connection, waits, verdict)
    for step in ("acknowledge", "clear", "close"):
        _post(f"{url.rstrip('/')}/api/alarms/{alarm_id}/{step}", {})


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def _post(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _rgb(text: str) -> list[int]:
    return [int(text[place : place + 2], 16) for place in (1, 3, 5)]


def main() -> int:
    """Judge the service at ``--url``, print the JSON line, and return the exit code."""
    parser = argparse.ArgumentParser(description="Open the running sandbox in headless Chromium and judge it.")
    parser.add_argument("--url", required=True, help="address of the running service")
    address = server.addresses(load()).app
    with db.open_connection(address, Scope.everything(), autocommit=True) as connection:
        verdict = judge(parser.parse_args().url, connection)
    for fault in verdict.faults:
        print(f"demo check: {fault}", file=sys.stderr)
    line = {
        "buildings": verdict.buildings, "residents": verdict.residents, "alarms": verdict.alarms,
        "first_scene_ms": verdict.first_scene_ms, "console_errors": len(verdict.console_errors),
        "foreign_requests": len(verdict.foreign_requests),
    }
    print(json.dumps(line))
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
