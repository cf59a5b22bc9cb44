"""What the map shows: buildings in the colours of the legend, the metric that was picked, the numbers."""

import numpy as np
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def sandbox(sandbox_with):
    """Return a page that is not opened yet, in full pixels: their colours are counted."""
    return sandbox_with(device_scale_factor=1)


def share_of_color(pixels, color):
    """The share of pixels that have a colour's hue, at a brightness that the light makes of it."""
    lengths = np.linalg.norm(pixels, axis=1)
    length = np.linalg.norm(color)
    lit = (lengths > length / 2) & (lengths < length * 1.25)
    wanted = np.asarray(color, float) / length
    return float((pixels[lit] @ wanted > 0.9996 * lengths[lit]).sum()) / len(pixels)


def legend_colors(sandbox):
    return [[int(part) for part in line.get_attribute("data-color").split(",")]
            for line in sandbox.test_id("legend-class").all()]


def test_buildings_are_drawn_in_the_colours_of_the_legend(sandbox):
    sandbox.open()
    pixels = sandbox.pixels()
    found = [color for color in legend_colors(sandbox) if share_of_color(pixels, color) > 0.0002]
    assert len(found) >= 4
    # Under the names of the base map, not on them.
    order = sandbox.page.evaluate("window.shapan.map.getLayersOrder()")
    assert order.index("deck-maplibre-layer-group-before:label-road") < order.index("label-road")


def test_nothing_is_drawn_in_those_colours_when_the_tiles_of_buildings_are_empty(sandbox):
    sandbox.page.route("**/tiles/buildings/**", lambda route: route.fulfill(status=204))
    sandbox.open()
    pixels = sandbox.pixels()
    assert max(share_of_color(pixels, color) for color in legend_colors(sandbox)[1:]) < 0.0002


def test_the_numbers_at_the_top_are_those_of_the_database(sandbox, service):
    sandbox.open()
    for name, table in (("buildings", "building"), ("residents", "resident")):
        expect(sandbox.test_id(f"count-{name}")).to_have_attribute(
            "data-value", str(service.sql(f"SELECT count(*) FROM {table}")))
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "0")


def test_another_metric_brings_its_legend_and_its_colours(sandbox):
    sandbox.open()
    before = legend_colors(sandbox)
    sandbox.test_id("metric-use").click()
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "use")
    after = legend_colors(sandbox)
    assert after != before
    sandbox.page.wait_for_timeout(300)
    sandbox.wait_ready()
    residential = after[0]
    assert share_of_color(sandbox.pixels(), residential) > 0.0002
    sandbox.page.wait_for_url("**metric=use**")


def test_buildings_without_storeys_have_the_colour_of_no_data_and_not_that_of_few(sandbox, service):
    sandbox.open("?metric=floors&style=day")
    none = [int(part) for part in sandbox.test_id("legend-none").get_attribute("data-color").split(",")]
    expect(sandbox.test_id("legend-none")).to_contain_text("无数据")
    few = legend_colors(sandbox)[0]
    before = sandbox.pixels()
    known = service.sql("SELECT jsonb_object_agg(id, floors_above)::text FROM building")
    service.execute("UPDATE building SET floors_above = NULL WHERE mod(id, 2) = 0")
    try:
        sandbox.page.reload()
        sandbox.wait_ready()
        after = sandbox.pixels()
    finally:
        service.execute("UPDATE building SET floors_above = (%s::jsonb ->> id::text)::int", known)
    assert share_of_color(after, none) > share_of_color(before, none) + 0.002
    assert share_of_color(after, few) < share_of_color(before, few) * 1.1 + 0.0002


def test_a_hidden_layer_is_not_drawn(sandbox):
    sandbox.open()
    colors = legend_colors(sandbox)[1:]
    sandbox.test_id("layer-buildings").click()
    sandbox.page.wait_for_timeout(300)
    sandbox.wait_ready()
    pixels = sandbox.pixels()
    assert max(share_of_color(pixels, color) for color in colors) < 0.0002


def test_a_link_opens_the_view_that_it_was_taken_from(sandbox, service):
    lon, lat = service.sql("SELECT ARRAY[ST_X(geom), ST_Y(geom)] FROM place LIMIT 1")
    sandbox.open(f"?lang=en&metric=floors&camera={lon},{lat},16.5,30,20")
    camera = sandbox.page.evaluate("['getZoom', 'getPitch', 'getBearing'].map(name => window.shapan.map[name]())")
    assert camera == [16.5, 30, 20]
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "floors")
    expect(sandbox.page.get_by_role("heading", name="Colour buildings by")).to_be_visible()


# The answer of a graphics card that is still drawing, until the test lets it be through.
BUSY_CARD = """
const asked = WebGL2RenderingContext.prototype.getSyncParameter;
WebGL2RenderingContext.prototype.getSyncParameter = function (sync, name) {
    return name === this.SYNC_STATUS && !window.cardIsThrough ? this.UNSIGNALED : asked.call(this, sync, name);
};
"""


def test_a_picture_that_the_graphics_card_is_not_through_with_is_not_called_ready(sandbox):
    sandbox.page.add_init_script(BUSY_CARD)
    sandbox.open(wait=False)
    expect(sandbox.test_id("legend")).to_be_visible()
    sandbox.page.wait_for_timeout(1500)
    sandbox.wait_scene("loading")
    sandbox.page.evaluate("window.cardIsThrough = true")
    sandbox.wait_ready()


# Tile [column, row] of zoom 16 under points all over the screen below the horizon.
IN_VIEW = """() => {
    const { map } = window.shapan;
    const { clientWidth: width, clientHeight: height } = map.getContainer();
    const tiles = [];
    for (let x = 0; x <= width; x += 20) for (let y = height / 3; y <= height; y += 20) {
        const { lng, lat } = map.unproject([x, y]);
        const angle = lat * Math.PI / 180;
        const row = (1 - Math.log(Math.tan(angle) + 1 / Math.cos(angle)) / Math.PI) / 2;
        tiles.push(`16/${Math.floor((lng + 180) / 360 * 65536)}/${Math.floor(row * 65536)}`);
    }
    return [...new Set(tiles)];
}"""


def test_a_linked_camera_asks_for_every_tile_of_buildings_in_view(sandbox, service):
    asked = set()
    sandbox.page.on("request", lambda request: asked.add(request.url.split("/buildings/")[-1].split(".mvt")[0])
                    if "/tiles/buildings/" in request.url else None)
    lon, lat = service.sql("SELECT ARRAY[ST_X(geom), ST_Y(geom)] FROM place LIMIT 1")
    sandbox.open(f"?camera={lon},{lat},16,55,-18")
    in_view = set(sandbox.page.evaluate(IN_VIEW))
    assert len(in_view) > 8
    assert in_view <= asked


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (1024, 700)])
def test_panels_keep_their_proportion_to_the_screen_and_stay_inside_it(sandbox_with, width, height):
    sandbox = sandbox_with(viewport={"width": width, "height": height})
    sandbox.open(wait=False)
    expect(sandbox.test_id("count-buildings")).not_to_have_text("—")
    size = float(sandbox.page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)"))
    assert size == pytest.approx(max(14, width / 128), rel=0.03)
    for selector in (".left-side .panel", ".right-side .panel", "shapan-top-bar"):
        box = sandbox.page.locator(selector).first.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
