"""`scripts/demo --check` judges the running sandbox: it passes the good one and fails each broken one."""

import json
import runpy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Route

from spatial.types import Scope
from tests.fixtures.homes import REPOSITORY
from tests.fixtures.services import Service
from tiles.legends import RAMP

pytestmark = pytest.mark.browser

CHECK = runpy.run_path(str(REPOSITORY / "scripts" / "demo_check.py"))

# The command's own limit is a second; here other tests draw on the same two cores at the same time.
PATIENT = CHECK["Waits"](pulse=5000)

# What is broken on purpose never comes, however long it is waited for.
BRIEF = CHECK["Waits"](count=500, card=1000, pulse=1000)


@pytest.fixture
def judge(demo_service: Service) -> Callable[..., Any]:
    """Return a function that judges the sample city's sandbox after something was broken in the browser."""

    def run(prepare: Callable[[BrowserContext], None] | None = None, waits: Any = PATIENT) -> Any:
        connection = demo_service.database.connect("app", scope=Scope.everything(), autocommit=True)
        # In a thread of its own: Playwright allows one driver for each thread.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(CHECK["judge"], demo_service.url, connection, prepare, waits).result()

    return run


def test_the_sandbox_of_the_sample_city_passes(judge) -> None:
    verdict = judge()
    assert verdict.faults == []
    assert verdict.buildings > 1400
    assert verdict.residents > 48_000
    assert verdict.first_scene_ms > 0
    assert (verdict.console_errors, verdict.foreign_requests) == ([], [])


@pytest.mark.slow
def test_empty_tiles_of_buildings_fail(judge) -> None:
    verdict = judge(lambda context: context.route("**/tiles/buildings/**", lambda route: route.fulfill(status=204)),
                    BRIEF)
    faults = " ".join(verdict.faults)
    assert "colours of the legend" in faults
    assert "A click on building" in faults


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
