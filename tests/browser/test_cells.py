"""From afar the map shows sums by cell instead of single buildings."""

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# The sums in the tiles of the page: [buildings, residents] of each cell.
CELLS = """() => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['building-cells']});
    const { tileset } = layers.find(layer => layer.id === 'building-cells').state;
    return tileset.selectedTiles.flatMap(({ content }) => {
        const { featureIds, numericProps, fields = [] } = content?.polygons ?? {};
        return fields.map((_, feature) => {
            const corner = featureIds.value.indexOf(feature);
            return ['buildings', 'residents'].map(name => numericProps[name].value[corner]);
        });
    });
}"""

# Centre (degrees) of the fullest cell of the finest level, its buildings and residents.
FULLEST = """
SELECT ARRAY[ST_X(middle), ST_Y(middle), buildings, residents]
FROM (SELECT ST_Transform(ST_Centroid(ST_TileEnvelope(17, x, y)), 4326) AS middle,
             sum(buildings) AS buildings, sum(residents) AS residents
      FROM building_cell WHERE z = 17 GROUP BY x, y) AS each
ORDER BY residents DESC LIMIT 1
"""


def number(locator) -> float:
    return float(re.sub(r"[^0-9.]", "", locator.inner_text()))


def test_from_afar_the_map_and_its_legend_show_cells_and_a_click_says_their_sums(sandbox, service):
    lon, lat, buildings, residents = service.sql(FULLEST)
    sandbox.open(f"?camera={lon},{lat},12.4,0,0")
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "building_cells")
    expect(sandbox.test_id("cell-side")).to_contain_text("260 米")
    sums = [sum(column) for column in zip(*sandbox.page.evaluate(CELLS), strict=True)]
    assert sums == [service.sql("SELECT count(*) FROM building"), service.sql("SELECT count(*) FROM resident")]

    sandbox.page.mouse.click(*sandbox.project(lon, lat))
    expect(sandbox.test_id("cell-buildings")).to_have_text(f"{int(buildings):,}")
    assert number(sandbox.test_id("cell-residents")) == residents
    sandbox.page.get_by_role("button", name="放大到单栋建筑").click()
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "buildings")
    expect(sandbox.test_id("cell-card")).to_have_count(0)
    sandbox.wait_ready()
    sandbox.jump(zoom=10.2)
    expect(sandbox.test_id("cell-side")).to_contain_text("1 公里")


def test_the_card_of_a_distant_coarser_cell_stays_while_the_map_moves_and_the_legend_knows_its_size(sandbox, service):
    lon, lat, *_ = service.sql(FULLEST)
    sandbox.open(f"?camera={lon},{lat - 0.2},12.4,72,0")
    expect(sandbox.test_id("cell-side")).to_contain_text("260 米 至 2")
    sandbox.page.mouse.click(*sandbox.project(lon, lat))
    expect(sandbox.test_id("cell-card")).to_contain_text("520 米")
    sandbox.page.evaluate("() => { window.shapan.map.panBy([8, 0], {duration: 0}) }")
    sandbox.wait_ready()
    expect(sandbox.test_id("cell-card")).to_contain_text("520 米")
    sandbox.jump(pitch=50, zoom=12.4)
    expect(sandbox.test_id("cell-card")).to_have_count(0)
    expect(sandbox.test_id("cell-side")).to_contain_text("边长约 260 米")


def test_a_building_that_is_gone_leaves_its_cell_in_open_pages(sandbox, service, building):
    building_id, lon, lat, _ = building
    sandbox.open(f"?camera={lon},{lat},12.4,0,0")
    before = sorted(sandbox.page.evaluate(CELLS))
    service.execute("UPDATE building SET footprint = ST_Translate(footprint, 0.05, 0) WHERE id = %s", building_id)
    try:
        began = time.monotonic()
        while sorted(sandbox.page.evaluate(CELLS)) == before:
            assert time.monotonic() - began < 5, "The page still shows the old sums."
            time.sleep(0.05)
        print(f"the sums of cells were in an open page after {time.monotonic() - began:.2f} s")
    finally:
        service.execute("UPDATE building SET footprint = ST_Translate(footprint, -0.05, 0) WHERE id = %s", building_id)
