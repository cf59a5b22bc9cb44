"""Buildings by a metric that the user picks: tiles, legend and its numbers against what is on record."""

import urllib.request

import numpy as np
import psycopg
import pytest
from playwright.sync_api import expect

from tests.tiles.drawn import TMS, decoded

pytestmark = pytest.mark.browser

# Rows: id, residents, density, entry rate, vacancy, counted from the rows of the city alone.
TRUTH = """
SELECT id, people, floor(people * 1000 / (ST_Area(footprint::geography) * nullif(floors_above, 0)))::int,
       entered * 100 / (SELECT value FROM expected WHERE building_id = b.id), empty * 100 / nullif(homes, 0)
FROM building AS b, LATERAL (
    SELECT count(*) FILTER (WHERE tenure <> 'unknown' AND area_m2 IS NOT NULL) AS entered,
           count(*) FILTER (WHERE use = 'residential') AS homes,
           count(*) FILTER (WHERE use = 'residential' AND id NOT IN (SELECT room_id FROM household)) AS empty
    FROM room WHERE building_id = b.id
) AS rooms, LATERAL (SELECT count(*) AS people FROM resident WHERE building_id = b.id) AS residents
"""
METRICS = ("residents", "density", "entry_rate", "vacancy")

# Height in metres of what deck.gl draws for a building, and the numbers on the columns.
ELEVATION = """id => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['buildings']});
    const [layer] = layers.filter(each => each.id === 'buildings');
    const drawn = layer.getSubLayers().flatMap(each => each.getSubLayers());
    const { fields, featureIds, numericProps } = layer.state.tileset.selectedTiles
        .map(({ content }) => content?.polygons).find(found => found?.fields.some(each => each?.id === id));
    const corner = featureIds.value.indexOf(fields.findIndex(each => each?.id === id));
    const residents = numericProps.residents.value[corner];
    return layer.props.getElevation({ properties: { drawn_height_m: -1, residents } });
}"""
NUMBERS = """() => window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['resident-numbers']})
    .filter(each => each.id === 'resident-numbers').flatMap(each => each.props.data.map(each.props.getText))"""


def truth(service) -> dict[int, dict]:
    with psycopg.connect(service.database.addresses.superuser) as connection:
        return {row[0]: {name: value for name, value in zip(METRICS, row[1:], strict=True) if value is not None}
                for row in connection.execute(TRUTH)}


def test_tiles_of_the_city_hold_what_a_count_of_its_rows_gives(service):
    west, south, east, north = service.ask("/api/scenes/sandbox")["bounds"]
    found = {}
    for tile in TMS.tiles(west, south, east, north, [15]):
        with urllib.request.urlopen(f"{service.url}/tiles/buildings/15/{tile.x}/{tile.y}.mvt", timeout=20) as answer:
            for feature in decoded(answer.read()).get("buildings", []):
                properties = feature["properties"]
                found[feature["id"]] = {name: properties[name] for name in METRICS if name in properties}
    expected = truth(service)
    # Sheds of less than half a pixel are not drawn.
    assert found == {number: expected[number] for number in found}
    assert len(found) > 0.9 * len(expected)
    assert all(len({row.get(name) for row in expected.values()}) > 5 for name in METRICS)


def counts(sandbox) -> list[int]:
    lines = sandbox.test_id("class-count")
    expect(lines.first).to_be_visible()
    return [int(text.replace(",", "")) for text in lines.all_inner_texts()]


def test_each_metric_has_its_legend_with_numbers_that_follow_and_residents_may_be_heights_or_columns(sandbox, service):
    rows = truth(service)
    sandbox.open("?metric=density")
    for metric in METRICS:
        sandbox.test_id(f"metric-{metric}").click()
        expect(sandbox.test_id("legend")).to_have_attribute("data-metric", metric)
        legend = next(each for each in service.ask("/legends.json")["legends"]
                      if (each["layer"], each["metric"]) == ("buildings", metric))
        breaks = [line["from"] for line in legend["classes"]]
        values = [row[metric] for row in rows.values() if metric in row]
        wanted = [int(number) for number in np.histogram(values, [*breaks, np.inf])[0]]
        missing = [len(rows) - len(values)] if legend["noData"] else []
        assert counts(sandbox) == wanted + missing, metric
    assert sandbox.test_id("legend-note").inner_text()

    # A household more: one dwelling less is vacant.
    building = service.sql("SELECT building_id FROM room WHERE use = 'residential' AND id NOT IN "
                            "(SELECT room_id FROM household) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    before = counts(sandbox)
    service.execute("UPDATE room SET use = 'other' WHERE building_id = %s AND use = 'residential'", building)
    try:
        expect(sandbox.test_id("legend-none").get_by_test_id("class-count")).to_have_text(str(before[-1] + 1))
    finally:
        service.execute("UPDATE room SET use = 'residential' WHERE building_id = %s AND use = 'other'", building)

    # Open alarms: grey, but for those that have one.
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id LIMIT 1")
    sandbox.test_id("metric-alarms").click()
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "alarms")
    assert counts(sandbox) == [0, 0, 0, 0, 0, len(rows)]
    service.raise_alarm(device, severity="major")
    expect(sandbox.test_id("class-count").nth(1)).to_have_text("1")
    assert counts(sandbox) == [0, 1, 0, 0, 0, len(rows) - 1]

    # Residents as height, then as columns: carried by the link, said in words.
    most, most_people = max(((id_, row["residents"]) for id_, row in rows.items()), key=lambda each: each[1])
    sandbox.test_id("form-residents").click()
    expect(sandbox.test_id("form-hint")).to_contain_text("每 100 人 50 米")
    sandbox.wait_ready()
    assert sandbox.page.evaluate(ELEVATION, most) == pytest.approx(most_people / 2)
    sandbox.test_id("form-columns").click()
    sandbox.page.wait_for_url("**form=columns**")
    expect(sandbox.test_id("form-hint")).to_contain_text("已标注")
    sandbox.wait_ready()
    numbers = sandbox.page.evaluate(NUMBERS)
    people = sorted((row["residents"] for row in rows.values() if row["residents"]), reverse=True)
    assert numbers[0] == str(people[0])
    assert set(numbers) <= set(map(str, people))
    sandbox.page.reload()
    sandbox.wait_ready()
    expect(sandbox.test_id("form-columns")).to_have_attribute("aria-checked", "true")
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "alarms")
    sandbox.jump(zoom=11)
    expect(sandbox.test_id("legend")).to_have_attribute("data-layer", "building_cells")
    assert sandbox.page.evaluate(NUMBERS) == []
