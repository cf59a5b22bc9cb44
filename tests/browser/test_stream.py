"""What the page says about its connection, and how it recovers."""

import dataclasses
import re
import time

import pytest
from playwright.sync_api import expect

from tests.fixtures.proxy import BAD_GATEWAY, OWN_PAGE, PASS, SILENT, TO_LOGIN, Proxy

pytestmark = pytest.mark.browser


def within(seconds, there):
    end = time.monotonic() + seconds
    while not there() and time.monotonic() < end:
        time.sleep(0.05)
    return there()


def badge(sandbox):
    return sandbox.test_id("connection")


def test_a_stopped_service_shows_within_three_seconds_and_a_new_one_is_found(sandbox, service, building):
    building_id, lon, lat, height = building
    sandbox.allowed_errors = True  # the browser logs every refused connection
    sandbox.open(f"?camera={lon},{lat},16.4,40,0")
    expect(badge(sandbox)).to_have_attribute("data-state", "live")
    service.stop()
    try:
        began = time.monotonic()
        expect(badge(sandbox)).to_have_attribute("data-state", "stale", timeout=3000)
        assert time.monotonic() - began < 3
        service.execute("UPDATE building SET height_m = %s WHERE id = %s", height + 17, building_id)
    finally:
        service.start()
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    alarm = service.raise_alarm(device)
    expect(badge(sandbox)).to_have_attribute("data-state", "live", timeout=15_000)
    expect(sandbox.page.locator(f'[data-row-id="{alarm}"]')).to_be_visible()
    # What changed meanwhile was not told to this page: it asks for its tiles again.
    assert within(5, lambda: set(sandbox.drawn_heights(building_id)) == {height + 17})


def port(service) -> int:
    return int(service.url.rsplit(":", 1)[1])


def open_through(sandbox, proxy) -> None:
    """Open the page through a network that the test commands."""
    sandbox.allowed_errors = True  # the browser logs every answer that is no stream
    sandbox.service = dataclasses.replace(sandbox.service, url=proxy.url)
    sandbox.open(wait=False)


def test_a_silent_network_is_told_after_eight_seconds_and_left_after_twelve(mapless, service):
    with Proxy(port(service)) as proxy:
        open_through(mapless, proxy)
        expect(badge(mapless)).to_have_attribute("data-state", "live")
        proxy.answer = SILENT
        began = time.monotonic()
        expect(badge(mapless)).to_have_attribute("data-state", "stale", timeout=10_500)
        # Eight seconds after the last heartbeat, which may have been up to five seconds old.
        assert 2.5 < time.monotonic() - began < 10
        expect(badge(mapless)).to_contain_text("停更")
        proxy.answer = PASS
        # The connection that was silent stays so: what was sent meanwhile is lost. Another one is opened.
        expect(badge(mapless)).to_have_attribute("data-state", "live", timeout=12_000)
        assert time.monotonic() - began < 18


def test_a_proxy_that_answers_for_the_service_does_not_end_the_stream_for_good(mapless, service):
    with Proxy(port(service)) as proxy:
        proxy.answer = BAD_GATEWAY
        open_through(mapless, proxy)
        for answered, then in enumerate((OWN_PAGE, TO_LOGIN, PASS), 1):
            assert within(10, lambda answered=answered: proxy.answered >= answered)
            expect(badge(mapless)).to_have_attribute("data-state", "stale")
            proxy.answer = then
        expect(badge(mapless)).to_have_attribute("data-state", "live", timeout=10_000)


def test_tabs_share_one_stream_show_the_same_and_leave_it_one_by_one(mapless, service):
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    row = lambda page, alarm: page.locator(f'[data-row-id="{alarm}"]')  # noqa: E731
    with Proxy(port(service)) as proxy:
        open_through(mapless, proxy)
        expect(badge(mapless)).to_have_attribute("data-state", "live")
        early = service.raise_alarm(device)
        expect(row(mapless.page, early)).to_be_visible()
        late = mapless.page.context.new_page()
        late.goto(proxy.url)
        expect(late.get_by_test_id("connection")).to_have_attribute("data-state", "live")
        # What the stream told before this tab was there came with a snapshot of its own.
        expect(row(late, early)).to_be_visible()
        both = service.raise_alarm(device, "gas")
        for page in (mapless.page, late):
            expect(row(page, both)).to_be_visible()
        assert proxy.streams == 1
        mapless.page.close()
        last = service.raise_alarm(device, "water")
        expect(row(late, last)).to_be_visible()
        assert proxy.streams == 1
        late.close()
        assert within(10, lambda: proxy.streams == 0)


def test_without_a_shared_worker_a_tab_has_a_stream_of_its_own(mapless, service):
    mapless.page.add_init_script("delete window.SharedWorker;")
    mapless.open(wait=False)
    expect(badge(mapless)).to_have_attribute("data-state", "live")
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    alarm = service.raise_alarm(device)
    expect(mapless.page.locator(f'[data-row-id="{alarm}"]')).to_be_visible()


# The computer's clock, so many days ahead or behind.
WRONG_CLOCK = """
const Right = Date, wrong = %d * 86_400_000;
window.Date = class extends Right {
    constructor(...parts) { super(...(parts.length === 0 ? [Right.now() + wrong] : parts)); }
    static now() { return Right.now() + wrong; }
};
"""


def test_a_computer_whose_clock_is_wrong_shows_the_servers_time_and_ages(sandbox_with, service):
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id LIMIT 1")
    alarm = service.raise_alarm(device)
    day = service.sql("SELECT to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')")
    pages = [sandbox_with(webgl=False) for _ in range(2)]
    for sandbox, days in zip(pages, (-400, 400), strict=True):
        sandbox.page.add_init_script(WRONG_CLOCK % days)
        sandbox.open(wait=False)
        expect(badge(sandbox)).to_have_attribute("data-state", "live")
        expect(sandbox.page.locator(".clock .date")).to_have_text(day)
    pages[0].page.wait_for_timeout(9000)  # longer than a silent network is left unsaid
    for sandbox in pages:
        expect(badge(sandbox)).to_have_attribute("data-state", "live")
        age = sandbox.page.locator(f'[data-row-id="{alarm}"] time')
        expect(age).to_have_text(re.compile(r"^\d+ 秒前$"))
