"""A building taken apart: an alarm lights its room, storeys are stepped through, and nothing of it stays behind."""

import re
import warnings
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

pytestmark = pytest.mark.browser

# Code, building, room, number, storey, unit: of a device in a room, with rooms above it.
A_ROOM = """
SELECT array[device.code, device.building_id::text, room.id::text, room.number, room.floor::text, unit.number]
FROM device JOIN room ON room.id = device.room_id JOIN unit ON unit.id = room.unit_id
JOIN building ON building.id = device.building_id
WHERE room.floor BETWEEN 3 AND building.floors_above - 2 AND building.floors_above > 8
ORDER BY device.code LIMIT 1
"""

MARKUP = "<img src=x onerror=\"document.title='taken'\">"

# A block of one storey beside the middle of the city, with 400 rooms in one unit; the last one's storey is not known.
A_MARKET = """
WITH place AS (SELECT ST_Centroid(ST_Collect(footprint)) AS at, min(area_code) AS area, min(grid_code) AS grid
               FROM building WHERE grid_code <> '000000000000000'),
market AS (
    INSERT INTO building (code, name, use, footprint, height_m, floors_above, area_code, grid_code, source,
                          source_key, content_hash)
    SELECT 'XMARKET', %(name)s, 'market', ST_Multi(ST_Expand(at, 0.0004, 0.0002)), 6, 1, area, grid, 'test',
           'market', ''
    FROM place RETURNING *),
hall AS (
    INSERT INTO unit (building_id, number, area_code, grid_code, source, source_key, content_hash)
    SELECT id, '1', area_code, grid_code, 'test', 'hall', '' FROM market RETURNING *),
stalls AS (
    INSERT INTO room (unit_id, building_id, floor, number, use, area_code, grid_code, source, source_key, content_hash)
    SELECT id, building_id, CASE n WHEN 400 THEN 0 ELSE 1 END, CASE n WHEN 400 THEN %(name)s ELSE 'A' || n END,
           'market', area_code, grid_code, 'test', 'stall' || n, ''
    FROM hall, generate_series(1, 400) AS n)
SELECT id FROM market
"""

# Points of the screen over a room, from its middle to its corners, at its top and below it; [x, y] each.
OVER = """room => {
    const { scene } = window.shapan.store.state.exploded;
    const layer = window.shapan.overlay._deck.layerManager.getLayers().find(({ id }) => id === 'exploded-rooms');
    const row = layer.props.data.find((each) => each.room === room);
    if (row === undefined) return [];
    const [ring] = layer.props.getPolygon(row);
    const [middle, high] = [scene.centres[room], layer.props.getElevation(row)];
    return [1, 0.6].flatMap((level) => [0, 0.5, 0.9].flatMap((share) => ring.map((at) => window.shapan.project(
        [...[0, 1].map((axis) => middle[axis] + (at[axis] - middle[axis]) * share), ring[0][2] + high * level]))));
}"""

PICKED = """([x, y]) =>
    window.shapan.overlay.pickObject({ x, y, radius: 0, layerIds: ['exploded-rooms'] })?.object.room"""

FREE = "([x, y]) => document.elementFromPoint(x, y)?.tagName === 'CANVAS'"


@pytest.fixture
def sandbox(sandbox_with):
    """A page on which nothing flies or lifts: it is there at once."""
    return sandbox_with(reduced_motion="reduce", viewport={"width": 1600, "height": 900})


def spots(sandbox, room):
    """Return points of the screen at which a pick finds a room, and nothing lies over the map."""
    return [point for point in sandbox.page.evaluate(OVER, room)
            if sandbox.page.evaluate(FREE, point) and sandbox.page.evaluate(PICKED, point) == room]


def names_shown(sandbox):
    """Whether the map writes names of estates: ``visible`` or ``none``."""
    return sandbox.page.evaluate("() => window.shapan.map.getLayoutProperty('label-estate', 'visibility') ?? 'visible'")


def reddest(sandbox, points):
    """Return by how much the reddest of some points of the screen is more red than green and blue: 0 to 255.

    Marks and names are left away. A point at a room's edge may show what lies beside it: the screen has few pixels.
    """
    hide = """on => ['alarm-marks', 'exploded-labels', 'line-ends'].forEach((id) => {
        document.getElementById(id).hidden = on; })"""
    sandbox.page.evaluate(hide, True)
    png = sandbox.page.screenshot()
    sandbox.page.evaluate(hide, False)
    with warnings.catch_warnings(), MemoryFile(png) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        red, green, blue = file.open().read([1, 2, 3]).astype(int)
    scale = red.shape[1] / sandbox.page.viewport_size["width"]
    at = [(int(y * scale), int(x * scale)) for x, y in points]
    return max(red[one] - max(green[one], blue[one]) for one in at)


def test_a_click_on_an_alarm_lights_its_room_and_escape_puts_the_building_together(sandbox, service):
    device, building, room, number, floor, unit = service.sql(A_ROOM)
    building, room, floor = int(building), int(room), int(floor)
    alarm = service.raise_alarm(device)
    sandbox.open()
    sandbox.page.locator(f'[data-row-id="{alarm}"] .alarm-go').click()
    panel = sandbox.test_id("exploded")
    expect(panel).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    sandbox.wait_ready()
    expect(sandbox.test_id("plan")).to_contain_text("示意")
    points = spots(sandbox, room)
    assert points
    assert reddest(sandbox, points) > 80
    point = points[0]
    # No name of the map is written through the rooms.
    assert names_shown(sandbox) == "none"
    # The mark stands in the room that is lit, and the block itself is gone.
    mark = sandbox.page.locator(f'.alarm-mark[data-alarm-id="{alarm}"]').bounding_box()
    assert abs(mark["x"] + mark["width"] / 2 - point[0]) < 120
    assert abs(mark["y"] + mark["height"] - point[1]) < 120
    expect(sandbox.page.locator(f'.exploded-label.floor[data-key="floor-{floor}"][data-alarmed]')).to_have_text(f"{floor}层")
    # Lines to what is near, and a keeper who comes.
    expect(sandbox.test_id("line-hydrants")).to_be_visible()
    keeper = sandbox.test_id("line-keepers")
    code = keeper.get_attribute("data-code")
    service.ask("/api/keepers/positions", {"positions": [{
        "keeper": code, "lon": service.sql("SELECT ST_X(ST_Centroid(footprint)) FROM building WHERE id = %s", building),
        "lat": service.sql("SELECT ST_Y(ST_Centroid(footprint)) + 0.0001 FROM building WHERE id = %s", building),
        "at": datetime.now(UTC).isoformat()}]})
    expect(keeper).to_contain_text(" 米")
    expect(keeper.locator("span")).not_to_have_text("300 米")
    sandbox.test_id("near-lines").click()
    expect(keeper).to_have_count(0)
    # One storey alone: first that of the alarm, then the one above it.
    sandbox.page.locator("#map canvas").focus()
    sandbox.page.keyboard.press("PageUp")
    expect(panel).to_have_attribute("data-floor", str(floor))
    sandbox.wait_ready()
    sandbox.page.mouse.click(*spots(sandbox, room)[0])
    facts = sandbox.test_id("room-facts")
    expect(facts).to_have_attribute("data-id", str(room))
    expect(facts).to_contain_text(f"{unit}单元 {floor}层 {number}室")
    expect(sandbox.page).to_have_url(re.compile(rf"building={building}&.*exploded=1&room={room}&"))
    sandbox.page.keyboard.press("PageUp")
    expect(sandbox.test_id("floor-shown")).to_have_text(f"{floor + 1}层")
    sandbox.wait_ready()
    assert spots(sandbox, room) == []
    # Its end is seen at once.
    service.ask(f"/api/alarms/{alarm}/clear", {"note": "已核实"})
    service.ask(f"/api/alarms/{alarm}/acknowledge", {})
    service.ask(f"/api/alarms/{alarm}/close", {})
    expect(sandbox.test_id("room-legend").locator('[data-state="alarm"] b')).to_have_text("0")
    for gone in ("data-room", "data-floor"):
        sandbox.page.keyboard.press("Escape")
        expect(panel).to_have_attribute(gone, "")
    sandbox.wait_ready()
    assert reddest(sandbox, spots(sandbox, room)) < 40
    sandbox.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(sandbox.test_id("alarm-dossier")).to_have_count(1)
    expect(sandbox.page.locator(".exploded-label")).to_have_count(0)
    sandbox.wait_ready()
    assert not sandbox.page.evaluate(
        "() => window.shapan.overlay._deck.layerManager.getLayers().some(({ id }) => id.startsWith('exploded'))")
    assert names_shown(sandbox) == "visible"
    # From the card it comes apart again, by a key.
    sandbox.test_id("tab-building").click()
    sandbox.page.keyboard.press("e")
    expect(panel).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("explode")).to_have_attribute("aria-pressed", "true")


def test_a_building_of_400_rooms_is_drawn_and_says_so_when_it_is_deleted(sandbox, service):
    market = service.sql(A_MARKET.replace("%(name)s", "%s"), MARKUP, MARKUP)
    try:
        sandbox.open(f"?building={market}&exploded=1")
        panel = sandbox.test_id("exploded")
        expect(panel).to_have_attribute("data-status", "open")
        sandbox.wait_ready()
        rooms = service.ask(f"/api/buildings/{market}/storeys")["rooms"]
        assert len(rooms) == 400
        expect(sandbox.test_id("unplaced").locator("summary")).to_contain_text("1")
        expect(sandbox.test_id("room-legend").locator('[data-state="business"] b')).to_have_text("400")
        # Some stand behind others.
        stall, points = next((one, at) for one in reversed(rooms) if (at := spots(sandbox, one["id"])))
        sandbox.page.mouse.move(*points[0])
        expect(sandbox.page.locator(f'.exploded-label[data-key="room-{stall["id"]}"]')).to_contain_text(stall["number"])
        sandbox.test_id("unplaced").locator("summary").click()
        sandbox.test_id("unplaced").get_by_role("button").click()
        expect(sandbox.test_id("room-facts")).to_contain_text(MARKUP)
        assert sandbox.page.title() != "taken"
    finally:
        sandbox.allowed_errors = True  # the browser tells of a 404 on the console
        service.execute("DELETE FROM building WHERE code = 'XMARKET'")
    expect(panel).to_have_attribute("data-status", "missing")
    expect(panel).to_contain_text("已不在库中")
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "missing")
    for _ in range(2):  # the household's card, then the building
        sandbox.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
