"""Finding things from the sandbox page: by what a person types, with the keyboard, and what a name may hold."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SPITEFUL = "<img src=x onerror=alert(1)>" + "望" * 172
"""A name of 200 characters that would run as markup."""

# Fields: id, name, longitude, latitude (degrees) of a building of a name that no place has.
A_NAMED_BUILDING = """
SELECT ARRAY[id::text, name, ST_X(middle)::text, ST_Y(middle)::text]
FROM (SELECT id, name, ST_PointOnSurface(footprint) AS middle FROM building) AS each
WHERE name IS NOT NULL AND name NOT IN (SELECT name FROM place WHERE name IS NOT NULL)
ORDER BY length(name) DESC, id LIMIT 1
"""

NAMED = "UPDATE place SET name = %s WHERE id = %s"
ENTERED = "UPDATE search_entry SET label = %s, also = NULL WHERE kind = 'place' AND object_id = %s"


@pytest.fixture
def named(service):
    place, before = service.sql("SELECT ARRAY[id::text, name] FROM place WHERE rank <= 3 ORDER BY id LIMIT 1")
    for statement in (NAMED, ENTERED):
        service.execute(statement, SPITEFUL, int(place))
    service.execute("UPDATE search_entry SET sought = 'ondertest' WHERE kind = 'place' AND object_id = %s", int(place))
    yield int(place)
    for statement in (NAMED, ENTERED):
        service.execute(statement, before, int(place))


def test_what_is_typed_is_found_flown_to_and_opened_and_a_spiteful_name_is_text(sandbox, service, named):
    building, name, lon, lat = service.sql(A_NAMED_BUILDING)
    sandbox.open()
    page = sandbox.page
    page.keyboard.press("/")
    expect(sandbox.test_id("search-text")).to_be_focused()
    page.keyboard.type(name[0])
    expect(sandbox.test_id("search-words")).to_contain_text("至少两个字符")
    page.keyboard.type(name[1:])
    option = page.locator(f'#search-list [data-kind="building"][data-id="{building}"]')
    expect(option).to_contain_text(name)
    while option.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(sandbox.test_id("building-card")).to_have_attribute("data-id", building)
    expect(sandbox.test_id("found-mark")).to_contain_text(name)
    expect(page.locator("#search-list")).to_have_count(0)
    page.wait_for_url("**camera=**")
    sandbox.wait_ready()
    x, y = sandbox.project(float(lon), float(lat))
    assert 0 < x < 1280, "the place is on the screen"
    assert 0 < y < 800
    page.keyboard.press("Escape")
    expect(sandbox.test_id("found-mark")).to_have_count(0)
    expect(sandbox.test_id("building-card")).to_have_count(0)

    sandbox.test_id("search-text").fill("ondertest")
    page.locator(f'#search-list [data-kind="place"][data-id="{named}"]').click()
    expect(sandbox.test_id("found-mark")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0
    assert sandbox.test_id("found-mark").bounding_box()["width"] < 400

    grid = service.sql("SELECT code FROM grid WHERE valid_to IS NULL ORDER BY code LIMIT 1")
    sandbox.test_id("search-text").fill(grid)
    page.locator('#search-list [data-kind="grid"]').first.click()
    expect(sandbox.test_id("grid-card")).to_have_attribute("data-code", grid)

    sandbox.allowed_errors = True  # the refusal's status
    sandbox.test_id("search-text").fill("13800138000")
    expect(sandbox.test_id("search-words")).to_contain_text("telephone")
