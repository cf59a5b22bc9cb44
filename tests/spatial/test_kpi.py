"""Figures: what is taken down for hours and days, what is filled later, and what stays unknown."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from spatial.jobs import kpi_days, rollup
from spatial.queries import kpi
from spatial.queries.measures import HOURLY, MEASURES
from spatial.rules import days
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)

ALARM = """
INSERT INTO alarm (source, event_id, severity, type, geom, occurred_at, received_at, active, acknowledged_at,
                   cleared_at, closed_at, area_code, grid_code)
VALUES ('test', gen_random_uuid()::text, %(severity)s, 'gas', ST_SetSRID(ST_MakePoint(117, 31), 4490), %(at)s, %(at)s,
        %(over)s::timestamptz IS NULL, %(seen)s, %(over)s, %(over)s, left(%(grid)s, 12), %(grid)s) RETURNING id
"""
STEP = """
INSERT INTO alarm_step (alarm_id, step, account, at, area_code, grid_code)
VALUES (%s, %s, 'test', %s, left(%s, 12), %s)
"""


def alarm(connection: psycopg.Connection, at: datetime, seen: datetime | None = None, over: datetime | None = None,
          grid: str = GRID, severity: str = "minor") -> int:
    """Put an alarm on record with its steps: raised, acknowledged, cleared and closed at once."""
    (alarm_id,) = connection.execute(
        ALARM, {"severity": severity, "at": at, "seen": seen, "over": over, "grid": grid}).fetchone()
    for step, when in (("raised", at), ("acknowledged", seen), ("cleared", over), ("closed", over)):
        if when:
            connection.execute(STEP, (alarm_id, step, when, grid, grid))
    return alarm_id


EVENT_STEP = """
INSERT INTO event_step (event_id, step, state, account, at, area_code, grid_code)
SELECT id, %s, %s, 'test', %s, area_code, grid_code FROM event WHERE id = %s
"""


def event(connection: psycopg.Connection, at: datetime, *steps: tuple[str, str, datetime], **values: object) -> int:
    """Put an event on record that came in at an instant, with its steps: word, state and instant of each."""
    state = steps[-1][1]
    finished = {"done_at": steps[-1][2]} if state == "done" else {}
    event_id = Objects(connection).put(
        "event", geometry="POINT(117.005 31.005)", code=f"E{at}{len(steps)}", class_code="0101", title="t", state=state,
        told=state, occurred_at=at, received_at=at, area_code=COMMUNITY, grid_code=GRID, **finished, **values)
    for step, after, when in steps:
        connection.execute(EVENT_STEP, (step, after, when, event_id))
    return event_id


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.fixture
def objects(objects: Objects) -> Objects:
    objects.community()
    objects.grid()
    objects.room(objects.building(), residents=12)
    return objects


def roll_up(connection: psycopg.Connection) -> None:
    """As the two jobs do when they begin."""
    rollup.follow(connection, rollup.Progress())
    kpi_days.stand(connection, kpi_days.Progress())


def ends(connection: psycopg.Connection, name: str, parts: tuple[str, ...] = ("",)) -> dict[date, int | None]:
    found = kpi.figures(connection, parts, TODAY - timedelta(days=30), TODAY)
    return {one.day: one.values.get(name) for one in found}


def test_an_hours_figures_are_the_counts_of_that_moment_for_every_place_above_the_grid(objects: Objects) -> None:
    connection = objects.connection
    alarm(connection, NOON - hours(1))
    alarm(connection, NOON - hours(13), grid=OTHER_GRID)
    roll_up(connection)
    kpi_days.take(connection, NOON, ZONE)
    for part, open_alarms, today in (("", 2, 1), (GRID[:6], 2, 1), (GRID[:9], 2, 1), (COMMUNITY, 1, 1), (GRID, 1, 1),
                                     (OTHER_GRID, 1, 0), ("99", 2, 1)):
        (found,) = kpi.hourly(connection, (part,), TODAY, TODAY)
        assert (found.hour, found.values["alarms_minor"], found.values["alarms_today"]) == (12, open_alarms, today)
        assert set(found.values) == set(HOURLY)
    assert ends(connection, "residents") == {TODAY: 12}
    assert ends(connection, "alarms_minor", (GRID, OTHER_GRID)) == {TODAY: 2}


def test_a_second_look_in_the_same_hour_changes_nothing_and_the_next_hour_is_kept_beside_it(objects: Objects) -> None:
    connection = objects.connection
    roll_up(connection)
    kpi_days.take(connection, NOON, ZONE)
    alarm(connection, NOON)
    roll_up(connection)
    kpi_days.take(connection, NOON + hours(0.9), ZONE)
    kpi_days.take(connection, NOON + hours(1), ZONE)
    found = {one.hour: one.values["alarms_minor"] for one in kpi.hourly(connection, ("",), TODAY, TODAY)}
    assert found == {12: 0, 13: 1}
    assert ends(connection, "alarms_minor") == {TODAY: 1}
    connection.execute("DELETE FROM alarm")
    connection.execute("DELETE FROM rollup")
    kpi_days.take(connection, NOON + hours(2), ZONE)
    assert ends(connection, "alarms_minor") == {TODAY: 0}


def test_just_after_midnight_of_the_zone_the_day_before_is_closed_with_its_own_sums(objects: Objects) -> None:
    connection = objects.connection
    midnight = days.bounds(TODAY, ZONE)[0]
    alarm(connection, midnight - timedelta(seconds=1))
    alarm(connection, midnight + timedelta(seconds=1))
    roll_up(connection)
    kpi_days.take(connection, midnight - hours(2), ZONE)
    kpi_days.take(connection, midnight + timedelta(minutes=1), ZONE)
    yesterday = TODAY - timedelta(days=1)
    assert kpi.taken(connection, yesterday, TODAY) == {(yesterday, 22), (yesterday, 24), (TODAY, 0)}
    assert ends(connection, "alarms_today") == {yesterday: 1, TODAY: 1}


def test_days_that_ended_unseen_are_filled_from_what_has_history_and_the_rest_stays_unknown(objects: Objects) -> None:
    connection = objects.connection
    at = days.bounds(TODAY - timedelta(days=3), ZONE)[0] + hours(10)
    # Open for two nights, acknowledged in the first; raised and over on one day; still open.
    alarm(connection, at, seen=at + hours(1), over=at + hours(30), severity="critical")
    alarm(connection, at, seen=at, over=at + hours(2))
    alarm(connection, at + hours(24))
    # Due on the second day, accepted, and done on the third one.
    event(connection, at, ("taken", "open", at), ("accepted", "accepted", at + hours(1)),
          ("done", "done", at + hours(47)), deadline=at + hours(20))
    roll_up(connection)
    kpi_days.take(connection, at + hours(3), ZONE)
    kpi_days.take(connection, NOON, ZONE)
    assert [kpi_days.fill(connection, NOON, ZONE, most=2) for _ in range(3)] == [2, 1, 0]
    three, two, one = (TODAY - timedelta(days=back) for back in (3, 2, 1))
    assert ends(connection, "alarms_critical") == {three: 1, two: 0, one: 0, TODAY: 0}
    assert ends(connection, "unacknowledged_critical") == {three: 0, two: 0, one: 0, TODAY: 0}
    assert ends(connection, "alarms_minor") == {three: 0, two: 1, one: 1, TODAY: 1}
    assert ends(connection, "alarms_today") == {three: 2, two: 1, one: 0, TODAY: 0}
    assert ends(connection, "residents") == {three: None, two: None, one: None, TODAY: 12}
    assert ends(connection, "events_open") == {three: 1, two: 1, one: 0, TODAY: 0}
    assert ends(connection, "events_overdue") == {three: 0, two: 1, one: 0, TODAY: 0}
    assert ends(connection, "tasks_due")[two] is None


def test_hours_are_forgotten_and_the_ends_of_days_stay(objects: Objects) -> None:
    connection = objects.connection
    alarm(connection, NOON)
    roll_up(connection)
    midnight = days.bounds(TODAY, ZONE)[0]
    kpi_days.take(connection, midnight - hours(1), ZONE)
    kpi_days.take(connection, midnight, ZONE)
    kpi_days.take(connection, midnight + timedelta(days=kpi_days.HOURS_DAYS), ZONE)
    yesterday = TODAY - timedelta(days=1)
    assert [one.day for one in kpi.hourly(connection, ("",), yesterday, TODAY)] == [TODAY]
    assert ends(connection, "alarms_minor")[yesterday] == 1


def test_a_jurisdiction_has_the_figures_of_wider_places_only_where_it_holds_all_of_them(objects: Objects) -> None:
    connection = objects.connection
    alarm(connection, NOON)
    alarm(connection, NOON, grid=OTHER_GRID)
    roll_up(connection)
    kpi_days.take(connection, NOON, ZONE)
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    assert connection.execute("SELECT array_agg(grid_code) FROM kpi_day").fetchone() == ([GRID],)
    assert ends(connection, "alarms_minor", Scope((GRID,)).inside(GRID[:6])) == {TODAY: 1}


def test_figures_of_now_are_those_of_independent_counts(objects: Objects) -> None:
    connection = objects.connection
    start, end = days.bounds(TODAY, ZONE)
    alarm(connection, NOON, severity="critical")
    alarm(connection, start - hours(1), seen=NOON)
    for state, at in (("open", NOON), ("done", NOON), ("dispatched", start - hours(1))):
        objects.put("event", geometry="POINT(117.005 31.005)", code=f"E{state}", class_code="0101", title="t",
                    state=state, occurred_at=at, received_at=at, deadline=NOON - hours(1),
                    area_code=COMMUNITY, grid_code=GRID)
    objects.keeper()
    connection.execute("UPDATE keeper SET position_at = now(), position = ST_SetSRID(ST_MakePoint(117, 31), 4490)")
    roll_up(connection)
    found = kpi.now(connection, GRID[:9], start, end)
    assert set(found) == set(MEASURES)
    assert {name: number for name, number in found.items() if number} == {
        "alarms_critical": 1, "alarms_minor": 1, "unacknowledged_critical": 1, "events_open": 2, "events_overdue": 2,
        "buildings": 1, "households": 1, "residents": 12, "alarms_today": 1, "events_today": 2, "events_today_open": 1,
        "events_today_done": 1, "keepers_on_duty": 1}
