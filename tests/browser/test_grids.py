"""From a figure of all grids to the rooms of one: colours and numbers are SQL's, live, by a list and by a link."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sandbox

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=\"document.title='taken'\">"

# Rows: grids in force, the lowest entry rate of housing first, unknown ones last. Fields: code, rate.
RATES = """
SELECT json_agg(json_build_array(code, rate) ORDER BY rate NULLS LAST, code) FROM (
    SELECT grid.code, count(room.id) FILTER (WHERE nullif(nullif(room.area_m2::text, ''), 'unknown') IS NOT NULL
               AND nullif(nullif(room.tenure, ''), 'unknown') IS NOT NULL
               AND nullif(nullif(room.use, ''), 'unknown') IS NOT NULL)::float8 / max(declared.value) AS rate
    FROM grid LEFT JOIN room ON room.grid_code = grid.code
    LEFT JOIN (SELECT grid_code, value FROM expected WHERE kind = 'housing' AND building_id IS NULL) AS declared
         ON declared.grid_code = grid.code
    WHERE grid.valid_to IS NULL GROUP BY grid.code) AS rated
"""

# Parameters: how many times as many homes as are on record, by whom, a grid twice, key, the grid.
DECLARE = """
INSERT INTO expected (kind, value, declared_by, as_of, area_code, grid_code, source, source_key, content_hash)
SELECT 'housing', (count(*) * %s)::int, %s, shapan_today(), left(%s, 12), %s, 'test', %s, ''
FROM room WHERE grid_code = %s
"""

# What the city has declared of homes and people counts for nothing meanwhile.
ASIDE = """
UPDATE expected SET kind = 'geography', source = 'aside ' || kind || ' ' || source
WHERE kind IN ('housing', 'population')
"""
BACK = """
UPDATE expected SET kind = split_part(source, ' ', 2), source = regexp_replace(source, '^aside [a-z]+ ', '')
WHERE starts_with(source, 'aside ')
"""

# Rooms on record without a required field, by code of the building.
ROOMS = """
SELECT json_object_agg(code, rooms) FROM (
    SELECT building.code, count(*) AS rooms FROM room JOIN building ON building.id = room.building_id
    WHERE room.grid_code = %s AND (nullif(nullif(room.area_m2::text, ''), 'unknown') IS NULL
        OR nullif(nullif(room.tenure, ''), 'unknown') IS NULL OR nullif(nullif(room.use, ''), 'unknown') IS NULL)
    GROUP BY building.code) AS incomplete
"""

# Degrees of a place in a grid where no building stands.
FREE = """
SELECT ARRAY[ST_X(free), ST_Y(free)] FROM (
    SELECT ST_PointOnSurface(ST_Difference(geom, (SELECT ST_Buffer(ST_Union(footprint), 0.0001) FROM building
                                                  WHERE building.grid_code = grid.code))) AS free
    FROM grid WHERE code = %s AND valid_to IS NULL) AS place
"""

# What the map draws of grids: the colour of each by its code, as the graphics card has it, and the numbers on them.
DRAWN = """() => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers();
    const colors = {};
    for (const layer of layers.filter(({id}) => /^grid-figures-.*polygons-fill$/.test(id))) {
        const {value} = layer.getAttributeManager().getAttributes().fillColors;
        const {vertexStarts} = layer.state.polygonTesselator;
        layer.props.data.forEach(({__source}, index) => {
            const start = 4 * vertexStarts[index];
            colors[__source.object.properties.code] = [...value.slice(start, start + 3)].join();
        });
    }
    const values = layers.filter(({id}) => id === 'grid-values')
        .flatMap(({props}) => props.data.map(({code, text}) => [code, text]));
    return JSON.stringify({colors, values: Object.fromEntries(values)});
}"""

# What stands beside it: which grids are hatched, whether buildings are all of one grey, which names are written.
BESIDE = """() => {
    const {map, overlay} = window.shapan;
    const layers = overlay._deck.layerManager.getLayers();
    const hatched = new Set();
    for (const layer of layers.filter(({id}) => /^grid-figures-.*polygons-fill$/.test(id))) {
        const {value} = layer.getAttributeManager().getAttributes().fillPatternFrames;
        const {vertexStarts} = layer.state.polygonTesselator;
        layer.props.data.forEach(({__source}, index) => {
            if (value[4 * vertexStarts[index]] > 0) hatched.add(__source.object.properties.code);
        });
    }
    const {getFillColor} = layers.find(({id}) => id === 'buildings').props;
    const written = ['label-grid', 'label-community', 'label-landmark']
        .filter((id) => map.getLayoutProperty(id, 'visibility') !== 'none');
    return {hatched: [...hatched], grey: Array.isArray(getFillColor), written};
}"""

# Whether all of an element is seen in the column that scrolls it, and not where the column fades out.
IN_COLUMN = """element => {
    const {top, bottom} = element.getBoundingClientRect();
    const column = element.closest('.left-side').getBoundingClientRect();
    return top >= column.top && bottom <= column.bottom - 30;
}"""

# The camera has come to a box, beside the card: west, south, east, north.
IN_VIEW = """([west, south, east, north]) => {
    const { map } = window.shapan;
    const {lng, lat} = map.getCenter();
    const beside = map.getPadding().right > map.getContainer().clientWidth / 2;
    return beside && lng > west && lng < east && lat > south && lat < north;
}"""

ON_THE_GROUND = """([x, y]) => document.elementFromPoint(x, y)?.tagName === 'CANVAS'"""


def drawn(sandbox: Sandbox) -> dict:
    return json.loads(sandbox.page.evaluate(DRAWN))


def until(sandbox: Sandbox, found, holds=bool):
    """Wait until what is found holds, and return it."""
    for _ in range(100):
        value = found()
        if holds(value):
            return value
        sandbox.page.wait_for_timeout(100)
    raise AssertionError(value)


def until_drawn(sandbox: Sandbox, holds) -> dict:
    return until(sandbox, lambda: drawn(sandbox), holds)


def legend_colors(sandbox: Sandbox) -> dict[str, str]:
    """Return the colour of each class of the grids' legend by its words."""
    lines = sandbox.page.locator(".grid-panel .legend li")
    return {line.locator("span").inner_text(): line.get_attribute("data-color") for line in lines.all()}


@pytest.fixture
def declared(service):
    """Totals of homes are declared for two of three grids: a fifth more than on record, and twice as many."""
    service.execute(ASIDE)
    codes = service.sql("SELECT array_agg(code ORDER BY code) FROM grid WHERE valid_to IS NULL")
    for code, times in zip(codes, (1.2, 2.0), strict=False):
        service.execute(DECLARE, times, f"年报{MARKUP}", code, code, f"declared-{code}", code)
    yield codes
    service.execute("DELETE FROM expected WHERE source = 'test'")
    service.execute(BACK)


def test_from_the_figure_of_all_grids_to_the_rooms_of_the_lowest_and_back_by_a_link(sandbox_with, service, declared):
    sandbox = sandbox_with(reduced_motion="reduce")
    page = sandbox.page
    tiles: list[str] = []
    page.on("request", lambda request: tiles.append(request.url) if "/tiles/" in request.url else None)
    sandbox.open()
    expect(sandbox.test_id("ranks")).to_have_count(0)
    assert drawn(sandbox) == {"colors": {}, "values": {}}
    everything = {"hatched": [], "grey": False, "written": ["label-grid", "label-community", "label-landmark"]}
    assert page.evaluate(BESIDE) == everything
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "buildings")

    # The lowest rate, as a person finds it: one click on the figure, one on its first line.
    sandbox.test_id("figure-entry_rate").click()
    sandbox.test_id("kind-housing").click()
    rates = service.sql(RATES)
    ranks = sandbox.test_id("rank")
    expect(ranks).to_have_count(len(rates))
    expect(ranks.first).to_have_attribute("data-code", rates[0][0])
    assert [row.get_attribute("data-code") for row in ranks.all()] == [code for code, _ in rates]
    for row, (_, rate) in zip(ranks.all(), rates, strict=True):
        assert row.get_attribute("data-value") == ("" if rate is None else row.get_attribute("data-value"))
        if rate is not None:
            assert float(row.get_attribute("data-value")) == pytest.approx(rate)
    expect(ranks.last).to_contain_text("未知")
    colors = legend_colors(sandbox)
    lowest, (other, middle), (unknown, _) = rates[0][0], rates[1], rates[-1]
    assert 0.6 < middle < 0.9
    found = until_drawn(sandbox, lambda picture: picture["values"] and picture["colors"] == {
        lowest: colors["< 60%"], other: colors["75–90%"], unknown: colors["未知（没有应录总数）"]})
    for code, text in found["values"].items():
        rate = dict(rates)[code]
        assert text == ("—" if rate is None else f"{int(rate * 100)}%")
    # Only grids are coloured, and only their figures are written; what is unknown is told without its colour.
    hatched = [code for code, rate in rates if rate is None]
    assert page.evaluate(BESIDE) == {"hatched": hatched, "grey": True, "written": ["label-landmark"]}
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "grids")
    expect(sandbox.test_id("legend-grey")).to_contain_text("楼栋显示为灰色")
    expect(sandbox.test_id("legend-none").locator(".swatch[data-hatched]")).to_be_visible()
    # The list is shown to whoever chose a figure, and left where it is afterwards.
    assert until(sandbox, lambda: sandbox.test_id("ranks").evaluate(IN_COLUMN))
    page.evaluate("() => document.querySelector('.left-side').scrollTo(0, 0)")

    ranks.first.click()
    card = sandbox.test_id("grid-card")
    expect(card).to_have_attribute("data-code", lowest)
    expect(card).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("grid-rate-housing")).to_contain_text(f"{int(rates[0][1] * 100)}%")
    expect(sandbox.test_id("grid-rate-population")).to_contain_text("未知")

    # Its rooms still to visit, building by building, as SQL counts them; from one of them to its building and back.
    rooms = service.sql(ROOMS, lowest)
    groups = sandbox.page.locator(".rooms-of")
    expect(groups).to_have_count(len(rooms))
    expect(sandbox.test_id("rooms-total")).to_have_text(
        re.compile(rf"^信息不全 {sum(rooms.values())} 户( · 未登记 [\d,]+ 户)?$"))
    expect(sandbox.test_id("grid-rooms").locator("h3")).to_have_text("待采集户室")
    places = sandbox.test_id("rooms-building")
    visited = int(places.first.get_attribute("data-id"))
    places.first.click()
    expect(sandbox.test_id("building-card")).to_have_attribute("data-id", str(visited))
    expect(card).to_have_count(0)
    sandbox.test_id("grid-back").click()
    expect(card).to_be_visible()
    expect(sandbox.test_id("building-card")).to_have_count(0)
    # A room is one click from there, its building and the grid behind it.
    groups.first.locator("summary").click()
    room = sandbox.test_id("room-to-visit").first
    lacking = room.get_attribute("data-id")
    room.click()
    expect(sandbox.test_id("household-card")).to_have_attribute("data-id", lacking)
    expect(sandbox.test_id("household-card")).to_have_attribute("data-status", "open")
    sandbox.test_id("household-back").click()
    expect(sandbox.test_id("building-card")).to_have_attribute("data-id", str(visited))
    sandbox.test_id("grid-back").click()
    expect(card).to_be_visible()

    # A new alarm changes number, colour and card without a tile. The card of the grid says so too.
    sandbox.test_id("figure-alarms").click()
    sandbox.wait_ready()
    until_drawn(sandbox, lambda picture: picture["values"].get(lowest) == "0")
    quiet = drawn(sandbox)["colors"][lowest]
    device = service.sql(
        "SELECT code FROM device WHERE grid_code = %s AND building_id IS NOT NULL ORDER BY code LIMIT 1", lowest)
    page.wait_for_timeout(500)
    tiles.clear()
    page.evaluate("() => document.querySelector('.left-side').scrollTo(0, 0)")
    service.raise_alarm(device, severity="critical")
    one = legend_colors(sandbox)["1"]
    assert one != quiet
    until_drawn(sandbox, lambda picture: (picture["values"].get(lowest), picture["colors"][lowest]) == ("1", one))
    assert page.evaluate("() => document.querySelector('.left-side').scrollTop") == 0
    assert [url for url in tiles if "/tiles/grids" in url or "/tiles/areas" in url] == []
    expect(sandbox.test_id("grid-alarms")).to_contain_text("紧急")
    expect(sandbox.test_id("worst-building")).to_have_count(1)
    expect(ranks.first).to_have_attribute("data-code", lowest)

    # The figure off, all is as it was.
    sandbox.test_id("choropleth-switch").uncheck()
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "buildings")
    sandbox.wait_ready()
    for _ in range(50):  # the page's words are there a frame before its buildings
        if page.evaluate(BESIDE) == everything:
            break
        page.wait_for_timeout(50)
    assert page.evaluate(BESIDE) == everything
    sandbox.test_id("choropleth-switch").check()

    # The link carries it; Escape closes it.
    expect(page).to_have_url(re.compile(f"grid={lowest}&choropleth=alarms"))
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page).not_to_have_url(re.compile("grid="))


def test_the_pointer_is_told_what_it_rests_on_and_a_click_opens_it_and_nothing_in_a_name_is_run(
        sandbox_with, service, declared):
    code = declared[0]
    name = service.sql("SELECT name FROM grid WHERE code = %s AND valid_to IS NULL", code)
    service.execute("UPDATE grid SET name = %s WHERE code = %s", MARKUP + "长" * 150, code)
    try:
        sandbox = sandbox_with(reduced_motion="reduce")
        page = sandbox.page
        sandbox.open(f"?choropleth=entry_rate&entry=housing&grid={code}")
        card = sandbox.test_id("grid-card")
        expect(card).to_have_attribute("data-code", code)
        expect(sandbox.test_id("grid-name")).to_contain_text(MARKUP)
        expect(sandbox.test_id("grid-rate-housing")).to_have_attribute("title", re.compile(re.escape(MARKUP)))
        bounds = service.ask(f"/api/grids/{code}")["bounds"]
        until(sandbox, lambda: page.evaluate(IN_VIEW, bounds))
        sandbox.test_id("grid-close").click()
        expect(card).to_have_count(0)
        sandbox.wait_ready()
        lon, lat = service.sql(FREE, code)

        def at_rest():
            """Where the place is on the screen, or nothing while the map takes the room of the card."""
            before = sandbox.project(lon, lat)
            page.wait_for_timeout(700)
            still = not page.evaluate("window.shapan.map.isMoving()")  # on a busy machine no frame may have come
            return still and sandbox.project(lon, lat) == before and before

        hover = sandbox.test_id("grid-hover")

        def told():
            """Where the pointer rests once it is told of the place; a map that moves on under it wants a new aim."""
            if not (spot := at_rest()):
                return None
            assert page.evaluate(ON_THE_GROUND, spot)
            page.mouse.move(spot[0] - 4, spot[1])
            page.mouse.move(*spot)
            page.wait_for_timeout(500)
            return spot if hover.and_(page.locator(f'[data-code="{code}"]')).count() else None

        spot = until(sandbox, told)
        expect(hover).to_contain_text(MARKUP)
        expect(hover).to_contain_text("未办结事件")
        box = hover.bounding_box()
        assert not (box["x"] <= spot[0] <= box["x"] + box["width"] and box["y"] <= spot[1] <= box["y"] + box["height"])
        page.mouse.click(*spot)
        expect(hover).to_have_count(0)
        expect(card).to_have_attribute("data-code", code)
        assert page.title() == "数字沙盘 · 街道指挥中心"

        # Redrawn meanwhile: asked for again, it is gone, and the page says so.
        sandbox.allowed_errors = True
        page.route(f"**/api/grids/{code}", lambda route: route.fulfill(status=404, json={"title": "gone"}))
        page.mouse.click(*spot)
        expect(card).to_have_attribute("data-status", "missing")
        expect(card).to_contain_text("这个网格已不在库中")

        # Without an answer of the server the panel says what to do.
        page.route("**/api/scenes/grids*", lambda route: route.abort())
        sandbox.test_id("figure-events_open").click()
        expect(page.locator(".grid-panel [role=alert]")).to_contain_text("网格指标没有读到")
        page.unroute("**/api/scenes/grids*")
        page.locator(".grid-panel").get_by_role("button", name="重试").click()
        expect(sandbox.test_id("grid-panel")).to_have_attribute("data-status", "ready")
        sandbox.test_id("choropleth-switch").uncheck()
        until_drawn(sandbox, lambda picture: picture == {"colors": {}, "values": {}})
    finally:
        service.execute("UPDATE grid SET name = %s WHERE code = %s", name, code)
