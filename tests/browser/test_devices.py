"""Devices and facilities on the map, in their panel and on their cards."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# The marks on the map, with what they stand for.
GROUPS = "(window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['device-marks']})[0]?.props.data ?? [])"

# What is marked: its state by what it is and its code; and where the mark stands that holds a code.
MARKED = f"() => Object.fromEntries({GROUPS}.flatMap(({{ members }}) => " \
    "members.map(({ what, code, state }) => [`${what} ${code}`, state])))"
MARK_OF = "code => { const { lon, lat, z, members } = " + GROUPS + """
    .find(({ members }) => members.some(one => one.code === code));
    return { at: window.shapan.project([lon, lat, z]), members: members.length } }"""

# A lone gas detector that was never heard of, and where it is.
DETECTOR = """
SELECT ARRAY[device.code, ST_X(geom)::text, ST_Y(geom)::text]
FROM device JOIN device_state ON device_id = device.id
WHERE device.kind = 'gas' AND freshness = 'unknown' ORDER BY device.id LIMIT 1
"""


def marked(sandbox, wanted):
    """Wait until the marks are as they should be, and return them."""
    for _ in range(100):
        found = sandbox.page.evaluate(MARKED)
        if wanted(found):
            return found
        sandbox.page.wait_for_timeout(100)
    raise AssertionError(f"{len(found)} marks: {list(found.items())[:5]}")


def of(marks, what):
    return {name.split(" ", 1)[1]: state for name, state in marks.items() if name.startswith(what)}


def test_devices_are_seen_with_how_they_are_and_follow_the_stream_without_a_tile(sandbox, service):
    code, lon, lat = service.sql(DETECTOR)
    tiles = []
    sandbox.page.on("request", lambda request: tiles.append(request.url) if "/tiles/devices" in request.url else None)
    sandbox.open("?devices=all&facilities=all")
    middle = {"center": [float(lon), float(lat)], "bearing": 0}
    sandbox.jump(**middle, zoom=15.05, pitch=0)
    sandbox.wait_ready()
    devices, facilities = service.sql("SELECT ARRAY[(SELECT count(*) FROM device), (SELECT count(*) FROM facility)]")
    marks = marked(sandbox, lambda found: len(of(found, "device")) == devices
                   and len(of(found, "facility")) == facilities)
    assert of(marks, "facility") == dict(service.sql("SELECT array_agg(ARRAY[code, state]) FROM facility"))
    assert of(marks, "device") == dict(service.sql(
        "SELECT array_agg(ARRAY[code, freshness]) FROM device JOIN device_state ON device_id = id"))

    sandbox.test_id("fold-devices").click()
    bar = sandbox.test_id("kinds-gas").locator(".share-bar")
    counted = {kind["kind"]: kind for kind in service.ask("/api/devices/freshness")["kinds"]}["gas"]
    words = "正常 {fresh}，迟到 {late}，失联 {lost}，无读数 {unknown}"
    expect(bar).to_have_attribute("aria-label", words.format(**counted))
    asked = len(tiles)
    service.ask("/api/devices/readings", {"readings": [
        {"source": "gw", "device": code, "at": datetime.now(UTC).isoformat(), "values": {"gas": 1.5}}]})
    marked(sandbox, lambda found: of(found, "device").get(code) == "fresh")
    expect(bar).to_have_attribute("aria-label", words.format(
        **{**counted, "fresh": counted["fresh"] + 1, "unknown": counted["unknown"] - 1}))
    assert len(tiles) == asked

    sandbox.test_id("filter-silent").click()
    broken = service.sql("SELECT array_agg(code ORDER BY code) FROM facility WHERE state <> 'normal'")
    marked(sandbox, lambda found: sorted(of(found, "facility")) == broken
           and set(of(found, "device").values()) <= {"late", "lost"})
    sandbox.test_id("filter-all").click()
    sandbox.test_id("kinds-gas").locator("input").click()
    marked(sandbox, lambda found: code not in (shown := of(found, "device"))
           and len(shown) == devices - counted["total"])
    sandbox.test_id("kinds-gas").locator("input").click()
    expect(sandbox.page).to_have_url(re.compile("devices=all&facilities=all"))

    # A mark of several lists them; one of them opens its card.
    marked(sandbox, lambda found: code in of(found, "device"))
    mark = sandbox.page.evaluate(MARK_OF, code)
    assert mark["members"] > 1
    sandbox.page.mouse.click(*mark["at"])
    expect(sandbox.test_id("member")).to_have_count(min(100, mark["members"]))
    sandbox.page.locator(f'[data-testid="member"][data-code="{code}"]').click()
    card = sandbox.test_id("device-card")
    expect(sandbox.test_id("device-code")).to_have_text(code)
    expect(sandbox.test_id("device-freshness")).to_have_attribute("data-state", "fresh")
    expect(sandbox.test_id("device-interval")).to_contain_text("1 天")
    expect(card.locator('[data-quantity="gas"]')).to_contain_text("1.5 %LEL")
    expect(card.locator('[data-quantity="gas"] .curve .line')).to_have_count(1)
    expect(sandbox.page).to_have_url(re.compile(f"[?&]device={code}&"))
    sandbox.jump(**middle, zoom=13.5)
    expect(sandbox.test_id("devices-far")).to_contain_text("15 级")
    marked(sandbox, lambda found: found == {})

    # From the dossier to the nearest camera and back; the card says when its device goes.
    service.raise_alarm(code, type_="gas")
    sandbox.page.locator(".alarm-go").first.click()
    sandbox.test_id("near-camera").first.click()
    expect(card).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("tab-device")).to_have_attribute("aria-pressed", "true")
    camera = sandbox.test_id("device-code").inner_text()
    assert re.fullmatch(r"CAM\d+", camera)
    service.execute("UPDATE device SET code = 'gone' WHERE code = %s", camera)
    try:
        expect(card).to_have_attribute("data-status", "missing")
    finally:
        service.execute("UPDATE device SET code = %s WHERE code = 'gone'", camera)
    sandbox.test_id("device-close").click()
    expect(sandbox.test_id("alarm-dossier")).to_be_visible()
    sandbox.allowed_errors = True
    sandbox.errors = [line for line in sandbox.errors if "404" not in line]
