"""Looking back: the page as of an instant, and now again."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

BASE = "/tiles/areas,grids"
MARKUP = "<img src=x onerror=\"document.title='run'\">"

# Alarms that were on record and not closed at an instant, counted from the steps alone.
OPEN_AT = """
SELECT count(*) FROM (
    SELECT alarm_id FROM alarm_step WHERE at <= %(at)s GROUP BY alarm_id
    HAVING count(*) FILTER (WHERE step = 'raised') > 0 AND count(*) FILTER (WHERE step = 'closed') = 0) AS held
"""

# Events that had come in on the day of an instant by then, or before and were not finished at it.
EVENTS_AT = """
SELECT count(*) FROM event
WHERE received_at <= %(at)s AND (received_at >= %(day)s OR (done_at IS NULL AND closed_at IS NULL
      AND state NOT IN ('done', 'closed')) OR coalesce(done_at, closed_at) > %(at)s)
"""


@pytest.fixture
def history(service):
    """Five alarms, raised 5, 4, 3, 2 and 1 hours ago; the oldest was closed three and a half hours ago.

    The record begins two days earlier: in the first hours after midnight it would begin after the alarms, and a day
    is chosen before its hour.
    """
    service.execute("UPDATE grid SET valid_from = valid_from - interval '2 days'")
    devices = service.sql("SELECT array_agg(code ORDER BY id) FROM device WHERE building_id IS NOT NULL")[:5]
    ids = [service.raise_alarm(device, severity=severity) for device, severity in zip(
        devices, ("critical", "major", "minor", "warning", "info"), strict=True)]
    service.ask(f"/api/alarms/{ids[0]}/acknowledge", {})
    service.ask(f"/api/alarms/{ids[0]}/clear", {"note": MARKUP})
    service.ask(f"/api/alarms/{ids[0]}/close", {})
    for hours, alarm in zip((5, 4, 3, 2, 1), ids, strict=True):
        back = timedelta(hours=hours)
        service.execute("UPDATE alarm SET received_at = received_at - %s, occurred_at = occurred_at - %s WHERE id = %s",
                        back, back, alarm)
        service.execute("UPDATE alarm_step SET at = at - %s WHERE alarm_id = %s AND step = 'raised'", back, alarm)
    ended = datetime.now(UTC) - timedelta(hours=3, minutes=30)
    service.execute("UPDATE alarm SET acknowledged_at = %s, cleared_at = %s, closed_at = %s WHERE id = %s",
                    ended, ended, ended, ids[0])
    service.execute("UPDATE alarm_step SET at = %s WHERE alarm_id = %s AND step <> 'raised'", ended, ids[0])
    yield ids
    service.execute("UPDATE grid SET valid_from = valid_from + interval '2 days'")


def counted(service, statement, at):
    day = service.sql("SELECT date_trunc('day', %s AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'", at)
    with psycopg.connect(service.database.addresses.superuser) as connection:
        return connection.execute(statement, {"at": at, "day": day}).fetchone()[0]


def test_the_page_is_that_of_an_instant_and_of_now_again(sandbox, service, history):
    device = service.sql("SELECT code FROM device WHERE building_id IS NOT NULL ORDER BY id DESC LIMIT 1")
    sandbox.open()
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "4")
    sandbox.test_id("past-open").click()
    expect(sandbox.test_id("past-badge")).to_contain_text("不是实时")
    sandbox.page.wait_for_url("**at=*")

    for hours in (0.5, 2.5, 3.7, 4.5, 6):
        at = step_to(sandbox, datetime.now(UTC) - timedelta(hours=hours))
        held = counted(service, OPEN_AT, at)
        assert held == {0.5: 4, 2.5: 2, 3.7: 2, 4.5: 1, 6: 0}[hours]
        expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", str(held))
        expect(sandbox.test_id("past-alarms")).to_have_attribute("data-count", str(held))
        expect(sandbox.test_id("past-list").locator("> li")).to_have_count(held)
        expect(sandbox.test_id("past-numbers")).to_have_attribute("data-events", str(counted(service, EVENTS_AT, at)))
    expect(sandbox.test_id("alarm-list")).to_be_hidden()

    # What comes meanwhile waits, but something critical is said.
    step_to(sandbox, datetime.now(UTC) - timedelta(hours=2, minutes=30))
    service.raise_alarm(device)
    expect(sandbox.test_id("past-missed")).to_have_attribute("data-value", "1")
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "2")
    expect(sandbox.test_id("past-list").locator("> li")).to_have_count(2)
    sandbox.test_id("past-list").locator("button").first.click()
    expect(sandbox.test_id("building-card")).to_have_attribute("data-status", "open")
    expect(sandbox.test_id("building-card").get_by_test_id("today")).to_be_visible()
    assert sandbox.page.locator(".dossier").count() == 0
    assert sandbox.page.locator(".card-alarms .acknowledge").count() == 0
    assert sandbox.page.locator(".past-alarms .acknowledge").count() == 0

    sandbox.page.keyboard.press("Escape")
    expect(sandbox.test_id("past-badge")).to_have_count(0)
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "5")
    expect(sandbox.test_id("alarm-list").locator("> li")).to_have_count(5)
    assert sandbox.page.title() != "run"


def step_to(sandbox, at):
    """Put day and slider to an instant, in fives of minutes; wait for its picture, and return the instant."""
    at = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
    local = sandbox.service.sql("SELECT to_char(%s AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24 MI')", at)
    day, hour, minute = local.split(" ")
    sandbox.test_id("past-day").fill(day)
    five = (int(hour) * 60 + int(minute)) // 5
    # The slider of today ends now: first the page has to know that it is another day's.
    sandbox.test_id("past-slider").evaluate("""async (input, value) => {
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        input.value = value;
        input.dispatchEvent(new Event('input'));
    }""", str(five))
    expect(sandbox.test_id("past-time")).to_have_text(f"{hour}:{minute}")
    expect(sandbox.test_id("past-badge")).to_have_attribute("data-status", "ready")
    return at


def test_boundaries_are_those_of_then_and_a_time_without_a_picture_is_refused_in_words(sandbox, service, history):
    changed = (datetime.now(UTC) - timedelta(hours=2)).replace(second=0, microsecond=0)
    service.execute("UPDATE grid SET valid_from = %s WHERE code = (SELECT min(code) FROM grid)", changed)
    at = (changed - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ")
    try:
        with sandbox.page.expect_request(lambda request: BASE in request.url and "at=" in request.url):
            sandbox.open(f"?at={at}&alarm={history[1]}", wait=False)
        assert sandbox.page.locator(".dossier").count() == 0
        sandbox.wait_ready()
        with sandbox.page.expect_request(lambda request: BASE in request.url and "at=" not in request.url):
            sandbox.test_id("past-close").click()
    finally:
        service.execute("UPDATE grid SET valid_from = (SELECT min(valid_from) FROM grid) WHERE valid_from = %s",
                        changed)
    sandbox.allowed_errors = True
    sandbox.open("?at=1999-01-01T00:00Z", wait=False)
    expect(sandbox.test_id("past-error")).to_contain_text("此前没有记录。最早的记录是 20")
    expect(sandbox.test_id("past-alarms")).to_contain_text("没有当时的记录")
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "")
    sandbox.page.goto(f"{service.url}/?at=2150-01-01T00:00Z")
    expect(sandbox.test_id("past-error")).to_contain_text("还没有到这个时刻")
    sandbox.page.keyboard.press("Escape")
    expect(sandbox.test_id("count-alarms")).to_have_attribute("data-value", "4")
