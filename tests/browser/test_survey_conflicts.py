"""Conflicts of surveys are settled on the data page, and those of rooms not on record on the keeper's own."""

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Of the building with most rooms: its key, unit, keeper, grid, and the first rooms with what they hold.
SCENE = """
SELECT json_build_object('building', most.building_id, 'unit', unit.number, 'area', most.area_code,
    'grid', most.grid_code, 'rooms', (SELECT json_agg(json_build_array(id, number, tenure, area_m2, version)) FROM (
        SELECT id, number, tenure, area_m2, version FROM room WHERE unit_id = unit.id ORDER BY id LIMIT 4) AS listed))
FROM (SELECT building_id, area_code, grid_code FROM room GROUP BY 1, 2, 3 ORDER BY count(*) DESC LIMIT 1) AS most
CROSS JOIN LATERAL (SELECT id, number FROM unit WHERE building_id = most.building_id ORDER BY number LIMIT 1) AS unit
"""
FOUND = """
INSERT INTO survey_edit (id, keeper, account, building_id, place, said, done_at, at, outcome, reason, area_code,
                         grid_code)
SELECT gen_random_uuid(), 'K-old', 'keeper:0', %s, %s::jsonb,
       '{"use": "residential", "tenure": "rented", "area_m2": 70}', now(), now(), 'conflict', 'redrawn', %s, %s
"""
OPEN = "SELECT count(*)::int FROM survey_edit WHERE outcome = 'conflict' AND settled_at IS NULL"


@pytest.fixture
def scene(service) -> Iterator[dict]:
    found = service.sql(SCENE)
    forms = []
    for key, _, _, _, version in found["rooms"]:
        service.execute("UPDATE room SET tenure = 'owner', area_m2 = 50 WHERE id = %s", key)
        forms.append({"id": str(uuid.uuid4()), "building": found["building"], "room": key, "base": version,
                      "values": {"tenure": "vacant", "area_m2": 61.5}, "done_at": datetime.now(UTC).isoformat()})
    told = service.ask("/api/survey/edits", {"sent_at": datetime.now(UTC).isoformat(), "edits": forms})["edits"]
    assert [one["outcome"] for one in told] == ["conflict"] * 4
    for number in ("<b>9A1</b>", "9A2"):
        place = {"building": found["building"], "unit": found["unit"], "floor": 9, "number": number}
        service.execute(FOUND, found["building"], json.dumps(place), found["area"], found["grid"])
    yield {**found, "forms": [form["id"] for form in forms]}
    service.execute("TRUNCATE survey_edit, survey_photo, survey_given")
    service.execute("DELETE FROM room WHERE source = 'survey'")
    for key, _, tenure, area, _ in found["rooms"]:
        service.execute("UPDATE room SET tenure = %s, area_m2 = %s, surveyed_at = NULL WHERE id = %s",
                        tenure, area, key)


def test_operators_and_keepers_settle_what_stands_against_the_record(sandbox_with, service, scene):
    sandbox = sandbox_with(webgl=False, viewport={"width": 1366, "height": 768})
    sandbox.allowed_errors = True  # 409 of the one who came second
    page = sandbox.page
    picture = page.screenshot(type="jpeg")
    first, second, third, fourth = scene["forms"]
    request = urllib.request.Request(f"{service.url}/api/survey/photos/{uuid.uuid4()}?edit={first}", picture,
                                     {"Content-Type": "image/jpeg"}, method="PUT")
    urllib.request.urlopen(request, timeout=20).close()

    page.goto(f"{service.url}/data?view=rooms")
    sandbox.test_id("to-conflicts").click()
    expect(sandbox.test_id("conflicts")).to_have_attribute("data-status", "ready")
    expect(sandbox.test_id("conflict-row")).to_have_count(6)
    expect(sandbox.test_id("conflicts-count")).to_have_text("6")
    page.goto(f"{service.url}/data?view=survey&conflict={first}")
    one = sandbox.test_id("conflict-one")
    expect(one).to_have_attribute("data-id", first)
    tenure = one.locator('tr[data-field="tenure"]')
    expect(tenure).to_contain_text("自住")
    expect(tenure).to_contain_text("空置")
    expect(page.locator("img")).to_have_count(0)
    sandbox.test_id("conflict-look").click()
    expect(sandbox.test_id("conflict-photo")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-testid=conflict-photo]').naturalWidth > 0")
    assert service.sql("SELECT count(*)::int FROM audit WHERE action = 'photo' AND outcome = 'done'") > 0

    # By keyboard: the keeper's finding is taken, and the next one is at hand.
    sandbox.test_id("conflict-form").focus()
    page.keyboard.press("Enter")
    expect(sandbox.test_id("conflict-outcome")).to_contain_text("已采用网格员的结果")
    expect(sandbox.test_id("conflict-row")).to_have_count(5)
    expect(page.locator("#conflict-title")).to_be_focused()
    assert service.sql("SELECT array[tenure, area_m2::text] FROM room WHERE id = %s", scene["rooms"][0][0]) == [
        "vacant", "61.5"]

    # Somebody else is quicker with the second, and changes the room of the third, after they were read.
    page.locator(f'[data-testid="conflict-row"][data-id="{second}"]').click()
    expect(sandbox.test_id("conflict-record")).to_be_disabled()
    sandbox.test_id("conflict-remark").fill("登记无误")
    version = service.sql("SELECT version FROM room WHERE id = %s", scene["rooms"][1][0])
    service.ask(f"/api/survey/conflicts/{second}/settle", {"take": "record", "version": version, "remark": "房主来电"})
    sandbox.test_id("conflict-record").click()
    expect(sandbox.test_id("conflict-fault")).to_contain_text("刚由他人核对完")
    expect(sandbox.test_id("conflict-ended")).to_contain_text("房主来电")
    sandbox.test_id("conflicts-open").click()
    page.locator(f'[data-testid="conflict-row"][data-id="{third}"]').click()
    service.execute("UPDATE room SET area_m2 = 55 WHERE id = %s", scene["rooms"][2][0])
    sandbox.test_id("conflict-remark").fill("登记无误")
    sandbox.test_id("conflict-record").click()
    expect(sandbox.test_id("conflict-fault")).to_contain_text("请重新决定")
    expect(one.locator('tr[data-field="area_m2"]')).to_contain_text("55")
    sandbox.test_id("conflict-record").click()
    expect(sandbox.test_id("conflict-outcome")).to_contain_text("以现有记录为准")
    assert service.sql("SELECT remark FROM survey_edit WHERE id = %s", third) == "登记无误"

    # What is read again, on return, has what somebody else settled; the page without Chinese, and who may only look.
    service.ask(f"/api/survey/conflicts/{fourth}/settle", {
        "take": "form", "version": service.sql("SELECT version FROM room WHERE id = %s", scene["rooms"][3][0])})
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(sandbox.test_id("conflict-fault")).to_contain_text("刚由他人核对完")
    sandbox.test_id("conflicts-open").click()
    expect(sandbox.test_id("conflict-row")).to_have_count(2)
    page.context.add_cookies([{"name": "shapan_role", "value": "viewer", "url": service.url}])
    page.goto(f"{service.url}/data?view=survey&lang=en")
    expect(sandbox.test_id("conflict-row")).to_have_count(2)
    expect(sandbox.test_id("conflict-form")).to_have_count(0)
    expect(page.locator(".conflict-foot")).to_contain_text("Your role may only look")
    sandbox.test_id("conflicts-settled").click()
    expect(sandbox.test_id("conflict-row")).to_have_count(4)
    words = " ".join(page.locator("th, dt, .conflict-reason, .conflict-why, .segments, .rail").all_inner_texts())
    assert re.findall(r"[\u4e00-\u9fff]+", words) == []
    page.context.clear_cookies()

    # On the keeper's page: a room that is not on record is entered, or put aside.
    page.goto(f"{service.url}/survey")
    sandbox.test_id("to-conflicts").click()
    left = sandbox.test_id("left")
    expect(left).to_have_count(2)
    entered = page.locator('[data-testid="left"][data-room="9A2"]')
    expect(entered.get_by_test_id("said")).to_contain_text("出租")
    entered.get_by_test_id("enter-it").click()
    expect(left).to_have_count(1)
    left.get_by_test_id("put-aside").click()
    expect(left).to_have_count(0)
    expect(sandbox.test_id("notice")).to_contain_text("<b>9A1</b>")
    assert service.sql(OPEN) == 0
    assert service.sql("SELECT array[floor::text, tenure, source] FROM room WHERE number = '9A2'") == [
        "9", "rented", "survey"]

    # Leaving without a network is refused in words, and everything stays; with one the device is emptied.
    sandbox.test_id("back").click()
    page.context.set_offline(True)
    sandbox.test_id("leave").click()
    expect(sandbox.test_id("notice")).to_contain_text("没有网络，无法退出")
    expect(sandbox.test_id("buildings")).to_be_visible()
    page.context.set_offline(False)
    with page.expect_response("**/api/access-links/leave") as left_by, page.expect_navigation():
        sandbox.test_id("leave").click()
    assert left_by.value.ok
