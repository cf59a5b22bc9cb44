"""The page of imports: history, upload, progress, rejects, errors with their cure."""

import csv
import re
from pathlib import Path

import pyogrio
import pytest
from playwright.sync_api import Page, expect

from spatial import uploads
from tests.fixtures.waiting import until
from tests.importers.files import bow_tie, buildings, square, write

pytestmark = pytest.mark.browser

ENDS_MS = 30_000


@pytest.fixture
def page(sandbox_with, service) -> Page:
    """Return the page of imports, opened."""
    opened = sandbox_with(webgl=False, viewport={"width": 1600, "height": 900}).page
    opened.goto(f"{service.url}/data")
    expect(opened.get_by_test_id("runs")).to_have_attribute("data-status", "ready")
    expect(opened.get_by_test_id("worker")).to_have_attribute("data-worker", "live", timeout=ENDS_MS)
    return opened


def send(page: Page, *files: Path, **fields: str) -> None:
    page.get_by_test_id("file").set_input_files([str(file) for file in files])
    if "source" in fields:
        page.locator("details.more summary").click()
    for name, value in {"concept": "buildings", **fields}.items():
        field = page.get_by_test_id(f"field-{name}")
        field.select_option(value) if name == "concept" else field.fill(value)
    page.get_by_test_id("send").click()


def detail(page: Page, state: str):
    """Return the panel of the run that was sent, once it has reached a state."""
    panel = page.get_by_test_id("run-detail")
    expect(panel.locator(f'.run-state[data-kind="{state}"]')).to_be_visible(timeout=ENDS_MS)
    return panel


def test_a_file_is_uploaded_imported_and_counted_and_its_name_is_no_markup(page, service, tmp_path):
    path = buildings(tmp_path / "楼栋 <img src=x onerror=alert(1)>.gpkg", 1200, south=40)
    before = service.sql("SELECT count(*) FROM building")
    send(page, path, source="browser")
    panel = detail(page, "done")
    expect(panel.get_by_test_id("figure-inserted")).to_have_text("1,200")
    expect(panel).to_contain_text(path.name)
    expect(page.locator("img")).to_have_count(0)
    assert service.sql("SELECT count(*) FROM building") == before + 1200
    row = page.locator("tr[data-run-id]").first
    expect(row).to_have_attribute("data-kind", "done")
    expect(row.locator("time")).to_have_attribute("title", re.compile(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$"))
    expect(row).to_contain_text("已完成")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    service.execute("DELETE FROM building WHERE source = 'browser'")


def test_rejected_rows_are_listed_page_by_page_and_the_table_downloads(page, tmp_path):
    path = write(tmp_path / "坏.geojson", {"code": [f"R{number}" for number in range(70)]}, [
        bow_tie(117 + number / 100, 41) for number in range(70)])
    send(page, path)
    panel = detail(page, "failed")
    expect(panel.get_by_test_id("outcome")).to_contain_text("70 行被拒绝")
    expect(panel.get_by_test_id("outcome")).to_contain_text("“允许拒绝”设为 70")
    rows = panel.locator(".faults tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("图形无效")
    panel.get_by_test_id("more-faults").click()
    expect(rows).to_have_count(70)
    with page.expect_download() as download:
        panel.get_by_test_id("download").click()
    assert re.fullmatch(r"import-\d+-rejects\.csv", download.value.suggested_filename)
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["row"] for row in table] == [str(number) for number in range(1, 71)]
    assert "crosses itself" in table[0]["message"]


def test_rejected_rows_are_downloaded_corrected_and_sent_with_the_options_of_their_run(page, service, tmp_path):
    path = write(tmp_path / "楼栋.gpkg", {"楼号": ["C1", "C2", "C3"]}, [
        square(117, 42), bow_tie(117.1, 42), square(117.2, 42)])
    mapping = "fields: {code: 楼号}"
    send(page, path, source="corrected", max_rejects="1", mapping=mapping)
    panel = detail(page, "partial")
    with page.expect_download() as download:
        panel.get_by_test_id("reject-file").click(timeout=ENDS_MS)
    assert download.value.suggested_filename == "楼栋.rejects.gpkg"
    download.value.save_as(tmp_path / "downloaded.gpkg")
    _, rejected = pyogrio.read_arrow(tmp_path / "downloaded.gpkg")
    assert rejected.column("楼号").to_pylist() == ["C2"]
    fixed = write(tmp_path / download.value.suggested_filename, {"楼号": ["C2"]}, [square(117.1, 42)])
    panel.get_by_test_id("correct").press("Enter")
    expect(panel).to_have_count(0)
    expect(page.get_by_test_id("file")).to_be_focused()
    expect(page.get_by_test_id("field-concept")).to_have_value("buildings")
    expect(page.get_by_test_id("field-source")).to_have_value("corrected")
    expect(page.get_by_test_id("field-mapping")).to_have_value(mapping)
    expect(page.get_by_test_id("field-max_rejects")).to_have_value("0")
    expect(page.get_by_test_id("send")).to_be_in_viewport()
    page.get_by_test_id("file").set_input_files(str(fixed))
    page.get_by_test_id("send").click()
    expect(detail(page, "done").get_by_test_id("figure-inserted")).to_have_text("1")
    assert service.sql("SELECT count(*) FROM building WHERE source = 'corrected'") == 3
    expect(page.get_by_test_id("corrects")).to_have_count(0)
    expect(page.get_by_test_id("field-source")).to_have_value("")  # the next file is another one
    service.execute("DELETE FROM building WHERE source = 'corrected'")


def test_rows_of_people_are_not_offered_and_a_stopped_run_goes_on(page, service, tmp_path):
    people = tmp_path / "residents.csv"
    people.write_text("code,building_code,unit_number,room_number,name\nN1,nowhere,1,101,赵一\n")
    send(page, people, concept="residents")
    correction = detail(page, "failed").get_by_test_id("correction")
    expect(correction).to_contain_text("shapan import residents FILE")
    expect(correction.get_by_test_id("reject-file")).to_have_count(0)
    upload = uploads.create(service.database.settings)
    buildings(tmp_path / "a.gpkg", 2, south=43).rename(upload.path(".gpkg"))
    upload.describe({"ending": ".gpkg"})
    # As a worker leaves it that was killed while it opened the file.
    run_id = service.sql("INSERT INTO import_run (concept, file_name, source, account, upload, queued_at) VALUES "
                         "('buildings', 'a.gpkg', 'stopped', 'demo', %s, now()) RETURNING id", upload.token)
    page.goto(f"{service.url}/data?run={run_id}")
    page.get_by_test_id("resume").click(timeout=ENDS_MS)
    expect(detail(page, "done").get_by_test_id("figure-inserted")).to_have_text("2")
    service.execute("DELETE FROM building WHERE source = 'a'")


def test_what_is_wrong_is_told_with_its_cure_in_both_languages(page, sandbox_with, tmp_path):
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("upload-said")).to_have_text("先选择文件")
    send(page, write(tmp_path / "nowhere.shp", {"code": ["A"]}, [square(500_000, 3_400_000, 10)], crs=None),
         *(tmp_path / f"nowhere{ending}" for ending in (".shx", ".dbf")))
    panel = detail(page, "failed")
    outcome = panel.get_by_test_id("outcome")
    expect(outcome).to_contain_text("nowhere.shp does not say in which coordinate system it is.")
    expect(outcome).to_contain_text("EPSG:4547")
    page.get_by_test_id("language").click()
    expect(panel).to_contain_text("Not imported")
    expect(page.get_by_role("heading", name="Import history")).to_be_visible()
    assert re.search(r"lang=en&run=\d+$", page.url)
    page.get_by_test_id("detail-close").click()
    chinese = re.findall(r"[\u4e00-\u9fff]+", page.locator("body").inner_text().replace("坏.geojson", ""))
    assert [words for words in chinese if words not in ("中文", "楼栋")] == []
    page.get_by_test_id("to-sandbox").click()
    page.get_by_test_id("to-data").click()
    expect(page.get_by_test_id("runs")).to_have_attribute("data-status", "ready")
    page.evaluate("() => document.querySelector('[data-slot=run-table] button.run-open').focus()")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("run-detail")).to_be_focused()


def test_a_refused_upload_names_each_field_and_a_lost_server_is_told(sandbox_with, service, tmp_path):
    sandbox = sandbox_with(webgl=False)
    sandbox.allowed_errors = True
    page = sandbox.page
    page.goto(f"{service.url}/data?lang=en")
    (tmp_path / "a.exe").write_text("x")
    send(page, tmp_path / "a.exe", max_rejects="few")
    expect(page.get_by_test_id("upload-error")).to_contain_text("has an ending that is not read")
    expect(page.get_by_test_id("upload-error")).to_contain_text("Rejects allowed write a number")
    expect(page.get_by_test_id("field-max_rejects")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_test_id("field-crs")).not_to_have_attribute("aria-invalid", "true")
    page.route("**/api/imports", lambda route: route.abort())
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")  # it looks at once, not in ten seconds
    expect(page.get_by_test_id("worker")).to_have_attribute("data-worker", "offline")
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, a, select, textarea')]
        .filter(each => !(each.innerText?.trim() || each.getAttribute('aria-label') || each.title
                          || each.labels?.[0]?.textContent.trim()))
        .map(each => each.outerHTML)""")
    assert nameless == []


# Rows: of each grid of a community, name, rooms with all required fields, and the latest declared total of housing.
RATES_BY_SQL = """
SELECT json_object_agg(grid.code, json_build_array(
    (SELECT count(*) FROM room WHERE room.grid_code = grid.code AND use <> 'unknown' AND tenure <> 'unknown'
     AND area_m2 IS NOT NULL),
    (SELECT value FROM expected WHERE expected.grid_code = grid.code AND kind = 'housing' AND building_id IS NULL
     AND as_of <= shapan_today() ORDER BY as_of DESC, id DESC LIMIT 1)))
FROM grid WHERE valid_to IS NULL AND left(code, 12) = %s
"""


def table_of(download) -> list[list[str]]:
    """Return a table that was downloaded, without its byte order mark."""
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_entry_rates_are_those_of_sql_go_down_by_row_and_map_and_what_nobody_declared_is_unknown(sandbox_with, service):
    community = service.sql("SELECT left(grid_code, 12) FROM expected WHERE building_id IS NULL LIMIT 1")
    page = sandbox_with(viewport={"width": 1600, "height": 900}).page
    page.goto(f"{service.url}/data?view=rates&within={community}")
    panel = page.get_by_test_id("rates")
    expect(panel).to_have_attribute("data-level", "grid")
    for code, (entered, declared) in service.sql(RATES_BY_SQL, community).items():
        cell = panel.locator(f'tr[data-code="{code}"] td[data-kind="housing"]')
        expect(cell.locator("b")).to_have_text(f"{entered * 100 // declared}%")
        expect(cell.locator("small")).to_contain_text(f"{entered:,} / {declared:,}")
        expect(panel.locator(f'tr[data-code="{code}"] td[data-kind="legal_entities"] b')).to_have_text("未知")
    expect(panel.get_by_test_id("rate-own").nth(2)).to_contain_text("没有申报应录总数")
    panel.get_by_test_id("rate-own").nth(2).click()
    expect(page.get_by_test_id("rates-unknown")).to_contain_text("shapan import expected")
    with page.expect_download() as download:
        page.get_by_test_id("rates-template").click()
    assert table_of(download)[1][:3] == [community, "legal_entities", ""]
    panel.get_by_test_id("rate-own").nth(1).click()
    rates_map = page.get_by_test_id("rates-map")
    expect(rates_map).to_have_attribute("data-state", "ready", timeout=120_000)
    known = page.locator(".map-legend [data-testid=legend-class] b")
    until(lambda: sum(map(int, known.all_inner_texts())) == panel.locator("tbody tr").count() > 0)
    rates_map.click()  # in its middle lies one of the grids
    expect(panel).to_have_attribute("data-level", "building")
    grid = panel.get_attribute("data-within")
    assert grid.startswith(community)
    assert f"within={grid}" in page.url
    buildings = service.sql("SELECT count(*) FROM building WHERE grid_code = %s", grid)
    expect(panel.locator("tbody tr")).to_have_count(buildings)
    page.get_by_test_id("sort-name").click()
    with page.expect_download() as download:
        page.get_by_test_id("rates-csv").click()
    table = table_of(download)
    assert len(table) == 1 + 1 + buildings, "a head, the grid itself, its buildings"
    assert table[0][:3] == ["编码", "名称", "人口 录入率"]
    assert table[1][0] == grid
    page.go_back()  # what was put in order is no place of its own
    expect(panel).to_have_attribute("data-within", community)
    page.get_by_test_id("rates-up").first.press("Enter")
    expect(panel).to_have_attribute("data-level", "county")
    page.get_by_test_id("rates-down").first.click()
    expect(panel).to_have_attribute("data-level", "street")


def test_rooms_are_chosen_assigned_marked_and_exported_and_figures_of_keepers_and_layers_equal_sql(
        sandbox_with, service):
    grid, rooms, keeper = service.sql("""
        SELECT ARRAY[grid_code, count(*)::text, (SELECT min(code) FROM keeper WHERE keeper.grid_code = room.grid_code)]
        FROM room WHERE tenure = 'unknown' GROUP BY grid_code ORDER BY count(*) DESC, grid_code LIMIT 1""")
    sandbox = sandbox_with(webgl=False, viewport={"width": 1600, "height": 900})
    page = sandbox.page
    page.goto(f"{service.url}/data?view=rooms")
    page.locator(f'[data-testid="place"][data-code="{grid}"]').click()
    section = page.get_by_test_id("rooms")
    expect(section).to_have_attribute("data-status", "ready")
    chips = page.get_by_test_id("room")
    expect(chips).to_have_count(int(rooms))
    expect(chips.first).to_contain_text("缺居住性质")
    first, second = (chips.nth(number).get_attribute("data-id") for number in (0, 1))
    for room in (first, second):
        page.locator(f'[data-testid="room"][data-id="{room}"]').click()
    expect(page.get_by_test_id("assign")).to_have_attribute("data-chosen", "2")
    service.execute("UPDATE room SET tenure = 'rented' WHERE id = %s", int(second))  # somebody was there meanwhile
    due = page.get_by_test_id("assign-due").input_value()
    page.get_by_test_id("assign-send").click()
    outcome = page.get_by_test_id("assign-outcome")
    expect(outcome).to_contain_text("新派发 1，此前已派发 0，被拒绝 1")
    expect(outcome).to_contain_text("has every required field")
    expect(page.locator(f'[data-testid="room"][data-id="{first}"]')).to_have_attribute("data-assigned", "")
    expect(page.locator(f'[data-testid="room"][data-id="{second}"]')).to_have_count(0)
    expect(page.locator('[data-figure="assigned"] dd')).to_have_text("1")
    task = service.sql("""
        SELECT json_build_array(target_id, keeper.code, (due_at AT TIME ZONE 'Asia/Shanghai')::date, created_by)
        FROM task JOIN keeper ON keeper.id = keeper_id WHERE kind = 'survey' AND state = 'due'""")
    assert task == [int(first), keeper, due, "demo"]
    with page.expect_download() as download:
        page.get_by_test_id("rooms-csv").click()
    table = table_of(download)
    lacking = [row for row in table[1:] if row[4]]
    assert (len(lacking), [row[6] for row in lacking].count("已派发")) == (int(rooms) - 1, 1)
    assert {row[5] for row in lacking} == {"缺居住性质"}
    service.execute("UPDATE room SET tenure = 'unknown' WHERE id = %s", int(second))
    page.reload()
    expect(page.get_by_test_id("work-building").first).to_be_visible()

    page.get_by_test_id("section-keepers").click()
    row = page.locator(f'tr[data-code="{keeper}"]')
    expect(row.locator('[data-col="tasks_open"]')).to_have_text("1")
    overdue = service.sql("""SELECT count(*) FROM event JOIN keeper ON keeper.id = keeper_id
        WHERE keeper.code = %s AND state NOT IN ('done', 'closed') AND due_at < now()""", keeper)
    expect(row.locator('[data-col="events_overdue"]')).to_have_text(str(overdue))
    with page.expect_response(lambda answer: "coverage=true" in answer.url) as covering:
        page.get_by_test_id("cover").click()
    covered = next(one for one in covering.value.json()["rows"] if one["code"] == keeper)
    # How much it is goes by the hour: the keepers of the sample city walk from half past eight to half past five.
    expect(row.locator('[data-col="area_share"]')).to_have_text(f"{int(covered['area_share'] * 100)}%")
    service.execute("DELETE FROM task WHERE kind = 'survey'")

    page.get_by_test_id("section-layers").click()
    units = page.locator('tr[data-layer="units"]')
    expect(units.get_by_test_id("layer-count")).to_have_text(str(service.sql("SELECT count(*) FROM unit")))
    expect(units).to_have_attribute("data-freshness", "fresh")
    page.get_by_test_id("section-connect").click()
    expect(page.get_by_test_id("address-features")).to_have_text(f"{service.url}/ogc")
    with page.expect_download() as download:
        page.get_by_test_id("connect-wfs").click()
    assert f'url="{service.url}/ogc"' in Path(download.value.path()).read_text(encoding="utf-8")

    page.context.add_cookies([{"name": "shapan_role", "value": "wall", "url": service.url}])
    page.goto(f"{service.url}/data?view=imports&lang=en")
    expect(page.get_by_test_id("rates")).to_be_visible()
    assert page.locator(".rail a").all_inner_texts() == ["Entry rates", "Layers", "Connect"]
