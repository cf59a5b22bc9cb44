"""The wall: what it says by itself, what takes its picture, that nothing of it is cut, how its tours are written."""

import dataclasses
import itertools
import math
import time

import pytest
from playwright.sync_api import expect

from tests.fixtures.pictures import read_png
from tests.fixtures.proxy import BAD_GATEWAY, PASS, SILENT, Proxy
from tests.fixtures.waiting import until

pytestmark = pytest.mark.browser

WINDOWS = [(1920, 1080), (3840, 2160), (7680, 2160), (3840, 1080), (1366, 768), (1024, 768)]

# What of the wall's text is cut, lies outside of the window or of its own column, or under its neighbour.
CUT = """() => {
    const faults = [], inside = (one, other) => one.left >= other.left - 1 && one.right <= other.right + 1
        && one.top >= other.top - 1 && one.bottom <= other.bottom + 1;
    const all = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    const parts = [...document.querySelectorAll('.wall-brand, .wall-clock, .wall-state > *')]
        .map(one => one.getBoundingClientRect());
    for (const [at, one] of parts.entries()) for (const other of parts.slice(at + 1))
        if (one.right > other.left + 1) faults.push(['the head', one.right, other.left]);
    for (const side of document.querySelectorAll('[data-slot=head], .wall-left, .wall-right')) {
        const frame = side.getBoundingClientRect();
        if (frame.width === 0) continue;
        if (!inside(frame, all)) faults.push([side.className, 'is not on the screen']);
        for (const text of side.querySelectorAll('dt, dd, h2, h3, b, time, li > span')) {
            const box = text.getBoundingClientRect();
            if (box.width === 0 || text.closest('.wall-list, .wall-brand') || text.closest('.wall-level li')) continue;
            if (!inside(box, frame)) faults.push([text.textContent.trim(), 'is outside of its column']);
            const cut = text.scrollWidth > text.clientWidth + 1 && text.clientWidth > 0;
            if (cut) faults.push([text.textContent.trim(), 'is cut']);
        }
        const blocks = [...side.querySelectorAll('.wall-block')].map(block => [block, block.getBoundingClientRect()]);
        for (const [block, box] of blocks) {
            const said = block.textContent.trim().slice(0, 20);
            if (block.scrollHeight > block.clientHeight + 2) faults.push([said, 'is higher than its block']);
            for (const [other, its] of blocks) {
                const apart = box.right <= its.left + 1 || its.right <= box.left + 1
                    || box.bottom <= its.top + 1 || its.bottom <= box.top + 1;
                if (block !== other && box.width && its.width && !apart) faults.push([said, 'lies on another']);
            }
        }
    }
    return faults;
}"""

# Take the map's graphics away, and give them back.
LOSE = """() => {
    const graphics = window.shapan.map.getCanvas().getContext('webgl2').getExtension('WEBGL_lose_context');
    document.documentElement.dataset.first = '';
    graphics.loseContext();
    setTimeout(() => graphics.restoreContext(), 500);
}"""


@pytest.fixture
def play(service):
    """A function that gives a page's browser a role of the demo account."""
    def one(sandbox, role):
        sandbox.page.context.add_cookies([{"name": "shapan_role", "value": role, "url": service.url}])

    return one


@pytest.fixture
def outdated(service):
    """Have the declared totals of places be half of what is on record of homes, and none of firms."""
    before = service.sql("SELECT jsonb_object_agg(id, value) FROM expected WHERE building_id IS NULL")
    for kind, value in (("housing", "value / 2"), ("legal_entities", "0")):
        service.execute(f"UPDATE expected SET value = {value} WHERE building_id IS NULL AND kind = %s", kind)
    yield
    for each, value in before.items():
        service.execute("UPDATE expected SET value = %s WHERE id = %s", value, int(each))


def test_a_wall_tells_what_is_there_and_shows_a_critical_alarm_before_it_goes_on(sandbox, service, play):
    play(sandbox, "wall")
    sandbox.open("wall?takeover=6")
    page = sandbox.page
    buildings = service.sql("SELECT count(*) FROM building")
    expect(sandbox.test_id("figure-buildings")).to_have_attribute("data-value", str(buildings))
    for known in service.ask("/api/kpi")["entry_rate"]:
        # As the data page says it: cut, not rounded; where nobody has declared a total it is unknown, and not 0.
        words = "未知" if known["rate"] is None else f"{math.floor(known['rate'] * 100)}%"
        expect(sandbox.test_id(f"rate-{known['kind']}")).to_contain_text(words)
    expect(sandbox.test_id("age")).to_have_attribute("data-state", "live")
    expect(sandbox.test_id("stop")).to_contain_text("1")
    expect(sandbox.test_id("worst-path")).to_have_attribute("data-severity", "none")
    expect(page.locator("html")).to_have_attribute("data-low", "")  # the processor draws here: found out by itself
    far = page.evaluate("window.shapan.map.getZoom()")

    device = service.sql("SELECT code FROM device WHERE room_id IS NOT NULL ORDER BY id LIMIT 1")
    building = service.sql(
        "SELECT building.name FROM device JOIN building ON building.id = building_id WHERE device.code = %s", device)
    service.raise_alarm(device, "water_leak", "major")
    expect(sandbox.test_id("alarms-major")).to_have_attribute("data-value", "1")
    expect(sandbox.test_id("takeover")).to_have_count(0)
    alarm = service.raise_alarm(device)
    card = sandbox.test_id("takeover")
    for words in ("烟感报警", "紧急", building, "未确认"):
        expect(card).to_contain_text(words)
    expect(sandbox.test_id("worst-path")).to_have_attribute("data-severity", "critical")
    expect(sandbox.test_id("stop")).to_have_count(0)
    page.wait_for_timeout(500)
    assert page.evaluate("window.shapan.map.getZoom()") > far
    # Nothing lies over the card, as the map once did: its upper edge has the colour of its severity.
    box = card.bounding_box()
    red, green, blue = read_png(page.screenshot(clip={
        "x": box["x"] + 20, "y": box["y"] + 2, "width": box["width"] - 40, "height": 2})).mean(axis=(0, 1))
    assert red > 200 > 130 > max(green, blue)
    room = service.sql("SELECT room.number FROM device JOIN room ON room.id = room_id WHERE device.code = %s", device)
    assert f"{room}室" not in page.locator("body").inner_text()
    service.ask(f"/api/alarms/{alarm}/acknowledge", {})
    expect(card).to_contain_text("已有人确认")
    expect(card).to_have_count(0)
    expect(sandbox.test_id("stop")).to_be_visible()
    expect(page.locator(f"[data-alarm-id='{alarm}'][data-waiting]")).to_have_count(0)

    sandbox.wait_ready()
    page.wait_for_timeout(1000)
    frames = page.evaluate("""async () => {
        let drawn = 0;
        window.shapan.wall.tours.wait();
        clearInterval(window.shapan.wall.timer);
        window.shapan.map.on('render', () => { drawn += 1; });
        await new Promise(resolve => setTimeout(resolve, 2500));
        return drawn;
    }""")
    assert frames == 0, "a picture in which nothing moves is not drawn again"

    # An alarm that takes the picture before there is a map is gone to as soon as there is one.
    sandbox.open("wall?takeover=60", wait=False)
    expect(sandbox.test_id("age")).to_have_attribute("data-state", "live")
    alarm = service.raise_alarm(device, "gas")
    expect(card).to_be_visible()
    sandbox.wait_ready()
    near = lambda: page.evaluate("window.shapan.map.getZoom()") > far  # noqa: E731
    until(near, 5)

    # Graphics that are lost come back to MapLibre without the city's buildings: the page says so, and begins anew as
    # soon as one picture has ended, whatever else waits.
    page.evaluate(LOSE)
    lost = sandbox.test_id("notice").filter(has_text="图形设备已重置")
    expect(lost).to_contain_text("地图暂不完整")
    page.wait_for_timeout(4500)
    first = page.locator("html[data-first]")
    expect(first).to_have_count(1)  # the picture of an alarm is not cut short
    expect(lost).to_be_visible()
    last = service.raise_alarm(device, "intrusion")
    service.ask(f"/api/alarms/{alarm}/acknowledge", {})
    expect(first).to_have_count(0)
    sandbox.wait_ready()
    expect(lost).to_have_count(0)
    expect(card).to_be_visible()
    expect(page.locator(f"[data-alarm-id='{last}'][data-waiting]")).to_have_count(1)
    until(near, 5)


def test_a_wall_says_that_its_picture_is_old_and_is_right_again_by_itself(mapless, service, play):
    mapless.allowed_errors = True  # there is no map, and the browser logs every answer that is no stream
    age, counted, card = (mapless.test_id(name) for name in ("age", "alarms-critical", "takeover"))
    devices = [one["code"] for one in service.ask("/api/devices?limit=30")["devices"]]
    with Proxy(int(service.url.rsplit(":", 1)[1]), path="/") as proxy:
        mapless.service = dataclasses.replace(service, url=proxy.url)
        play(mapless, "wall")
        mapless.open("wall?takeover=5", wait=False)
        expect(age).to_have_attribute("data-state", "live")
        expect(counted).to_have_attribute("data-value", "0")

        proxy.answer = SILENT
        began = time.monotonic()
        expect(age).to_have_attribute("data-state", "stale", timeout=10_500)
        # Eight seconds after the last heartbeat, which may have been up to five seconds old.
        assert 2.5 < time.monotonic() - began < 10
        expect(age).to_contain_text("停更")
        for device in devices[:3]:
            service.raise_alarm(device)
        until(lambda: proxy.streams == 0, 10)  # the connection that was silent is left
        proxy.answer = BAD_GATEWAY
        until(lambda: proxy.answered >= 3, 20)
        expect(age).to_have_attribute("data-state", "stale")
        expect(counted).to_have_attribute("data-value", "0")  # a proxy's page takes nothing away
        proxy.answer = PASS
        expect(age).to_have_attribute("data-state", "live", timeout=12_000)
        expect(counted).to_have_attribute("data-value", "3", timeout=2000)
        expect(mapless.test_id("notice")).to_contain_text("WebGL")  # and no word of figures that are old
        expect(card).to_contain_text("烟感报警")  # what came meanwhile is news

        service.stop()
        try:
            expect(age).to_have_attribute("data-state", "stale", timeout=3000)
        finally:
            service.start()
        service.raise_alarm(devices[3], "gas")
        expect(age).to_have_attribute("data-state", "live", timeout=15_000)
        expect(counted).to_have_attribute("data-value", "4", timeout=2000)


@pytest.mark.usefixtures("outdated")
def test_nothing_of_a_wall_is_cut_on_any_screen_and_no_text_is_too_small_for_the_back_row(mapless, service):
    devices = service.ask("/api/devices?limit=30")["devices"]
    for index, severity in enumerate(["major", "minor", "warning", "info"] * 5):
        service.raise_alarm(devices[index]["code"], "water_leak", severity)
    mapless.allowed_errors = True  # there is no map
    for language, distance in itertools.product(("zh-CN", "en"), (6, 9, 15)):
        mapless.page.goto(f"{service.url}/wall?check&lang={language}&distance={distance}")
        expect(mapless.test_id("figure-residents")).not_to_have_attribute("data-value", "")
        expect(mapless.test_id("alarms-major")).to_have_attribute("data-value", "5")
        late, above = {"zh-CN": ("应录总数过期", "超出应录"), "en": ("total out of date", "Above total")}[language]
        for kind, words in (("housing", late), ("legal_entities", above)):
            expect(mapless.test_id(f"rate-{kind}")).to_contain_text(words)
        for width, height in WINDOWS:
            mapless.page.set_viewport_size({"width": width, "height": height})
            for _ in range(20):  # it waits until a window is no longer being drawn larger
                mapless.page.wait_for_timeout(250)
                if not (faults := mapless.page.evaluate(CUT)):
                    break
            size = mapless.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
            density = mapless.page.locator("html").get_attribute("data-density")
            where = f"{language} {width} x {height}, {distance} m, {density}, {size} px"
            assert faults == [], where
            # Digits are 0.727 of their type; the smallest text is 0.9 of running text; 2.4 m are all of the height.
            metres = size * 0.9 * 0.727 / height * 2.4
            legible = metres >= 0.004654 * distance * 0.999  # tan 16 minutes
            assert legible or (distance > 9 and density == "numbers"), where
            too_small = {"zh-CN": "字太小", "en": "Too small"}[language]
            expect(mapless.test_id("check").filter(has_text=too_small)).to_have_count(0 if legible else 1)


def test_a_tour_is_written_saved_against_others_and_a_place_that_is_gone_is_passed_over(mapless, service):
    mapless.allowed_errors = True  # there is no map, and a conflict is one
    page = mapless.page
    page.goto(f"{service.url}/wall?edit=new")
    mapless.test_id("tour-name").fill("值班<b>巡演")
    mapless.test_id("tour-save").click()
    expect(mapless.test_id("tour-said")).to_contain_text("至少要有一个站点")
    for question in ("青山社区", "青山第2"):
        mapless.test_id("tour-search").fill(question)
        mapless.test_id("tour-found").get_by_role("button").first.click()
    mapless.test_id("stop-up").nth(1).click()
    mapless.test_id("tour-save").click()
    expect(mapless.test_id("tour-said")).to_have_attribute("data-kind", "good")
    tour = service.ask("/api/tours")["tours"][-1]
    assert (tour["name"], [stop["target"]["level"] for stop in tour["stops"]]) == ("值班<b>巡演", ["grid", "community"])

    service.execute("UPDATE wall_tour SET version = version + 1, name = '别人的' WHERE id = %s", tour["id"])
    mapless.test_id("tour-name").fill("我的")
    mapless.test_id("tour-save").click()
    expect(mapless.test_id("tour-said")).to_have_attribute("data-kind", "conflict")
    mapless.test_id("tour-reread").click()
    expect(mapless.test_id("tour-name")).to_have_value("别人的")

    # What was written is not dropped without a question: whoever stays sees it, and which tour it is.
    mapless.test_id("tour-name").fill("改了一半")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    mapless.test_id("tour-choose").select_option("new")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(mapless.test_id("tour-name")).to_have_value("改了一半")
    expect(mapless.test_id("tour-choose")).to_have_value(str(tour["id"]))
    page.once("dialog", lambda dialog: dialog.accept())
    mapless.test_id("tour-choose").select_option("new")
    expect(mapless.test_id("tour-name")).to_have_value("")

    gone = "UPDATE wall_tour SET stops = jsonb_set(stops, '{0,target,code}', '\"999001001002999\"') WHERE id = %s"
    service.execute(gone, tour["id"])
    page.goto(f"{service.url}/wall?tour={tour['id']}")
    expect(page.get_by_text("巡演已跳过 1 站")).to_be_visible()
    service.execute("DELETE FROM wall_tour")
    page.goto(f"{service.url}/wall?tour={tour['id']}")
    expect(page.get_by_text("所选巡演已被删除")).to_be_visible()
