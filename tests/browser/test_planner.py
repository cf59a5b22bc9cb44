"""The planner page: a community is cut, mended, led on by two people who see one another, and given up."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sandbox

pytestmark = pytest.mark.browser

# Two places of the screen from one side of the first grid to the other, and two within it.
ACROSS = """() => {
    const face = window.shapan.store.state.plan.faces.features[0].geometry;
    const ring = face.type === 'Polygon' ? face.coordinates[0] : face.coordinates[0][0];
    const [lon, lat] = [0, 1].map((axis) => ring.map((place) => place[axis]));
    const [west, east, south, north] = [Math.min(...lon), Math.max(...lon), Math.min(...lat), Math.max(...lat)];
    const middle = (west + east) / 2;
    const at = (share) => window.shapan.project(middle, south + (north - south) * share);
    return [at(-0.03), at(1.03), at(0.45), at(0.55)];
}"""


def opened(sandbox_with: Callable[..., Sandbox], role: str, *, webgl: bool = True) -> Sandbox:
    """Return the page of the demo account in a role."""
    sandbox = sandbox_with(webgl=webgl, viewport={"width": 1440, "height": 900}, device_scale_factor=1)
    sandbox.page.context.add_cookies([{"name": "shapan_role", "value": role, "url": sandbox.service.url}])
    sandbox.page.goto(f"{sandbox.service.url}/planner")
    expect(sandbox.test_id("communities")).to_have_attribute("data-status", "ready")
    return sandbox


def line(sandbox: Sandbox, *places: list[float]) -> None:
    for place in places:
        sandbox.page.mouse.move(*place)
        sandbox.page.mouse.click(*place)
        sandbox.page.wait_for_timeout(350)  # two clicks at once are a double one
    sandbox.page.keyboard.press("Enter")


def test_a_plan_is_drawn_by_one_seen_by_another_approved_sent_back_and_given_up(sandbox_with, service):
    planner = opened(sandbox_with, "planner")
    page, test_id = planner.page, planner.test_id
    test_id("seek").fill("没有这个社区")
    expect(page.locator("[data-testid^=community-]")).to_have_count(0)
    test_id("seek").fill("")
    test_id("begin").first.click()
    test_id("from-published").click()
    expect(test_id("plan-map")).to_have_attribute("data-state", "ready")
    expect(test_id("lease")).to_have_attribute("data-who", "mine")
    grids = int(test_id("tab-grids").locator("i").inner_text())
    across = page.evaluate(ACROSS)

    # A line that touches nothing is refused with its reason; one across cuts, by keys as well undone and done again.
    planner.allowed_errors = True
    page.keyboard.press("s")
    expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    page.wait_for_timeout(1000)
    line(planner, across[2], across[3])
    expect(test_id("refusal")).to_have_attribute("data-reason", "touches-no-edge")
    expect(test_id("refusal")).to_contain_text("请让线横穿网格")
    page.keyboard.press("Escape")
    test_id("grid-1").click()
    line(planner, across[0], across[1])
    expect(test_id("tab-grids").locator("i")).to_have_text(str(grids + 1))
    page.keyboard.press("v")
    page.keyboard.press("Control+z")
    expect(test_id("tab-grids").locator("i")).to_have_text(str(grids))
    page.keyboard.press("Control+y")
    expect(test_id("tab-grids").locator("i")).to_have_text(str(grids + 1))

    # What is wrong is mended by what the page proposes, seen before it is done.
    test_id("tab-violations").click()
    expect(test_id("panel-violations")).to_be_visible()
    for _ in range(10):
        cut = test_id("rule-building-cut")
        if not cut.count():
            break
        left = cut.get_by_test_id("violation").count()
        cut.get_by_test_id("fix").first.click()
        expect(test_id("preview")).to_contain_text("将改变")
        test_id("confirm").click()
        expect(test_id("preview")).to_have_count(0)
        expect(cut.get_by_test_id("violation")).to_have_count(left - 1)
    expect(test_id("step-submit")).to_be_visible()
    test_id("rule-keeper").get_by_test_id("except").first.click()
    test_id("dialog-except").locator("textarea").fill("下月招聘 <b>1</b>")
    test_id("send").click()
    expect(page.locator(".rule[data-severity=excepted]")).to_contain_text("下月招聘 <b>1</b>")
    test_id("tab-comparison").click()
    expect(test_id("moved")).to_contain_text("发布后换网格")

    # Somebody else sees who draws, cannot draw meanwhile, and what is drawn comes to both.
    other = opened(sandbox_with, "all", webgl=False)
    other.allowed_errors = True
    other.test_id("open").first.click()
    expect(other.test_id("lease")).to_contain_text("demo:planner 正在编辑")
    expect(other.test_id("do-renumber")).to_be_disabled()
    test_id("stop-drawing").click()
    expect(other.test_id("lease")).to_have_attribute("data-who", "free")
    other.test_id("draw").click()
    expect(test_id("lease")).to_have_attribute("data-who", "other")
    revision = page.evaluate("window.shapan.store.state.plan.revision")
    other.test_id("do-renumber").click()
    expect(other.test_id("busy")).to_have_count(0)
    for _ in range(100):
        if page.evaluate("window.shapan.store.state.plan.revision") > revision:
            break
        page.wait_for_timeout(100)
    test_id("tab-history").click()
    expect(test_id("log")).to_contain_text("重新编号")
    other.test_id("stop-drawing").click()
    test_id("draw").click()
    expect(test_id("lease")).to_have_attribute("data-who", "mine")

    # Four eyes: who drew does not approve; who approves sends it back with a reason, which the planner reads.
    test_id("step-submit").click()
    expect(test_id("steps")).to_have_attribute("data-state", "submitted")
    expect(test_id("tool-split")).to_be_disabled()
    approver = opened(sandbox_with, "approver", webgl=False)
    approver.test_id("open").first.click()
    approver.test_id("step-approve").click()
    expect(approver.test_id("steps")).to_have_attribute("data-state", "approved")
    expect(test_id("steps")).to_have_attribute("data-state", "approved")
    approver.test_id("step-reject").click()
    approver.test_id("dialog-reject").locator("textarea").fill("第一网格太大")
    approver.test_id("send").click()
    expect(test_id("steps")).to_have_attribute("data-state", "draft")
    test_id("tab-grids").click()
    expect(test_id("remark")).to_contain_text("第一网格太大")
    test_id("step-discard").click()
    test_id("send").click()
    expect(test_id("state")).to_contain_text("已作废")
    assert service.sql("SELECT state FROM grid_plan ORDER BY id DESC LIMIT 1") == "withdrawn"


def on_paper(planner: Sandbox) -> None:
    """The plan is a drawing in vectors, a PDF of one sheet of A3, and a picture of 300 dots to an inch."""
    page, test_id = planner.page, planner.test_id
    test_id("export").click()
    test_id("open-sheet").click()
    expect(page.locator("[data-testid=sheet] path[data-face]")).to_have_count(4)
    expect(test_id("sheet-scale")).to_contain_text("1 : ")
    page.emulate_media(media="print")
    printed = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    wide, high = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups())
    assert (wide / 72 * 25.4, high / 72 * 25.4) == pytest.approx((420, 297), abs=1)
    test_id("sheet-paper").select_option("a4")
    with page.expect_download() as saved:
        test_id("sheet-picture").click()
    assert saved.value.suggested_filename.endswith(".png")
    picture = Path(saved.value.path()).read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (3508, 2480)
    assert len(picture) > 50_000
    page.keyboard.press("Escape")
    expect(test_id("sheet")).to_have_count(0)


def test_drafts_are_tried_one_after_another_and_one_is_taken_and_undone(sandbox_with, service):
    planner = opened(sandbox_with, "planner")
    page, test_id = planner.page, planner.test_id
    test_id("begin").first.click()
    test_id("from-empty").click()
    expect(test_id("plan-map")).to_have_attribute("data-state", "ready")
    page.keyboard.press("a")
    test_id("draft").get_by_role("radio").nth(3).check()
    test_id("draft-count").fill("4")
    test_id("draft-try").click()
    expect(test_id("balance")).to_contain_text("4")
    expect(test_id("tab-grids").locator("i")).to_have_text("1")  # it is only tried
    expect(page.locator(".balance i")).to_have_count(4)
    test_id("draft").get_by_role("radio").nth(1).check()
    test_id("draft-try").click()
    expect(test_id("tried")).to_have_count(2)
    test_id("tried").first.click()
    expect(test_id("tried").first).to_have_attribute("aria-pressed", "true")
    test_id("draft-adopt").click()
    expect(test_id("draft")).to_have_count(0)
    expect(test_id("tab-grids").locator("i")).to_have_text("4")
    on_paper(planner)
    planner.allowed_errors = True
    test_id("do-rebalance").click()
    expect(test_id("refusal")).to_have_attribute("data-reason", "cannot-balance")
    page.keyboard.press("Escape")
    test_id("do-undo").click()
    expect(test_id("tab-grids").locator("i")).to_have_text("1")
    test_id("step-discard").click()
    test_id("send").click()
    expect(test_id("step-discard")).to_have_count(0)
