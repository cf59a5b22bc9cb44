"""What is done on a page, or happens in the city, before a picture of the guide is taken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from guide_city import TO_SURVEY, City
from playwright.sync_api import Page, expect

from tests.browser.test_golden import NOW

NEAR = 15.5
"""Zoom beyond which a wall looks at a building."""

JUST_NOW = """
UPDATE alarm SET occurred_at = now() - interval '20 seconds', received_at = now() - interval '19 seconds',
    last_occurred_at = now() - interval '20 seconds', last_received_at = now() - interval '19 seconds'
WHERE id = %(fire)s
"""

VACANT = "UPDATE room SET tenure = 'vacant' WHERE building_id = %(building)s AND tenure = 'unknown'"


def say(page: Page, chinese: str, english: str) -> str:
    """Return what a person writes, in the language of the page."""
    return english if page.evaluate("document.documentElement.lang") == "en" else chinese


def click(*names: str) -> Callable[[Page, City], None]:
    """Return an action that clicks one thing after the other."""
    def act(page: Page, _: City) -> None:
        for name in names:
            page.get_by_test_id(name).first.click()
    return act


def put_away(page: Page, _: City) -> None:
    """Close what is open, and stay where the camera is."""
    for _ in range(2):
        page.keyboard.press("Escape")


def shelve(page: Page, city: City) -> None:
    page.get_by_test_id("step-shelve").click()
    page.get_by_test_id("step-note").fill(say(page, "物业正在检修水泵，一小时内完成",
                                              "The pump is under repair, done within the hour"))


def search(page: Page, city: City) -> None:
    page.get_by_test_id("search-text").fill("hwsq")
    expect(page.locator("#search-list [role=option]").first).to_be_visible()


def reveal(page: Page, city: City) -> None:
    who = page.locator(f'[data-resident="{city.things["resident"]}"]')
    who.scroll_into_view_if_needed()
    who.locator("button").first.click()
    expect(page.get_by_test_id("reveal-form")).to_be_visible()


def freeze(page: Page, city: City) -> None:
    city.change("DELETE FROM handover")
    page.get_by_test_id("freeze").click()
    page.get_by_test_id("freeze-form").locator("textarea").fill(say(
        page, "电梯困人已联系维保，预计 20 分钟到场；烟感报警请夜班继续跟。",
        "The lift's service company is on its way, 20 minutes; the smoke alarm is for the night shift to follow."))


def frozen(page: Page, city: City) -> None:
    """Freeze the picture indeed, and look at what was frozen."""
    freeze(page, city)
    page.get_by_test_id("freeze-form").locator("button.primary").click()
    expect(page.get_by_test_id("frozen")).to_be_visible()
    address = page.get_by_test_id("frozen").locator("a").get_attribute("href")
    city.date(page.evaluate("new Date().toISOString()"))
    page.goto(f"{city.url}{address}&style={say(page, 'night', 'day')}")
    expect(page.get_by_test_id("frozen")).to_have_attribute("data-status", "ready")


def fold_buildings(page: Page, _: City) -> None:
    """Give the panels below the buildings' colours the room that they take."""
    page.locator('[data-slot="legend"] .fold').click()


def past(page: Page, city: City) -> None:
    expect(page.get_by_test_id("past-strip")).to_be_visible()


def upload(page: Page, city: City) -> None:
    page.get_by_test_id("file").set_input_files(str(city.files / "rooms.csv"))
    page.get_by_test_id("field-concept").select_option("rooms")
    page.locator("label.tick").first.click()


def broken_file(folder: Path) -> Path:
    """Write a table of rooms of which three rows cannot be taken."""
    source = (folder / "rooms.csv").read_text(encoding="utf-8-sig").splitlines()
    head, rows = source[0], source[1:21]
    names = head.split(",")
    spoilt = [row.split(",") for row in rows]
    for row, name, value in ((3, "area_m2", "八十九"), (8, "floor", "一百二十层"), (14, "use", "居住")):
        spoilt[row][names.index(name)] = value
    path = folder / "河湾社区户室.csv"
    path.write_text("\n".join([head, *(",".join(row) for row in spoilt)]), encoding="utf-8-sig")
    return path


def rejects(page: Page, city: City) -> None:
    """Send a table with faults, and look at its run; anew each time: rejected rows are kept for days only."""
    city.change("DELETE FROM import_run WHERE queued_at IS NOT NULL", quietly=False)
    page.get_by_test_id("file").set_input_files(str(broken_file(city.files)))
    page.get_by_test_id("field-concept").select_option("rooms")
    page.locator("details.more summary").click()
    page.get_by_test_id("field-source").fill("sandbox")
    page.get_by_test_id("send").click()
    expect(page.locator('.run-state[data-kind="failed"]').first).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("reject-file")).to_be_visible(timeout=60_000)
    city.date(page.evaluate("new Date().toISOString()"))
    page.goto(f"{city.url}/data?view=imports&lang={say(page, 'zh-CN&style=night', 'en&style=day')}")
    page.locator("tr[data-run-id]").first.click()
    expect(page.get_by_test_id("run-detail").locator(".faults tbody tr").first).to_be_visible(timeout=60_000)


def fire_breaks_out(city: City) -> None:
    """Date the fire to this moment: a wall has its own clock, and shows what is new."""
    city.change(JUST_NOW, fire=city.things["fire"])


def wall_stands(page: Page, _: City) -> None:
    """Wait until the wall has its figures and the fire has the picture; a cold page may miss it the first time."""
    for _ in range(3):
        expect(page.get_by_test_id("figure-residents")).to_be_visible()
        expect(page.get_by_test_id("takeover")).to_be_visible(timeout=30_000)
        page.wait_for_timeout(8000)
        if page.evaluate("window.shapan.map.getZoom()") > NEAR:
            return
        page.reload()
    raise LookupError("the fire does not get the picture of the wall")


def keeper_link(city: City) -> None:
    """Make the link of the keeper in whose grid the fire is, which opens once; and rooms that are to survey there."""
    city.change(TO_SURVEY, quietly=False, building=city.things["building"])
    ((code,),) = city.rows("SELECT code FROM keeper WHERE grid_code = %s ORDER BY code LIMIT 1", city.things["grid"])
    city.things["link"] = city.ask("/api/access-links", {"kind": "keeper", "keeper": code})["token"]


def survey_list(page: Page, _: City) -> None:
    page.locator('html[data-survey="ready"]').wait_for(state="attached")
    expect(page.get_by_test_id("buildings")).to_be_visible()


def survey_rooms(page: Page, city: City) -> None:
    survey_list(page, city)
    page.locator(f'[data-building="{city.things["building"]}"]').click()
    expect(page.get_by_test_id("rooms").first).to_be_visible()


def survey_form(page: Page, city: City) -> None:
    survey_rooms(page, city)
    page.locator('.tile[data-state="due"]').first.click()
    expect(page.get_by_test_id("form")).to_be_visible()


def fill_in(page: Page, area: str) -> None:
    """Fill in the form that is open, and keep it."""
    page.locator('[data-field="tenure"][data-value="rented"]').click()
    page.locator('input[data-field="area_m2"]').fill(area)
    page.get_by_test_id("save").click()


def survey_offline(page: Page, city: City) -> None:
    """Fill in two forms without a network."""
    survey_rooms(page, city)
    page.context.set_offline(True)
    for area in ("86", "103.5"):
        page.locator('.tile[data-state="due"]').first.click()
        fill_in(page, area)
        expect(page.get_by_test_id("rooms").first).to_be_visible()
    expect(page.get_by_test_id("send")).to_have_attribute("data-waiting", "2")


def survey_conflict(page: Page, city: City) -> None:
    """Fill in a form without a network, of a room that somebody else has changed meanwhile."""
    survey_offline(page, city)
    city.change(VACANT, quietly=False, building=city.things["building"])
    page.context.set_offline(False)
    expect(page.get_by_test_id("send")).to_have_attribute("data-waiting", "0", timeout=60_000)
    page.get_by_test_id("back").click()
    page.get_by_test_id("to-conflicts").click(timeout=60_000)
    expect(page.get_by_test_id("conflict").first).to_be_visible()


def stop(show: str, title: str, **target: Any) -> dict[str, Any]:
    return {"title": title, "seconds": 15, "show": show, "target": target}


def tour(city: City) -> None:
    """Have a tour on record: two places, a building and a view; and the fire of that night again."""
    city.date(NOW)
    if not (made := city.rows("SELECT id FROM wall_tour ORDER BY id LIMIT 1")):
        grid, building = city.things["grid"], city.things["building"]
        camera = {"lon": 117.28, "lat": 31.858, "zoom": 15.2, "pitch": 55, "bearing": 30}
        stops = [stop("alarms", "全街道告警", kind="place", level="street", code=f"{grid[:9]}000"),
                 stop("entry_rate", "社区录入率", kind="place", level="community", code=grid[:12]),
                 stop("night", "重点楼栋", kind="building", id=building),
                 stop("buildings", "沙河两岸", kind="view", camera=camera)]
        city.ask("/api/tours", {"name": "值班巡演", "stops": stops})
        made = city.rows("SELECT id FROM wall_tour ORDER BY id LIMIT 1")
    city.things["tour"] = made[0][0]


def editor(page: Page, _: City) -> None:
    expect(page.get_by_test_id("tour-stops")).to_be_visible()
    page.wait_for_timeout(6000)


def someone_was_seen(city: City) -> None:
    """Have somebody look at one resident, for a reason."""
    if not city.rows("SELECT FROM audit WHERE resident_id = %s", city.things["resident"]):
        city.ask(f"/api/residents/{city.things['resident']}/reveal",
                 {"reason": "alarm", "alarm_id": city.things["fire"], "fields": ["name", "phone"]})
