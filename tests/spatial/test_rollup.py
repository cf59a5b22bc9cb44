"""The roll-up: counts of each grid are those of the objects, whatever happened, and wider places are their sums."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial import outbox
from spatial.jobs import freshness, kpi_days
from spatial.jobs import rollup as job
from spatial.models import Rollup
from spatial.queries import alarms, measures, readings, rollup
from spatial.queries.alarms.steps import Wanted, take_step
from spatial.rules import measured
from spatial.rules import rollup as rules
from spatial.rules.alarms import SEVERITIES, StepRefused
from spatial.types import UNPLACED_GRID, Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, Objects

GRIDS = (GRID, OTHER_GRID, COMMUNITY + "000", UNPLACED_GRID)
NOW = datetime.now(UTC)

# What the live counts must be, by other SQL than the job's.
TRUTH = """
SELECT g, (SELECT count(*) FROM alarm WHERE grid_code = g AND closed_at IS NULL AND severity = 'critical'
                                     AND shelved_until IS NULL),
       (SELECT count(*) FROM alarm WHERE grid_code = g AND closed_at IS NULL AND severity = 'minor'
                                     AND shelved_until IS NULL),
       (SELECT count(*) FROM alarm WHERE grid_code = g AND closed_at IS NULL AND severity = 'minor'
                                     AND shelved_until IS NULL AND acknowledged_at IS NULL),
       (SELECT count(*) FROM alarm WHERE grid_code = g AND closed_at IS NULL AND shelved_until IS NOT NULL),
       (SELECT count(*) FROM event WHERE grid_code = g AND state <> 'done'),
       (SELECT count(*) FROM event WHERE grid_code = g AND state <> 'done' AND deadline <= now())
FROM unnest(%s::text[]) AS g ORDER BY g
"""
FOUND = """
SELECT grid_code, alarms_critical, alarms_minor, unacknowledged_minor, alarms_shelved, events_open, events_overdue
FROM rollup
WHERE grid_code = ANY(%s) ORDER BY grid_code
"""


class Town:
    """Objects that come and go in a few grids, and the job that follows them."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection, self.objects, self.count = connection, Objects(connection), 0
        for number, grid in enumerate(GRIDS):
            self.objects.device(f"D{number}", grid=grid)
        self.progress = job.Progress()

    def follow(self) -> int:
        while outbox.stamp(self.connection):
            pass
        changed = job.follow(self.connection, self.progress)
        while outbox.stamp(self.connection):
            pass
        return changed

    def alarm(self, device: int | str, severity: str, cleared: bool = False) -> int | None:
        self.count += 1
        at = NOW + timedelta(milliseconds=self.count)
        message = alarms.Message("test", str(self.count), f"D{device}", severity, severity, at, cleared)
        (outcome,) = alarms.take_all(self.connection, [message], "test")
        return outcome.alarm_id

    def step(self, alarm_id: int, step: str, **words: object) -> None:
        take_step(self.connection, alarm_id, Wanted(step, **words), "test")

    def event(self, grid: str = GRID, **values: object) -> int:
        self.count += 1
        values = {"state": "open", "deadline": None, **values}
        event_id = self.objects.put("event", geometry="POINT(117.005 31.005)", code=f"E{self.count}", class_code="0101",
                                    title="t", occurred_at=NOW, area_code=grid[:12], grid_code=grid, **values)
        outbox.append(self.connection, "event", str(event_id), grid[:12], grid, {"id": event_id})
        return event_id

    def finish(self, event_id: int) -> None:
        (grid,) = self.connection.execute(
            "UPDATE event SET state = 'done' WHERE id = %s RETURNING grid_code", [event_id]).fetchone()
        outbox.append(self.connection, "event", str(event_id), grid[:12], grid, {"id": event_id})

    def compare(self) -> None:
        truth, found = (self.connection.execute(statement, [list(GRIDS)]).fetchall() for statement in (TRUTH, FOUND))
        assert [row for row in truth if any(row[1:])] == [row for row in found if any(row[1:])]


def test_every_measure_that_is_kept_has_its_column_and_every_column_its_measure() -> None:
    columns = {column.name for column in Rollup.__table__.columns} - {"area_code", "grid_code"}
    assert set(measures.KEPT) == columns
    assert len(measures.MEASURES) == sum(len(family.measures) for family in measures.FAMILIES)


@given(st.dictionaries(st.sampled_from(SEVERITIES), st.integers(0, 3)))
def test_the_worst_is_the_first_severity_of_which_there_is_one(counts: dict[str, int]) -> None:
    there = [severity for severity in SEVERITIES if counts.get(severity)]
    assert rules.worst({f"alarms_{name}": number for name, number in counts.items()}) == (there[0] if there else None)


@given(st.integers(0, 100_000))
def test_a_class_of_people_is_never_above_them_and_names_nobody_among_less_than_ten(people: int) -> None:
    shown = rules.classed(people)
    assert shown <= people < shown + 10
    assert (shown == 0) is (people == 0)


STEPS = ("acknowledge", "close", "shelve", "unshelve")

ACTIONS = st.lists(st.one_of(
    st.tuples(st.just("alarm"), st.integers(0, 3), st.sampled_from(["critical", "minor"])),
    st.tuples(st.just("clear"), st.integers(0, 3), st.sampled_from(["critical", "minor"])),
    st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.none()),
    st.tuples(st.just("event"), st.integers(0, 3), st.sampled_from([-1, 1, None])),
    st.tuples(st.just("finish"), st.integers(0, 5), st.none()),
    st.tuples(st.just("follow"), st.none(), st.none()),
), min_size=5, max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
def test_counts_that_follow_the_feed_are_those_of_a_count_of_everything(connection: psycopg.Connection, actions):
    with connection.transaction(force_rollback=True):
        town = Town(connection)
        town.follow()
        raised: list[int] = []
        events: list[int] = []
        for name, number, value in actions:
            if name in ("alarm", "clear"):
                alarm_id = town.alarm(number, value, name == "clear")
                raised += [alarm_id] if alarm_id else []
            elif name in STEPS and raised:
                until = NOW + timedelta(hours=1) if name == "shelve" else None
                try:
                    town.step(raised[number % len(raised)], name, until=until)
                except StepRefused:
                    continue
            elif name == "event":
                events.append(town.event(GRIDS[number], deadline=value and NOW + timedelta(hours=value)))
            elif name == "finish" and events:
                town.finish(events[number % len(events)])
            elif name == "follow":
                town.follow()
                town.compare()
        town.follow()
        town.compare()
        for family in job.FOLLOWED:
            assert rollup.recount(connection, family, None) == set()


def test_a_change_is_told_once_for_a_grid_and_round_with_its_whole_state(connection: psycopg.Connection) -> None:
    town = Town(connection)
    town.follow()
    for severity in ("critical", "minor", "minor"):
        town.alarm(0, severity)
    town.alarm(1, "info")
    before = outbox.stamp(connection)
    town.follow()
    told = {change.object: change for change in outbox.after(connection, before) if change.kind == "kpi"}
    assert len([change for change in outbox.after(connection, before) if change.kind == "kpi"]) == 2
    assert told[GRID].grid_code == GRID
    assert told[GRID].payload == {
        "code": GRID, "worst": "critical", "worst_unacknowledged": "critical",
        "counts": {"alarms_critical": 1, "alarms_minor": 1, "unacknowledged_critical": 1, "unacknowledged_minor": 1,
                   "devices_unknown": 1}, "entered": {"housing": 0}}
    assert [entry for entry in rollup.snapshot(connection) if entry["worst"]] == [
        told[GRID].payload, told[OTHER_GRID].payload]
    assert town.follow() == 0
    assert rollup.state(connection)[0] == outbox.head(connection)


def test_what_is_acknowledged_is_still_the_worst_and_no_longer_the_worst_that_nobody_has_seen(
    connection: psycopg.Connection,
) -> None:
    town = Town(connection)
    worst = town.alarm(0, "critical")
    town.alarm(0, "minor")
    town.step(worst, "acknowledge")
    town.follow()
    (place,), _ = rollup.places(connection, "grid", GRID)
    assert (place.worst, place.worst_unacknowledged) == ("critical", "minor")


def test_an_event_is_overdue_from_the_instant_of_its_deadline_though_nothing_changed(database: OwnDatabase) -> None:
    town = Town(database.connect("worker", autocommit=True))
    town.event(deadline=datetime.now(UTC) + timedelta(seconds=0.4))
    town.follow()
    count = "SELECT events_overdue FROM rollup WHERE grid_code = %s"
    assert town.connection.execute(count, [GRID]).fetchone() == (0,)
    threading.Event().wait(0.5)
    assert town.follow() == 1
    assert town.connection.execute(count, [GRID]).fetchone() == (1,)


def test_objects_that_got_another_grid_without_a_change_of_their_own_are_counted_there_soon(
    connection: psycopg.Connection,
) -> None:
    town = Town(connection)
    building = town.objects.building(grid=GRID)
    town.objects.device("DB", building_id=building)
    town.alarm("B", "minor")
    town.follow()
    connection.execute("UPDATE building SET area_code = %s, grid_code = %s", [OTHER_GRID[:12], OTHER_GRID])
    assert connection.execute("SELECT grid_code FROM alarm").fetchone() == (OTHER_GRID,)
    town.follow()
    assert town.progress.moved
    town.progress.whole_at -= job.MOVED_S
    assert town.follow() == 2
    town.compare()
    assert not town.progress.moved


def test_counts_and_their_number_are_written_together_and_whoever_takes_over_counts_everything(
    database: OwnDatabase, monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town(database.connect("worker", autocommit=True))
    town.follow()
    seq, told = rollup.state(town.connection)[0], outbox.head(town.connection)
    town.alarm(0, "critical")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rollup, "set_state", killed)
        with pytest.raises(KeyboardInterrupt):
            town.follow()
    assert rollup.state(town.connection)[0] == seq
    assert town.connection.execute("SELECT sum(alarms_critical) FROM rollup").fetchone() == (0,)
    town.progress = job.Progress()
    town.follow()
    town.compare()
    assert town.connection.execute("SELECT count(*) FROM outbox WHERE kind = 'kpi' AND object = %s AND seq > %s",
                                   [GRID, told]).fetchone() == (1,)


def until(town: Town, critical: int) -> None:
    """Wait until the job has counted so many critical alarms."""
    deadline = time.monotonic() + 10
    while town.connection.execute("SELECT sum(alarms_critical) FROM rollup").fetchone() != (critical,):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_job_rolls_up_and_another_takes_over_when_its_connection_is_gone(database: OwnDatabase) -> None:
    town = Town(database.connect("worker", autocommit=True))
    first, second = (database.connect("worker", autocommit=True) for _ in range(2))
    stops = [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=job.run, args=pair) for pair in zip((first, second), stops, strict=True)]
    try:
        threads[0].start()
        town.alarm(0, "critical")
        outbox.stamp(town.connection)
        until(town, 1)
        threads[1].start()
        stops[0].set()
        threads[0].join(5)
        first.close()
        town.alarm(1, "critical")
        outbox.stamp(town.connection)
        until(town, 2)
    finally:
        for stop, thread in zip(stops, threads, strict=True):
            stop.set()
            thread.join(5)


@pytest.fixture
def city(connection: psycopg.Connection) -> Iterator[Town]:
    """Two communities with one grid each, alarms in both and outside, a building with an alarm."""
    town = Town(connection)
    town.objects.community()
    town.objects.community(OTHER_COMMUNITY, west=117.03, name="江滨社区")
    town.objects.grid()
    town.objects.grid(OTHER_GRID, west=117.03)
    building = town.objects.building(name="望江苑")
    town.objects.device("DB", building_id=building)
    town.alarm("B", "major")
    town.alarm(0, "minor")
    town.alarm(1, "critical")
    town.alarm(3, "info")
    town.event()
    town.follow()
    return town


def test_wider_places_are_sums_the_worst_first(city: Town) -> None:
    places, total = rollup.places(city.connection, "community")
    assert [(place.code, place.name, place.worst) for place in places] == [
        (OTHER_COMMUNITY, "江滨社区", "critical"), (COMMUNITY, "望江社区", "major"), (UNPLACED_GRID[:12], None, "info")]
    assert total == 3
    assert places[1].counts["alarms_minor"] == places[1].counts["alarms_major"] == places[1].counts["events_open"] == 1
    (county, _), _ = rollup.places(city.connection, "county")
    assert (county.code, county.worst, county.counts["alarms_critical"]) == ("999001000000", "critical", 1)
    (building,), _ = rollup.buildings(city.connection)
    assert (building.code, building.name, building.grid_code, building.worst, building.counts["alarms_major"]) == (
        "B1", "望江苑", GRID, "major", 1)


def test_pages_of_places_join_without_gap_or_repeat(city: Town) -> None:
    whole, total = rollup.places(city.connection, "grid")
    found: list[rollup.Place] = []
    while len(found) < total:
        page, all_of_them = rollup.places(city.connection, "grid", after=found[-1].end if found else None, most=2)
        assert all_of_them == total
        found += page
    assert found == whole
    assert {place.code for place in found} == {*GRIDS, OTHER_COMMUNITY + "000"}


def test_a_page_goes_on_where_the_last_one_ended_though_its_last_building_has_no_alarm_any_more(city: Town) -> None:
    for number in range(3):
        building = city.objects.building(f"B{number + 2}")
        city.objects.device(f"DB{number}", building_id=building)
        city.alarm(f"B{number}", "minor")
    page, total = rollup.buildings(city.connection, most=2)
    assert (total, [place.code for place in page]) == (4, ["B1", "B2"])
    city.connection.execute("UPDATE alarm SET active = false, acknowledged_at = now(), cleared_at = now(), "
                            "closed_at = now() WHERE building_id = %s", [page[-1].id])
    rest, _ = rollup.buildings(city.connection, after=page[-1].end, most=2)
    assert [place.code for place in rest] == ["B3", "B4"]


@given(st.dictionaries(st.sampled_from([f"{kind}_{name}" for kind in ("alarms", "unacknowledged")
                                        for name in SEVERITIES]), st.integers(0, 3)))
def test_the_rank_of_a_place_is_its_worst_alarm_then_what_nobody_has_seen_then_how_many(counts: dict[str, int]) -> None:
    seen, unseen, fewer = rules.rank(counts)
    assert [*SEVERITIES, None][seen] == rules.worst(counts)
    assert [*SEVERITIES, None][unseen] == rules.worst(counts, "unacknowledged")
    assert -fewer == sum(number for name, number in counts.items() if name.startswith("alarms_"))


def test_a_jurisdiction_of_one_grid_has_sums_of_that_grid_only(city: Town) -> None:
    city.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    (county,), _ = rollup.places(city.connection, "county")
    assert (county.worst, county.counts["alarms_critical"], county.counts["alarms_major"], county.name) == (
        "major", 0, 1, None)
    assert [one["code"] for one in rollup.snapshot(city.connection)] == [GRID]
    assert len(rollup.places(city.connection, "grid")[0]) == 1
    city.connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((OTHER_GRID,)).literal()])
    assert rollup.buildings(city.connection) == ([], 0)


def test_buildings_and_people_are_counted_now_and_then_and_grids_that_are_gone_forgotten(connection) -> None:
    town = Town(connection)
    building = town.objects.building()
    town.objects.room(building, residents=3)
    old = town.objects.grid(COMMUNITY + "009")
    town.follow()
    progress = kpi_days.Progress()
    assert kpi_days.stand(connection, progress)
    assert connection.execute("SELECT buildings, households, residents, entered_geography FROM rollup "
                              "WHERE grid_code = %s", [GRID]).fetchone() == (1, 1, 3, 0)
    town.objects.room(building, residents=2, number="102")
    assert not kpi_days.stand(connection, progress)
    progress.counted_at -= kpi_days.CHANGED_S
    assert not kpi_days.stand(connection, progress), "nothing was told"
    outbox.stamp(connection)
    progress.counted_at += kpi_days.CHANGED_S
    assert not kpi_days.stand(connection, progress), "it is too early"
    town.alarm(0, "minor")
    outbox.stamp(connection)
    progress.counted_at -= kpi_days.CHANGED_S
    assert kpi_days.stand(connection, progress), "what was told before is not forgotten"
    assert connection.execute("SELECT sum(residents) FROM rollup").fetchone() == (5,)
    count = "SELECT count(*) FROM rollup WHERE grid_code = %s"
    assert connection.execute(count, [COMMUNITY + "009"]).fetchone() == (1,)
    connection.execute("UPDATE grid SET valid_to = valid_from + interval '1 s' WHERE id = %s", [old])
    town.progress.whole_at -= job.WHOLE_S
    town.follow()
    assert connection.execute(count, [COMMUNITY + "009"]).fetchone() == (0,)


def test_of_a_long_feed_without_buildings_only_what_is_new_is_looked_at(connection: psycopg.Connection) -> None:
    town = Town(connection)
    town.follow()
    progress = kpi_days.Progress()
    kpi_days.stand(connection, progress)
    for turn in range(3):
        town.alarm(0, "minor", cleared=turn % 2 == 1)
        town.follow()
        assert not kpi_days.stand(connection, progress)
        assert progress.seq == outbox.head(connection)
    assert not progress.changed


def test_tasks_are_due_until_they_are_done_and_overdue_from_their_time_on(connection: psycopg.Connection) -> None:
    town = Town(connection)
    building = town.objects.building()
    town.follow()
    for hours in (-1, 1):
        connection.execute(
            "INSERT INTO task (kind, title, target_kind, building_id, due_at, created_by, area_code, grid_code) "
            "VALUES ('visit', 't', 'building', %s, now() + make_interval(hours => %s), 'test', %s, %s)",
            [building, hours, COMMUNITY, GRID])
    outbox.append(connection, "task", "1", COMMUNITY, GRID, {})
    town.follow()
    counts = "SELECT tasks_due, tasks_overdue FROM rollup WHERE grid_code = %s"
    assert connection.execute(counts, [GRID]).fetchone() == (2, 1)
    connection.execute("UPDATE task SET state = 'done', done_at = now() WHERE due_at < now()")
    outbox.append(connection, "task", "1", COMMUNITY, GRID, {})
    town.follow()
    assert connection.execute(counts, [GRID]).fetchone() == (1, 0)


def test_devices_are_counted_by_what_is_known_of_them(connection: psycopg.Connection) -> None:
    town = Town(connection)
    for number in range(2):
        town.objects.device(f"C{number}", kind="camera")
    readings.take(connection, measured.read(
        [{"source": "gw", "device": f"C{number}", "at": NOW.isoformat()} for number in range(2)], NOW)[0], NOW)

    def counts() -> tuple[int, ...]:
        return connection.execute(
            "SELECT devices, devices_late, devices_lost, devices_unknown FROM rollup WHERE grid_code = %s", [GRID],
        ).fetchone()

    town.follow()
    kpi_days.stand(connection, kpi_days.Progress())
    assert counts() == (3, 0, 0, 1)
    moment = NOW
    for _ in range(30):
        moment += timedelta(seconds=10)
        freshness.watch(connection, lambda: moment, 10.0)  # noqa: B023 — called at once
    town.follow()
    assert counts() == (3, 0, 2, 1)
    told = connection.execute("SELECT payload FROM outbox WHERE kind = 'kpi' AND object = %s ORDER BY id DESC", [GRID])
    assert told.fetchone()[0]["counts"]["devices_lost"] == 2
