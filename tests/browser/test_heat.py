"""The heat of events within a time window."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def shown(sandbox):
    expect(sandbox.test_id("heat-panel")).to_have_attribute("data-status", "ready")
    return int(sandbox.test_id("heat-total").get_attribute("data-value"))


def counted(service, days):
    return service.sql("SELECT count(*) FROM event WHERE occurred_at >= %s AND occurred_at < now()",
                       datetime.now(UTC) - timedelta(days=days))


def test_the_heat_is_drawn_and_gone_when_it_is_switched_off(sandbox):
    sandbox.open()
    plain = sandbox.pixels()
    sandbox.test_id("heat-switch").click()
    shown(sandbox)
    sandbox.wait_ready()
    sandbox.page.wait_for_timeout(500)
    assert (abs(sandbox.pixels() - plain).max(axis=1) > 24).mean() > 0.01
    sandbox.test_id("heat-switch").click()
    sandbox.page.wait_for_timeout(300)
    sandbox.wait_ready()
    assert (abs(sandbox.pixels() - plain).max(axis=1) > 24).mean() < 0.002


def test_every_window_shows_as_many_events_as_the_database_counts(sandbox, service):
    sandbox.open("?heat=1&window=90d")
    assert abs(shown(sandbox) - counted(service, 90)) <= 1
    for preset, days in (("7d", 7), ("30d", 30)):
        before = shown(sandbox)
        sandbox.test_id(f"window-{preset}").click()
        expect(sandbox.test_id(f"window-{preset}")).to_have_attribute("aria-checked", "true")
        expect(sandbox.test_id("heat-total")).not_to_have_attribute("data-value", str(before))
        assert abs(shown(sandbox) - counted(service, days)) <= 1
    sandbox.page.wait_for_timeout(600)
    assert "window=30d" in sandbox.page.url


def test_the_slider_sets_a_window_of_its_own(sandbox):
    sandbox.open("?heat=1&window=90d")
    whole = shown(sandbox)
    with sandbox.page.expect_response("**/api/events/points*"):
        sandbox.test_id("window-from").evaluate(
            "input => { input.value = 1080; input.dispatchEvent(new Event('change')); }")
    expect(sandbox.test_id("heat-total")).not_to_have_attribute("data-value", str(whole))
    assert 0 < shown(sandbox) < whole
    assert sandbox.page.locator('.heat-panel [aria-checked="true"]').count() == 0
    sandbox.page.wait_for_timeout(600)
    assert "~" in sandbox.page.url


def test_a_window_without_events_says_what_to_do(sandbox):
    sandbox.open("?heat=1&window=2001-01-01T00:00:00Z~2001-01-02T00:00:00Z", wait=False)
    expect(sandbox.test_id("heat-panel")).to_contain_text("这个时段没有事件")


def test_the_colours_mean_the_same_at_every_zoom(sandbox):
    sandbox.open("?heat=1&window=90d")
    shown(sandbox)
    legend = sandbox.page.locator(".ramp p").inner_text()
    sandbox.page.evaluate("() => window.shapan.map.jumpTo({zoom: window.shapan.map.getZoom() + 1.5})")
    sandbox.page.wait_for_timeout(500)
    sandbox.wait_ready()
    assert sandbox.page.locator(".ramp p").inner_text() == legend
