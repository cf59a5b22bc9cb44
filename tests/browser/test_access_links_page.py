"""The data page's section of access links: made by the keyboard, shown once, opened, changed, revoked."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_link_is_made_shown_once_opened_changed_while_it_runs_and_revoked(sandbox_with, service):
    sandbox = sandbox_with(webgl=False, viewport={"width": 1366, "height": 768})
    page = sandbox.page
    page.goto(f"{service.url}/data?view=links")
    panel, dialog = page.get_by_test_id("links"), page.get_by_test_id("link-dialog")
    expect(panel).to_have_attribute("data-status", "ready")

    page.get_by_test_id("link-new").press("Enter")
    expect(dialog.get_by_role("radio", name="大屏")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("link-new")).to_be_focused()

    page.keyboard.press("Enter")
    page.get_by_test_id("link-send").click()
    expect(dialog).to_be_visible()  # a wall without a name is none
    page.get_by_test_id("link-name").fill("<img src=x onerror=alert(1)>")
    page.get_by_test_id("link-within").select_option(index=1)
    page.get_by_test_id("link-height_m").fill("2.4")
    page.get_by_test_id("link-sound").select_option("off")
    page.get_by_test_id("link-send").click()
    url = page.get_by_test_id("link-url").inner_text()
    assert url.startswith(f"{service.url}/wall#")
    expect(page.get_by_test_id("link-copy")).to_be_focused()
    expect(page.get_by_test_id("link-qr")).to_be_visible()
    page.get_by_test_id("link-done").click()
    expect(dialog).to_be_hidden()
    assert url.rpartition("#")[2] not in page.content()
    row = page.get_by_test_id("link").filter(has_text="onerror")
    expect(row).to_have_attribute("data-state", "waiting")
    expect(row).to_contain_text("高 2.4 米 · 静音")
    expect(panel.locator("img")).to_have_count(0)

    wall = page.context.browser.new_context()
    answer = wall.request.post(f"{service.url}/api/access-links/exchange", data={"token": url.rpartition("#")[2]})
    assert answer.ok
    before = wall.request.get(f"{service.url}/wall").text()
    row.get_by_test_id("link-change").click()
    expect(page.get_by_test_id("link-name")).to_be_focused()
    page.get_by_test_id("link-name").fill("北墙")
    page.get_by_test_id("link-sound").select_option("on")
    page.get_by_test_id("link-send").click()
    row = page.get_by_test_id("link").filter(has_text="北墙")
    expect(row).to_contain_text("高 2.4 米 · 有声音")
    expect(row).to_have_attribute("data-state", "open")
    assert wall.request.get(f"{service.url}/wall").text() != before

    row.get_by_test_id("link-revoke").click()
    expect(dialog).to_contain_text("不能恢复")
    page.get_by_test_id("link-send").click()
    expect(row).to_have_count(0)
    page.get_by_test_id("links-over").check()
    expect(row).to_have_attribute("data-state", "revoked")
    assert wall.request.get(f"{service.url}/api/me").status == 401
    wall.close()

    sandbox.allowed_errors = True  # the browser's own word for a server that is gone
    page.route("**/api/access-links", lambda route: route.abort())
    page.goto(f"{service.url}/data?view=links&lang=en")
    expect(panel.get_by_role("alert")).to_contain_text("Access links were not read")
