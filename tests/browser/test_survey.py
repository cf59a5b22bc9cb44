"""A keeper on the street: an hour without a network, fifty forms, two of them against the record; none is lost."""

import json
import struct
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Service

pytestmark = pytest.mark.browser

FORMS = 50

# Of the building with most rooms in a keeper's grid: keeper, grid, building, and its rooms in the order of the page.
SCENE = """
SELECT json_build_object('keeper', kept.code, 'grid', most.grid_code, 'building', most.building_id, 'rooms', rooms)
FROM (SELECT building_id, grid_code FROM room GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1) AS most
CROSS JOIN LATERAL (SELECT code FROM keeper WHERE grid_code = most.grid_code ORDER BY code LIMIT 1) AS kept
CROSS JOIN LATERAL (SELECT json_agg(json_build_array(id, number, tenure, area_m2)) AS rooms FROM (
    SELECT room.id, room.number, room.tenure, room.area_m2 FROM room JOIN unit ON unit.id = room.unit_id
    WHERE room.building_id = most.building_id AND unit.number = (
        SELECT min(number) FROM unit WHERE unit.building_id = most.building_id)
    ORDER BY room.id LIMIT 50) AS listed) AS every
"""
ENTERED = """
SELECT count(*)::int FROM room
WHERE grid_code = %s AND use <> '' AND tenure NOT IN ('', 'unknown') AND area_m2 IS NOT NULL
"""

# Fills in and saves one form after the other, as a thumb does it, and waits for the page each time.
FILL = """async rooms => {
    const found = async selector => {
        for (let tries = 0; tries < 600; tries += 1) {
            const element = document.querySelector(selector);
            if (element) return element;
            await new Promise(requestAnimationFrame);
        }
        throw new Error(`no ${selector}`);
    };
    for (const { number, area } of rooms) {
        (await found(`.tile[data-room="${number}"]`)).click();
        (await found('[data-field="tenure"][data-value="rented"]')).click();
        const input = await found('input[data-field="area_m2"]');
        input.value = String(area);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await found('[data-testid="form"][data-lacks="0"]');
        (await found('[data-testid="save"]')).click();
        await found(`.tile[data-room="${number}"]:is([data-state="waiting"], [data-state="done"])`);
    }
}"""

SMALL = """() => [...document.querySelectorAll('button, input:not(.unseen), .add-photo, .choice')]
    .filter(each => each.checkVisibility()).filter(each => each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML)"""


# Notes when the wall shows another rate of housing, by the clock of this computer; returns the one that it shows now.
WATCH_RATE = """() => {
    const rate = () => document.querySelector('[data-testid="rate-housing"]')?.dataset.value ?? null;
    window.told = [[Date.now(), rate()]];
    new MutationObserver(() => {
        if (rate() !== null && rate() !== window.told.at(-1)[1]) window.told.push([Date.now(), rate()]);
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-value'] });
    return rate();
}"""


class Stream(threading.Thread):
    """What the live stream tells of one grid: when it came, and how many rooms are entered there."""

    def __init__(self, url: str, grid: str) -> None:
        super().__init__(daemon=True)
        self.answer, self.grid = urllib.request.urlopen(f"{url}/api/live", timeout=120), grid
        self.told: list[tuple[float, int]] = []

    def run(self) -> None:
        event = None
        try:
            for line in self.answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "kpi" and (kpi := json.loads(value))["code"] == self.grid:
                    self.told.append((time.time(), kpi["entered"]["housing"]))
        except (OSError, ValueError, AttributeError):
            pass  # closed at the end of the test


def giant(path: Path) -> Path:
    """Write a picture of 40 MB: a bitmap of 3,700 by 3,700 pixels."""
    side = 3700
    size = side * side * 3
    head = struct.pack("<2sIHHI", b"BM", 54 + size, 0, 0, 54)
    head += struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, size, 2835, 2835, 0, 0)
    path.write_bytes(head + bytes(range(256)) * (size // 256) + bytes(size % 256))
    return path


def open_rooms(service: Service, scene: dict, rooms: list[list]) -> None:
    """Take the answers out of rooms of the scene, so that they are to survey."""
    for key, *_ in rooms:
        service.execute("UPDATE room SET area_m2 = NULL, tenure = 'unknown' WHERE id = %s", key)
    # Told to nobody: counted again after the last form only, the grid could have as many entered rooms as the roll-up
    # had before, and no change to tell.
    service.execute("UPDATE rollup SET entered_housing = %s WHERE grid_code = %s",
                    service.sql(ENTERED, scene["grid"]), scene["grid"])


def housing(service: Service) -> dict:
    """Return the entry rate of housing as the service tells it."""
    return next(one for one in service.ask("/api/kpi")["entry_rate"] if one["kind"] == "housing")


@pytest.fixture
def scene(service) -> Iterator[dict]:
    found = service.sql(SCENE)
    assert len(found["rooms"]) == FORMS
    open_rooms(service, found, found["rooms"])
    yield found
    service.execute("TRUNCATE survey_edit, survey_photo, survey_given")
    back = "UPDATE room SET tenure = %s, area_m2 = %s, surveyed_at = NULL WHERE id = %s"
    for key, _, tenure, area in found["rooms"]:
        service.execute(back, tenure, area, key)


def test_fifty_forms_filled_in_without_a_network_all_arrive_and_what_stands_against_them_is_shown(
        sandbox_with, service, scene, tmp_path):
    sandbox = sandbox_with(webgl=False, viewport={"width": 390, "height": 844}, device_scale_factor=1, has_touch=True,
                           geolocation={"latitude": 31.8686, "longitude": 117.268, "accuracy": 9},
                           permissions=["geolocation"])
    sandbox.allowed_errors = True  # of a network that is not there
    page = sandbox.page
    before = service.sql(ENTERED, scene["grid"])
    link = service.ask("/api/access-links", {"kind": "keeper", "keeper": scene["keeper"]})
    page.goto(f"{service.url}/survey#{link['token']}")
    expect(sandbox.test_id("today")).to_be_visible()
    assert "#" not in page.url
    page.locator('html[data-worker="registered"]').wait_for(state="attached")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")

    # Opened again without a network the page is here, with its list.
    page.context.set_offline(True)
    page.goto(f"{service.url}/survey")
    expect(sandbox.test_id("link")).to_have_attribute("data-link", "offline")
    page.locator(f'[data-building="{scene["building"]}"]').click()
    expect(sandbox.test_id("rooms").first).to_be_visible()
    for _, number, *_ in scene["rooms"]:
        assert page.locator(f'.tile[data-room="{number}"][data-state="due"]').count() == 1
    assert page.evaluate(SMALL) == []
    rooms = [{"number": number, "area": 60 + n} for n, (_, number, *_) in enumerate(scene["rooms"])]
    page.locator(f'.tile[data-room="{rooms[0]["number"]}"]').click()
    assert page.evaluate(SMALL) == []
    sandbox.test_id("photo").set_input_files(giant(tmp_path / "room.bmp"))
    expect(page.locator(".photos img")).to_be_visible()
    page.locator('[data-field="tenure"][data-value="rented"]').click()
    area = page.locator('input[data-field="area_m2"]')
    area.fill("-1")
    sandbox.test_id("save").click()
    expect(page.locator(".fault")).to_be_visible()
    expect(area).to_be_focused()
    expect(area).to_have_attribute("aria-invalid", "true")
    assert page.locator(".fault").get_attribute("id") == area.get_attribute("aria-describedby")
    area.fill("60")
    sandbox.test_id("save").click()
    expect(page.locator(f'.tile[data-room="{rooms[0]["number"]}"]')).to_have_attribute("data-state", "waiting")

    # Half-filled, by keys, and loaded anew: where it was, with what was filled in.
    page.locator(f'.tile[data-room="{rooms[1]["number"]}"]').click()
    page.locator('[data-field="tenure"] input').first.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.locator('[data-field="tenure"]:has(:checked)').get_attribute("data-value")
    sandbox.test_id("photo").set_input_files({"name": "door.png", "mimeType": "image/png", "buffer": page.screenshot()})
    expect(page.locator(".photos img")).to_be_visible()
    page.reload()
    expect(sandbox.test_id("offer")).to_be_visible()
    assert page.evaluate(SMALL) == []
    sandbox.test_id("resume").click()
    expect(page.locator(f'[data-field="tenure"][data-value="{chosen}"] input')).to_be_checked()
    expect(page.locator(".photos img")).to_be_visible()
    page.locator(".drop").click()
    sandbox.test_id("back").click()
    expect(page.locator("[data-begun]")).to_have_count(1)
    page.locator("[data-begun]").click()
    sandbox.test_id("discard").click()
    expect(sandbox.test_id("save")).to_be_visible()
    sandbox.test_id("back").click()
    expect(page.locator("[data-begun]")).to_have_count(0)
    last = page.locator(f'.tile[data-room="{rooms[-1]["number"]}"]')
    last.click()
    expect(sandbox.test_id("save")).to_be_visible()
    sandbox.test_id("back").click()
    expect(last).to_be_in_viewport()
    page.evaluate(FILL, rooms[1:])
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", str(FORMS + 1))
    page.reload()
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", str(FORMS + 1))
    sandbox.test_id("back").click()
    assert service.sql("SELECT count(*) FROM survey_edit") == 0

    # Meanwhile somebody else has been at two of the rooms.
    (mine, mine_number, *_), (theirs, theirs_number, *_) = scene["rooms"][10], scene["rooms"][20]
    for key in (mine, theirs):
        service.execute("UPDATE room SET tenure = 'vacant' WHERE id = %s", key)
    stream = Stream(service.url, scene["grid"])
    stream.start()
    page.context.set_offline(False)
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", "0")
    expect(sandbox.test_id("to-conflicts")).to_have_attribute("data-count", "2")
    counted = "(SELECT outcome, count(*) AS n FROM survey_edit GROUP BY 1) AS counted"
    assert service.sql(f"SELECT json_object_agg(outcome, n) FROM {counted}") == {"applied": FORMS - 2, "conflict": 2}
    assert service.sql("SELECT count(*)::int FROM survey_edit WHERE accuracy_m = 9") > 0
    assert service.sql("SELECT array[width, height, count(*) OVER ()] FROM survey_photo") == [1600, 1600, 1]

    # The entry rate is that of SQL, and was on the stream within a second of the commit.
    entered = service.sql(ENTERED, scene["grid"])
    assert entered == before + FORMS - 2
    arrived = service.sql("SELECT extract(epoch FROM max(received_at))::float8 FROM survey_edit")
    deadline = time.time() + 10
    while (not stream.told or stream.told[-1][1] != entered) and time.time() < deadline:
        time.sleep(0.05)
    first = next((at for at, number in stream.told if number == entered), None)
    assert first is not None, (entered, stream.told)
    assert first - arrived < 1.0, stream.told
    assert service.sql("SELECT entered_housing FROM rollup WHERE grid_code = %s", scene["grid"]) == entered

    # Theirs and mine, field by field; one is sent again, of the other the record stands.
    sandbox.test_id("to-conflicts").click()
    cards = sandbox.test_id("conflict")
    expect(cards).to_have_count(2)
    assert page.evaluate(SMALL) == []
    card = page.locator(f'[data-testid="conflict"][data-room="{mine_number}"]')
    expect(card.locator('[data-field="tenure"]')).to_contain_text("空置")
    expect(card.locator('[data-field="tenure"]')).to_contain_text("出租")
    card.get_by_test_id("send-mine").click()
    expect(cards).to_have_count(1)
    page.locator(f'[data-testid="conflict"][data-room="{theirs_number}"]').get_by_test_id("take-theirs").click()
    expect(cards).to_have_count(0)
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", "0")
    tenures = "SELECT array_agg(tenure ORDER BY id = %s DESC)::text FROM room WHERE id IN (%s, %s)"
    assert service.sql(tenures, mine, mine, theirs) == "{rented,vacant}"
    assert service.sql("SELECT count(*) FROM survey_edit WHERE outcome = 'conflict' AND settled_at IS NULL") == 0
    assert service.sql("SELECT count(*) FROM survey_edit") == FORMS + 2

    # A link that is over takes the list from the device and keeps what was not sent; the next one sends it.
    page.context.set_offline(True)
    page.reload()
    sandbox.test_id("back").click()
    page.locator(f'[data-building="{scene["building"]}"]').click()
    page.evaluate(FILL, [{**rooms[0], "area": 61}])
    page.locator(f'.tile[data-room="{rooms[1]["number"]}"]').click()
    sandbox.test_id("photo").set_input_files(
        {"name": "door.png", "mimeType": "image/png", "buffer": page.screenshot()})
    expect(page.locator(".photos img")).to_be_visible()
    sandbox.test_id("save").click()
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", "3")
    service.ask(f"/api/access-links/{link['id']}/revoke", {})
    page.context.set_offline(False)
    expect(sandbox.test_id("closed")).to_contain_text("2 份未发送的采集仍保存在本机")
    expect(sandbox.test_id("empty")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{service.url}/survey#{link['token']}")
    expect(sandbox.test_id("closed")).to_contain_text("这个链接已被管理员收回")
    expect(page.locator("[data-building]")).to_have_count(0)
    page.route("**/api/survey/photos/**", lambda route: route.fulfill(status=413, json={"title": "too large"}))
    link = service.ask("/api/access-links", {"kind": "keeper", "keeper": scene["keeper"]})
    page.goto("about:blank")
    page.goto(f"{service.url}/survey#{link['token']}")
    page.locator('html[data-survey="ready"]').wait_for(state="attached")
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", "0")
    assert service.sql("SELECT area_m2 FROM room WHERE id = %s", scene["rooms"][0][0]) == 61

    # A photograph that the server does not take is seen before it goes.
    sandbox.test_id("to-conflicts").click()
    refused = sandbox.test_id("refused-photo")
    expect(refused.locator("img")).to_be_visible()
    expect(refused).to_contain_text("照片太大")
    assert page.evaluate(SMALL) == []
    sandbox.test_id("dismiss-photo").click()
    expect(refused).to_have_count(0)
    stream.answer.close()

    # A wall beside it has the rate of ten rooms within a second after the server received the last of their forms.
    page.unroute("**/api/survey/photos/**")
    open_rooms(service, scene, ten := scene["rooms"][30:40])
    lacking = service.sql(ENTERED, scene["grid"])
    wall = sandbox_with(webgl=False)
    wall.allowed_errors = True  # of a map that is not there
    wall.page.goto(f"{service.url}/wall")
    rate = wall.test_id("rate-housing")
    expect(rate).to_have_attribute("data-value", str(housing(service)["rate"]))
    was = wall.page.evaluate(WATCH_RATE)
    sandbox.test_id("send").click()
    page.go_back()
    page.locator(f'[data-building="{scene["building"]}"]').click()
    expect(page.locator(f'.tile[data-room="{ten[-1][1]}"]')).to_have_attribute("data-state", "due")
    page.evaluate(FILL, [{"number": number, "area": 70 + n} for n, (_, number, *_) in enumerate(ten)])
    expect(sandbox.test_id("send")).to_have_attribute("data-waiting", "0")
    arrived = service.sql("SELECT extract(epoch FROM max(received_at))::float8 FROM survey_edit")
    assert service.sql(ENTERED, scene["grid"]) == lacking + len(ten)
    expect(rate).to_have_attribute("data-value", str(housing(service)["rate"]))
    shown = wall.page.evaluate("window.told")
    assert shown[-1][1] != was
    assert shown[-1][0] / 1000 - arrived < 1.0, (arrived, shown)
