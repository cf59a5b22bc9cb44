"""Keepers on the page: live marks that say what they do, the card of one, and the track of a day."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sandbox

pytestmark = pytest.mark.browser

# What the map draws of keepers: state and place of each, by code; and how many lines of a track.
DRAWN = """() => {
    const layers = window.shapan.overlay._deck.layerManager.getLayers();
    const data = (name) => layers.filter(({id}) => id === name).flatMap(({props}) => props.data);
    return JSON.stringify({
        marks: Object.fromEntries(data('keepers').map(({code, state, lon, lat}) => [code, [state, lon, lat]])),
        walks: data('track-walks').length, gaps: data('track-gaps').length, stops: data('track-stops').length});
}"""

# Rows: one keeper's code, and the middle and the western edge of the grid.
KEEPER = """
SELECT json_build_array(keeper.code, keeper.name, keeper.phone, ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)),
                        ST_XMin(geom))
FROM keeper JOIN grid ON grid.code = keeper.grid_code AND valid_to IS NULL ORDER BY keeper.code LIMIT 1
"""


def until_drawn(sandbox: Sandbox, holds) -> dict:
    for _ in range(80):
        found = json.loads(sandbox.page.evaluate(DRAWN))
        if holds(found):
            return found
        sandbox.page.wait_for_timeout(100)
    raise AssertionError(found)


@pytest.fixture
def forgotten(service):
    """Nobody has been heard of today; afterwards all are where they were."""
    service.execute("CREATE TABLE keepers_before AS SELECT id, position, position_at, duty_since FROM keeper")
    service.execute("CREATE TABLE tracks_before AS SELECT * FROM keeper_track")
    service.execute("DELETE FROM keeper_track")
    service.execute("UPDATE keeper SET position_at = now() - interval '2 hours', duty_since = NULL")
    yield
    service.execute("DELETE FROM keeper_track")
    service.execute("INSERT INTO keeper_track SELECT * FROM tracks_before")
    service.execute("UPDATE keeper SET position = b.position, position_at = b.position_at, duty_since = b.duty_since "
                    "FROM keepers_before AS b WHERE b.id = keeper.id")
    service.execute("DROP TABLE keepers_before, tracks_before")


def test_a_keeper_is_seen_to_walk_to_leave_the_grid_and_to_have_walked(sandbox_with, service, forgotten):
    code, name, phone, lon, lat, west = service.sql(KEEPER)

    def walk(*steps: tuple[float, float]) -> None:
        """Send positions: seconds ago, and degrees east of the middle."""
        service.ask("/api/keepers/positions", {"positions": [
            {"keeper": code, "lon": lon + east, "lat": lat,
             "at": (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()} for ago, east in steps]})

    sandbox = sandbox_with(reduced_motion="reduce")
    page = sandbox.page
    sandbox.open()
    assert until_drawn(sandbox, lambda picture: True)["marks"] == {}
    sandbox.test_id("layer-keepers").check()
    everybody = service.sql("SELECT count(*)::int FROM keeper WHERE position IS NOT NULL")
    picture = until_drawn(sandbox, lambda picture: len(picture["marks"]) == everybody)
    assert {state for state, *_ in picture["marks"].values()} == {"off"}
    expect(sandbox.test_id("keepers-off")).to_contain_text(str(everybody))

    # Half an hour ago, a silence of 20 minutes, then a walk until now: live, by the stream.
    walk((1790, -0.001), (1730, -0.0007), (500, -0.0004), (440, 0), (100, 0.0002), (50, 0.0006))
    picture = until_drawn(sandbox, lambda picture: picture["marks"][code][0] == "moving")
    assert picture["marks"][code][1:] == pytest.approx([lon + 0.0006, lat])
    expect(sandbox.test_id("keepers-moving")).to_contain_text("1")

    # By the keyboard to the name, and to the card with the day's track.
    sandbox.test_id("keepers-moving").press("Enter")
    sandbox.test_id("keeper-name").press("Enter")
    card = sandbox.test_id("keeper-card")
    expect(card).to_have_attribute("data-status", "open")
    expect(card).to_contain_text(name)
    expect(sandbox.test_id("keeper-phone")).to_contain_text(phone or "—")
    expect(sandbox.test_id("keeper-state")).to_have_text("在岗 · 走访中")
    told = service.ask(f"/api/keepers/{code}/track")["properties"]
    picture = until_drawn(sandbox, lambda picture: picture["walks"] == 2)
    assert (picture["gaps"], picture["stops"]) == (len(told["gaps"]), len(told["stops"])) == (1, len(told["stops"]))
    expect(sandbox.test_id("track-metres")).to_contain_text("米")

    # Out of the grid: the mark and the word change by themselves.
    walk((0, west - lon - 0.003))
    until_drawn(sandbox, lambda picture: picture["marks"][code][0] == "outside")
    expect(sandbox.test_id("keeper-state")).to_have_text("在岗 · 离开网格")

    # A day without positions; no address ever names who is open; off is off.
    yesterday = (datetime.now(UTC) - timedelta(days=3)).strftime("%Y-%m-%d")
    sandbox.test_id("keeper-day").fill(yesterday)
    sandbox.test_id("keeper-day").dispatch_event("change")
    expect(sandbox.test_id("track-none")).to_be_visible()
    assert until_drawn(sandbox, lambda picture: picture["walks"] == 0)["gaps"] == 0
    expect(page).to_have_url(re.compile("keepers=1"))
    assert code not in page.url
    sandbox.test_id("keeper-to-grid").click()
    expect(sandbox.test_id("grid-card")).to_have_attribute("data-status", "open")
    expect(card).to_have_count(0)
    sandbox.test_id("layer-keepers").uncheck()
    until_drawn(sandbox, lambda picture: picture["marks"] == {})
