"""Measuring on the map, and taking its picture."""

import numpy as np
import pytest
from playwright.sync_api import expect
from pyproj import Geod

from tests.fixtures.pictures import read_png

pytestmark = pytest.mark.browser

CGCS2000 = Geod(a=6_378_137, rf=298.257222101)

CORNERS = [(500, 300), (700, 320), (680, 520), (520, 480)]
"""Pixels of the map that no panel covers."""


def test_distance_and_area_are_those_of_the_ellipsoid_and_the_picture_shows_them(sandbox_with, service, tmp_path):
    device = service.sql("SELECT code FROM device WHERE kind = 'smoke' ORDER BY code LIMIT 1")
    service.raise_alarm(device)
    sandbox = sandbox_with(device_scale_factor=1)
    sandbox.open()
    page, measured = sandbox.page, sandbox.test_id("measured")

    def points():
        return page.evaluate("window.shapan.store.state.measure.points")

    sandbox.test_id("measure-distance").click()
    expect(sandbox.test_id("measure-bar")).to_contain_text("点击地图")
    for corner in CORNERS[:3]:
        page.mouse.click(*corner)
    expect(sandbox.test_id("measure-bar")).to_have_attribute("data-points", "3")
    assert sandbox.test_id("building-card").count() == 0, "a click measures, and opens nothing"
    lon, lat = zip(*points(), strict=True)
    assert float(measured.get_attribute("data-metres")) == pytest.approx(CGCS2000.line_length(lon, lat), abs=1e-3)
    page.get_by_role("button", name="撤销一点").click()
    expect(sandbox.test_id("measure-bar")).to_have_attribute("data-points", "2")
    lon, lat = zip(*points(), strict=True)
    assert float(measured.get_attribute("data-metres")) == pytest.approx(CGCS2000.line_length(lon, lat), abs=1e-3)

    sandbox.test_id("measure-area").click()
    for corner in CORNERS:
        page.mouse.click(*corner)
    expect(sandbox.test_id("measure-bar")).to_have_attribute("data-points", "4")
    lon, lat = zip(*points(), strict=True)
    square_metres, _ = CGCS2000.polygon_area_perimeter(lon, lat)
    assert float(measured.get_attribute("data-square-metres")) == pytest.approx(abs(square_metres), abs=0.01)
    expect(page.locator(".measure-label")).to_contain_text("公顷")
    page.mouse.click(560, 260)
    expect(sandbox.test_id("measure-bar")).to_contain_text("边线相交")
    page.get_by_role("button", name="撤销一点").click()
    expect(page.locator(".measure-label")).to_have_count(1)

    with page.expect_download() as download:
        sandbox.test_id("snapshot").click()
    assert download.value.suggested_filename.startswith("shapan-20")
    path = tmp_path / "picture.png"
    download.value.save_as(path)
    picture = read_png(path.read_bytes())
    assert picture.shape[:2] == (800, 1280)
    assert picture[300:600, 400:800].std() > 8, "the map is in it"
    swatch = page.locator('[data-testid="legend-class"]').last.get_attribute("data-color")
    at_legend = picture[400:, :400].reshape(-1, 3)
    assert (np.abs(at_legend.astype(int) - [int(part) for part in swatch.split(",")]).max(axis=1) < 3).sum() > 150
    assert (picture[:48] == picture[4, 4]).all(axis=-1).mean() < 0.98, "the head says what it is, and when"

    page.keyboard.press("Escape")
    expect(sandbox.test_id("measure-bar")).to_have_count(0)
    page.mouse.click(*CORNERS[0])
    assert points() == []
