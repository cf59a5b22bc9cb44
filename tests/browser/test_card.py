"""The card of a building."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def digits(locator):
    return int(re.sub(r"\D", "", locator.inner_text()) or -1)


def test_a_click_on_a_building_opens_its_card(sandbox, service):
    sandbox.open()
    building_id, code, spot = sandbox.tall_building()
    sandbox.page.mouse.click(*spot)
    expect(sandbox.test_id("card-code")).to_have_text(code)
    residents = service.sql(
        "SELECT coalesce(sum(residents), 0) FROM building_tally WHERE building_id = %s", building_id)
    assert digits(sandbox.test_id("card-residents")) == residents
    name, grid = service.sql(
        "SELECT ARRAY[b.name, g.name] FROM building b JOIN grid g ON g.code = b.grid_code WHERE b.id = %s", building_id)
    expect(sandbox.test_id("card-name")).to_have_text(name)
    expect(sandbox.test_id("card-grid")).to_contain_text(grid)
    sandbox.page.wait_for_timeout(600)
    assert f"building={building_id}" in sandbox.page.url

    # On paper it stands alone, by day, and says when and by whom.
    sandbox.page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
    sandbox.test_id("card-print").click()
    sandbox.page.emulate_media(media="print")
    card = sandbox.test_id("building-card")
    expect(card.locator(".printed-only")).to_contain_text("demo")
    for hidden in (sandbox.page.locator("#map"), sandbox.page.locator(".right-side"), sandbox.test_id("explode"),
                   sandbox.test_id("card-close")):
        expect(hidden).to_be_hidden()
    expect(sandbox.page.locator("html")).to_have_attribute("data-style", "day")
    assert card.evaluate("card => card.scrollHeight <= card.clientHeight && card.getBoundingClientRect().x < 50")
    sandbox.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(sandbox.page.locator("html")).to_have_attribute("data-style", "night")


def test_a_click_on_the_ground_and_escape_close_the_card(sandbox):
    sandbox.open()
    sandbox.page.mouse.click(*sandbox.tall_building()[2])
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "open")
    sandbox.page.keyboard.press("Escape")
    expect(sandbox.test_id("building-card")).to_have_count(0)
    sandbox.page.mouse.click(*sandbox.tall_building()[2])
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "open")
    sandbox.jump(zoom=12)
    sandbox.wait_ready()
    sandbox.page.mouse.click(640, 700)
    expect(sandbox.test_id("building-card")).to_have_count(0)


def test_a_building_that_is_gone_says_so(sandbox):
    sandbox.allowed_errors = True  # the browser logs every 404
    sandbox.open("?building=999999999", wait=False)
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "missing")
    expect(sandbox.test_id("building-card")).to_contain_text("已不在库中")


def test_a_card_that_cannot_be_read_offers_another_try_and_then_the_map_goes_there(sandbox, service):
    building_id = service.sql("SELECT min(id) FROM building")
    sandbox.break_requests("**/api/buildings/*", lambda route: route.fulfill(
        status=503, content_type="application/problem+json",
        body='{"title": "Database not available", "status": 503, "detail": "Start it with: shapan db up"}'))
    sandbox.open(f"?building={building_id}", wait=False)
    expect(sandbox.test_id("building-card")).to_contain_text("shapan db up")
    sandbox.page.unroute("**/api/buildings/*")
    sandbox.page.get_by_role("button", name="重试").click()
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "open")
    lon, lat = sandbox.page.evaluate("window.shapan.store.state.card.building.centre")
    expect(sandbox.page).to_have_url(re.compile(f"camera={str(lon)[:7]}\\d*,{str(lat)[:6]}"))


def test_markup_in_a_name_is_shown_as_text(sandbox, service):
    payload = '<img src=x onerror="window.PWN=1"></script><script>window.PWN=1</script>{{7*7}}${7*7}'
    building_id, name = service.sql("SELECT ARRAY[id::text, name] FROM building ORDER BY id LIMIT 1")
    device = service.sql(
        "SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY (building_id <> %s), id LIMIT 1", building_id)
    service.execute("UPDATE building SET name = %s, address = %s WHERE id = %s", payload, payload, building_id)
    try:
        alarm = service.raise_alarm(device, type_="<b>odd</b>")
        sandbox.open(f"?building={building_id}")
        expect(sandbox.test_id("card-name")).to_have_text(payload)
        expect(sandbox.test_id("card-address")).to_contain_text(payload)
        expect(sandbox.page.locator(f'[data-row-id="{alarm}"]')).to_contain_text("<b>odd</b>")
        assert sandbox.page.evaluate("window.PWN") is None
        assert sandbox.page.locator("img").count() == 0
    finally:
        service.execute("UPDATE building SET name = %s WHERE id = %s", name, building_id)
