"""Events from files: placed, with deadlines, sent to keepers, told and counted like those that come over HTTP."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from importers import mapping
from spatial.jobs import due
from spatial.queries import event_days, events
from spatial.queries.event_distribution import BY, Window, distribution
from spatial.types import Scope
from tests.importers.conftest import Town
from tests.importers.town import EAST_GRID, WEST_GRID

ZONE = "Asia/Shanghai"
CASES = """\
工单编号,class_code,来源,状态,标题,longitude,latitude,occurred_at,办结时限,办结时间
A1,0102,12345,,暴露垃圾,117.005,31.005,2026-11-01T08:00:00+08:00,,
A2,0401,patrol,已受理,路面塌陷,117.015,31.005,2026-11-01T09:00:00+08:00,2026-11-02T09:00:00+08:00,
A3,0102,12345,已办结,暴露垃圾,117.005,31.005,2026-10-01T08:00:00+08:00,2026-10-02T08:00:00+08:00,2026-10-01T18:00:00+08:00
A4,0401,12345,待派遣,路面塌陷,119.5,31.005,2026-11-01T09:00:00+08:00,,
"""
FIELDS = {"code": "工单编号", "source": "来源", "state": "状态", "title": "标题", "deadline": "办结时限",
          "done_at": "办结时间"}


def test_events_of_a_file_get_deadlines_and_keepers_and_what_it_says_stays(town: Town, importing, tmp_path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(CASES, encoding="utf-8")
    read = {"set_": FIELDS, "crs": "EPSG:4490", "source": "12345"}
    report = importing("events", path, **read)
    assert (report.counts.inserted, len(report.rejects)) == (4, 0)
    connection = town.database.connect("worker")
    while due.look(connection):
        pass
    found = {one.code: one for one in events.find(connection, events.Wanted(), 100) if one.code.startswith("A")}
    assert [(found[code].state, found[code].keeper, found[code].held) for code in sorted(found)] == [
        ("dispatched", "K1", None), ("accepted", "K2", None), ("done", None, None), ("open", None, "no_grid")]
    assert [found[code].grid_code for code in ("A1", "A2")] == [WEST_GRID, EAST_GRID]
    assert found["A1"].deadline - found["A1"].received_at == timedelta(hours=12)
    assert found["A2"].deadline == datetime(2026, 11, 2, 1, tzinfo=UTC)
    assert found["A3"].done_at == datetime(2026, 10, 1, 10, tzinfo=UTC)
    told = connection.execute("SELECT payload->>'code' FROM outbox WHERE kind = 'event' AND payload->>'code' LIKE 'A%'")
    assert {row[0] for row in told} == {"A1", "A2", "A4"}, "history is not told case by case"
    connection.commit()
    path.write_text(CASES.replace("已受理", "已结案"), encoding="utf-8")
    assert importing("events", path, **read).counts.updated == 1
    due.look(connection)
    closed = events.get(connection, found["A2"].id)
    assert (closed.state, closed.due_at, closed.closed_at is None) == ("closed", None, False)
    assert [one.step for one in events.steps(connection, closed.id)] == ["taken", "imported"]
    assert events.get(connection, found["A1"].id).state == "dispatched", "an unchanged row changes nothing"


@pytest.mark.shared_data
def test_real_calls_of_a_city_are_counted_as_they_are(importing, database, shared_data: Path, examples: Path) -> None:
    report = importing("events", shared_data / "events" / "nyc_311_41cols.csv", max_rejects="10%",
                       mapping=mapping.read(examples / "new-york-311.yaml"))
    assert report.counts.inserted == 5838
    connection = database.connect("worker", autocommit=True)
    while event_days.follow(connection, ZONE):
        pass
    first, last = connection.execute("SELECT min(occurred_at), max(occurred_at) FROM event").fetchone()
    window = Window(first + timedelta(hours=5), last - timedelta(hours=5))
    for by, key in (("class", "class_code"), ("state", "state"), ("grid", "grid_code"),
                    ("day", "(occurred_at AT TIME ZONE 'Asia/Shanghai')::date::text")):
        assert by in BY
        found = distribution(connection, Scope.everything(), ZONE, by, window)
        counted = connection.execute(f"SELECT {key}, count(*) FROM event WHERE occurred_at >= %s AND occurred_at < %s "
                                     "GROUP BY 1", (window.start, window.end)).fetchall()
        assert {one.key: one.events for one in found if one.events} == dict(counted)
        assert sum(one.events for one in found) > 5800
