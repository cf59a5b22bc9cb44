"""The page itself: language, missing WebGL, failures, keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_the_other_language_takes_over_every_panel_at_once(sandbox):
    sandbox.open()
    expect(sandbox.page.get_by_role("heading", name="建筑着色")).to_be_visible()
    sandbox.test_id("language").click()
    expect(sandbox.page.get_by_role("heading", name="Colour buildings by")).to_be_visible()
    assert sandbox.page.locator("html").get_attribute("lang") == "en"
    visible = sandbox.page.locator("body").inner_text()
    chinese = {line for line in visible.splitlines() if any("\u4e00" <= character <= "\u9fff" for character in line)}
    assert chinese <= {"中文"}, "but for the name of the other language"
    labels = sandbox.page.evaluate("() => window.shapan.map.getLayoutProperty('label-community', 'text-field')")
    assert labels == ["coalesce", ["get", "name_en"], ["get", "name"]]
    sandbox.page.wait_for_timeout(600)
    assert "lang=en" in sandbox.page.url


def test_day_is_one_click_away_and_remembered_in_the_link_and_in_the_browser(sandbox):
    asked = []
    sandbox.open()
    night = sandbox.pixels().mean()
    swatches = "[...document.querySelectorAll('[data-color]')].map(each => each.dataset.color)"
    colors = sandbox.page.evaluate(swatches)
    sandbox.page.get_by_test_id("layer-grids").click()
    sandbox.page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    sandbox.page.get_by_role("button", name="换成白天配色").click()
    expect(sandbox.page.locator('html[data-style="day"]')).to_have_count(1)
    sandbox.page.wait_for_timeout(600)
    sandbox.wait_ready()
    assert asked == [], "Another style needs no other tiles."
    assert sandbox.pixels().mean() > night + 100
    assert colors != sandbox.page.evaluate(swatches)
    assert sandbox.page.evaluate("window.shapan.map.getLayoutProperty('grid-line', 'visibility')") == "none"
    expect(sandbox.page.locator(".panel").first).to_have_css("background-color", "rgb(250, 251, 251)")
    assert "style=day" in sandbox.page.url
    sandbox.page.goto(sandbox.service.url + "/data")
    expect(sandbox.page.locator('html[data-style="day"]')).to_have_count(1)


def test_day_and_a_metric_chosen_before_there_is_a_map_are_what_page_and_map_show(sandbox):
    never_answered = []
    sandbox.page.route("**/api/scenes/**", lambda route: never_answered.append(route))
    sandbox.open(wait=False)
    sandbox.test_id("metric-floors").click()
    expect(sandbox.page.locator(".notices")).to_contain_text("正在载入城市")
    for _ in range(200):
        if len(never_answered) == 2:
            break
        sandbox.page.wait_for_timeout(50)
    sandbox.page.unroute("**/api/scenes/**")
    sandbox.page.get_by_role("button", name="换成白天配色").click()
    sandbox.wait_ready()
    assert len(never_answered) == 2
    expect(sandbox.page.locator('html[data-style="day"]')).to_have_count(1)
    ground = sandbox.page.evaluate("window.shapan.map.getPaintProperty('background', 'background-color')")
    assert ground == "#e3e7ea"
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "floors")
    sandbox.page.wait_for_url("**metric=floors**")


def test_without_webgl_alarms_are_live_and_can_be_handled(sandbox_with, service):
    devices = service.sql("SELECT array_agg(code) FROM (SELECT code FROM device ORDER BY id LIMIT 2) AS few")
    first = service.raise_alarm(devices[0])
    sandbox = sandbox_with(webgl=False)
    sandbox.open(wait=False)
    expect(sandbox.test_id("no-webgl")).to_contain_text("硬件加速")
    second = service.raise_alarm(devices[1], type_="gas", severity="major")
    expect(sandbox.page.locator(f'[data-row-id="{second}"]')).to_contain_text("燃气泄漏")
    expect(sandbox.test_id("count-alarms")).to_have_text("2")
    expect(sandbox.test_id("count-buildings")).to_have_text(str(service.sql("SELECT count(*) FROM building")))
    assert sandbox.page.locator("canvas").count() == 0
    sandbox.page.locator(f'[data-row-id="{first}"] .alarm-go').click()
    expect(sandbox.test_id("no-webgl")).to_be_hidden()
    expect(sandbox.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("step-acknowledge")).to_be_visible()


def test_a_scene_that_fails_tells_the_cure_and_can_be_tried_again(sandbox):
    sandbox.break_requests("**/api/scenes/**", lambda route: route.fulfill(
        status=503, content_type="application/problem+json",
        body='{"title": "Database not available", "status": 503, "detail": "Start it with: shapan db up"}'))
    sandbox.open(wait=False)
    expect(sandbox.test_id("scene-error")).to_contain_text("shapan db up")
    sandbox.wait_scene("error")
    sandbox.page.unroute("**/api/scenes/**")
    sandbox.test_id("scene-retry").click()
    sandbox.wait_ready()
    expect(sandbox.test_id("scene-error")).to_have_count(0)


def test_a_scene_answered_by_a_proxy_is_told_as_such(sandbox):
    sandbox.break_requests("**/api/scenes/**", lambda route: route.fulfill(
        status=502, content_type="text/html", body="<h1>Bad Gateway</h1>"))
    sandbox.open(wait=False)
    expect(sandbox.test_id("scene-error")).to_contain_text("502")


def test_missing_tiles_are_told_and_the_picture_is_never_called_complete(sandbox):
    sandbox.break_requests("**/tiles/buildings/**", lambda route: route.fulfill(status=500))
    sandbox.open(wait=False)
    expect(sandbox.test_id("tile-notice")).to_be_visible(timeout=30_000)
    sandbox.wait_scene("error")
    sandbox.page.unroute("**/tiles/buildings/**")
    sandbox.test_id("tile-notice").get_by_role("button").click()
    sandbox.wait_ready()
    expect(sandbox.test_id("tile-notice")).to_have_count(0)


def test_missing_tiles_of_the_base_map_come_back_as_well(sandbox):
    sandbox.break_requests("**/tiles/areas,**", lambda route: route.fulfill(status=500))
    sandbox.open(wait=False)
    expect(sandbox.test_id("tile-notice")).to_be_visible(timeout=30_000)
    sandbox.page.unroute("**/tiles/areas,**")
    sandbox.test_id("tile-notice").get_by_role("button").click()
    sandbox.wait_ready()


def test_an_empty_city_says_how_to_fill_it(sandbox):
    def empty(route):
        answer = route.fetch()
        scene = answer.json() | {"bounds": None, "counts": {"buildings": 0, "residents": 0, "alarms": 0},
                                 "view": {"longitude": 105, "latitude": 35, "zoom": 3.4, "pitch": 0, "bearing": 0}}
        route.fulfill(response=answer, json=scene)

    sandbox.page.route("**/api/scenes/**", empty)
    sandbox.page.add_init_script("delete window.SharedWorker;"
                                 "window.EventSource = class { addEventListener() {} close() {} };")
    sandbox.open()
    expect(sandbox.page.locator(".notices")).to_contain_text("shapan import")


def test_every_control_is_reached_and_named_for_the_keyboard(sandbox):
    sandbox.open(wait=False)
    expect(sandbox.test_id("legend")).to_be_visible()
    nameless = sandbox.page.evaluate("""() => [...document.querySelectorAll('button, input, a')]
        .filter(each => !(each.innerText?.trim() || each.getAttribute('aria-label') || each.title
                          || each.labels?.[0]?.innerText.trim()))
        .map(each => each.outerHTML)""")
    assert nameless == []
    for _ in range(40):
        sandbox.page.keyboard.press("Tab")
        if sandbox.page.evaluate("document.activeElement.dataset.testid") == "metric-height":
            break
    sandbox.page.keyboard.press("Enter")
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "height")


def test_the_page_works_under_a_policy_without_inline_and_eval(sandbox):
    with sandbox.page.expect_response(sandbox.service.url + "/") as response:
        sandbox.open()
    policy = response.value.headers["content-security-policy"]
    sources = dict(part.split(" ", 1) for part in policy.split("; "))
    assert sources["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert sources["style-src"] == sources["default-src"] == "'self'"
    assert policy.count("unsafe") == 1
