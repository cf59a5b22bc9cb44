"""How events are distributed: sums by day agree with counting, whatever happened to the events."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from spatial.queries import event_days, event_distribution
from spatial.queries.event_distribution import Window
from spatial.rules.events import STATES
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

ZONE = "Asia/Shanghai"
ELSEWHERE = "998001001001001"
GRIDS = (GRID, COMMUNITY + "002", COMMUNITY + "000", OTHER_GRID, ELSEWHERE, "0" * 15)
CLASSES = ("0102", "0401", "0406", "9900", "Noise - Street")
START = datetime(2026, 10, 1, 5, 30, tzinfo=UTC)

PUT = """
INSERT INTO event (source, source_key, content_hash, code, class_code, state, title, geom, occurred_at, area_code,
                   grid_code)
SELECT 'test', n, '', n, class_code, state, 'x', ST_SetSRID(ST_MakePoint(117, 31), 4490), at, left(grid, 12), grid
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[]) AS e (n, class_code, state, at, grid)
"""

# What was counted by what, without sums. Parameters: zone, window, first digits of class and grid.
TRUTH = """
SELECT {key}, count(*) FROM event WHERE occurred_at >= %(start)s AND occurred_at < %(end)s
AND class_code LIKE %(class)s || '%%' AND grid_code LIKE %(grid)s || '%%' GROUP BY 1
"""
KEYS = {
    "class": "class_code", "state": "state", "grid": "grid_code", "community": "left(grid_code, 12)",
    "day": "to_char(occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD')",
    "week": "to_char(date_trunc('week', occurred_at AT TIME ZONE %(zone)s), 'YYYY-MM-DD')",
    "hour": "to_char(occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD\"T\"HH24:00:00+08:00')",
}


@pytest.fixture
def town(objects: Objects) -> Objects:
    for code, west in ((COMMUNITY, 117.0), (OTHER_GRID[:12], 117.5)):
        objects.community(code, west=west)
    for n, code in enumerate((GRID, COMMUNITY + "002", OTHER_GRID)):
        objects.grid(code, west=117.0 + n)
    chance = random.Random(11)
    rows = [(f"E{n}", chance.choice(CLASSES), chance.choice(STATES),
             START + timedelta(seconds=chance.uniform(0, 40 * 86400)), chance.choice(GRIDS)) for n in range(600)]
    objects.connection.execute(PUT, [list(column) for column in zip(*rows, strict=True)])
    return objects


def follow(town: Objects, zone: str = ZONE, most: int = 50) -> None:
    while event_days.follow(town.connection, zone, most):
        pass


def found(town: Objects, by: str, window: Window, scope: Scope | None = None, **more: str) -> dict[str, int]:
    buckets = event_distribution.distribution(town.connection, scope or Scope.everything(), ZONE, by, window, **more)
    assert [b.key for b in buckets] == sorted((b.key for b in buckets), key=STATES.index if by == "state" else None)
    return {bucket.key: bucket.events for bucket in buckets if bucket.events}


def truth(town: Objects, by: str, window: Window, class_prefix: str = "", grid_prefix: str = "") -> dict[str, int]:
    return dict(town.connection.execute(TRUTH.format(key=KEYS[by]), {
        "zone": ZONE, "start": window.start, "end": window.end, "class": class_prefix, "grid": grid_prefix}).fetchall())


def windows() -> list[Window]:
    tz = ZoneInfo(ZONE)
    return [Window(START + timedelta(days=3, hours=1), START + timedelta(days=12, minutes=7)),
            Window(datetime(2026, 10, 5, tzinfo=tz), datetime(2026, 10, 15, tzinfo=tz)),
            Window(datetime(2026, 10, 5, 1, tzinfo=tz), datetime(2026, 10, 5, 23, tzinfo=tz))]


def compare(town: Objects) -> None:
    for window in windows():
        for by in event_distribution.BY:
            for class_prefix, grid_prefix in (("", ""), ("04", ""), ("0102", COMMUNITY), ("", "99900100")):
                more = {"class_prefix": class_prefix, "grid_prefix": grid_prefix}
                assert found(town, by, window, **more) == truth(town, by, window, **more), (by, window, more)


@pytest.mark.parametrize("many", [2, event_days.MANY])
def test_what_is_counted_by_sums_is_what_counting_gives_after_any_change(
    town: Objects, monkeypatch: pytest.MonkeyPatch, many: int,
) -> None:
    monkeypatch.setattr(event_days, "MANY", many)
    follow(town)
    compare(town)
    connection = town.connection
    for statement in ("UPDATE event SET state = 'closed' WHERE id % 3 = 0",
                      "UPDATE event SET class_code = '0999', occurred_at = occurred_at + interval '26 h' "
                      "WHERE id % 7 = 1",
                      f"UPDATE event SET area_code = '{ELSEWHERE[:12]}', grid_code = '{ELSEWHERE}' WHERE id % 11 = 2",
                      "DELETE FROM event WHERE id % 5 = 4", "UPDATE event SET title = 'y'"):
        connection.execute(statement)
    follow(town)
    compare(town)
    assert not event_days.follow(connection, ZONE), "a change of a title touches no sum"


def test_without_sums_or_with_those_of_another_zone_events_are_counted(town: Objects) -> None:
    compare(town)
    follow(town, "America/New_York")
    compare(town)
    follow(town)
    assert town.connection.execute("SELECT zone FROM event_day_zone").fetchall() == [(ZONE,)]
    assert town.connection.execute("SELECT sum(events) FROM event_day WHERE level = 15 AND class_code = ''"
                                   ).fetchone() == (600,)


@pytest.mark.parametrize("prefixes", [(GRID,), (COMMUNITY,), ("999001001",), ("9990", GRID), (OTHER_GRID, ELSEWHERE),
                                      ("999001", ELSEWHERE[:13])])
def test_a_jurisdiction_sees_its_own_events_in_every_count(town: Objects, prefixes: tuple[str, ...]) -> None:
    follow(town)
    scope, window = Scope(prefixes), windows()[0]
    town.connection.execute("SELECT set_config('shapan.scope', %s, true)", (scope.literal(),))
    for by in event_distribution.BY:
        seen = found(town, by, window, scope)
        assert seen == truth(town, by, window), by
        assert sum(seen.values()) > 0
    assert set(found(town, "grid", window, scope)) == {code for code in GRIDS if scope.covers(code)}


def test_empty_buckets_are_there_with_zero_and_a_second_window_beside(town: Objects) -> None:
    follow(town)
    tz = ZoneInfo(ZONE)
    nothing = Window(datetime(2020, 1, 1, 12, tzinfo=tz), datetime(2020, 1, 15, 12, tzinfo=tz))
    window = windows()[1]

    def keys(by: str, **more: str) -> list[str]:
        buckets = event_distribution.distribution(town.connection, Scope.everything(), ZONE, by, nothing, window,
                                                  **more)
        assert {bucket.events for bucket in buckets} == {0}
        return [bucket.key for bucket in buckets]

    assert keys("day") == [(date(2020, 1, 1) + timedelta(n)).isoformat() for n in range(15)]
    assert keys("week") == ["2019-12-30", "2020-01-06", "2020-01-13"]
    assert keys("hour")[::335] == ["2020-01-01T12:00:00+08:00", "2020-01-15T11:00:00+08:00"]
    assert keys("state") == list(STATES)
    assert {"0401", "0402", "0406"} == set(keys("class", class_prefix="04"))
    assert set(keys("grid", class_prefix="02")) == {GRID, COMMUNITY + "002", OTHER_GRID}
    before = Window(window.start - timedelta(days=4), window.end - timedelta(days=4))
    for by in ("class", "community", "day", "hour"):
        both = event_distribution.distribution(town.connection, Scope.everything(), ZONE, by, window, before)
        then = event_distribution.distribution(town.connection, Scope.everything(), ZONE, by, before)
        if by in ("day", "hour"):
            assert [one.compared for one in both] == [one.events for one in then]
        else:
            assert {one.key: one.compared for one in both if one.compared} == \
                {one.key: one.events for one in then if one.events}
        assert sum(one.compared for one in both) > 0


def test_a_day_with_a_change_of_clocks_has_all_its_hours() -> None:
    zone = "America/New_York"
    tz = ZoneInfo(zone)
    for day, hours in ((date(2026, 11, 1), 25), (date(2026, 3, 8), 23), (date(2026, 6, 1), 24)):
        window = Window(datetime(day.year, day.month, day.day, tzinfo=tz),
                        datetime(day.year, day.month, day.day, tzinfo=tz) + timedelta(1))
        keys = event_distribution._times("hour", window, zone)
        assert (len(keys), max(Counter(keys).values())) == (hours, 1)
