"""What the page says about its connection, and how it recovers."""

import time

import pytest
from playwright.sync_api import expect

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


def test_a_silent_network_is_told_after_eight_seconds(sandbox):
    # A stream that begins and then says nothing: what a network that swallows packets looks like.
    sandbox.page.add_init_script("""
        const Real = window.EventSource;
        window.EventSource = class extends Real {
            addEventListener(name, listener) {
                super.addEventListener(name, event => {
                    if (name === 'heartbeat' || name === 'error') return;
                    listener(event);
                });
            }
        };
    """)
    sandbox.open(wait=False)
    expect(badge(sandbox)).to_have_attribute("data-state", "live")
    began = time.monotonic()
    expect(badge(sandbox)).to_have_attribute("data-state", "stale", timeout=11_000)
    assert 6 < time.monotonic() - began < 11
    expect(badge(sandbox)).to_contain_text("停更")
    expect(badge(sandbox)).to_have_attribute("data-state", "live", timeout=10_000)


def test_a_proxy_that_answers_with_its_own_page_does_not_end_the_stream_for_good(sandbox):
    answers = []

    def proxy(route):
        answers.append(route)
        if len(answers) <= 2:
            route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
        else:
            route.continue_()

    sandbox.break_requests("**/api/live", proxy)
    sandbox.open(wait=False)
    expect(badge(sandbox)).to_have_attribute("data-state", "live", timeout=15_000)
    assert len(answers) == 3
