"""An operator handles alarms to the end: one of a lift, and a flood of gas alarms; beside another operator."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Codes of the seven devices of the building that has the most.
OF_ONE_BUILDING = """
SELECT array_agg(code) FROM (
    SELECT code FROM device WHERE building_id = (
        SELECT building_id FROM device WHERE building_id IS NOT NULL GROUP BY building_id
        ORDER BY count(*) DESC, building_id LIMIT 1)
    ORDER BY code LIMIT 7) AS few
"""

A_LIFT = "SELECT code FROM device WHERE kind = 'elevator' AND building_id IS NOT NULL ORDER BY code LIMIT 1"

MARKUP = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def say(service, devices, *types, note=None, cleared=False):
    """Send one message of each device and type in one batch, and return the ids of the alarms."""
    at = datetime.now(UTC).isoformat()
    same = {"source": "browser-test", "severity": "critical", "occurred_at": at, "note": note, "cleared": cleared}
    messages = [{**same, "event_id": uuid.uuid4().hex, "device": device, "type": type_}
                for type_ in types for device in devices]
    return [outcome["alarm"] for outcome in service.ask("/api/alarms", {"alarms": messages})["outcomes"]]


def agreed(sandbox, service, count):
    """Wait until the page counts so many open alarms, and check that it is what interface and database say."""
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", str(count))
    assert service.ask("/api/alarms")["total"] == count
    assert service.sql("SELECT count(*) FROM alarm WHERE closed_at IS NULL") == count


def row(sandbox, alarm):
    return sandbox.page.locator(f'[data-row-id="{alarm}"]')


def state(sandbox, word):
    expect(sandbox.test_id("alarm-dossier")).to_have_attribute("data-state", word)


@pytest.fixture
def sandbox(sandbox_with):
    """A page that flies nowhere: the map is drawn by the processor, and is not what these tests look at."""
    return sandbox_with(reduced_motion="reduce")


@pytest.fixture
def lift(service):
    """The code of a lift whose name is markup, until the test is over."""
    code = service.sql(A_LIFT)
    name = service.sql("SELECT name FROM device WHERE code = %s", code)
    service.execute("UPDATE device SET name = %s WHERE code = %s", MARKUP, code)
    yield code
    service.execute("UPDATE device SET name = %s WHERE code = %s", name, code)


def test_an_alarm_of_a_lift_is_handled_to_the_end_and_all_counts_agree(mapless, service, lift):
    (alarm,) = say(service, [lift], "elevator_trapped", note=MARKUP)
    (other,) = say(service, [lift], "elevator_fault")
    mapless.open(wait=False)
    agreed(mapless, service, 2)
    row(mapless, alarm).locator(".alarm-go").focus()
    mapless.page.keyboard.press("Enter")
    expect(mapless.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    expect(mapless.test_id("advice")).to_contain_text("不要强行扒门")
    # What a device or a gateway says is text.
    expect(mapless.test_id("dossier-note")).to_have_text(MARKUP)
    expect(mapless.test_id("dossier-device")).to_contain_text(MARKUP)
    assert mapless.page.title() != "taken"
    assert mapless.page.locator(".dossier :is(img, script)").count() == 0
    for near in ("cameras", "hydrants", "keepers"):
        expect(mapless.page.locator(f'[data-near="{near}"]').first).to_contain_text(re.compile("米|公里"))
    mapless.test_id("step-acknowledge").click()
    state(mapless, "active_ack")
    mapless.test_id("step-clear").click()
    mapless.test_id("step-note").fill("现场已核实")
    mapless.page.keyboard.press("Enter")
    state(mapless, "cleared_ack")
    agreed(mapless, service, 2)
    # Changes come without it.
    expect(mapless.test_id("dossier-note")).to_have_text(MARKUP)
    mapless.test_id("step-close").click()
    state(mapless, "closed")
    expect(row(mapless, alarm)).to_have_count(0)
    agreed(mapless, service, 1)
    told = mapless.test_id("timeline").locator("li")
    expect(told).to_have_count(4)
    assert [one.get_attribute("data-step") for one in told.all()] == ["closed", "cleared", "acknowledged", "raised"]
    expect(told.nth(1)).to_contain_text("现场已核实")
    expect(mapless.test_id("next-alarm")).to_have_attribute("data-next-id", str(other))
    mapless.test_id("next-alarm").click()
    expect(mapless.test_id("alarm-dossier")).to_have_attribute("data-id", str(other))
    mapless.test_id("tab-building").click()
    expect(mapless.test_id("building-card")).to_be_visible()
    mapless.page.keyboard.press("Escape")
    expect(mapless.page.locator(".card-place article")).to_have_count(0)


def test_a_gas_flood_is_handled_by_its_group_down_to_nothing(sandbox, service):
    devices = service.sql(OF_ONE_BUILDING)
    marks = sandbox.page.locator("#alarm-marks > *")
    sandbox.open(wait=False)
    agreed(sandbox, service, 0)
    expect(sandbox.test_id("flood")).to_have_count(0)
    calls = []
    sandbox.page.on("request", lambda request: request.method == "POST" and calls.append(request.url))
    first = say(service, devices, "gas", "smoke")[0]
    expect(sandbox.test_id("flood")).to_contain_text("14")
    agreed(sandbox, service, 14)
    # One mark for all of the building from afar.
    expect(marks).to_have_count(1, timeout=30_000)
    expect(marks.locator(".alarm-mark-count")).to_have_text("14")
    group = sandbox.page.locator(f'[data-group-id="{first}"]')
    expect(group.get_by_test_id("group-count")).to_contain_text("14")
    sandbox.test_id("group-open").click()
    expect(group.locator(".alarm-row")).to_have_count(14)
    expect(row(sandbox, first).get_by_test_id("first-out")).to_have_text("首出")
    expect(sandbox.test_id("first-out")).to_have_count(1)
    sandbox.test_id("group-acknowledge").click()
    expect(sandbox.test_id("group-acknowledge")).to_have_count(0)
    expect(group.locator('.alarm-row[data-state="active_ack"]')).to_have_count(14)
    assert service.sql("SELECT count(*) FROM alarm WHERE acknowledged_at IS NULL") == 0
    say(service, devices, "gas", "smoke", cleared=True)
    sandbox.test_id("group-close").click()
    agreed(sandbox, service, 0)
    expect(marks).to_have_count(0)
    # While the pointer is on it, what is gone keeps its place.
    expect(group).to_have_attribute("data-gone", "")
    sandbox.page.mouse.move(0, 0)
    expect(group).to_have_count(0)
    assert [url.split("/api/alarms/")[1] for url in calls] == [f"groups/{first}/acknowledge", "steps"]


def test_the_second_of_two_operators_is_told_who_was_quicker(mapless, sandbox_with, service, lift):
    (alarm,) = say(service, [lift], "elevator_trapped")
    second = sandbox_with(webgl=False)
    second.allowed_errors = True  # the browser logs every 409
    held = []
    second.page.route("**/acknowledge", lambda route: held.append(route))
    for each in (mapless, second):
        each.open(wait=False)
        row(each, alarm).locator(".alarm-go").click()
        expect(each.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    second.test_id("step-acknowledge").click()
    expect(second.test_id("step-acknowledge")).to_be_disabled()
    state(second, "active_unack")
    mapless.test_id("step-acknowledge").click()
    state(mapless, "active_ack")
    held[0].continue_()
    expect(second.test_id("refusal")).to_contain_text(re.compile(r"没有确认.demo 已于 \d\d:\d\d:\d\d 确认这条告警"))
    state(second, "active_ack")
    assert service.sql("SELECT count(*) FROM alarm_step WHERE step = 'acknowledged' AND alarm_id = %s", alarm) == 1


def test_an_alarm_is_put_aside_with_a_reason_and_taken_back(mapless, service, lift):
    (alarm,) = say(service, [lift], "elevator_fault")
    mapless.open(wait=False)
    row(mapless, alarm).locator(".alarm-go").click()
    mapless.test_id("step-assign").click()
    expect(row(mapless, alarm).get_by_test_id("assignee")).to_contain_text("由我处置")
    mapless.test_id("step-shelve").click()
    expect(mapless.test_id("step-note")).to_be_focused()
    mapless.page.keyboard.press("Enter")
    expect(mapless.test_id("step-form")).to_contain_text("请写明搁置原因")
    mapless.page.get_by_text("1 小时").click()
    mapless.test_id("step-note").fill("维保在途")
    mapless.test_id("step-submit").click()
    mapless.test_id("shelved").locator("summary").click()
    expect(row(mapless, alarm).get_by_test_id("shelved-until")).to_contain_text("返回")
    until = service.sql("SELECT shelved_until FROM alarm WHERE id = %s", alarm)
    assert abs(until - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    agreed(mapless, service, 1)
    mapless.test_id("step-unshelve").click()
    expect(mapless.test_id("shelved")).to_have_count(0)
    assert service.sql("SELECT assignee FROM alarm WHERE id = %s", alarm) == "demo"


def test_a_link_opens_the_dossier_that_was_open(mapless, service, lift):
    (alarm,) = say(service, [lift], "elevator_trapped")
    mapless.open(wait=False)
    row(mapless, alarm).locator(".alarm-go").click()
    mapless.page.wait_for_url(f"**alarm={alarm}**")
    link = mapless.page.url
    mapless.page.keyboard.press("Escape")
    mapless.page.wait_for_url(lambda url: "alarm=" not in url)
    mapless.page.goto(link)
    expect(mapless.test_id("alarm-dossier")).to_have_attribute("data-id", str(alarm))
    expect(mapless.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    expect(mapless.test_id("tab-building")).to_be_visible()


def test_the_list_stands_still_under_a_pointer_and_says_what_is_new(mapless, service):
    devices = service.sql("SELECT array_agg(code) FROM (SELECT code FROM device ORDER BY id LIMIT 6) AS few")
    first, second = say(service, devices[:2], "camera_offline")
    mapless.open(wait=False)
    rows = mapless.page.locator(".alarm-row")

    def ids():
        return rows.evaluate_all("rows => rows.map(each => Number(each.dataset.rowId))")

    expect(rows).to_have_count(2)
    row(mapless, first).hover()
    place = row(mapless, first).bounding_box()
    (third,) = say(service, devices[2:3], "gas")
    expect(mapless.test_id("arrivals")).to_contain_text("1 条新")
    expect(mapless.test_id("arrivals")).to_contain_text("燃气泄漏")  # critical: what, and where
    expect(mapless.test_id("announced")).to_contain_text("燃气泄漏")
    for step in ("acknowledge", "clear", "close"):
        service.ask(f"/api/alarms/{second}/{step}", {})
    expect(row(mapless, second)).to_have_attribute("data-gone", "")
    assert ids() == [second, first]
    assert row(mapless, first).bounding_box() == place
    mapless.test_id("arrivals").click()  # the operator asks
    expect(row(mapless, second)).to_have_count(0)
    assert ids() == [third, first]
    (fourth,) = say(service, devices[3:4], "smoke")
    expect(mapless.test_id("arrivals")).to_be_visible()
    mapless.page.mouse.move(1000, 700)  # the operator leaves
    expect(row(mapless, fourth)).to_be_visible()
    assert ids() == [fourth, third, first]
    mapless.page.keyboard.press("Tab")
    row(mapless, first).locator(".alarm-go").focus()
    say(service, devices[4:5], "smoke")
    expect(mapless.test_id("arrivals")).to_be_visible()
    assert ids() == [fourth, third, first]
