"""Live alarms: they pulse, stand in the list, are acknowledged, and are flown to."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def device(service):
    """The code of a device in a building."""
    return service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id LIMIT 1")


# Whether something of the ring of a mark is ever seen: it moves, or takes turns with the beat.
RING = """mark => {
    const {animationName, willChange} = getComputedStyle(mark.querySelector('.alarm-mark-ring'));
    return animationName !== 'none' || willChange === 'opacity';
}"""
FILL = "mark => getComputedStyle(mark.querySelector('shapan-severity svg')).fill"


def mark(sandbox, alarm):
    return sandbox.page.locator(f'#alarm-marks [data-alarm-id="{alarm}"]')


def row(sandbox, alarm):
    return sandbox.page.locator(f'[data-row-id="{alarm}"]')


def test_a_new_alarm_pulses_and_heads_the_list(sandbox, service, device):
    # That it takes less than a second is measured by `scripts/demo --check`, which has the computer to itself.
    sandbox.open()
    alarm = service.raise_alarm(device)
    expect(mark(sandbox, alarm)).to_have_class("alarm-mark pulsing")
    expect(row(sandbox, alarm)).to_contain_text("烟感报警")
    assert sandbox.page.locator(".alarm-row").first.get_attribute("data-row-id") == str(alarm)
    expect(sandbox.test_id("count-alarms")).to_have_text("1")


def test_an_acknowledged_alarm_stays_and_no_longer_pulses(sandbox, service, device):
    alarm = service.raise_alarm(device)
    sandbox.open()
    expect(mark(sandbox, alarm)).to_have_attribute("data-state", "active_unack")
    row(sandbox, alarm).get_by_test_id("acknowledge").click()
    expect(mark(sandbox, alarm)).to_have_attribute("data-state", "active_ack")
    expect(mark(sandbox, alarm)).to_have_class("alarm-mark")
    expect(row(sandbox, alarm)).to_contain_text("已确认")
    assert service.sql("SELECT acknowledged_at IS NOT NULL FROM alarm WHERE id = %s", alarm)


def test_an_acknowledgement_that_fails_says_so_and_goes_on_pulsing(sandbox, service, device):
    alarm = service.raise_alarm(device)
    sandbox.break_requests("**/acknowledge", lambda route: route.abort())
    sandbox.open()
    row(sandbox, alarm).get_by_test_id("acknowledge").click()
    expect(row(sandbox, alarm)).to_contain_text("“确认”没有成功")
    expect(mark(sandbox, alarm)).to_have_class("alarm-mark pulsing")


def test_a_closed_alarm_leaves_map_list_and_count(sandbox, service, device):
    alarm = service.raise_alarm(device)
    sandbox.open()
    expect(mark(sandbox, alarm)).to_be_visible()
    for step in ("acknowledge", "clear", "close"):
        service.ask(f"/api/alarms/{alarm}/{step}", {})
    expect(mark(sandbox, alarm)).to_have_count(0)
    expect(row(sandbox, alarm)).to_have_count(0)
    expect(sandbox.test_id("count-alarms")).to_have_text("0")


@pytest.mark.parametrize("by", ["click", "link"])
def test_a_click_in_the_list_and_a_link_fly_there_and_open_the_card(moving, service, device, by):
    alarm = service.raise_alarm(device)
    if by == "click":
        moving.open()
        row(moving, alarm).locator(".alarm-go").click()
    else:
        moving.open(f"?alarm={alarm}")
    expect(moving.test_id("building-card")).to_have_attribute("data-status", "open")
    expect(moving.test_id("alarm-dossier")).to_have_attribute("data-status", "open")
    moving.page.wait_for_timeout(500)
    moving.wait_ready()
    assert moving.page.evaluate("() => window.shapan.map.getZoom()") > 16
    box = mark(moving, alarm).bounding_box()
    assert abs(box["x"] + box["width"] / 2 - 640) < 250
    assert 100 < box["y"] < 700


def test_the_building_of_a_loud_alarm_is_drawn_in_its_colour_and_of_a_minor_one_where_alarms_are_the_metric(
        sandbox, service, device):
    other = service.sql("SELECT code FROM device WHERE building_id <> (SELECT building_id FROM device WHERE code = %s) "
                        "ORDER BY id LIMIT 1", device)
    service.raise_alarm(device)
    minor = service.raise_alarm(other, severity="minor")
    sandbox.open()
    expect(mark(sandbox, minor)).to_have_class("alarm-mark pulsing")
    layer = "() => window.shapan.overlay.pickObjects({x: 0, y: 0, width: 1280, height: 800, " \
            "layerIds: ['alarmed-buildings']}).map(({object: {properties: of}}) => [of.severity, of.pending])"

    def found(count):
        for _ in range(50):
            buildings = sandbox.page.evaluate(layer)
            if len(buildings) == count:
                break
            sandbox.page.wait_for_timeout(200)
        return sorted(buildings)

    assert found(1) == [["critical", True]]
    sandbox.test_id("metric-alarms").click()
    assert found(2) == [["critical", True], ["minor", True]]
    sandbox.test_id("metric-residents").click()
    assert found(1) == [["critical", True]]


def test_shape_tells_severity_where_colour_does_not(sandbox, service):
    devices = service.sql("SELECT array_agg(code) FROM (SELECT code FROM device ORDER BY id LIMIT 5) AS few")
    for code, severity in zip(devices, ("critical", "major", "minor", "warning", "info"), strict=True):
        service.raise_alarm(code, severity=severity)
    sandbox.open(wait=False)
    expect(sandbox.page.locator(".alarm-row")).to_have_count(5)
    shapes = sandbox.page.locator(".alarm-row .alarm-sign shapan-severity path").all()
    assert len({shape.get_attribute("d") for shape in shapes}) == 5
    # The ring is for the two worst; the others wait without it, full until somebody acknowledges them.
    rings = {mark.get_attribute("data-severity"): mark.evaluate(RING) for mark in
             sandbox.page.locator("#alarm-marks .alarm-mark.pulsing").all()}
    assert {severity for severity, ring in rings.items() if ring} == {"critical", "major"} & rings.keys()
    minor = sandbox.page.locator('#alarm-marks [data-severity="minor"]').first
    before = minor.evaluate(FILL)
    sandbox.page.locator('.alarm-row[data-severity="minor"]').get_by_test_id("acknowledge").click()
    expect(minor).to_have_class("alarm-mark")
    assert minor.evaluate(FILL) != before


def test_who_asked_for_less_motion_sees_no_animation(sandbox_with, service, device):
    alarm = service.raise_alarm(device)
    sandbox = sandbox_with(reduced_motion="reduce")
    sandbox.open()
    ring = mark(sandbox, alarm).locator(".alarm-mark-ring")
    assert ring.evaluate("ring => ring.getAnimations().length") == 0
    assert float(ring.evaluate("ring => getComputedStyle(ring).opacity")) > 0.5


def test_five_thousand_alarms_leave_the_page_usable(sandbox, service, device):
    alarm = service.raise_alarm(device)
    sandbox.open()
    expect(row(sandbox, alarm)).to_be_visible()
    took = sandbox.page.evaluate("""async id => {
        const {store} = window.shapan;
        const model = store.alarms.get(id);
        const began = performance.now();
        for (let extra = 1; extra <= 5000; extra += 1) {
            const moved = {lon: model.lon + extra % 97 / 1e5, lat: model.lat + extra % 89 / 1e5};
            store.applyAlarm({...model, ...moved, id: id + extra});
        }
        // As the server tells of them; of the first one it tells by itself.
        store.applyFigures({code: 'elsewhere', counts: {[`alarms_${model.severity}`]: 5000}});
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return performance.now() - began;
    }""", alarm)
    assert took < 5000
    assert sandbox.page.locator("#alarm-marks > *").count() <= 300
    assert sandbox.page.locator(".alarm-row").count() <= 100
    expect(sandbox.test_id("count-alarms")).to_have_text("5,001")
    sandbox.test_id("metric-height").click()
    expect(sandbox.test_id("legend")).to_have_attribute("data-metric", "height")
