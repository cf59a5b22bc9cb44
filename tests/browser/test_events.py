"""Events: last night played back, filtered, compared with another window, one of them opened."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

ZONE = ZoneInfo("Asia/Shanghai")
MARKUP = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>" + "长" * 110

# Number of events in a half-open window.
COUNT = "SELECT count(*) FROM event WHERE occurred_at >= %s AND occurred_at < %s"
OF_CLASS = COUNT + " AND left(class_code, 2) = %s"

# Classes of a half-open window with their numbers, the most frequent first.
CLASSES = """
SELECT array_agg(class_code || ' ' || events ORDER BY events DESC, class_code COLLATE "C")
FROM (
    SELECT class_code, count(*) AS events FROM event
    WHERE occurred_at >= %s AND occurred_at < %s GROUP BY 1) AS counted
"""

# done, open and overdue events of a half-open window.
STATES = """
SELECT ARRAY[count(*) FILTER (WHERE state IN ('done', 'closed')),
             count(*) FILTER (WHERE state NOT IN ('done', 'closed')),
             count(*) FILTER (WHERE due_at < now())]
FROM event WHERE occurred_at >= %s AND occurred_at < %s
"""

# Ids of a half-open window, the newest first.
IDS = """
SELECT coalesce(array_agg(id ORDER BY occurred_at DESC, id DESC), '{}') FROM event
WHERE occurred_at >= %s AND occurred_at < %s
"""

# What is written in the hexagons, once all of it is meant: differences have a sign.
NUMBERS = """signed => {
    const words = window.shapan.overlay._deck.layerManager.getLayers({layerIds: ['event-numbers']})
        .filter(({ id }) => id === 'event-numbers').flatMap(({ props }) => props.data.map(({ words }) => words));
    return words.length && words.every(word => '+−'.includes(word[0]) === signed) && words
}"""


def written(sandbox, signed):
    """Return the numbers in the hexagons as soon as the map has drawn counts, or signed differences."""
    words = sandbox.page.wait_for_function(NUMBERS, arg=signed).json_value()
    return [int(word.replace("−", "-")) for word in words]


def instant(milliseconds):
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)


def shown(sandbox):
    expect(sandbox.test_id("events-panel")).to_have_attribute("data-status", "ready")
    return int(sandbox.test_id("events-total").get_attribute("data-value"))


def listed(sandbox):
    return [int(row.get_attribute("data-id")) for row in sandbox.test_id("event-row").all()]


def accounted(sandbox):
    """Return the classes of the account with their numbers, and done, open and overdue events."""
    classes = [f"{one.get_attribute('data-code')} {one.get_attribute('data-count')}"
               for one in sandbox.test_id("account-class").all()]
    states = sandbox.test_id("account-states")
    return classes, [int(states.get_attribute(f"data-{name}") or 0) for name in ("done", "open", "overdue")]


def last_night():
    today = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    now = datetime.now(UTC)
    return today - timedelta(hours=6), min(today + timedelta(hours=8), now)


@pytest.fixture
def events(service):
    """Forty events of last night and of the days before around the city's middle, one with markup in every text."""
    start, _ = last_night()
    middle = "SELECT ST_Centroid(ST_Collect(footprint)) FROM building"
    lon, lat = service.sql(f"SELECT ARRAY[ST_X(({middle})), ST_Y(({middle}))]")
    reports = [{
        "source": "night", "code": f"N{number}", "class_code": ("0602", "0505", "0101")[number % 3], "origin": "patrol",
        "title": MARKUP, "place": MARKUP, "lon": lon + (number % 7) / 5000, "lat": lat + (number % 5) / 5000,
        "occurred_at": (start - timedelta(days=number // 20 * 2) + timedelta(minutes=42 * (number % 20))).isoformat(),
    } for number in range(40)]
    reports = [one for one in reports if datetime.fromisoformat(one["occurred_at"]) < datetime.now(UTC)]
    ids = service.ask("/api/events", {"events": reports})["ids"]
    yield ids
    service.execute("DELETE FROM event WHERE source = 'night'")


def test_last_night_is_played_paused_and_its_numbers_are_those_of_the_database(moving, service, events):
    late = "UPDATE event SET accept_by = now() - interval '1 hour' WHERE source = 'night' AND code IN ('N3', 'N4')"
    service.execute(late)
    moving.open("?events=auto&window=night")
    start, end = last_night()
    # A night that is still going on ends now.
    before = shown(moving)
    assert abs(before - service.sql(COUNT, start, end)) <= 1
    assert "window=night" in moving.page.url
    # What happened is said in a sentence and listed, the newest first, with the place in words.
    expect(moving.test_id("account-states")).to_have_attribute("data-overdue", str(service.sql(STATES, start, end)[2]))
    classes, states = accounted(moving)
    known = service.sql(CLASSES, start, end)
    assert classes == (known if len(known) <= 6 else known[:5])
    assert states == service.sql(STATES, start, end)
    assert sum(states[:2]) == before
    assert states[2] >= 2
    expect(moving.test_id("events-total")).to_contain_text("昨夜 18:00")
    assert listed(moving) == service.sql(IDS, start, end)[:50]
    expect(moving.test_id("event-row").filter(has_text=MARKUP[:20]).first).to_be_visible()
    # A class is a button; pressed again it is none.
    code, count = classes[0].split()
    one = moving.page.locator(f'[data-testid="account-class"][data-code="{code}"]')
    one.click()
    expect(moving.test_id("events-total")).to_have_attribute("data-value", count)
    expect(moving.test_id("event-row")).to_have_count(min(int(count), 50))
    one.click()
    expect(moving.test_id("events-total")).to_have_attribute("data-value", str(before))
    # Live alarms step back while it is played, but for what is critical and waits for somebody.
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id LIMIT 1")
    alarms = {service.raise_alarm(device, type_, severity): strength
              for type_, severity, strength in (("smoke", "critical", "1"), ("battery_low", "minor", "0.35"))}
    moving.test_id("player-toggle").click()
    for alarm, strength in alarms.items():
        expect(moving.page.locator(f'#alarm-marks [data-alarm-id="{alarm}"]')).to_have_css("opacity", strength)
    played = moving.test_id("played")
    expect(played).not_to_have_attribute("data-shown", "0", timeout=15_000)
    pause = moving.page.get_by_role("button", name="暂停")
    if pause.is_visible():  # a slow computer may be through the night already
        pause.click()
    expect(moving.test_id("player-toggle")).to_have_accessible_name("播放这个时段")
    paused = {name: float(played.get_attribute(f"data-{name}")) for name in ("from", "to", "shown", "sofar")}
    moving.page.wait_for_timeout(400)
    assert float(played.get_attribute("data-to")) == paused["to"]
    assert paused["shown"] == service.sql(COUNT, instant(paused["from"]), instant(paused["to"])) > 0
    assert paused["sofar"] == service.sql(COUNT, start, instant(paused["to"]))
    assert instant(paused["to"]) - instant(paused["from"]) <= timedelta(hours=1)
    expect(moving.test_id("event-row")).to_have_count(int(paused["shown"]))
    assert listed(moving) == service.sql(IDS, instant(paused["from"]), instant(paused["to"]))
    # What happens meanwhile does not disturb it.
    service.ask("/api/events", {"events": [{
        "source": "night", "code": "LATE", "class_code": "0602", "title": "x", "lon": 117.29, "lat": 31.86,
        "occurred_at": instant(paused["to"] - 60_000).isoformat()}]})
    moving.page.wait_for_timeout(1500)
    assert float(played.get_attribute("data-shown")) == paused["shown"]
    # By the keyboard: to the end, where it stops; and the whole window again.
    moving.test_id("scrubber").focus()
    moving.page.keyboard.press("End")
    expect(played).to_have_attribute("data-sofar", str(before))
    moving.page.keyboard.press("ArrowLeft")
    expect(played).not_to_have_attribute("data-to", str(moving.test_id("scrubber").get_attribute("aria-valuemax")))
    moving.test_id("player-stop").click()
    expect(played).to_have_count(0)
    expect(moving.test_id("events-total")).to_have_attribute("data-value", str(before + 1))
    expect(moving.test_id("event-row")).to_have_count(min(before + 1, 50))

    # Filter: numbers of classes are those of the window, and of what is shown.
    moving.test_id("filter-open").click()
    moving.test_id("class-05").check()
    expect(moving.test_id("events-total")).not_to_have_attribute("data-value", str(before + 1))
    assert abs(shown(moving) - service.sql(OF_CLASS, start, end, "05")) <= 1
    moving.page.wait_for_url("**classes=05**")
    moving.test_id("filter-clear").click()
    expect(moving.test_id("events-total")).to_have_attribute("data-value", str(before + 1))

    # A row opens the card of its event and flies there; switched off, alarms are as they were.
    chosen = moving.test_id("event-row").nth(2)
    chosen.click()
    expect(moving.test_id("event-card")).to_have_attribute("data-id", chosen.get_attribute("data-id"))
    expect(chosen).to_have_attribute("aria-current", "true")
    moving.test_id("event-close").click()
    moving.test_id("events-switch").click()
    for alarm in alarms:
        expect(moving.page.locator(f'#alarm-marks [data-alarm-id="{alarm}"]')).to_have_css("opacity", "1")
    moving.test_id("events-switch").click()

    # A point opens its card, in which what people wrote is text.
    lon, lat = service.sql("SELECT ARRAY[ST_X(geom), ST_Y(geom)] FROM event WHERE code = 'N8'")
    moving.jump(center=[lon, lat], zoom=18, pitch=0)
    expect(moving.test_id("events-panel")).to_have_attribute("data-drawn", "points")
    moving.wait_ready()
    moving.page.mouse.click(*moving.project(lon, lat))
    card = moving.test_id("event-card")
    expect(card).to_have_attribute("data-status", "open")
    expect(moving.test_id("event-heading")).to_have_text(MARKUP)
    assert int(card.get_attribute("data-id")) in events
    expect(moving.test_id("event-steps")).to_contain_text("收到")
    moving.page.wait_for_url("**event=*")
    event = int(card.get_attribute("data-id"))
    service.ask(f"/api/events/{event}/accept", {"note": MARKUP})
    expect(moving.test_id("event-state")).to_have_attribute("data-state", "accepted")
    expect(moving.test_id("event-tasks").locator("li")).to_have_count(1)
    service.execute("DELETE FROM event WHERE id = %s", event)
    moving.page.reload()
    expect(card).to_have_attribute("data-status", "missing")
    assert moving.page.title() != "run"
    moving.allowed_errors = True
    moving.errors.clear()  # the browser's own line about the 404


def compared(sandbox):
    rows = sandbox.test_id("compared").all()
    return {row.get_attribute("data-key"): tuple(int(row.get_attribute(f"data-{name}")) for name in ("now", "then"))
            for row in rows}


def test_two_windows_are_compared_by_class_and_hexagon_as_the_database_counts_them(sandbox, service, events):
    start, end = datetime.now(UTC) - timedelta(days=30), datetime.now(UTC) - timedelta(days=1)
    link = "~".join(at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in (start, end))
    start, end = start.replace(microsecond=0), end.replace(microsecond=0)
    camera = sandbox.service.ask("/api/scenes/sandbox")["bounds"]
    lon, lat = (camera[0] + camera[2]) / 2, (camera[1] + camera[3]) / 2
    sandbox.open(f"?events=auto&window={link}&compare=before&camera={lon},{lat},14.6,0,0")
    assert shown(sandbox) == service.sql(COUNT, start, end)
    expect(sandbox.test_id("compare-window")).to_have_attribute("data-status", "ready")
    windows = ((start, end), (start - (end - start), start))
    found = compared(sandbox)
    assert found.pop("all") == tuple(service.sql(COUNT, *window) for window in windows)
    assert len(found) >= 4
    for code, numbers in found.items():
        assert numbers == tuple(service.sql(OF_CLASS, *window, code) for window in windows)
    # On the map the differences of all hexagons are the difference of all.
    sandbox.wait_ready()
    assert sum(written(sandbox, signed=True)) == (
        service.sql(COUNT, *windows[0]) - service.sql(COUNT, *windows[1]))
    sandbox.test_id("compare-week").click()
    expect(sandbox.test_id("compare-window")).to_have_attribute("data-status", "ready")
    week = tuple(at - timedelta(days=7) for at in (start, end))
    expect(sandbox.test_id("compared").first).to_have_attribute("data-then", str(service.sql(COUNT, *week)))
    # Without a comparison, hexagons hold each event once; as heat they give way to it.
    sandbox.test_id("compare-week").click()
    expect(sandbox.test_id("compared")).to_have_count(0)
    assert sum(written(sandbox, signed=False)) == service.sql(COUNT, start, end)
    sandbox.test_id("draw-heat").click()
    expect(sandbox.page.locator(".ramp")).to_be_visible()
    sandbox.test_id("events-switch").click()
    expect(sandbox.test_id("events-panel")).to_contain_text("打开开关")


def test_a_window_without_events_and_a_server_without_an_answer_say_what_to_do(sandbox):
    sandbox.open("?events=auto&window=2001-01-01T00:00:00Z~2001-01-02T00:00:00Z", wait=False)
    expect(sandbox.test_id("events-panel")).to_contain_text("这个时段没有事件")
    sandbox.break_requests("**/api/events/columns*", lambda route: route.fulfill(status=200, body="nonsense"))
    sandbox.test_id("window-30d").click()
    expect(sandbox.test_id("events-panel")).to_have_attribute("data-status", "failed")
    sandbox.page.unroute("**/api/events/columns*")
    sandbox.test_id("events-retry").click()
    assert shown(sandbox) > 0
