"""The pictures of the guide: which page, what is done on it, what is marked, and which part of the screen is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from guide_city import TO_SURVEY, City, flood

SANDBOX, PHONE = (1600, 900), (430, 880)


@dataclass(frozen=True)
class Scene:
    """One picture, in each language.

    Attributes:
        name: of its file. address: of the page, with ``{things}`` of the city. role: who looks.
        act: what is done on the page before the picture. marks: selector and the side of it where its number stands.
        cut: selectors; the picture is what holds all of them. size: of the window. before: what happens in the city first.
    """

    name: str
    address: str
    role: str = "operator"
    act: Callable[[Page, City], None] | None = None
    marks: tuple[tuple[str, str], ...] = ()
    cut: tuple[str, ...] = ()
    size: tuple[int, int] = SANDBOX
    before: Callable[[City], None] | None = None


def test_id(name: str) -> str:
    return f'[data-testid="{name}"]'


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
    page.get_by_test_id("step-note").fill({"zh-CN": "物业正在检修水泵，一小时内完成", "en": "The pump is under repair, done within the hour"}[
        page.evaluate("document.documentElement.lang")])


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
    page.get_by_test_id("freeze-form").locator("textarea").fill({
        "zh-CN": "电梯困人已联系维保，预计 20 分钟到场；烟感报警请夜班继续跟。",
        "en": "The lift's service company is on its way, 20 minutes; the smoke alarm is for the night shift to follow.",
    }[page.evaluate("document.documentElement.lang")])


def frozen(page: Page, city: City) -> None:
    """Freeze the picture indeed, and look at what was frozen."""
    freeze(page, city)
    page.get_by_test_id("freeze-form").locator("button.primary").click()
    expect(page.get_by_test_id("frozen")).to_be_visible()
    address = page.get_by_test_id("frozen").locator("a").get_attribute("href")
    city.date(page.evaluate("new Date().toISOString()"))
    page.goto(city.url + address)
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
    if not city.rows("SELECT FROM import_run WHERE file_name = '河湾社区户室.csv'"):
        page.get_by_test_id("file").set_input_files(str(broken_file(city.files)))
        page.get_by_test_id("field-concept").select_option("rooms")
        page.locator("details.more summary").click()
        page.get_by_test_id("field-source").fill("sandbox")
        page.get_by_test_id("send").click()
        expect(page.locator('.run-state[data-kind="failed"]').first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(2000)
        city.date(page.evaluate("new Date().toISOString()"))
        page.reload()
    page.locator("tr[data-run-id]").first.click()
    expect(page.get_by_test_id("run-detail").locator(".faults tbody tr").first).to_be_visible(timeout=60_000)


def wall_stands(page: Page, _: City) -> None:
    """Wait until the wall has its figures."""
    expect(page.get_by_test_id("figure-residents")).to_be_visible()
    page.wait_for_timeout(4000)


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
    city.change("UPDATE room SET tenure = 'vacant' WHERE building_id = %(building)s AND tenure = 'unknown'", quietly=False,
                building=city.things["building"])
    page.context.set_offline(False)
    expect(page.get_by_test_id("send")).to_have_attribute("data-waiting", "0", timeout=60_000)
    page.get_by_test_id("back").click()
    page.get_by_test_id("to-conflicts").click(timeout=60_000)
    expect(page.get_by_test_id("conflict").first).to_be_visible()


def tour(city: City) -> None:
    """Have a tour on record: two places, a building and a view."""
    if not (made := city.rows("SELECT id FROM wall_tour ORDER BY id LIMIT 1")):
        grid, building = city.things["grid"], city.things["building"]
        camera = {"lon": 117.28, "lat": 31.858, "zoom": 15.2, "pitch": 55, "bearing": 30}
        stops = [("", 15, "alarms", {"kind": "place", "level": "street", "code": f"{grid[:9]}000"}),
                 ("", 10, "entry_rate", {"kind": "place", "level": "community", "code": grid[:12]}),
                 ("", 10, "night", {"kind": "building", "id": building}), ("沙河两岸", 20, "buildings", {"kind": "view", "camera": camera})]
        city.ask("/api/tours", {"name": "值班巡演", "stops": [
            dict(zip(("title", "seconds", "show", "target"), stop, strict=True)) for stop in stops]})
        made = city.rows("SELECT id FROM wall_tour ORDER BY id LIMIT 1")
    city.things["tour"] = made[0][0]


def editor(page: Page, _: City) -> None:
    expect(page.get_by_test_id("tour-stops")).to_be_visible()
    page.wait_for_timeout(6000)


def someone_was_seen(city: City) -> None:
    """Have somebody look at one resident, for a reason."""
    if not city.rows("SELECT FROM audit LIMIT 1"):
        city.ask(f"/api/residents/{city.things['resident']}/reveal",
                 {"reason": "alarm", "alarm_id": city.things["fire"], "fields": ["name", "phone"]})


SCENES = (
    Scene("screen", "/?", marks=(
        (test_id("search"), "below"), (".counts", "below"), (".alarm-panel", "left"), (".left-side", "right"),
        (".map-controls", "left"), (test_id("connection"), "below"), (test_id("account"), "below"))),
    Scene("alarm", "/?alarm={fire}", act=put_away, marks=(
        ('[data-row-id="{fire}"]', "left"), ('[data-row-id="{fire}"] [data-testid="acknowledge"]', "right"), (".filters", "left"))),
    Scene("dossier", "/?alarm={fire}", marks=(
        (".stages", "left"), (test_id("step-bar"), "left"), (test_id("advice"), "left"), (test_id("dossier-people"), "left"),
        (test_id("freeze-alarm"), "right"))),
    Scene("shelve", "/?alarm={pressure}", act=shelve, cut=(test_id("alarm-dossier"),), marks=(
        (test_id("step-shelve"), "right"), (".step-form", "left"))),
    Scene("exploded", "/?alarm={fire}&exploded=1", marks=((test_id("floor-single"), "right"), (test_id("room-legend"), "right"))),
    Scene("reveal", "/?building={building}&room={room}", act=reveal, cut=(test_id("household-card"),), marks=(
        (test_id("reveal-form"), "left"), (test_id("reveal-submit"), "left"))),
    Scene("search", "/?", act=search, cut=(test_id("search"), "#search-list")),
    Scene("events", "/?events=auto&window=2026-10-31T10:00:00Z~2026-11-01T00:00:00Z", act=fold_buildings, marks=((test_id("events-panel"), "right"),)),
    Scene("grids", "/?choropleth=entry_rate&grid={grid}", act=fold_buildings, marks=((test_id("grid-panel"), "right"), (test_id("grid-card"), "left"))),
    Scene("past", "/?at=2026-10-31T15:59:00Z&events=auto", act=past, marks=((test_id("past-strip"), "above"),)),
    Scene("freeze", "/?", act=freeze, marks=((test_id("freeze"), "left"), (test_id("freeze-form"), "left"))),
    Scene("frozen", "/?", act=frozen, marks=((test_id("accept"), "below"), (test_id("replay"), "below"))),
    Scene("handover", "/handover?window=24h", marks=(
        (test_id("handovers"), "corner"), (".segmented", "below"), (test_id("copy"), "right"), (test_id("print"), "below"))),
    Scene("imports", "/data?view=imports", "importer", marks=(
        (test_id("runs"), "corner"), (test_id("upload"), "corner"), (test_id("worker"), "below"))),
    Scene("upload", "/data?view=imports", "importer", act=upload, cut=(test_id("upload"),), marks=(
        (test_id("drop"), "right"), (test_id("field-concept"), "right"), (test_id("field-max_rejects"), "right"),
        ("label.tick", "right"), (test_id("send"), "right"))),
    Scene("rejects", "/data?view=imports", "importer", act=rejects, marks=(
        (test_id("outcome"), "left"), (".faults table", "left"), (test_id("reject-file"), "below"), (test_id("correct"), "right"))),
    Scene("rates", "/data?view=rates&kind=housing&within={community}", "importer", marks=(
        (test_id("rates-trail"), "below"), (".rates-table, .sheet table", "corner"), (test_id("rates-map"), "corner"),
        (test_id("rates-help"), "left"))),
    Scene("rooms", "/data?view=rooms&within={grid}", marks=(
        (test_id("places-seek"), "right"), (test_id("work-building"), "corner"), (test_id("assign"), "corner"),
        (test_id("rooms-print"), "below"))),
    Scene("keepers", "/data?view=keepers", act=click("period-month")),
    Scene("layers", "/data?view=layers", "importer"),
    Scene("connect", "/data?view=connect", "importer"),
    Scene("wall", "/wall?height=2.4&distance=8", "wall", act=wall_stands, size=(1920, 1080)),
    Scene("tour", "/wall?edit={tour}", "administrator", before=tour, act=editor, marks=(
        (test_id("tour-search"), "left"), (test_id("tour-here"), "left"), (test_id("tour-stops"), "left"), (test_id("tour-try"), "left"),
        (test_id("tour-save"), "above"))),
    Scene("survey", "/survey#{link}", "", before=keeper_link, act=survey_list, size=PHONE),
    Scene("survey-rooms", "/survey#{link}", "", before=keeper_link, act=survey_rooms, size=PHONE),
    Scene("survey-form", "/survey#{link}", "", before=keeper_link, act=survey_form, size=PHONE),
    Scene("survey-offline", "/survey#{link}", "", before=keeper_link, act=survey_offline, size=PHONE),
    Scene("survey-conflict", "/survey#{link}", "", before=keeper_link, act=survey_conflict, size=PHONE),
    Scene("audit", "/audit?", "administrator", before=someone_was_seen, cut=(".ogc-top strong", "main h1", "main table")),
    Scene("roles", "/?", "administrator", act=click("account"), cut=(".status", ".account-roles"), marks=(
        (".account-roles", "left"),)),
    Scene("flood", "/?", before=flood, cut=(".alarm-panel",), marks=((test_id("flood"), "left"), (test_id("group-acknowledge"), "left"))),
)
