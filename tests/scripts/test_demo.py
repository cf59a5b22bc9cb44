"""`scripts/demo`: from an empty data directory to a served city, and nothing left behind; `--check` passes the good
sandbox and fails each broken one.

The city is made once: what the demo left in its data directory is served to those tests that judge it.
"""

import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Route

from spatial import embedded, server
from spatial.settings import Settings
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import REPOSITORY, environment_for, make_parent, remove_home, settings_for
from tests.fixtures.services import free_port, start
from tiles.legend import RAMP

pytestmark = pytest.mark.browser

SERVED_WITHIN_S = 240

CHECK = runpy.run_path(str(REPOSITORY / "scripts" / "demo_check.py"))

# The command's own limit for the pulse is a second; here other tests draw on the same two cores at the same time.
PATIENT = CHECK["Waits"](count=20_000, card=20_000, pulse=10_000)

# Mesa draws in half the time of Chromium's own SwiftShader, with which the command runs on every machine.
FLAGS = [flag for flag in CHECK["FLAGS"] if "swiftshader" not in flag] + ["--use-gl=angle", "--use-angle=gl-egl"]

LEAST = {"small": (70, 1_450), "full": (1_600, 50_000)}
"""Buildings and residents of a sample city of each size, at least."""

# What is broken on purpose never comes, however long it is waited for.
BRIEF = CHECK["Waits"](count=500, card=1000, pulse=1000)


@dataclass(frozen=True)
class Demo:
    """A demo that was started with an empty data directory, looked at, and stopped by Ctrl-C.

    Attributes:
        size: of its city. settings: of its data directory. port: of its service.
        counts: what the service said while it ran. output: what the demo printed. code: its exit code.
        left: processes that it left. running: its database was. answering: somebody was on its port.
    """

    size: str
    settings: Settings
    port: int
    counts: bytes
    output: str
    code: int
    left: list[str]
    running: bool
    answering: bool


@pytest.fixture(scope="module", params=["small", pytest.param("full", marks=pytest.mark.slow)])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo of a size once."""
    size = request.param
    settings, port = settings_for(make_parent() / "home"), free_port()
    output = tmp_path_factory.mktemp("demo") / "demo.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            ["scripts/demo", "--port", str(port), "--size", size], cwd=REPOSITORY, env=environment_for(settings, {}),
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )
    try:
        try:
            deadline = time.monotonic() + SERVED_WITHIN_S
            while "stop with Ctrl-C" not in output.read_text():
                assert process.poll() is None, output.read_text()
                assert time.monotonic() < deadline, output.read_text()
                time.sleep(0.2)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/counts", timeout=10) as answer:
                counts = answer.read()
        finally:
            os.killpg(process.pid, signal.SIGINT)
            code = process.wait(30)
        with socket.socket() as probe:
            answering = probe.connect_ex(("127.0.0.1", port)) == 0
        yield Demo(size, settings, port, counts, output.read_text(), code, processes_of(process.pid),
                   embedded.status(settings).running, answering)
    finally:
        remove_home(settings)
        shutil.rmtree(settings.home.parent, ignore_errors=True)


def processes_of(session: int) -> list[str]:
    found = subprocess.run(["ps", "-eo", "sid=,pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if int(line.split()[0]) == session]


def test_the_demo_serves_the_city_and_ctrl_c_stops_everything_that_it_started(demo: Demo) -> None:
    assert LEAST[demo.size][1] <= json.loads(demo.counts)["residents"] < 1.1 * LEAST[demo.size][1]
    assert re.search(r"own work: (\d+) s", demo.output), "the demo says how long its own work took"
    assert demo.code == 130
    assert (demo.left, demo.running, demo.answering) == ([], False, False)


def test_a_taken_port_ends_the_demo_with_the_cure_before_anything_is_made(
    make_home: Callable[..., Settings]
) -> None:
    settings = make_home()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            ["scripts/demo", "--port", str(port)], cwd=REPOSITORY, env=environment_for(settings, {}),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SERVED_WITHIN_S, check=False,
        )
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "--port" in done.stderr
    assert not settings.home.exists()


@pytest.fixture(scope="module")
def judge(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Yield a function that judges the demo's sandbox, served anew, after something was broken in the browser."""
    server.bring_up(demo.settings)
    database = OwnDatabase(embedded.DATABASE, demo.settings, server.addresses(demo.settings),
                           environment_for(demo.settings, {}))
    service = start(database, tmp_path_factory.mktemp("judged"))

    def run(prepare: Callable[[BrowserContext], None] | None = None, waits: Any = PATIENT) -> Any:
        connection = database.connect("app", scope=Scope.everything(), autocommit=True)
        # In a thread of its own: Playwright allows one driver for each thread.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(CHECK["judge"], service.url, connection, prepare, waits, FLAGS).result()

    yield run
    service.stop(signal.SIGKILL)
    database.close()


def test_the_sandbox_of_the_sample_city_passes(judge, demo: Demo) -> None:
    verdict = judge()
    assert verdict.faults == []
    # From afar a page has seen most of the full city, and all of the small one.
    buildings, residents = LEAST[demo.size]
    assert verdict.buildings > 0.8 * buildings
    assert verdict.residents > 0.9 * residents
    assert verdict.first_scene_ms > 0
    assert (verdict.console_errors, verdict.foreign_requests) == ([], [])


@pytest.mark.slow
def test_empty_tiles_of_buildings_fail(judge) -> None:
    verdict = judge(lambda context: context.route("**/tiles/buildings/**", lambda route: route.fulfill(status=204)),
                    BRIEF)
    faults = " ".join(verdict.faults)
    assert "colours of the legend" in faults
    assert "A click on building" in faults


@pytest.mark.slow
def test_all_that_is_wrong_is_told_at_once(judge) -> None:
    def grey(route: Route) -> None:
        scene = route.fetch().json()
        [fill] = [layer["getFillColor"] for layer in scene["deck"]["layers"] if layer["id"] == "buildings"]
        fill["colors"] = [[200, 40, 200]] * len(fill["colors"])
        scene["counts"]["residents"] += 1
        route.fulfill(body=json.dumps(scene), content_type="application/json")

    def without_policy(route: Route) -> None:
        answer = route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
        route.fulfill(response=answer, headers=headers)

    def break_it(context: BrowserContext) -> None:
        context.route("**/api/scenes/sandbox*", grey)
        context.route("**/api/live", lambda route: route.abort())
        # Under the page's own policy the request would not even leave the page.
        context.route(lambda url: url.endswith("/"), without_policy)
        context.add_init_script(
            "console.error('boom'); fetch('http://example.invalid/beacon').catch(() => {});"
            # What a shared worker asks for passes no route.
            "delete globalThis.SharedWorker;"
        )

    verdict = judge(break_it, BRIEF)
    faults = " ".join(verdict.faults)
    assert "colours of the legend" in faults
    assert "residents, SQL counts" in faults
    assert "did not pulse" in faults
    assert "errors on the console" in faults
    assert any("boom" in line for line in verdict.console_errors)
    assert "requests to other hosts" in faults
    assert set(verdict.foreign_requests) == {"http://example.invalid/beacon"}


def test_a_scene_that_never_comes_fails_instead_of_waiting_for_ever(judge) -> None:
    verdict = judge(lambda context: context.route("**/api/scenes/**", lambda route: route.abort()),
                    replace(BRIEF, ready=2500))
    assert "not ready" in " ".join(verdict.faults)
    assert verdict.first_scene_ms is None


def test_colours_of_the_legend_are_found_in_light_and_shade_and_not_in_grey() -> None:
    shades = np.concatenate([np.tile(np.array(color) * light, (500, 1)) for color in RAMP for light in (0.7, 1.1)])
    ramp = [list(color) for color in RAMP]
    assert CHECK["legend_colors"](shades, ramp) == len(RAMP)
    assert CHECK["legend_colors"](np.full((5000, 3), 90.0), ramp) == 0
