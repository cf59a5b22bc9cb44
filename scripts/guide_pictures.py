"""Take the pictures of the user guide: `scripts/guide`, whose --help says how."""

import argparse
import re
import sys
import tempfile
import warnings
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
from guide_city import City, begin_night, running
from guide_scenes import PHONE, SCENES, Scene, selector
from playwright.sync_api import Browser, Page, Route, sync_playwright
from playwright.sync_api import Error as BrowserError
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from tests.browser.conftest import CHROMIUM, OFFLINE, WITH_WEBGL
from tests.browser.test_golden import NOW, OWN_CLOCK, ready
from tests.fixtures import likeness
from tests.fixtures.pictures import read_png

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "guide" / "images"
LANGUAGES = {"zh": "lang=zh-CN&style=night", "en": "lang=en&style=day"}
MARKS = (Path(__file__).parent / "guide_marks.js").read_text(encoding="utf-8")
MOST_BYTES = 150_000
SOUND = "--autoplay-policy=no-user-gesture-required"
"""As a wall's browser is started."""

MOST = 0.003
"""Share of a picture that may differ before it is another one: a clock, and no mark."""

MARGIN = 14
"""Around what a picture is cut to, pixels: the marks stand in it."""

BOXES = """selectors => selectors.map(selector => [...document.querySelectorAll(selector)]
    .map(each => each.getBoundingClientRect()).filter(({width}) => width > 0)
    .map(({left, top, right, bottom}) => [left, top, right, bottom])[0] ?? null)"""


def encode(picture: np.ndarray) -> bytes:
    """Return a picture as WebP, as good as its limit of size allows."""
    height, width, _ = picture.shape
    for quality in (90, 82, 74, 66, 58, 50):
        with warnings.catch_warnings(), MemoryFile() as file:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with file.open(driver="WEBP", width=width, height=height, count=3, dtype="uint8", QUALITY=quality) as image:
                image.write(np.moveaxis(picture, 2, 0))
            data = file.read()
        if len(data) <= MOST_BYTES:
            return data
    raise SystemExit(f"guide: a picture of {width}x{height} is {len(data)} bytes, more than {MOST_BYTES}")


def same(data: bytes, path: Path) -> bool:
    """Tell whether the file shows the picture already, but for what nobody sees; both as they were packed."""
    if not path.exists():
        return False
    with tempfile.NamedTemporaryFile(suffix=path.suffix) as file:
        file.write(data)
        file.flush()
        taken, kept = likeness.read(Path(file.name)), likeness.read(path)
    return taken.shape == kept.shape and likeness.compare(taken, kept).share <= MOST


def filled(text: str, city: City) -> str:
    """Put the city's things into an address or a selector."""
    return re.sub(r"\{(\w+)\}", lambda found: str(city.things[found[1]]), text)


def take(page: Page, city: City, scene: Scene, words: str) -> np.ndarray:
    """Open the scene's page, do what it says, mark what it marks, and return the picture."""
    if scene.before:
        scene.before(city)
    page.set_viewport_size({"width": scene.size[0], "height": scene.size[1]})
    if page.url.startswith(city.url):
        page.evaluate("localStorage.clear()")
    page.context.clear_cookies()
    if scene.role:
        page.context.add_cookies([{"name": "shapan_role", "value": scene.role, "url": city.url}])
    path, _, secret = filled(scene.address, city).partition("#")
    page.goto(f"{city.url}{path}{'&' if '?' in path else '?'}{words}{'#' if secret else ''}{secret}")
    settle(page)
    if scene.act:
        scene.act(page, city)
        settle(page)
    said = [filled(selector(one), city).split(" ", 1) for one in scene.marks]
    marks = [{"side": side, "selector": which} for side, which in said]
    if missing := page.evaluate(MARKS, marks):
        raise LookupError(f"not on the page: {', '.join(missing)}")
    clip = cut(page, [filled(selector(said), city) for said in scene.cut]) if scene.cut else None
    return read_png(page.screenshot(clip=clip, timeout=120_000))


def settle(page: Page) -> None:
    """Wait until what is to be seen is there: the map where there is one, and what the page reads."""
    if page.locator(".map-controls").count():
        ready(page, 700)
        page.evaluate(OWN_CLOCK)
    elif not page.locator(".wall").count():
        page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def cut(page: Page, selectors: list[str]) -> dict[str, float]:
    """Return what of the window holds all elements, with a margin."""
    boxes = page.evaluate(BOXES, selectors)
    if None in boxes:
        raise LookupError(f"not on the page: {selectors[boxes.index(None)]}")
    size = page.viewport_size
    left, top = (max(0, min(box[side] for box in boxes) - MARGIN * 2) for side in (0, 1))
    right = min(size["width"], max(box[2] for box in boxes) + MARGIN * 2)
    bottom = min(size["height"], max(box[3] for box in boxes) + MARGIN * 2)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def keep(name: str, language: str, picture: np.ndarray) -> None:
    """Write a picture unless the file shows it already, and say so."""
    path, data = FOLDER / language / f"{name}.webp", encode(picture)
    if same(data, path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    said = "changed" if path.exists() else "new"
    path.write_bytes(data)
    print(f"guide: {said} {path.relative_to(ROOT)} ({path.stat().st_size // 1000} kB)", flush=True)


def at_night(route: Route) -> None:
    """Let the page of imports believe the clock of the pictures instead of the server's."""
    if route.request.method != "GET":
        route.continue_()
        return
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | {"now": NOW})


def until_night(route: Route) -> None:
    """Ask what changed in the shift up to the clock of the pictures."""
    route.continue_(url=f"{route.request.url}&to={quote(NOW)}")


def open_phone(browser: Browser) -> Page:
    """Return a page of a telephone of its own, whose clock is the service's: a wrong one is said on its page."""
    place = {"latitude": 31.8586, "longitude": 117.2812, "accuracy": 9}
    context = browser.new_context(locale="zh-CN", has_touch=True, geolocation=place, permissions=["geolocation"])
    return context.new_page()


def open_page(browser: Browser) -> Page:
    """Return a page whose clock stands still at the night of the pictures."""
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce")
    context.route("**/api/imports", at_night)
    context.route("**/api/shift?**", until_night)
    page = context.new_page()
    page.clock.set_fixed_time(datetime.fromisoformat(NOW))
    return page


def read_words() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="scripts/guide", add_help=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--lang", choices=LANGUAGES)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--list", action="store_true")
    words = parser.parse_args()
    if unknown := set(words.names) - {scene.name for scene in SCENES}:
        parser.error(f"no picture is called {', '.join(sorted(unknown))}; scripts/guide --list names all")
    return words


def main() -> None:
    """Take what was asked for."""
    words = read_words()
    if words.list:
        print("\n".join(scene.name for scene in SCENES))
        return
    chosen = [scene for scene in SCENES if not words.names or scene.name in words.names]
    faults: list[str] = []
    with running(words.keep) as city, sync_playwright() as playwright:
        begin_night(city, NOW)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*WITH_WEBGL, OFFLINE, SOUND])
        page = open_page(browser)
        for scene in chosen:
            for language, said in LANGUAGES.items():
                if words.lang not in (None, language):
                    continue
                seen = open_phone(browser) if scene.size == PHONE else page
                try:
                    keep(scene.name, language, take(seen, city, scene, said))
                except (BrowserError, AssertionError, LookupError) as error:  # the others are taken all the same
                    faults.append(f"guide: {scene.name} ({language}): {str(error)[:600]}")
                    print(faults[-1], file=sys.stderr, flush=True)
                if seen is not page:
                    seen.context.close()
        browser.close()
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
