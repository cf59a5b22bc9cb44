"""From a building to its rooms, a household, one resident for a reason; and back, in another role."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# A room with two residents and more of whom somebody needs help, and its building.
A_HOUSEHOLD = """
SELECT ARRAY[room.building_id, room.id, min(resident.id), count(*)]
FROM room JOIN household ON household.room_id = room.id JOIN resident ON resident.household_id = household.id
GROUP BY room.id HAVING count(*) > 1 AND bool_or(care <> '{}') ORDER BY room.id LIMIT 1
"""

PERSONAL = re.compile(r"\b1\d{10}\b|\d{17}[\dX]")


def test_one_resident_is_seen_for_a_reason_and_a_minute_and_not_by_a_viewer(mapless, service):
    page = mapless.page
    building, room, _, people = map(int, service.sql(A_HOUSEHOLD))
    reveals = "SELECT count(*) FROM audit WHERE outcome = 'done'"
    before = service.sql(reveals)
    mapless.open(f"?building={building}", wait=False)
    mapless.test_id("to-rooms").click()
    expect(mapless.test_id("room-list")).to_have_attribute("data-status", "open")
    expect(mapless.test_id("building-card")).to_be_hidden()
    of_state = page.locator(f'.room[data-room="{room}"]')
    if of_state.count() == 0:
        unit = service.sql("SELECT unit.number FROM room JOIN unit ON unit.id = unit_id WHERE room.id = %s", room)
        mapless.test_id(f"unit-{unit}").click()
    # By keyboard: one room takes the tab key, the arrow keys go on from there.
    page.locator('.room[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.matches('.room')")
    page.locator(f'.room[data-room="{room}"]').click()
    card = mapless.test_id("household-card")
    expect(card).to_have_attribute("data-status", "open")
    expect(card.locator("[data-resident]")).to_have_count(people)
    assert all("**" in name for name in card.locator(".member b").all_inner_texts())
    assert not PERSONAL.search(card.inner_text())

    # A reason is asked for, and what is missing is said.
    who = card.locator("[data-resident]").first
    who.get_by_text("查看", exact=True).click()
    mapless.test_id("reveal-submit").click()
    expect(who).to_contain_text("请选择查看事由")
    who.get_by_text("其他", exact=True).click()
    mapless.test_id("reveal-words").fill("看看")
    mapless.test_id("reveal-submit").click()
    expect(who).to_contain_text("至少 5 个字")
    page.keyboard.press("Escape")
    expect(mapless.test_id("reveal-form")).to_have_count(0)
    expect(card).to_be_visible()
    assert service.sql(reveals) == before

    who.get_by_text("查看", exact=True).click()
    who.get_by_text("入户走访", exact=True).click()
    who.get_by_label("同时查看身份证号").check()
    mapless.test_id("reveal-submit").click()
    shown = mapless.test_id("revealed")
    expect(shown.locator('[data-field="id_number"]')).to_have_text(re.compile(r"^\d{17}[\dX]$"))
    name, phone = (shown.locator(f'[data-field="{field}"]').inner_text() for field in ("name", "phone"))
    assert re.fullmatch(r"\d{11}", phone)
    assert service.sql(reveals) == before + 1
    assert service.sql("SELECT reason FROM audit ORDER BY id DESC LIMIT 1") == "visit"
    page.wait_for_timeout(600)
    assert f"room={room}" in page.url
    assert not PERSONAL.search(page.url)
    mapless.test_id("reveal-hide").click()
    expect(shown).to_have_count(0)
    everything = page.evaluate("() => JSON.stringify({...localStorage}) + document.body.innerHTML")
    assert phone not in everything
    assert name not in everything

    # Refused: nobody has any left.
    mapless.break_requests("**/reveal", lambda route: route.fulfill(
        status=429, content_type="application/problem+json", headers={"Retry-After": "1500"},
        body='{"title": "Too many", "status": 429, "detail": "20 residents an hour"}'))
    who.get_by_text("查看", exact=True).click()
    who.get_by_text("入户走访", exact=True).click()
    mapless.test_id("reveal-submit").click()
    expect(mapless.test_id("reveal-refused")).to_contain_text("25 分钟后再试")

    # Another role: this page and every other one of the browser open again, at the same place.
    other = page.context.new_page()
    other.goto(f"{service.url}/?building={building}")
    expect(other.get_by_test_id("role")).to_have_text("全部角色")
    mapless.test_id("account").click()
    mapless.test_id("role-viewer").click()
    expect(mapless.test_id("role")).to_have_text("查看员")
    expect(other.get_by_test_id("role")).to_have_text("查看员")
    expect(mapless.test_id("people-hidden")).to_be_visible()
    assert card.locator("[data-resident]").count() == 0
    mapless.test_id("household-back").click()
    expect(mapless.test_id("building-card")).to_be_visible()
    expect(mapless.test_id("card-residents")).to_contain_text(re.compile(r"^(1|5|10)\+$"))
    expect(mapless.test_id("connection")).to_have_attribute("data-state", "live")

    # A page that the role may not see offers the way out.
    other.goto(f"{service.url}/audit")
    other.locator('[data-role="all"]').click()
    expect(other.locator('[data-role]')).to_have_count(0)
    other.goto(f"{service.url}/data")
    expect(other.get_by_test_id("role")).to_have_text("全部角色")
    expect(mapless.test_id("role")).to_have_text("全部角色")
