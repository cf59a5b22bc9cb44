"""The tree of layers, what lies under the city, and the ground on which everything stands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from tests.browser.conftest import READY_MS, Service
from tests.fixtures import models, services
from tests.fixtures.pictures import read_png

pytestmark = pytest.mark.browser

# Height above the page's zero at which the tiles have each building, by its base on record; metres.
STANDING = """() => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers();
    const tiles = layers.filter(layer => layer.id.startsWith('buildings-') && layer.props.data?.polygons);
    return tiles.flatMap(({ props: { data: { polygons } } }) => {
        const { value, size } = polygons.positions;
        const { value: bases } = polygons.numericProps.base_m;
        return [...bases].map((base, corner) => [base, size === 3 ? value[3 * corner + 2] : 0]);
    });
}"""

# Code of the building that deck.gl finds at a point of the screen.
PICKED = """([x, y]) => (
    window.shapan.overlay.pickObject({ x, y, radius: 2, layerIds: ['buildings'] })?.object?.properties.code
)"""

OPACITIES = """() => [
    window.shapan.overlay._props.layers.find(layer => layer.id === 'buildings').props.opacity,
    window.shapan.map.getPaintProperty('under:imagery:ortho', 'raster-opacity'),
]"""

CREDIT = "测绘院 <b>1</b>"

# Fields: id, longitude, latitude, height in metres, of the building on the highest ground.
HIGHEST = """
SELECT ARRAY[id, ST_X(ST_PointOnSurface(footprint)), ST_Y(ST_PointOnSurface(footprint)), height_m, base_m]
FROM building WHERE height_m > 12 ORDER BY base_m DESC, id LIMIT 1
"""


# Fields: id, longitude, latitude of events; seconds in which there is one alone.
WHERE = """
SELECT array_agg(ARRAY[id, ST_X(geom), ST_Y(geom)])
FROM event WHERE NOT EXISTS (
    SELECT FROM event AS other WHERE other.id <> event.id
    AND other.occurred_at BETWEEN event.occurred_at - interval '2 s' AND event.occurred_at + interval '2 s')
"""

# The middle of the city: degrees.
MIDDLE = """
SELECT ARRAY[ST_X(middle), ST_Y(middle)]
FROM (SELECT ST_Centroid(ST_Collect(footprint)) AS middle FROM building) AS city
"""


@pytest.fixture
def under(service: Service) -> Iterator[None]:
    """Put the sample city's picture and elevation model on record, and take them off afterwards."""
    city, environment = service._folder / "city", service.database.environment
    services.run_command("import", "terrain", str(city / "elevation.tif"), "--name", "dem", environment=environment)
    services.run_command("import", "imagery", str(city / "image.tif"), "--name", "ortho", "--attribution", CREDIT,
                         environment=environment)
    yield
    for concept, name in (("terrain", "dem"), ("imagery", "ortho")):
        if service.sql(f"SELECT count(*) FROM {concept} WHERE name = %s", name):
            services.run_command("import", "remove", concept, name, environment=environment)


@pytest.fixture
def hills(service: Service, tmp_path: Path) -> Iterator[tuple[float, float, float, float]]:
    """Put waves of 80 m under the city. Give west, north, and a wave's quarter to the east and the south: degrees."""
    environment = service.database.environment
    with rasterio.open(service._folder / "city" / "elevation.tif") as model:
        profile, (wide, high) = model.profile, model.res
        rows, columns = np.mgrid[0 : model.height, 0 : model.width]
        west, north = model.bounds.left, model.bounds.top
    quarter = 60  # pixels of the model, about 300 m
    heights = 90 + 80 * np.sin(columns / quarter * np.pi / 2) * np.sin(rows / quarter * np.pi / 2)
    with rasterio.open(tmp_path / "hills.tif", "w", **profile) as file:
        file.write(heights.astype(profile["dtype"]), 1)
    services.run_command("import", "terrain", str(tmp_path / "hills.tif"), "--name", "hills", environment=environment)
    yield west, north, quarter * wide, quarter * high
    services.run_command("import", "remove", "terrain", "hills", environment=environment)


def test_the_city_stands_on_the_ground(sandbox_with, service, under):
    building, lon, lat, height, base = service.sql(HIGHEST)
    sandbox = sandbox_with(viewport={"width": 900, "height": 560})
    sandbox.open(f"?layers=terrain&camera={lon:.6f},{lat:.6f},17.2,55,20")
    page = sandbox.page
    expect(sandbox.test_id("layer-terrain")).to_have_attribute("aria-checked", "true")

    # The ground is the model's, counted from the level around it, and no hole of it is drawn.
    level = page.evaluate("window.shapan.store.state.under.sources.level")
    with rasterio.open(service._folder / "city" / "elevation.tif") as model:
        expected = next(model.sample([(lon, lat)]))[0]
    drawn = page.evaluate("at => window.shapan.map.queryTerrainElevation(at)", [lon, lat])
    assert drawn + level == pytest.approx(expected, abs=1.5)
    standing = np.array(page.evaluate(STANDING))
    assert len(standing) > 100
    assert np.abs(standing[:, 0] - level - standing[:, 1]).max() < 0.01, "each building stands on its base"
    assert np.ptp(standing[:, 1]) > 1, "the ground is not flat"
    # Where the page says the roof is, deck.gl finds it.
    picked = page.evaluate(PICKED, sandbox.project(lon, lat, height - 0.5 + base - level - drawn))
    assert picked == service.sql("SELECT code FROM building WHERE id = %s", int(building))


@pytest.mark.slow  # steep ground by software takes a minute of a busy machine
def test_heat_and_lines_follow_the_slopes_between_their_corners(sandbox_with, service, hills):
    west, north, across, along = hills
    # The event on record that lies nearest to a summit, whatever became of it.
    events = np.array(service.sql(WHERE))
    waves = (events[:, 1] - west) / across, (north - events[:, 2]) / along
    event, lon, lat = events[np.argmax(np.sin(waves[0] * np.pi / 2) * np.sin(waves[1] * np.pi / 2))]
    at = service.sql("SELECT occurred_at FROM event WHERE id = %s", int(event))
    alone = f"{at - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}~{at + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    sandbox = sandbox_with(viewport={"width": 1080, "height": 560}, device_scale_factor=1)
    sandbox.open(f"?layers=terrain,-buildings,-labels&events=heat&window={alone}&camera={lon:.6f},{lat:.6f},15.6,60,0")
    page, picture = sandbox.page, lambda: read_png(sandbox.page.screenshot()).astype(int)
    ground = page.evaluate("at => window.shapan.map.queryTerrainElevation(at)", [lon, lat])
    assert ground > 40, "a summit"
    expect(page.locator(".ramp")).to_be_visible()
    sandbox.wait_ready()
    hot = picture()
    sandbox.test_id("draw-auto").click()
    sandbox.test_id("events-switch").click()
    expect(sandbox.test_id("events-panel")).to_contain_text("打开开关")
    sandbox.wait_ready()
    x, y = sandbox.project(lon, lat)
    _, level = sandbox.project(lon, lat, -ground)
    left, upper = int(x) - 60, int(y) - 60
    box = np.s_[upper : upper + 200, left : left + 120]
    strength = np.abs(hot - picture())[box].sum(axis=-1)
    rows, columns = np.nonzero(strength > strength.max() / 2)
    assert level - y > 30, "flat ground would lie far below"
    assert [rows.mean() + upper, columns.mean() + left] == pytest.approx([y, x], abs=10)

    # A line from one side of the hill to the other goes over it.
    column, row = np.floor(waves[0][events[:, 0] == event][0]), np.floor(waves[1][events[:, 0] == event][0])
    summit = west + (2 * (column // 2) + 1) * across, north - (2 * (row // 2) + 1) * along
    sides = (summit[0] - across, summit[1]), (summit[0] + across, summit[1])
    sandbox.jump(center=list(summit), zoom=15.2, pitch=60, bearing=0)
    sandbox.wait_ready()
    sandbox.test_id("measure-distance").click()
    expect(sandbox.test_id("measure-bar")).to_contain_text("点击地图")
    for side in sides:
        page.mouse.click(*sandbox.project(*side))
    expect(sandbox.test_id("measure-bar")).to_have_attribute("data-points", "2")
    sandbox.wait_ready()
    straight = np.mean([sandbox.project(*side)[1] for side in sides])
    x, y = (round(part) for part in sandbox.project(*summit))
    bright = picture()[y - 80 : y + 80, x].sum(axis=-1)
    assert straight - y > 20, "the straight line between both ends lies far below"
    assert abs(int(np.argmax(bright)) - 80) < 6


def test_layers_are_as_strong_as_chosen_by_links_and_keys_and_one_that_is_deleted_says_so(sandbox, service, under):
    sandbox.open("?layers=imagery:ortho~50,hillshade~999,zebra")
    page = sandbox.page
    row = lambda name: sandbox.test_id(f"layer-{name}")  # noqa: E731

    # What is on record is in the tree; a link's nonsense is not, and its strengths come into range.
    for name in ("imagery:ortho", "hillshade"):
        expect(row(name)).to_have_attribute("aria-checked", "true")
    expect(row("terrain")).to_have_attribute("aria-checked", "false")
    expect(sandbox.test_id("strength-hillshade")).to_have_value("100")
    expect(sandbox.test_id("group-base")).to_have_attribute("aria-checked", "mixed")
    expect(sandbox.test_id("credits")).to_have_text(f"资料来源：{CREDIT}")
    assert row("tiles").count() == 0, "nobody has configured another host"

    # By keys, and in the link.
    sandbox.test_id("group-live").focus()
    page.keyboard.press("End")
    expect(row("land")).to_be_focused()
    page.keyboard.press("Space")
    expect(row("land")).to_have_attribute("aria-checked", "false")
    page.keyboard.press("ArrowUp")
    expect(row("imagery:ortho")).to_be_focused()
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(sandbox.test_id("group-base")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    sandbox.test_id("strength-buildings").fill("40")
    page.wait_for_url("**/*buildings~40*-land*")
    sandbox.wait_ready()
    assert page.evaluate(OPACITIES) == [0.4, 0.6]

    # Deleted while it is shown: the page says so, and all else stays.
    services.run_command("import", "remove", "imagery", "ortho", environment=service.database.environment)
    sandbox.allowed_errors = True
    sandbox.jump(zoom=15.5)
    expect(sandbox.test_id("trouble-imagery:ortho")).to_contain_text("已不在册", timeout=READY_MS)
    expect(row("imagery:ortho")).to_have_count(0)
    expect(sandbox.test_id("tile-notice")).to_have_count(0)
    sandbox.wait_ready()


def test_a_configured_host_is_asked_only_when_somebody_wants_it_and_the_city_stays_without_it(
        sandbox_with, service, tmp_path):
    sandbox = sandbox_with()
    running = services.start(
        service.database, tmp_path, SHAPAN_BASE_TILES="https://tiles.example/{z}/{x}/{y}.png?key=1",
        SHAPAN_BASE_TILES_NAME="天地图", SHAPAN_BASE_TILES_ATTRIBUTION="GS(2024)1号")
    try:
        sandbox.service = replace(service, url=running.url)
        sandbox.open()
        assert sandbox.foreign == []
        sandbox.allowed_errors = True
        sandbox.test_id("layer-tiles").click()
        expect(sandbox.test_id("trouble-tiles")).to_contain_text("天地图没有到达")
        expect(sandbox.test_id("credits")).to_have_text("资料来源：GS(2024)1号")
        assert {url.split("/")[2] for url in sandbox.foreign} == {"tiles.example"}
        sandbox.wait_ready()
        expect(sandbox.test_id("tile-notice")).to_have_count(0)
        sandbox.test_id("layer-tiles").click()
        expect(sandbox.test_id("trouble-tiles")).to_have_count(0)
        expect(sandbox.test_id("credits")).to_be_hidden()
        sandbox.foreign.clear()  # looked at above
    finally:
        sandbox.page.close()
        running.stop()


@pytest.fixture
def boxes(service: Service, tmp_path) -> Iterator[list[float]]:
    """Put two 3D models on record, a magenta box and a green one packed by Draco; yield the place between them."""
    lon, lat = service.sql(MIDDLE)
    for name, color, packed, east in (("plain", (1, 0, 1), False, -0.0006), ("packed", (0, 1, 0), True, 0.0006)):
        folder = models.box_tileset(tmp_path / name, models.box_glb(30, 90, color, packed), lon + east, lat, 12, 30, 90)
        services.run_command("import", "model3d", str(folder), "--name", name, environment=service.database.environment)
    yield [lon, lat]
    for name in ("plain", "packed"):
        services.run_command("import", "remove", "model3d", name, environment=service.database.environment)


def share_between(pixels: np.ndarray, low: tuple[int, ...], high: tuple[int, ...]) -> float:
    return float(((pixels >= low) & (pixels <= high)).all(axis=1).mean())


def test_models_on_record_are_drawn_where_they_are_wanted_packed_ones_as_well(sandbox, service, boxes):
    lon, lat = boxes
    sandbox.open(f"?layers=-buildings&camera={lon},{lat},16.5,45,0")
    colors = {"plain": ((200, 0, 200), (255, 60, 255)), "packed": ((0, 200, 0), (60, 255, 60))}

    def shares() -> dict[str, float]:
        pixels = sandbox.pixels()
        return {name: share_between(pixels, *color) for name, color in colors.items()}

    assert max(shares().values()) < 0.001, "nobody has asked for a model"
    for name in colors:
        sandbox.test_id(f"layer-model:{name}").click()
    for _ in range(100):
        if min(shares().values()) > 0.004:
            break
        sandbox.page.wait_for_timeout(100)
    found = shares()
    assert min(found.values()) > 0.004, found
    assert max(found.values()) < 0.2, found
    sandbox.test_id("layer-model:plain").click()
    for _ in range(100):
        if shares()["plain"] < 0.001:
            break
        sandbox.page.wait_for_timeout(100)
    found = shares()
    assert found["plain"] < 0.001 < 0.004 < found["packed"]
