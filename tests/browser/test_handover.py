"""From an alarm to the next shift: frozen with a remark, read, taken over, printed."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_an_alarm_is_frozen_with_its_picture_and_taken_over_by_the_next_shift(sandbox_with, service):
    sandbox = sandbox_with(viewport={"width": 1920, "height": 1080})
    device = service.sql("SELECT code FROM device WHERE kind = 'smoke' AND room_id IS NOT NULL ORDER BY code LIMIT 1")
    alarm = service.raise_alarm(device)
    page = sandbox.page
    sandbox.open(f"?alarm={alarm}")
    sandbox.test_id("step-acknowledge").click()
    expect(sandbox.test_id("alarm-dossier")).to_have_attribute("data-state", "active_ack")
    sandbox.test_id("freeze-alarm").click()
    form = sandbox.test_id("freeze-form")
    box, dossier = form.bounding_box(), sandbox.test_id("alarm-dossier").bounding_box()
    assert box["x"] + box["width"] <= dossier["x"], "it does not lie over what it is about"
    form.locator("textarea").fill("<img src=x onerror=alert(1)> 请夜班复核")
    form.locator("button.primary").click()
    expect(sandbox.test_id("frozen")).to_be_visible()
    expect(sandbox.test_id("handed-over")).to_contain_text("待接班")
    page.goto(service.url + sandbox.test_id("frozen").locator("a").get_attribute("href"))
    expect(sandbox.test_id("frozen")).to_have_attribute("data-status", "ready")
    expect(page.locator("blockquote")).to_have_text("<img src=x onerror=alert(1)> 请夜班复核")
    expect(sandbox.test_id("log")).to_contain_text("确认")
    assert page.evaluate("document.querySelector('.sheet img').decode().then(() => document.querySelector('.sheet img')"
                         ".naturalWidth)") >= 640
    sandbox.test_id("accept").click()
    expect(sandbox.test_id("accepted")).to_contain_text("demo 已接班")
    expect(sandbox.test_id("accept")).to_have_count(0)
    page.emulate_media(media="print")
    expect(sandbox.test_id("print")).to_be_hidden()
    page.emulate_media(media="screen")
    replay = sandbox.test_id("replay").get_attribute("href")
    # Nothing on the sheet leads into a map that is not there.
    for name in ("to-household", "near-lines", "near-camera"):
        expect(sandbox.test_id(name)).to_have_count(0)

    # What has happened since is not in the replay, which is of the very second, with the alarm that was frozen.
    service.ask(f"/api/alarms/{alarm}/clear", {"note": "误报"})
    service.ask(f"/api/alarms/{alarm}/close", {})
    later = service.raise_alarm(device, type_="gas")
    page.goto(service.url + replay)
    shown = sandbox.test_id("past-alarms")
    expect(shown).to_have_attribute("data-count", "1")
    expect(shown.locator('.alarm-go[aria-current="true"]')).to_be_visible()
    expect(shown.locator(f'[data-row-id="{alarm}"]')).to_have_attribute("data-state", "active_ack")
    expect(shown.locator(f'[data-row-id="{later}"]')).to_have_count(0)
    page.wait_for_url(re.compile(rf"[?&]alarm={alarm}&.*at=\d+-\d+-\d+T\d+(%3A|:)\d+(%3A|:)\d+"))

    page.goto(f"{service.url}/handover?window=24h")
    expect(sandbox.test_id("shift")).to_have_attribute("data-status", "ready")
    opened = service.sql("SELECT count(*) FROM alarm WHERE closed_at IS NULL")
    expect(sandbox.test_id("sentences")).to_contain_text(f"目前未关闭告警 {opened} 条")
    expect(sandbox.test_id("handovers").locator("li").first).to_contain_text("demo 已接班")
    sandbox.test_id("language").click()
    expect(sandbox.test_id("sentences")).to_contain_text(f"Open alarms now: {opened}")
    sandbox.allowed_errors = True  # the status of what is not there
    page.goto(f"{service.url}/handover/999999")
    expect(sandbox.test_id("frozen")).to_have_attribute("data-status", "missing")
