"""A change on the server in open pages: just the tiles it touches are fetched again, and they show it at once."""

import re
import time

import pytest

from spatial.cells import Touched

pytestmark = pytest.mark.browser

# Names of roads in the tiles of the base map that the page shows.
DRAWN_ROADS = """() => window.shapan.map.querySourceFeatures('base', {sourceLayer: 'roads'})
    .map(road => road.properties.name)"""

WITHIN_S = 5
"""Longest wait for a change; two cores draw both pages without a graphics card."""


def seconds_until(there) -> float:
    """Wait for something to be true and return how long it took."""
    began = time.monotonic()
    while not there():
        assert time.monotonic() - began < WITHIN_S, f"Not there after {WITHIN_S} s."
        time.sleep(0.05)
    return time.monotonic() - began


def tiles_of(page) -> list[tuple[str, int, int, int]]:
    """Return a list that goes on growing: layers, zoom, column and row of each tile that the page asks for."""
    asked: list[tuple[str, int, int, int]] = []

    def note(request) -> None:
        if found := re.search(r"/tiles/([^/]+)/(\d+)/(\d+)/(\d+)\.mvt", request.url):
            asked.append((found[1], *map(int, found.groups()[1:])))

    page.on("request", note)
    return asked


def test_a_changed_building_is_seen_in_every_open_page_and_only_its_tiles_are_asked_for(
        sandbox_with, service, building):
    building_id, lon, lat, height = building
    pages, asked = [sandbox_with(), sandbox_with()], []
    for sandbox in pages:
        sandbox.open(f"?camera={lon},{lat},16.4,40,0")
        assert set(sandbox.drawn_heights(building_id)) == {height}
        asked.append(tiles_of(sandbox.page))
    changes = service.sql("SELECT coalesce(max(id), 0) FROM outbox")

    service.execute("UPDATE building SET height_m = %s WHERE id = %s", height + 31, building_id)
    took = [seconds_until(lambda page=page: set(page.drawn_heights(building_id)) == {height + 31}) for page in pages]
    print(f"a changed building was in both pages after {max(took):.2f} s")

    change = Touched.of(service.sql(
        "SELECT payload FROM outbox WHERE kind = 'tiles' AND id > %s ORDER BY id", changes))
    pages[0].page.wait_for_timeout(1000)
    for found in asked:
        assert 0 < len(found) == len(set(found)), "A tile was asked for twice."
        assert {names for names, *_ in found} == {"buildings"}
        for _, z, x, y in found:
            up = z - change.z
            assert (change.z, x >> up, y >> up) in change.whole()


def test_the_base_map_shows_a_change_in_view_and_out_of_view(sandbox, service):
    road, name, lon, lat = service.sql("""
        SELECT ARRAY[id::text, name, ST_X(middle)::text, ST_Y(middle)::text]
        FROM (SELECT id, name, ST_PointOnSurface(geom) AS middle FROM road WHERE class = 'arterial') AS each
        ORDER BY id LIMIT 1""")
    sandbox.open(f"?camera={lon},{lat},16.4,0,0")
    drawn = lambda: sandbox.page.evaluate(DRAWN_ROADS)  # noqa: E731
    assert name in drawn()
    try:
        service.execute("UPDATE road SET name = '改名大道' WHERE id = %s", int(road))
        seconds_until(lambda: "改名大道" in drawn() and name not in drawn())
        # Far enough that its tiles leave the view, and are kept for the way back.
        sandbox.jump(center=[float(lon) + 0.03, float(lat)])
        sandbox.wait_ready()
        assert "改名大道" not in drawn()
        service.execute("UPDATE road SET name = %s WHERE id = %s", name, int(road))
        sandbox.page.wait_for_timeout(1000)
        sandbox.jump(center=[float(lon), float(lat)])
        seconds_until(lambda: name in drawn())
        assert "改名大道" not in drawn()
    finally:
        service.execute("UPDATE road SET name = %s WHERE id = %s", name, int(road))
