"""A disaster warning on the page: the strip, its outline, its details, and that it goes; all texts stay texts."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"

# West, south, east, north of the middle of the city, half as wide and high as the city; degrees.
MIDDLE = """
SELECT ARRAY[(3 * ST_XMin(box) + ST_XMax(box)) / 4, (3 * ST_YMin(box) + ST_YMax(box)) / 4,
             (ST_XMin(box) + 3 * ST_XMax(box)) / 4, (ST_YMin(box) + 3 * ST_YMax(box)) / 4]
FROM (SELECT ST_Extent(footprint)::geometry AS box FROM building) AS city
"""

# What of warnings the map draws: [colour, is it real, is it chosen].
DRAWN = """() => window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['warning-lines']})
    .filter(({id}) => id === 'warning-lines')
    .flatMap(layer => layer.props.data.map(({properties: {colour, real, chosen}}) => [colour, real, chosen]))"""


def drawn(sandbox, expected):
    """Wait until the map draws these warnings: it does in the frame after the strip."""
    for _ in range(50):
        found = sandbox.page.evaluate(DRAWN)
        if found == expected:
            return
        sandbox.page.wait_for_timeout(100)
    assert found == expected


def instant(minutes):
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")


@pytest.fixture
def send(service):
    """A function that sends one message about the middle of the city and returns its sender, identifier and answer."""
    service.execute("TRUNCATE warning, warning_message, warning_step CASCADE")
    west, south, east, north = service.sql(MIDDLE)
    corners = [(south, west), (south, east), (north, east), (north, west), (south, west)]
    polygon = " ".join(f"{lat:.5f},{lon:.5f}" for lat, lon in corners)

    def one(severity="Severe", **values):
        info = {"category": ["Met"], "event": f"暴雨{MARKUP}", "urgency": "Immediate", "severity": severity,
                "certainty": "Likely", "expires": instant(60), "headline": f"标题{MARKUP}",
                "description": f"内容{MARKUP}", "instruction": f"指引{MARKUP}",
                "area": [{"areaDesc": f"学府{MARKUP}", "polygon": [polygon]}]}
        message = {"identifier": uuid.uuid4().hex, "sender": "met.example", "sent": instant(-1), "status": "Actual",
                   "msgType": "Alert", "info": [info], **values}
        return {**message, **service.ask("/api/warnings", message)}

    yield one
    service.execute("TRUNCATE warning, warning_message, warning_step CASCADE")


def test_a_warning_comes_is_opened_and_goes_with_its_cancel(sandbox_with, service, send):
    sandbox = sandbox_with(reduced_motion="reduce")
    sandbox.open()
    strip = sandbox.test_id("warnings")
    expect(strip).to_have_count(0)
    free = sandbox.test_id("legend").bounding_box()["y"]
    sent = send("Extreme")
    expect(strip).to_contain_text("红色预警")
    for words in (f"暴雨{MARKUP}", f"学府{MARKUP}", "至"):
        expect(strip).to_contain_text(words)
    expect(sandbox.test_id("warnings-alert")).to_contain_text("红色预警")
    told = service.ask(f"/api/warnings/{sent['id']}")
    assert told["concerned"]["residents"] > 0
    expect(sandbox.test_id("warning-people")).to_have_text(f"涉及 {told['concerned']['residents']:,} 人")
    drawn(sandbox, [["red", True, False]])
    box = strip.bounding_box()
    assert sandbox.test_id("legend").bounding_box()["y"] >= max(free, box["y"] + box["height"])

    sandbox.test_id("warning").focus()
    sandbox.page.keyboard.press("Enter")
    card = sandbox.test_id("warning-card")
    expect(card).to_have_attribute("data-status", "open")
    for part, words in (("headline", "标题"), ("instruction", "指引"), ("description", "内容")):
        expect(sandbox.test_id(f"warning-{part}")).to_contain_text(words + MARKUP)
    expect(sandbox.test_id("warning-residents")).to_have_text(f"{told['concerned']['residents']:,}")
    shelters = sandbox.test_id("warning-shelters").locator("li")
    assert shelters.count() == len(told["shelters"]) > 0
    expect(shelters.first).to_have_attribute("data-danger", str(told["shelters"][0]["in_danger"]).lower())
    expect(sandbox.test_id("warning-grids").locator("li")).to_have_count(len(told["grids"]))
    drawn(sandbox, [["red", True, True]])
    west, south, east, north = service.sql(MIDDLE)
    sandbox.wait_ready()
    legend, left = sandbox.test_id("legend").bounding_box(), card.bounding_box()["x"]
    for x, y in (sandbox.project(lon, lat) for lon in (west, east) for lat in (south, north)):
        assert legend["x"] + legend["width"] < x < left, "no panel covers the area"
        assert box["y"] + box["height"] < y < 800

    send(msgType="Cancel", references=f"met.example,{sent['identifier']},{sent['sent']}", info=[])
    expect(strip).to_have_count(0)
    expect(card).to_have_attribute("data-state", "cancelled")
    expect(sandbox.test_id("warning-over")).to_contain_text("已解除")
    drawn(sandbox, [])
    assert sandbox.page.title() == "数字沙盘 · 街道指挥中心"


def test_several_warnings_are_one_row_that_opens_by_the_keyboard_and_an_exercise_says_so(sandbox_with, send):
    for severity, values in (("Minor", {}), ("Extreme", {"status": "Exercise"}), ("Severe", {}), ("Moderate", {})):
        send(severity, **values)
    sandbox = sandbox_with(webgl=False)
    sandbox.open(wait=False)
    rows = sandbox.test_id("warning")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("橙色预警")
    expect(sandbox.test_id("warnings-alert")).to_be_empty()
    others = sandbox.test_id("warnings-others")
    expect(others).to_have_text("另有 3 条")
    others.focus()
    sandbox.page.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("演练")
    assert [row.get_attribute("data-level") for row in rows.all()] == ["Severe", "Moderate", "Minor", "Extreme"]
    box = sandbox.test_id("warnings").bounding_box()
    assert sandbox.page.locator(".right-side").bounding_box()["y"] >= box["y"] + box["height"] - 1
    rows.last.click()
    expect(sandbox.test_id("warning-unreal")).to_contain_text("不是真实预警")
    assert sandbox.test_id("warning-card").bounding_box()["y"] >= box["y"] + box["height"]
    others.focus()
    sandbox.page.keyboard.press("Escape")
    expect(rows).to_have_count(1)
